#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use admission::{CheckinList, Refusal, Scanned};
use jiff::SignedDuration;
use seal::RosterSalt;

use super::*;
use crate::testing::{self, AT, DAY, arrival, changes, face, locator, roster};
use crate::{BadgeState, NewAttendee, NewRoster, Reference, TombstoneList};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A roster that the platform fills, and nobody in it yet.
fn store() -> (tempfile::TempDir, Store) {
    let (folder, mut store) = testing::store();
    store.connect(b"account", AT).unwrap();
    store.begin_roster(&roster(0), AT).unwrap();
    (folder, store)
}

fn page(arrivals: Vec<Arrival>, at: Timestamp) -> Changes {
    Changes { arrivals, ..changes(at) }
}

fn apply(store: &mut Store, arrivals: Vec<Arrival>, at: Timestamp) -> Vec<BadgeId> {
    store.apply(&page(arrivals, at), at).unwrap()
}

fn badge(store: &Store, n: u8) -> Option<crate::BadgeEntry> {
    store.badge(&locator(n)).unwrap()
}

fn photo(store: &Store, n: u8) -> Option<Vec<u8>> {
    store.reference(&locator(n)).unwrap()
}

fn rows(store: &Store, table: &str) -> u32 {
    store.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)).unwrap()
}

fn keep(store: &mut Store, position: i64, n: u8) -> bool {
    let photo = FetchedPhoto::Sealed { locator: &locator(n), sealed: b"sealed photo" };
    store.keep_photo(position, &photo).unwrap()
}

#[test]
fn an_attendee_arrives_with_the_ticket_and_changes_with_it() {
    let (_folder, mut store) = store();
    let mut one = arrival(7, locator(1), AT);
    one.ticket.scanned = Some(Scanned::Left(AT));
    one.valid_until = Some(AT + DAY);
    let ticket = one.ticket.clone();
    apply(&mut store, vec![one], AT);
    let entry = badge(&store, 1).unwrap();
    assert_eq!(
        (entry.position, entry.ticket, entry.state),
        (Some(7), Some(ticket), BadgeState::Valid)
    );
    assert_eq!((entry.valid_until, entry.void, entry.photo_due), (Some(AT + DAY), None, true));
    assert_eq!(entry.sealed_record.as_deref(), Some(b"sealed record".as_slice()));
    assert_eq!(entry.reference_problem.as_deref(), Some("due"));
    let blocked = Arrival { blocked: true, ..arrival(7, locator(1), AT + HOUR) };
    assert_eq!(apply(&mut store, vec![blocked], AT + HOUR), []);
    assert_eq!(badge(&store, 1).unwrap().state, BadgeState::Blocked);
    assert_eq!(store.roster().unwrap().unwrap().attendees, 1);
}

#[test]
fn a_page_is_applied_with_its_place_or_not_at_all() {
    let (_folder, mut store) = store();
    let first = store.read_from().unwrap().unwrap();
    assert!(matches!(&first, ReadFrom::Change(at) if *at < Timestamp::UNIX_EPOCH));
    let more = Changes {
        more: true,
        read: 50,
        left: Some(70),
        ..page(vec![arrival(7, locator(1), AT)], AT)
    };
    store.apply(&more, AT).unwrap();
    assert_eq!(store.read_from().unwrap(), Some(ReadFrom::Cursor("next".to_owned())));
    assert_eq!(store.progress().unwrap().reading, Some((50, 120)));
    let stop = "CREATE TRIGGER stop BEFORE UPDATE ON registration
                BEGIN SELECT RAISE(ABORT, 'no'); END";
    store.db.execute_batch(stop).unwrap();
    let next = Changes { next: "later".to_owned(), ..page(vec![arrival(8, locator(2), AT)], AT) };
    assert!(store.apply(&next, AT).is_err());
    store.db.execute_batch("DROP TRIGGER stop").unwrap();
    assert!(badge(&store, 2).is_none());
    assert_eq!(store.read_from().unwrap(), Some(ReadFrom::Cursor("next".to_owned())));
    store.apply(&next, AT).unwrap();
    assert!(badge(&store, 2).is_some());
    assert_eq!(store.progress().unwrap().reading, None, "nothing is under way");
    store.read_anew().unwrap();
    assert_eq!(store.read_from().unwrap(), Some(first));
}

