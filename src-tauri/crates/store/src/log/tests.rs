//! The log in a real database: what leaves an entry, and what somebody with the database's key
//! may do to it.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use audit::{Choice, Fault, Lane, Purpose, Reason, Role};
use proptest::prelude::*;

use super::*;
use crate::testing::{self, AT, DAY, attendee, consent, face, locator, roster};
use crate::{Evidence, Pin, StaffMember};

const TECHNICIAN: StaffMember = StaffMember { number: 8, role: Role::Technician };
const GUARD: StaffMember = StaffMember { number: 7, role: Role::Guard };

fn incident(number: u32) -> Record {
    let what = What::Incident { number: format!("{number:06}") };
    Record::new(AT, Actor::Kiosk, what)
}

/// A store with so many entries, the first of them from a roster.
fn logged(entries: u32) -> (tempfile::TempDir, Store) {
    let (folder, mut store) = testing::store();
    testing::import(&mut store, &roster(1), &[attendee(locator(1))]);
    for number in 2..=entries {
        store.record(&incident(number)).unwrap();
    }
    (folder, store)
}

fn faults(store: &Store) -> Vec<Fault> {
    store.check_audit(Vec::new()).unwrap().faults
}

fn head(store: &Store) -> Head {
    Head::open(store.audit_head().unwrap().as_bytes(), store.signer.verifier()).unwrap()
}

/// Each thing that is done in the database, on a store with an attendee, a guard and nothing
/// else. Every one leaves one entry or more.
type Act = fn(&mut Store) -> Result<(), StoreError>;
const ACTS: [(&str, Act); 10] = [
    ("consent", |s| s.record_consent(&consent(1, badge(s), crate::Choice::Given))),
    ("check-in", |s| s.record_checkin(&face(1, badge(s))).map(drop)),
    ("annulment", |s| s.annul_checkin(&[9; 16], AT).map(drop)),
    ("evidence", |s| {
        s.record_evidence(&Evidence { nonce: [1; 16], sealed: b"sealed", at: AT, days: 1 })
    }),
    ("account", |s| s.add_staff(8, &pin(), Role::Technician, Actor::Console, AT)),
    ("removal", |s| s.remove_staff(7, GUARD.into(), AT).map(drop)),
    ("switch", |s| s.switch_retention_on([9; 32], GUARD, TECHNICIAN, AT)),
    ("roster", |s| s.begin_roster_import(&roster(2), AT)?.commit()),
    ("clock", |s| s.accept_time(AT, AT + DAY, TECHNICIAN)),
    ("purge", |s| s.purge_expired(AT + DAY * 9).map(drop)),
];

fn badge(store: &Store) -> crate::BadgeId {
    store.badge(&locator(1)).unwrap().unwrap().id
}

fn pin() -> Pin {
    Pin::new("482913".into())
}

fn prepared() -> (tempfile::TempDir, Store) {
    let (folder, mut store) = logged(1);
    store.add_staff(7, &pin(), Role::Guard, Actor::Console, AT).unwrap();
    let badge = badge(&store);
    let attendees = [attendee(locator(1)), attendee(locator(2))];
    testing::import(&mut store, &roster(1), &attendees);
    let other = store.badge(&locator(2)).unwrap().unwrap().id;
    assert_ne!(other, badge);
    store.record_checkin(&crate::Checkin { nonce: [9; 16], ..face(9, other) }).unwrap();
    (folder, store)
}

/// All rows of all tables but the log, by their number.
fn rows(store: &Store) -> Vec<(String, u32)> {
    let mut tables = store
        .db
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'audit%'
             AND name NOT LIKE 'sqlite%'",
        )
        .unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let count = |table: &String| {
        let sql = format!("SELECT count(*) FROM {table}");
        store.db.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    tables.iter().map(|table| (table.clone(), count(table))).collect()
}

#[test]
fn c31_every_act_in_the_database_leaves_its_entry() {
    for (name, act) in ACTS {
        let (_folder, mut store) = prepared();
        let before = head(&store).size;
        act(&mut store).unwrap();
        assert!(head(&store).size > before, "{name}");
        assert_eq!(faults(&store), [], "{name}");
    }
}

#[test]
fn c31_an_act_whose_entry_cannot_be_written_does_not_happen() {
    for (name, act) in ACTS {
        let (_folder, mut store) = prepared();
        let before = rows(&store);
        let refuse = "CREATE TRIGGER full BEFORE INSERT ON audit_entry
                      BEGIN SELECT RAISE(ABORT, 'full'); END";
        store.db.execute_batch(refuse).unwrap();
        assert!(act(&mut store).is_err(), "{name}");
        // A purge deletes all the same: to keep what must go is worse than not to tell of it.
        if name != "purge" {
            assert_eq!(rows(&store), before, "{name}");
        }
    }
}

