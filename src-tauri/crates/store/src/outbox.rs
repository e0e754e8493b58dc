//! What the platform has yet to hear.

use jiff::Timestamp;
use rusqlite::{Row, Transaction, TransactionBehavior, named_params};
use seal::Locator;

use crate::columns::{millis, time, word};
use crate::expiry::wipe_deleted;
use crate::{Lane, Store, StoreError, tombstones};

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
    /// The attendee's number at the platform, if the roster had it.
    pub position: Option<i64>,
    /// The lane of the check-in.
    pub lane: Lane,
    /// Number of the member of staff who admitted.
    pub staff: Option<u32>,
    /// When the visitor was admitted, or the admission taken back.
    pub at: Timestamp,
}

impl Store {
    /// The entries that the platform has yet to hear, oldest first.
    pub fn outbox_pending(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        self.outbox("known_outbox", "heard_at IS NULL ORDER BY outbox.id")
    }

    /// The oldest of them that can be told, for its attendee has a number at the platform. An
    /// annulment comes after its check-in. Those in quarantine too: that it is to be told is why
    /// such an entry is still there.
    pub fn outbox_next(&self) -> Result<Option<OutboxEntry>, StoreError> {
        let next = "heard_at IS NULL AND outbox.position IS NOT NULL ORDER BY outbox.id LIMIT 1";
        self.outbox("outbox", next).map(|mut entries| entries.pop())
    }

    /// The entries that the platform did not accept, newest first, with its word for the reason.
    pub fn outbox_refused(&self) -> Result<Vec<(OutboxEntry, String)>, StoreError> {
        self.outbox_query("known_outbox", "refusal IS NOT NULL ORDER BY outbox.id DESC", |row| {
            Ok((entry(row)?, row.get(8)?))
        })
    }

    /// The platform has answered: `refusal` is its word for what it did not accept. Nothing
    /// changes when the entry was answered before. What stayed of an erased badge for this entry
    /// alone goes with it.
    pub fn outbox_heard(
        &mut self,
        id: i64,
        refusal: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.execute(
                "UPDATE outbox SET heard_at = ?2, refusal = ?3 WHERE id = ?1 AND heard_at IS NULL",
                (id, millis(at), refusal),
            )?;
            let released = tombstones::release(&tx, &self.signer, id, at)?;
            tx.commit()?;
            if released { wipe_deleted(&self.db) } else { Ok(()) }
        };
        write().map_err(StoreError::RecordHeard)
    }

    fn outbox(&self, of: &str, which: &str) -> Result<Vec<OutboxEntry>, StoreError> {
        self.outbox_query(of, which, entry)
    }

    fn outbox_query<T>(
        &self,
        of: &str,
        which: &str,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let sql = format!(
            "SELECT outbox.id, kind, outbox.nonce, locator, lane, staff, queued_at, position, refusal
             FROM {of} outbox JOIN checkin ON checkin.id = outbox.checkin WHERE {which}"
        );
        self.db
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_map([], read)?.collect())
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
        position: row.get(7)?,
    })
}

/// What is told of a check-in.
pub(crate) struct Told {
    pub(crate) nonce: [u8; 16],
    pub(crate) locator: [u8; 32],
    pub(crate) position: Option<i64>,
    pub(crate) at: Timestamp,
    pub(crate) expires: Timestamp,
}

/// Queues a check-in.
pub(crate) fn queue(tx: &Transaction<'_>, checkin: i64, told: &Told) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO outbox (kind, nonce, locator, position, checkin, queued_at, expires_at)
         VALUES (:kind, :nonce, :locator, :position, :checkin, :at, :expires_at)",
        named_params! {
            ":kind": OutboxKind::Checkin.word(),
            ":nonce": told.nonce,
            ":locator": told.locator,
            ":position": told.position,
            ":checkin": checkin,
            ":at": millis(told.at),
            ":expires_at": millis(told.expires),
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
        "INSERT INTO outbox (kind, nonce, locator, position, checkin, queued_at, expires_at)
         SELECT ?1, nonce, locator, position, checkin, ?3, expires_at FROM outbox
         WHERE checkin = ?2 AND kind = ?4",
        (OutboxKind::Annulment.word(), checkin, millis(at), OutboxKind::Checkin.word()),
    )
    .map(drop)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::NewAttendee;
    use crate::testing::{self, AT, DAY, attendee, face, locator, roster};

    fn store() -> (tempfile::TempDir, Store) {
        let (folder, mut store) = testing::store();
        let at = |n: u8, position| NewAttendee { position, ..attendee(locator(n)) };
        let attendees = [at(1, Some(101)), at(2, None), at(3, Some(103))];
        testing::import(&mut store, &roster(1), &attendees);
        for n in 1..=3 {
            let badge = store.badge(&locator(n)).unwrap().unwrap().id;
            store.record_checkin(&face(n, badge)).unwrap();
        }
        (folder, store)
    }

    #[test]
    fn the_outbox_tells_in_order_what_can_be_told_and_each_entry_once() {
        let (_folder, mut store) = store();
        let mut told = Vec::new();
        store.annul_checkin(&[1; 16], AT).unwrap();
        while let Some(entry) = store.outbox_next().unwrap() {
            store.outbox_heard(entry.id, None, AT).unwrap();
            told.push((entry.position.unwrap(), entry.kind));
        }
        let (checkin, annulment) = (OutboxKind::Checkin, OutboxKind::Annulment);
        assert_eq!(told, [(101, checkin), (103, checkin), (101, annulment)]);
        let waiting = store.outbox_pending().unwrap();
        assert_eq!(waiting.iter().map(|e| e.locator).collect::<Vec<_>>(), [locator(2)]);
        assert_eq!(store.counts().unwrap().outbox, 1);
    }

    #[test]
    fn what_was_heard_can_still_be_annulled_under_its_nonce() {
        let (_folder, mut store) = store();
        let first = store.outbox_next().unwrap().unwrap();
        store.outbox_heard(first.id, None, AT).unwrap();
        assert!(store.annul_checkin(&[1; 16], AT).unwrap());
        let next: Vec<_> = store.outbox_pending().unwrap();
        let annulment = next.iter().find(|e| e.kind == OutboxKind::Annulment).unwrap();
        assert_eq!((annulment.nonce, annulment.position), (first.nonce, Some(101)));
    }

    #[test]
    fn a_refusal_is_kept_with_its_reason_until_it_expires_and_the_first_answer_counts() {
        let (_folder, mut store) = store();
        let first = store.outbox_next().unwrap().unwrap();
        store.outbox_heard(first.id, Some("canceled"), AT).unwrap();
        store.outbox_heard(first.id, None, AT).unwrap();
        let refused = store.outbox_refused().unwrap();
        assert_eq!(refused, [(first, "canceled".to_owned())]);
        assert_eq!((store.counts().unwrap().refused, store.counts().unwrap().outbox), (1, 2));
        let purged = store.purge_expired(AT + DAY * 10).unwrap();
        assert_eq!(purged.undelivered, 2, "what was heard is not missed");
        assert!(store.outbox_refused().unwrap().is_empty());
    }

    #[test]
    fn the_number_at_the_platform_outlives_the_roster() {
        let (_folder, mut store) = store();
        testing::import(&mut store, &roster(2), &[attendee(locator(9))]);
        assert_eq!(store.outbox_next().unwrap().unwrap().position, Some(101));
    }
}
