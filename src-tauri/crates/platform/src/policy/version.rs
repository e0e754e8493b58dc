//! Versions of a policy, in order.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One to three numbers with dots between them, such as `2`, `1.4` or `2026.11.2`; each below a
/// million. `1` and `1.0` are the same version.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    written: String,
    rank: i64,
}

/// What was to be a version is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version is one to three numbers below a million with dots between them, such as 1.4")]
pub struct VersionError;

impl Version {
    /// The place of the version among all others: higher is newer.
    pub fn rank(&self) -> i64 {
        self.rank
    }

    /// The version as the operator wrote it.
    pub fn as_str(&self) -> &str {
        &self.written
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(written: &str) -> Result<Self, VersionError> {
        let mut numbers = [0; 3];
        let mut parts = written.split('.');
        for (number, part) in numbers.iter_mut().zip(&mut parts) {
            let digits = part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit());
            *number = part.parse::<i64>().ok().filter(|_| digits).ok_or(VersionError)?;
        }
        if parts.next().is_some() {
            return Err(VersionError);
        }
        let rank = numbers.into_iter().fold(0, |rank, number| rank * 1_000_000 + number);
        Ok(Self { written: written.to_owned(), rank })
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Version {}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(written: String) -> Result<Self, VersionError> {
        written.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.written
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn c43_versions_are_numbers_and_have_an_order() {
        let rank = |written: &str| written.parse::<Version>().unwrap().rank();
        let rising = ["0", "0.9", "1.0", "1.0.1", "1.2", "1.10", "2", "2026.11.2", "999999.9.9"];
        assert!(rising.windows(2).all(|pair| rank(pair[0]) < rank(pair[1])));
        assert_eq!(rank("1"), rank("1.0.0"));
        for bad in ["", "1.", ".1", "1.0.0.0", "v1", "1.0-rc", "+1", " 1", "1000000", "一"] {
            assert_eq!(bad.parse::<Version>().unwrap_err(), VersionError, "{bad}");
        }
    }
}
