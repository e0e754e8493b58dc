//! Whole visits, table-driven, and the promises as properties over generated event sequences.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
#[cfg(windows)]
use std::os::windows::process::ExitStatusExt as _;
use std::process::ExitStatus;

use checkin::{
    CameraTrouble, Choice, ClosedReason, CodeProblem, Comparison, DenialReason, Desk, DiscardToken,
    Effect, Event, FaceLane, FaultCode, GateStep, Guidance, Lane, Limits, Lookup, Moment,
    Recording, SignIn, StaffReason, State, Verdict, Visit, VisitNonce,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const NONCE: VisitNonce = VisitNonce([7; 16]);
const ADMISSIBLE: Event = Event::CodeLookedUp(Lookup::Admissible(FaceLane::Open));

fn exited() -> Event {
    Event::WorkerExited(DiscardToken::from_exit(NONCE, ExitStatus::from_raw(0)))
}

fn crashed() -> Event {
    Event::WorkerExited(DiscardToken::from_exit(NONCE, ExitStatus::from_raw(9)))
}

fn name(state: &State) -> &'static str {
    match state {
        State::Attract => "attract",
        State::Identify(_) => "identify",
        State::Consent(_) => "consent",
        State::Prepare(_) => "prepare",
        State::Capture(_) => "capture",
        State::Decide(_) => "decide",
        State::Discard(_) => "discard",
        State::Admit(_) => "admit",
        State::Staff(_) => "staff",
        State::Denied(_) => "denied",
        State::Fault(_) => "fault",
    }
}

/// Runs events one millisecond apart and returns the visit with all effects.
fn run(events: impl IntoIterator<Item = Event>) -> (Visit, Vec<Effect>) {
    run_with(Limits::default(), events)
}

fn run_with(limits: Limits, events: impl IntoIterator<Item = Event>) -> (Visit, Vec<Effect>) {
    let mut visit = Visit::new(limits, Moment(0));
    let mut all = Vec::new();
    let mut now = 0;
    for event in events {
        now = if matches!(event, Event::Elapsed) { visit.deadline().0 } else { now + 1 };
        let (next, effects) = visit.on(event, Moment(now));
        visit = next;
        all.extend(effects);
    }
    (visit, all)
}

fn to_consent() -> Vec<Event> {
    vec![Event::Started { nonce: NONCE }, Event::CodeSubmitted, ADMISSIBLE]
}

fn to_prepare() -> Vec<Event> {
    let mut events = to_consent();
    events.extend([Event::ConsentGiven, Event::ConsentRecorded(true)]);
    events
}

fn to_capture() -> Vec<Event> {
    let mut events = to_prepare();
    events.push(Event::CameraOpened);
    events
}

fn to_decide() -> Vec<Event> {
    let mut events = to_capture();
    events.push(Event::Captured);
    events
}

fn to_discard(comparison: Comparison) -> Vec<Event> {
    let mut events = to_decide();
    events.push(Event::Compared(comparison));
    events
}

fn then(mut events: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    events.extend(more);
    events
}

#[test]
fn c06_a_match_admits_after_consent_and_discard() {
    let (visit, effects) = run(then(
        to_discard(Comparison::Match),
        [exited(), Event::CheckinRecorded(Recording::Recorded), Event::GateAnswered(true)],
    ));
    assert!(matches!(visit.state(), State::Admit(a) if a.step() == GateStep::Open));
    assert!(matches!(
        effects.as_slice(),
        [
            Effect::LookUpBadge,
            Effect::RecordConsent(Choice::Face),
            Effect::BeginCapture,
            Effect::RecordCheckin(Lane::Face),
            Effect::OpenGate(_),
        ]
    ));
    let (visit, effects) = visit.on(Event::GateTurned, Moment(100_000));
    assert!(matches!(visit.state(), State::Attract));
    assert_eq!(effects, [Effect::EndSession(NONCE)]);
}