#[test]
fn a_new_code_takes_the_old_ones_place_and_what_was_done_with_it_stays_with_the_attendee() {
    let (_folder, mut store) = store();
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT);
    assert!(keep(&mut store, 7, 1));
    let old = badge(&store, 1).unwrap().id;
    store.record_checkin(&face(1, old)).unwrap();
    store.file_request(&testing::request(2, old)).unwrap();
    let erased = apply(&mut store, vec![arrival(7, locator(2), AT + HOUR)], AT + HOUR);
    assert_eq!(erased, [old]);
    assert!(badge(&store, 1).is_none());
    let entry = badge(&store, 2).unwrap();
    assert_eq!(entry.admitted_at, Some(AT));
    // What was sealed under the old code is of no use.
    assert!(entry.photo_due && photo(&store, 2).is_none());
    assert_eq!(rows(&store, "erasure_key"), 1);
}

#[test]
fn a_photo_stays_while_it_is_the_same_and_is_due_again_when_it_is_not() {
    let (_folder, mut store) = store();
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT);
    assert!(keep(&mut store, 7, 1));
    let due = |store: &Store| badge(store, 1).unwrap().photo_due;
    let kept = |store: &Store| photo(store, 1).is_some();
    for (hours, photo, is_due) in [
        (1, PhotoNews::Same, false),
        (2, PhotoNews::Named("first".to_owned()), false),
        (3, PhotoNews::Named("second".to_owned()), true),
        (4, PhotoNews::Same, true),
    ] {
        let at = AT + HOUR * hours;
        apply(&mut store, vec![Arrival { photo, ..arrival(7, locator(1), at) }], at);
        assert_eq!(due(&store), is_due, "{hours}");
        assert_eq!(kept(&store), !is_due, "{hours}");
        assert_eq!(badge(&store, 1).unwrap().has_reference(), !is_due, "{hours}");
    }
    store.keep_photo(7, &FetchedPhoto::Absent("not_a_picture")).unwrap();
    let at = AT + HOUR * 5;
    apply(&mut store, vec![Arrival { photo: PhotoNews::Same, ..arrival(7, locator(1), at) }], at);
    let entry = badge(&store, 1).unwrap();
    assert_eq!(
        (entry.photo_due, entry.reference_problem.as_deref()),
        (false, Some("not_a_picture"))
    );
    let at = AT + HOUR * 6;
    apply(&mut store, vec![Arrival { photo: PhotoNews::Absent, ..arrival(7, locator(1), at) }], at);
    assert_eq!(badge(&store, 1).unwrap().reference_problem.as_deref(), Some("missing"));
    let at = AT + HOUR * 7;
    apply(&mut store, vec![Arrival { photo: PhotoNews::Same, ..arrival(7, locator(1), at) }], at);
    assert!(due(&store), "there was none, and now there is");
}

#[test]
fn a_photo_for_a_code_that_was_replaced_meanwhile_is_not_kept() {
    let (_folder, mut store) = store();
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT);
    apply(&mut store, vec![arrival(7, locator(2), AT + HOUR)], AT + HOUR);
    assert!(!keep(&mut store, 7, 1));
    assert!(photo(&store, 2).is_none() && !badge(&store, 2).unwrap().has_reference());
    assert!(keep(&mut store, 7, 2));
    assert_eq!(photo(&store, 2).as_deref(), Some(b"sealed photo".as_slice()));
}

#[test]
fn photos_come_in_the_order_in_which_badges_become_valid_each_with_its_neighbours() {
    let (_folder, mut store) = store();
    let valid = |position, n, from: Option<i32>, changed: i32| Arrival {
        valid_from: from.map(|hours| AT + HOUR * hours),
        ..arrival(position, locator(n), AT - DAY + HOUR * changed)
    };
    let arrivals = vec![
        valid(1, 1, Some(48), 0),
        valid(2, 2, Some(24), 1),
        valid(3, 3, None, 2),
        valid(4, 4, Some(50), 3),
    ];
    apply(&mut store, arrivals, AT);
    let due = |store: &Store, most| -> Vec<_> {
        store.photos_due(most).unwrap().iter().map(|due| due.position).collect()
    };
    assert_eq!((due(&store, 0), due(&store, 9)), (vec![3], vec![3, 4]));
    keep(&mut store, 3, 3);
    assert_eq!(due(&store, 9), [2, 4]);
    // What the platform cannot give comes last.
    store.put_photo_off(2).unwrap();
    store.put_photo_off(2).unwrap();
    assert_eq!(due(&store, 1), [1, 2]);
    assert_eq!(store.progress().unwrap().photos_due, 3);
}

