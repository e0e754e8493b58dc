//! Expiry of every row about a person (C08), and counts.

use std::convert::Infallible;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::attendee::{REFERENCES, TABLES};
use crate::columns::millis;
use crate::{OutboxCounts, Purged, Store, StoreError, Trouble, erasure, log};

/// Days for which consents, check-ins and the audit log are kept when no roster says so.
pub const DEFAULT_RETENTION_DAYS: u16 = 30;

/// How much the store holds. Children below 14 are in none of these numbers (C40).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Attendees.
    pub attendees: u32,
    /// Sealed reference photos.
    pub references: u32,
    /// Standing check-ins through the face lane.
    pub checkins_face: u32,
    /// Standing check-ins through the staff lane.
    pub checkins_staff: u32,
    /// Consents, refusals and withdrawals.
    pub consents: u32,
    /// Sealed evidence that a law wants kept. Counted whole: a visit carries no age.
    pub evidence: u32,
    /// Outbox entries that wait for the platform. These are counted whole: none may be lost.
    pub outbox: u32,
    /// Outbox entries that the platform did not accept, children's too.
    pub refused: u32,
    /// Badges that are gone at the platform and of which something has to stay for a while, and
    /// evidence of their visits (M54). In no other number but `outbox`.
    pub quarantined: u32,
}

impl Store {
    /// Deletes every row whose time has come, and the contents of attendees whose badge is no
    /// longer valid: first their keys, so that a purge which cannot go on has done the most.
    /// Deleted pages are overwritten (`secure_delete`), given back, and the write-ahead log is
    /// emptied, so that nothing of them stays in the files. The audit log tells what was deleted,
    /// in the transaction that deletes it.
    pub fn purge_expired(&mut self, now: Timestamp) -> Result<Purged, StoreError> {
        let mut failed = None;
        self.purge_step(&mut failed, |db| erasure::delete_expired(db, now));
        // The keys are gone for good before anything else is tried.
        self.purge_step(&mut failed, |db| empty_log(db).map(|()| 0));
        let purged = match self.purge_at_once(now) {
            Ok(purged) => purged,
            Err(error) => {
                self.purge_failed(&mut failed, error);
                self.purge_by_table(now, &mut failed)
            }
        };
        self.erase_pending(now, &mut failed);
        self.purge_step(&mut failed, |db| wipe_deleted(db).map(|()| 0));
        failed.map_or(Ok(purged), Err)
    }

    /// Counts what is held.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let number = |sql: &str| self.db.query_row(sql, [], |row| row.get(0));
        let OutboxCounts { waiting, refused, quarantined } = self.outbox_counts()?;
        let count = || {
            Ok(Counts {
                attendees: number(
                    "SELECT (SELECT count(*) FROM attendee) - (SELECT count(*) FROM buried_attendee)",
                )?,
                references: number(
                    "SELECT (SELECT count(*) FROM attendee WHERE reference_problem IS NULL)
                     - (SELECT count(*) FROM buried_attendee WHERE reference_problem IS NULL)",
                )?,
                checkins_face: number(
                    "SELECT count(*) FROM known_checkin
                     WHERE annulled_at IS NULL AND lane = 'face'
                     AND badge NOT IN (SELECT badge FROM attendee_under_14)",
                )?,
                checkins_staff: number(
                    "SELECT count(*) FROM known_checkin
                     WHERE annulled_at IS NULL AND lane = 'staff'
                     AND badge NOT IN (SELECT badge FROM attendee_under_14)",
                )?,
                consents: number(
                    "SELECT count(*) FROM known_consent
                     WHERE badge NOT IN (SELECT badge FROM attendee_under_14)",
                )?,
                evidence: number("SELECT count(*) FROM known_evidence")?,
                outbox: waiting,
                refused,
                quarantined,
            })
        };
        count().map_err(StoreError::Count)
    }

    /// Deletes all of it, or nothing.
    fn purge_at_once(&mut self, now: Timestamp) -> Result<Purged, StoreError> {
        let mut purge = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let rows = delete_rows(|sql| tx.execute(sql, [millis(now)]))?;
            let purged = log::cut(&tx, &self.signer, now, rows)?;
            tx.commit()?;
            Ok(purged)
        };
        purge().map_err(StoreError::Purge)
    }

    /// Deletes table by table: what one of them refuses does not keep the others.
    fn purge_by_table(&mut self, now: Timestamp, failed: &mut Option<StoreError>) -> Purged {
        let deleted = delete_rows(|sql| {
            Ok::<_, Infallible>(self.purge_step(failed, |db| db.execute(sql, [millis(now)])))
        });
        let Ok(rows) = deleted;
        let mut cut = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let purged = log::cut(&tx, &self.signer, now, rows)?;
            tx.commit()?;
            Ok(purged)
        };
        cut().map_err(StoreError::Purge).unwrap_or_else(|error| {
            self.purge_failed(failed, error);
            rows
        })
    }

    /// One step of a purge: how many rows it deleted.
    pub(crate) fn purge_step(
        &mut self,
        failed: &mut Option<StoreError>,
        step: impl FnOnce(&Connection) -> rusqlite::Result<usize>,
    ) -> usize {
        step(&self.db).map_err(StoreError::Purge).unwrap_or_else(|error| {
            self.purge_failed(failed, error);
            0
        })
    }

    /// Keeps the first error.
    pub(crate) fn purge_failed(&mut self, failed: &mut Option<StoreError>, error: StoreError) {
        // A damaged page stops the connection, and should not stop the purge.
        if error.trouble() == Some(Trouble::Damaged) {
            self.reopen().ok();
        }
        failed.get_or_insert(error);
    }
}

