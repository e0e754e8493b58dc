#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use due::Calendar;
use jiff::SignedDuration;

use super::*;
use crate::testing::{self, AT, DAY, attendee, consent, locator, request, roster};
use crate::{Age, Choice, Counts, NewAttendee, Role};

const OFFICER: StaffMember = StaffMember { number: 9, role: Role::DataProtectionOfficer };

fn acts(store: &Store) -> Vec<What> {
    testing::log(store)
        .into_iter()
        .filter(|entry| entry.badge.is_none())
        .map(|entry| entry.what)
        .filter(|what| !matches!(what, What::RosterImported { .. }))
        .collect()
}

#[test]
fn c34_c46_a_request_gets_a_number_and_a_due_date_and_is_the_same_in_the_same_visit() {
    let (_folder, mut store) = testing::store();
    let badge = testing::import_one(&mut store, locator(1), None);
    let first = store.file_request(&request(1, badge)).unwrap();
    let kiosk = store.request_prefix();
    assert_eq!((first.number.clone(), kiosk.len()), (format!("{kiosk}-0001"), 8));
    assert_eq!(first.due.to_string(), "2026-11-26");
    let later = NewRequest { at: AT + DAY, due: first.due, ..request(1, badge) };
    assert_eq!(store.file_request(&later).unwrap(), first, "the same visit and kind");
    for (nonce, kind, number) in [
        (1, RequestKind::Complaint, 2),
        (2, RequestKind::Deletion, 3),
        (3, RequestKind::Deletion, 4),
    ] {
        let other = store.file_request(&NewRequest { kind, ..request(nonce, badge) }).unwrap();
        assert_eq!((other.number, other.kind), (format!("{kiosk}-{number:04}"), kind));
    }
    let kinds = [RequestKind::Deletion, RequestKind::Complaint];
    let filed = |n: usize, number| What::RequestFiled { number, kind: kinds[n] };
    assert_eq!(acts(&store), [filed(0, 1), filed(1, 2), filed(0, 3), filed(0, 4)]);
}

#[test]
fn m58_every_kind_of_request_can_be_filed_and_the_database_takes_no_other() {
    let (_folder, mut store) = testing::store();
    let badge = testing::import_one(&mut store, locator(1), None);
    for kind in RequestKind::ALL {
        assert_eq!(
            store.file_request(&NewRequest { kind, ..request(1, badge) }).unwrap().kind,
            kind
        );
    }
    assert_eq!(store.requests().unwrap().len(), 8);
    let refused = store.db.execute("UPDATE request SET kind = 'advertising'", []);
    assert!(refused.unwrap_err().to_string().contains("kind"));
}

#[test]
fn c08_c39_a_request_outlives_the_roster_and_its_due_date_by_thirty_days() {
    let (_folder, mut store) = testing::store();
    let badge = testing::import_one(&mut store, locator(1), None);
    let filed = store.file_request(&request(1, badge)).unwrap();
    let end = due::end_of(filed.due) + DAY * 30;
    assert_eq!(filed.until, end);
    store.purge_expired(end - SignedDuration::from_millis(1)).unwrap();
    assert!(store.badge(&locator(1)).unwrap().is_none(), "the roster is gone");
    assert_eq!(store.requests().unwrap(), [filed]);
    let purged = store.purge_expired(end).unwrap();
    assert_eq!((purged.requests, store.requests().unwrap().len()), (1, 0));
    // Its number is not given again.
    let next = store.file_request(&request(2, badge)).unwrap();
    assert!(next.number.ends_with("-0002"));
}

#[test]
fn c39_an_answer_is_written_once_with_who_when_and_why() {
    let (_folder, mut store) = testing::store();
    let badge = testing::import_one(&mut store, locator(1), None);
    let number = store.file_request(&request(1, badge)).unwrap().number;
    let refused = Outcome::Refused(Refusal::RequiredByLaw);
    let mut answer =
        |number: &str, outcome| store.answer_request(number, outcome, OFFICER, AT + DAY).unwrap();
    assert_eq!(answer("2", Outcome::Granted), Answered::Unknown);
    assert_eq!(answer("ABCDABCD-1", Outcome::Granted), Answered::Unknown, "another kiosk's");
    assert_eq!(answer(&number.to_lowercase(), refused), Answered::Now);
    assert_eq!(answer("1", Outcome::Granted), Answered::Before);
    let [request] = &store.requests().unwrap()[..] else { panic!() };
    assert_eq!(request.answer, Some((refused, AT + DAY)));
    let kind = RequestKind::Deletion;
    let answered = What::RequestAnswered { number: 1, kind };
    assert_eq!(acts(&store), [What::RequestFiled { number: 1, kind }, answered]);
    let log = testing::log(&store);
    assert_eq!(log.last().unwrap().by, OFFICER.into());
}

