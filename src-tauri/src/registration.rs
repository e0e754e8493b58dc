//! The registration platform: tells it in the background what happened at this gate.
//!
//! No visit waits for it. What it has not heard stays in the outbox, in order, until it has.

use std::sync::Arc;
use std::time::Duration;

use platform::pretix::{Account, Place, Pretix};
use platform::{Heard, RegistrationError};
use store::{OutboxEntry, Store, StoreError};
use thiserror::Error;
use tokio::sync::{Notify, mpsc, oneshot};
use transport::{SettingsError, Transport};

use crate::clock::Clock;
use crate::controller::{Controller, Input};
use crate::db::Db;
use crate::effects::{self, failed};
use crate::view::Link;

/// How often an idle kiosk shows that it is there.
const IDLE: Duration = Duration::from_mins(1);
/// Pauses after failures: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(5));

/// The platform of one kiosk.
pub(crate) struct Registration {
    transport: Transport,
    account: Account,
    place: Place,
}

/// Why there is no platform although there should be one.
#[derive(Debug, Error)]
pub(crate) enum NoRegistration {
    /// The database.
    #[error("the account at the platform cannot be read: {0}")]
    Store(#[from] StoreError),
    /// What the database holds.
    #[error(transparent)]
    Unreadable(#[from] platform::pretix::Unreadable),
    /// The configuration.
    #[error("[network] in the configuration: {0}")]
    Settings(#[from] SettingsError),
    /// Half set up.
    #[error("choose the check-in list: see `postern platform choose`")]
    NoPlace,
}

impl Registration {
    /// The platform to which this kiosk was connected; none without an account.
    pub(crate) fn of(
        network: &transport::Settings,
        store: &Store,
    ) -> Result<Option<Self>, NoRegistration> {
        let Some(account) = store.registration()? else { return Ok(None) };
        let account = Account::from_bytes(&account)?;
        let place = account.place.clone().ok_or(NoRegistration::NoPlace)?;
        Ok(Some(Self { transport: Transport::new(network)?, account, place }))
    }

    /// Tells everything that waits, oldest first, and stops at the first failure.
    async fn tell_all(&self, desk: &Desk) -> Result<(), Stopped> {
        let pretix = Pretix { transport: &self.transport, account: &self.account };
        while let Some(entry) = desk.next().await? {
            let heard = pretix.tell(&entry, &self.place).await?;
            desk.heard(entry.id, heard).await?;
        }
        Ok(pretix.greet().await?)
    }
}

/// Why the telling stopped.
enum Stopped {
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
struct Desk {
    db: Db,
    clock: Clock,
    inputs: mpsc::Sender<Input>,
    /// Something was put into the outbox.
    poke: Arc<Notify>,
}

impl Desk {
    async fn next(&self) -> Result<Option<OutboxEntry>, Stopped> {
        self.answered(self.db.run(|store| store.outbox_next()), "outbox").await
    }

    async fn heard(&self, id: i64, heard: Heard) -> Result<(), Stopped> {
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

    async fn answered<T>(
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

    async fn tell(&self, input: Input) -> Result<(), Stopped> {
        self.inputs.send(input).await.map_err(|_| Stopped::Ended)
    }
}

/// What the controller knows of the telling.
#[derive(Default)]
pub(crate) struct Telling {
    /// How many entries of the outbox wait.
    pub(crate) waiting: u32,
    /// How many the platform did not accept.
    pub(crate) refused: u32,
    /// Whether it answers.
    pub(crate) link: Link,
    /// Wakes whoever tells.
    poke: Arc<Notify>,
}

impl Telling {
    /// The outbox was looked at.
    pub(crate) fn outbox(&mut self, waiting: u32, refused: u32) {
        if waiting > self.waiting {
            self.poke.notify_one();
        }
        (self.waiting, self.refused) = (waiting, refused);
    }
}

impl Controller {
    /// Begins to tell the registration platform what happens here.
    pub(crate) fn connect(&mut self, found: Result<Option<Registration>, NoRegistration>, db: Db) {
        match found {
            Ok(None) => self.telling.link = Link::None,
            Ok(Some(registration)) => {
                self.telling.link = Link::Lost;
                let (inputs, poke) = (self.inputs.clone(), Arc::clone(&self.telling.poke));
                tokio::spawn(run(registration, Desk { db, clock: self.clock, inputs, poke }));
            }
            Err(error) => {
                self.telling.link = Link::Lost;
                self.note(&error.to_string());
            }
        }
    }

    /// The platform has answered, or not.
    pub(crate) fn linked(&mut self, link: Link) {
        if link == Link::Revoked && self.telling.link != link {
            self.note("the registration platform has revoked this kiosk");
        }
        self.telling.link = link;
    }
}

/// Tells until the database is closed.
async fn run(registration: Registration, desk: Desk) {
    let mut pause = PAUSES.0;
    loop {
        let told = registration.tell_all(&desk).await;
        let reached = told.is_ok();
        let link = match told {
            Ok(()) => Link::Connected,
            Err(Stopped::Unanswered(RegistrationError::Revoked)) => Link::Revoked,
            Err(Stopped::Unanswered(error)) => {
                tracing::info!("the registration platform: {error}");
                Link::Lost
            }
            Err(Stopped::Store) => Link::Lost,
            Err(Stopped::Ended) => return,
        };
        if desk.tell(Input::Link(link)).await.is_err() {
            return;
        }
        if reached {
            pause = PAUSES.0;
            tokio::select! {
                () = tokio::time::sleep(IDLE) => {}
                () = desk.poke.notified() => {}
            }
        } else {
            tokio::time::sleep(spread(pause)).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }
}

/// A pause of 75 to 125 %, so that the kiosks of a venue do not all come back at once.
fn spread(pause: Duration) -> Duration {
    let mut random = [128];
    getrandom::fill(&mut random).ok();
    pause.mul_f64(0.75 + f64::from(random[0]) / 510.0)
}
