//! What a law may want kept of a visit (POLICY.md C07): one record, sealed to a key that no kiosk
//! has.
//!
//! A record is an age file (age-encryption.org/v1) with one X25519 recipient. Opened, it is one
//! line of JSON, a line feed, and then the picture to the last byte:
//!
//! ```text
//! {"postern_evidence":1,"outcome":"match","at":"2026-11-23T08:15:02Z","model":"…","picture":"jpeg"}
//! …JPEG…
//! ```
//!
//! [`Head`] is that line. There is no name in it, no code, no score and no template. Nothing in
//! this crate opens a record.

mod head;
mod recipient;
mod sealed;

pub use head::Head;
pub use recipient::{Recipient, RecipientError};
pub use sealed::{EvidenceError, LARGEST, Sealed, seal};
