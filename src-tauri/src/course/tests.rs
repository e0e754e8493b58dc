//! Whole visits, and what is counted of them.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use checkin::{
    ClosedReason, CodeProblem, Comparison, DenialReason, DiscardToken, FaceLane, GuardianProof,
    Limits, Lookup, Recording, SignIn, Visit, VisitNonce,
};
use jiff::civil::date;

use super::*;

const NONCE: VisitNonce = VisitNonce([1; 16]);

fn hour() -> Hour {
    Hour { day: date(2026, 11, 5), hour: 9 }
}

/// What is counted of a visit in which this happens, each event at its millisecond. A second visit
/// that follows is not looked at.
fn counted(events: Vec<(u64, Event)>, of_age: bool) -> Option<EndedVisit> {
    let mut course = Course::default();
    let mut visit = Visit::new(Limits::default(), Moment(0));
    for (at, event) in events {
        course.hear(&event);
        let (next, effects) = visit.on(event, Moment(at));
        visit = next;
        for effect in effects {
            course.watch(&effect);
            if matches!(effect, Effect::EndSession(_)) {
                return course.ended(of_age, hour(), Moment(at));
            }
        }
        course.see(visit.state(), Moment(at));
    }
    panic!("the visit is not over: {:?}", visit.state());
}

/// Scanned at 1 s, found at 2 s.
fn found(lane: FaceLane) -> Vec<(u64, Event)> {
    vec![
        (0, Event::Started { nonce: NONCE }),
        (1_000, Event::CodeSubmitted),
        (2_000, Event::CodeLookedUp(Lookup::Admissible(lane))),
    ]
}

fn compared(at: u64, comparison: Comparison) -> Vec<(u64, Event)> {
    let token = DiscardToken::from_exit(NONCE, ExitStatus::from_raw(0));
    let events = vec![
        Event::ConsentGiven,
        Event::ConsentRecorded(true),
        Event::CameraOpened,
        Event::Captured,
        Event::Compared(comparison),
        Event::WorkerExited(token),
    ];
    events.into_iter().map(|event| (at, event)).collect()
}

/// A member of staff signs in and acts.
fn staff(at: u64, act: Event) -> Vec<(u64, Event)> {
    let signed_in = Event::SignInChecked(SignIn::Accepted { staff: 7 });
    let events = vec![Event::StaffCalled, Event::SignInSubmitted, signed_in, act];
    events.into_iter().map(|event| (at, event)).collect()
}

/// The gate opens at `at`, and turns ten seconds later.
fn passed(at: u64) -> Vec<(u64, Event)> {
    vec![
        (at - 100, Event::CheckinRecorded(Recording::Recorded)),
        (at, Event::GateAnswered(true)),
        (at + 10_000, Event::Done),
    ]
}

fn all(parts: Vec<Vec<(u64, Event)>>) -> Vec<(u64, Event)> {
    parts.into_iter().flatten().collect()
}

