//! What becomes of a visit when the registration platform has revoked the kiosk.

mod common;
mod run;

#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
#[cfg(windows)]
use std::os::windows::process::ExitStatusExt as _;
use std::process::ExitStatus;

use checkin::{
    Comparison, DenialReason, Desk, DiscardToken, Effect, Event, FaceLane, FaultCode, Lookup,
    SignIn, StaffReason, State, VisitNonce,
};
use common::name;
use run::run;

const NONCE: VisitNonce = VisitNonce([7; 16]);

fn exited() -> Event {
    Event::WorkerExited(DiscardToken::from_exit(NONCE, ExitStatus::from_raw(0)))
}

/// A visit that goes as far as the named state.
fn as_far_as(state: &str) -> Vec<Event> {
    let mut events = vec![Event::Started { nonce: NONCE }];
    let way = [
        ("identify", vec![]),
        ("consent", vec![Event::CodeSubmitted, found()]),
        ("prepare", vec![Event::ConsentGiven, Event::ConsentRecorded(true)]),
        ("capture", vec![Event::CameraOpened]),
        ("decide", vec![Event::Captured]),
        ("discard", vec![Event::Compared(Comparison::Match)]),
        ("admit", vec![exited()]),
    ];
    for (reached, more) in way {
        events.extend(more);
        if reached == state {
            return events;
        }
    }
    match state {
        "staff" => vec![Event::Started { nonce: NONCE }, Event::StaffCalled],
        "denied" => {
            let signed_in = Event::SignInChecked(SignIn::Accepted { staff: 7 });
            let mut events = as_far_as("staff");
            events.extend([Event::StaffCalled, signed_in]);
            events.push(Event::StaffDenied(DenialReason::HouseRules));
            events
        }
        "farewell" => {
            let mut events = as_far_as("capture");
            events.extend([Event::Stopped, exited()]);
            events
        }
        _ => vec![],
    }
}

fn found() -> Event {
    Event::CodeLookedUp(Lookup::Admissible(FaceLane::Open))
}

fn revoked() -> Event {
    Event::Faulted(FaultCode::Revoked)
}

#[test]
fn a_visit_of_a_revoked_kiosk_goes_to_a_person_and_not_before_its_face_data_are_gone() {
    for (state, with_worker) in [
        ("identify", false),
        ("consent", false),
        ("prepare", true),
        ("capture", true),
        ("decide", true),
        ("discard", true),
    ] {
        let mut events = as_far_as(state);
        assert_eq!(name(run(as_far_as(state)).0.state()), state);
        events.push(revoked());
        if with_worker {
            let mut before = as_far_as(state);
            before.push(revoked());
            assert_eq!(name(run(before).0.state()), "discard", "{state}");
            events.push(exited());
        }
        let (visit, effects) = run(events);
        let after_fault =
            matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::AfterFault);
        assert!(after_fault, "{state}: {}", name(visit.state()));
        let admits =
            |effect: &Effect| matches!(effect, Effect::RecordCheckin(_) | Effect::OpenGate(_));
        assert!(!effects.iter().any(admits), "{state}");
    }
}

#[test]
fn what_is_decided_is_finished_and_what_a_person_does_too() {
    for state in ["admit", "staff", "denied", "farewell"] {
        let mut events = as_far_as(state);
        events.push(revoked());
        assert_eq!(name(run(events).0.state()), state);
    }
}

#[test]
fn nobody_begins_at_a_revoked_kiosk_but_staff_do() {
    let started = || Event::Started { nonce: NONCE };
    let (visit, _) = run([revoked()]);
    assert!(matches!(visit.state(), State::Fault(f) if f.code() == FaultCode::Revoked));
    let (visit, _) = run([revoked(), Event::Retried, Event::CodeSubmitted, Event::StaffCalled]);
    assert_eq!(name(visit.state()), "fault");
    let (visit, _) = run([revoked(), started(), Event::StaffCalled]);
    assert!(matches!(visit.state(), State::Staff(s) if s.desk() == Desk::SigningIn(None)));
}
