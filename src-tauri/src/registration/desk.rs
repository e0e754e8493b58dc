//! What the telling needs of the kiosk: its database, its clock, and the controller's ear.

use std::sync::Arc;

use jiff::Timestamp;
use platform::pretix::Gone;
use platform::{Heard, RegistrationError};
use store::{OutboxEntry, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::clock::Clock;
use crate::controller::Input;
use crate::db::Db;
use crate::effects::{self, failed};

/// Why the telling stopped.
pub(super) enum Stopped {
    /// The platform has not answered.
    Unanswered(RegistrationError),
    /// The database: it has told the technician itself.
    Store,
    /// The database's thread has ended, or the controller.
    Ended,
}

impl From<RegistrationError> for Stopped {
    fn from(error: RegistrationError) -> Self {
        Self::Unanswered(error)
    }
}

/// What the telling needs of the kiosk.
pub(super) struct Desk {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) inputs: mpsc::Sender<Input>,
    /// Something was put into the outbox.
    pub(super) poke: Arc<Notify>,
    /// Days after which the account gets a new key; 0: never.
    pub(super) roll_days: u16,
}

impl Desk {
    pub(super) async fn next(&self) -> Result<Option<OutboxEntry>, Stopped> {
        self.answered(self.db.run(|store| store.outbox_next()), "outbox").await
    }

    pub(super) async fn heard(&self, id: i64, heard: Heard) -> Result<(), Stopped> {
        let refusal = match heard {
            Heard::Accepted => None,
            Heard::Refused(refusal) => Some(refusal.word()),
        };
        let now = self.clock.now();
        let written = self.db.run(move |store| {
            store.outbox_heard(id, refusal, now)?;
            store.counts()
        });
        let counts = self.answered(written, "outbox").await?;
        self.tell(effects::outbox_of(counts)).await
    }

    pub(super) async fn asked_until(&self) -> Result<Option<Timestamp>, Stopped> {
        self.answered(self.db.run(|store| store.asked_until()), "tombstones").await
    }

    pub(super) async fn bury(&self, gone: Gone) -> Result<(), Stopped> {
        let now = self.clock.now();
        let buried = self.db.run(move |store| {
            let Gone { positions, at, until, .. } = gone;
            let erased = store.bury_positions(&positions, at, until, now)?;
            let counts = if erased.is_empty() { None } else { Some(store.counts()?) };
            Ok((erased, counts))
        });
        let (erased, counts) = self.answered(buried, "tombstones").await?;
        if let Some(counts) = counts {
            self.tell(Input::Erased(erased)).await?;
            self.tell(effects::outbox_of(counts)).await?;
        }
        Ok(())
    }

    /// The head of the audit log, if it is due.
    pub(super) async fn head(&self, at_once: bool) -> Result<Option<(u64, String)>, Stopped> {
        let now = self.clock.now();
        let due = self.db.run(move |store| store.head_to_tell(at_once, now));
        let due = self.answered(due, "audit log").await?;
        Ok(due.map(|(head, note)| (head.size, note)))
    }

    pub(super) async fn head_told(&self, size: u64) -> Result<(), Stopped> {
        let now = self.clock.now();
        self.answered(self.db.run(move |store| store.head_told(size, now)), "audit log").await
    }

    pub(super) async fn answered<T>(
        &self,
        answer: oneshot::Receiver<Result<T, StoreError>>,
        what: &str,
    ) -> Result<T, Stopped> {
        match answer.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                self.tell(failed(what, &error)).await?;
                Err(Stopped::Store)
            }
            Err(_) => Err(Stopped::Ended),
        }
    }

    pub(super) async fn tell(&self, input: Input) -> Result<(), Stopped> {
        self.inputs.send(input).await.map_err(|_| Stopped::Ended)
    }
}
