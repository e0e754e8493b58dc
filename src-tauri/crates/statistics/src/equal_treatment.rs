//! Whether whoever chose the other way is served as well (C15, C45, L2).

use serde::Serialize;

use crate::{Counters, DayFigures, Lane, TimeClass, Total};

/// A figure takes so many visits of each lane that ended with a decision.
pub const ENOUGH: u32 = 30;

/// The other way is called slower when its median is more than so many times that of the face
/// lane. A person who looks at a badge takes longer than a comparison (C14 has it said before the
/// choice); more than half as long again is no longer what was said.
pub const SLOWER: f64 = 1.5;

/// The visitors of one lane.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LaneFigure {
    /// How many chose it.
    pub visits: Total,
    /// Median time from the badge to the decision in seconds: the middle of its class.
    pub median_seconds: f64,
    /// How far from it the true median may be, in seconds; none in the last, open class.
    pub within_seconds: Option<f64>,
}

/// The face lane beside the other one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EqualTreatment {
    /// Days that it is of, all of them over.
    pub days: u32,
    /// Who chose the comparison.
    pub face: LaneFigure,
    /// Who chose the other way.
    pub other_way: LaneFigure,
    /// The other way's median by the face lane's.
    pub ratio: f64,
    /// True when the ratio is above [`SLOWER`].
    pub other_way_is_slower: bool,
}

impl EqualTreatment {
    /// Compares the lanes over the published days that are over. None if there were too few visits.
    /// How many they were is the sum of what is published of each day, so that it tells no more.
    pub fn of(published: &[DayFigures], counters: &Counters) -> Option<Self> {
        let over: Vec<_> =
            published.iter().filter_map(|day| Some((day.day, day.whole.as_ref()?))).collect();
        let figure = |lane| {
            let times = counters.times.iter().filter(|time| {
                time.lane == lane && time.decided && over.iter().any(|(day, _)| *day == time.day)
            });
            let class = median(times.map(|time| (time.time, time.visits)).collect())?;
            let half = class.width().map(|width| f64::from(width) / 2.0);
            let median_seconds = f64::from(class.begins()) + half.unwrap_or(0.0);
            let totals = over.iter().flat_map(|(_, whole)| &whole.lanes);
            let visits = totals.filter(|l| l.lane == lane).map(|l| l.visits).sum();
            Some(LaneFigure { visits, median_seconds, within_seconds: half })
        };
        let (face, other_way) = (figure(Lane::Face)?, figure(Lane::OtherWay)?);
        let ratio = other_way.median_seconds / face.median_seconds;
        let days = over.len() as u32;
        Some(Self { days, face, other_way, ratio, other_way_is_slower: ratio > SLOWER })
    }
}

/// The class of the middle visit; of two, the earlier one's. None for fewer than [`ENOUGH`].
fn median(mut times: Vec<(TimeClass, u32)>) -> Option<TimeClass> {
    let all: u32 = times.iter().map(|(_, visits)| visits).sum();
    if all < ENOUGH {
        return None;
    }
    times.sort_unstable();
    let mut before = 0;
    times.into_iter().find_map(|(class, visits)| {
        before += visits;
        (before >= all.div_ceil(2)).then_some(class)
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    use super::*;
    use crate::{Hour, Outcome, Threshold, TimeCount, VisitCount, publish};

    /// Counts a day's visits of a lane, in one hour.
    fn count(counters: &mut Counters, day: Date, lane: Lane, outcome: Outcome, seconds: &[u32]) {
        let hour = Hour { day, hour: 9 };
        counters.visits.push(VisitCount { hour, lane, outcome, visits: seconds.len() as u32 });
        counters.times.extend(seconds.iter().map(|seconds| TimeCount {
            day,
            lane,
            decided: outcome.is_decided(),
            time: TimeClass::containing(*seconds),
            visits: 1,
        }));
    }

    fn figure(face: &[u32], other: &[u32], left: usize) -> Option<EqualTreatment> {
        let mut counters = Counters::default();
        let day = date(2026, 11, 5);
        count(&mut counters, day, Lane::Face, Outcome::Matched, face);
        count(&mut counters, day, Lane::OtherWay, Outcome::OtherWay, other);
        count(&mut counters, day, Lane::OtherWay, Outcome::Left, &vec![1; left]);
        let published = publish(&counters, date(2026, 11, 6).at(0, 0, 0, 0), Threshold::SMALLEST);
        EqualTreatment::of(&published, &counters)
    }

    #[test]
    fn c14_c15_c45_l2_it_says_when_the_other_way_is_slower() {
        let spread = |middle: u32| -> Vec<u32> { (middle - 15..=middle + 15).collect() };
        for (face, other, slower) in
            [(30, 30, false), (30, 45, false), (30, 50, true), (40, 20, false)]
        {
            let figure = figure(&spread(face), &spread(other), 0);
            let Some(figure) = figure else { panic!("{face} {other}") };
            assert_eq!(figure.other_way_is_slower, slower, "{figure:?}");
            assert_eq!(figure.face.visits, Total::AtLeast(31), "nothing more is published");
        }
    }

    #[test]
    fn l2_whoever_leaves_makes_no_lane_quicker() {
        let (few, many) = (figure(&[20; 40], &[40; 40], 0), figure(&[20; 40], &[40; 40], 300));
        let median =
            |figure: &Option<EqualTreatment>| figure.as_ref().map(|f| f.other_way.median_seconds);
        assert_eq!(median(&few), Some(40.5));
        assert_eq!(median(&many), median(&few));
    }

    #[test]
    fn c40_there_is_no_figure_of_a_few() {
        assert_eq!(figure(&[20; 40], &[40; 29], 300), None);
        assert!(figure(&[20; 40], &[40; 30], 0).is_some());
        assert_eq!(figure(&[20; 3], &[40; 40], 0), None);
    }

    proptest! {
        #[test]
        fn a_median_is_as_exact_as_it_says(mut seconds in prop::collection::vec(0_u32..1800, 30..200)) {
            let found = median(seconds.iter().map(|s| (TimeClass::containing(*s), 1)).collect());
            seconds.sort_unstable();
            let truth = seconds[(seconds.len() - 1) / 2];
            prop_assert_eq!(found, Some(TimeClass::containing(truth)));
        }
    }
}
