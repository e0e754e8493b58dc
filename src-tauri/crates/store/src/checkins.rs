//! Check-ins: each with its outbox entry in one transaction, each badge once.

use admission::Refusal;
use audit::{Actor, Reason, Record, What};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, named_params};
use seal::Locator;

use crate::badge::keyed_hash;
use crate::columns::{days_after, millis, time};
use crate::expiry::{retention_days, wipe_deleted};
use crate::outbox::{self, Told};
use crate::{AnnouncedState, BadgeId, Role, Store, StoreError, announced, log, tombstones};

/// The lane of a check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// By comparison on the device.
    Face,
    /// By a member of staff.
    Staff,
}

impl Lane {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::Staff => "staff",
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        [Self::Face, Self::Staff].into_iter().find(|lane| lane.word() == word)
    }
}

/// One check-in to be written.
#[derive(Clone, Debug)]
pub struct Checkin {
    /// Nonce of the visit: the same visit is written once.
    pub nonce: [u8; 16],
    /// Pseudonym of the badge.
    pub badge: BadgeId,
    /// The lane.
    pub lane: Lane,
    /// Number of the member of staff; present exactly for [`Lane::Staff`].
    pub staff: Option<u32>,
    /// Their role, for the audit log.
    pub role: Option<Role>,
    /// Code of the reason for which the visit came to staff.
    pub reason: Option<Reason>,
    /// A person admits although the platform has refused (C25): it is told with force.
    pub overrides: bool,
    /// Answers to the organiser's questions, as JSON by the number of the question.
    pub answers: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What became of a check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckinOutcome {
    /// Written, with its outbox entry.
    Recorded,
    /// This visit was written before: nothing to do.
    AlreadyRecorded,
    /// The badge was admitted before, in another visit, here or by the word of another kiosk.
    AlreadyAdmitted {
        /// When.
        at: Timestamp,
    },
}

impl Checkin {
    /// For the audit log. What was written before is in it.
    fn record(&self, outcome: CheckinOutcome) -> Option<Record> {
        let lane = match self.lane {
            Lane::Face => audit::Lane::Face,
            Lane::Staff => audit::Lane::Staff,
        };
        let what = match outcome {
            CheckinOutcome::Recorded => What::Admitted { lane, reason: self.reason },
            CheckinOutcome::AlreadyAdmitted { .. } => What::NotAdmitted,
            CheckinOutcome::AlreadyRecorded => return None,
        };
        let role = self.role;
        let by = self.staff.map_or(Actor::Kiosk, |number| Actor::Staff { number, role });
        let (visit, badge) = (Some(self.nonce), Some(self.badge.0));
        Some(Record { at: self.at, by, visit, badge, what })
    }
}

impl Store {
    /// Writes a check-in and its outbox entry in one transaction, on the disk before it
    /// returns. A badge is admitted once, and a visit is written once.
    pub fn record_checkin(&mut self, checkin: &Checkin) -> Result<CheckinOutcome, StoreError> {
        self.record_entry(checkin, false)
    }

    /// The same. `again`: a badge that was admitted before is admitted once more, at an entrance
    /// that lets it in again.
    pub fn record_entry(
        &mut self,
        checkin: &Checkin,
        again: bool,
    ) -> Result<CheckinOutcome, StoreError> {
        let (tx, outcome) = self.write_checkin(checkin, again)?;
        tx.commit().map_err(StoreError::RecordCheckin)?;
        Ok(outcome)
    }

    /// Takes back the check-in of a visit whose visitor did not pass: the badge may be admitted
    /// again, and the outbox says so. False when there is none.
    pub fn annul_checkin(&mut self, nonce: &[u8; 16], at: Timestamp) -> Result<bool, StoreError> {
        let mut annul = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let checkin: Option<(i64, [u8; 32])> = tx
                .query_row(
                    "UPDATE checkin SET annulled_at = ?2
                     WHERE nonce = ?1 AND annulled_at IS NULL RETURNING id, badge",
                    (nonce, millis(at)),
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            if let Some((checkin, badge)) = checkin {
                outbox::queue_annulment(&tx, checkin, at)?;
                announced::queue_taken_back(&tx, checkin, at)?;
                let (visit, badge) = (Some(*nonce), Some(badge));
                let by = Actor::Kiosk;
                let taken_back = Record { at, by, visit, badge, what: What::AdmissionTakenBack };
                log::append(&tx, &self.signer, &taken_back)?;
            }
            tx.commit()?;
            Ok(checkin.is_some())
        };
        annul().map_err(StoreError::AnnulCheckin)
    }