#[test]
fn the_next_photo_is_found_by_an_index_however_many_are_due() {
    let (_folder, store) = store();
    for (which, index) in [
        ("ORDER BY photo_due_at, position LIMIT 1", "attendee_photo_due_at"),
        ("AND changed_at >= 0 ORDER BY changed_at, position LIMIT 9", "attendee_photo_changed_at"),
    ] {
        let sql = format!("EXPLAIN QUERY PLAN {} {which}", super::photos::due_in("attendee"));
        let plan: String = store.db.query_row(&sql, [], |row| row.get(3)).unwrap();
        assert!(
            plan.ends_with(&format!("INDEX {index}")) || plan.contains(&format!("{index} (")),
            "{plan}"
        );
    }
}

#[test]
fn c18_what_a_revoked_kiosk_has_deleted_comes_again_once_it_is_connected_anew() {
    let (_folder, mut store) = store();
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT);
    assert!(keep(&mut store, 7, 1));
    assert!(store.revoke_account(AT + HOUR).unwrap());
    let entry = badge(&store, 1).unwrap();
    assert!(entry.sealed_record.is_none() && photo(&store, 1).is_none());
    store.connect(b"another account", AT + HOUR).unwrap();
    // Nothing has changed there.
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT + HOUR);
    let entry = badge(&store, 1).unwrap();
    assert_eq!(entry.sealed_record.as_deref(), Some(b"sealed record".as_slice()));
    assert!(entry.photo_due && keep(&mut store, 7, 1));
    assert_eq!(photo(&store, 1).as_deref(), Some(b"sealed photo".as_slice()));
}

#[test]
fn c35_who_is_gone_comes_back_when_the_platform_says_so_later() {
    let (_folder, mut store) = store();
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT);
    let id = badge(&store, 1).unwrap().id;
    store.record_consent(&testing::consent(1, id, crate::Choice::Given)).unwrap();
    let gone = store.apply(&testing::gone(&[7], AT + HOUR), AT + HOUR).unwrap();
    assert_eq!((gone, badge(&store, 1).is_none()), (vec![id], true));
    // An answer of before does not bring anybody back.
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT + HOUR);
    assert!(badge(&store, 1).is_none());
    apply(&mut store, vec![arrival(7, locator(1), AT + HOUR * 2)], AT + HOUR * 2);
    assert!(badge(&store, 1).is_some());
    assert_eq!(rows(&store, "consent"), 0, "nothing of before comes back with them");
}

#[test]
fn c35_a_signed_list_counts_until_the_platform_has_changed_the_order() {
    let (_folder, mut store) = store();
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT);
    let buried = [Buried::Badge(locator(1))];
    let made_at = AT + HOUR;
    let list = TombstoneList { roster: "roster", sequence: 1, made_at, buried: &buried };
    store.bury_list(&list, made_at).unwrap();
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT + HOUR * 2);
    assert!(badge(&store, 1).is_none());
    apply(&mut store, vec![arrival(7, locator(1), AT + HOUR * 2)], AT + HOUR * 3);
    assert!(badge(&store, 1).is_some());
}

#[test]
fn codes_that_do_not_count_are_known_whoever_has_them_and_count_again() {
    let (_folder, mut store) = store();
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT);
    let void = |store: &mut Store, n, void| {
        let changes = Changes { void: vec![(locator(n), void)], ..changes(AT) };
        store.apply(&changes, AT).unwrap();
    };
    void(&mut store, 1, Void::Blocked);
    void(&mut store, 9, Void::Revoked);
    assert_eq!(badge(&store, 1).unwrap().void, Some(Refusal::Blocked));
    assert_eq!(store.void_code(&locator(9)).unwrap(), Some(Refusal::Revoked));
    void(&mut store, 1, Void::Unblocked);
    assert_eq!(
        (badge(&store, 1).unwrap().void, store.void_code(&locator(2)).unwrap()),
        (None, None)
    );
}

