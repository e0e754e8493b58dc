//! What the platform has yet to hear.

use admission::Refusal;
use audit::{Actor, Record, What};
use jiff::{SignedDuration, Timestamp};
use note::KioskKey;
use rusqlite::{
    OptionalExtension, Params, Row, Transaction, TransactionBehavior, named_params, params,
};
use seal::Locator;

use crate::columns::{millis, time, word};
use crate::expiry::wipe_deleted;
use crate::{Lane, Store, StoreError, log, tombstones};

/// What stands in place of the platform's word where a person has admitted against it.
pub(crate) const OVERRIDE: &str = "override";

/// The first entry of its badge that waits: what happened to a badge is told in order.
const HEAD: &str = "outbox.heard_at IS NULL AND outbox.position IS NOT NULL AND NOT EXISTS (
     SELECT 1 FROM main.outbox earlier WHERE earlier.position = outbox.position
     AND earlier.heard_at IS NULL AND earlier.id < outbox.id)";

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
    /// When the visitor was admitted, or the admission taken back, by this kiosk's clock as it is
    /// now.
    pub at: Timestamp,
    /// The platform is to keep the check-in although it would have refused it; of an annulment:
    /// that of such a check-in.
    pub forced: bool,
    /// The check-in has been taken back meanwhile: nobody passed.
    pub annulled: bool,
    /// How often the telling was begun.
    pub begun: u32,
    /// Answers to the organiser's questions, as JSON by the number of the question.
    pub answers: Option<String>,
}

/// Where the check-in list of the entries is kept in `meta`.
const LIST: &str = "outbox_list";

/// How it is with what the platform is to hear. None of it looks at all attendees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Entries that wait.
    pub waiting: u32,
    /// Entries that the platform did not accept.
    pub refused: u32,
    /// Badges that are gone at the platform and of which something has to stay for a while, and
    /// evidence of their visits (M54).
    pub quarantined: u32,
}

