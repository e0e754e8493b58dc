//! What became of a badge at a kiosk.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Refused, millis};

/// The clocks of two kiosks may differ by so much. Refusing a kiosk whose clock is ahead would
/// admit badges twice; a visitor whose badge is refused wrongly goes to a person.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// No announcement stays longer: a year, and a month in which records are kept.
const LONGEST_STAY: SignedDuration = SignedDuration::from_hours(24 * 400);

/// The longest time for which an announcement counts, 400 days.
#[derive(Clone, Copy, Debug)]
pub struct LongestStay;

impl LongestStay {
    /// No later than so.
    pub fn shorten(until: Timestamp, changed: Timestamp) -> Timestamp {
        until.min(changed.saturating_add(LONGEST_STAY).unwrap_or(Timestamp::MAX))
    }
}

/// Whether a badge is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadgeUse {
    /// It was admitted.
    Used,
    /// It was, and the admission was taken back.
    TakenBack,
}

/// What a kiosk tells of a badge. No name, no code, nothing biometric (C12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// Whether it is used.
    pub state: BadgeUse,
    /// When it was admitted.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// When that became so: grows with every announcement of a badge by one kiosk, and an older
    /// one never replaces a newer one.
    #[serde(with = "millis")]
    pub changed: Timestamp,
    /// From when on it does not count.
    #[serde(with = "millis")]
    pub until: Timestamp,
}

impl Announcement {
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Refused> {
        if self.until <= now {
            return Err(Refused::Over);
        }
        let ahead = now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
        let longest = LongestStay::shorten(Timestamp::MAX, self.changed);
        if self.at > self.changed || self.changed > ahead || self.until > longest {
            return Err(Refused::Times);
        }
        Ok(())
    }

    /// Seconds for which it counts; one at least, for none would mean for ever.
    pub(super) fn left(&self, now: Timestamp) -> u32 {
        u32::try_from(self.until.duration_since(now).as_secs().max(1)).unwrap_or(u32::MAX)
    }
}
