#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::FileExt as _;

use proptest::prelude::*;

use super::*;
use crate::testing::{self, AT, DAY, attendee, consent, face, guardian, locator, roster};
use crate::{
    Age, Choice, Counts, DATABASE_FILE, Evidence, Holding, NewAttendee, NewRoster, Reference,
    Trouble,
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// An adult (1, position 101), a child with a guardian (2, 102), and somebody who stays (3, 103).
/// Of the first two everything is kept that can be, and the platform has heard of no check-in.
struct World {
    folder: tempfile::TempDir,
    store: Store,
    badges: [BadgeId; 3],
}

impl World {
    fn new() -> Self {
        let (folder, mut store) = testing::store();
        store.connect(b"account", AT).unwrap();
        let photo = vec![7; 3000];
        let of = |n: u8, age| NewAttendee {
            age,
            position: Some(100 + i64::from(n)),
            reference: Reference::Sealed(&photo),
            sealed_record: &[5; 90],
            ..attendee(locator(n))
        };
        let all = [of(1, Age::From14), of(2, Age::Under14), of(3, Age::From14)];
        testing::import(&mut store, &roster(1), &all);
        let badges = [1, 2, 3].map(|n| store.badge(&locator(n)).unwrap().unwrap().id);
        store.note_child(badges[1], AT).unwrap();
        store.record_guardian_consent(&guardian(2, badges[1])).unwrap();
        for (n, badge) in (1..).zip(badges) {
            store.record_consent(&consent(n, badge, Choice::Given)).unwrap();
            store.record_checkin(&face(n, badge)).unwrap();
            let sealed = vec![n; 600];
            let evidence = Evidence { nonce: [n; 16], sealed: &sealed, at: AT, days: 30 };
            store.record_evidence(&evidence).unwrap();
        }
        Self { folder, store, badges }
    }

    fn hear_all(&mut self) {
        while let Some(entry) = self.store.outbox_next().unwrap() {
            self.store.outbox_heard(entry.id, None, AT).unwrap();
        }
    }

    /// The platform says that these are gone.
    fn bury(&mut self, positions: &[i64]) -> Vec<BadgeId> {
        let at = AT + HOUR;
        self.store.apply(&testing::gone(positions, at), at).unwrap()
    }

    fn rows(&self, table: &str, badge: BadgeId) -> u32 {
        let sql = format!("SELECT count(*) FROM {table} WHERE badge = ?1");
        self.store.db.query_row(&sql, [badge], |row| row.get(0)).unwrap()
    }

    fn left(&self, badge: BadgeId) -> Vec<&'static str> {
        TABLES.into_iter().filter(|table| self.rows(table, badge) > 0).collect()
    }

    /// Whatever the kiosk's questions answer, as text.
    fn answers(&self) -> String {
        let store = &self.store;
        let badges = [1, 2, 3].map(|n| store.badge(&locator(n)).unwrap().map(|b| b.id.0));
        let holdings = [1, 2, 3].map(|n| {
            let Holding { registration, choices, checkins, evidence, .. } =
                store.held(&locator(n)).unwrap();
            (registration, choices, checkins, evidence)
        });
        let head = store.roster().unwrap().map(|h| (h.attendees, h.references, h.problems));
        let counts = Counts { outbox: 0, quarantined: 0, ..store.counts().unwrap() };
        let refused: Vec<_> = store.outbox_refused().unwrap();
        format!(
            "{badges:?} {holdings:?} {head:?} {counts:?} {:?} {refused:?} {:?}",
            store.outbox_pending().unwrap(),
            store.evidence_held().unwrap(),
        )
    }

    /// What the log says of the end of a badge.
    fn log(&self, badge: BadgeId) -> Vec<What> {
        let entries = testing::log(&self.store).into_iter();
        let whats = entries.filter(|entry| entry.badge == Some(badge.0)).map(|entry| entry.what);
        whats.filter(|w| matches!(w, What::Erased { .. } | What::QuarantineEnded)).collect()
    }
}

