//! Signed notes (<https://c2sp.org/signed-note>): a text with one Ed25519 signature below it,
//! and the key of the kiosk that makes them.
//!
//! [`sign`] makes one, [`open`] checks one. What a note says is the affair of whoever makes it:
//! the first line of the text tells one kind from another, so that none passes for another.

mod error;
mod key;
mod note;

pub use error::{KeyError, NoteError};
pub use key::{KioskKey, VerifierKey};
pub use note::{LONGEST, open, sign};
