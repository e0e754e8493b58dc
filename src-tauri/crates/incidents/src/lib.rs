//! Incidents with personal data (C32, M53): what they are, which are major, until when those
//! concerned are to be told, and the closed lists that a report is made from.
//!
//! Nothing here names a person. The one free text, the recorder's [`Note`], takes no digits and
//! addresses that would. Nothing here does I/O or reads a clock.

mod deadline;
mod incident;
mod note;
mod words;

pub use deadline::{Countdown, MAJOR_HOURS, countdown, deadline};
pub use incident::{Affected, Change, Incident, IncidentError, NewIncident, Report};
pub use note::{NOTE_LENGTH, Note, NoteError};
pub use words::{Advice, Kind, Measure};
