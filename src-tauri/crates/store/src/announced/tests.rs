#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use audit::What;
use jiff::SignedDuration;
use tempfile::TempDir;

use super::*;
use crate::testing::{self, AT, DAY, attendee, face, locator, roster};
use crate::{Buried, CheckinOutcome, TombstoneList};

const KEY: [u8; 32] = [6; 32];
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A kiosk of the venue with badges 1 and 2.
fn kiosk() -> (TempDir, Store) {
    let (folder, mut store) = testing::store();
    testing::import(&mut store, &roster(1), &[attendee(locator(1)), attendee(locator(2))]);
    store.join_relay(b"account", &KEY, AT).unwrap();
    (folder, store)
}

fn id(store: &Store, n: u8) -> BadgeId {
    store.badge(&locator(n)).unwrap().unwrap().id
}

/// What another kiosk says of a badge, so many minutes later.
fn said(n: u8, state: AnnouncedState, minutes: i32) -> Announced {
    Announced {
        hash: keyed_hash(&KEY, &[&locator(n).0]),
        state,
        at: AT + MINUTE,
        changed: AT + MINUTE * minutes,
        until: AT + DAY * 10,
    }
}

fn hear(store: &mut Store, kiosk: &str, announced: Announced) {
    store.hear_announced(&[(kiosk.to_owned(), announced)], "gate-1").unwrap();
}

