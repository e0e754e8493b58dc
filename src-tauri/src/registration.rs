//! The registration platform: tells it in the background what happened at this gate, asks it who
//! is gone, and gives it the head of the audit log.
//!
//! No visit waits for it. What it has not heard stays in the outbox, in order, until it has.

mod account;
mod changes;
mod desk;
mod outbox;

use std::sync::Arc;
use std::time::Duration;

use checkin::{Event, State};
use platform::RegistrationError;
use platform::pretix::{Account, Pretix, Software};
use store::{BadgeId, Store, StoreError};
use thiserror::Error;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use transport::{SettingsError, Transport};

use crate::controller::{Controller, Input};
use crate::db::Db;
use crate::view::Link;
pub(crate) use account::begin_roll;
use desk::{Desk, Stopped};

/// How often an idle kiosk shows that it is there.
const IDLE: Duration = Duration::from_mins(1);
/// Pauses after failures: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(5));

/// The platform of one kiosk.
pub(crate) struct Registration {
    pretix: Pretix,
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
    /// By the platform.
    #[error("the registration platform has revoked this kiosk: connect it anew")]
    Revoked,
}

impl Registration {
    /// The platform to which this kiosk was connected; none without an account.
    pub(crate) fn of(
        network: &transport::Settings,
        store: &Store,
    ) -> Result<Option<Self>, NoRegistration> {
        let Some(account) = store.registration()? else { return Ok(None) };
        if store.revoked_at()?.is_some() {
            return Err(NoRegistration::Revoked);
        }
        let account = Account::from_bytes(&account)?;
        let place = account.place.clone().ok_or(NoRegistration::NoPlace)?;
        let transport = Transport::new(network)?;
        Ok(Some(Self { pretix: Pretix { transport, account, place } }))
    }

    /// Tells everything, asks for everything, and stops at the first failure.
    async fn round(&self, desk: &Desk, first: bool) -> Result<(), Stopped> {
        let rolling = self.pretix.account.is_rolling();
        if rolling {
            match self.take_new_key(desk).await {
                // The same request is still being answered: until then the old key may count.
                Err(Stopped::Unanswered(RegistrationError::Busy)) => {}
                ended => return ended,
            }
        }
        self.tell_all(desk).await?;
        self.ask_who_is_gone(desk).await?;
        let server = self.pretix.server();
        server.greet().await?;
        if let Some((size, head)) = desk.head(first).await? {
            server.tell_head(&head, Software::THIS).await?;
            desk.head_told(size).await?;
        }
        if !rolling && self.pretix.account.roll_due(desk.roll_days, desk.clock.now()) {
            return desk.ask_for_new_key().await;
        }
        Ok(())
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
    /// The platform has revoked this kiosk: nobody is served until it is connected anew.
    pub(crate) locked: bool,
    /// Wakes whoever tells.
    poke: Arc<Notify>,
    /// Who tells.
    task: Option<JoinHandle<()>>,
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
    /// Begins to tell the registration platform what happens here. Whoever told it before has ended
    /// by then: what was on its way is told again.
    pub(crate) fn connect(&mut self, found: Result<Option<Registration>, NoRegistration>, db: Db) {
        let before = self.telling.task.take();
        if let Some(before) = &before {
            before.abort();
        }
        self.lock(matches!(found, Err(NoRegistration::Revoked)));
        match found {
            Ok(None) => self.telling.link = Link::None,
            Ok(Some(registration)) => {
                self.telling.link = Link::Lost;
                let (inputs, poke) = (self.inputs.clone(), Arc::clone(&self.telling.poke));
                let roll_days = self.config.platform.roll_days;
                let desk = Desk { db, clock: self.clock, inputs, poke, roll_days };
                self.telling.task = Some(tokio::spawn(async move {
                    if let Some(before) = before {
                        before.await.ok(); // it was told to end
                    }
                    run(registration, desk).await;
                }));
            }
            Err(NoRegistration::Revoked) => {
                self.telling.link = Link::Revoked;
                self.note(&NoRegistration::Revoked.to_string());
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
        if link == Link::KeyUnknown && self.telling.link != link {
            self.note(&RegistrationError::KeyUnknown.to_string());
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
            Err(Stopped::Unanswered(RegistrationError::Revoked)) => match desk.revoked().await {
                Ok(()) | Err(Stopped::Ended) => return,
                // What could not be deleted is tried again with the next answer.
                Err(_) => Link::Revoked,
            },
            Err(Stopped::Unanswered(RegistrationError::KeyUnknown)) => Link::KeyUnknown,
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
