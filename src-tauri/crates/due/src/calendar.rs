//! Working days of mainland China, and the day until which a request is answered.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;

/// Working days in which a request is answered (C39).
const WORKING_DAYS: u32 = 15;
/// Days in which it is answered at the latest (C46).
const DAYS: i32 = 30;

/// Which days are worked in mainland China.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
}

/// What differs from Monday to Friday in one year.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    /// Free weekdays.
    holidays: Vec<Date>,
    /// Worked weekend days.
    work: Vec<Date>,
}

impl Calendar {
    /// The calendar of `assets/calendar/cn.toml`, which is part of the program.
    pub fn mainland_china() -> Self {
        // A calendar without years has no free days: what cannot be read makes nothing late.
        Self::read(include_str!("../../../../assets/calendar/cn.toml")).unwrap_or_default()
    }

    fn read(text: &str) -> Option<Self> {
        let years: BTreeMap<String, Year> = toml::from_str(text).ok()?;
        let years = years.into_iter().map(|(year, days)| Some((year.parse().ok()?, days)));
        Some(Self { years: years.collect::<Option<_>>()? })
    }

    /// The last day on which a request of this day is answered in time: the 15th working day after
    /// it, or the 30th day if that is earlier.
    pub fn due(&self, filed: Date) -> Date {
        let mut left = WORKING_DAYS;
        let mut day = filed;
        for _ in 0..DAYS {
            day = day.saturating_add(1.day());
            left -= u32::from(self.is_worked(day));
            if left == 0 {
                break;
            }
        }
        day
    }

    /// In a year that is not known every day counts: which weekends are worked is decided year by
    /// year, and a request must not be late for it.
    fn is_worked(&self, day: Date) -> bool {
        let Some(year) = self.years.get(&day.year()) else { return true };
        match day.weekday() {
            Weekday::Saturday | Weekday::Sunday => year.work.contains(&day),
            _ => !year.holidays.contains(&day),
        }
    }
}

/// The day in mainland China, which has one time zone and has not moved its clocks since 1991.
pub fn today(now: Timestamp) -> Date {
    now.to_zoned(china()).date()
}

/// When a day ends there; stops at the end of time.
pub fn end_of(day: Date) -> Timestamp {
    let next = day.saturating_add(1.day()).to_zoned(china());
    next.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

fn china() -> TimeZone {
    TimeZone::fixed(offset(8))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// Made in Python from the packages chinesecalendar 1.11.0 and holidays 0.109, which agree:
    /// the 15th day after the first for which `is_workday` is true.
    const VECTORS: [(&str, &str); 22] = [
        // Spring Festival.
        ("2025-01-20", "2025-02-14"),
        ("2025-01-24", "2025-02-20"),
        ("2025-01-27", "2025-02-24"),
        ("2026-01-30", "2026-02-27"),
        ("2026-02-09", "2026-03-06"),
        ("2026-02-13", "2026-03-12"),
        ("2026-02-14", "2026-03-13"),
        ("2026-02-27", "2026-03-19"),
        // Labour Day.
        ("2025-04-18", "2025-05-13"),
        ("2026-04-20", "2026-05-13"),
        // National Day.
        ("2025-09-19", "2025-10-16"),
        ("2025-09-26", "2025-10-23"),
        ("2025-09-30", "2025-10-28"),
        ("2026-09-11", "2026-10-09"),
        ("2026-09-18", "2026-10-15"),
        ("2026-09-30", "2026-10-27"),
        // Over the end of a year, and the weeks of the fair.
        ("2025-12-15", "2026-01-06"),
        ("2026-11-05", "2026-11-26"),
        ("2026-11-06", "2026-11-27"),
        ("2026-11-07", "2026-11-27"),
        ("2026-11-23", "2026-12-14"),
        ("2026-12-10", "2026-12-31"),
    ];

    #[test]
    fn c39_a_request_is_due_on_the_15th_working_day_of_mainland_china() {
        let calendar = Calendar::mainland_china();
        for (filed, due) in VECTORS {
            let filed = filed.parse().unwrap();
            assert_eq!(calendar.due(filed).to_string(), due, "{filed}");
        }
    }

    #[test]
    fn c39_c46_thirty_days_count_where_they_are_over_earlier() {
        let holidays: Vec<_> = (1..=28).map(|day| format!("\"2030-02-{day:02}\"")).collect();
        let holidays = holidays.join(",");
        let calendar = Calendar::read(&format!("[2030]\nholidays = [{holidays}]\nwork = []"));
        assert_eq!(calendar.unwrap().due(date(2030, 1, 31)), date(2030, 3, 2));
    }

    #[test]
    fn the_day_is_the_venues_and_not_the_machines() {
        for (now, day) in [
            ("2026-11-05T15:59:59Z", date(2026, 11, 5)),
            ("2026-11-05T16:00:00Z", date(2026, 11, 6)),
        ] {
            assert_eq!(today(now.parse().unwrap()), day);
        }
        assert_eq!(end_of(date(2026, 11, 5)), "2026-11-05T16:00:00Z".parse().unwrap());
    }

    #[test]
    fn every_day_of_the_file_differs_from_an_ordinary_week() {
        let calendar = Calendar::mainland_china();
        assert_eq!(calendar.years.keys().copied().collect::<Vec<_>>(), [2025, 2026]);
        for (year, days) in &calendar.years {
            for (listed, at_weekend) in [(&days.holidays, false), (&days.work, true)] {
                for day in listed {
                    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
                    assert_eq!((day.year(), weekend), (*year, at_weekend), "{day}");
                }
            }
        }
    }

    #[test]
    fn a_calendar_that_cannot_be_read_is_none() {
        for text in ["[2026]\nholidays = []", "[next]\nholidays = []\nwork = []", "2026 = 1"] {
            assert!(Calendar::read(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn c39_a_year_that_is_not_known_makes_a_due_date_earlier_or_the_same(
            after in 0_i32..730,
            other in prop::collection::vec(0_u16..365, 0..60),
        ) {
            let filed = date(2029, 1, 1).saturating_add(after.days());
            let day = |n: u16| date(2030, 1, 1).saturating_add(i32::from(n).days());
            let weekend = |d: &Date| matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday);
            let list = |free: bool| {
                let days = other.iter().map(|n| day(*n)).filter(|d| weekend(d) != free);
                days.map(|d| format!("\"{d}\"")).collect::<Vec<_>>().join(",")
            };
            let (holidays, work) = (list(true), list(false));
            // Whatever the notice for 2030 will say.
            let known = format!("[2030]\nholidays = [{holidays}]\nwork = [{work}]");
            let known = Calendar::read(&known).unwrap().due(filed);
            let unknown = Calendar::default().due(filed);
            prop_assert!(filed < unknown && unknown <= known);
            prop_assert!(known <= filed.saturating_add(30.days()));
        }
    }
}