fn set(badges: impl IntoIterator<Item = BadgeId>) -> BTreeSet<[u8; 32]> {
    badges.into_iter().map(|badge| badge.0).collect()
}

fn erased(quarantined: bool) -> What {
    What::Erased { source: TombstoneSource::Platform, quarantined }
}

#[test]
fn c35_c36_what_the_platform_has_heard_goes_with_everything_else_of_the_badge() {
    let mut world = World::new();
    world.hear_all();
    world.store.db.execute("DELETE FROM evidence", []).unwrap();
    let [adult, child, other] = world.badges;
    let before = TABLES.map(|table| world.rows(table, other));
    assert_eq!(set(world.bury(&[101, 102, 999])), set([adult, child]));
    for (n, badge) in [(1, adult), (2, child)] {
        assert!(world.store.badge(&locator(n)).unwrap().is_none());
        assert_eq!(world.left(badge), [""; 0]);
    }
    assert_eq!(TABLES.map(|table| world.rows(table, other)), before);
    for badge in [adult, child] {
        assert_eq!(world.log(badge), [erased(false)]);
    }
    assert_eq!(world.store.counts().unwrap().quarantined, 0);
    assert!(world.store.check_audit(Vec::new()).unwrap().faults.is_empty());
    // The same again does nothing.
    assert_eq!(world.bury(&[101, 102]), []);
    assert_eq!(world.log(adult), [erased(false)]);
}

#[test]
fn c35_c04_nothing_of_an_erased_badge_is_in_any_page_but_its_pseudonym() {
    let mut world = World::new();
    world.hear_all();
    let bytes = |sql: &str| -> Vec<u8> {
        world.store.db.query_row(sql, [world.badges[0]], |row| row.get(0)).unwrap()
    };
    let middle = |bytes: Vec<u8>| bytes[bytes.len() / 2..][..32].to_vec();
    let traces = [
        ("photo", middle(bytes("SELECT sealed FROM reference WHERE badge = ?1"))),
        ("record", middle(bytes("SELECT sealed_record FROM attendee WHERE badge = ?1"))),
        ("key of both", bytes("SELECT key FROM erasure_key WHERE badge = ?1")),
        ("locator", locator(1).0.to_vec()),
        ("consent", [&world.badges[0].0[..], b"face_comparisongiven"].concat()),
    ];
    let found = |world: &World| -> Vec<&str> {
        let held = |bytes: &[u8]| crate::pages::holds(world.folder.path(), bytes);
        traces.iter().filter(|(_, bytes)| held(bytes)).map(|(name, _)| *name).collect()
    };
    assert_eq!(found(&world), traces.each_ref().map(|(name, _)| *name), "the search finds them");
    world.bury(&[101]);
    assert_eq!(found(&world), [""; 0]);
    assert!(crate::pages::holds(world.folder.path(), &world.badges[0].0), "the fact is logged");
}

