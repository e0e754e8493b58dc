//! Statistics without people: what is counted of a visit, and what of the counts is published.
//!
//! A kiosk keeps counters only: how many visits ended in an hour, by lane and outcome, and how
//! long the visits of a day took, by lane. Nothing here knows a badge, a visit's name or a time
//! finer than the hour. Children are in none of it (C40); whoever counts sees to that.
//!
//! What is published ([`publish`]) hides small numbers, and every total from which one could be
//! worked out. Nothing here does I/O or reads a clock.

mod counters;
mod equal_treatment;
mod publication;
mod suppression;
mod time_class;
mod words;

pub use counters::{Counters, EndedVisit, Hour, TimeCount, VisitCount};
pub use equal_treatment::{ENOUGH, EqualTreatment, LaneFigure, SLOWER};
pub use publication::{DayFigures, HourFigures, LaneDay, LaneHour, WholeDay, publish};
pub use suppression::{OutcomeCount, Threshold, Total};
pub use time_class::{Band, TimeClass};
pub use words::{Lane, Outcome};
