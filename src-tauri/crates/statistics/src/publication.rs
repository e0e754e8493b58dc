//! What is published of the counters.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use serde::Serialize;

use crate::suppression::Part;
use crate::time_class::bands;
use crate::{Band, Counters, Hour, Lane, Outcome, OutcomeCount, Threshold, Total};

/// The visitors of one lane in an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaneHour {
    /// What they chose.
    pub lane: Lane,
    /// How many.
    pub visits: Total,
    /// How their visits ended: what is not there is below the threshold, and may be zero.
    pub outcomes: Vec<OutcomeCount>,
}

/// An hour in which a visit ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HourFigures {
    /// 0 to 23.
    pub hour: i8,
    /// All lanes.
    pub lanes: Vec<LaneHour>,
}

/// The visitors of one lane in a whole day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaneDay {
    /// What they chose.
    pub lane: Lane,
    /// How many.
    pub visits: Total,
    /// How long they took; only where the number of visits is exact, and it is their sum.
    pub times: Vec<Band>,
}

/// What can be said only of a day that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WholeDay {
    /// All visits.
    pub visits: Total,
    /// All lanes.
    pub lanes: Vec<LaneDay>,
}

/// A day on which a visit ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayFigures {
    /// The day.
    pub day: Date,
    /// Its hours that are over. An hour in which no visit ended is not among them.
    pub hours: Vec<HourFigures>,
    /// The day as a whole, once it is over.
    pub whole: Option<WholeDay>,
}

/// Publishes what is over at `now`, by the venue's clock, the oldest day first. What was
/// published once is published the same ever after: each hour stands for itself, so that two
/// publications say no more than the later one.
pub fn publish(counters: &Counters, now: DateTime, threshold: Threshold) -> Vec<DayFigures> {
    let present = Hour::from(now);
    let mut hours: BTreeMap<Hour, BTreeMap<(Lane, Outcome), u32>> = BTreeMap::new();
    for count in counters.visits.iter().filter(|count| count.hour < present) {
        *hours.entry(count.hour).or_default().entry((count.lane, count.outcome)).or_default() +=
            count.visits;
    }
    let days: BTreeSet<Date> = hours.keys().map(|hour| hour.day).collect();
    let of_day = |day| {
        let hours = hours.iter().filter(|(hour, _)| hour.day == day);
        let (hours, parts): (Vec<_>, Vec<_>) =
            hours.map(|(hour, counts)| of_hour(*hour, counts, threshold.get())).unzip();
        let whole = (day < present.day).then(|| whole_day(counters, day, &parts, threshold.get()));
        DayFigures { day, hours, whole }
    };
    days.into_iter().map(of_day).collect()
}

/// The parts of an hour, in the order of the lanes.
type Parts = [Part; Lane::ALL.len()];

fn of_hour(
    hour: Hour,
    counts: &BTreeMap<(Lane, Outcome), u32>,
    threshold: u32,
) -> (HourFigures, Parts) {
    let mut parts = Parts::default();
    let mut lanes = Vec::new();
    for (place, lane) in parts.iter_mut().zip(Lane::ALL) {
        let count = |outcome| counts.get(&(lane, outcome)).copied().unwrap_or(0);
        let all = Outcome::ALL.into_iter().map(|outcome| (outcome, count(outcome)));
        let (visits, part) = Part::of(all.clone().map(|(_, n)| n), threshold).total(threshold);
        let shown = all.filter(|(_, visits)| *visits >= threshold);
        let outcomes = shown.map(|(outcome, visits)| OutcomeCount { outcome, visits }).collect();
        *place = part;
        lanes.push(LaneHour { lane, visits, outcomes });
    }
    (HourFigures { hour: hour.hour, lanes }, parts)
}