/// What a purge deletes, statement by statement; `?1` is the time.
fn delete_rows<E>(mut delete: impl FnMut(&str) -> Result<usize, E>) -> Result<Purged, E> {
    let mut contents = 0;
    for (table, references) in TABLES.into_iter().zip(REFERENCES) {
        const OVER: &str = "contents_expire_at <= ?1";
        // Also those that could not be deleted when the record was.
        delete(&format!(
            "DELETE FROM {references} WHERE badge IN (SELECT badge FROM {table} WHERE {OVER})"
        ))?;
        let set = "sealed_record = NULL, reference_problem = 'expired', photo_due_at = NULL";
        let rows =
            delete(&format!("UPDATE {table} SET {set} WHERE {OVER} AND sealed_record IS NOT NULL"));
        contents += rows? as u32;
    }
    let mut rows = |sql| delete(sql).map(|rows| rows as u32);
    let purged = Purged {
        undelivered: rows("DELETE FROM outbox WHERE expires_at <= ?1 AND heard_at IS NULL")?,
        checkins: rows("DELETE FROM checkin WHERE expires_at <= ?1")?,
        consents: rows("DELETE FROM consent WHERE expires_at <= ?1")?,
        staff: rows("DELETE FROM staff WHERE expires_at <= ?1")?,
        evidence: rows("DELETE FROM evidence WHERE expires_at <= ?1")?,
        attendees: rows("DELETE FROM attendee WHERE expires_at <= ?1")?
            + rows("DELETE FROM attendee_under_14 WHERE expires_at <= ?1")?,
        contents,
        requests: rows("DELETE FROM request WHERE expires_at <= ?1")?,
        incidents: rows(
            "DELETE FROM incident WHERE number NOT IN
               (SELECT incident FROM incident_version WHERE expires_at > ?1)",
        )?,
        entries: 0,
    };
    rows("DELETE FROM request_under_14 WHERE expires_at <= ?1")?;
    rows("DELETE FROM outbox WHERE expires_at <= ?1")?;
    rows("DELETE FROM refused_scan WHERE expires_at <= ?1")?;
    rows("DELETE FROM consent_under_14 WHERE expires_at <= ?1")?;
    rows("DELETE FROM guardian_consent WHERE expires_at <= ?1")?;
    rows("DELETE FROM child WHERE expires_at <= ?1")?;
    rows("DELETE FROM sign_in_failure WHERE expires_at <= ?1")?;
    rows("DELETE FROM visit_count WHERE expires_at <= ?1")?;
    rows("DELETE FROM visit_time WHERE expires_at <= ?1")?;
    rows("DELETE FROM announced WHERE expires_at <= ?1")?;
    rows("DELETE FROM tombstone_position WHERE expires_at <= ?1")?;
    rows("DELETE FROM void_code WHERE expires_at <= ?1")?;
    rows("DELETE FROM left_out WHERE expires_at <= ?1")?;
    // What stays of a badge stays hidden.
    rows(
        "DELETE FROM tombstone WHERE expires_at <= ?1 AND erased_at IS NOT NULL
         AND badge NOT IN (SELECT badge FROM checkin)",
    )?;
    Ok(purged)
}

/// Days for which records are kept, from the loaded roster.
pub(crate) fn retention_days(db: &Connection) -> rusqlite::Result<u16> {
    db.prepare_cached("SELECT retention_days FROM roster")?
        .query_row([], |row| row.get(0))
        .optional()
        .map(|days| days.unwrap_or(DEFAULT_RETENTION_DAYS))
}