    /// The platform has refused a check-in before anybody passed: it is taken back here, and neither
    /// it nor that is told any more, for the platform has not got it. `refusal` is for the audit
    /// log. False when the entry was answered before.
    pub fn refuse_checkin(
        &mut self,
        entry: i64,
        refusal: Refusal,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut refuse = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let checkin: Option<(i64, [u8; 16], [u8; 32], bool)> = tx
                .query_row(
                    "SELECT checkin.id, checkin.nonce, badge, annulled_at IS NULL
                     FROM outbox JOIN checkin ON checkin.id = outbox.checkin
                     WHERE outbox.id = ?1 AND heard_at IS NULL",
                    [entry],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )
                .optional()?;
            let Some((checkin, visit, badge, stands)) = checkin else { return Ok(false) };
            if stands {
                let sql = "UPDATE checkin SET annulled_at = ?2 WHERE id = ?1";
                tx.execute(sql, (checkin, millis(at)))?;
                outbox::queue_annulment(&tx, checkin, at)?;
            }
            outbox::void(&tx, entry, at)?;
            let what = What::RefusedByPlatform { refusal };
            let (visit, badge) = (Some(visit), Some(badge));
            log::append(&tx, &self.signer, &Record { at, by: Actor::Kiosk, visit, badge, what })?;
            let released = tombstones::release(&tx, &self.signer, entry, at)?;
            tx.commit()?;
            if released {
                wipe_deleted(&self.db)?;
            }
            Ok(true)
        };
        refuse().map_err(StoreError::AnnulCheckin)
    }

    fn write_checkin(
        &mut self,
        checkin: &Checkin,
        again: bool,
    ) -> Result<(Transaction<'_>, CheckinOutcome), StoreError> {
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::RecordCheckin)?;
        let found = earlier(&tx, checkin).map_err(StoreError::RecordCheckin)?;
        let outcome = match found {
            Earlier::SameVisit => CheckinOutcome::AlreadyRecorded,
            Earlier::NonceOfAnotherBadge => return Err(StoreError::NonceReused),
            Earlier::SameBadge { at, .. } if !again => CheckinOutcome::AlreadyAdmitted { at },
            Earlier::SameBadge { annulled, .. } | Earlier::None { annulled } => {
                insert(&tx, &self.pepper, checkin, annulled)?;
                CheckinOutcome::Recorded
            }
        };
        if let Some(record) = checkin.record(outcome) {
            log::append(&tx, &self.signer, &record).map_err(StoreError::RecordCheckin)?;
        }
        Ok((tx, outcome))
    }
}

enum Earlier {
    SameVisit,
    NonceOfAnotherBadge,
    SameBadge { at: Timestamp, annulled: u32 },
    None { annulled: u32 },
}

fn earlier(tx: &Transaction<'_>, checkin: &Checkin) -> rusqlite::Result<Earlier> {
    let same_visit: Option<BadgeId> = tx
        .query_row(
            "SELECT badge FROM checkin WHERE nonce = ?1 ORDER BY annulled_at IS NOT NULL",
            [checkin.nonce],
            |row| row.get(0),
        )
        .optional()?;
    if same_visit.is_some_and(|badge| badge != checkin.badge) {
        return Ok(Earlier::NonceOfAnotherBadge);
    }
    let standing: Option<([u8; 16], Timestamp)> = tx
        .query_row(
            "SELECT nonce, at FROM checkin WHERE badge = ?1 AND annulled_at IS NULL
             ORDER BY nonce = ?2 DESC, id DESC",
            (checkin.badge, checkin.nonce),
            |row| Ok((row.get(0)?, time(row, 1)?)),
        )
        .optional()?;
    let sql = "SELECT count(*) FROM checkin WHERE nonce = ?1";
    let annulled = || tx.query_row(sql, [checkin.nonce], |row| row.get(0));
    match standing {
        Some((nonce, _)) if nonce == checkin.nonce => Ok(Earlier::SameVisit),
        Some((_, at)) => Ok(Earlier::SameBadge { at, annulled: annulled()? }),
        None => match admitted_elsewhere(tx, checkin.badge)? {
            Some((at, _)) => Ok(Earlier::SameBadge { at, annulled: annulled()? }),
            None => Ok(Earlier::None { annulled: annulled()? }),
        },
    }
}

