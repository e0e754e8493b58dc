//! The lock-out: wrong PINs in a row lock a number, each time for longer.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, TransactionBehavior, named_params};

use crate::columns::{days_after, millis, optional_time};
use crate::{Store, StoreError};

/// Wrong PINs in a row that lock a number.
pub const LOCK_AFTER_FAILURES: u32 = 5;

/// For how long: the first time, the second time in a row, and so on; the last stands for all
/// further ones. It ends at an hour because anybody at the kiosk can lock anybody's number.
pub const LOCK_MINUTES: [u32; 5] = [5, 10, 20, 40, 60];

/// An attempt to sign in, before its PIN is looked at.
#[derive(Clone, Copy)]
pub(crate) enum Attempt {
    /// If it fails, so many are left.
    Counted { left: u32 },
    /// If it fails, the number is locked.
    Locking { until: Timestamp, minutes: u32 },
    /// The number is locked; the attempt does not count.
    Locked { until: Timestamp },
}

/// Wrong PINs of one number in a row.
#[derive(Clone, Copy, Default)]
pub(crate) struct Failures {
    /// Since the last lock-out.
    in_a_row: u32,
    /// Lock-outs.
    locks: u32,
    locked_until: Option<Timestamp>,
}

impl Failures {
    /// With one more, unless the number is locked.
    fn and_another(self, now: Timestamp) -> (Self, Attempt) {
        let in_a_row = match self.locked_until {
            Some(until) if now < until => return (self, Attempt::Locked { until }),
            Some(_) => 1,
            None => self.in_a_row + 1,
        };
        let locks = self.locks;
        if in_a_row < LOCK_AFTER_FAILURES {
            let left = LOCK_AFTER_FAILURES - in_a_row;
            return (Self { in_a_row, locks, locked_until: None }, Attempt::Counted { left });
        }
        let longest = LOCK_MINUTES.len() - 1;
        let minutes = LOCK_MINUTES[longest.min(locks as usize)];
        let lasts = SignedDuration::from_mins(i64::from(minutes));
        let until = now.saturating_add(lasts).unwrap_or(Timestamp::MAX);
        let counted = Self { in_a_row, locks: locks + 1, locked_until: Some(until) };
        (counted, Attempt::Locking { until, minutes })
    }
}

impl Store {
    /// Counts an attempt before the PIN is looked at, so that switching off uncounts none. What
    /// was counted is forgotten with a PIN that fits, or after a day without an attempt.
    pub(crate) fn count_attempt(
        &mut self,
        number: u32,
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        match self.count_on_disk(number, now).map_err(StoreError::SignIn) {
            // Staff must be let in most of all when the disk is broken.
            Err(error) if error.trouble().is_some() => Ok(self.count_in_memory(number, now)),
            counted => counted,
        }
    }

    fn count_on_disk(&mut self, number: u32, now: Timestamp) -> rusqlite::Result<Attempt> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let earlier = tx
            .query_row(
                "SELECT failures, locks, locked_until FROM sign_in_failure WHERE number = ?1",
                [number],
                |row| {
                    Ok(Failures {
                        in_a_row: row.get(0)?,
                        locks: row.get(1)?,
                        locked_until: optional_time(row, 2)?,
                    })
                },
            )
            .optional()?;
        let (counted, attempt) = earlier.unwrap_or_default().and_another(now);
        if !matches!(attempt, Attempt::Locked { .. }) {
            tx.execute(
                "INSERT OR REPLACE INTO sign_in_failure
                   (number, failures, locks, locked_until, expires_at)
                 VALUES (:number, :failures, :locks, :locked_until, :expires_at)",
                named_params! {
                    ":number": number,
                    ":failures": counted.in_a_row,
                    ":locks": counted.locks,
                    ":locked_until": counted.locked_until.map(millis),
                    ":expires_at": millis(days_after(now, 1)),
                },
            )?;
            tx.commit()?;
        }
        Ok(attempt)
    }

    /// The same when the disk takes nothing: until the kiosk is started anew.
    fn count_in_memory(&mut self, number: u32, now: Timestamp) -> Attempt {
        let counted = self.uncounted.entry(number).or_default();
        let (failures, attempt) = counted.and_another(now);
        *counted = failures;
        attempt
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use audit::{Actor, Role, What};

    use super::*;
    use crate::testing::{self, AT, DAY};
    use crate::{Pin, SignIn};

    fn pin(text: &str) -> Pin {
        Pin::new(text.into())
    }

    #[test]
    fn c31_each_lock_out_in_a_row_is_longer_and_none_is_longer_than_an_hour() {
        let (mut failures, mut now) = (Failures::default(), AT);
        for minutes in [5, 10, 20, 40, 60, 60, 60] {
            let mut attempt;
            for left in (1..LOCK_AFTER_FAILURES).rev() {
                (failures, attempt) = failures.and_another(now);
                assert!(matches!(attempt, Attempt::Counted { left: l } if l == left));
            }
            let end = now + SignedDuration::from_mins(i64::from(minutes));
            (failures, attempt) = failures.and_another(now);
            assert!(
                matches!(attempt, Attempt::Locking { until, minutes: m } if until == end && m == minutes)
            );
            let just_before = end - SignedDuration::from_millis(1);
            (failures, attempt) = failures.and_another(just_before);
            assert!(matches!(attempt, Attempt::Locked { until } if until == end));
            now = end;
        }
    }

    #[test]
    fn c31_a_lock_out_and_how_long_the_next_one_is_outlast_a_restart() {
        let (folder, mut store) = testing::store();
        store.add_staff(7, &pin("482913"), Role::Guard, Actor::Console, AT).unwrap();
        let mut now = AT;
        for minutes in [5, 10] {
            for left in (1..LOCK_AFTER_FAILURES).rev() {
                let answer = store.sign_in(7, &pin("000000"), None, now).unwrap();
                assert_eq!(answer, SignIn::Refused { left });
            }
            let until = now + SignedDuration::from_mins(i64::from(minutes));
            let locked = SignIn::Locked { until };
            assert_eq!(store.sign_in(7, &pin("000000"), None, now).unwrap(), locked);
            assert_eq!(testing::log(&store).pop().unwrap().what, What::SignInLocked { minutes });
            drop(store);
            store = Store::open_folder(folder.path()).unwrap();
            assert_eq!(store.sign_in(7, &pin("482913"), None, now).unwrap(), locked);
            now = until;
        }
        let accepted = store.sign_in(7, &pin("482913"), None, now).unwrap();
        assert!(matches!(accepted, SignIn::Accepted(_)));
        // The next row of wrong PINs begins anew.
        for _ in 0..LOCK_AFTER_FAILURES {
            store.sign_in(7, &pin("000000"), None, now).unwrap();
        }
        assert_eq!(testing::log(&store).pop().unwrap().what, What::SignInLocked { minutes: 5 });
    }

    #[test]
    fn wrong_pins_are_forgotten_after_a_day_without_another() {
        let (_folder, mut store) = testing::store();
        for _ in 0..LOCK_AFTER_FAILURES {
            store.sign_in(7, &pin("000000"), None, AT).unwrap();
        }
        store.purge_expired(AT + DAY).unwrap();
        let rows: u32 = store
            .db
            .query_row("SELECT count(*) FROM sign_in_failure", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 0);
    }
}
