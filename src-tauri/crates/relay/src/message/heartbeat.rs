//! How a kiosk is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Refused, millis};

/// Seconds for which the broker keeps a heartbeat: a kiosk that was dismantled is shown for a day.
pub(super) const KEPT: u32 = 24 * 60 * 60;
/// Longest text of a version.
const VERSION: usize = 24;

/// Whether a kiosk serves visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// It does.
    Serving,
    /// It cannot: a fault.
    Faulty,
    /// Its connection has ended. The broker says so, in words that the kiosk left with it.
    Gone,
}

/// Whether a kiosk's registration platform answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformLink {
    /// It has none.
    None,
    /// It answers.
    Connected,
    /// It does not.
    Lost,
    /// It has revoked the kiosk's account.
    Revoked,
}

/// How a kiosk is. Nothing of any visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Whether it serves.
    pub service: Service,
    /// When its connection to the broker began, by its clock.
    #[serde(with = "millis")]
    pub since: Timestamp,
    /// Its clock.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// Check-ins that its platform has yet to hear.
    pub waiting: u32,
    /// Check-ins that its platform did not accept.
    pub refused: u32,
    /// Version of its program: at most 24 visible ASCII characters.
    pub version: String,
    /// Whether its platform answers.
    pub link: PlatformLink,
}

impl Heartbeat {
    pub(super) fn check(&self) -> Result<(), Refused> {
        let visible = self.version.bytes().all(|c| c.is_ascii_graphic());
        let fits = (1..=VERSION).contains(&self.version.len()) && visible;
        if fits { Ok(()) } else { Err(Refused::Fields) }
    }

    /// Which of two of one kiosk is the later: the end of a connection comes after all else that
    /// was said in it.
    pub(crate) fn order(&self) -> (Timestamp, bool, Timestamp) {
        (self.since, self.service == Service::Gone, self.at)
    }
}
