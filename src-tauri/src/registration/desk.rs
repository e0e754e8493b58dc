//! What the telling needs of the kiosk: its database, its clock, and the controller's ear.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use platform::bundle::{BundleError, TrustedKey};
use platform::{Begun, Loaded, Photo, Refusal, RegistrationError, Terms};
use seal::RosterSalt;
use store::{
    Changes, FetchedPhoto, OutboxEntry, OutboxKind, PhotoDue, ReadFrom, RefusedScan, RosterTerms,
    Store, StoreError,
};
use tokio::sync::{Notify, mpsc, oneshot};
use transport::ServerTime;

use super::clock::ServerClock;
use super::online::Claims;
use super::outbox::{Failures, Patience, Told};
use super::reading::Reading;

use crate::clock::Clock;
use crate::config::PlatformSettings;
use crate::controller::Input;
use crate::db::Db;
use crate::effects::{self, failed};
use crate::roster::Roster;

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
    /// What is asked about at the gate just now.
    pub(super) claims: Claims,
    pub(super) patience: Patience,
    failures: Mutex<Failures>,
    server_clock: Mutex<ServerClock>,
    reading: Mutex<Reading>,
    /// The changes were read.
    pub(super) changes_read: Notify,
    pub(super) settings: PlatformSettings,
    /// Whose rosters are loaded.
    pub(super) trusted: Vec<TrustedKey>,
}

impl Desk {
    pub(super) fn new(
        db: Db,
        clock: Clock,
        inputs: mpsc::Sender<Input>,
        poke: Arc<Notify>,
        settings: PlatformSettings,
        trusted: Vec<TrustedKey>,
    ) -> Self {
        Self {
            db,
            clock,
            inputs,
            poke,
            claims: Claims::default(),
            patience: Patience::default(),
            failures: Mutex::default(),
            server_clock: Mutex::default(),
            reading: Mutex::new(Reading::new(settings.every())),
            changes_read: Notify::new(),
            settings,
            trusted,
        }
    }

    /// The next entry to be told: not one that is set aside, nor one that the gate asks about.
    pub(super) async fn next(&self) -> Result<Option<OutboxEntry>, Stopped> {
        let (claims, aside) = (self.claims.clone(), self.failures().aside(Instant::now()));
        let next = self.db.run(move |store| {
            let claimed = claims.ids();
            let skipped = claimed.len().saturating_add(aside.len());
            let most = u32::try_from(skipped).unwrap_or(u32::MAX).saturating_add(1);
            let mut heads = store.outbox_heads(most)?.into_iter();
            Ok(heads.find(|e| !claimed.contains(&e.id) && !aside.contains(&Told::Entry(e.id))))
        });
        self.answered(next, "outbox").await
    }

    /// The telling of an entry begins. False when there is nothing more to tell.
    pub(super) async fn begin(&self, id: i64) -> Result<bool, Stopped> {
        self.answered(self.db.run(move |store| store.outbox_begin(id)), "outbox").await
    }

    /// Nothing of it has left this machine.
    pub(super) async fn unsent(&self, id: i64) -> Result<(), Stopped> {
        self.answered(self.db.run(move |store| store.outbox_unsent(id)), "outbox").await
    }

    /// The platform has it, or has what `refusal` says against it.
    pub(super) async fn heard(&self, id: i64, refusal: Option<Refusal>) -> Result<(), Stopped> {
        let now = self.clock.now();
        self.settled(move |store| store.outbox_heard(id, refusal.map(Refusal::word), now)).await
    }

    /// The platform would not have accepted it. Whoever is inside is told once more, with force;
    /// where nobody passed, there is nothing to be kept.
    pub(super) async fn refused(
        &self,
        entry: &OutboxEntry,
        refusal: Refusal,
    ) -> Result<(), Stopped> {
        let (id, now) = (entry.id, self.clock.now());
        let forced = entry.kind == OutboxKind::Checkin && !entry.forced;
        let checkin = entry.kind == OutboxKind::Checkin;
        self.settled(move |store| {
            if checkin && store.outbox_annulled(id)? {
                store.outbox_void(id, now)
            } else if forced && refusal != Refusal::Unknown {
                store.outbox_force(id, refusal.word())
            } else {
                store.outbox_heard(id, Some(refusal.word()), now)
            }
        })
        .await
    }

    /// The platform has refused before anybody passed.
    pub(super) async fn refuse(&self, id: i64, refusal: Refusal) -> Result<(), Stopped> {
        let now = self.clock.now();
        self.settled(move |store| store.refuse_checkin(id, refusal, now).map(drop)).await
    }

    /// Tells the controller how much waits.
    pub(super) async fn count(&self) -> Result<(), Stopped> {
        self.settled(|_| Ok(())).await
    }