impl Store {
    /// Counts what waits for the platform, and what it did not accept.
    pub fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        let number = |sql: &str| self.db.query_row(sql, [], |row| row.get(0));
        let count = || {
            Ok(OutboxCounts {
                waiting: number("SELECT count(*) FROM outbox WHERE heard_at IS NULL")?,
                refused: number("SELECT count(*) FROM known_outbox WHERE refusal IS NOT NULL")?,
                quarantined: number(tombstones::QUARANTINED)?,
            })
        };
        count().map_err(StoreError::Count)
    }

    /// From now on entries are told to that check-in list. False, and nothing is changed, while some
    /// wait that belong to another one: it would not know their numbers, or take them for somebody
    /// else's.
    pub fn outbox_list(&mut self, list: &[u8; 32]) -> Result<bool, StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let of: Option<[u8; 32]> = tx
                .query_row("SELECT value FROM meta WHERE key = ?1", [LIST], |row| row.get(0))
                .optional()?;
            let waits = "SELECT EXISTS (SELECT 1 FROM outbox
                         WHERE heard_at IS NULL AND position IS NOT NULL)";
            let waits: bool = tx.query_row(waits, [], |row| row.get(0))?;
            if waits && of.is_some_and(|of| of != *list) {
                return Ok(false);
            }
            tx.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", (LIST, list))?;
            tx.commit().map(|()| true)
        };
        write().map_err(StoreError::WriteAccount)
    }

    /// Gives up telling what waits, for whoever is to be told is gone for good. It stays on the list
    /// of what was not accepted. Returns how many entries.
    pub fn outbox_give_up(&mut self, at: Timestamp) -> Result<usize, StoreError> {
        let waiting = self.outbox_pending()?;
        for entry in &waiting {
            self.outbox_heard(entry.id, Some(Refusal::Other.word()), at)?;
        }
        Ok(waiting.len())
    }

    /// The entries that the platform has yet to hear, oldest first.
    pub fn outbox_pending(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        self.outbox("known_outbox", "outbox.heard_at IS NULL ORDER BY outbox.id", [])
    }

    /// The oldest of them that can be told, for its attendee has a number at the platform.
    pub fn outbox_next(&self) -> Result<Option<OutboxEntry>, StoreError> {
        self.outbox_heads(1).map(|mut entries| entries.pop())
    }

    /// The entries that may be told next, oldest first, at most so many: of each badge the first
    /// that waits. Those in quarantine too: that it is to be told is why such an entry is still
    /// there.
    pub fn outbox_heads(&self, most: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        self.outbox("outbox", &format!("{HEAD} ORDER BY outbox.id LIMIT ?1"), [most])
    }

    /// The check-in of a visit, if it stands, waits, and nothing of its badge waits before it.
    pub fn outbox_of_visit(&self, visit: &[u8; 16]) -> Result<Option<OutboxEntry>, StoreError> {
        let which = format!(
            "{HEAD} AND outbox.kind = 'checkin' AND checkin.nonce = ?1
             AND checkin.annulled_at IS NULL"
        );
        self.outbox("known_outbox", &which, [visit]).map(|mut entries| entries.pop())
    }

    /// The entries that the platform did not accept, newest first, with its word for the reason.
    pub fn outbox_refused(&self) -> Result<Vec<(OutboxEntry, String)>, StoreError> {
        let which = "outbox.refusal IS NOT NULL ORDER BY outbox.id DESC";
        self.outbox_query("known_outbox", which, [], |row| Ok((entry(row)?, row.get(8)?)))
    }

    /// The telling of an entry begins: from here on the platform may have heard of it. False when
    /// there is nothing more to tell.
    pub fn outbox_begin(&mut self, id: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET begun = begun + 1 WHERE id = ?1 AND heard_at IS NULL";
        self.db.execute(sql, [id]).map(|rows| rows > 0).map_err(StoreError::RecordHeard)
    }

    /// Nothing of what was begun has left this machine.
    pub fn outbox_unsent(&mut self, id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET begun = begun - 1 WHERE id = ?1 AND begun > 0";
        self.db.execute(sql, [id]).map(drop).map_err(StoreError::RecordHeard)
    }

    /// The platform would have refused a check-in whose visitor is inside: from here on it is told
    /// so that it is kept there.
    pub fn outbox_force(&mut self, id: i64, refusal: &str) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET forced = ?2 WHERE id = ?1 AND heard_at IS NULL
                   AND kind = 'checkin' AND forced IS NULL";
        self.db.execute(sql, (id, refusal)).map(drop).map_err(StoreError::RecordHeard)
    }

    /// The platform has answered: `refusal` is its word for what it did not accept, and does not
    /// have; without one, the word for which a check-in was told with force stays. Nothing changes when the entry was
    /// answered before. What stayed of an erased badge for this entry alone goes with it.
    pub fn outbox_heard(
        &mut self,
        id: i64,
        refusal: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.outbox_settle(
            id,
            |tx| {
                tx.execute(
                    "UPDATE outbox SET heard_at = ?2, refusal = coalesce(?3, nullif(forced, ?4)),
                     forced = CASE WHEN ?3 IS NULL THEN forced END
                 WHERE id = ?1 AND heard_at IS NULL",
                    params![id, millis(at), refusal, OVERRIDE],
                )
            },
            at,
        )
    }

    /// Whether the check-in of an entry has been taken back.
    pub fn outbox_annulled(&self, id: i64) -> Result<bool, StoreError> {
        let sql = "SELECT annulled_at IS NOT NULL FROM outbox
                   JOIN checkin ON checkin.id = outbox.checkin WHERE outbox.id = ?1";
        let annulled = self.db.query_row(sql, [id], |row| row.get(0)).optional();
        annulled.map(Option::unwrap_or_default).map_err(StoreError::ReadOutbox)
    }

    /// The check-in of this entry is not at the platform, and nobody passed: neither it nor its
    /// annulment has to be told.
    pub fn outbox_void(&mut self, id: i64, at: Timestamp) -> Result<(), StoreError> {
        self.outbox_settle(id, |tx| void(tx, id, at), at)
    }

    /// The kiosk's clock was set, by so much: what waits was written by the clock of before.
    pub fn outbox_shift(&mut self, by: SignedDuration) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET queued_at = queued_at + ?1 WHERE heard_at IS NULL";
        let by = i64::try_from(by.as_millis()).unwrap_or_default();
        self.db.execute(sql, [by]).map(drop).map_err(StoreError::RecordHeard)
    }

    fn outbox_settle(
        &mut self,
        id: i64,
        settle: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<usize>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if settle(&tx)? > 0 {
                log_refusal(&tx, &self.signer, id, at)?;
            }
            let released = tombstones::release(&tx, &self.signer, id, at)?;
            tx.commit()?;
            if released { wipe_deleted(&self.db) } else { Ok(()) }
        };
        write().map_err(StoreError::RecordHeard)
    }

    fn outbox(
        &self,
        of: &str,
        which: &str,
        parameters: impl Params,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        self.outbox_query(of, which, parameters, entry)
    }

    fn outbox_query<T>(
        &self,
        of: &str,
        which: &str,
        parameters: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let sql = format!(
            "SELECT outbox.id, outbox.kind, outbox.nonce, outbox.locator, lane, staff,
                 outbox.queued_at, outbox.position, outbox.refusal, told.forced IS NOT NULL,
                 annulled_at IS NOT NULL, outbox.begun, outbox.answers
             FROM {of} outbox JOIN checkin ON checkin.id = outbox.checkin
             LEFT JOIN main.outbox told ON told.checkin = outbox.checkin AND told.kind = 'checkin'
             WHERE {which}"
        );
        self.db
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_map(parameters, read)?.collect())
            .map_err(StoreError::ReadOutbox)
    }
}

