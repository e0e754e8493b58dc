//! A registration platform, whichever it is: what a kiosk asks of it and tells it.
//!
//! How another one is added: docs/adapters.md. Every adapter passes the conformance tests of
//! `tests/conformance`.

use std::path::PathBuf;

use admission::{CheckinList, Refusal, Ticket};
use async_trait::async_trait;
use jiff::Timestamp;
use seal::{BadgeKeys, Locator, RosterSalt};
use store::{Age, OutboxEntry, OutboxKind};
use transport::TransportError;

/// A registration platform.
///
/// No method waits longer than the transport's time limits, and each may be asked again after any
/// failure: nothing is counted twice.
#[async_trait]
pub trait Registration: Send + Sync {
    /// Asks for the changes from there on. What arrives is sealed already, under the keys that each
    /// badge's own code gives with `salt`; the codes are gone.
    async fn pull(&self, from: &Cursor, salt: &RosterSalt) -> Result<Pulled, RegistrationError>;

    /// Fetches the reference photo of an attendee and seals it.
    async fn photo(&self, wanted: Wanted<'_>) -> Result<Photo, RegistrationError>;

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
    /// Some changes, to be applied in one transaction with the cursor.
    Page(Box<Page>),
    /// A whole roster as a signed file: all or nothing ([`crate::bundle::import`]).
    Bundle(PathBuf),
}

/// Some changes.
#[derive(Debug)]
pub struct Page {
    /// What the entrance asks, if that was asked for.
    pub list: Option<CheckinList>,
    /// New and changed attendees.
    pub arrivals: Vec<Arrival>,
    /// Numbers of positions that are cancelled or deleted.
    pub gone: Vec<i64>,
    /// Codes that no longer count.
    pub void: Vec<(Locator, Refusal)>,
    /// When the platform said so, by its own clock if it tells that.
    pub at: Timestamp,
    /// Where to go on.
    pub next: Cursor,
    /// There are more changes now.
    pub more: bool,
    /// How many changes there are in all, if that is known.
    pub total: Option<u64>,
}

/// One attendee as it is kept: nothing of it is readable without the badge.
pub struct Arrival {
    /// Number at the platform.
    pub position: i64,
    /// Under this the badge is found.
    pub locator: Locator,
    /// For the entrance's rules.
    pub ticket: Ticket,
    /// Blocked by the organiser.
    pub blocked: bool,
    /// Not valid before.
    pub valid_from: Option<Timestamp>,
    /// Not valid from then on.
    pub valid_until: Option<Timestamp>,
    /// Which side of 14 the holder is on.
    pub age: Age,
    /// The sealed record.
    pub sealed_record: Vec<u8>,
    /// The platform's name for the present photo; none: there is none.
    pub photo: Option<String>,
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Arrival(..)")
    }
}

/// Whose photo is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// Of the badge that is in front of the kiosk: its keys are there.
    Here {
        /// Number at the platform.
        position: i64,
        /// The badge's keys.
        keys: &'a BadgeKeys,
    },
    /// Ahead of the visit: the adapter asks for the code once more, and forgets it again.
    Ahead {
        /// Number at the platform.
        position: i64,
        /// The roster's salt.
        salt: &'a RosterSalt,
    },
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
        /// The field.
        field: &'static str,
    },
}