/// Asked again when the check-in is written: another kiosk may have announced the badge since it was
/// looked up.
fn admitted_elsewhere(
    tx: &Transaction<'_>,
    badge: BadgeId,
) -> rusqlite::Result<Option<(Timestamp, String)>> {
    let locator = tx
        .prepare_cached(
            "SELECT locator FROM known_attendee WHERE badge = ?1
             UNION ALL SELECT locator FROM known_attendee_under_14 WHERE badge = ?1",
        )?
        .query_row([badge], |row| row.get(0))
        .optional()?;
    locator.map_or(Ok(None), |locator| announced::elsewhere(tx, &Locator(locator)))
}

fn insert(
    tx: &Transaction<'_>,
    pepper: &[u8; 32],
    checkin: &Checkin,
    annulled: u32,
) -> Result<(), StoreError> {
    let (locator, position, contents_expire_at) = tx
        .query_row(
            "SELECT locator, position, contents_expire_at FROM known_attendee WHERE badge = ?1
             UNION ALL SELECT locator, position, contents_expire_at FROM known_attendee_under_14
             WHERE badge = ?1",
            [checkin.badge],
            |row| Ok((row.get(0)?, row.get(1)?, time(row, 2)?)),
        )
        .optional()
        .map_err(StoreError::RecordCheckin)?
        .ok_or(StoreError::UnknownBadge)?;
    // As long as the badge is valid, the kiosk must know that it was used.
    let retention = retention_days(tx).map_err(StoreError::RecordCheckin)?;
    let expires = days_after(checkin.at, retention).max(contents_expire_at);
    let written = tx.execute(
        "INSERT INTO checkin (nonce, badge, lane, staff, reason, at, expires_at)
         VALUES (:nonce, :badge, :lane, :staff, :reason, :at, :expires_at)",
        named_params! {
            ":nonce": checkin.nonce,
            ":badge": checkin.badge,
            ":lane": checkin.lane.word(),
            ":staff": checkin.staff,
            ":reason": checkin.reason.map(Reason::word),
            ":at": millis(checkin.at),
            ":expires_at": millis(expires),
        },
    );
    written
        .and_then(|_| {
            let nonce = platform_nonce(pepper, &checkin.nonce, annulled);
            let forced = checkin.overrides.then_some(outbox::OVERRIDE);
            let answers = checkin.answers.as_deref();
            let told = Told { nonce, locator, position, at: checkin.at, expires, forced, answers };
            outbox::queue(tx, tx.last_insert_rowid(), &told)
        })
        .and_then(|()| {
            announced::queue(tx, locator, AnnouncedState::Used, (checkin.at, checkin.at), expires)
        })
        .map_err(StoreError::RecordCheckin)
}