#[test]
fn one_code_on_two_tickets_goes_to_a_person_until_one_of_them_has_another() {
    let (_folder, mut store) = store();
    apply(&mut store, vec![arrival(7, locator(1), AT), arrival(8, locator(1), AT)], AT);
    let entry = badge(&store, 1).unwrap();
    assert_eq!((entry.position, entry.void), (Some(7), Some(Refusal::Ambiguous)));
    assert_eq!((store.progress().unwrap().ambiguous, rows(&store, "attendee")), (1, 1));
    // The second gets a code of its own.
    apply(&mut store, vec![arrival(8, locator(2), AT + HOUR)], AT + HOUR);
    assert_eq!(
        (badge(&store, 1).unwrap().void, badge(&store, 2).unwrap().position),
        (None, Some(8))
    );
    assert_eq!(store.progress().unwrap().ambiguous, 0);
    // Or the first goes: then all is read again, and the second takes its place.
    apply(&mut store, vec![arrival(9, locator(2), AT)], AT + HOUR);
    assert_eq!(badge(&store, 2).unwrap().void, Some(Refusal::Ambiguous));
    store.apply(&testing::gone(&[8], AT + HOUR * 2), AT + HOUR * 2).unwrap();
    assert!(matches!(store.read_from().unwrap(), Some(ReadFrom::Change(_))));
    apply(&mut store, vec![arrival(9, locator(2), AT)], AT + HOUR * 3);
    let entry = badge(&store, 2).unwrap();
    assert_eq!((entry.position, entry.void), (Some(9), None));
}

#[test]
fn a_code_that_cannot_be_read_leaves_its_attendee_out_and_nobody_else() {
    let (_folder, mut store) = store();
    apply(&mut store, vec![arrival(7, locator(1), AT), arrival(8, locator(2), AT)], AT);
    let unreadable = Changes { unreadable: vec![7, 9], ..changes(AT + HOUR) };
    store.apply(&unreadable, AT + HOUR).unwrap();
    store.apply(&unreadable, AT + HOUR).unwrap();
    assert_eq!(store.progress().unwrap().unreadable, 2);
    assert_eq!((badge(&store, 1).is_none(), badge(&store, 2).is_some()), (true, true));
    apply(&mut store, vec![arrival(7, locator(1), AT + DAY)], AT + DAY);
    assert_eq!(store.progress().unwrap().unreadable, 1);
}

#[test]
fn a_roster_from_a_file_takes_the_platforms_changes_and_begins_the_day_before() {
    let (_folder, mut store) = testing::store();
    store.connect(b"account", AT).unwrap();
    let of_file = |n, position| NewAttendee {
        position: Some(position),
        reference: Reference::Sealed(b"of the file"),
        ..testing::attendee(locator(n))
    };
    testing::import(&mut store, &roster(1), &[of_file(1, 7), of_file(2, 8)]);
    assert_eq!(store.read_from().unwrap(), Some(ReadFrom::Change(AT - DAY)));
    let scanned = Arrival { photo: PhotoNews::Same, ..arrival(7, locator(1), AT) };
    apply(&mut store, vec![scanned, arrival(8, locator(2), AT)], AT);
    assert_eq!(photo(&store, 1).as_deref(), Some(b"of the file".as_slice()));
    assert!(badge(&store, 2).unwrap().photo_due);
    // A platform that knows neither photo nor age takes neither away.
    let (news, age) = (PhotoNews::Absent, Age::Unknown);
    let renamed = Arrival { age, photo: news, ..arrival(7, locator(1), AT + HOUR) };
    apply(&mut store, vec![renamed], AT + HOUR);
    let entry = badge(&store, 1).unwrap();
    assert_eq!((entry.has_reference(), entry.age), (true, Age::From14));
    assert!(photo(&store, 1).is_some());
    // The next file begins the reading anew.
    let next = NewRoster { made_at: AT - HOUR, ..roster(2) };
    testing::import(&mut store, &next, &[of_file(1, 7)]);
    assert_eq!(store.read_from().unwrap(), Some(ReadFrom::Change(AT - HOUR - DAY)));
}

#[test]
fn a_file_may_follow_a_roster_of_the_platform_whatever_its_salt() {
    let (_folder, mut store) = store();
    apply(&mut store, vec![arrival(7, locator(1), AT)], AT);
    assert!(store.roster().unwrap().unwrap().from_platform);
    let file = NewRoster { salt: RosterSalt([9; 32]), ..roster(1) };
    testing::import(&mut store, &file, &[testing::attendee(locator(2))]);
    let head = store.roster().unwrap().unwrap();
    assert!(!head.from_platform && badge(&store, 1).is_none());
}

