//! What can fail with bundles.

use std::io;

use jiff::Timestamp;
use jiff::civil::Date;
use seal::SealError;
use store::StoreError;

use crate::PolicyError;

/// One variant per cause. No personal data.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The bundle could not be read.
    #[error("the file could not be read")]
    Read(#[source] io::Error),
    /// The bundle could not be written.
    #[error("the file could not be written")]
    Write(#[source] io::Error),
    /// The file does not begin like what is wanted.
    #[error("the file is not {wanted}")]
    IsNot {
        /// What that is.
        wanted: &'static str,
    },
    /// The file is of another kind than what is wanted.
    #[error("the file is {name}: load it with `{load}`")]
    IsAnother {
        /// What it is.
        name: &'static str,
        /// The command that loads it.
        load: &'static str,
    },
    /// A version of the format that this program does not know.
    #[error("the file has format version {0}, which this program does not know")]
    UnknownVersion(u16),
    /// The file ends too early.
    #[error("the file is cut off")]
    Truncated,
    /// There are bytes behind the trailer.
    #[error("there are bytes behind the end of the file")]
    TrailingBytes,
    /// A section is longer than the format allows.
    #[error("the {section} of the file is longer than the format allows")]
    TooLong {
        /// Its kind.
        section: &'static str,
    },
    /// A section cannot be understood.
    #[error("the {section} of the file cannot be understood")]
    Malformed {
        /// Its kind.
        section: &'static str,
    },
    /// The hash does not fit: the file was damaged on its way.
    #[error("the file is damaged: its hash does not fit")]
    Damaged,
    /// No trusted key has signed the bundle.
    #[error("the file is not signed by a trusted key")]
    Untrusted,
    /// The policy pack is not fit.
    #[error("the policy pack is not fit: {0}")]
    Policy(#[from] PolicyError),
    /// The pack speaks of a day that this kiosk has not reached.
    #[error("the policy pack was updated on {updated}, and here it is {today}: look at the clock")]
    FromTheFuture {
        /// `last_updated` of the pack.
        updated: Date,
        /// The kiosk's day.
        today: Date,
    },
    /// The event of the roster is over.
    #[error("the event of this policy pack ended at {0}")]
    EventOver(Timestamp),
    /// A version is dated before the one that it follows, or after the one that follows it.
    #[error("version {newer} is dated before version {older}, which it should follow")]
    DatesCross {
        /// The higher version.
        newer: String,
        /// The lower version.
        older: String,
    },
    /// A version that is known came with another text.
    #[error("version {0} is known with another text: a changed text needs a new version")]
    VersionTaken(String),
    /// A pack on its own belongs to another policy than the roster that is loaded.
    #[error("the pack is of the policy `{offered}`; the loaded roster is of `{loaded}`")]
    OtherPolicy {
        /// `id` of the pack.
        offered: String,
        /// `id` of the policy in force.
        loaded: String,
    },
    /// The store refused.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Sealing failed.
    #[error("an attendee could not be sealed")]
    Seal(#[from] SealError),
    /// The list of attendees could not be read.
    #[error("the list of attendees could not be read")]
    ReadSheet(#[source] io::Error),
    /// The list of attendees lacks a column.
    #[error("the list of attendees has no column `{0}`")]
    MissingColumn(&'static str),
    /// No row of the list can be used.
    #[error("no row of the list of attendees can be used")]
    NoAttendees,
    /// A row of a list that must be complete cannot be used.
    #[error("line {line}: {reason}; no list was made")]
    BadRow {
        /// Line in the list.
        line: u64,
        /// `no_code`, `malformed_code` or `bad_position`.
        reason: &'static str,
    },
    /// A photo could not be read for a reason other than being absent.
    #[error("the photo of line {line} could not be read")]
    ReadPhoto {
        /// Line in the list.
        line: u64,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A key file could not be read or written.
    #[error("the key file could not be read or written")]
    KeyFile(#[source] io::Error),
    /// A key was to be written over an existing file. Nothing was overwritten.
    #[error("there is a key file already; nothing was overwritten")]
    KeyExists,
    /// The secret key file can be read by others than its owner.
    #[error("the secret key file can be read by other users; run chmod 600 on it")]
    KeyFileTooOpen,
    /// A key is not 64 hexadecimal digits, or no key.
    #[error("a key is 64 hexadecimal digits")]
    MalformedKey,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
}
