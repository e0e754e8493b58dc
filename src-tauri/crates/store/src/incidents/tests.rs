#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use audit::Actor;
use jiff::SignedDuration;

use super::*;
use crate::testing::{self, AT, DAY, attendee, consent, face, locator, roster};
use crate::{Age, Choice, NewAttendee};

const GUARD: StaffMember = StaffMember { number: 7, role: Role::Guard };
const OFFICER: StaffMember = StaffMember { number: 10, role: Role::DataProtectionOfficer };

fn new(kind: Kind, since: Timestamp) -> NewIncident {
    let report = Report { measures: [Measure::Secured].into(), ..Report::default() };
    NewIncident::new(kind, AT, since, report, AT).unwrap()
}

fn whats(store: &Store) -> Vec<(Actor, What)> {
    testing::log(store).into_iter().map(|entry| (entry.by, entry.what)).collect()
}

#[test]
fn c32_versions_of_an_incident_are_kept_with_who_recorded_them() {
    let (folder, mut store) = testing::store();
    let first = store.record_incident(&new(Kind::DeviceLost, AT), GUARD, AT).unwrap();
    assert_eq!((first.number, first.version, first.report.major), (1, 1, true));
    let change = Change {
        report: Report {
            measures: [Measure::AuthorityTold].into(),
            advice: [Advice::KeepBadge].into(),
            note: Note::new("Found behind the counter").unwrap(),
            ..Report::default()
        },
        close: false,
    };
    let second = store.change_incident(1, change, OFFICER, AT + DAY).unwrap().unwrap();
    assert_eq!(second.report.measures, [Measure::Secured, Measure::AuthorityTold].into());
    let close = Change { close: true, ..Change::default() };
    let third = store.change_incident(1, close.clone(), OFFICER, AT + DAY * 2).unwrap().unwrap();
    assert!(third.closed && third.report == second.report);
    // What is closed stays as it is; what is not there is not made.
    assert_eq!(store.change_incident(1, close.clone(), OFFICER, AT).unwrap(), None);
    assert_eq!(store.change_incident(2, close, OFFICER, AT).unwrap(), None);
    drop(store);
    let store = Store::open_folder(folder.path()).unwrap();
    assert_eq!(store.incidents().unwrap(), std::slice::from_ref(&third));
    assert_eq!(store.incident_versions(1).unwrap(), [first, second, third]);
    let expected = [
        (GUARD.into(), What::IncidentRecorded { number: 1, major: true }),
        (OFFICER.into(), What::IncidentUpdated { number: 1, major: true }),
        (OFFICER.into(), What::IncidentClosed { number: 1 }),
    ];
    assert_eq!(whats(&store), expected);
}

#[test]
fn c32_nothing_that_was_recorded_can_be_changed() {
    let (_folder, mut store) = testing::store();
    store.record_incident(&new(Kind::Other, AT), GUARD, AT).unwrap();
    for sql in [
        "UPDATE incident_version SET major = 1",
        "UPDATE incident_version SET note = 'x'",
        "UPDATE incident SET kind = 'device_lost'",
    ] {
        assert!(store.db.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn c32_the_badges_of_the_time_and_what_is_held_are_counted_children_among_them() {
    let (_folder, mut store) = testing::store();
    let child = NewAttendee { age: Age::Under14, ..attendee(locator(3)) };
    testing::import(
        &mut store,
        &roster(1),
        &[attendee(locator(1)), attendee(locator(2)), child, attendee(locator(4))],
    );
    let badge = |store: &Store, n| store.badge(&locator(n)).unwrap().unwrap().id;
    let [one, two, child] = [1, 2, 3].map(|n| badge(&store, n));
    // Twice the same badge, a child's, and one long before.
    store.record_consent(&consent(1, one, Choice::Given)).unwrap();
    store.record_checkin(&face(1, one)).unwrap();
    store.record_checkin(&face(3, child)).unwrap();
    let before = AT - DAY * 2;
    store.record_checkin(&crate::Checkin { at: before, ..face(2, two) }).unwrap();
    let affected = |store: &mut Store, since| {
        store.record_incident(&new(Kind::Other, since), GUARD, AT).unwrap().affected
    };
    let held = |badges| Affected { badges, attendees: 4, photos: 4 };
    assert_eq!(affected(&mut store, AT - SignedDuration::from_mins(1)), held(2));
    assert_eq!(affected(&mut store, before), held(3));
    assert_eq!(affected(&mut store, before + SignedDuration::from_millis(1)), held(2));
}

#[test]
fn c08_an_incident_goes_three_years_after_its_last_version_with_all_of_them() {
    let (_folder, mut store) = testing::store();
    store.record_incident(&new(Kind::Other, AT), GUARD, AT).unwrap();
    store.record_incident(&new(Kind::Other, AT), GUARD, AT).unwrap();
    store.change_incident(2, Change::default(), GUARD, AT + DAY).unwrap();
    let mut left = |days: i32| {
        let purged = store.purge_expired(AT + DAY * days).unwrap().incidents;
        let numbers: Vec<_> = store.incidents().unwrap().iter().map(|i| i.number).collect();
        let rows = "SELECT count(*) FROM incident_version";
        let rows: u32 = store.db.query_row(rows, [], |row| row.get(0)).unwrap();
        (purged, numbers, rows)
    };
    let days = i32::from(INCIDENT_DAYS);
    assert_eq!(left(days - 1), (0, vec![2, 1], 3));
    assert_eq!(left(days), (1, vec![2], 2));
    assert_eq!(left(days + 1), (1, vec![], 0));
    let next = store.record_incident(&new(Kind::Other, AT), GUARD, AT).unwrap();
    assert_eq!(next.number, 3, "a number is not given twice");
}

#[test]
fn c31_an_incident_whose_entry_cannot_be_written_is_not_recorded() {
    let (_folder, mut store) = testing::store();
    let refuse = "CREATE TRIGGER full BEFORE INSERT ON audit_entry
                  BEGIN SELECT RAISE(ABORT, 'full'); END";
    store.db.execute_batch(refuse).unwrap();
    let refused = store.record_incident(&new(Kind::Other, AT), GUARD, AT);
    assert!(matches!(refused, Err(StoreError::RecordIncident(_))));
    assert_eq!(store.incidents().unwrap(), []);
}