/// What the platform did not accept of somebody who is inside stays in the log, also when the
/// attendee is gone there and the entry goes (C35).
fn log_refusal(
    tx: &Transaction<'_>,
    signer: &KioskKey,
    id: i64,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let sql = "SELECT refusal, checkin.nonce, badge FROM outbox
               JOIN checkin ON checkin.id = outbox.checkin
               WHERE outbox.id = ?1 AND refusal IS NOT NULL";
    let refused = tx
        .prepare_cached(sql)?
        .query_row([id], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((word, visit, badge)) = refused else { return Ok(()) };
    let what = What::RefusedByPlatform { refusal: Refusal::of(&word) };
    let (visit, badge) = (Some(visit), Some(badge));
    log::append(tx, signer, &Record { at, by: Actor::Kiosk, visit, badge, what })
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
        forced: row.get(9)?,
        annulled: row.get(10)?,
        begun: row.get(11)?,
        answers: row.get(12)?,
    })
}

/// What is told of a check-in.
pub(crate) struct Told<'a> {
    pub(crate) nonce: [u8; 16],
    pub(crate) locator: [u8; 32],
    pub(crate) position: Option<i64>,
    pub(crate) at: Timestamp,
    pub(crate) expires: Timestamp,
    /// Why it is told with force, if it is.
    pub(crate) forced: Option<&'static str>,
    pub(crate) answers: Option<&'a str>,
}

/// Queues a check-in.
pub(crate) fn queue(tx: &Transaction<'_>, checkin: i64, told: &Told<'_>) -> rusqlite::Result<()> {
    tx.execute(
        "INSERT INTO outbox
             (kind, nonce, locator, position, checkin, queued_at, expires_at, forced, answers)
         VALUES
             (:kind, :nonce, :locator, :position, :checkin, :at, :expires_at, :forced, :answers)",
        named_params! {
            ":kind": OutboxKind::Checkin.word(),
            ":nonce": told.nonce,
            ":locator": told.locator,
            ":position": told.position,
            ":checkin": checkin,
            ":at": millis(told.at),
            ":expires_at": millis(told.expires),
            ":forced": told.forced,
            ":answers": told.answers,
        },
    )
    .map(drop)
}

/// Queues the annulment of a check-in under the nonce of its own entry. Where the platform has
/// certainly not got the check-in, there is nothing to tell: it was never begun to be told, or
/// refused and not kept.
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
    )?;
    let not_there: Option<i64> = tx
        .query_row(
            "SELECT id FROM outbox WHERE checkin = ?1 AND kind = ?2
             AND (heard_at IS NULL AND begun = 0 OR refusal IS NOT NULL AND forced IS NULL)",
            (checkin, OutboxKind::Checkin.word()),
            |row| row.get(0),
        )
        .optional()?;
    match not_there {
        Some(id) => void(tx, id, at).map(drop),
        None => Ok(()),
    }
}

