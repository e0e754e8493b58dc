//! What can fail with bundles.

use std::io;

use seal::SealError;
use store::StoreError;

use crate::PolicyError;

/// One variant per cause. No personal data.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The bundle could not be read.
    #[error("the bundle could not be read")]
    Read(#[source] io::Error),
    /// The bundle could not be written.
    #[error("the bundle could not be written")]
    Write(#[source] io::Error),
    /// The file does not begin like a bundle.
    #[error("the file is not a roster bundle")]
    NotABundle,
    /// A version of the format that this program does not know.
    #[error("the bundle has format version {0}, which this program does not know")]
    UnknownVersion(u16),
    /// The file ends too early.
    #[error("the bundle is cut off")]
    Truncated,
    /// There are bytes behind the trailer.
    #[error("there are bytes behind the end of the bundle")]
    TrailingBytes,
    /// A section is longer than the format allows.
    #[error("the {section} of the bundle is longer than the format allows")]
    TooLong {
        /// Its kind.
        section: &'static str,
    },
    /// A section cannot be understood.
    #[error("the {section} of the bundle cannot be understood")]
    Malformed {
        /// Its kind.
        section: &'static str,
    },
    /// The hash does not fit: the file was damaged on its way.
    #[error("the bundle is damaged: its hash does not fit")]
    Damaged,
    /// No trusted key has signed the bundle.
    #[error("the bundle is not signed by a trusted key")]
    Untrusted,
    /// The policy pack is not fit.
    #[error("the policy pack is not fit: {0}")]
    Policy(#[from] PolicyError),
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
