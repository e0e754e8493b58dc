//! Answering, with a real database.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use audit::Actor;
use due::{Calendar, RequestKind};
use jiff::SignedDuration;
use note::VerifierKey;
use seal::{CodeFormat, Locator, RosterSalt};
use store::{Age, BadgeState, NewAttendee, NewPolicy, NewRequest, NewRoster, Pin, Reference, Role};
use tempfile::TempDir;

use super::*;

const PIN: &str = "246810";
/// Numbers of a guard, a supervisor, a technician and a data-protection officer.
const GUARD: u32 = 7;
const SUPERVISOR: u32 = 8;
const TECHNICIAN: u32 = 9;
const OFFICER: u32 = 10;

/// A kiosk's database with one of each role, and a visitor who filed two requests.
fn kiosk() -> (TempDir, Store, Timestamp) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open_folder(folder.path()).unwrap();
    let now: Timestamp = "2026-11-05T09:00:00Z".parse().unwrap();
    for (number, role) in [
        (GUARD, Role::Guard),
        (SUPERVISOR, Role::Supervisor),
        (TECHNICIAN, Role::Technician),
        (OFFICER, Role::DataProtectionOfficer),
    ] {
        store.add_staff(number, &Pin::new(PIN.to_owned()), role, Actor::Console, now).unwrap();
    }
    let roster = NewRoster {
        id: "roster",
        sequence: 1,
        salt: RosterSalt([1; 32]),
        code_format: CodeFormat::Crockford,
        policy: NewPolicy { id: "policy", rank: 1, pack: b"{}" },
        ends_at: now + SignedDuration::from_hours(24),
        retention_days: 10,
        made_at: now,
    };
    let locator = Locator([5; 32]);
    let attendee = NewAttendee {
        locator,
        state: BadgeState::Valid,
        valid_from: None,
        valid_until: None,
        age: Age::From14,
        position: Some(4711),
        sealed_record: b"sealed",
        reference: Reference::Sealed(b"sealed"),
    };
    let mut import = store.begin_roster_import(&roster, now).unwrap();
    import.attendee(&attendee).unwrap();
    import.commit().unwrap();
    let badge = store.badge(&locator).unwrap().unwrap().id;
    for kind in [RequestKind::Deletion, RequestKind::Complaint] {
        let due = Calendar::mainland_china().due(due::today(now));
        let request = NewRequest { nonce: [1; 16], badge, locator, kind, at: now, due };
        store.file_request(&request).unwrap();
    }
    (folder, store, now)
}

fn types() -> impl FnMut(&str) -> anyhow::Result<Pin> {
    |_| Ok(Pin::new(PIN.to_owned()))
}

#[test]
fn c31_c39_requests_are_seen_and_answered_by_those_who_may() {
    let (_folder, mut store, now) = kiosk();
    for (number, sees, answers) in [
        (GUARD, false, false),
        (TECHNICIAN, true, false),
        (SUPERVISOR, true, true),
        (OFFICER, true, true),
    ] {
        assert_eq!(list(&mut store, number, now, &mut types()).is_ok(), sees, "{number}");
        // A number that no request has: whoever may hears that.
        let unknown = answer(&mut store, "99", Outcome::Granted, number, now, &mut types());
        let word = unknown.unwrap_err().to_string();
        assert_eq!(word.contains("no request with this number"), answers, "{number}: {word}");
        let exported = export(&mut store, number, now, &mut types()).map_err(|e| e.to_string());
        let refused = matches!(&exported, Err(word) if word.contains("may not"));
        assert_eq!(refused, !answers, "{number}: {exported:?}");
    }
}

#[test]
fn c39_the_list_says_what_is_due_and_what_is_late_and_names_nobody() {
    let (_folder, mut store, now) = kiosk();
    let text = list(&mut store, OFFICER, now, &mut types()).unwrap();
    for word in ["2 to answer", "deletion", "complaint", "due 2026-11-26", "position 4711", "open"]
    {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!text.contains("OVERDUE"));
    let later = now + SignedDuration::from_hours(24 * 22);
    assert!(list(&mut store, OFFICER, later, &mut types()).unwrap().contains("OVERDUE"));
    answer(&mut store, "1", Outcome::Refused(Refusal::NothingHeld), OFFICER, now, &mut types())
        .unwrap();
    let again = answer(&mut store, "1", Outcome::Granted, OFFICER, now, &mut types());
    assert!(again.unwrap_err().to_string().contains("answered before"));
    let text = list(&mut store, OFFICER, now, &mut types()).unwrap();
    assert!(
        text.contains("1 to answer, 2 in all") && text.contains("refused: nothing_held"),
        "{text}"
    );
}

#[test]
fn an_export_is_signed_and_each_request_is_carried_once() {
    let (_folder, mut store, now) = kiosk();
    let text = export(&mut store, OFFICER, now, &mut types()).unwrap();
    let key = crate::db::kiosk_key(&store).unwrap();
    let key: VerifierKey = key.verifier().to_string().parse().unwrap();
    let mut notes = Vec::new();
    let mut signed = String::new();
    for line in text.lines() {
        if signed.is_empty() && line.is_empty() {
            continue;
        }
        signed.push_str(line);
        signed.push('\n');
        if line.starts_with('—') {
            notes.push(std::mem::take(&mut signed));
        }
    }
    assert_eq!(notes.len(), 2);
    for (note, kind) in notes.iter().zip(["deletion", "complaint"]) {
        let opened = note::open(note.as_bytes(), &key).unwrap();
        let json: serde_json::Value = serde_json::from_str(opened.lines().nth(1).unwrap()).unwrap();
        assert_eq!((json["kind"].as_str(), json["position"].as_i64()), (Some(kind), Some(4711)));
        assert_eq!(json["due_on"], "2026-11-26");
    }
    let again = export(&mut store, OFFICER, now, &mut types());
    assert!(again.unwrap_err().to_string().contains("no request waits"));
}

#[test]
fn only_a_refusal_has_a_reason_and_none_is_without() {
    use OutcomeArgument::{Granted, Partly, Refused};
    let reason = Some(ReasonArgument::Excessive);
    assert_eq!(outcome_of(Granted, None).unwrap(), Outcome::Granted);
    assert_eq!(outcome_of(Refused, reason).unwrap(), Outcome::Refused(Refusal::Excessive));
    for (outcome, reason) in [(Granted, reason), (Partly, reason), (Refused, None)] {
        assert!(outcome_of(outcome, reason).is_err());
    }
}
