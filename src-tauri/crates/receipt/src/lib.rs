//! The visitor's receipt: what a kiosk says of one visit, signed.
//!
//! A receipt is a text that a telephone shows, one line a fact, and one line with an Ed25519
//! signature: a signed note (<https://c2sp.org/signed-note>). It tells which notice was in
//! force, by which lane the visit ended and how, and when the face data were discarded. It has
//! no place for a name, a badge, a picture or a score, nor for a suspicion.
//!
//! [`Receipt::sign`] makes one, [`Receipt::open`] checks and reads one. Nothing here does I/O.

mod error;
mod text;

pub use error::ReceiptError;
pub use text::{FaceData, Lane, Outcome, Receipt};