#[test]
fn c09_c26_entries_tell_of_a_visit_in_its_order_with_closed_reasons() {
    let (_folder, mut store) = prepared();
    let badge = badge(&store);
    store.record_consent(&consent(1, badge, crate::Choice::Given)).unwrap();
    store.record_consent(&consent(1, badge, crate::Choice::Withdrawn)).unwrap();
    let admitted = crate::Checkin {
        lane: crate::Lane::Staff,
        staff: Some(7),
        role: Some(Role::Guard),
        reason: Some(Reason::NonMatch),
        ..face(1, badge)
    };
    store.record_checkin(&admitted).unwrap();
    store.record_checkin(&admitted).unwrap();
    store.record_checkin(&face(2, badge)).unwrap();
    store.annul_checkin(&[1; 16], AT).unwrap();
    let log: Vec<_> =
        testing::log(&store).into_iter().filter(|e| e.badge == Some(badge.0)).collect();
    let consent = |choice| What::Consent { purpose: Purpose::FaceComparison, choice };
    let (visitor, guard) = (Actor::Visitor, Actor::from(GUARD));
    let expected = [
        (visitor, 1, consent(Choice::Given)),
        (visitor, 1, consent(Choice::Withdrawn)),
        (guard, 1, What::Admitted { lane: Lane::Staff, reason: Some(Reason::NonMatch) }),
        (Actor::Kiosk, 2, What::NotAdmitted),
        (Actor::Kiosk, 1, What::AdmissionTakenBack),
    ];
    assert_eq!(log.len(), expected.len());
    for (entry, (by, visit, what)) in log.into_iter().zip(expected) {
        assert_eq!((entry.by, entry.visit, entry.what), (by, Some([visit; 16]), what));
    }
}

#[test]
fn c31_whoever_signs_in_or_is_refused_is_written_with_the_visit() {
    let (_folder, mut store) = prepared();
    store.sign_in(7, &pin(), Some([3; 16]), AT).unwrap();
    store.sign_in(6, &pin(), None, AT).unwrap();
    let log = testing::log(&store);
    let [.., accepted, refused] = &log[..] else { panic!() };
    assert_eq!((accepted.by, &accepted.what), (GUARD.into(), &What::SignedIn));
    assert_eq!(accepted.visit, Some([3; 16]));
    let unknown = Actor::Staff { number: 6, role: None };
    assert_eq!((refused.by, &refused.what, refused.visit), (unknown, &What::SignInRefused, None));
}

#[test]
fn c08_a_purge_cuts_the_beginning_and_the_rest_still_fits_every_head_that_was_kept() {
    let (folder, mut store) = logged(6);
    let kept = head(&store);
    let later = Record { at: AT + DAY * 5, ..incident(7) };
    store.record(&later).unwrap();
    let kept_later = head(&store);
    let purged = store.purge_expired(AT + DAY * 10).unwrap();
    assert_eq!((purged.entries, purged.attendees), (6, 1));
    drop(store);
    let mut store = Store::open_folder(folder.path()).unwrap();
    let report = store.check_audit(vec![kept, kept_later]).unwrap();
    assert_eq!((report.purged, report.last, report.heads), (6, 8, 2));
    assert_eq!(report.faults, []);
    let told = testing::log(&store).pop().unwrap();
    assert_eq!(told.what, What::Purged { rows: purged, through: 6 });
    // The entry on a purge goes in its turn, and the log goes on.
    store.purge_expired(AT + DAY * 50).unwrap();
    store.record(&incident(9)).unwrap();
    let report = store.check_audit(vec![kept, kept_later]).unwrap();
    assert_eq!((report.purged, report.heads_purged, report.faults), (8, 2, Vec::new()));
}

#[test]
fn c08_an_entry_that_must_go_takes_along_what_was_to_stay_longer_before_it() {
    let (_folder, mut store) = testing::store();
    let days = |days| crate::NewRoster { retention_days: days, ..roster(1) };
    testing::import(&mut store, &days(100), &[]);
    testing::import(&mut store, &days(3), &[]);
    let purged = store.purge_expired(AT + DAY * 3).unwrap();
    assert_eq!(purged.entries, 2);
    assert_eq!(faults(&store), []);
}

#[test]
fn a_purge_that_deletes_nothing_leaves_no_entry() {
    let (_folder, mut store) = logged(3);
    let before = head(&store);
    store.purge_expired(AT).unwrap();
    assert_eq!(head(&store), before);
}

/// What somebody may do who has the key of the database but not the will to sign anew.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Line,
    Hash,
    Both,
    Removal,
    Swap,
}

