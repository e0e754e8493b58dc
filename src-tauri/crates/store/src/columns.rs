//! How times, codes and fixed-length values stand in columns.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Row;
use rusqlite::types::{FromSqlError, Type};

/// Milliseconds since 1970-01-01 UTC.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A time so many days later; stops at the end of time.
pub(crate) fn days_after(at: Timestamp, days: u16) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX)
}

/// A count as a column takes it.
pub(crate) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Reads a count. What is below zero was written by nobody here.
pub(crate) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0))
}

/// Reads a time.
pub(crate) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    to_time(column, row.get(column)?)
}

/// Reads a time that may be absent.
pub(crate) fn optional_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?.map(|at| to_time(column, at)).transpose()
}

/// Reads one of the words of a closed list.
pub(crate) fn word<T>(
    row: &Row<'_>,
    column: usize,
    read: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let word = row.get_ref(column)?.as_str()?;
    read(word).ok_or_else(|| unreadable(column, Type::Text, FromSqlError::InvalidType))
}

fn to_time(column: usize, at: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(at)
        .map_err(|_| unreadable(column, Type::Integer, FromSqlError::OutOfRange(at)))
}

fn unreadable(column: usize, kind: Type, why: FromSqlError) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(why))
}