    async fn settled(
        &self,
        write: impl FnOnce(&mut Store) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Stopped> {
        let written = self.db.run(move |store| {
            write(store)?;
            store.outbox_counts()
        });
        let counts = self.answered(written, "outbox").await?;
        self.tell(effects::outbox_of(counts)).await
    }

    /// Begins the roster that the platform fills, if there is none.
    pub(super) async fn begin_roster(&self, salt: RosterSalt) -> Result<Begun, Stopped> {
        let now = self.clock.now();
        let begun = self.db.run(move |store| match platform::begin_roster(store, salt, now) {
            Err(BundleError::Store(error)) => Err(error),
            begun => Ok(begun),
        });
        match self.answered(begun, "roster").await? {
            Ok(begun) => Ok(begun),
            Err(error) => {
                self.tell(Input::Incident(format!("no roster: {error}"))).await?;
                Err(Stopped::Store)
            }
        }
    }

    /// The next refused scan; none while the first of them is set aside.
    pub(super) async fn next_refused_scan(&self) -> Result<Option<RefusedScan>, Stopped> {
        let next = self.db.run(|store| store.refused_scan_next());
        let next = self.answered(next, "refused scan").await?;
        let aside = self.failures().aside(Instant::now());
        Ok(next.filter(|scan| !aside.contains(&Told::Scan(scan.id))))
    }

    pub(super) async fn refused_scan_told(&self, id: i64) -> Result<(), Stopped> {
        let told = self.db.run(move |store| store.refused_scan_told(id));
        self.answered(told, "refused scan").await
    }

    /// What has failed so far.
    pub(super) fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When changes and photos are asked for.
    pub(super) fn reading(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An answer came, and told what time it is there.
    pub(super) fn hear_time(&self, time: Option<ServerTime>) {
        if let Some(time) = time {
            self.server_clock().hear(time);
        }
    }

    /// A time of this kiosk's clock as it is told.
    pub(super) fn in_server_time(&self, at: Timestamp) -> Timestamp {
        self.server_clock().correct(at, self.clock.now(), Instant::now())
    }

    /// How much the server's clock is ahead, if it is known.
    pub(super) fn offset(&self) -> Option<SignedDuration> {
        let server = self.server_clock().now(Instant::now())?;
        Some(server.duration_since(self.clock.now()))
    }

    fn server_clock(&self) -> MutexGuard<'_, ServerClock> {
        self.server_clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the roster's badges are read, and from where its changes; none without a roster.
    pub(super) async fn read_from(&self) -> Result<(Option<Loaded>, Option<ReadFrom>), Stopped> {
        let from = self.db.run(|store| Ok((loaded(store)?, store.read_from()?)));
        self.answered(from, "roster").await
    }

    /// The next changes are read from the beginning.
    pub(super) async fn read_anew(&self) -> Result<(), Stopped> {
        self.answered(self.db.run(Store::read_anew), "roster").await
    }

    /// Applies a page of changes.
    pub(super) async fn apply(&self, changes: Box<Changes>) -> Result<(), Stopped> {
        let now = self.clock.now();
        let applied = self.db.run(move |store| {
            let erased = store.apply(&changes, now)?;
            let counts = if erased.is_empty() { None } else { Some(store.outbox_counts()?) };
            Ok((erased, counts, store.progress()?))
        });
        let (erased, counts, progress) = self.answered(applied, "roster").await?;
        if let Some(counts) = counts {
            self.tell(Input::Erased(erased)).await?;
            self.tell(effects::outbox_of(counts)).await?;
        }
        self.tell(Input::Progress(progress)).await
    }

    /// Photos to fetch next.
    pub(super) async fn photos_due(
        &self,
        together: u32,
    ) -> Result<Option<(Terms, Vec<PhotoDue>)>, Stopped> {
        let due = self.db.run(move |store| {
            let terms = loaded(store)?.map(|loaded| loaded.terms);
            Ok(terms.zip(Some(store.photos_due(together)?)))
        });
        self.answered(due, "photos").await
    }

    /// False if the badge has gone or changed meanwhile.
    pub(super) async fn keep_photo(&self, position: i64, photo: Photo) -> Result<bool, Stopped> {
        let kept = self.db.run(move |store| keep_photo(store, position, &photo));
        self.answered(kept, "photos").await
    }

    pub(super) async fn put_photo_off(&self, position: i64) -> Result<(), Stopped> {
        self.answered(self.db.run(move |store| store.put_photo_off(position)), "photos").await
    }

    /// Shows the technician how far the roster is.
    pub(super) async fn show_progress(&self) -> Result<(), Stopped> {
        let progress = self.db.run(|store| store.progress());
        let progress = self.answered(progress, "roster").await?;
        self.tell(Input::Progress(progress)).await
    }

    /// The controller takes note of the roster as it is now.
    pub(super) async fn show_roster(&self) -> Result<(), Stopped> {
        let loaded = self.db.run(|store| Ok(effects::loaded(Roster::load(store))));
        let loaded = self.answered(loaded, "roster").await?;
        self.tell(loaded).await
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

/// The roster that is loaded.
fn loaded(store: &Store) -> Result<Option<Loaded>, StoreError> {
    let terms = store.roster_terms()?;
    Ok(terms.map(|RosterTerms { id, sequence, salt, code_format }| Loaded {
        id,
        sequence,
        terms: Terms { salt, code_format },
    }))
}

/// Keeps a photo that was fetched.
pub(crate) fn keep_photo(
    store: &mut Store,
    position: i64,
    photo: &Photo,
) -> Result<bool, StoreError> {
    let photo = match photo {
        Photo::Sealed { locator, sealed } => FetchedPhoto::Sealed { locator, sealed },
        Photo::Absent(code) => FetchedPhoto::Absent(code),
    };
    store.keep_photo(position, &photo)
}