#[test]
fn c07_no_admission_before_the_exit_of_the_worker_is_seen() {
    let (visit, effects) = run(to_discard(Comparison::Match));
    assert!(matches!(visit.state(), State::Discard(_)));
    assert!(!effects.iter().any(|e| matches!(e, Effect::RecordCheckin(_) | Effect::OpenGate(_))));
    // The exit of another visit's worker proves nothing.
    let other = DiscardToken::from_exit(VisitNonce([8; 16]), ExitStatus::from_raw(0));
    let (visit, _) = visit.on(Event::WorkerExited(other), Moment(50));
    assert!(matches!(visit.state(), State::Discard(_)));
    let (visit, _) = visit.on(exited(), Moment(60));
    assert!(matches!(visit.state(), State::Admit(_)));
}

#[test]
fn c03_the_camera_stays_closed_until_consent_is_given_and_written() {
    let (_, effects) = run(then(to_consent(), [Event::CameraOpened, Event::Captured]));
    assert!(!effects.contains(&Effect::BeginCapture));
    let (_, effects) = run(then(to_consent(), [Event::ConsentGiven]));
    assert!(!effects.contains(&Effect::BeginCapture));
    let (visit, effects) =
        run(then(to_consent(), [Event::ConsentGiven, Event::ConsentRecorded(false)]));
    assert!(!effects.contains(&Effect::BeginCapture));
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::RecordFailed));
}

#[test]
fn without_a_worker_process_the_camera_is_never_asked_for() {
    let (visit, effects) =
        run(then(to_consent(), [Event::ConsentGiven, Event::WorkerMissing]));
    assert!(!effects.contains(&Effect::BeginCapture));
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::WorkerFailed && !matches!(s.desk(), Desk::SigningIn(_))));
}

#[test]
fn c09_the_algorithm_sends_to_staff_and_never_denies() {
    for (comparison, reason) in [
        (Comparison::NonMatch, StaffReason::NonMatch),
        (Comparison::PoorSamples, StaffReason::PoorSamples),
        (Comparison::SuspectedAttack, StaffReason::SuspectedAttack),
    ] {
        assert_eq!(Verdict::from(comparison), Verdict::SeeStaff(reason));
        let (visit, _) = run(then(to_discard(comparison), [exited()]));
        assert!(matches!(visit.state(), State::Staff(s) if s.reason() == reason));
    }
}

#[test]
fn c09_a_denial_carries_a_persons_reason() {
    let (visit, effects) = run(then(
        to_discard(Comparison::NonMatch),
        [
            exited(),
            Event::StaffDenied(DenialReason::NotTheHolder),
            Event::StaffCalled,
            Event::StaffDenied(DenialReason::NotTheHolder),
            Event::SignInSubmitted,
            Event::SignInChecked(SignIn::Accepted { staff: 7 }),
            Event::StaffDenied(DenialReason::NotTheHolder),
        ],
    ));
    assert!(matches!(visit.state(), State::Denied(d) if d.reason() == DenialReason::NotTheHolder));
    let acts: Vec<_> =
        effects.iter().filter(|e| matches!(e, Effect::RecordStaffAct { staff: 7, .. })).collect();
    assert_eq!(acts.len(), 2, "the sign-in and the one denial: {effects:?}");
}

#[test]
fn c13_every_state_has_a_way_to_staff() {
    let cases: Vec<(&str, Vec<Event>)> = vec![
        ("identify", vec![Event::Started { nonce: NONCE }]),
        ("identify", vec![Event::Started { nonce: NONCE }, Event::CodeSubmitted]),
        (
            "identify",
            vec![
                Event::Started { nonce: NONCE },
                Event::CodeSubmitted,
                Event::CodeLookedUp(Lookup::Refused(CodeProblem::Unknown)),
            ],
        ),
        ("consent", to_consent()),
        ("prepare", then(to_consent(), [Event::ConsentGiven])),
        ("prepare", to_prepare()),
        ("capture", to_capture()),
        ("decide", to_decide()),
        ("discard", to_discard(Comparison::Match)),
        ("admit", then(to_discard(Comparison::Match), [exited()])),
        ("staff", then(to_discard(Comparison::NonMatch), [exited()])),
        (
            "denied",
            then(
                to_consent(),
                [
                    Event::OtherWayChosen,
                    Event::StaffCalled,
                    Event::SignInSubmitted,
                    Event::SignInChecked(SignIn::Accepted { staff: 1 }),
                    Event::StaffDenied(DenialReason::HouseRules),
                ],
            ),
        ),
        ("fault", then(to_consent(), [Event::Faulted(FaultCode::Store)])),
        ("fault", vec![Event::Faulted(FaultCode::Store)]),
    ];
    for (state, events) in cases {
        let (visit, _) = run(events);
        assert_eq!(name(visit.state()), state);
        let (visit, _) = visit.on(Event::Started { nonce: NONCE }, Moment(9_000));
        let (visit, _) = visit.on(Event::StaffCalled, Moment(9_000));
        let (visit, _) = visit.on(exited(), Moment(9_000));
        assert!(matches!(visit.state(), State::Staff(_)), "from {state}: {:?}", visit.state());
    }
}

