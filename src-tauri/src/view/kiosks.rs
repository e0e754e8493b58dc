//! The kiosks of the venue on one screen. No personal data.

use serde::Serialize;

use super::Link;

/// The kiosks of the venue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct KiosksPage {
    /// Whether this kiosk hears the others.
    pub(crate) link: RelayLink,
    /// Those that were heard of, this one too: those that need somebody first, then by name.
    pub(crate) kiosks: Vec<KioskLine>,
    /// How many of them are silent, gone or cannot serve.
    pub(crate) troubled: u32,
    /// Badges that this kiosk and another one have admitted, the newest first.
    pub(crate) conflicts: Vec<ConflictLine>,
}

/// One kiosk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct KioskLine {
    /// What it is called at the broker.
    pub(crate) name: String,
    /// It is the kiosk at which this is read.
    pub(crate) own: bool,
    /// How it is.
    pub(crate) health: KioskHealth,
    /// Seconds since it was heard of.
    pub(crate) ago: u32,
    /// Check-ins that its platform has yet to hear.
    pub(crate) waiting: u32,
    /// Check-ins that its platform did not accept.
    pub(crate) refused: u32,
    /// Version of its program.
    pub(crate) version: String,
    /// Whether its platform answers it.
    pub(crate) link: Link,
    /// Minutes by which its clock is wrong, if by more than two: ahead is more than 0.
    pub(crate) clock_off: Option<i32>,
}

/// How a kiosk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum KioskHealth {
    /// It was not heard of for half a minute.
    Silent,
    /// Its connection has ended.
    Gone,
    /// It cannot serve visitors.
    Faulty,
    /// It serves visitors.
    Serving,
}

/// A badge that two kiosks have admitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct ConflictLine {
    /// When it was admitted here, local time.
    pub(crate) here: String,
    /// The other kiosk.
    pub(crate) kiosk: String,
    /// When it was admitted there.
    pub(crate) there: String,
}

/// Whether there is a reason to look at the kiosks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct KiosksDue {
    /// Kiosks that are silent, gone or cannot serve.
    pub(crate) troubled: u32,
    /// Badges that were admitted here and elsewhere.
    pub(crate) conflicts: u32,
}

/// The relay, as it was last heard of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum RelayLink {
    /// This kiosk has joined none.
    #[default]
    None,
    /// It is there.
    Connected,
    /// It is not, or not yet. Visits go on.
    Lost,
}
