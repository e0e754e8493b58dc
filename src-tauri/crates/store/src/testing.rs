//! What several tests need.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use admission::{OrderState, Ticket};
use audit::Entry;
use due::{Calendar, RequestKind};
use incidents::NewIncident;
use jiff::{SignedDuration, Timestamp};
use seal::{CodeFormat, Locator, RosterSalt};
use statistics::{EndedVisit, Outcome, TimeClass};
use tempfile::TempDir;

use crate::{
    Age, Arrival, BadgeId, BadgeState, Changes, Checkin, Choice, ConsentRecord, GuardianConsent,
    GuardianProof, Lane, Language, NewAttendee, NewPolicy, NewRequest, NewRoster, PhotoNews,
    Purpose, Reference, Role, StaffMember, Store, StoreError,
};

/// 2026-11-05 09:00 UTC.
pub(crate) const AT: Timestamp = Timestamp::constant(1_793_869_200, 0);
pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(crate) fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_folder(folder.path()).unwrap();
    (folder, store)
}

/// The audit log.
pub(crate) fn log(store: &Store) -> Vec<Entry> {
    let mut entries = Vec::new();
    store
        .each_audit_line(|line| {
            entries.push(Entry::read(line.as_bytes()).unwrap());
            Ok::<_, StoreError>(())
        })
        .unwrap();
    entries
}

pub(crate) fn locator(n: u8) -> Locator {
    Locator([n + 100; 32])
}

/// A roster that ends in 5 days and keeps records for 10.
pub(crate) fn roster(sequence: u32) -> NewRoster<'static> {
    NewRoster {
        id: "roster",
        sequence,
        salt: RosterSalt([3; 32]),
        code_format: CodeFormat::Crockford,
        policy: NewPolicy { id: "policy", rank: 1, pack: b"policy" },
        made_at: AT,
        ends_at: AT + DAY * 5,
        retention_days: 10,
    }
}

pub(crate) fn attendee(locator: Locator) -> NewAttendee<'static> {
    NewAttendee {
        locator,
        state: BadgeState::Valid,
        valid_from: None,
        valid_until: None,
        age: Age::From14,
        position: None,
        sealed_record: b"sealed record",
        reference: Reference::Sealed(b"sealed photo"),
    }
}

/// A page of the platform's that says nothing.
pub(crate) fn changes(at: Timestamp) -> Changes {
    Changes {
        list: None,
        arrivals: Vec::new(),
        gone: Vec::new(),
        unreadable: Vec::new(),
        void: Vec::new(),
        at,
        until: at,
        next: "next".to_owned(),
        more: false,
        read: 0,
        left: None,
    }
}

/// A page that says who is gone.
pub(crate) fn gone(positions: &[i64], at: Timestamp) -> Changes {
    Changes { gone: positions.to_vec(), ..changes(at) }
}

/// An attendee of the platform's, changed last at that time.
pub(crate) fn arrival(position: i64, locator: Locator, changed_at: Timestamp) -> Arrival {
    Arrival {
        position,
        locator,
        ticket: Ticket {
            item: 1,
            variation: None,
            subevent: None,
            order: OrderState::Paid,
            answered: vec![3, 4],
            scanned: None,
        },
        blocked: false,
        valid_from: None,
        valid_until: None,
        age: Age::From14,
        sealed_record: b"sealed record".to_vec(),
        photo: PhotoNews::Named("first".to_owned()),
        changed_at,
    }
}

pub(crate) fn import(store: &mut Store, roster: &NewRoster<'_>, attendees: &[NewAttendee<'_>]) {
    let mut import = store.begin_roster_import(roster, AT).unwrap();
    for attendee in attendees {
        import.attendee(attendee).unwrap();
    }
    import.commit().unwrap();
}

pub(crate) fn import_one(store: &mut Store, locator: Locator, until: Option<Timestamp>) -> BadgeId {
    import(store, &roster(1), &[NewAttendee { valid_until: until, ..attendee(locator) }]);
    store.badge(&locator).unwrap().unwrap().id
}

pub(crate) fn face(nonce: u8, badge: BadgeId) -> Checkin {
    Checkin {
        nonce: [nonce; 16],
        badge,
        lane: Lane::Face,
        staff: None,
        role: None,
        reason: None,
        overrides: false,
        answers: None,
        at: AT,
    }
}

pub(crate) fn consent(nonce: u8, badge: BadgeId, choice: Choice) -> ConsentRecord {
    ConsentRecord {
        nonce: [nonce; 16],
        badge,
        purpose: Purpose::FaceComparison,
        choice,
        policy_version: "1.0".into(),
        notice_sha256: [4; 32],
        language: Language::En,
        at: AT,
    }
}

/// That the data of this badge be deleted.
pub(crate) fn request(nonce: u8, badge: BadgeId) -> NewRequest {
    NewRequest {
        nonce: [nonce; 16],
        badge,
        locator: locator(1),
        kind: RequestKind::Deletion,
        at: AT,
        due: Calendar::mainland_china().due(due::today(AT)),
    }
}

pub(crate) fn incident() -> NewIncident {
    NewIncident::new(incidents::Kind::Other, AT, AT, incidents::Report::default(), AT).unwrap()
}

pub(crate) fn ended_visit() -> EndedVisit {
    EndedVisit {
        hour: jiff::civil::date(2026, 11, 5).at(9, 0, 0, 0).into(),
        lane: statistics::Lane::Face,
        outcome: Outcome::Matched,
        time: TimeClass::containing(8),
    }
}

pub(crate) fn guardian(nonce: u8, badge: BadgeId) -> GuardianConsent {
    GuardianConsent {
        nonce: [nonce; 16],
        badge,
        proof: GuardianProof::HouseholdRegister,
        staff: StaffMember { number: 7, role: Role::Guard },
        policy_version: "1.0".into(),
        notice_sha256: [4; 32],
        language: Language::Zh,
        at: AT,
    }
}
