//! What visitors may ask for under their rights, and until when they are answered.
//!
//! [`RequestKind`] is the one closed list of what can be asked for, [`Outcome`] of what can be
//! answered. [`Calendar::due`] says when: after 15 working days of mainland China or 30 days,
//! whichever is earlier (C39, C46). Nothing here does I/O or reads a clock.

mod calendar;
mod request;

pub use calendar::{Calendar, end_of, today};
pub use request::{Outcome, Refusal, RequestKind};
