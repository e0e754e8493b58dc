//! The audit log in the database: an entry goes into the transaction of what it records.

use audit::{Actor, Entry, Head, Malformed, Purged, Record, What};
use jiff::Timestamp;
use note::KioskKey;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::columns::{count, days_after, integer, millis, time};
use crate::expiry::retention_days;
use crate::{Store, StoreError};

/// A place in the log that is kept with its signature.
#[derive(Clone, Copy)]
enum Mark {
    /// Where the log was cut last.
    Anchor,
    /// Where it ends.
    Head,
}

impl Mark {
    fn word(self) -> &'static str {
        match self {
            Self::Anchor => "anchor",
            Self::Head => "head",
        }
    }
}

impl Store {
    /// Writes an entry for something that is in no other table.
    pub fn record(&mut self, record: &Record) -> Result<(), StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            append(&tx, &self.signer, record)?;
            tx.commit()
        };
        write().map_err(StoreError::RecordAudit)
    }

    /// The present head of the log, signed by this kiosk.
    pub fn audit_head(&self) -> Result<String, StoreError> {
        head(&self.db).map(|(_, note)| note).map_err(StoreError::ReadAudit)
    }

    /// Hands every line of the log to `take`, the oldest first.
    pub fn each_audit_line<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let read = StoreError::ReadAudit;
        let mut statement =
            self.db.prepare("SELECT line FROM audit_entry ORDER BY number").map_err(read)?;
        let mut rows = statement.query([]).map_err(read)?;
        while let Some(row) = rows.next().map_err(read)? {
            let line = row.get_ref(0).and_then(|line| Ok(line.as_str()?)).map_err(read)?;
            take(line)?;
        }
        Ok(())
    }
}

/// Where the log ends, and the same as a signed note.
pub(crate) fn head(db: &Connection) -> rusqlite::Result<(Head, String)> {
    signed(db, Mark::Head)
}

/// Writes an entry behind the head, and the new head. Kept as long as the roster says.
pub(crate) fn append(db: &Connection, key: &KioskKey, record: &Record) -> rusqlite::Result<()> {
    let expires = days_after(record.at, retention_days(db)?);
    append_until(db, key, record, expires)
}

fn append_until(
    db: &Connection,
    key: &KioskKey,
    record: &Record,
    expires: Timestamp,
) -> rusqlite::Result<()> {
    let (head, _) = signed(db, Mark::Head)?;
    let (line, head) = Entry::append(&head, record).map_err(unwritable)?;
    db.prepare_cached("INSERT INTO audit_entry VALUES (?1, ?2, ?3, ?4)")?.execute((
        integer(head.size),
        line,
        head.hash,
        millis(expires),
    ))?;
    set(db, key, Mark::Head, &head)
}

/// Cuts off what has expired, and all before it: a log is cut at its beginning only. Then
/// records what this purge has deleted, if anything.
pub(crate) fn cut(
    db: &Connection,
    key: &KioskKey,
    now: Timestamp,
    mut rows: Purged,
) -> rusqlite::Result<Purged> {
    let last: Option<(u64, [u8; 32], Vec<u8>)> = db
        .query_row(
            "SELECT number, sha256, CAST(line AS BLOB) FROM audit_entry
             WHERE expires_at <= ?1 ORDER BY number DESC LIMIT 1",
            [millis(now)],
            |row| Ok((count(row, 0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    if let Some((size, hash, line)) = last {
        let at = Entry::read(&line).map_or(now, |entry| entry.at);
        set(db, key, Mark::Anchor, &Head { size, hash, at })?;
        rows.entries =
            db.execute("DELETE FROM audit_entry WHERE number <= ?1", [integer(size)])? as u32;
    }
    if !rows.is_nothing() {
        let through = signed(db, Mark::Anchor)?.0.size;
        append(db, key, &Record::new(now, Actor::Kiosk, What::Purged { rows, through }))?;
    }
    Ok(rows)
}

fn signed(db: &Connection, mark: Mark) -> rusqlite::Result<(Head, String)> {
    db.prepare_cached("SELECT number, sha256, at, note FROM audit_mark WHERE mark = ?1")?.query_row(
        [mark.word()],
        |row| {
            Ok((Head { size: count(row, 0)?, hash: row.get(1)?, at: time(row, 2)? }, row.get(3)?))
        },
    )
}

/// Moves a mark and signs it: what is on the disk is signed at any moment, and a signature costs
/// little beside the transaction that it goes with.
fn set(db: &Connection, key: &KioskKey, mark: Mark, head: &Head) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO audit_mark VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((mark.word(), integer(head.size), head.hash, millis(head.at), head.sign(key)))
        .map(drop)
}

fn unwritable(error: Malformed) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

pub(crate) mod checking;
pub(crate) mod migration;

#[cfg(test)]
mod tests;
