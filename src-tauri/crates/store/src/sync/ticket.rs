//! A ticket in its columns.

use admission::{OrderState, Scanned, Ticket};
use jiff::Timestamp;
use rusqlite::Row;

use crate::columns::{time, word};

/// The columns of a ticket, in the order in which [`read`] expects them.
pub(crate) const COLUMNS: &str =
    "item, variation, subevent, order_state, answered, scanned, scanned_at";

/// Numbers of answered questions, with spaces between them.
pub(crate) fn answered(ticket: &Ticket) -> String {
    let numbers: Vec<_> = ticket.answered.iter().map(i64::to_string).collect();
    numbers.join(" ")
}

/// Where the badge is, and since when.
pub(crate) fn scanned(ticket: Option<&Ticket>) -> (Option<&'static str>, Option<Timestamp>) {
    match ticket.and_then(|ticket| ticket.scanned) {
        None => (None, None),
        Some(Scanned::Inside(at)) => (Some("inside"), Some(at)),
        Some(Scanned::Left(at)) => (Some("left"), Some(at)),
    }
}

/// Reads a ticket from the columns that begin at `first`. None in a roster that came as a file.
pub(crate) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Ticket>> {
    let Some(item) = row.get(first)? else { return Ok(None) };
    let answered: Option<String> = row.get(first + 4)?;
    let answered = answered.unwrap_or_default();
    let scanned: Option<String> = row.get(first + 5)?;
    let scanned = match scanned.as_deref() {
        None => None,
        Some("left") => Some(Scanned::Left(time(row, first + 6)?)),
        Some(_) => Some(Scanned::Inside(time(row, first + 6)?)),
    };
    Ok(Some(Ticket {
        item,
        variation: row.get(first + 1)?,
        subevent: row.get(first + 2)?,
        order: word(row, first + 3, OrderState::read)?,
        answered: answered.split(' ').filter_map(|number| number.parse().ok()).collect(),
        scanned,
    }))
}