#[test]
fn a_visit_is_counted_by_choice_and_outcome_from_the_badge_to_the_decision() {
    let stopped = |at| vec![(at, Event::Stopped)];
    let ended = |at| vec![(at, Event::StaffEndedVisit)];
    let open = || found(FaceLane::Open);
    let refused = |problem| {
        let mut events = open();
        events[2].1 = Event::CodeLookedUp(Lookup::Refused(problem));
        events
    };
    for (events, lane, outcome, seconds) in [
        (
            all(vec![open(), compared(4_000, Comparison::Match), passed(10_500)]),
            Lane::Face,
            Outcome::Matched,
            8,
        ),
        (
            all(vec![
                open(),
                compared(4_000, Comparison::NonMatch),
                staff(30_000, Event::StaffAdmitted),
                passed(33_900),
            ]),
            Lane::Face,
            Outcome::NonMatch,
            31,
        ),
        (
            all(vec![
                open(),
                vec![(5_000, Event::OtherWayChosen)],
                staff(30_000, Event::StaffAdmitted),
                passed(44_000),
            ]),
            Lane::OtherWay,
            Outcome::OtherWay,
            42,
        ),
        (
            all(vec![
                open(),
                vec![(5_000, Event::OtherWayChosen)],
                staff(12_000, Event::StaffDenied(DenialReason::HouseRules)),
                stopped(27_000),
            ]),
            Lane::OtherWay,
            Outcome::Denied,
            10,
        ),
        // Refused, and after a second look admitted.
        (
            all(vec![
                open(),
                vec![(5_000, Event::OtherWayChosen)],
                staff(12_000, Event::StaffDenied(DenialReason::IdentityNotShown)),
                vec![(13_000, Event::StaffCalled)],
                staff(20_000, Event::StaffAdmitted),
                passed(22_000),
            ]),
            Lane::OtherWay,
            Outcome::AskedForStaff,
            20,
        ),
        // Help at the open gate takes nothing back.
        (
            all(vec![
                open(),
                compared(4_000, Comparison::Match),
                vec![
                    (5_000, Event::CheckinRecorded(Recording::Recorded)),
                    (5_000, Event::GateAnswered(true)),
                    (6_000, Event::StaffCalled),
                    (60_000, Event::Stopped),
                ],
            ]),
            Lane::Face,
            Outcome::Matched,
            3,
        ),
        (all(vec![open(), stopped(9_000)]), Lane::NotAsked, Outcome::Left, 7),
        (
            all(vec![
                open(),
                vec![(4_000, Event::ConsentGiven), (4_100, Event::OtherWayChosen)],
                staff(9_000, Event::StaffAdmitted),
                passed(12_000),
            ]),
            Lane::Withdrawn,
            Outcome::OtherWay,
            10,
        ),
        (
            all(vec![
                found(FaceLane::Closed(ClosedReason::Reference)),
                staff(9_000, Event::StaffAdmitted),
                passed(12_000),
            ]),
            Lane::NotAsked,
            Outcome::Photo,
            10,
        ),
        (
            all(vec![refused(CodeProblem::Expired), stopped(6_000)]),
            Lane::NotAsked,
            Outcome::Badge,
            4,
        ),
        // Another badge is another beginning.
        (
            all(vec![
                refused(CodeProblem::Expired),
                vec![
                    (20_000, Event::CodeSubmitted),
                    (21_000, Event::CodeLookedUp(Lookup::Admissible(FaceLane::Open))),
                ],
                compared(22_000, Comparison::Match),
                passed(25_000),
            ]),
            Lane::Face,
            Outcome::Matched,
            4,
        ),
        (
            all(vec![
                found(FaceLane::Closed(ClosedReason::Kiosk)),
                staff(9_000, Event::DeskUsed),
                ended(70_000),
            ]),
            Lane::NotAsked,
            Outcome::Left,
            68,
        ),
    ] {
        let time = TimeClass::containing(seconds);
        let expected = EndedVisit { hour: hour(), lane, outcome, time };
        assert_eq!(counted(events, true), Some(expected));
    }
}

#[test]
fn c40_whoever_may_be_a_child_is_in_no_statistic() {
    let guardian = Event::GuardianAgreed(GuardianProof::Passport);
    let admitted = || all(vec![staff(9_000, Event::StaffAdmitted), passed(12_000)]);
    let asked = |age| all(vec![found(FaceLane::AskAge), vec![(3_000, Event::AgeGiven(age))]]);
    for (what, events, of_age) in [
        ("of unknown age, not asked", found(FaceLane::Closed(ClosedReason::Kiosk)), false),
        ("a child's badge", found(FaceLane::Closed(ClosedReason::UnderAge)), true),
        ("said below 14", asked(Age::Under14), false),
        (
            "with a guardian",
            all(vec![
                found(FaceLane::Closed(ClosedReason::UnderAge)),
                staff(4_000, guardian),
                vec![(4_500, Event::StaffSignedOut)],
            ]),
            true,
        ),
    ] {
        assert_eq!(counted(all(vec![events, admitted()]), of_age), None, "{what}");
    }
    // Whoever leaves the question of age unanswered may be one as well.
    let silent = all(vec![found(FaceLane::AskAge), vec![(3_000, Event::Stopped)]]);
    assert_eq!(counted(silent, false), None);
    let said = all(vec![asked(Age::From14), compared(4_000, Comparison::Match), passed(9_000)]);
    assert_eq!(counted(said, false).map(|visit| visit.outcome), Some(Outcome::Matched));
}

#[test]
fn a_visit_without_a_badge_is_not_counted() {
    let desk =
        vec![(0, Event::Started { nonce: NONCE }), (10, Event::StaffCalled), (20, Event::Stopped)];
    assert_eq!(counted(desk, true), None);
}
