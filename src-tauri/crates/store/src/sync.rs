//! The roster as the registration platform fills it, page by page.
//!
//! Each page is one transaction with the place from which to go on: a crash costs a page, and no
//! page is half applied.

mod arrival;
mod photos;
mod stranger;
#[cfg(test)]
mod tests;
pub(crate) mod ticket;

use admission::{CheckinList, Refusal, Ticket};
use audit::TombstoneSource;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use seal::Locator;

use crate::columns::{count, days_after, integer, millis, time};
use crate::{Age, BadgeId, Store, StoreError, tombstones::Buried};

pub use photos::{FetchedPhoto, PhotoDue};

/// Some changes at the platform.
#[derive(Debug)]
pub struct Changes {
    /// What the entrance asks, if that was asked for.
    pub list: Option<CheckinList>,
    /// New and changed attendees.
    pub arrivals: Vec<Arrival>,
    /// Numbers of positions that are cancelled, expired or deleted.
    pub gone: Vec<i64>,
    /// Numbers of positions whose code is none that a kiosk of this roster could read. They are
    /// left out, and counted.
    pub unreadable: Vec<i64>,
    /// Codes that do not count from now on, and those that count again.
    pub void: Vec<(Locator, Void)>,
    /// When the platform said so, by its own clock if it tells that.
    pub at: Timestamp,
    /// Up to which change everything is known then.
    pub until: Timestamp,
    /// Where to go on, in the adapter's own words.
    pub next: String,
    /// There are more changes now.
    pub more: bool,
    /// How many orders were read for this page.
    pub read: u64,
    /// How many orders are still to be read, if that is known.
    pub left: Option<u64>,
}

/// Whether a code counts, apart from the ticket that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Void {
    /// Another code has taken its place.
    Revoked,
    /// Blocked by the organiser.
    Blocked,
    /// Blocked no more.
    Unblocked,
}

/// One attendee as it is kept: nothing of it is readable without the badge.
pub struct Arrival {
    /// Number at the platform.
    pub position: i64,
    /// Under this the badge is found.
    pub locator: Locator,
    /// For the entrance's rules.
    pub ticket: Ticket,
    /// Blocked by the organiser.
    pub blocked: bool,
    /// Not valid before.
    pub valid_from: Option<Timestamp>,
    /// Not valid from then on.
    pub valid_until: Option<Timestamp>,
    /// Which side of 14 the holder is on.
    pub age: Age,
    /// The sealed record.
    pub sealed_record: Vec<u8>,
    /// What the platform says of the photo.
    pub photo: PhotoNews,
    /// When it was changed last, by the platform's clock.
    pub changed_at: Timestamp,
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Arrival(..)")
    }
}

/// What the platform says of an attendee's photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhotoNews {
    /// There is none.
    Absent,
    /// There is one, and this change was not of it.
    Same,
    /// There is one of this name: another name is another photo.
    Named(String),
}

/// How far the roster is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Orders read, and how many there are in all; none while nothing is under way.
    pub reading: Option<(u64, u64)>,
    /// Photos that are still to come, of attendees of any age.
    pub photos_due: u32,
    /// Attendees who are left out, because no kiosk could read their code.
    pub unreadable: u32,
    /// Attendees who are left out, because another ticket has the same code.
    pub ambiguous: u32,
}

impl Store {
    /// Applies some changes, all of them or none, and keeps where to go on. Returns the badges of
    /// which something was removed.
    pub fn apply(&mut self, changes: &Changes, now: Timestamp) -> Result<Vec<BadgeId>, StoreError> {
        let gone: Vec<_> = changes.gone.iter().copied().map(Buried::Position).collect();
        let pepper = self.pepper.clone();
        let mut replaced = Vec::new();
        let source = TombstoneSource::Platform;
        let mut erased = self.bury(&gone, source, changes.at, now, |tx, signer| {
            let mut page = arrival::Writing::begin(tx, signer, &pepper, changes.at, now)?;
            for position in &changes.gone {
                page.leaves(*position)?;
            }
            for position in &changes.unreadable {
                page.unreadable(*position)?;
            }
            for arrival in &changes.arrivals {
                page.arrives(arrival)?;
            }
            for (locator, void) in &changes.void {
                page.voids(locator, *void)?;
            }
            let (anew, removed) = page.end();
            replaced = removed;
            note(tx, changes, anew).map_err(StoreError::Sync)
        })?;
        if !replaced.is_empty() {
            crate::expiry::wipe_deleted(&self.db).map_err(StoreError::WipeDeleted)?;
        }
        erased.extend(replaced);
        Ok(erased)
    }

