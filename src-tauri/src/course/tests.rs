//! Whole visits, and what is counted of them.

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

/// Checks what is counted of an adult's visit.
fn is_counted(parts: Vec<Vec<(u64, Event)>>, lane: Lane, outcome: Outcome, seconds: u32) {
    let time = TimeClass::containing(seconds);
    let expected = EndedVisit { hour: hour(), lane, outcome, time };
    assert_eq!(counted(all(parts), true), Some(expected));
}

fn open() -> Vec<(u64, Event)> {
    found(FaceLane::Open)
}

fn other_way() -> Vec<(u64, Event)> {
    vec![(5_000, Event::OtherWayChosen)]
}

fn expired() -> Vec<(u64, Event)> {
    let mut events = open();
    events[2].1 = Event::CodeLookedUp(Lookup::Refused(CodeProblem::Expired));
    events
}

#[test]
fn the_face_lane_is_counted_from_the_badge_to_the_gate() {
    let matched = || compared(4_000, Comparison::Match);
    is_counted(vec![open(), matched(), passed(10_500)], Lane::Face, Outcome::Matched, 8);
    let parts = vec![
        open(),
        compared(4_000, Comparison::NonMatch),
        staff(30_000, Event::StaffAdmitted),
        passed(33_900),
    ];
    is_counted(parts, Lane::Face, Outcome::NonMatch, 31);
    // Help at the open gate takes nothing back.
    let helped = vec![
        (5_000, Event::CheckinRecorded(Recording::Recorded)),
        (5_000, Event::GateAnswered(true)),
        (6_000, Event::StaffCalled),
        (60_000, Event::Stopped),
    ];
    is_counted(vec![open(), matched(), helped], Lane::Face, Outcome::Matched, 3);
    // Another badge is another beginning.
    let again = vec![
        (20_000, Event::CodeSubmitted),
        (21_000, Event::CodeLookedUp(Lookup::Admissible(FaceLane::Open))),
    ];
    let parts = vec![expired(), again, compared(22_000, Comparison::Match), passed(25_000)];
    is_counted(parts, Lane::Face, Outcome::Matched, 4);
}

#[test]
fn c15_c45_the_other_way_is_counted_from_the_badge_to_a_persons_decision() {
    let admitted = |at| staff(at, Event::StaffAdmitted);
    let denied = |reason| staff(12_000, Event::StaffDenied(reason));
    let parts = vec![open(), other_way(), admitted(30_000), passed(44_000)];
    is_counted(parts, Lane::OtherWay, Outcome::OtherWay, 42);
    let stopped = vec![(27_000, Event::Stopped)];
    let parts = vec![open(), other_way(), denied(DenialReason::HouseRules), stopped];
    is_counted(parts, Lane::OtherWay, Outcome::Denied, 10);
    // Refused, and after a second look admitted.
    let parts = vec![
        open(),
        other_way(),
        denied(DenialReason::IdentityNotShown),
        vec![(13_000, Event::StaffCalled)],
        admitted(20_000),
        passed(22_000),
    ];
    is_counted(parts, Lane::OtherWay, Outcome::AskedForStaff, 20);
    let changed = vec![(4_000, Event::ConsentGiven), (4_100, Event::OtherWayChosen)];
    let parts = vec![open(), changed, admitted(9_000), passed(12_000)];
    is_counted(parts, Lane::Withdrawn, Outcome::OtherWay, 10);
}

#[test]
fn whoever_had_nothing_to_choose_is_counted_apart() {
    let stopped = |at| vec![(at, Event::Stopped)];
    is_counted(vec![open(), stopped(9_000)], Lane::NotAsked, Outcome::Left, 7);
    is_counted(vec![expired(), stopped(6_000)], Lane::NotAsked, Outcome::Badge, 4);
    let no_photo = found(FaceLane::Closed(ClosedReason::Reference));
    let parts = vec![no_photo, staff(9_000, Event::StaffAdmitted), passed(12_000)];
    is_counted(parts, Lane::NotAsked, Outcome::Photo, 10);
    let closed = found(FaceLane::Closed(ClosedReason::Kiosk));
    let ended = vec![(70_000, Event::StaffEndedVisit)];
    let parts = vec![closed, staff(9_000, Event::DeskUsed), ended];
    is_counted(parts, Lane::NotAsked, Outcome::Left, 68);
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
