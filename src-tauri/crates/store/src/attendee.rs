//! One attendee's row: of whichever age, and whichever way it came.

use admission::Ticket;
use jiff::Timestamp;
use rusqlite::{Connection, named_params};
use seal::Locator;

use crate::columns::{days_after, millis};
use crate::{Age, BadgeId, BadgeState, StoreError, sync::ticket};

/// The tables of attendees. Children below 14 are kept apart (C40).
pub(crate) const TABLES: [&str; 2] = ["attendee", "attendee_under_14"];

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
    pub(crate) reference: Option<&'a [u8]>,
    /// Why there is no reference.
    pub(crate) problem: Option<&'a str>,
    pub(crate) ticket: Option<&'a Ticket>,
    pub(crate) changed_at: Option<Timestamp>,
    pub(crate) photo_version: Option<&'a str>,
    pub(crate) photo_due_at: Option<Timestamp>,
}

impl AttendeeRow<'_> {
    /// Writes it; a duplicate is an error. `ends_at`: the end of the event.
    pub(crate) fn insert(&self, db: &Connection, ends_at: Timestamp) -> rusqlite::Result<()> {
        let (table, known) = match self.age {
            Age::Under14 => ("attendee_under_14", ""),
            Age::From14 => ("attendee", ", 1"),
            Age::Unknown => ("attendee", ", 0"),
        };
        let age_known = if known.is_empty() { "" } else { ", age_known" };
        let sql = format!(
            "INSERT INTO {table} (badge, locator, state, valid_from, valid_until, \
               reference_problem, contents_expire_at, expires_at, sealed_record, \
               sealed_reference, position, item, variation, subevent, order_state, answered, \
               scanned, scanned_at, changed_at, photo_version, photo_due_at{age_known})
             VALUES (:badge, :locator, :state, :from, :until, :problem, :contents_expire_at, \
               :expires_at, :record, :reference, :position, :item, :variation, :subevent, \
               :order_state, :answered, :scanned, :scanned_at, :changed_at, :photo_version, \
               :photo_due_at{known})"
        );
        let contents_end = self.valid_until.unwrap_or(ends_at);
        let ticket = self.ticket;
        let (scanned, scanned_at) = ticket::scanned(ticket);
        db.prepare_cached(&sql)?
            .execute(named_params! {
                ":badge": self.badge,
                ":locator": self.locator.0,
                ":state": self.state.word(),
                ":from": self.valid_from.map(millis),
                ":until": self.valid_until.map(millis),
                ":problem": self.problem,
                ":contents_expire_at": millis(days_after(contents_end, 1)),
                ":expires_at": millis(days_after(contents_end.max(ends_at), 1)),
                ":record": self.record,
                ":reference": self.reference,
                ":position": self.position,
                ":item": ticket.map(|ticket| ticket.item),
                ":variation": ticket.and_then(|ticket| ticket.variation),
                ":subevent": ticket.and_then(|ticket| ticket.subevent),
                ":order_state": ticket.map(|ticket| ticket.order.word()),
                ":answered": ticket.map(ticket::answered),
                ":scanned": scanned,
                ":scanned_at": scanned_at.map(millis),
                ":changed_at": self.changed_at.map(millis),
                ":photo_version": self.photo_version,
                ":photo_due_at": self.photo_due_at.map(millis),
            })
            .map(drop)
    }
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