#[test]
fn c13_c15_the_other_way_stays_open_before_and_during_capture() {
    for events in [to_consent(), to_prepare(), to_capture(), to_decide()] {
        let (visit, effects) = run(then(
            events,
            [
                Event::OtherWayChosen,
                exited(),
                Event::StaffCalled,
                Event::SignInSubmitted,
                Event::SignInChecked(SignIn::Accepted { staff: 3 }),
                Event::StaffAdmitted,
                Event::CheckinRecorded(Recording::Recorded),
                Event::GateAnswered(true),
            ],
        ));
        assert!(matches!(visit.state(), State::Admit(a) if a.step() == GateStep::Open));
        let lane = Lane::Staff { staff: 3, reason: StaffReason::OtherWay };
        assert!(effects.contains(&Effect::RecordCheckin(lane)));
    }
}

#[test]
fn c21_a_camera_that_does_not_work_leads_to_staff() {
    for (events, trouble, reason) in [
        (to_prepare(), CameraTrouble::Unavailable, StaffReason::CameraUnavailable),
        (to_capture(), CameraTrouble::Lost, StaffReason::CameraLost),
    ] {
        let (visit, _) = run(then(events, [Event::CameraFailed(trouble), exited()]));
        assert!(
            matches!(visit.state(), State::Staff(s) if s.reason() == reason && s.desk() == Desk::Waiting)
        );
    }
}

#[test]
fn c16_c40_l1_a_closed_face_lane_leads_to_staff_without_asking() {
    for (why, reason) in [
        (ClosedReason::Kiosk, StaffReason::FaceLaneClosed),
        (ClosedReason::UnderAge, StaffReason::UnderAge),
        (ClosedReason::Reference, StaffReason::Reference),
    ] {
        let (visit, effects) = run([
            Event::Started { nonce: NONCE },
            Event::CodeSubmitted,
            Event::CodeLookedUp(Lookup::Admissible(FaceLane::Closed(why))),
        ]);
        assert!(matches!(visit.state(), State::Staff(s) if s.reason() == reason));
        assert!(!effects.contains(&Effect::BeginCapture));
    }
}

#[test]
fn c26_stopping_during_capture_ends_the_worker_and_leaves() {
    for events in [to_prepare(), to_capture(), to_decide()] {
        let (visit, effects) = run(then(events, [Event::Stopped]));
        assert!(matches!(visit.state(), State::Discard(_)));
        assert!(effects.contains(&Effect::EndWorker));
        assert!(effects.contains(&Effect::RecordConsent(Choice::Withdrawn)));
        let (visit, _) = visit.on(exited(), Moment(100));
        assert!(matches!(visit.state(), State::Attract));
    }
}

#[test]
fn a_worker_that_crashes_or_hangs_sends_to_staff_even_after_a_match() {
    let (visit, _) = run(then(to_capture(), [crashed()]));
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::WorkerFailed));
    let (visit, _) = run(then(to_discard(Comparison::Match), [crashed()]));
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::WorkerFailed));
    let (visit, effects) = run(then(to_discard(Comparison::Match), [Event::Elapsed, exited()]));
    assert!(effects.contains(&Effect::KillWorker));
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::WorkerFailed));
}

