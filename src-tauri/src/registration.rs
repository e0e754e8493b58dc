//! The registration platform: tells it in the background what happened at this gate, reads the
//! roster and its changes, fetches photos, and gives it the head of the audit log.
//!
//! A visit waits for it for a moment at most: for its word before the gate opens, and for the photo
//! of a badge whose photo is still to come. What it has not heard stays in the outbox until it has.

mod account;
mod changes;
mod clock;
mod conflicts;
mod desk;
mod folder;
mod online;
mod outbox;
mod photos;
mod reading;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use checkin::{CodeProblem, Event, State, VisitNonce};
use platform::pretix::{Account, Pretix, QuestionNames};
use platform::{Key, Refusal, RegistrationError};
use store::{BadgeId, Progress, Store, StoreError};
use thiserror::Error;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use transport::{SettingsError, Transport};

use crate::controller::{Controller, Input};
use crate::db::Db;
use crate::effects::failed;
use crate::view::Link;
pub(crate) use account::begin_roll;
pub(crate) use clock::ClockWatch;
pub(crate) use conflicts::Conflict;
pub(crate) use desk::keep_photo;
use desk::{Desk, Stopped};
pub(crate) use online::Online;
pub(crate) use reading::News;

/// Pauses after failures: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));

/// The platform of one kiosk.
pub(crate) struct Registration {
    platform: Box<dyn platform::Registration>,
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
        let questions = QuestionNames::default();
        Ok(Some(Self { platform: Box::new(Pretix { transport, account, place, questions }) }))
    }

    /// Tells everything, asks for what is due to be asked for, and stops at the first failure.
    async fn round(&self, desk: &Desk, first: bool) -> Result<(), Stopped> {
        let key = self.platform.key(desk.settings.roll_days, desk.clock.now());
        if key == Key::Asked {
            match self.take_new_key(desk).await {
                // The same request is still being answered: until then the old key may count.
                Err(Stopped::Unanswered(RegistrationError::Busy)) => {}
                ended => return ended,
            }
        }
        if key == Key::Due {
            return desk.ask_for_new_key().await;
        }
        // First of all what time it is there, over a connection that may be a new one.
        self.platform.greet().await?;
        desk.hear_time(self.platform.server_time());
        // It answers: the gate asks it again, however much waits.
        desk.tell(Input::Link(Link::Connected)).await?;
        self.tell_all(desk).await?;
        if let Some((size, head)) = desk.head(first).await? {
            self.platform.tell_head(&head).await?;
            desk.head_told(size).await?;
        }
        if desk.reading().begin(Instant::now()) {
            let read = self.read(desk).await;
            desk.changes_read.notify_waiters();
            desk.reading().ended(read.as_ref().ok().copied(), Instant::now());
            read?;
        }
        Ok(())
    }

    /// One turn of reading: changes, and then photos, if the platform has time for that. True when
    /// there is more.
    async fn read(&self, desk: &Desk) -> Result<bool, Stopped> {
        if !self.greet(desk).await? {
            return Ok(true);
        }
        let more = self.read_changes(desk).await?;
        desk.changes_read.notify_waiters();
        Ok(self.fetch_photos(desk).await? || more)
    }

    /// Sees how busy the platform is. True when a page may be read.
    async fn greet(&self, desk: &Desk) -> Result<bool, Stopped> {
        let begun = Instant::now();
        self.platform.greet().await?;
        let reads = desk.reading().greeted(begun.elapsed(), Instant::now());
        desk.hear_time(self.platform.server_time());
        Ok(reads)
    }

    /// Whether the platform has time for another page at once. What waits to be told goes first.
    async fn has_time(&self, desk: &Desk) -> Result<bool, Stopped> {
        self.tell_all(desk).await?;
        Ok(self.greet(desk).await? && desk.reading().is_free())
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
    /// How far the roster is.
    pub(crate) progress: Progress,
    /// Whether it answers.
    pub(crate) link: Link,
    /// The platform, for the photo of a badge that is here.
    pub(crate) platform: Option<Arc<Registration>>,
    /// The newest of that.
    pub(crate) conflicts: Vec<Conflict>,
    /// The platform as the gate asks it.
    pub(crate) online: Option<Online>,
    /// What whoever tells needs of the kiosk.
    desk: Option<Arc<Desk>>,
    /// Notices when the clock is set.
    watch: Option<ClockWatch>,
    /// The platform has revoked this kiosk: nobody is served until it is connected anew.
    pub(crate) locked: bool,
    /// Wakes whoever tells.
    poke: Arc<Notify>,
    /// Who tells.
    task: Option<JoinHandle<()>>,
}