fn rows(store: &Store, table: &str) -> u32 {
    store.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// Everything is told.
fn tell_all(store: &mut Store) -> Vec<Announced> {
    let due = store.announced_due(100).unwrap();
    for said in &due {
        store.announced_told(said, AT).unwrap();
    }
    due
}

#[test]
fn a_badge_that_another_kiosk_has_admitted_is_used_and_cannot_be_admitted_again() {
    let (_folder, mut store) = kiosk();
    let badge = id(&store, 1);
    hear(&mut store, "gate-2", said(1, AnnouncedState::Used, 1));
    let entry = store.badge(&locator(1)).unwrap().unwrap();
    assert_eq!(entry.admitted_at, Some(AT + MINUTE));
    assert_eq!(entry.admitted_by.as_deref(), Some("gate-2"));
    // It was looked up before the other kiosk's word came.
    let outcome = store.record_checkin(&face(1, badge)).unwrap();
    assert_eq!(outcome, CheckinOutcome::AlreadyAdmitted { at: AT + MINUTE });
    assert!(store.outbox_pending().unwrap().is_empty());
    assert_eq!(store.badge(&locator(2)).unwrap().unwrap().admitted_at, None);
}

#[test]
fn an_admission_that_was_taken_back_there_counts_no_longer_and_older_words_do_not_bring_it_back() {
    let (_folder, mut store) = kiosk();
    let badge = id(&store, 1);
    let used = said(1, AnnouncedState::Used, 1);
    hear(&mut store, "gate-2", used);
    hear(&mut store, "gate-2", said(1, AnnouncedState::TakenBack, 2));
    hear(&mut store, "gate-2", used);
    assert_eq!(store.badge(&locator(1)).unwrap().unwrap().admitted_at, None);
    // Another kiosk's word stands on its own.
    hear(&mut store, "gate-3", said(1, AnnouncedState::Used, 1));
    hear(&mut store, "gate-2", said(1, AnnouncedState::TakenBack, 3));
    assert!(store.badge(&locator(1)).unwrap().unwrap().admitted_at.is_some());
    hear(&mut store, "gate-3", said(1, AnnouncedState::TakenBack, 2));
    assert_eq!(store.record_checkin(&face(1, badge)).unwrap(), CheckinOutcome::Recorded);
}

#[test]
fn what_is_admitted_here_is_told_once_and_its_taking_back_too() {
    let (_folder, mut store) = kiosk();
    let badge = id(&store, 1);
    store.record_checkin(&face(1, badge)).unwrap();
    let due = tell_all(&mut store);
    assert_eq!(due.len(), 1);
    assert_eq!(
        (due[0].hash, due[0].state),
        (said(1, AnnouncedState::Used, 0).hash, AnnouncedState::Used)
    );
    assert_eq!((due[0].at, due[0].until), (AT, AT + DAY * 10));
    assert!(store.announced_due(100).unwrap().is_empty());
    store.annul_checkin(&[1; 16], AT).unwrap();
    // In the same millisecond, and yet later.
    let back = store.announced_due(100).unwrap();
    assert_eq!(back[0].state, AnnouncedState::TakenBack);
    assert!(back[0].changed > due[0].changed);
    // The broker's word on what was said before is no word on this.
    store.announced_told(&due[0], AT).unwrap();
    assert_eq!(tell_all(&mut store), back);
    assert!(store.announced_due(100).unwrap().is_empty());
}

#[test]
fn a_kiosk_that_joins_later_tells_what_it_has_admitted_and_one_without_a_relay_keeps_nothing() {
    let (_folder, mut store) = testing::store();
    testing::import(&mut store, &roster(1), &[attendee(locator(1)), attendee(locator(2))]);
    for n in 1..=2 {
        let badge = id(&store, n);
        store.record_checkin(&face(n, badge)).unwrap();
    }
    store.annul_checkin(&[2; 16], AT).unwrap();
    assert_eq!(rows(&store, "announced"), 0);
    store.join_relay(b"account", &KEY, AT).unwrap();
    let mut states: Vec<_> = tell_all(&mut store).iter().map(|said| said.state.word()).collect();
    states.sort_unstable();
    assert_eq!(states, ["taken_back", "used"]);
    assert_eq!(store.relay().unwrap().unwrap().as_slice(), b"account");
    assert!(store.leave_relay(AT).unwrap() && !store.leave_relay(AT).unwrap());
    assert_eq!((rows(&store, "announced"), rows(&store, "relay")), (0, 0));
    let log: Vec<_> = testing::log(&store).into_iter().map(|entry| entry.what).collect();
    assert!(log.ends_with(&[What::RelayJoined, What::RelayLeft]), "{log:?}");
}

#[test]
fn what_the_broker_has_lost_is_told_again_and_nothing_else() {
    let (_folder, mut store) = kiosk();
    for n in 1..=2 {
        let badge = id(&store, n);
        store.record_checkin(&face(n, badge)).unwrap();
    }
    let told = tell_all(&mut store);
    let kept: HashMap<_, _> = told.iter().map(|said| (said.hash, said.changed)).collect();
    assert_eq!(store.announce_missing(&kept).unwrap(), 0);
    let one = HashMap::from([(told[0].hash, told[0].changed)]);
    assert_eq!(store.announce_missing(&one).unwrap(), 1);
    assert_eq!(tell_all(&mut store), told[1..]);
    let older =
        HashMap::from([(told[0].hash, told[0].changed - MINUTE), (told[1].hash, told[1].changed)]);
    assert_eq!(store.announce_missing(&older).unwrap(), 1);
}

#[test]
fn two_kiosks_that_admitted_one_badge_keep_both_records_and_say_so() {
    let (_folder, mut store) = kiosk();
    let badge = id(&store, 1);
    store.record_checkin(&face(1, badge)).unwrap();
    assert!(store.conflicts().unwrap().is_empty());
    let used = said(1, AnnouncedState::Used, 1);
    hear(&mut store, "gate-2", used);
    let conflict = Conflict { here: AT, kiosk: "gate-2".into(), there: AT + MINUTE };
    assert_eq!(store.conflicts().unwrap(), [conflict]);
    assert_eq!(store.counts().unwrap().checkins_face, 1);
    assert_eq!(store.badge(&locator(1)).unwrap().unwrap().admitted_at, Some(AT), "its own first");
    hear(&mut store, "gate-2", said(1, AnnouncedState::TakenBack, 2));
    assert!(store.conflicts().unwrap().is_empty());
}

#[test]
fn a_kiosks_own_words_come_back_without_harm_and_those_from_before_its_database_count() {
    let (_folder, mut store) = kiosk();
    let badge = id(&store, 1);
    store.record_checkin(&face(1, badge)).unwrap();
    let own = tell_all(&mut store)[0];
    hear(&mut store, "gate-1", own);
    assert!(store.conflicts().unwrap().is_empty());
    store.annul_checkin(&[1; 16], AT).unwrap();
    hear(&mut store, "gate-1", own);
    assert_eq!(store.badge(&locator(1)).unwrap().unwrap().admitted_at, None);
    // Announced under an earlier name: the same moment is the same admission.
    store.record_checkin(&face(2, badge)).unwrap();
    hear(&mut store, "gate-0", own);
    assert!(store.conflicts().unwrap().is_empty());
    hear(&mut store, "gate-1", said(2, AnnouncedState::Used, 1));
    assert!(store.badge(&locator(2)).unwrap().unwrap().admitted_at.is_some());
}

#[test]
fn c08_announcements_go_on_time() {
    let (_folder, mut store) = kiosk();
    let badge = id(&store, 2);
    store.record_checkin(&face(2, badge)).unwrap();
    hear(&mut store, "gate-2", said(1, AnnouncedState::Used, 1));
    store.purge_expired(AT + DAY * 10 - MINUTE).unwrap();
    assert_eq!(rows(&store, "announced"), 2);
    store.purge_expired(AT + DAY * 10).unwrap();
    assert_eq!(rows(&store, "announced"), 0);
}

#[test]
fn c35_of_a_badge_that_is_gone_nothing_is_kept_that_kiosks_said_or_say() {
    let (_folder, mut store) = kiosk();
    let badge = id(&store, 1);
    store.record_checkin(&face(1, badge)).unwrap();
    while let Some(entry) = store.outbox_pending().unwrap().first() {
        store.outbox_heard(entry.id, None, AT).unwrap();
    }
    tell_all(&mut store);
    // One that no roster here has.
    let stranger = said(7, AnnouncedState::Used, 1);
    for announced in [said(1, AnnouncedState::Used, 1), stranger] {
        hear(&mut store, "gate-2", announced);
    }
    let gone = [Buried::Badge(locator(1)), Buried::Badge(locator(7))];
    let list =
        |sequence, made_at| TombstoneList { roster: "roster", sequence, made_at, buried: &gone };
    store.bury_list(&list(1, AT + MINUTE), AT + MINUTE).unwrap();
    let due = store.announced_due(100).unwrap();
    assert_eq!(due.iter().map(|said| said.state).collect::<Vec<_>>(), [AnnouncedState::Withdrawn]);
    assert_eq!(rows(&store, "announced"), 1, "until the broker has forgotten it");
    tell_all(&mut store);
    assert_eq!(rows(&store, "announced"), 0);
    for announced in [said(1, AnnouncedState::Used, 9), stranger] {
        hear(&mut store, "gate-2", announced);
    }
    assert_eq!(rows(&store, "announced"), 0, "what is said of it later");
    // A roster that was made later brings it back, and what is said of it counts again.
    let again = crate::NewRoster { made_at: AT + DAY, ..roster(2) };
    testing::import(&mut store, &again, &[attendee(locator(1))]);
    hear(&mut store, "gate-2", said(1, AnnouncedState::Used, 9));
    assert_eq!(store.badge(&locator(1)).unwrap().unwrap().admitted_at, Some(AT + MINUTE));
}
