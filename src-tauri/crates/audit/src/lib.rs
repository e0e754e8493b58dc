//! The audit log: who did what at this kiosk, in a chain that shows what was changed.
//!
//! An [`Entry`] is a line of JSON. It carries its number and the SHA-256 of the line before it.
//! A [`Head`] is the number and hash of the last line, signed by the kiosk. Whoever keeps a
//! head elsewhere sees later whether the log is still the one that it was. [`Check`] reads a
//! log and says which entry was altered, moved, removed or cut off. Nothing here does I/O.
//!
//! An entry has no place for a name, a code, a PIN, a picture or a score, and none for free
//! text (C19): what happened and why are closed lists.

mod check;
mod entry;
mod hash;
mod head;
mod what;
mod words;

pub use check::{Check, Fault, Report};
pub use entry::{Entry, Malformed, Record};
pub use hash::Hash;
pub use head::{Head, HeadError};
pub use what::{Purged, What};
pub use words::{Actor, Choice, CodeProblem, Denial, Lane, Purpose, Reason, Role, TombstoneSource};
