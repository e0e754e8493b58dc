//! The kiosk's statistics as they are published, at the screen and at the command line.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use statistics::{DayFigures, ENOUGH, EqualTreatment, SLOWER, Threshold, Total, publish};
use store::{Store, StoreError};

use crate::view::{
    LaneFigures, LaneVisits, OutcomeVisits, StatisticsHour, StatisticsPage, Treatment, Visits,
};

/// An hour is over so much later: what is counted at its very end is written by then.
const WRITTEN: SignedDuration = SignedDuration::from_mins(1);

/// All that is published of some days.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    /// Numbers below it are not shown.
    pub(crate) threshold: Threshold,
    /// What is over by then, by the venue's clock, is in it.
    pub(crate) until: DateTime,
    /// The days, the oldest first.
    pub(crate) days: Vec<DayFigures>,
    /// The face lane beside the other one.
    pub(crate) equal_treatment: Option<EqualTreatment>,
}

impl Figures {
    /// Publishes what was counted from one day to another; without them, all that is kept.
    pub(crate) fn of(
        store: &Store,
        threshold: Threshold,
        from: Option<Date>,
        to: Option<Date>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let until = (now - WRITTEN).to_zoned(TimeZone::system()).datetime();
        let counters = store.visit_counters(from.unwrap_or(Date::ZERO), to.unwrap_or(Date::MAX))?;
        let days = publish(&counters, until, threshold);
        let equal_treatment = EqualTreatment::of(&days, &counters);
        Ok(Self { threshold, until, days, equal_treatment })
    }

    /// A page of it: the day at this place, 0 for the newest.
    pub(crate) fn page(&self, day: usize) -> StatisticsPage {
        let newest: Vec<_> = self.days.iter().rev().collect();
        let shown = day.min(newest.len().saturating_sub(1));
        let figures = newest.get(shown);
        let whole = figures.and_then(|day| day.whole.as_ref());
        StatisticsPage {
            threshold: self.threshold.get(),
            days: newest.iter().map(|day| day.day.to_string()).collect(),
            shown,
            visits: whole.map(|whole| whole.visits.into()),
            lanes: whole.map(lanes_of).unwrap_or_default(),
            hours: figures.map(|day| hours_of(day)).unwrap_or_default(),
            treatment: self.equal_treatment.as_ref().map(Treatment::from),
            enough: ENOUGH,
            slower: SLOWER,
        }
    }
}

fn lanes_of(whole: &statistics::WholeDay) -> Vec<LaneFigures> {
    let told = whole.lanes.iter().filter(|lane| lane.visits.visits() > 0);
    told.map(|lane| LaneFigures {
        lane: lane.lane.word(),
        visits: lane.visits.into(),
        times: lane.times.iter().map(|band| (band.from, band.below, band.visits)).collect(),
    })
    .collect()
}

fn hours_of(day: &DayFigures) -> Vec<StatisticsHour> {
    let lanes = |hour: &statistics::HourFigures| {
        let told = hour.lanes.iter().filter(|lane| lane.visits.visits() > 0);
        told.map(|lane| LaneVisits {
            lane: lane.lane.word(),
            visits: lane.visits.into(),
            outcomes: lane
                .outcomes
                .iter()
                .map(|count| OutcomeVisits { outcome: count.outcome.word(), visits: count.visits })
                .collect(),
        })
        .collect()
    };
    day.hours.iter().map(|hour| StatisticsHour { hour: hour.hour, lanes: lanes(hour) }).collect()
}

impl From<Total> for Visits {
    fn from(total: Total) -> Self {
        Self { visits: total.visits(), exact: total.is_exact() }
    }
}

impl From<&EqualTreatment> for Treatment {
    fn from(figure: &EqualTreatment) -> Self {
        Self {
            days: figure.days,
            face_visits: figure.face.visits.into(),
            face_seconds: figure.face.median_seconds,
            other_visits: figure.other_way.visits.into(),
            other_seconds: figure.other_way.median_seconds,
            ratio: figure.ratio,
            other_way_is_slower: figure.other_way_is_slower,
        }
    }
}
