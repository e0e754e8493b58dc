//! The sealed record of an attendee.

use std::fmt;

use seal::{BadgeKeys, Kind, SealError};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Sealed records are padded to a multiple of this, so that their length does not tell the
/// length of a name.
const PADDING: usize = 128;

/// What the badge opens of an attendee besides the photo. Wiped on drop; never printed.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct AttendeeRecord {
    /// Registered name, for staff.
    pub name: String,
    /// Lives in the European Economic Area: the notice says more then (M57).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub eea: bool,
}

impl AttendeeRecord {
    /// Opens a sealed record with the keys of its badge.
    pub fn open(sealed: &[u8], keys: &BadgeKeys) -> Result<Self, SealError> {
        let plain = keys.record.open(sealed, &keys.locator, Kind::Record)?;
        serde_json::from_slice(&plain).map_err(|_| SealError::Open)
    }

    /// Seals the record under the keys of its badge.
    pub(crate) fn seal(&self, keys: &BadgeKeys) -> Result<Vec<u8>, SealError> {
        // Names are at most 800 bytes, and JSON makes of a byte six at most.
        let mut plain = Zeroizing::new(Vec::with_capacity(5120));
        serde_json::to_writer(&mut *plain, self).map_err(|_| SealError::Seal)?;
        let padded = plain.len().next_multiple_of(PADDING);
        plain.resize(padded, b' ');
        keys.record.seal(&plain, &keys.locator, Kind::Record)
    }
}

impl fmt::Debug for AttendeeRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttendeeRecord(..)")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use seal::{BadgeSecret, RosterSalt};

    use super::*;

    fn keys() -> BadgeKeys {
        BadgeSecret::issue().unwrap().1.derive(&RosterSalt([1; 32])).unwrap()
    }

    #[test]
    fn c18_only_the_badge_opens_the_record_and_its_length_tells_nothing() {
        let (mine, other) = (keys(), keys());
        let short = AttendeeRecord { name: "Li".into(), eea: false }.seal(&mine).unwrap();
        let long =
            AttendeeRecord { name: "欧阳示例观众甲".repeat(3), eea: true }.seal(&mine).unwrap();
        assert_eq!(short.len(), long.len());
        assert_eq!(AttendeeRecord::open(&short, &mine).unwrap().name, "Li");
        let eea = |sealed| AttendeeRecord::open(sealed, &mine).unwrap().eea;
        assert_eq!((eea(&short), eea(&long)), (false, true));
        assert_eq!(AttendeeRecord::open(&short, &other).err(), Some(SealError::Open));
    }
}
