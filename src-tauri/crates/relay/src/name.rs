//! What a kiosk is called at the broker.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest name.
const LONGEST: usize = 32;

/// The name of a kiosk: its user at the broker, and a level of its topics.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KioskName(String);

/// Why a text is not a kiosk's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a kiosk's name has 1 to {LONGEST} of the characters a-z, 0-9 and -")]
pub struct NoKioskName;

impl KioskName {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KioskName {
    type Err = NoKioskName;

    fn from_str(text: &str) -> Result<Self, NoKioskName> {
        let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let good = (1..=LONGEST).contains(&text.len()) && text.bytes().all(fits);
        if good { Ok(Self(text.to_owned())) } else { Err(NoKioskName) }
    }
}

impl TryFrom<String> for KioskName {
    type Error = NoKioskName;

    fn try_from(text: String) -> Result<Self, NoKioskName> {
        text.parse()
    }
}

impl From<KioskName> for String {
    fn from(name: KioskName) -> Self {
        name.0
    }
}

impl fmt::Display for KioskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_nothing_that_means_something_in_a_topic() {
        for good in ["gate-12", "a", "0", &"x".repeat(32)] {
            assert!(good.parse::<KioskName>().is_ok(), "{good}");
        }
        for bad in ["", "+", "#", "a/b", "Gate", "门", "a b", "a\n", "$SYS", &"x".repeat(33)] {
            assert_eq!(bad.parse::<KioskName>(), Err(NoKioskName), "{bad}");
        }
    }
}