/// Gives back the pages of what was deleted and empties the write-ahead log. `secure_delete`
/// has overwritten the pages already.
pub(crate) fn wipe_deleted(db: &Connection) -> rusqlite::Result<()> {
    // One page goes with each step.
    let mut vacuum = db.prepare("PRAGMA incremental_vacuum")?;
    let mut steps = vacuum.query([])?;
    while steps.next()?.is_some() {}
    drop(steps);
    drop(vacuum);
    empty_log(db)
}

/// Brings the write-ahead log into the database and cuts it to nothing.
pub(crate) fn empty_log(db: &Connection) -> rusqlite::Result<()> {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use audit::Actor;

    use super::*;
    use crate::testing::{self, AT, DAY, attendee, consent, face, locator, roster};
    use crate::{Age, Choice, ConsentRecord, NewAttendee, Pin, Role};

    /// Tables without a row about a person.
    /// What an erasure key, a photo, an incident and the switch for retention have instead of an expiry: the
    /// key and the photo go with the contents, the incident with its versions, a hash of a badge that is gone
    /// with its tombstone, and the switch names two members of staff.
    const IMPERSONAL: [&str; 16] = [
        "meta",
        "roster",
        "roster_seen",
        "policy",
        "erasure_key",
        "reference",
        "reference_under_14",
        "incident",
        "retention",
        "audit_mark",
        "registration",
        "relay",
        "announced_gone",
        "request_number",
        "tombstones_seen",
        "checkin_list",
    ];

    fn tables(store: &Store) -> Vec<String> {
        let mut statement = store
            .db
            .prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            )
            .unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    }

    fn rows(store: &Store, table: &str) -> u32 {
        store.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)).unwrap()
    }

    /// One row at least in every table.
    fn filled() -> (tempfile::TempDir, Store) {
        let (folder, mut store) = testing::store();
        let child = NewAttendee { age: Age::Under14, ..attendee(locator(2)) };
        let numbered = NewAttendee { position: Some(101), ..attendee(locator(1)) };
        testing::import(&mut store, &roster(1), &[numbered, child]);
        let badge = store.badge(&locator(1)).unwrap().unwrap().id;
        let child = store.badge(&locator(2)).unwrap().unwrap().id;
        store.note_child(child, AT).unwrap();
        store.record_consent(&consent(2, child, Choice::Given)).unwrap();
        store.record_guardian_consent(&testing::guardian(2, child)).unwrap();
        store.record_consent(&consent(1, badge, Choice::Given)).unwrap();
        for (nonce, badge) in [(1, badge), (2, child)] {
            store.file_request(&testing::request(nonce, badge)).unwrap();
        }
        store.join_relay(b"account", &[6; 32], AT).unwrap();
        store.record_checkin(&face(1, badge)).unwrap();
        let told = store.outbox_next().unwrap().unwrap();
        store.outbox_begin(told.id).unwrap();
        store.annul_checkin(&[1; 16], AT).unwrap();
        store.record_checkin(&face(1, badge)).unwrap();
        store.refuse_scan([5; 16], badge, "already_redeemed", AT).unwrap();
        let pin = Pin::new("135790".into());
        store.add_staff(7, &pin, Role::Guard, Actor::Console, AT).unwrap();
        store.sign_in(7, &Pin::new("000000".into()), None, AT).unwrap();
        store.count_visit(&testing::ended_visit()).unwrap();
        let guard = crate::StaffMember { number: 7, role: Role::Guard };
        store.record_incident(&testing::incident(), guard, AT).unwrap();
        add_evidence(&store);
        let gone = [crate::Buried::Position(9), crate::Buried::Badge(locator(9))];
        let list =
            crate::TombstoneList { roster: "roster", sequence: 1, made_at: AT, buried: &gone };
        store.bury_list(&list, AT).unwrap();
        let changes = crate::Changes {
            unreadable: vec![77],
            void: vec![(locator(8), crate::Void::Revoked)],
            ..testing::changes(AT)
        };
        store.apply(&changes, AT).unwrap();
        (folder, store)
    }

    #[test]
    fn c08_every_row_about_a_person_has_an_expiry_and_is_deleted_on_time() {
        let (_folder, mut store) = filled();
        let personal: Vec<_> =
            tables(&store).into_iter().filter(|t| !IMPERSONAL.contains(&t.as_str())).collect();
        for table in &personal {
            assert!(rows(&store, table) > 0, "the test leaves {table} empty");
            let sql = format!("SELECT max(expires_at) FROM {table} WHERE expires_at IS NOT NULL");
            let last: i64 = store.db.query_row(&sql, [], |row| row.get(0)).unwrap();
            let days = match table.as_str() {
                "incident_version" => crate::INCIDENT_DAYS,
                _ => crate::STAFF_ACCOUNT_DAYS,
            };
            let latest = millis(AT + DAY * i32::from(days));
            assert!(last > millis(AT) && last <= latest, "{table}");
        }
        store.purge_expired(AT + DAY * i32::from(crate::INCIDENT_DAYS)).unwrap();
        assert_eq!(rows(&store, "incident"), 0);
        for table in personal {
            // What the log has left is the entry on this purge.
            let left = u32::from(table == "audit_entry");
            assert_eq!(rows(&store, &table), left, "{table}");
        }
    }

    #[test]
    fn c08_records_go_after_the_retention_of_the_policy_and_not_before() {
        let (_folder, mut store) = filled();
        let counts = |store: &Store| {
            let c = store.counts().unwrap();
            (c.consents, c.checkins_face, testing::log(store).len(), c.outbox)
        };
        store.purge_expired(AT + DAY * 10 - jiff::SignedDuration::from_millis(1)).unwrap();
        let entries = testing::log(&store).len();
        assert_eq!(counts(&store), (1, 1, entries, 3));
        let purged = store.purge_expired(AT + DAY * 10).unwrap();
        // The two entries tell of the two purges.
        assert_eq!(counts(&store), (0, 0, 2, 0));
        assert_eq!((purged.consents, purged.checkins, purged.undelivered), (1, 2, 3));
        assert_eq!(purged.entries as usize, entries - 1);
    }

    #[test]
    fn c08_the_photo_goes_with_the_validity_and_the_rest_a_day_after_the_roster_ends() {
        let (_folder, mut store) = testing::store();
        testing::import_one(&mut store, locator(1), Some(AT + DAY));
        store.purge_expired(AT + DAY).unwrap();
        assert!(store.badge(&locator(1)).unwrap().unwrap().has_reference());
        let purged = store.purge_expired(AT + DAY * 2).unwrap();
        assert_eq!((purged.contents, purged.attendees), (1, 0));
        let stub = store.badge(&locator(1)).unwrap().unwrap();
        assert_eq!((stub.sealed_record, store.reference(&locator(1)).unwrap()), (None, None));
        assert_eq!(stub.reference_problem.as_deref(), Some("expired"));
        assert_eq!(stub.valid_until, Some(AT + DAY));
        let purged = store.purge_expired(AT + DAY * 6).unwrap();
        assert_eq!((purged.contents, purged.attendees), (0, 1));
        assert!(store.badge(&locator(1)).unwrap().is_none());
    }

    #[test]
    fn a_check_in_is_remembered_as_long_as_the_badge_is_valid() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), Some(AT + DAY * 50));
        store.record_checkin(&face(1, badge)).unwrap();
        store.purge_expired(AT + DAY * 50).unwrap();
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().admitted_at, Some(AT));
        store.purge_expired(AT + DAY * 51).unwrap();
        assert_eq!(store.counts().unwrap(), Counts::default());
    }

    #[test]
    fn c08_a_purge_gives_the_pages_back_and_empties_the_log() {
        let (folder, mut store) = testing::store();
        let photo = vec![7; 200_000];
        let large =
            NewAttendee { reference: crate::Reference::Sealed(&photo), ..attendee(locator(1)) };
        testing::import(&mut store, &roster(1), &[large]);
        store.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        let length = |file: &str| std::fs::metadata(folder.path().join(file)).unwrap().len();
        let before = length("postern.db");
        store.purge_expired(AT + DAY * 6).unwrap();
        assert!(length("postern.db") + 190_000 < before);
        assert_eq!(length("postern.db-wal"), 0);
    }

    /// What identifies the contents, records and keys of one badge in the files.
    fn traces(store: &Store) -> Vec<(&'static str, Vec<u8>)> {
        let bytes =
            |sql: &str| -> Vec<u8> { store.db.query_row(sql, [], |row| row.get(0)).unwrap() };
        let middle = |bytes: Vec<u8>| bytes[bytes.len() / 2..][..32].to_vec();
        vec![
            ("photo", middle(bytes("SELECT sealed FROM reference"))),
            ("record", middle(bytes("SELECT sealed_record FROM attendee"))),
            ("key of both", bytes("SELECT key FROM erasure_key")),
            ("pseudonym", bytes("SELECT badge FROM attendee")),
            ("consent", bytes("SELECT nonce FROM consent")),
            ("check-in", bytes("SELECT nonce FROM checkin")),
            ("evidence", middle(bytes("SELECT sealed FROM evidence"))),
        ]
    }

    fn found(folder: &std::path::Path, traces: &[(&'static str, Vec<u8>)]) -> Vec<&'static str> {
        let held = |bytes: &[u8]| crate::pages::holds(folder, bytes);
        traces.iter().filter(|(_, bytes)| held(bytes)).map(|(name, _)| *name).collect()
    }

    /// A store with one visitor of whom everything is kept that can be.
    fn visited() -> (tempfile::TempDir, Store) {
        let (folder, mut store) = testing::store();
        let photo = vec![7; 3000];
        let attendee = NewAttendee {
            reference: crate::Reference::Sealed(&photo),
            sealed_record: &[5; 90],
            ..attendee(locator(1))
        };
        testing::import(&mut store, &roster(1), &[attendee]);
        let badge = store.badge(&locator(1)).unwrap().unwrap().id;
        store.record_consent(&consent(21, badge, Choice::Given)).unwrap();
        store.record_checkin(&face(22, badge)).unwrap();
        add_evidence(&store);
        (folder, store)
    }

    fn add_evidence(store: &Store) {
        let evidence = "INSERT INTO evidence (nonce, sealed, at, expires_at) \
                        VALUES (zeroblob(16), randomblob(500), ?1, ?2)";
        store.db.execute(evidence, [millis(AT), millis(AT + DAY)]).unwrap();
    }

    #[test]
    fn c04_c08_nothing_that_was_deleted_is_in_any_page_of_the_files() {
        let (folder, mut store) = visited();
        let traces = traces(&store);
        let all: Vec<_> = traces.iter().map(|(name, _)| *name).collect();
        assert_eq!(found(folder.path(), &traces), all, "the search finds what is there");
        store.purge_expired(AT + DAY * 40).unwrap();
        assert_eq!(found(folder.path(), &traces), [""; 0]);
    }

    #[test]
    fn c04_the_search_of_the_pages_finds_what_a_plain_deletion_leaves() {
        let (folder, mut store) = visited();
        let traces = traces(&store);
        store.db.pragma_update(None, "secure_delete", false).unwrap();
        // Other rows keep the pages in use.
        let badge = store.badge(&locator(1)).unwrap().unwrap().id;
        for nonce in 30..60 {
            let later = ConsentRecord { at: AT + DAY * 90, ..consent(nonce, badge, Choice::Given) };
            store.record_consent(&later).unwrap();
        }
        store.purge_expired(AT + DAY * 40).unwrap();
        assert!(found(folder.path(), &traces).contains(&"consent"));
    }

    #[test]
    fn c04_a_deletion_that_stops_half_way_has_deleted_the_keys_first() {
        let (folder, mut store) = visited();
        let key = traces(&store).into_iter().filter(|(name, _)| *name == "key of both");
        let key: Vec<_> = key.collect();
        // The second half of the purge fails, as it would on a full disk.
        store
            .db
            .execute_batch(
                "CREATE TRIGGER no_delete BEFORE DELETE ON attendee
                   BEGIN SELECT raise(ABORT, 'no'); END;
                 CREATE TRIGGER no_update BEFORE UPDATE ON attendee
                   BEGIN SELECT raise(ABORT, 'no'); END;",
            )
            .unwrap();
        assert!(matches!(store.purge_expired(AT + DAY * 40), Err(StoreError::Purge(_))));
        assert_eq!(found(folder.path(), &key), [""; 0]);
        let badge = store.badge(&locator(1)).unwrap().unwrap();
        assert_eq!((badge.sealed_record, store.reference(&locator(1)).unwrap()), (None, None));
        assert_eq!(badge.reference_problem.as_deref(), Some("expired"));
    }

    #[test]
    fn c04_a_replaced_roster_leaves_nothing_of_the_old_one_in_the_files() {
        let (folder, mut store) = visited();
        let mut traces = traces(&store);
        traces.truncate(4);
        testing::import(&mut store, &roster(2), &[attendee(locator(2))]);
        // The pseudonym is in the check-in, which stays.
        assert_eq!(found(folder.path(), &traces), ["pseudonym"]);
    }

    #[test]
    fn c40_children_are_in_no_count() {
        let (_folder, mut store) = testing::store();
        let child = NewAttendee { age: Age::Under14, ..attendee(locator(2)) };
        testing::import(&mut store, &roster(1), &[child]);
        let badge = store.badge(&locator(2)).unwrap().unwrap().id;
        store.record_checkin(&face(1, badge)).unwrap();
        store.record_consent(&consent(1, badge, Choice::Refused)).unwrap();
        assert_eq!(store.counts().unwrap(), Counts { outbox: 1, ..Counts::default() });
    }
}