fn damage(store: &Store, kind: Damage, number: u64, other: u64) {
    let [number, other] = [number, other].map(integer);
    let sql = |sql: &str| assert_eq!(store.db.execute(sql, [number]).unwrap(), 1);
    match kind {
        Damage::Line => {
            sql("UPDATE audit_entry SET line = replace(line, '\"at\":\"2', '\"at\":\"3')
                 WHERE number = ?1");
        }
        Damage::Hash => sql("UPDATE audit_entry SET sha256 = zeroblob(32) WHERE number = ?1"),
        Damage::Both => {
            let line: String = store
                .db
                .query_row("SELECT line FROM audit_entry WHERE number = ?1", [number], |r| r.get(0))
                .unwrap();
            let mut entry = Entry::read(line.as_bytes()).unwrap();
            entry.by = Actor::Visitor;
            let before = Head { size: entry.number - 1, hash: entry.previous, at: AT };
            let Entry { at, by, visit, badge, what, .. } = entry;
            let record = Record { at, by, visit, badge, what };
            let (line, head) = Entry::append(&before, &record).unwrap();
            let update = "UPDATE audit_entry SET line = ?2, sha256 = ?3 WHERE number = ?1";
            store.db.execute(update, (number, line, head.hash)).unwrap();
        }
        Damage::Removal => sql("DELETE FROM audit_entry WHERE number = ?1"),
        Damage::Swap => {
            for (from, to) in [(number, 9999), (other, number), (9999, other)] {
                let update = "UPDATE audit_entry SET number = ?2 WHERE number = ?1";
                store.db.execute(update, [from, to]).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn c31_damage_in_the_database_is_found_at_its_place(
        kind in prop_oneof![
            Just(Damage::Line), Just(Damage::Hash), Just(Damage::Both), Just(Damage::Removal),
            Just(Damage::Swap),
        ],
        purged in any::<bool>(),
        entries in 2_u32..9,
        place in any::<proptest::sample::Index>(),
        step in any::<proptest::sample::Index>(),
    ) {
        let (folder, mut store) = logged(entries);
        if purged {
            store.purge_expired(AT + DAY * 10).unwrap();
            for number in 0..entries {
                store.record(&Record { at: AT + DAY * 10, ..incident(number) }).unwrap();
            }
        }
        prop_assert_eq!(faults(&store), []);
        let numbers: Vec<_> = testing::log(&store).iter().map(|entry| entry.number).collect();
        let place = place.index(numbers.len());
        let other = (place + 1 + step.index(numbers.len() - 1)) % numbers.len();
        let (number, other) = (numbers[place], numbers[other]);
        damage(&store, kind, number, other);
        drop(store);
        let store = Store::open_folder(folder.path()).unwrap();
        let found = faults(&store);
        let last = Some(&number) == numbers.last();
        let expected = match kind {
            Damage::Line | Damage::Hash => vec![Fault::Altered { number }],
            Damage::Both => vec![Fault::Rewritten { number }],
            Damage::Removal if last => vec![Fault::CutOff { from: number, to: number }],
            Damage::Removal => vec![Fault::Missing { from: number, to: number }],
            Damage::Swap => {
                let (low, high) = (number.min(other), number.max(other));
                vec![Fault::Moved { place: low, number: high }, Fault::Moved { place: high, number: low }]
            }
        };
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn c31_a_log_that_was_cut_back_and_signed_anew_is_told_by_a_head_kept_elsewhere_only() {
    let (_folder, mut store) = logged(6);
    let kept = head(&store);
    let at = kept.at;
    store.db.execute("DELETE FROM audit_entry WHERE number > 4", []).unwrap();
    assert_eq!(faults(&store), [Fault::CutOff { from: 5, to: 6 }]);
    let hash = store
        .db
        .query_row("SELECT sha256 FROM audit_entry WHERE number = 4", [], |row| row.get(0))
        .unwrap();
    // With the kiosk's own key, which is in the same database.
    set(&store.db, &store.signer, Mark::Head, &Head { size: 4, hash, at }).unwrap();
    assert_eq!(faults(&store), []);
    let report = store.check_audit(vec![kept]).unwrap();
    assert_eq!(report.faults, [Fault::Shorter { size: 6, at, last: 4 }]);
    // It goes on, and is as long again.
    for number in [5, 6] {
        store.record(&Record { by: Actor::Visitor, ..incident(number) }).unwrap();
    }
    let report = store.check_audit(vec![kept]).unwrap();
    assert_eq!(report.faults, [Fault::OtherLog { size: 6, at }]);
}

#[test]
fn c31_marks_that_are_not_what_was_signed_are_found() {
    for (mark, fault) in
        [(Mark::Head, Fault::HeadSignature), (Mark::Anchor, Fault::AnchorSignature)]
    {
        let (_folder, store) = logged(3);
        let other = KioskKey::from_seed(&[1; 32]);
        let (place, _) = signed(&store.db, mark).unwrap();
        set(&store.db, &other, mark, &place).unwrap();
        assert_eq!(faults(&store), [fault]);
    }
}

#[test]
fn c19_no_line_has_a_name_a_code_or_a_pin() {
    let (_folder, mut store) = prepared();
    for (_, act) in ACTS {
        // Some of them follow on others; what matters is what they write.
        act(&mut store).ok();
    }
    store.sign_in(7, &pin(), None, AT).unwrap();
    let lines: Vec<_> = testing::log(&store).into_iter().map(|e| format!("{e:?}")).collect();
    for line in lines {
        assert!(!line.contains("482913"), "{line}");
    }
}
