//! The counters themselves.

use jiff::civil::{Date, DateTime};
use serde::Serialize;

use crate::{Lane, Outcome, TimeClass};

/// An hour of the venue's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hour {
    /// The day, as the venue's clock has it.
    pub day: Date,
    /// 0 to 23.
    pub hour: i8,
}

impl From<DateTime> for Hour {
    fn from(at: DateTime) -> Self {
        Self { day: at.date(), hour: at.hour() }
    }
}

/// One visit that has ended, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedVisit {
    /// In which hour it ended.
    pub hour: Hour,
    /// What the visitor chose.
    pub lane: Lane,
    /// How it ended.
    pub outcome: Outcome,
    /// From the identification of the badge to the decision, or else to the end.
    pub time: TimeClass,
}

/// So many visits ended so in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitCount {
    /// The hour.
    pub hour: Hour,
    /// What the visitors chose.
    pub lane: Lane,
    /// How their visits ended.
    pub outcome: Outcome,
    /// How many.
    pub visits: u32,
}

/// So many visits of a day took so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeCount {
    /// The day.
    pub day: Date,
    /// What the visitors chose.
    pub lane: Lane,
    /// Whether they ended with a decision.
    pub decided: bool,
    /// How long they took.
    pub time: TimeClass,
    /// How many.
    pub visits: u32,
}

/// What a kiosk has counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// How visits ended.
    pub visits: Vec<VisitCount>,
    /// How long they took.
    pub times: Vec<TimeCount>,
}