#[test]
fn a_worker_that_cannot_be_ended_is_a_fault_and_admits_nobody_until_it_is_gone() {
    let (visit, _) = run(then(
        to_discard(Comparison::Match),
        [Event::Elapsed, Event::Elapsed, Event::Elapsed, Event::Elapsed],
    ));
    assert!(matches!(visit.state(), State::Fault(f) if f.code() == FaultCode::Internal));
    let (visit, _) = visit.on(Event::StaffCalled, Moment(1 << 40));
    let State::Staff(staff) = visit.state() else { panic!("{:?}", visit.state()) };
    assert!(!staff.may_admit());
    let (visit, _) = visit.on(exited(), Moment(1 << 40));
    let State::Staff(staff) = visit.state() else { panic!("{:?}", visit.state()) };
    assert!(staff.may_admit());
}

#[test]
fn a_code_problem_is_shown_and_another_code_may_be_tried() {
    for problem in [
        CodeProblem::Unknown,
        CodeProblem::Malformed,
        CodeProblem::AlreadyUsed,
        CodeProblem::Expired,
        CodeProblem::NotYetValid,
        CodeProblem::Blocked,
    ] {
        let (visit, _) = run([
            Event::Started { nonce: NONCE },
            Event::CodeSubmitted,
            Event::CodeLookedUp(Lookup::Refused(problem)),
        ]);
        let (visit, effects) = visit.on(Event::CodeSubmitted, Moment(50));
        assert_eq!(effects, [Effect::LookUpBadge]);
        let (visit, _) = visit.on(ADMISSIBLE, Moment(60));
        assert!(matches!(visit.state(), State::Consent(_)));
    }
}

#[test]
fn a_refused_badge_cannot_be_admitted_by_staff_either() {
    let (visit, effects) = run([
        Event::Started { nonce: NONCE },
        Event::CodeSubmitted,
        Event::CodeLookedUp(Lookup::Refused(CodeProblem::AlreadyUsed)),
        Event::StaffCalled,
        Event::StaffCalled,
        Event::SignInSubmitted,
        Event::SignInChecked(SignIn::Accepted { staff: 7 }),
        Event::StaffAdmitted,
    ]);
    assert!(matches!(visit.state(), State::Staff(s) if !s.may_admit()));
    assert!(!effects.iter().any(|e| matches!(e, Effect::RecordCheckin(_))));
}

#[test]
fn a_gate_that_does_not_answer_leads_to_staff_and_a_visitor_who_leaves_is_not_counted() {
    for failure in [Event::GateAnswered(false), Event::Elapsed] {
        let (visit, effects) = run(then(
            to_discard(Comparison::Match),
            [exited(), Event::CheckinRecorded(Recording::Recorded), failure, Event::Stopped],
        ));
        assert!(matches!(visit.state(), State::Attract));
        assert!(effects.contains(&Effect::AnnulCheckin));
    }
}

#[test]
fn the_camera_reads_codes_only_in_identify_and_only_with_the_setting() {
    let limits = Limits { codes_by_camera: true, ..Limits::default() };
    for leave in [Event::CodeSubmitted, Event::Stopped, Event::StaffCalled, Event::Elapsed] {
        let (_, effects) = run_with(limits, [Event::Started { nonce: NONCE }, leave]);
        assert_eq!(effects[0], Effect::OpenCodeReader);
        assert_eq!(effects[1], Effect::CloseCodeReader);
    }
    let (_, effects) = run([Event::Started { nonce: NONCE }, Event::CodeSubmitted]);
    assert!(!effects.contains(&Effect::OpenCodeReader));
}

/// One generated event: any, or one that leads on from the present state, so that deep states
/// are reached as often as shallow ones.
fn any_event() -> impl Strategy<Value = (u8, bool)> {
    (0_u8..42, prop::bool::weighted(0.7))
}