#[test]
fn m54_no_question_finds_what_is_in_quarantine_and_it_goes_when_its_reason_ends() {
    let mut never = World::new();
    let mut world = World::new();
    // As if the two had never been here.
    for sql in [
        "DELETE FROM outbox WHERE position < 103",
        "DELETE FROM checkin WHERE nonce <> x'03030303030303030303030303030303'",
        "DELETE FROM evidence WHERE nonce <> x'03030303030303030303030303030303'",
        "DELETE FROM consent WHERE nonce <> x'03030303030303030303030303030303'",
        "DELETE FROM consent_under_14",
        "DELETE FROM attendee WHERE position < 103",
        "DELETE FROM attendee_under_14",
    ] {
        never.store.db.execute(sql, []).unwrap();
    }
    let [adult, child, other] = never.badges;
    assert_eq!(never.bury(&[]), []);
    let of_other = |answers: String, world: &World| {
        // Each kiosk has pseudonyms of its own.
        answers.replace(&format!("{:?}", world.badges[2].0), "the third")
    };
    let expected = of_other(never.answers(), &never);
    assert_ne!((adult, child), (other, other));

    let [adult, child, _] = world.badges;
    let before = of_other(world.answers(), &world);
    assert_eq!(set(world.bury(&[101, 102])), set([adult, child]));
    let after = of_other(world.answers(), &world);
    // The outbox's numbers count on.
    let numbers = |text: &str| text.replace("id: 3", "id: ?").replace("id: 1", "id: ?");
    assert_eq!(numbers(&after), numbers(&expected));
    assert_ne!(after, before);
    assert_eq!(world.left(adult), ["checkin"]);
    assert_eq!(world.store.counts().unwrap().quarantined, 4, "two check-ins, two pictures");

    // The platform hears of each check-in all the same, and then nothing of it is left.
    let mut told = Vec::new();
    while let Some(entry) = world.store.outbox_next().unwrap() {
        told.push(entry.position.unwrap());
        world.store.outbox_heard(entry.id, Some("canceled"), AT + HOUR).unwrap();
    }
    assert_eq!(told, [101, 102, 103]);
    assert_eq!((world.left(adult), world.left(child)), (vec![], vec![]));
    for badge in [adult, child] {
        assert_eq!(world.log(badge), [erased(true), What::QuarantineEnded]);
    }
    assert_eq!(world.store.outbox_refused().unwrap().len(), 1);
    // The law's addressee gets the evidence until its day.
    let mut exported = 0;
    world
        .store
        .each_evidence(|_, _| {
            exported += 1;
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!((exported, world.store.counts().unwrap().quarantined), (3, 2));
    world.store.purge_expired(AT + DAY * 30).unwrap();
    assert_eq!(world.store.counts().unwrap(), Counts::default());
}

#[test]
fn m54_every_table_with_a_badge_takes_no_row_of_one_that_is_gone() {
    let mut world = World::new();
    world.hear_all();
    let columns = "SELECT m.name FROM main.sqlite_schema m JOIN pragma_table_info(m.name) c
                   WHERE m.type = 'table' AND c.name = 'badge' AND m.name <> 'tombstone'";
    let mut statement = world.store.db.prepare(columns).unwrap();
    let tables: BTreeSet<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    drop(statement);
    assert_eq!(tables, TABLES.map(str::to_owned).into());
    world.bury(&[101]);
    let badge = world.badges[0];
    let store = &mut world.store;
    for refused in [
        store.record_consent(&consent(7, badge, Choice::Given)).is_err(),
        store.record_guardian_consent(&guardian(7, badge)).is_err(),
        store.note_child(badge, AT).is_err(),
    ] {
        assert!(refused);
    }
    let refused = store.record_checkin(&face(7, badge));
    assert!(matches!(refused, Err(StoreError::UnknownBadge)), "an unknown badge at the gate");
    for table in TABLES {
        let sql = format!("INSERT INTO {table} (badge) VALUES (?1)");
        let refused = store.db.execute(&sql, [badge]).unwrap_err().to_string();
        assert!(refused.contains("the badge is gone"), "{table}: {refused}");
    }
}

#[test]
fn c35_a_roster_brings_back_only_what_it_was_made_after() {
    let mut world = World::new();
    let all =
        [1, 2, 3].map(|n| NewAttendee { position: Some(100 + n), ..attendee(locator(n as u8)) });
    assert_eq!(world.bury(&[101, 102]).len(), 2);
    let made = |sequence, made_at| NewRoster { made_at, ..roster(sequence) };
    let known = |store: &Store| [1, 2, 3].map(|n| store.badge(&locator(n)).unwrap().is_some());
    // Another edition, but of before; and one whose badge has another code meanwhile.
    for (sequence, made_at) in [(1, AT), (2, AT + HOUR)] {
        testing::import(&mut world.store, &made(sequence, made_at), &all);
        assert_eq!(known(&world.store), [false, false, true]);
        let renewed = NewAttendee { position: Some(101), ..attendee(locator(9)) };
        testing::import(&mut world.store, &made(sequence, made_at), &[renewed]);
        assert!(world.store.badge(&locator(9)).unwrap().is_none());
    }
    let mut import = world.store.begin_roster_import(&made(3, AT + HOUR), AT).unwrap();
    for attendee in &all {
        import.attendee(attendee).unwrap();
    }
    assert_eq!(import.buried(), 2);
    drop(import);
    testing::import(&mut world.store, &made(3, AT + HOUR * 2), &all);
    assert_eq!(known(&world.store), [true; 3]);
    // It stays known, and may go once more.
    world.store.purge_expired(AT + HOUR * 3).unwrap();
    assert_eq!(known(&world.store), [true; 3]);
    let again = AT + HOUR * 4;
    world.store.apply(&testing::gone(&[101], again), again).unwrap();
    assert_eq!(known(&world.store), [false, true, true]);
}

#[test]
fn c35_a_signed_list_counts_against_rosters_of_before_and_never_goes_back() {
    let mut world = World::new();
    let buried = [Buried::Badge(locator(1)), Buried::Position(102)];
    let list = TombstoneList { roster: "roster", sequence: 5, made_at: AT - HOUR, buried: &buried };
    // The loaded roster is of a later hour.
    assert_eq!(world.store.bury_list(&list, AT).unwrap(), []);
    let older = TombstoneList { sequence: 4, made_at: AT + HOUR, ..list };
    let refused = world.store.bury_list(&older, AT);
    assert!(matches!(refused, Err(StoreError::OlderTombstones { known: 5, offered: 4 })));
    assert!(world.store.badge(&locator(1)).unwrap().is_some());
    let newer = TombstoneList { sequence: 6, made_at: AT + HOUR, ..list };
    for badges in [2, 0] {
        assert_eq!(world.store.bury_list(&newer, AT).unwrap().len(), badges);
    }
    let imports: Vec<_> = testing::log(&world.store)
        .into_iter()
        .filter(|entry| matches!(entry.what, What::TombstonesImported { .. }))
        .map(|entry| (entry.by, entry.what))
        .collect();
    let told = |sequence| (Actor::Console, What::TombstonesImported { sequence, tombstones: 2 });
    assert_eq!(imports, [told(5), told(6), told(6)]);
}

#[test]
fn c35_the_platform_is_asked_from_the_last_change_on_and_again_after_another_roster() {
    let (_folder, mut store) = testing::store();
    store.connect(b"account", AT).unwrap();
    assert_eq!(store.asked_until().unwrap(), None, "there is nobody to remove");
    testing::import(&mut store, &roster(1), &[]);
    assert_eq!(store.asked_until().unwrap(), Some(AT - DAY));
    let later = AT + DAY * 3;
    store.apply(&testing::gone(&[7], later), later).unwrap();
    assert_eq!(store.asked_until().unwrap(), Some(later));
    // Nothing new: it stays where it was.
    store.apply(&testing::changes(later - HOUR), later).unwrap();
    assert_eq!(store.asked_until().unwrap(), Some(later));
    testing::import(&mut store, &NewRoster { made_at: AT - DAY, ..roster(2) }, &[]);
    assert_eq!(store.asked_until().unwrap(), Some(AT - DAY * 2));
    store.connect(b"another account", later).unwrap();
    assert_eq!(store.asked_until().unwrap(), Some(AT - DAY * 2), "from the roster's making on");
    // An organiser's clock that is ahead.
    testing::import(&mut store, &NewRoster { made_at: AT + DAY * 400, ..roster(3) }, &[]);
    assert_eq!(store.asked_until().unwrap(), Some(AT - DAY));
}

#[test]
fn c35_a_deletion_that_is_interrupted_hides_the_badge_at_once_and_goes_on_later() {
    for table in ["attendee", "consent", "checkin", "outbox"] {
        let mut world = World::new();
        world.hear_all();
        let badge = world.badges[0];
        let stop = format!(
            "CREATE TRIGGER stop BEFORE DELETE ON {table}
             BEGIN SELECT raise(ABORT, 'no'); END;"
        );
        world.store.db.execute_batch(&stop).unwrap();
        let at = AT + HOUR;
        assert!(world.store.apply(&testing::gone(&[101], at), at).is_err(), "{table}");
        assert!(world.store.badge(&locator(1)).unwrap().is_none(), "{table}");
        assert!(!world.left(badge).contains(&"erasure_key"), "{table}: the key goes first");
        assert_eq!(world.log(badge), []);
        let World { folder, store, .. } = world;
        drop(store);
        let mut store = Store::open_folder(folder.path()).unwrap();
        assert_eq!(store.asked_until().unwrap(), Some(at), "and it is known what was asked");
        store.db.execute_batch("DROP TRIGGER stop").unwrap();
        store.purge_expired(AT + HOUR * 2).unwrap();
        let world = World { folder, store, badges: [badge; 3] };
        assert_eq!(world.left(badge), [""; 0], "{table}");
        assert_eq!(world.log(badge).len(), 1, "{table}");
    }
}

#[test]
fn c35_a_full_disk_loses_no_tombstone() {
    let mut world = World::new();
    world.hear_all();
    let limit = |world: &World, pages: u32| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        world.store.db.query_row(&sql, [], |_| Ok(())).unwrap();
    };
    let pages = world.store.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    limit(&world, pages);
    let asked = world.store.asked_until().unwrap();
    let many: Vec<i64> = (101..5000).collect();
    let at = AT + HOUR;
    let full = world.store.apply(&testing::gone(&many, at), at).unwrap_err();
    assert_eq!(full.trouble(), Some(Trouble::DiskFull), "{full:?}");
    assert_eq!(world.store.asked_until().unwrap(), asked, "they are asked for again");
    assert_eq!(world.rows("erasure_key", world.badges[0]), 0, "the key is gone all the same");
    assert!(world.log(world.badges[0]).is_empty());
    limit(&world, pages * 10);
    assert_eq!(world.bury(&many).len(), 3);
    assert_eq!(world.left(world.badges[0]), [""; 0]);
}

#[test]
fn m54_a_row_on_a_damaged_page_is_hidden_counted_and_keeps_nothing_else_from_going() {
    let World { folder, mut store, badges } = World::new();
    while let Some(entry) = store.outbox_next().unwrap() {
        store.outbox_heard(entry.id, None, AT).unwrap();
    }
    store.db.execute("DELETE FROM evidence", []).unwrap();
    // The page of the consents, by which the erasure cannot go through.
    let page = "SELECT pageno FROM dbstat WHERE name = 'consent' AND pagetype = 'leaf'";
    let page: i64 = store.db.query_row(page, [], |row| row.get(0)).unwrap();
    store.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(store);
    let file =
        std::fs::OpenOptions::new().write(true).open(folder.path().join(DATABASE_FILE)).unwrap();
    file.write_all_at(&[0; 64], (page.unsigned_abs() - 1) * 4096 + 1000).unwrap();
    let mut store = Store::open_folder(folder.path()).unwrap();
    let at = AT + HOUR;
    let error = store.apply(&testing::gone(&[101], at), at).unwrap_err();
    assert_eq!(error.trouble(), Some(Trouble::Damaged), "{error:?}");
    assert!(store.badge(&locator(1)).unwrap().is_none(), "an unknown badge");
    assert!(store.badge(&locator(3)).unwrap().is_some());
    let quarantined: u32 = store.db.query_row(QUARANTINED, [], |row| row.get(0)).unwrap();
    assert_eq!(quarantined, 1);
    let world = World { folder, store, badges };
    for table in ["attendee", "erasure_key", "checkin"] {
        assert_eq!(world.rows(table, badges[0]), 0, "{table}");
    }
}

/// What may happen to a kiosk in any order.
#[derive(Clone, Debug)]
enum Step {
    Import { made: i32, badges: BTreeSet<u8> },
    Bury { badges: BTreeSet<u8> },
    Visit { badge: u8 },
    Hear,
    Purge,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let some = || prop::collection::btree_set(0u8..4, 0..4);
    let step = prop_oneof![
        3 => (0..40, some()).prop_map(|(made, badges)| Step::Import { made, badges }),
        3 => some().prop_map(|badges| Step::Bury { badges }),
        4 => (0u8..4).prop_map(|badge| Step::Visit { badge }),
        2 => Just(Step::Hear),
        1 => Just(Step::Purge),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn c35_a_badge_with_a_tombstone_never_comes_back_with_what_is_older(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        store.connect(b"account", AT).unwrap();
        // Badge to the step after which it is gone, and the badges that are known.
        let mut gone: BTreeMap<u8, i32> = BTreeMap::new();
        let mut known = BTreeSet::new();
        for (now, step) in (0..).zip(steps) {
            let at = AT + HOUR * now;
            match step {
                Step::Import { made, badges } => {
                    let made = made.min(now);
                    let attendees: Vec<_> = badges
                        .iter()
                        .map(|n| NewAttendee {
                            position: Some(100 + i64::from(*n)),
                            ..attendee(locator(*n))
                        })
                        .collect();
                    let roster = NewRoster { made_at: AT + HOUR * made, ..roster(1) };
                    testing::import(&mut store, &roster, &attendees);
                    let stays = |n: &u8| gone.get(n).is_some_and(|at| *at >= made);
                    known = badges.iter().copied().filter(|n| !stays(n)).collect();
                    gone.retain(|n, _| !known.contains(n));
                }
                Step::Bury { badges } => {
                    let positions: Vec<_> = badges.iter().map(|n| 100 + i64::from(*n)).collect();
                    // Before the first roster there is nobody to remove.
                    if store.read_from().unwrap().is_none() {
                        continue;
                    }
                    store.apply(&testing::gone(&positions, at), at).unwrap();
                    for badge in badges {
                        known.remove(&badge);
                        gone.insert(badge, now);
                    }
                }
                Step::Visit { badge } => {
                    let found = store.badge(&locator(badge)).unwrap();
                    if let Some(found) = found {
                        let nonce = u8::try_from(now).unwrap();
                        store.record_consent(&consent(nonce, found.id, Choice::Given)).unwrap();
                        store.record_checkin(&face(nonce, found.id)).unwrap();
                    }
                }
                Step::Hear => while let Some(entry) = store.outbox_next().unwrap() {
                    store.outbox_heard(entry.id, None, at).unwrap();
                },
                Step::Purge => drop(store.purge_expired(at).unwrap()),
                Step::Reopen => {
                    drop(store);
                    store = Store::open_folder(folder.path()).unwrap();
                }
            }
            for n in 0..4 {
                let found = store.badge(&locator(n)).unwrap();
                prop_assert_eq!(found.is_some(), known.contains(&n), "badge {} after step {}", n, now);
                if gone.contains_key(&n) {
                    let badge = BadgeId::of(&store.pepper, &locator(n));
                    let rows = |sql| store.db.query_row(sql, [badge], |row| row.get::<_, u32>(0));
                    let consents = rows("SELECT count(*) FROM consent WHERE badge = ?1").unwrap();
                    let heard = rows("SELECT count(*) FROM checkin WHERE badge = ?1 AND id NOT IN
                        (SELECT checkin FROM outbox WHERE heard_at IS NULL)").unwrap();
                    prop_assert_eq!((consents, heard), (0, 0));
                }
            }
        }
        while let Some(entry) = store.outbox_next().unwrap() {
            store.outbox_heard(entry.id, None, AT).unwrap();
        }
        // What a roster has shown to be gone, the next purge removes.
        store.purge_expired(AT).unwrap();
        prop_assert_eq!(store.counts().unwrap().quarantined, 0);
        prop_assert_eq!(store.check_audit(Vec::new()).unwrap().faults, vec![]);
    }
}