/// Ends the telling of a check-in and of its annulment, for the platform has neither.
pub(crate) fn void(tx: &Transaction<'_>, id: i64, at: Timestamp) -> rusqlite::Result<usize> {
    tx.execute(
        "UPDATE outbox SET heard_at = ?2 WHERE heard_at IS NULL
         AND checkin = (SELECT checkin FROM outbox WHERE id = ?1)",
        (id, millis(at)),
    )
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
    fn what_waits_is_told_to_no_other_list_unless_it_is_given_up() {
        let (_folder, mut store) = store();
        assert!(store.outbox_list(&[1; 32]).unwrap());
        assert!(!store.outbox_list(&[2; 32]).unwrap());
        assert!(store.outbox_list(&[1; 32]).unwrap(), "the same one");
        let waiting = store.outbox_counts().unwrap().waiting;
        assert_eq!(store.outbox_give_up(AT).unwrap(), waiting as usize);
        let counts = store.outbox_counts().unwrap();
        assert_eq!((counts.waiting, counts.refused), (0, waiting));
        assert!(store.outbox_list(&[2; 32]).unwrap());
    }

    #[test]
    fn c31_what_the_platform_did_not_accept_stays_in_the_log_once() {
        let (_folder, mut store) = store();
        let entry = store.outbox_next().unwrap().unwrap();
        for _ in 0..2 {
            store.outbox_heard(entry.id, Some("canceled"), AT).unwrap();
        }
        let refused = What::RefusedByPlatform { refusal: Refusal::Canceled };
        let log = testing::log(&store);
        let told: Vec<_> = log.iter().filter(|entry| entry.what == refused).collect();
        assert_eq!(told.len(), 1);
        assert!(told[0].visit == Some(entry.nonce) && told[0].badge.is_some());
    }

    #[test]
    fn the_outbox_tells_in_order_what_can_be_told_and_each_entry_once() {
        let (_folder, mut store) = store();
        let mut told = Vec::new();
        let first = store.outbox_next().unwrap().unwrap();
        assert!(store.outbox_begin(first.id).unwrap());
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
    fn what_waits_of_one_badge_keeps_its_order_and_holds_up_no_other() {
        let (_folder, mut store) = store();
        let first = store.outbox_next().unwrap().unwrap();
        store.outbox_begin(first.id).unwrap();
        store.annul_checkin(&[1; 16], AT).unwrap();
        let badge = store.badge(&locator(1)).unwrap().unwrap().id;
        store.record_checkin(&face(9, badge)).unwrap();
        let heads = |store: &Store| -> Vec<_> {
            let heads = store.outbox_heads(9).unwrap();
            heads.iter().map(|e| (e.position.unwrap(), e.kind, e.nonce[0], e.annulled)).collect()
        };
        let (checkin, annulment) = (OutboxKind::Checkin, OutboxKind::Annulment);
        assert_eq!(heads(&store), [(101, checkin, 1, true), (103, checkin, 3, false)]);
        assert!(store.outbox_of_visit(&[9; 16]).unwrap().is_none(), "others come before it");
        store.outbox_heard(first.id, None, AT).unwrap();
        assert_eq!(heads(&store), [(103, checkin, 3, false), (101, annulment, 1, true)]);
        let annulment = store.outbox_heads(9).unwrap().pop().unwrap();
        store.outbox_heard(annulment.id, None, AT).unwrap();
        assert_eq!(heads(&store), [(103, checkin, 3, false), (101, checkin, 9, false)]);
        assert!(store.outbox_of_visit(&[9; 16]).unwrap().is_some());
    }

    #[test]
    fn an_annulled_check_in_that_the_platform_never_got_is_not_told() {
        let (_folder, mut store) = store();
        // Never begun.
        store.annul_checkin(&[1; 16], AT).unwrap();
        assert_eq!(store.outbox_next().unwrap().unwrap().position, Some(103));
        // Begun, but nothing left the machine.
        let next = store.outbox_next().unwrap().unwrap();
        assert!(store.outbox_begin(next.id).unwrap());
        store.outbox_unsent(next.id).unwrap();
        store.annul_checkin(&[3; 16], AT).unwrap();
        assert_eq!(store.outbox_next().unwrap(), None);
        assert!(!store.outbox_begin(next.id).unwrap(), "somebody who was about to tell it stops");
        // Refused and not kept there.
        let badge = store.badge(&locator(1)).unwrap().unwrap().id;
        store.record_checkin(&face(9, badge)).unwrap();
        let next = store.outbox_next().unwrap().unwrap();
        store.outbox_begin(next.id).unwrap();
        store.outbox_heard(next.id, Some("invalid"), AT).unwrap();
        store.annul_checkin(&[9; 16], AT).unwrap();
        assert_eq!(store.outbox_next().unwrap(), None);
    }

    #[test]
    fn what_is_told_with_force_keeps_the_word_for_it_and_its_annulment_knows() {
        let (_folder, mut store) = store();
        let first = store.outbox_next().unwrap().unwrap();
        store.outbox_begin(first.id).unwrap();
        store.outbox_force(first.id, "already_redeemed").unwrap();
        assert!(store.outbox_next().unwrap().unwrap().forced);
        store.outbox_heard(first.id, None, AT).unwrap();
        store.annul_checkin(&[1; 16], AT).unwrap();
        let refused = store.outbox_refused().unwrap();
        assert_eq!(refused[0].1, "already_redeemed");
        let annulment = store.outbox_heads(9).unwrap().pop().unwrap();
        assert_eq!((annulment.kind, annulment.forced), (OutboxKind::Annulment, true));
    }

    #[test]
    fn a_clock_that_is_set_moves_what_waits_and_nothing_else() {
        let (_folder, mut store) = store();
        let first = store.outbox_next().unwrap().unwrap();
        store.outbox_heard(first.id, Some("other"), AT).unwrap();
        let hour = SignedDuration::from_hours(1);
        store.outbox_shift(-hour).unwrap();
        assert!(store.outbox_pending().unwrap().iter().all(|entry| entry.at == AT - hour));
        assert_eq!(store.outbox_refused().unwrap()[0].0.at, AT);
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
