//! Counters of visits: no row of them is about anybody.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Row, TransactionBehavior};
use statistics::{Counters, EndedVisit, Hour, Lane, Outcome, TimeClass, TimeCount, VisitCount};

use crate::columns::{days_after, millis, word};
use crate::{Store, StoreError};

/// Days for which counters stay: half a year, for the report after the event. Those of a day go
/// together: what is left of a day in the meantime would tell what had gone.
pub const COUNTER_DAYS: u16 = 180;

impl Store {
    /// Counts a visit that has ended.
    pub fn count_visit(&mut self, visit: &EndedVisit) -> Result<(), StoreError> {
        let mut count = || {
            let EndedVisit { hour, lane, outcome, time } = visit;
            let day = hour.day.to_string();
            let midnight = TimeZone::UTC.to_timestamp(hour.day.at(0, 0, 0, 0));
            let expires = millis(days_after(midnight.unwrap_or_default(), COUNTER_DAYS));
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.prepare_cached(
                "INSERT INTO visit_count VALUES (?1, ?2, ?3, ?4, 1, ?5)
                 ON CONFLICT DO UPDATE SET visits = visits + 1",
            )?
            .execute((&day, hour.hour, lane.word(), outcome.word(), expires))?;
            tx.prepare_cached(
                "INSERT INTO visit_time VALUES (?1, ?2, ?3, ?4, 1, ?5)
                 ON CONFLICT DO UPDATE SET visits = visits + 1",
            )?
            .execute((
                &day,
                lane.word(),
                outcome.is_decided(),
                time.begins(),
                expires,
            ))?;
            tx.commit()
        };
        count().map_err(StoreError::CountVisit)
    }

    /// What was counted on these days, the last one included.
    pub fn visit_counters(&self, from: Date, to: Date) -> Result<Counters, StoreError> {
        let days = [from.to_string(), to.to_string()];
        let read = || {
            let visits = self
                .db
                .prepare_cached(
                    "SELECT day, hour, lane, outcome, visits FROM visit_count
                     WHERE day BETWEEN ?1 AND ?2",
                )?
                .query_map(days.each_ref(), |row| {
                    Ok(VisitCount {
                        hour: Hour { day: day(row)?, hour: row.get(1)? },
                        lane: word(row, 2, Lane::read)?,
                        outcome: word(row, 3, Outcome::read)?,
                        visits: row.get(4)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            let times = self
                .db
                .prepare_cached(
                    "SELECT day, lane, decided, seconds, visits FROM visit_time
                     WHERE day BETWEEN ?1 AND ?2",
                )?
                .query_map(days.each_ref(), |row| {
                    Ok(TimeCount {
                        day: day(row)?,
                        lane: word(row, 1, Lane::read)?,
                        decided: row.get(2)?,
                        time: TimeClass::containing(row.get(3)?),
                        visits: row.get(4)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(Counters { visits, times })
        };
        read().map_err(StoreError::ReadCounters)
    }
}

fn day(row: &Row<'_>) -> rusqlite::Result<Date> {
    row.get_ref(0)?.as_str()?.parse().map_err(|_| {
        let why = Box::new(FromSqlError::InvalidType);
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, why)
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::time::Duration;

    use jiff::civil::date;

    use super::*;
    use crate::testing::{self, AT, DAY};

    fn visit(hour: i8, outcome: Outcome, seconds: u64) -> EndedVisit {
        EndedVisit {
            hour: Hour { day: date(2026, 11, 5), hour },
            lane: Lane::Face,
            outcome,
            time: TimeClass::of(Duration::from_secs(seconds)),
        }
    }

    #[test]
    fn visits_of_the_same_hour_are_one_row_with_their_number() {
        let (folder, mut store) = testing::store();
        for (hour, outcome, seconds) in [
            (9, Outcome::Matched, 8),
            (9, Outcome::Matched, 8),
            (9, Outcome::Left, 8),
            (10, Outcome::Matched, 71),
        ] {
            store.count_visit(&visit(hour, outcome, seconds)).unwrap();
        }
        drop(store);
        let store = Store::open_folder(folder.path()).unwrap();
        let days =
            |from, to| store.visit_counters(date(2026, 11, from), date(2026, 11, to)).unwrap();
        let counters = days(1, 5);
        let counted: Vec<_> =
            counters.visits.iter().map(|c| (c.hour.hour, c.outcome, c.visits)).collect();
        let expected = [(9, Outcome::Left, 1), (9, Outcome::Matched, 2), (10, Outcome::Matched, 1)];
        assert_eq!(counted, expected);
        let times: Vec<_> =
            counters.times.iter().map(|t| (t.decided, t.time.begins(), t.visits)).collect();
        assert_eq!(times, [(false, 8, 1), (true, 8, 2), (true, 70, 1)]);
        assert_eq!((days(1, 4), days(6, 9)), (Counters::default(), Counters::default()));
    }

    #[test]
    fn c40_counters_have_no_column_that_tells_of_a_person_or_of_a_moment() {
        let (_folder, store) = testing::store();
        let columns = |table: &str| -> Vec<String> {
            let sql = format!("SELECT name FROM pragma_table_info('{table}')");
            let mut statement = store.db.prepare(&sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let counts = ["day", "hour", "lane", "outcome", "visits", "expires_at"];
        assert_eq!(columns("visit_count"), counts);
        let times = ["day", "lane", "decided", "seconds", "visits", "expires_at"];
        assert_eq!(columns("visit_time"), times);
    }

    #[test]
    fn c08_the_counters_of_a_day_go_together_after_half_a_year() {
        let (_folder, mut store) = testing::store();
        for hour in [0, 9, 23] {
            store.count_visit(&visit(hour, Outcome::Matched, 8)).unwrap();
        }
        let mut left = |days: i32| {
            store.purge_expired(AT + DAY * days).unwrap();
            let counters = store.visit_counters(date(2026, 11, 5), date(2026, 11, 5)).unwrap();
            (counters.visits.len(), counters.times.len())
        };
        assert_eq!(left(i32::from(COUNTER_DAYS) - 1), (3, 1));
        assert_eq!(left(i32::from(COUNTER_DAYS)), (0, 0));
    }
}
