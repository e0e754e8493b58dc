//! The roster bundle: one signed file.
//!
//! ```text
//! magic      8 bytes  "POSTERN\n"
//! version    u16      1
//! header     u32 length (at most 1 MiB), JSON: roster, sequence, times, salt, policy pack
//! attendee*  'A', u32 length (at most 16 KiB), JSON with the sealed record in base64,
//!                 u32 length (at most 2 MiB), the sealed photo (length 0: none)
//! trailer    'Z', u32 number of attendees,
//!                 32 bytes SHA-512/256 of every byte before,
//!                 64 bytes Ed25519 signature of "postern roster bundle 1" and that hash
//! ```
//!
//! Integers are little-endian. Both directions run through the file once with a buffer per
//! section, whatever the number of attendees. Nothing follows the trailer.

mod error;
mod folder;
mod format;
mod import;
mod keys;
mod make;
mod sheet;

pub use error::BundleError;
pub use folder::SignedFolder;
pub(crate) use format::MAX_PHOTO;
pub use import::{Imported, import};
pub use keys::{BundleKey, TrustedKey};
pub(crate) use make::Part;
pub use make::{Flagged, Made, Order, Refused, make};

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
