//! What the platform has yet to hear.

use jiff::Timestamp;
use rusqlite::{Row, Transaction, named_params};
use seal::Locator;

use crate::columns::{millis, time, word};
use crate::{Lane, Store, StoreError};

/// What an entry tells the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxKind {
    /// A badge was admitted.
    Checkin,
    /// That admission is taken back.
    Annulment,
}

impl OutboxKind {
    fn word(self) -> &'static str {
        match self {
            Self::Checkin => "checkin",
            Self::Annulment => "annulment",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Checkin, Self::Annulment].into_iter().find(|kind| kind.word() == word)
    }
}

/// One entry of the outbox. No name, no code, nothing biometric (C12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Grows with each entry.
    pub id: i64,
    /// What it tells.
    pub kind: OutboxKind,
    /// The same in a check-in and its annulment; makes a retry safe.
    pub nonce: [u8; 16],
    /// The badge, as the platform can compute it from the code and the roster's salt.
    pub locator: Locator,
    /// The lane of the check-in.
    pub lane: Lane,
    /// Number of the member of staff who admitted.
    pub staff: Option<u32>,
    /// When the visitor was admitted, or the admission taken back.
    pub at: Timestamp,
}

impl Store {
    /// All entries, oldest first.
    pub fn outbox_pending(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        self.db
            .prepare_cached(
                "SELECT outbox.id, kind, outbox.nonce, locator, lane, staff, queued_at
                 FROM outbox JOIN checkin ON checkin.id = outbox.checkin ORDER BY outbox.id",
            )
            .and_then(|mut statement| statement.query_map([], entry)?.collect())
            .map_err(StoreError::ReadOutbox)
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<OutboxEntry> {
    Ok(OutboxEntry {
        id: row.get(0)?,
        kind: word(row, 1, OutboxKind::read)?,
        nonce: row.get(2)?,
        locator: Locator(row.get(3)?),
        lane: word(row, 4, Lane::read)?,
        staff: row.get(5)?,
        at: time(row, 6)?,
    })
}

pub(crate) fn queue(
    tx: &Transaction<'_>,
    kind: OutboxKind,
    checkin: i64,
    nonce: &[u8; 16],
    locator: &[u8; 32],
    at: Timestamp,
    expires: Timestamp,
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO outbox (kind, nonce, locator, checkin, queued_at, expires_at)
         VALUES (:kind, :nonce, :locator, :checkin, :at, :expires_at)",
        named_params! {
            ":kind": kind.word(),
            ":nonce": nonce,
            ":locator": locator,
            ":checkin": checkin,
            ":at": millis(at),
            ":expires_at": millis(expires),
        },
    )
    .map(drop)
}

/// Queues the annulment of a check-in under the nonce of its own entry.
pub(crate) fn queue_annulment(
    tx: &Transaction<'_>,
    checkin: i64,
    at: Timestamp,
) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO outbox (kind, nonce, locator, checkin, queued_at, expires_at)
         SELECT ?1, nonce, locator, checkin, ?3, expires_at FROM outbox
         WHERE checkin = ?2 AND kind = ?4",
        (OutboxKind::Annulment.word(), checkin, millis(at), OutboxKind::Checkin.word()),
    )
    .map(drop)
}