#[test]
fn c39_what_is_due_first_stands_first_and_what_is_late_is_told() {
    let (_folder, mut store) = testing::store();
    let badge = testing::import_one(&mut store, locator(1), None);
    for (nonce, days) in [(1, 3), (2, 0), (3, 1)] {
        let at = AT + DAY * days;
        let due = Calendar::mainland_china().due(due::today(at));
        store.file_request(&NewRequest { at, due, ..request(nonce, badge) }).unwrap();
    }
    store.answer_request("3", Outcome::Partly, OFFICER, AT).unwrap();
    let requests = store.requests().unwrap();
    let numbers: Vec<_> = requests.iter().map(|r| &r.number[9..]).collect();
    assert_eq!(numbers, ["0002", "0001", "0003"]);
    let late = |day: Date| requests.iter().filter(|r| r.is_overdue(day)).count();
    let due = requests[0].due;
    assert_eq!((late(due), late(due.tomorrow().unwrap())), (0, 1));
}

#[test]
fn c40_a_childs_requests_are_apart_count_as_due_and_are_in_no_statistic() {
    let (_folder, mut store) = testing::store();
    let both = [
        NewAttendee { age: Age::Under14, ..attendee(locator(1)) },
        NewAttendee { age: Age::Unknown, ..attendee(locator(2)) },
    ];
    testing::import(&mut store, &roster(1), &both);
    let [child, unknown] = [1, 2].map(|n| store.badge(&locator(n)).unwrap().unwrap().id);
    store.file_request(&request(1, child)).unwrap();
    store.file_request(&request(2, unknown)).unwrap();
    let rows = |store: &Store, table: &str| -> u32 {
        store.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)).unwrap()
    };
    assert_eq!((rows(&store, "request"), rows(&store, "request_under_14")), (1, 1));
    // Whoever says to be a child takes the request along.
    store.note_child(unknown, AT).unwrap();
    assert_eq!((rows(&store, "request"), rows(&store, "request_under_14")), (0, 2));
    assert_eq!(store.requests().unwrap().len(), 2);
    assert_eq!(store.answer_request("2", Outcome::Granted, OFFICER, AT).unwrap(), Answered::Now);
    assert_eq!(store.counts().unwrap(), Counts::default());
    let purged = store.purge_expired(AT + DAY * 100).unwrap();
    assert_eq!((purged.requests, store.requests().unwrap().len()), (0, 0));
}

#[test]
fn c31_a_request_whose_entry_cannot_be_written_is_not_filed() {
    let (_folder, mut store) = testing::store();
    let badge = testing::import_one(&mut store, locator(1), None);
    let full = "CREATE TRIGGER full BEFORE INSERT ON audit_entry
                BEGIN SELECT RAISE(ABORT, 'full'); END";
    store.db.execute_batch(full).unwrap();
    let refused = store.file_request(&request(1, badge));
    assert!(matches!(refused, Err(StoreError::FileRequest(_))));
    assert!(store.requests().unwrap().is_empty());
}

#[test]
fn what_is_carried_to_the_platform_is_noted_once_and_names_the_attendee_there() {
    let (_folder, mut store) = testing::store();
    let known = NewAttendee { position: Some(101), ..attendee(locator(1)) };
    testing::import(&mut store, &roster(1), &[known]);
    let badge = store.badge(&locator(1)).unwrap().unwrap().id;
    store.record_consent(&consent(1, badge, Choice::Given)).unwrap();
    store.file_request(&request(1, badge)).unwrap();
    let filed = store.requests().unwrap();
    assert_eq!((filed[0].position, filed[0].locator), (Some(101), locator(1)));
    for days in [1, 2] {
        store.requests_carried(&filed, OFFICER, AT + DAY * days).unwrap();
    }
    assert_eq!(store.requests().unwrap()[0].carried_at, Some(AT + DAY));
    assert_eq!(acts(&store).last(), Some(&What::RequestsExported { requests: 1 }));
}