/// Kinds of events that lead on from a state.
fn leading_on(state: &str) -> &'static [u8] {
    match state {
        "attract" => &[0],
        "identify" => &[1, 2, 2, 2, 4, 5],
        "consent" => &[6, 6, 6, 9],
        "prepare" => &[7, 7, 12, 12, 12, 15],
        "capture" => &[16, 17, 17, 14],
        "decide" => &[18, 18, 19, 21],
        "discard" => &[22, 22, 22, 23, 41],
        "admit" => &[32, 32, 35, 35, 36, 37],
        "staff" => &[11, 25, 26, 26, 28, 29, 22],
        "denied" => &[37, 11],
        _ => &[11, 37],
    }
}

fn event(kind: u8, nonce: VisitNonce) -> Event {
    let exit = |code| DiscardToken::from_exit(nonce, ExitStatus::from_raw(code));
    match kind {
        0 => Event::Started { nonce },
        1 => Event::CodeSubmitted,
        2 => Event::CodeLookedUp(Lookup::Admissible(FaceLane::Open)),
        3 => Event::CodeLookedUp(Lookup::Admissible(FaceLane::Closed(ClosedReason::UnderAge))),
        4 => Event::CodeLookedUp(Lookup::Refused(CodeProblem::AlreadyUsed)),
        5 => Event::Retried,
        6 => Event::ConsentGiven,
        7 => Event::ConsentRecorded(true),
        8 => Event::ConsentRecorded(false),
        9 => Event::OtherWayChosen,
        10 => Event::Stopped,
        11 => Event::StaffCalled,
        12 => Event::CameraOpened,
        13 => Event::CameraFailed(CameraTrouble::Unavailable),
        14 => Event::CameraFailed(CameraTrouble::Lost),
        15 => Event::ReferenceRefused,
        16 => Event::GuidanceGiven(Guidance::ComeCloser),
        17 => Event::Captured,
        18 => Event::Compared(Comparison::Match),
        19 => Event::Compared(Comparison::NonMatch),
        20 => Event::Compared(Comparison::PoorSamples),
        21 => Event::Compared(Comparison::SuspectedAttack),
        22 => Event::WorkerExited(exit(0)),
        23 => Event::WorkerExited(exit(9)),
        24 => Event::WorkerExited(DiscardToken::from_exit(
            VisitNonce([0xEE; 16]),
            ExitStatus::from_raw(0),
        )),
        25 => Event::SignInSubmitted,
        26 => Event::SignInChecked(SignIn::Accepted { staff: 5 }),
        27 => Event::SignInChecked(SignIn::Refused { left: 2 }),
        28 => Event::StaffAdmitted,
        29 => Event::StaffDenied(DenialReason::IdentityNotShown),
        30 => Event::StaffEndedVisit,
        31 => Event::StaffSignedOut,
        32 => Event::CheckinRecorded(Recording::Recorded),
        33 => Event::CheckinRecorded(Recording::AlreadyUsed),
        34 => Event::CheckinRecorded(Recording::Failed),
        35 => Event::GateAnswered(true),
        36 => Event::GateAnswered(false),
        37 => Event::Done,
        38 => Event::Faulted(FaultCode::Store),
        39 => Event::WorkerMissing,
        _ => Event::Elapsed,
    }
}

/// What the outside world may believe of one visit, kept apart from the machine.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations, not states")]
struct Witness {
    consented: bool,
    began: bool,
    exited: bool,
    admissible: bool,
    recorded: bool,
    asked: u32,
}

impl Witness {
    fn hears(&mut self, event: &Event, state: &str, nonce: VisitNonce) {
        match event {
            Event::ConsentRecorded(true) if state == "prepare" => self.consented = true,
            Event::WorkerExited(token) if token.visit() == nonce => self.exited = true,
            Event::CodeLookedUp(lookup) if state == "identify" => {
                self.admissible = matches!(lookup, Lookup::Admissible(_));
            }
            Event::CheckinRecorded(Recording::Recorded) if state == "admit" => {
                self.recorded = true;
            }
            _ => {}
        }
    }

