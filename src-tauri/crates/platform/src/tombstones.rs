//! Lists of tombstones: badges that must go from every kiosk (C35, C36), in one signed file.
//!
//! ```text
//! magic      8 bytes  "POSTERNT"
//! version    u16      1
//! list       u32 length (at most 64 MiB), JSON: roster, sequence, time, locators, positions
//! trailer    32 bytes SHA-512/256 of every byte before,
//!            64 bytes Ed25519 signature of "postern tombstones 1" and that hash
//! ```
//!
//! A badge is named by the locator, which its code gives under the roster's salt, or by the number
//! of the attendee at the registration platform. There is nothing else in it about anybody.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use csv::{Position, Trim};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use seal::{BadgeCode, BadgeSecret, CodeFormat, Locator, RosterSalt};
use serde::{Deserialize, Serialize};
use store::{Buried, Store, TombstoneList};

use crate::PolicyPack;
use crate::bundle::{BundleError, BundleKey, Part, TrustedKey};
use crate::signed::{Sink, Source, TOMBSTONES, from_json, json};

/// Longest list in bytes: all of 400,000 visitors, twice.
const MAX_LIST: u32 = 64 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    roster: String,
    sequence: u32,
    made_at: Timestamp,
    /// 64 hexadecimal digits each.
    locators: Vec<String>,
    positions: Vec<i64>,
}

/// What to make a list of.
#[derive(Clone, Copy, Debug)]
pub struct TombstoneOrder<'a> {
    /// CSV with a heading line: `code`, `position`, or both. Other columns are dropped.
    pub sheet: &'a Path,
    /// Folder of the roster's policy pack.
    pub policy: &'a Path,
    /// The organiser's key.
    pub key: &'a BundleKey,
    /// The file to write.
    pub out: &'a Path,
    /// Edition of the list, higher than the last one; without it, `now` in seconds.
    pub sequence: Option<u32>,
    /// The time.
    pub now: Timestamp,
}

/// What became of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportedTombstones {
    /// Its edition.
    pub sequence: u32,
    /// Badges and numbers in it.
    pub listed: usize,
    /// Badges of which something was here, and is not any more.
    pub erased: usize,
}

/// Makes a signed list. A row that cannot be used refuses all of it: a badge that was left out
/// would stay. Returns how many entries it has.
pub fn make(order: &TombstoneOrder<'_>) -> Result<usize, BundleError> {
    let terms = PolicyPack::from_folder(order.policy)?.facts.roster;
    let salt = order.key.salt(&terms.id)?;
    let mut list = List {
        roster: terms.id,
        sequence: order.sequence.unwrap_or_else(|| order.now.as_second().max(0) as u32),
        made_at: order.now,
        locators: Vec::new(),
        positions: Vec::new(),
    };
    read_sheet(order.sheet, terms.code_format, &salt, &mut list)?;
    let entries = list.locators.len() + list.positions.len();
    if entries == 0 {
        return Err(BundleError::NoAttendees);
    }
    let part = Part::beside(order.out)?;
    let mut sink = Sink::begin(BufWriter::new(part.file()), &TOMBSTONES)?;
    sink.section("list", MAX_LIST, &json("list", &list)?)?;
    sink.sign(order.key)?;
    part.keep(order.out)?;
    Ok(entries)
}

/// Takes a signed list in. On any error that concerns the file the store is as it was.
pub fn import(
    file: &Path,
    trusted: &[TrustedKey],
    store: &mut Store,
    now: Timestamp,
) -> Result<ImportedTombstones, BundleError> {
    let file = File::open(file).map_err(BundleError::Read)?;
    let mut source = Source::begin(BufReader::new(file), &TOMBSTONES, trusted)?;
    let mut bytes = Vec::new();
    source.section("list", MAX_LIST, &mut bytes)?;
    source.verify_end()?;
    let list: List = from_json("list", &bytes)?;
    let locators = list.locators.iter().map(|digits| locator(digits).map(Buried::Badge));
    let positions = list.positions.iter().map(|position| Ok(Buried::Position(*position)));
    let buried: Vec<Buried> = locators.chain(positions).collect::<Result<_, _>>()?;
    let List { roster, sequence, made_at, .. } = &list;
    let list = TombstoneList { roster, sequence: *sequence, made_at: *made_at, buried: &buried };
    let erased = store.bury_list(&list, now)?.len();
    Ok(ImportedTombstones { sequence: *sequence, listed: buried.len(), erased })
}

