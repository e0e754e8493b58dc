//! The time that expiry goes by: the machine's, unless that went back by more than a day.
//!
//! A clock that is set back must not keep anybody's data for longer. The latest known time is
//! kept in the database and counted on from there with a clock that nobody can set.

use std::time::Duration;

use audit::{Record, What};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, TransactionBehavior};

use crate::columns::millis;
use crate::{StaffMember, Store, StoreError, log};

/// A machine's clock that is off by less is corrected, not wrong.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(24);

/// What the machine says at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Its wall clock.
    pub wall: Timestamp,
    /// Time since any start, by a clock that nobody can set.
    pub steady: Duration,
}

/// How the wall clock differs from the kiosk's own count by more than the tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// The wall clock is behind by so many days. The kiosk goes on with its own count.
    Behind(i64),
    /// The wall clock went ahead by so many days. It is believed: to delete too early breaks no
    /// promise, to keep too long does.
    Ahead(i64),
}

/// The kiosk's time, counted on from the latest that it has known.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    latest: Timestamp,
    at: Duration,
}

impl Count {
    /// Goes on from the time that was kept before a restart, if any.
    pub fn resume(kept: Option<Timestamp>, reading: Reading) -> Self {
        let latest = kept.map_or(reading.wall, |kept| kept.max(reading.wall));
        Self { latest, at: reading.steady }
    }

    /// The kiosk's time.
    pub fn now(&self, reading: Reading) -> Timestamp {
        let counted = self.counted(reading);
        if counted.duration_since(reading.wall) > TOLERANCE { counted } else { reading.wall }
    }

    /// Goes on from this reading. Returns the time to keep, and how the wall clock differs.
    pub fn advance(&mut self, reading: Reading) -> (Timestamp, Option<Jump>) {
        let counted = self.counted(reading);
        let behind = counted.duration_since(reading.wall);
        let jump = if behind > TOLERANCE {
            Some(Jump::Behind(days(behind)))
        } else if -behind > TOLERANCE {
            Some(Jump::Ahead(days(-behind)))
        } else {
            None
        };
        *self = Self { latest: counted.max(reading.wall), at: reading.steady };
        (self.latest, jump)
    }

    fn counted(&self, reading: Reading) -> Timestamp {
        let passed = SignedDuration::try_from(reading.steady.saturating_sub(self.at));
        passed.ok().and_then(|p| self.latest.checked_add(p).ok()).unwrap_or(Timestamp::MAX)
    }
}

fn days(duration: SignedDuration) -> i64 {
    duration.as_hours() / 24
}

/// Where the latest time lies in `meta`: milliseconds since 1970-01-01 UTC, eight bytes, big-endian.
const LATEST: &str = "latest_time";
const KEEP: &str = "INSERT OR REPLACE INTO meta VALUES (?1, ?2)";

impl Store {
    /// The time that [`keep_time`](Self::keep_time) kept last.
    pub fn kept_time(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        let kept: Option<[u8; 8]> = self
            .db
            .query_row(sql, [LATEST], |row| row.get(0))
            .optional()
            .map_err(StoreError::KeepTime)?;
        // What cannot be a time was kept by no version of this program.
        Ok(kept.and_then(|at| Timestamp::from_millisecond(i64::from_be_bytes(at)).ok()))
    }

    /// Keeps a time, so that a machine whose clock was set back is noticed at the next start.
    pub fn keep_time(&mut self, at: Timestamp) -> Result<(), StoreError> {
        self.db
            .execute(KEEP, (LATEST, millis(at).to_be_bytes()))
            .map(drop)
            .map_err(StoreError::KeepTime)
    }

    /// Takes the machine's time for the true one, by the word of a member of staff.
    pub fn accept_time(
        &mut self,
        machine: Timestamp,
        before: Timestamp,
        by: StaffMember,
    ) -> Result<(), StoreError> {
        let record = Record::new(machine, by.into(), What::ClockAccepted { from: before });
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.execute(KEEP, (LATEST, millis(machine).to_be_bytes()))?;
            log::append(&tx, &self.signer, &record)?;
            tx.commit()
        };
        write().map_err(StoreError::KeepTime)
    }
}

#[cfg(test)]
mod tests;
