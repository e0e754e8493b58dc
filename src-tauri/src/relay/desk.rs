//! What the relay needs of the kiosk: its database, its clock, and the controller's ear.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ::relay::RelayError;
use jiff::Timestamp;
use store::{Announced, StoreError};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::{Pulse, RelayNews};
use crate::clock::Clock;
use crate::controller::Input;
use crate::db::Db;
use crate::effects::failed;

/// Why a connection is no longer used.
pub(super) enum Ended {
    /// The relay itself.
    Relay(RelayError),
    /// The database: it has told the technician itself.
    Store,
    /// The database's thread has ended, or the controller.
    Kiosk,
}

impl From<RelayError> for Ended {
    fn from(error: RelayError) -> Self {
        Self::Relay(error)
    }
}

/// What the relay needs of the kiosk.
pub(super) struct Desk {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) inputs: mpsc::Sender<Input>,
    /// Something may have been admitted, taken back or erased.
    pub(super) poke: Arc<Notify>,
    /// How this kiosk is.
    pub(super) pulse: watch::Receiver<Pulse>,
}

impl Desk {
    /// Keeps what kiosks said, and tells of badges that were admitted twice.
    pub(super) async fn hear(
        &self,
        heard: Vec<(String, Announced)>,
        own: String,
    ) -> Result<(), Ended> {
        let written = self.db.run(move |store| {
            store.hear_announced(&heard, &own)?;
            store.conflicts()
        });
        let conflicts = self.answered(written).await?;
        self.tell(Input::Relay(RelayNews::Conflicts(conflicts))).await
    }

    /// What the others have yet to hear, so many at most.
    pub(super) async fn due(&self, most: usize) -> Result<Vec<Announced>, Ended> {
        self.answered(self.db.run(move |store| store.announced_due(most))).await
    }

    /// The broker keeps these.
    pub(super) async fn told(&self, taken: Vec<Announced>) -> Result<(), Ended> {
        let now = self.clock.now();
        let write = move |store: &mut store::Store| {
            taken.iter().try_for_each(|said| store.announced_told(said, now))
        };
        self.answered(self.db.run(write)).await
    }

    /// Queues again what the broker has lost.
    pub(super) async fn missing(&self, kept: HashMap<[u8; 32], Timestamp>) -> Result<usize, Ended> {
        self.answered(self.db.run(move |store| store.announce_missing(&kept))).await
    }

    pub(super) async fn tell(&self, input: Input) -> Result<(), Ended> {
        self.inputs.send(input).await.map_err(|_| Ended::Kiosk)
    }

    async fn answered<T>(
        &self,
        answer: oneshot::Receiver<Result<T, StoreError>>,
    ) -> Result<T, Ended> {
        match answer.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                self.tell(failed("relay", &error)).await?;
                Err(Ended::Store)
            }
            Err(_) => Err(Ended::Kiosk),
        }
    }
}

/// A pause of 75 to 125 %, so that the kiosks of a venue do not all come back at once.
pub(super) fn spread(pause: Duration) -> Duration {
    let mut random = [128];
    getrandom::fill(&mut random).ok();
    pause.mul_f64(0.75 + f64::from(random[0]) / 510.0)
}
