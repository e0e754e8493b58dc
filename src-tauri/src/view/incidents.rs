//! Incidents with personal data, on the panel where staff record one (C32).

use serde::{Deserialize, Serialize};

/// The panel: what can be chosen, and the incidents that are not closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct IncidentsPage {
    /// What may have happened. The words for this and all other ids are in `assets/locales`.
    pub(crate) kinds: Vec<&'static str>,
    /// How long ago, in minutes: for the discovery, and for the beginning before it.
    pub(crate) ago: Vec<u32>,
    /// What may have been done.
    pub(crate) measures: Vec<&'static str>,
    /// What those concerned may be advised.
    pub(crate) advice: Vec<&'static str>,
    /// Incidents that are not closed, the newest first.
    pub(crate) open: Vec<OpenIncident>,
    /// The number of the one that was recorded just now.
    pub(crate) recorded: Option<u32>,
}

/// An incident that is not closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct OpenIncident {
    /// Its number.
    pub(crate) number: u32,
    /// Id of what has happened.
    pub(crate) kind: &'static str,
    /// When it was discovered, local time `MM-DD HH:MM`.
    pub(crate) discovered: String,
    /// How much time is left to tell those concerned; absent where there is no deadline.
    pub(crate) countdown: Option<IncidentCountdown>,
    /// Badges that the log names in the time.
    pub(crate) badges: u32,
    /// Attendees that were held.
    pub(crate) attendees: u32,
}

/// The time until a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct IncidentCountdown {
    /// The deadline is over.
    pub(crate) overdue: bool,
    /// Whole hours until then, or since then.
    pub(crate) hours: u32,
    /// Minutes beside them, 0 to 59.
    pub(crate) minutes: u32,
}

/// An incident as staff have put it together so far.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct IncidentDraft {
    /// Id of what has happened.
    pub(crate) kind: String,
    /// Called major by the recorder.
    pub(crate) major: bool,
    /// Discovered so many minutes ago.
    pub(crate) discovered_ago: u32,
    /// Begun so many minutes before that.
    pub(crate) since_ago: u32,
    /// Ids of what was done.
    pub(crate) measures: Vec<String>,
    /// Ids of the advice.
    pub(crate) advice: Vec<String>,
}

/// What follows from a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct IncidentRule {
    /// The incident is major.
    pub(crate) major: bool,
    /// It is by its kind, whatever the recorder says.
    pub(crate) by_kind: bool,
    /// Until when those concerned are to be told, local time; absent where it is not major.
    pub(crate) deadline: Option<String>,
}
