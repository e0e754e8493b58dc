//! The statistics of a day. No number in them is below the threshold.

use serde::Serialize;

/// A page of the statistics: one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StatisticsPage {
    /// Numbers below it are not shown.
    pub(crate) threshold: u32,
    /// The days that there are, `YYYY-MM-DD`, the newest first.
    pub(crate) days: Vec<String>,
    /// Which of them is shown.
    pub(crate) shown: usize,
    /// Visits of the day; absent while it is not over.
    pub(crate) visits: Option<Visits>,
    /// The lanes of a day that is over.
    pub(crate) lanes: Vec<LaneFigures>,
    /// Its hours that are over.
    pub(crate) hours: Vec<StatisticsHour>,
    /// The lanes compared, over all days; absent while there are too few visits.
    pub(crate) treatment: Option<Treatment>,
    /// How many visits of each lane the comparison takes.
    pub(crate) enough: u32,
    /// From how many times the face lane's median the other way is called slower.
    pub(crate) slower: f64,
}

/// A number of visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Visits {
    /// The number, or the least that it can be.
    pub(crate) visits: u32,
    /// True for the number itself.
    pub(crate) exact: bool,
}

/// An hour of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct StatisticsHour {
    /// 0 to 23.
    pub(crate) hour: i8,
    /// Lanes of which there is something to say.
    pub(crate) lanes: Vec<LaneVisits>,
}

/// A lane in an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct LaneVisits {
    /// Its id; the words are in `assets/locales`.
    pub(crate) lane: &'static str,
    /// How many.
    pub(crate) visits: Visits,
    /// How they ended, where it can be told.
    pub(crate) outcomes: Vec<OutcomeVisits>,
}

/// Visits that ended in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct OutcomeVisits {
    /// Its id; the words are in `assets/locales`.
    pub(crate) outcome: &'static str,
    /// How many.
    pub(crate) visits: u32,
}

/// A lane in a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct LaneFigures {
    /// Its id.
    pub(crate) lane: &'static str,
    /// How many.
    pub(crate) visits: Visits,
    /// How long they took: from so many seconds on, below so many (none: without an end), visits.
    pub(crate) times: Vec<(u32, Option<u32>, u32)>,
}

/// Whether the other way is as quick (C15, L2).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Treatment {
    /// Days that it is of.
    pub(crate) days: u32,
    /// How many chose the comparison.
    pub(crate) face_visits: Visits,
    /// Median seconds from the badge to the decision.
    pub(crate) face_seconds: f64,
    /// How many chose the other way.
    pub(crate) other_visits: Visits,
    /// Median seconds from the badge to the decision.
    pub(crate) other_seconds: f64,
    /// The second median by the first.
    pub(crate) ratio: f64,
    /// The ratio is above the stated one.
    pub(crate) other_way_is_slower: bool,
}
