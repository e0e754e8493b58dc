//! One attendee's row: of whichever age, and whichever way it came.

use admission::Ticket;
use jiff::Timestamp;
use rusqlite::{Connection, ToSql};
use seal::Locator;

use crate::columns::{days_after, millis};
use crate::{Age, BadgeId, BadgeState, StoreError, sync::ticket};

/// The tables of attendees. Children below 14 are kept apart (C40).
pub(crate) const TABLES: [&str; 2] = ["attendee", "attendee_under_14"];

/// The tables of their photos, in the same order.
pub(crate) const REFERENCES: [&str; 2] = ["reference", "reference_under_14"];

/// What is written of an attendee, in the order of [`AttendeeRow::write`].
pub(crate) const COLUMNS: [&str; 20] = [
    "badge",
    "locator",
    "state",
    "valid_from",
    "valid_until",
    "reference_problem",
    "contents_expire_at",
    "expires_at",
    "sealed_record",
    "position",
    "item",
    "variation",
    "subevent",
    "order_state",
    "answered",
    "scanned",
    "scanned_at",
    "changed_at",
    "photo_version",
    "photo_due_at",
];

/// What is written of an attendee. The contents are sealed twice already.
pub(crate) struct AttendeeRow<'a> {
    pub(crate) badge: BadgeId,
    pub(crate) locator: Locator,
    pub(crate) state: BadgeState,
    pub(crate) valid_from: Option<Timestamp>,
    pub(crate) valid_until: Option<Timestamp>,
    pub(crate) age: Age,
    pub(crate) position: Option<i64>,
    pub(crate) record: &'a [u8],
    /// Why there is no photo; without it there is one, which is written apart ([`keep_reference`]).
    pub(crate) problem: Option<&'a str>,
    pub(crate) ticket: Option<&'a Ticket>,
    pub(crate) changed_at: Option<Timestamp>,
    pub(crate) photo_version: Option<&'a str>,
    pub(crate) photo_due_at: Option<Timestamp>,
}

impl AttendeeRow<'_> {
    /// Writes it; a duplicate is an error. `ends_at`: the end of the event.
    pub(crate) fn insert(&self, db: &Connection, ends_at: Timestamp) -> rusqlite::Result<()> {
        self.write(db, ends_at, "")
    }

    /// Writes it in the place of the badge's row, if there is one. The photo stays.
    pub(crate) fn replace(&self, db: &Connection, ends_at: Timestamp) -> rusqlite::Result<()> {
        let table = table(self.age);
        let known = (table == 0).then_some("age_known");
        let set: Vec<_> = COLUMNS[1..]
            .iter()
            .copied()
            .chain(known)
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        self.write(db, ends_at, &format!("ON CONFLICT (badge) DO UPDATE SET {}", set.join(", ")))?;
        // Whoever turned out to be a child, or not to be one, is in one table only.
        let other = 1 - table;
        move_reference(db, self.badge, other, table)?;
        db.prepare_cached(&format!("DELETE FROM {} WHERE badge = ?1", TABLES[other]))?
            .execute([self.badge])
            .map(drop)
    }

    fn write(&self, db: &Connection, ends_at: Timestamp, conflict: &str) -> rusqlite::Result<()> {
        let table = table(self.age);
        // Children are known to be some.
        let known = if table == 0 { Some(self.age == Age::From14) } else { None };
        let (columns, values) = match known {
            Some(_) => (", age_known", ", ?21"),
            None => ("", ""),
        };
        let sql = format!(
            "INSERT INTO {} ({}{columns})
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
               ?18, ?19, ?20{values}) {conflict}",
            TABLES[table],
            COLUMNS.join(", "),
        );
        let contents_end = self.valid_until.unwrap_or(ends_at);
        let ticket = self.ticket;
        let (scanned, scanned_at) = ticket::scanned(ticket);
        let values: [&dyn ToSql; 20] = [
            &self.badge,
            &self.locator.0,
            &self.state.word(),
            &self.valid_from.map(millis),
            &self.valid_until.map(millis),
            &self.problem,
            &millis(days_after(contents_end, 1)),
            &millis(days_after(contents_end.max(ends_at), 1)),
            &self.record,
            &self.position,
            &ticket.map(|ticket| ticket.item),
            &ticket.and_then(|ticket| ticket.variation),
            &ticket.and_then(|ticket| ticket.subevent),
            &ticket.map(|ticket| ticket.order.word()),
            &ticket.map(ticket::answered),
            &scanned,
            &scanned_at.map(millis),
            &self.changed_at.map(millis),
            &self.photo_version,
            &self.photo_due_at.map(millis),
        ];
        let known: Option<&dyn ToSql> = known.as_ref().map(|known| known as _);
        let values: Vec<&dyn ToSql> = values.into_iter().chain(known).collect();
        db.prepare_cached(&sql)?.execute(values.as_slice()).map(drop)
    }
}

/// The table of holders of that age, by its place in [`TABLES`].
pub(crate) fn table(age: Age) -> usize {
    usize::from(age == Age::Under14)
}

/// Keeps a photo that is sealed twice, of an attendee who is in that table.
pub(crate) fn keep_reference(
    db: &Connection,
    table: usize,
    badge: BadgeId,
    sealed: &[u8],
) -> rusqlite::Result<()> {
    db.prepare_cached(&format!("INSERT OR REPLACE INTO {} VALUES (?1, ?2)", REFERENCES[table]))?
        .execute((badge, sealed))
        .map(drop)
}

/// Deletes the photo of an attendee who is in that table.
pub(crate) fn delete_reference(
    db: &Connection,
    table: usize,
    badge: BadgeId,
) -> rusqlite::Result<()> {
    db.prepare_cached(&format!("DELETE FROM {} WHERE badge = ?1", REFERENCES[table]))?
        .execute([badge])
        .map(drop)
}

/// Moves the photo of an attendee who is in both tables.
pub(crate) fn move_reference(
    db: &Connection,
    badge: BadgeId,
    from: usize,
    to: usize,
) -> rusqlite::Result<()> {
    let copy = format!(
        "INSERT OR IGNORE INTO {} SELECT badge, sealed FROM {} WHERE badge = ?1",
        REFERENCES[to], REFERENCES[from]
    );
    db.prepare_cached(&copy)?.execute([badge])?;
    delete_reference(db, from, badge)
}

/// Whether the holder of a badge said here that they are below 14.
pub(crate) fn said_child(db: &Connection, badge: BadgeId) -> Result<bool, StoreError> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM child WHERE badge = ?1)")
        .and_then(|mut statement| statement.query_row([badge], |row| row.get(0)))
        .map_err(StoreError::ImportRoster)
}

/// The age to keep: what the holder said here counts where the registration says nothing (C40).
pub(crate) fn age(db: &Connection, badge: BadgeId, registered: Age) -> Result<Age, StoreError> {
    match registered {
        Age::Unknown if said_child(db, badge)? => Ok(Age::Under14),
        age => Ok(age),
    }
}

/// Whether an error is that a row is there already.
pub(crate) fn is_duplicate(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
    error.sqlite_error().is_some_and(|e| {
        matches!(e.extended_code, SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE)
    })
}