    /// How far the changes were read: what the last page said, or from which change to begin. None
    /// while there is no roster.
    pub fn read_from(&self) -> Result<Option<ReadFrom>, StoreError> {
        let Some(begin) = self.first_change()? else { return Ok(None) };
        let cursor = self
            .db
            .query_row("SELECT cursor FROM registration", [], |row| row.get(0))
            .optional()
            .map_err(StoreError::Sync)?;
        Ok(Some(match cursor.flatten() {
            Some(cursor) => ReadFrom::Cursor(cursor),
            None => ReadFrom::Change(begin),
        }))
    }

    /// The next changes are read from the beginning: what the adapter has kept is of no use to it.
    pub fn read_anew(&mut self) -> Result<(), StoreError> {
        read_anew(&self.db).map_err(StoreError::Sync)
    }

    /// What the entrance asks of a ticket, as the platform said last.
    pub fn checkin_list(&self) -> Result<Option<CheckinList>, StoreError> {
        let list: Option<String> = self
            .db
            .query_row("SELECT list FROM checkin_list", [], |row| row.get(0))
            .optional()
            .map_err(StoreError::Sync)?;
        // Written by another version: it is asked for again soon.
        Ok(list.and_then(|list| serde_json::from_str(&list).ok()))
    }

    /// Why a code does not count, if it does not, whoever has it.
    pub fn void_code(&self, locator: &Locator) -> Result<Option<Refusal>, StoreError> {
        let badge = BadgeId::of(&self.pepper, locator);
        self.db
            .prepare_cached("SELECT min(why) FROM void_code WHERE badge = ?1")
            .and_then(|mut statement| {
                statement.query_row([badge], |row| row.get::<_, Option<String>>(0))
            })
            .map(|why| why.as_deref().map(Refusal::of))
            .map_err(StoreError::ReadBadge)
    }

    /// Attendees of the platform who are left out, by their number, and why.
    pub fn left_out(&self) -> Result<Vec<(i64, String)>, StoreError> {
        let read = || {
            self.db
                .prepare_cached("SELECT position, why FROM left_out ORDER BY position")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()
        };
        read().map_err(StoreError::Sync)
    }

    /// How far the roster is.
    pub fn progress(&self) -> Result<Progress, StoreError> {
        let number = |sql: &str| self.db.query_row(sql, [], |row| row.get(0));
        let read = || {
            let reading = self
                .db
                .query_row("SELECT read_count, read_total FROM registration", [], |row| {
                    let under_way = row.get::<_, Option<i64>>(0)?.is_some();
                    Ok(if under_way { Some((count(row, 0)?, count(row, 1)?)) } else { None })
                })
                .optional()?;
            Ok(Progress {
                reading: reading.flatten(),
                photos_due: number(
                    "SELECT (SELECT count(*) FROM attendee WHERE photo_due_at IS NOT NULL)
                     + (SELECT count(*) FROM attendee_under_14 WHERE photo_due_at IS NOT NULL)",
                )?,
                unreadable: number("SELECT count(*) FROM left_out WHERE why = 'bad_code'")?,
                ambiguous: number("SELECT count(*) FROM left_out WHERE why = 'ambiguous'")?,
            })
        };
        read().map_err(StoreError::Sync)
    }
}

/// From where changes are to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadFrom {
    /// Nothing was read yet: from the changes of that time on.
    Change(Timestamp),
    /// As the last page said.
    Cursor(String),
}

/// Keeps what a page says besides the attendees. `anew`: everything has to be read once more.
fn note(db: &Connection, changes: &Changes, anew: bool) -> rusqlite::Result<()> {
    if let Some(list) = &changes.list {
        // A list of numbers and words: there is nothing in it that JSON could not hold.
        let json = serde_json::to_string(list)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        db.execute("INSERT OR REPLACE INTO checkin_list VALUES (1, ?1)", [json])?;
    }
    if anew {
        return read_anew(db);
    }
    let sql = "UPDATE registration SET cursor = ?1, asked_until = max(ifnull(asked_until, ?2), ?2)";
    db.execute(sql, (&changes.next, millis(changes.until)))?;
    match changes.left.filter(|_| changes.more) {
        Some(left) => db.execute(
            "UPDATE registration SET read_count = ifnull(read_count, 0) + ?1,
               read_total = ifnull(read_count, 0) + ?1 + ?2",
            (integer(changes.read), integer(left)),
        )?,
        None => db.execute("UPDATE registration SET read_count = NULL, read_total = NULL", [])?,
    };
    Ok(())
}

/// The next changes are read from the beginning.
pub(crate) fn read_anew(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(
        "UPDATE registration SET cursor = NULL, read_count = NULL, read_total = NULL;
         DELETE FROM left_out; DELETE FROM void_code;",
    )
}

/// When the rows of a roster go: a day after the event.
fn expiry(db: &Connection) -> rusqlite::Result<Option<(Timestamp, Timestamp)>> {
    db.query_row("SELECT ends_at FROM roster", [], |row| time(row, 0))
        .optional()
        .map(|end| end.map(|end| (end, days_after(end, 1))))
}
