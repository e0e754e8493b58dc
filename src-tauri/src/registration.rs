//! The registration platform: tells it in the background what happened at this gate, asks it who
//! is gone, and gives it the head of the audit log.
//!
//! No visit waits for it. What it has not heard stays in the outbox, in order, until it has.

use std::sync::Arc;
use std::time::Duration;

use checkin::{Event, State};
use jiff::Timestamp;
use platform::pretix::{Account, Asked, Gone, Place, Pretix, Software};
use platform::{Heard, RegistrationError};
use store::{BadgeId, OutboxEntry, Store, StoreError};
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

    fn pretix(&self) -> Pretix<'_> {
        Pretix { transport: &self.transport, account: &self.account }
    }

    /// Tells everything, asks for everything, and stops at the first failure.
    async fn round(&self, desk: &Desk, first: bool) -> Result<(), Stopped> {
        self.tell_all(desk).await?;
        self.ask_who_is_gone(desk).await?;
        self.pretix().greet().await?;
        if let Some((size, head)) = desk.head(first).await? {
            self.pretix().tell_head(&head, Software::THIS).await?;
            desk.head_told(size).await?;
        }
        Ok(())
    }

    /// Tells what waits, oldest first.
    async fn tell_all(&self, desk: &Desk) -> Result<(), Stopped> {
        while let Some(entry) = desk.next().await? {
            let heard = self.pretix().tell(&entry, &self.place).await?;
            desk.heard(entry.id, heard).await?;
        }
        Ok(())
    }

    /// Removes whoever is gone at the platform since it was asked last (C35, C36). Between two
    /// answers check-ins go first.
    async fn ask_who_is_gone(&self, desk: &Desk) -> Result<(), Stopped> {
        let mut asked = desk.asked_until().await?.map(Asked::from);
        while let Some(here) = asked {
            let gone = match self.pretix().gone(&self.place, here, desk.clock.now()).await {
                Err(RegistrationError::Unexpected { status: 403 }) => {
                    let what = "the platform does not tell this kiosk who is gone: give the \
                                device the profile pretixSCAN, or load signed lists";
                    return desk.tell(Input::Incident(what.to_owned())).await;
                }
                gone => gone?,
            };
            asked = gone.next;
            desk.bury(gone).await?;
            self.tell_all(desk).await?;
        }
        Ok(())
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

    async fn asked_until(&self) -> Result<Option<Timestamp>, Stopped> {
        self.answered(self.db.run(|store| store.asked_until()), "tombstones").await
    }

    async fn bury(&self, gone: Gone) -> Result<(), Stopped> {
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
    async fn head(&self, at_once: bool) -> Result<Option<(u64, String)>, Stopped> {
        let now = self.clock.now();
        let due = self.db.run(move |store| store.head_to_tell(at_once, now));
        let due = self.answered(due, "audit log").await?;
        Ok(due.map(|(head, note)| (head.size, note)))
    }

    async fn head_told(&self, size: u64) -> Result<(), Stopped> {
        let now = self.clock.now();
        self.answered(self.db.run(move |store| store.head_told(size, now)), "audit log").await
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
    /// What stays here for a while of badges that are gone there.
    pub(crate) quarantined: u32,
    /// Whether it answers.
    pub(crate) link: Link,
    /// Wakes whoever tells.
    poke: Arc<Notify>,
}

impl Telling {
    /// The outbox was looked at.
    pub(crate) fn outbox(&mut self, waiting: u32, refused: u32, quarantined: u32) {
        if waiting > self.waiting {
            self.poke.notify_one();
        }
        (self.waiting, self.refused, self.quarantined) = (waiting, refused, quarantined);
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

    /// Badges are gone (C35). A visit with one of them comes to a person: nothing of it is shown or
    /// compared any more, and nothing of it can be written.
    pub(crate) fn erased(&mut self, badges: &[BadgeId]) {
        let held = self.held.badge.as_ref().map(|badge| badge.entry.id);
        if held.is_some_and(|held| badges.contains(&held)) {
            self.held.badge = None;
            self.held.eea = false;
            if !matches!(self.state(), State::Staff(_)) {
                self.on(Event::StaffCalled);
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

/// Goes on until the database is closed.
async fn run(registration: Registration, desk: Desk) {
    let (mut pause, mut first) = (PAUSES.0, true);
    loop {
        let told = registration.round(&desk, first).await;
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
            if first {
                tracing::info!("the registration platform heard all, and was asked who is gone");
            }
            (pause, first) = (PAUSES.0, false);
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
