//! Badges of the sample roster, as the demonstration picks them.

use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::Error as _};

/// The 32 symbols of Crockford's Base32 and the five further check symbols, in their order.
const SYMBOLS: &[u8; 37] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

/// One line of the roster's CSV; the walk needs neither name nor validity's start.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Badge {
    /// The code as printed on the badge.
    pub code: String,
    /// File name of the certificate photo, or empty.
    #[serde(default)]
    pub photo: String,
    #[serde(default, deserialize_with = "moment")]
    valid_from: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    valid_until: Option<Timestamp>,
    #[serde(default, deserialize_with = "yes")]
    blocked: bool,
    #[serde(default)]
    under_14: String,
}

/// A moment as RFC 3339, or nothing.
fn moment<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Timestamp>, D::Error> {
    let text: Option<String> = Option::deserialize(field)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

/// `yes` or `true`; anything else is no.
fn yes<'de, D: Deserializer<'de>>(field: D) -> Result<bool, D::Error> {
    Ok(is_yes(&String::deserialize(field)?))
}

fn is_yes(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "yes" | "true")
}

/// What the kiosk answers to a badge that was not used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Consent is asked for.
    Valid,
    /// The age is asked first.
    Ageless,
    /// Staff take over without a question.
    UnderAge,
    /// Its validity is over.
    Expired,
    /// Its validity has not begun.
    NotYetValid,
    /// Blocked by the organiser.
    Blocked,
}

impl Badge {
    /// How the badge stands at a moment.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if self.blocked {
            Standing::Blocked
        } else if self.valid_until.is_some_and(|end| end < now) {
            Standing::Expired
        } else if self.valid_from.is_some_and(|start| start > now) {
            Standing::NotYetValid
        } else if is_yes(&self.under_14) {
            Standing::UnderAge
        } else if self.under_14.is_empty() {
            Standing::Ageless
        } else {
            Standing::Valid
        }
    }
}

/// The badges of a roster, in its order.
#[derive(Clone, Debug)]
pub struct Roster {
    badges: Vec<Badge>,
    now: Timestamp,
}

impl Roster {
    /// Reads the CSV from which the bundle was made.
    pub fn read(csv: &Path) -> Result<Roster> {
        let mut lines = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_path(csv)
            .with_context(|| format!("opening {}", csv.display()))?;
        let badges: Result<Vec<Badge>, csv::Error> = lines.deserialize().collect();
        let badges = badges.with_context(|| format!("in {}", csv.display()))?;
        Ok(Roster { badges, now: Timestamp::now() })
    }

    /// Valid badges whose photo has this file name.
    pub fn with_photo<'a>(&'a self, photo: &'a str) -> impl Iterator<Item = &'a Badge> {
        self.with_standing(Standing::Valid).filter(move |badge| badge.photo == photo)
    }

    /// Badges of this standing.
    pub fn with_standing(&self, standing: Standing) -> impl Iterator<Item = &Badge> {
        self.badges.iter().filter(move |badge| badge.standing(self.now) == standing)
    }

    /// A well-formed code that is on no badge.
    pub fn unknown_code(&self) -> String {
        let codes: Vec<String> = self.badges.iter().map(|badge| bare(&badge.code)).collect();
        SYMBOLS[..32]
            .iter()
            .map(|first| with_check_symbol(&format!("{}7KD92MX40TRV8QE", char::from(*first))))
            .find(|code| !codes.contains(code))
            .unwrap_or_default()
    }
}

/// `code` with a wrong check symbol: mistyped.
pub fn mistyped(code: &str) -> String {
    let bare = bare(code);
    let mut symbols: Vec<char> = bare.chars().collect();
    if let Some(check) = symbols.last_mut() {
        *check = if *check == '0' { '1' } else { '0' };
    }
    symbols.into_iter().collect()
}

/// The code without separators, in capitals.
fn bare(code: &str) -> String {
    code.chars()
        .filter(|symbol| !matches!(symbol, '-' | ' '))
        .map(|symbol| symbol.to_ascii_uppercase())
        .collect()
}

/// The data symbols followed by Crockford's check symbol: their value modulo 37.
fn with_check_symbol(data: &str) -> String {
    let rest = data.bytes().fold(0, |rest, symbol| {
        let digit = SYMBOLS.iter().position(|known| *known == symbol).unwrap_or_default();
        (rest * 32 + digit) % 37
    });
    format!("{data}{}", char::from(SYMBOLS[rest]))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    const CSV: &str = "\
code,name,photo,valid_from,valid_until,blocked,under_14
A7KD-92MX-40TR-V8QE-0,One,obama.jpg,,,,no
B,Two,obama.jpg,,2025-01-01T00:00:00Z,,
C,Three,obama.jpg,2090-01-01T00:00:00Z,,,
D,Four,obama.jpg,,,yes,
E,Five,obama.jpg,,,,true
F,Six,biden.jpg,,2099-12-31T23:59:59+08:00,no,false
G,Seven,biden.jpg,,,,
";

    fn roster() -> Roster {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("attendees.csv");
        std::fs::write(&file, CSV).unwrap();
        Roster::read(&file).unwrap()
    }

    #[test]
    fn each_badge_stands_as_its_line_says() {
        let roster = roster();
        let codes = |standing| -> Vec<&str> {
            roster.with_standing(standing).map(|badge| &badge.code[..1]).collect()
        };
        assert_eq!(codes(Standing::Valid), ["A", "F"]);
        assert_eq!(codes(Standing::Expired), ["B"]);
        assert_eq!(codes(Standing::NotYetValid), ["C"]);
        assert_eq!(codes(Standing::Blocked), ["D"]);
        assert_eq!(codes(Standing::UnderAge), ["E"]);
        assert_eq!(codes(Standing::Ageless), ["G"]);
        assert_eq!(roster.with_photo("obama.jpg").count(), 1);
    }

    #[test]
    fn check_symbols_are_the_value_modulo_37() {
        // From the specification's rule: 0 is 0, 16 symbols of Z are 2^80 - 1, and 36 is U.
        assert_eq!(with_check_symbol("0"), "00");
        assert_eq!(with_check_symbol("14"), "14U");
        let rest = ((1_u128 << 80) - 1) % 37;
        let check = char::from(SYMBOLS[usize::try_from(rest).unwrap()]);
        assert_eq!(with_check_symbol("ZZZZZZZZZZZZZZZZ"), format!("ZZZZZZZZZZZZZZZZ{check}"));
    }

    #[test]
    fn an_unknown_code_is_well_formed_and_a_mistyped_one_is_not() {
        let unknown = roster().unknown_code();
        assert_eq!(with_check_symbol(&unknown[..16]), unknown);
        assert!(roster().badges.iter().all(|badge| bare(&badge.code) != unknown));
        let mistyped = mistyped(&unknown);
        assert_ne!(mistyped, unknown);
        assert_ne!(with_check_symbol(&mistyped[..16]), mistyped);
    }
}