fn whole_day(counters: &Counters, day: Date, hours: &[Parts], threshold: u32) -> WholeDay {
    let mut parts = Vec::new();
    let lanes = Lane::ALL
        .into_iter()
        .enumerate()
        .map(|(place, lane)| {
            let (visits, part) = Part::sum(hours.iter().map(|parts| parts[place])).total(threshold);
            parts.push(part);
            let times = counters.times.iter().filter(|time| time.day == day && time.lane == lane);
            let times = bands(&times.map(|time| (time.time, time.visits)), threshold);
            // Another partition of the same visits says nothing new only beside their exact number.
            let fits = visits == Total::Exactly(times.iter().map(|band| band.visits).sum());
            LaneDay { lane, visits, times: if fits { times } else { Vec::new() } }
        })
        .collect();
    let (visits, _) = Part::sum(parts.into_iter()).total(threshold);
    WholeDay { visits, lanes }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::{TimeClass, TimeCount, VisitCount};

    const DAY: Date = date(2026, 11, 5);
    const LEAST: Threshold = Threshold::SMALLEST;

    fn counters(counts: &[(i8, Lane, Outcome, u32)]) -> Counters {
        let visits = counts.iter().map(|&(hour, lane, outcome, visits)| VisitCount {
            hour: Hour { day: DAY, hour },
            lane,
            outcome,
            visits,
        });
        let times = counts.iter().map(|&(_, lane, outcome, visits)| TimeCount {
            day: DAY,
            lane,
            decided: outcome.is_decided(),
            time: TimeClass::containing(20),
            visits,
        });
        Counters { visits: visits.collect(), times: times.collect() }
    }

    fn next_day() -> DateTime {
        date(2026, 11, 6).at(0, 0, 0, 0)
    }

    #[test]
    fn c40_the_first_and_last_hours_of_a_day_show_no_small_number_and_no_way_to_one() {
        let busy = |hour| (hour, Lane::Face, Outcome::Matched, 80);
        let counters = counters(&[
            (8, Lane::Face, Outcome::Matched, 3),
            busy(9),
            (9, Lane::OtherWay, Outcome::OtherWay, 12),
            (9, Lane::OtherWay, Outcome::Denied, 1),
            busy(10),
            (18, Lane::OtherWay, Outcome::OtherWay, 1),
        ]);
        let days = publish(&counters, next_day(), LEAST);
        let [day] = days.as_slice() else { panic!("{days:?}") };
        let hours: Vec<_> = day.hours.iter().map(|hour| hour.hour).collect();
        assert_eq!(hours, [8, 9, 10, 18]);
        let whole = day.whole.as_ref();
        let text = serde(&day.hours[0]) + &serde(&day.hours[3]);
        assert!(!text.contains("outcome:") && !text.contains("Exactly"), "{text}");
        let lanes: Vec<_> = whole.iter().flat_map(|whole| &whole.lanes).collect();
        assert_eq!(lanes[0].visits, Total::AtLeast(160), "163 would tell of the three at eight");
        assert_eq!(lanes[1].visits, Total::AtLeast(12), "14 would tell of the one at six");
        assert_eq!(whole.map(|whole| whole.visits), Some(Total::AtLeast(172)));
        assert!(lanes.iter().all(|lane| lane.times.is_empty()));
    }

    fn serde(hour: &HourFigures) -> String {
        format!("{hour:?}")
    }

    #[test]
    fn what_is_hidden_in_many_hours_is_in_the_total_of_the_day() {
        let mut counts = Vec::new();
        for hour in 9..17 {
            counts.push((hour, Lane::Face, Outcome::Matched, 50));
            counts.push((hour, Lane::Face, Outcome::NonMatch, 3));
        }
        let days = publish(&counters(&counts), next_day(), LEAST);
        let face = &days[0].hours[0].lanes[0];
        assert_eq!(face.visits, Total::AtLeast(50));
        assert_eq!(face.outcomes, [OutcomeCount { outcome: Outcome::Matched, visits: 50 }]);
        let Some(whole) = &days[0].whole else { panic!("the day is over") };
        assert_eq!(whole.lanes[0].visits, Total::Exactly(424));
        let band = Band { from: 0, below: None, visits: 424 };
        assert_eq!(whole.lanes[0].times, [band], "no band is a small number");
    }

    #[test]
    fn c40_only_hours_that_are_over_are_published() {
        let counters = counters(&[
            (9, Lane::Face, Outcome::Matched, 50),
            (10, Lane::Face, Outcome::Matched, 51),
        ]);
        let at = |hour, minute| publish(&counters, DAY.at(hour, minute, 0, 0), LEAST);
        assert_eq!(at(9, 59), []);
        assert_eq!(at(10, 0)[0].hours.len(), 1);
        assert_eq!(at(10, 59), at(10, 0), "a minute later says nothing more");
        assert_eq!(at(11, 0)[0].hours.len(), 2);
        assert_eq!(at(11, 0)[0].whole, None);
    }

    fn any_counts() -> impl Strategy<Value = Vec<(i8, Lane, Outcome, u32)>> {
        let visits = prop_oneof![3 => 0_u32..12, 1 => 9_u32..200];
        let lane = prop::sample::select(Lane::ALL.to_vec());
        let outcome = prop::sample::select(Outcome::ALL.to_vec());
        prop::collection::vec((8_i8..19, lane, outcome, visits), 0..80)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Somebody who has only what was published, and adds up and subtracts it along the tree,
        /// finds that every hidden number may still be zero and may be just below the threshold.
        #[test]
        fn c40_whoever_adds_up_what_is_published_learns_nothing_of_a_hidden_number(counts in any_counts()) {
            let least = LEAST.get();
            for day in publish(&counters(&counts), next_day(), LEAST) {
                let Some(whole) = &day.whole else { panic!("the day is over") };
                for (place, lane) in whole.lanes.iter().enumerate() {
                    let (mut free, mut shown_of_day) = (0, 0);
                    for hour in &day.hours {
                        let hour = &hour.lanes[place];
                        prop_assert!(hour.outcomes.iter().all(|count| count.visits >= least));
                        let shown: u32 = hour.outcomes.iter().map(|count| count.visits).sum();
                        let cells = (Outcome::ALL.len() - hour.outcomes.len()) as u32;
                        shown_of_day += hour.visits.visits();
                        match hour.visits {
                            Total::AtLeast(visits) => {
                                prop_assert_eq!(visits, shown);
                                free += 1;
                            }
                            Total::Exactly(visits) if cells > 0 => {
                                let rest = visits - shown;
                                prop_assert!(rest >= least && rest <= (cells - 1) * (least - 1));
                            }
                            Total::Exactly(visits) => prop_assert_eq!(visits, shown),
                        }
                    }
                    if let (Total::Exactly(visits), 1..) = (lane.visits, free) {
                        let rest = visits - shown_of_day;
                        prop_assert!(rest >= least && rest <= (free - 1) * (least - 1));
                    }
                    prop_assert!(lane.times.iter().all(|band| band.visits >= least));
                }
            }
        }

        /// Two publications say no more than the later one: nothing that was published changes.
        #[test]
        fn c40_what_was_published_stays_as_it_was(counts in any_counts(), at in 8_i8..23) {
            let counters = counters(&counts);
            let hours = |now| publish(&counters, now, LEAST).pop().map(|day| day.hours);
            let early = hours(DAY.at(at, 30, 0, 0)).unwrap_or_default();
            let late = hours(next_day()).unwrap_or_default();
            prop_assert!(late.starts_with(&early));
        }

        /// What is published is true.
        #[test]
        fn totals_are_those_of_the_counters(counts in any_counts()) {
            let counters = counters(&counts);
            let all: u32 = counters.visits.iter().map(|count| count.visits).sum();
            for day in publish(&counters, next_day(), LEAST) {
                let Some(whole) = day.whole else { panic!("the day is over") };
                match whole.visits {
                    Total::Exactly(visits) => prop_assert_eq!(visits, all),
                    Total::AtLeast(visits) => prop_assert!(visits <= all),
                }
            }
        }
    }
}