impl Telling {
    /// The platform as the gate asks it, while it answers.
    pub(crate) fn answers(&self) -> Option<Online> {
        self.online.clone().filter(|_| self.link == Link::Connected)
    }

    /// The outbox was looked at.
    pub(crate) fn outbox(&mut self, waiting: u32, refused: u32, quarantined: u32) {
        if waiting > self.waiting {
            self.poke.notify_one();
        }
        (self.waiting, self.refused, self.quarantined) = (waiting, refused, quarantined);
    }

    /// Who can ask for changes early; none while the platform does not answer.
    pub(crate) fn news(&self) -> Option<News> {
        self.desk.clone().filter(|_| self.link == Link::Connected).map(News)
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
        (self.telling.platform, self.telling.online, self.telling.desk) = (None, None, None);
        self.lock(matches!(found, Err(NoRegistration::Revoked)));
        match found {
            Ok(None) => self.telling.link = Link::None,
            Ok(Some(registration)) => {
                self.telling.link = Link::Lost;
                let registration = Arc::new(registration);
                self.telling.platform = Some(Arc::clone(&registration));
                let (inputs, poke) = (self.inputs.clone(), Arc::clone(&self.telling.poke));
                let settings = self.config.platform;
                let trusted = self.config.trusted().unwrap_or_default();
                let clock = self.clock.clone();
                let desk = Arc::new(Desk::new(db, clock, inputs, poke, settings, trusted));
                let wait = settings.wait();
                let (asked, at) = (Arc::clone(&registration), Arc::clone(&desk));
                let online = Online { registration: asked, desk: at, wait };
                self.telling.desk = Some(Arc::clone(&desk));
                self.telling.online = Some(online).filter(|_| !wait.is_zero());
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

    /// A known badge was refused here: the platform is to hear of it. Of a code that is not known
    /// nothing is sent, for whatever was scanned may be anything, a page of a diary too.
    pub(crate) fn report_refused(&self, visit: VisitNonce, problem: CodeProblem) {
        let Some(badge) = self.held.badge.as_ref().map(|badge| badge.entry.id) else { return };
        let refusal = match problem {
            CodeProblem::AlreadyUsed => Refusal::AlreadyRedeemed,
            CodeProblem::Expired | CodeProblem::NotYetValid => Refusal::InvalidTime,
            CodeProblem::Blocked => Refusal::Blocked,
            CodeProblem::Unpaid => Refusal::Unpaid,
            CodeProblem::Unapproved => Refusal::Unapproved,
            CodeProblem::WrongProduct => Refusal::Product,
            CodeProblem::Revoked => Refusal::Revoked,
            CodeProblem::Unknown | CodeProblem::Malformed => return,
        };
        if self.telling.link == Link::None {
            return;
        }
        let (at, poke) = (self.clock.now(), Arc::clone(&self.telling.poke));
        self.with_store(move |store| {
            match store.refuse_scan(visit.0, badge, refusal.word(), at) {
                Ok(true) => poke.notify_one(),
                Ok(false) => {}
                Err(error) => return vec![failed("refused scan", &error)],
            }
            Vec::new()
        });
    }

    /// Nobody passed the open gate. A visit that is over is not asked: its check-in is taken back
    /// all the same.
    pub(crate) fn not_turned(&mut self, visit: VisitNonce) {
        if self.nonce() == Some(visit) && matches!(self.state(), State::Admit(_)) {
            self.on(Event::GateNotTurned);
        } else {
            self.annul_checkin(visit);
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
async fn run(registration: Arc<Registration>, desk: Arc<Desk>) {
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
        if let Some(offset) = desk.offset()
            && desk.tell(Input::ServerClock(offset)).await.is_err()
        {
            return;
        }
        if reached {
            if first {
                tracing::info!("the registration platform heard all, and was asked who is gone");
            }
            (pause, first) = (PAUSES.0, false);
            let wait = desk.reading().wait(Instant::now()).min(desk.settings.every());
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
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
