//! What the telling needs of the kiosk: its database, its clock, and the controller's ear.

use std::sync::Arc;

use platform::bundle::BundleError;
use platform::{Begun, Heard, Loaded, Photo, RegistrationError, Terms};
use seal::RosterSalt;
use store::{
    Changes, FetchedPhoto, OutboxEntry, PhotoDue, ReadFrom, RosterTerms, Store, StoreError,
};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::clock::Clock;
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

    /// How the roster's badges are read, and from where its changes; none without a roster.
    pub(super) async fn read_from(&self) -> Result<Option<(Loaded, ReadFrom)>, Stopped> {
        let from = self.db.run(|store| Ok(loaded(store)?.zip(store.read_from()?)));
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
            let counts = if erased.is_empty() { None } else { Some(store.counts()?) };
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

    pub(super) async fn keep_photo(&self, position: i64, photo: Photo) -> Result<(), Stopped> {
        let kept = self.db.run(move |store| keep_photo(store, position, &photo));
        self.answered(kept, "photos").await.map(drop)
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
pub(super) fn loaded(store: &Store) -> Result<Option<Loaded>, StoreError> {
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
