//! The kiosk's clock: this machine's, and what it was before.

use std::time::Instant;

use jiff::Timestamp;
use store::{Count, Jump, Reading, Store, StoreError};

/// The clock of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
    count: Count,
}

impl Clock {
    /// Goes on from the time that was kept; without one, from the machine's.
    pub(crate) fn resume(kept: Option<Timestamp>) -> Self {
        let started = Instant::now();
        Self { started, count: Count::resume(kept, read(started)) }
    }

    /// The clock of a kiosk whose database is open.
    pub(crate) fn of(store: &Store) -> Result<Self, StoreError> {
        store.kept_time().map(Self::resume)
    }

    /// The kiosk's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.count.now(read(self.started))
    }

    /// Looks at the machine's clock again: see [`Count::advance`].
    pub(crate) fn advance(&mut self) -> (Timestamp, Option<Jump>) {
        self.count.advance(read(self.started))
    }
}

fn read(started: Instant) -> Reading {
    Reading { wall: Timestamp::now(), steady: started.elapsed() }
}
