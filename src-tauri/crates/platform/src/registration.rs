//! A registration platform, whichever it is: what a kiosk asks of it and tells it.
//!
//! How another one is added: docs/adapters.md. Every adapter passes the conformance tests of
//! `tests/conformance`.

use std::borrow::Cow;
use std::path::PathBuf;

use admission::Refusal;
use async_trait::async_trait;
use jiff::Timestamp;
use seal::{BadgeKeys, CodeFormat, Locator, RosterSalt};
use store::{Changes, OutboxEntry, OutboxKind, PhotoDue, RefusedScan};
use transport::{ServerTime, TransportError};
use zeroize::Zeroizing;

/// A registration platform.
///
/// No method waits longer than the transport's time limits, and each may be asked again after any
/// failure: nothing is counted twice.
#[async_trait]
pub trait Registration: Send + Sync {
    /// Where to begin in order to hear of all changes since that time.
    fn since(&self, at: Timestamp) -> Cursor;

    /// Asks for the changes from there on. What arrives is sealed already, under the keys that each
    /// badge's own code gives; the codes are gone. `loaded`: the roster, if there is one. `now`: the
    /// kiosk's time.
    async fn pull(
        &self,
        from: &Cursor,
        loaded: Option<&Loaded>,
        now: Timestamp,
    ) -> Result<Pulled, RegistrationError>;

    /// Fetches the reference photo of the badge that is in front of the kiosk, whose keys are
    /// there, and seals it.
    async fn photo(&self, position: i64, keys: &BadgeKeys) -> Result<Photo, RegistrationError>;

    /// Fetches reference photos ahead of the visits and seals them: of the first of these
    /// attendees, and of as many of the others as come with it easily. The adapter asks for the
    /// codes once more, and forgets them again. Whoever is not in the answer could not be found.
    async fn photos(
        &self,
        wanted: &[PhotoDue],
        terms: &Terms,
    ) -> Result<Vec<(i64, Photo)>, RegistrationError>;

    /// Tells of a check-in that has happened, or is about to.
    async fn check_in(&self, entry: &OutboxEntry) -> Result<Heard, RegistrationError>;

    /// Takes a check-in back.
    async fn annul(&self, entry: &OutboxEntry) -> Result<Heard, RegistrationError>;

    /// Tells one entry of the outbox.
    async fn push(&self, entry: &OutboxEntry) -> Result<Heard, RegistrationError> {
        match entry.kind {
            OutboxKind::Checkin => self.check_in(entry).await,
            OutboxKind::Annulment => self.annul(entry).await,
        }
    }

    /// Tells that a known badge was refused at this kiosk. What was scanned is not sent.
    async fn report_refused(&self, scan: &RefusedScan) -> Result<Heard, RegistrationError>;

    /// The salt of the roster that this platform fills, the same at all its kiosks; none where each
    /// roster brings its own.
    fn salt(&self) -> Result<Option<RosterSalt>, RegistrationError> {
        Ok(None)
    }

    /// Shows that this kiosk is there, and that the platform still knows it: a small question, by
    /// whose answer is seen how busy the platform is ([`crate::Pace`]).
    async fn greet(&self) -> Result<(), RegistrationError> {
        Err(RegistrationError::NoNetwork)
    }

    /// The platform's time, as its last answer told it.
    fn server_time(&self) -> Option<ServerTime> {
        None
    }

    /// Gives the head of the audit log, a signed note, to where nobody at the kiosk can change it.
    async fn tell_head(&self, _head: &str) -> Result<(), RegistrationError> {
        Err(RegistrationError::NoNetwork)
    }

    /// How it is with the key of the kiosk's account. `days`: how long a key counts; 0: for ever.
    fn key(&self, _days: u16, _now: Timestamp) -> Key {
        Key::Counts
    }

    /// Fetches the new key that was asked for, and returns the account with it, to be kept.
    async fn new_key(&self, _now: Timestamp) -> Result<Zeroizing<Vec<u8>>, RegistrationError> {
        Err(RegistrationError::NoNetwork)
    }
}

/// The key of a kiosk's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// It counts.
    Counts,
    /// It has had its time.
    Due,
    /// Another one was asked for, and no answer is kept: nothing but asking again leads on.
    Asked,
}

/// The roster that is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Its id.
    pub id: String,
    /// Its edition; 0 of one that a platform fills.
    pub sequence: u32,
    /// How its badges are read.
    pub terms: Terms,
}

/// How the badges of a roster are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The salt of their keys.
    pub salt: RosterSalt,
    /// How their codes are written.
    pub code_format: CodeFormat,
}

/// How far the changes were read. What is in it is the adapter's business; the kiosk keeps it as it
/// is, together with what it was given up to there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor(pub String);

/// What came of asking for changes.
#[derive(Debug)]
pub enum Pulled {
    /// Nothing has changed.
    Nothing,
    /// Some changes, to be applied in one transaction with the cursor ([`store::Store::apply`]).
    Changes(Box<Changes>),
    /// A whole roster as a signed file: all or nothing ([`crate::bundle::import`]).
    Bundle(PathBuf),
}

/// A reference photo.
#[derive(Debug, PartialEq, Eq)]
pub enum Photo {
    /// Sealed under the badge.
    Sealed {
        /// The badge that it is for.
        locator: Locator,
        /// The sealed photo.
        sealed: Vec<u8>,
    },
    /// There is none that can be used, with the code of the reason.
    Absent(&'static str),
}

/// What became of an entry of the outbox at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It has it.
    Accepted,
    /// It has it, or not, but not as it should be: staff should know.
    Refused(Refusal),
}

/// Why the platform has not answered. The entry waits.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// There is no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The one-time token was used before, or never was one.
    #[error("the platform does not accept this token: a token connects one kiosk, once")]
    Token,
    /// The platform has revoked this kiosk's account, and says so.
    #[error("the platform has revoked this kiosk's account")]
    Revoked,
    /// The platform does not know the account's key: another one took its place, or the platform
    /// forgot it.
    #[error("the platform does not know this kiosk's key: connect the kiosk anew")]
    KeyUnknown,
    /// It asks to come later.
    #[error("the platform is busy")]
    Busy,
    /// An answer that makes no sense: an error of the server, or a page of something in between.
    #[error("the platform answered {status}, which is not understood")]
    Unexpected {
        /// HTTP status.
        status: u16,
    },
    /// The answer is not what it should be.
    #[error("{field} is missing or wrong in the platform's answer")]
    Malformed {
        /// The field, with the way to it.
        field: Cow<'static, str>,
    },
    /// The place from which to go on was written by another version: all is to be read again.
    #[error("the place from which to go on is not readable")]
    Cursor,
    /// There is no way to tell it: the entry waits, and leaves with an export.
    #[error("there is no network to tell it: see `postern platform export`")]
    NoNetwork,
    /// A folder of signed files could not be read.
    #[error("the folder of signed files could not be read")]
    Folder(#[source] std::io::Error),
    /// A badge's contents could not be sealed.
    #[error("what the platform sent could not be sealed")]
    Seal(#[from] seal::SealError),
}

impl RegistrationError {
    /// The answer has no such field, or a wrong one.
    pub(crate) fn field(field: &'static str) -> Self {
        Self::Malformed { field: Cow::Borrowed(field) }
    }
}