    fn watches(&mut self, effect: &Effect, codes_by_camera: bool) -> Result<(), TestCaseError> {
        match effect {
            Effect::BeginCapture => {
                prop_assert!(self.consented, "a frame before consent");
                prop_assert!(!self.began, "the camera opens once a visit");
                self.began = true;
                self.exited = false;
            }
            Effect::RecordCheckin(_) => {
                prop_assert!(self.admissible);
                prop_assert!(!self.began || self.exited, "admission before discard");
            }
            Effect::OpenGate(_) => {
                prop_assert!(!self.began || self.exited, "admission before discard");
                prop_assert!(self.recorded, "a gate without a check-in");
            }
            Effect::OpenCodeReader => prop_assert!(codes_by_camera),
            _ => {}
        }
        Ok(())
    }
}

/// No frame before consent, no admission without discard, nothing but a person denies,
/// nobody is asked twice, and every session ends.
#[test]
fn c03_c07_c09_l2_promises_hold_for_100_000_sequences_of_events() {
    let seen: RefCell<BTreeMap<&'static str, u32>> = RefCell::default();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 100_000, ..ProptestConfig::default() });
    let sequences = (prop::collection::vec(any_event(), 0..60), any::<bool>());
    runner
        .run(&sequences, |(events, codes_by_camera)| {
            let states = promises_hold(&events, codes_by_camera)?;
            let mut seen = seen.borrow_mut();
            for state in states {
                *seen.entry(state).or_default() += 1;
            }
            Ok(())
        })
        .unwrap();
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 11, "all states were reached: {seen:?}");
    assert!(seen.values().all(|&n| n > 1_000), "each often enough to mean something: {seen:?}");
}

/// Runs one sequence, checks every promise at every step, and returns the states it reached.
fn promises_hold(
    events: &[(u8, bool)],
    codes_by_camera: bool,
) -> Result<BTreeSet<&'static str>, TestCaseError> {
    let limits = Limits { codes_by_camera, ..Limits::default() };
    let mut visit = Visit::new(limits, Moment(0));
    let mut now = 0_u64;
    let mut visits = 0_u8;
    let mut witness = Witness::default();
    let mut reached = BTreeSet::new();
    for &(kind, lead) in events {
        let nonce = VisitNonce([visits; 16]);
        let before = name(visit.state());
        let options = leading_on(before);
        let kind = if lead { options[usize::from(kind) % options.len()] } else { kind };
        let event = event(kind, nonce);
        now += 10;
        if matches!(event, Event::Elapsed) {
            now = visit.deadline().0.max(now);
        }
        let by_person = matches!(event, Event::StaffDenied(_));
        witness.hears(&event, before, nonce);
        let (next, effects) = visit.on(event, Moment(now));
        visit = next;
        let after = name(visit.state());
        reached.insert(after);
        for effect in &effects {
            witness.watches(effect, codes_by_camera)?;
            if let Effect::OpenGate(pass) = effect {
                prop_assert_eq!(pass.visit(), nonce);
            }
            if let Effect::EndSession(ended) = effect {
                prop_assert_eq!(*ended, nonce);
                prop_assert_eq!(after, "attract");
                visits = visits.wrapping_add(1) % 0xEE;
                witness = Witness::default();
            }
        }
        if after == "denied" && before != "denied" {
            prop_assert!(by_person && before == "staff", "only a person denies");
        }
        if after == "consent" && before != "consent" {
            witness.asked += 1;
            prop_assert_eq!(witness.asked, 1, "asked once a visit");
        }
        if after == "capture" {
            prop_assert!(witness.began);
        }
    }
    // Left alone, with nobody and nothing answering, every session ends.
    for _ in 0..12 {
        if matches!(visit.state(), State::Attract) {
            break;
        }
        now = now.max(visit.deadline().0);
        visit = visit.on(Event::Elapsed, Moment(now)).0;
    }
    prop_assert!(matches!(visit.state(), State::Attract));
    Ok(reached)
}

#[test]
fn an_early_tick_changes_nothing() {
    let (visit, _) = run(to_capture());
    let deadline = visit.deadline();
    let (visit, effects) = visit.on(Event::Elapsed, Moment(deadline.0.checked_sub(1).unwrap()));
    assert!(effects.is_empty());
    assert_eq!(visit.deadline(), deadline);
    assert!(matches!(visit.state(), State::Capture(_)));
}