fn locator(digits: &str) -> Result<Locator, BundleError> {
    let bytes = HEXLOWER.decode(digits.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(Locator).ok_or(BundleError::Malformed { section: "list" })
}

fn read_sheet(
    sheet: &Path,
    format: CodeFormat,
    salt: &RosterSalt,
    list: &mut List,
) -> Result<(), BundleError> {
    let unreadable = |e: csv::Error| BundleError::ReadSheet(e.into());
    let mut csv = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(Trim::All)
        .from_path(sheet)
        .map_err(unreadable)?;
    let headings = csv.headers().map_err(unreadable)?;
    let place = |name: &str| {
        headings.iter().position(|h| h.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name))
    };
    let (code, position) = (place("code"), place("position"));
    if code.is_none() && position.is_none() {
        return Err(BundleError::MissingColumn("code"));
    }
    for row in csv.into_records() {
        let row = row.map_err(unreadable)?;
        let line = row.position().map_or(0, Position::line);
        let field = |place: Option<usize>| {
            place.and_then(|place| row.get(place)).filter(|text| !text.is_empty())
        };
        let bad = |reason| BundleError::BadRow { line, reason };
        let (code, position) = (field(code), field(position));
        if let Some(code) = code {
            let code = BadgeCode::new(code.to_owned());
            let secret = BadgeSecret::parse(&code, format).map_err(|_| bad("malformed_code"))?;
            list.locators.push(HEXLOWER.encode(&secret.derive(salt)?.locator.0));
        }
        if let Some(position) = position {
            let number = position.parse().ok().filter(|number| *number > 0);
            list.positions.push(number.ok_or_else(|| bad("bad_position"))?);
        }
        if code.is_none() && position.is_none() {
            return Err(bad("no_code"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::bundle::testing::{Organiser, store};
    use crate::policy::tests::sample_folder;

    /// A minute after the bundle was made.
    const LATER: Timestamp = Timestamp::constant(1_793_869_260, 0);

    /// An organiser whose roster is loaded, and a list of tombstones.
    struct Desk {
        organiser: Organiser,
        _folder: tempfile::TempDir,
        store: Store,
    }

    impl Desk {
        fn new() -> Self {
            let organiser = Organiser::new();
            let (folder, mut store) = store();
            organiser.load(&organiser.bundle(1), &mut store).unwrap();
            Self { organiser, _folder: folder, store }
        }

        fn make(&self, sheet: &str, sequence: u32) -> Result<PathBuf, BundleError> {
            let [list, out] =
                ["gone.csv", "gone.tombstones"].map(|n| self.organiser.folder.path().join(n));
            fs::write(&list, sheet).unwrap();
            make(&TombstoneOrder {
                sheet: &list,
                policy: &sample_folder(),
                key: &self.organiser.key,
                out: &out,
                sequence: Some(sequence),
                now: LATER,
            })?;
            Ok(out)
        }

        fn take(&mut self, file: &Path) -> Result<ImportedTombstones, BundleError> {
            import(file, &[self.organiser.key.trusted()], &mut self.store, LATER)
        }

        fn known(&self) -> [bool; 3] {
            let known = |n| self.store.badge(&self.organiser.keys(n).locator).unwrap().is_some();
            [0, 1, 2].map(known)
        }
    }

    #[test]
    fn c35_c36_a_signed_list_takes_its_badges_away_and_the_old_bundle_does_not_bring_them_back() {
        let mut desk = Desk::new();
        let [one, _, three] = [0, 1, 2].map(|n| desk.organiser.codes[n].clone());
        let sheet = format!("Name,CODE\nZHANG,{one}\nLi,{three}\n");
        let file = desk.make(&sheet, 1).unwrap();
        let bytes = fs::read(&file).unwrap();
        for secret in [&one, "ZHANG"] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret}");
        }
        let taken = ImportedTombstones { sequence: 1, listed: 2, erased: 2 };
        assert_eq!(desk.take(&file).unwrap(), taken);
        assert_eq!(desk.known(), [false, true, false]);
        assert_eq!(desk.take(&file).unwrap(), ImportedTombstones { erased: 0, ..taken });
        let again = desk.organiser.load(&desk.organiser.bundle(2), &mut desk.store).unwrap();
        assert_eq!((again.attendees, again.buried), (3, 2));
        assert_eq!(desk.known(), [false, true, false]);
    }

    #[test]
    fn c35_bad_lists_are_refused_with_the_reason_and_nobody_goes() {
        let mut desk = Desk::new();
        let sheet = format!("code\n{}\n", desk.organiser.codes[0]);
        let file = desk.make(&sheet, 5).unwrap();
        let good = fs::read(&file).unwrap();
        let stranger = Desk::new();
        let foreign = fs::read(stranger.make(&sheet, 5).unwrap()).unwrap();
        let changed = |at: usize| {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            bytes
        };
        let end = good.len();
        let bundle = desk.organiser.bundle(9);
        for (what, bytes, expected) in [
            ("another key", foreign, "not signed by a trusted key"),
            ("a changed list", changed(end / 2), "damaged"),
            ("a changed signature", changed(end - 1), "not signed by a trusted key"),
            ("bytes behind the end", [&good[..], b"x"].concat(), "behind the end"),
            ("a letter", b"Dear organiser,".to_vec(), "not a signed list of tombstones"),
            ("a newer format", [&good[..8], &[9, 0], &good[10..]].concat(), "format version 9"),
            ("a huge list", [&good[..10], &[0xff; 4], &good[14..]].concat(), "longer"),
            ("a bundle", bundle, "`postern import`"),
        ] {
            fs::write(&file, &bytes).unwrap();
            let refused = desk.take(&file).unwrap_err().to_string();
            assert!(refused.contains(expected), "{what}: {refused}");
            assert_eq!(desk.known(), [true; 3], "{what}");
        }
        for length in (9..end).step_by(37) {
            fs::write(&file, &good[..length]).unwrap();
            assert!(matches!(desk.take(&file), Err(BundleError::Truncated)), "{length}");
        }
        let as_roster = desk.organiser.load(&good, &mut desk.store).unwrap_err().to_string();
        assert!(as_roster.contains("`postern tombstones import`"), "{as_roster}");
        fs::write(&file, &good).unwrap();
        assert!(desk.take(&file).is_ok());
        let older = desk.make(&sheet, 4).unwrap();
        let refused = desk.take(&older).unwrap_err().to_string();
        assert!(refused.contains("edition 4, and 5"), "{refused}");
    }

    #[test]
    fn a_row_that_cannot_be_used_refuses_the_whole_list() {
        let desk = Desk::new();
        let code = &desk.organiser.codes[0];
        for (sheet, expected) in [
            (format!("code\n{code}\nK7X\n"), "line 3: malformed_code"),
            (format!("code,position\n{code},-4\n"), "line 2: bad_position"),
            ("code,position\n,\n".to_owned(), "line 2: no_code"),
            ("name\nZHANG\n".to_owned(), "no column `code`"),
            ("code\n".to_owned(), "no row"),
        ] {
            let refused = desk.make(&sheet, 1).unwrap_err().to_string();
            assert!(refused.contains(expected), "{sheet}: {refused}");
        }
    }

    #[test]
    fn c35_a_list_of_numbers_serves_a_roster_with_numbers() {
        let mut desk = Desk::new();
        let [one, two, _] = [0, 1, 2].map(|n| desk.organiser.codes[n].clone());
        desk.organiser.list(&format!("code,name,position\n{one},A,41\n{two},B,42\n"));
        desk.organiser.load(&desk.organiser.bundle(2), &mut desk.store).unwrap();
        let file = desk.make("position\n42\n977\n", 1).unwrap();
        let taken = desk.take(&file).unwrap();
        assert_eq!((taken.listed, taken.erased), (2, 1));
        assert_eq!(desk.known(), [true, false, false]);
    }
}