#[test]
fn c40_who_said_here_to_be_a_child_stays_one_unless_the_registration_knows_better() {
    let (_folder, mut store) = store();
    let unknown =
        |hours| Arrival { age: Age::Unknown, ..arrival(7, locator(1), AT + HOUR * hours) };
    apply(&mut store, vec![unknown(0)], AT);
    store.note_child(badge(&store, 1).unwrap().id, AT).unwrap();
    apply(&mut store, vec![unknown(1)], AT + HOUR);
    assert_eq!(badge(&store, 1).unwrap().age, Age::Under14);
    assert_eq!((rows(&store, "attendee"), rows(&store, "attendee_under_14")), (0, 1));
    apply(&mut store, vec![arrival(7, locator(1), AT + DAY)], AT + DAY);
    assert_eq!(badge(&store, 1).unwrap().age, Age::From14);
}

#[test]
fn the_list_is_kept_as_it_was_told_last() {
    let (_folder, mut store) = store();
    assert_eq!(store.checkin_list().unwrap(), None);
    let list = CheckinList { items: Some(vec![1]), ..CheckinList::default() };
    store.apply(&Changes { list: Some(list.clone()), ..changes(AT) }, AT).unwrap();
    store.apply(&changes(AT), AT).unwrap();
    assert_eq!(store.checkin_list().unwrap(), Some(list));
}

#[test]
fn without_a_roster_no_change_is_applied() {
    let (_folder, mut store) = testing::store();
    store.connect(b"account", AT).unwrap();
    let changes = page(vec![arrival(7, locator(1), AT)], AT);
    assert!(matches!(store.apply(&changes, AT), Err(StoreError::NoRoster)));
    assert_eq!(store.read_from().unwrap(), None);
}

#[test]
fn c04_c35_nothing_of_a_code_that_was_replaced_is_in_any_page_of_the_files() {
    let (folder, mut store) = store();
    let record = vec![0x5a; 300];
    let one = Arrival { sealed_record: record, ..arrival(7, locator(1), AT) };
    apply(&mut store, vec![one], AT);
    let bytes = |sql: &str| -> Vec<u8> { store.db.query_row(sql, [], |row| row.get(0)).unwrap() };
    let traces = [
        bytes("SELECT key FROM erasure_key"),
        bytes("SELECT badge FROM attendee"),
        bytes("SELECT sealed_record FROM attendee")[100..140].to_vec(),
    ];
    let found = |folder: &tempfile::TempDir| {
        traces.iter().filter(|bytes| crate::pages::holds(folder.path(), bytes)).count()
    };
    assert_eq!(found(&folder), 3);
    apply(&mut store, vec![arrival(7, locator(2), AT + HOUR)], AT + HOUR);
    assert_eq!(found(&folder), 0);
}

#[test]
fn a_badge_with_a_signed_code_is_here_until_the_platform_tells_of_it_and_then_its_check_in_goes_there()
 {
    let (_folder, mut store) = store();
    let signed = admission::SignedTicket {
        item: 3,
        variation: None,
        subevent: None,
        valid_from: None,
        valid_until: Some(AT + DAY),
    };
    store.enlist(&locator(1), &signed).unwrap();
    store.enlist(&locator(1), &signed).unwrap();
    let entry = badge(&store, 1).unwrap();
    assert!(!entry.has_reference());
    assert_eq!((entry.position, entry.ticket), (None, Some(signed.ticket())));
    assert_eq!((entry.age, entry.valid_until), (Age::Unknown, Some(AT + DAY)));
    store.record_checkin(&face(1, entry.id)).unwrap();
    assert_eq!(store.outbox_next().unwrap(), None, "the platform would not know whose it is");
    apply(&mut store, vec![arrival(7, locator(1), AT + HOUR)], AT + HOUR);
    let entry = badge(&store, 1).unwrap();
    assert_eq!((entry.position, entry.void), (Some(7), None));
    assert_eq!(entry.admitted_at, Some(AT));
    assert_eq!(store.outbox_next().unwrap().unwrap().position, Some(7));
    // Who is gone stays gone, whatever the code says.
    store.apply(&testing::gone(&[7], AT + HOUR), AT + HOUR).unwrap();
    store.enlist(&locator(1), &signed).unwrap();
    assert!(badge(&store, 1).is_none());
}
