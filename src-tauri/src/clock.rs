//! The kiosk's clock: this machine's, and what it was before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use store::{Count, Jump, Reading, Store, StoreError};

/// The clock of this machine. Clones are the same clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    started: Instant,
    count: Arc<Mutex<Count>>,
}

impl Clock {
    /// Goes on from the time that was kept; without one, from the machine's.
    pub(crate) fn resume(kept: Option<Timestamp>) -> Self {
        let started = Instant::now();
        let count = Count::resume(kept, read(started));
        Self { started, count: Arc::new(Mutex::new(count)) }
    }

    /// The clock of a kiosk whose database is open.
    pub(crate) fn of(store: &Store) -> Result<Self, StoreError> {
        store.kept_time().map(Self::resume)
    }

    /// The kiosk's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.count().now(read(self.started))
    }

    /// Looks at the machine's clock again: see [`Count::advance`].
    pub(crate) fn advance(&self) -> (Timestamp, Option<Jump>) {
        self.count().advance(read(self.started))
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(started: Instant) -> Reading {
    Reading { wall: Timestamp::now(), steady: started.elapsed() }
}