/// The platform takes a nonce once, even if that check-in was annulled: a visit that is written
/// again after an annulment needs another one.
fn platform_nonce(pepper: &[u8; 32], visit: &[u8; 16], annulled: u32) -> [u8; 16] {
    if annulled == 0 {
        return *visit;
    }
    let hash = keyed_hash(pepper, &[visit, &annulled.to_le_bytes()]);
    let mut nonce = [0; 16];
    nonce.copy_from_slice(&hash[..16]);
    nonce
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::collections::{BTreeMap, HashSet};
    use std::fs;

    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;
    use crate::OutboxKind;
    use crate::testing::{self, AT, DAY, attendee, face, locator, roster};

    #[test]
    fn a_visit_is_written_once_and_a_badge_admitted_once() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        assert_eq!(store.record_checkin(&face(1, badge)).unwrap(), CheckinOutcome::Recorded);
        assert_eq!(store.record_checkin(&face(1, badge)).unwrap(), CheckinOutcome::AlreadyRecorded);
        let other = store.record_checkin(&face(2, badge)).unwrap();
        assert_eq!(other, CheckinOutcome::AlreadyAdmitted { at: AT });
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().admitted_at, Some(AT));
        let pending = store.outbox_pending().unwrap();
        assert_eq!(pending.len(), 1);
        assert_eq!((pending[0].nonce, pending[0].locator), ([1; 16], locator(1)));
    }

    #[test]
    fn an_annulled_check_in_can_be_made_again_under_another_platform_nonce() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        assert!(!store.annul_checkin(&[1; 16], AT).unwrap());
        for _ in 0..3 {
            assert_eq!(store.record_checkin(&face(1, badge)).unwrap(), CheckinOutcome::Recorded);
            // The platform may have heard of it.
            let next = store.outbox_pending().unwrap().pop().unwrap();
            assert!(store.outbox_begin(next.id).unwrap());
            assert!(store.annul_checkin(&[1; 16], AT).unwrap());
            assert!(!store.annul_checkin(&[1; 16], AT).unwrap());
            assert_eq!(store.badge(&locator(1)).unwrap().unwrap().admitted_at, None);
        }
        let pending = store.outbox_pending().unwrap();
        let nonces: HashSet<_> = pending.iter().map(|e| e.nonce).collect();
        assert_eq!((pending.len(), nonces.len()), (6, 3));
        for pair in pending.chunks(2) {
            assert_eq!(pair[0].nonce, pair[1].nonce);
            assert_eq!((pair[0].kind, pair[1].kind), (OutboxKind::Checkin, OutboxKind::Annulment));
        }
    }

    #[test]
    fn c25_what_the_platform_refuses_is_taken_back_untold_and_a_person_may_admit_all_the_same() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        store.record_checkin(&face(1, badge)).unwrap();
        let first = store.outbox_pending().unwrap().pop().unwrap();
        store.outbox_begin(first.id).unwrap();
        assert!(store.refuse_checkin(first.id, Refusal::AlreadyRedeemed, AT).unwrap());
        assert!(!store.refuse_checkin(first.id, Refusal::AlreadyRedeemed, AT).unwrap());
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().admitted_at, None);
        assert!(store.outbox_pending().unwrap().is_empty());
        assert!(store.outbox_refused().unwrap().is_empty(), "nobody passed");
        let refused = What::RefusedByPlatform { refusal: Refusal::AlreadyRedeemed };
        assert!(testing::log(&store).iter().any(|entry| entry.what == refused));
        let (lane, staff) = (Lane::Staff, Some(7));
        let by_staff = Checkin { lane, staff, overrides: true, ..face(1, badge) };
        assert_eq!(store.record_checkin(&by_staff).unwrap(), CheckinOutcome::Recorded);
        let second = store.outbox_pending().unwrap().pop().unwrap();
        assert!(second.forced && second.nonce != first.nonce);
        store.outbox_heard(second.id, None, AT).unwrap();
        assert!(store.outbox_refused().unwrap().is_empty(), "a person has decided already");
    }

    #[test]
    fn a_badge_comes_in_again_only_where_the_entrance_says_so_and_each_time_is_told() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        let recorded = CheckinOutcome::Recorded;
        assert_eq!(store.record_checkin(&face(1, badge)).unwrap(), recorded);
        let again = face(2, badge);
        assert_eq!(
            store.record_checkin(&again).unwrap(),
            CheckinOutcome::AlreadyAdmitted { at: AT }
        );
        assert_eq!(store.record_entry(&again, true).unwrap(), recorded);
        assert_eq!(store.record_entry(&again, true).unwrap(), CheckinOutcome::AlreadyRecorded);
        let third = Checkin { at: AT + DAY, ..face(3, badge) };
        assert_eq!(store.record_entry(&third, true).unwrap(), recorded);
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().admitted_at, Some(AT + DAY));
        let told: std::collections::HashSet<_> =
            store.outbox_pending().unwrap().iter().map(|entry| entry.nonce).collect();
        assert_eq!(told.len(), 3);
        // Who did not pass is taken back; the other times stand.
        assert!(store.annul_checkin(&[3; 16], AT + DAY).unwrap());
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().admitted_at, Some(AT));
    }

    #[test]
    fn what_cannot_be_right_is_refused_and_leaves_nothing() {
        let (_folder, mut store) = testing::store();
        testing::import(&mut store, &roster(1), &[attendee(locator(1)), attendee(locator(2))]);
        let badge = |n| store.badge(&locator(n)).unwrap().unwrap().id;
        let (one, two) = (badge(1), badge(2));
        let unknown = store.record_checkin(&face(1, BadgeId([9; 32])));
        assert!(matches!(unknown, Err(StoreError::UnknownBadge)));
        for (lane, staff) in [(Lane::Face, Some(7)), (Lane::Staff, None)] {
            let refused = store.record_checkin(&Checkin { lane, staff, ..face(1, one) });
            assert!(matches!(refused, Err(StoreError::RecordCheckin(_))));
        }
        assert!(store.outbox_pending().unwrap().is_empty());
        store.record_checkin(&face(1, one)).unwrap();
        let reused = store.record_checkin(&face(1, two));
        assert!(matches!(reused, Err(StoreError::NonceReused)));
        assert_eq!(store.counts().unwrap().checkins_face, 1);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Record { nonce: u8, badge: u8 },
        CrashBeforeCommit { nonce: u8, badge: u8 },
        Annul { nonce: u8 },
        Reopen,
        PowerCut,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (0u8..6, 0u8..3).prop_map(|(nonce, badge)| Step::Record { nonce, badge }),
            2 => (0u8..6, 0u8..3).prop_map(|(nonce, badge)| Step::CrashBeforeCommit { nonce, badge }),
            1 => (0u8..6).prop_map(|nonce| Step::Annul { nonce }),
            1 => Just(Step::Reopen),
            1 => Just(Step::PowerCut),
        ];
        prop::collection::vec(step, 1..24)
    }

    /// Goes on with the files as they lie on the disk now, without closing them first.
    fn power_cut(folder: &TempDir, store: Store) -> (TempDir, Store) {
        let next = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, next.path().join(path.file_name().unwrap())).unwrap();
        }
        drop(store);
        let store = Store::open_folder(next.path()).unwrap();
        (next, store)
    }

    fn rows(store: &Store, sql: &str) -> u32 {
        store.db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_crash_gives_a_second_check_in_or_one_without_its_outbox_entry(steps in steps()) {
            let mut folder = tempfile::tempdir().unwrap();
            let mut store = Store::open_folder(folder.path()).unwrap();
            let attendees = [0, 1, 2].map(|n| attendee(locator(n)));
            testing::import(&mut store, &roster(1), &attendees);
            let ids = [0, 1, 2].map(|n| store.badge(&locator(n)).unwrap().unwrap().id);
            // Badge to the nonce of its standing check-in, as the promises have it.
            let mut standing: BTreeMap<u8, u8> = BTreeMap::new();
            let mut used: BTreeMap<u8, u8> = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Record { nonce, badge } => {
                        let result = store.record_checkin(&face(nonce, ids[usize::from(badge)]));
                        if used.get(&nonce).is_some_and(|b| *b != badge) {
                            prop_assert!(matches!(result, Err(StoreError::NonceReused)));
                        } else {
                            let expected = match standing.get(&badge) {
                                None => CheckinOutcome::Recorded,
                                Some(n) if *n == nonce => CheckinOutcome::AlreadyRecorded,
                                Some(_) => CheckinOutcome::AlreadyAdmitted { at: AT },
                            };
                            prop_assert_eq!(result.unwrap(), expected);
                            if expected == CheckinOutcome::Recorded {
                                standing.insert(badge, nonce);
                                used.insert(nonce, badge);
                            }
                        }
                    }
                    Step::CrashBeforeCommit { nonce, badge } => {
                        drop(store.write_checkin(&face(nonce, ids[usize::from(badge)]), false));
                    }
                    Step::Annul { nonce } => {
                        let badge = standing.iter().find(|(_, n)| **n == nonce).map(|(b, _)| *b);
                        prop_assert_eq!(store.annul_checkin(&[nonce; 16], AT).unwrap(), badge.is_some());
                        standing.retain(|_, n| *n != nonce);
                    }
                    Step::Reopen => {
                        drop(store);
                        store = Store::open_folder(folder.path()).unwrap();
                    }
                    Step::PowerCut => (folder, store) = power_cut(&folder, store),
                }
                let now: BTreeMap<u8, u8> = [0, 1, 2]
                    .into_iter()
                    .filter(|n| store.badge(&locator(*n)).unwrap().unwrap().admitted_at.is_some())
                    .map(|n| (n, standing[&n]))
                    .collect();
                prop_assert_eq!(&now, &standing);
                prop_assert_eq!(rows(&store, "SELECT count(*) FROM checkin WHERE id NOT IN \
                    (SELECT checkin FROM outbox WHERE kind = 'checkin')"), 0);
                prop_assert_eq!(rows(&store, "SELECT count(*) FROM checkin WHERE (annulled_at IS NOT NULL) \
                    <> (id IN (SELECT checkin FROM outbox WHERE kind = 'annulment'))"), 0);
                prop_assert_eq!(rows(&store, "SELECT count(*) - count(DISTINCT kind || hex(nonce)) FROM outbox"), 0);
            }
        }
    }
}
