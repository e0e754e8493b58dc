//! Whole visits, table-driven.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;
mod run;

#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
#[cfg(windows)]
use std::os::windows::process::ExitStatusExt as _;
use std::process::ExitStatus;

use checkin::{
    CameraTrouble, Choice, ClosedReason, CodeProblem, Comparison, DenialReason, Desk, DiscardToken,
    Effect, Event, FaceLane, FaultCode, GateStep, IdentifyStep, Lane, Limits, Lookup, Moment,
    Questioned, Recording, Session, SignIn, StaffReason, State, Verdict, VisitNonce,
};
use common::name;
use run::{run, run_with};

const NONCE: VisitNonce = VisitNonce([7; 16]);
const ADMISSIBLE: Event = Event::CodeLookedUp(Lookup::Admissible(FaceLane::Open));

fn exited() -> Event {
    Event::WorkerExited(DiscardToken::from_exit(NONCE, ExitStatus::from_raw(0)))
}

fn crashed() -> Event {
    Event::WorkerExited(DiscardToken::from_exit(NONCE, ExitStatus::from_raw(9)))
}

fn to_consent() -> Vec<Event> {
    vec![Event::Started { nonce: NONCE }, Event::CodeSubmitted, ADMISSIBLE]
}

fn to_questions(lane: FaceLane) -> Vec<Event> {
    let asks = Event::CodeLookedUp(Lookup::Asks(lane));
    vec![Event::Started { nonce: NONCE }, Event::CodeSubmitted, asks]
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
    let (visit, effects) = run(then(to_consent(), [Event::ConsentGiven, Event::WorkerMissing]));
    assert!(!effects.contains(&Effect::BeginCapture));
    assert!(
        matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::WorkerFailed && !matches!(s.desk(), Desk::SigningIn(_)))
    );
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
    assert_eq!(acts.len(), 1, "the one denial: {effects:?}");
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
        ("questions", to_questions(FaceLane::Open)),
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
        ("farewell", then(to_capture(), [Event::Stopped, exited()])),
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
        (ClosedReason::Earlier, StaffReason::NonMatch),
        (ClosedReason::Rules, StaffReason::Rules),
        (ClosedReason::Unpaid, StaffReason::Unpaid),
        (ClosedReason::Question, StaffReason::Question),
        (ClosedReason::Ambiguous, StaffReason::Ambiguous),
        (ClosedReason::NotInRoster, StaffReason::NotInRoster),
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
        let (visit, effects) = visit.on(exited(), Moment(100));
        assert!(matches!(visit.state(), State::Farewell(_)));
        assert!(effects.is_empty());
        let (visit, effects) = visit.on(Event::Elapsed, Moment(100 + 8_000));
        assert!(matches!(visit.state(), State::Attract));
        assert_eq!(effects, [Effect::EndSession(NONCE)]);
    }
}

#[test]
fn nobody_waits_for_a_visitor_who_has_stopped() {
    let next = VisitNonce([8; 16]);
    for asked in [Event::GateTurned, Event::ReceiptAsked] {
        let (visit, _) = run(then(to_capture(), [Event::Stopped, exited(), asked]));
        assert!(matches!(visit.state(), State::Farewell(_)));
        let (visit, effects) = visit.on(Event::Started { nonce: next }, Moment(200));
        assert!(matches!(visit.state(), State::Identify(s) if s.step() == IdentifyStep::Waiting));
        assert_eq!(effects, [Effect::EndSession(NONCE)]);
        assert_eq!(visit.state().session().map(Session::nonce), Some(next));
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
        CodeProblem::Unpaid,
        CodeProblem::Unapproved,
        CodeProblem::WrongProduct,
        CodeProblem::Revoked,
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
fn c25_what_the_platform_refuses_comes_to_a_person_who_may_admit_all_the_same() {
    let refused =
        || Event::CheckinRecorded(Recording::Refused(StaffReason::Code(CodeProblem::AlreadyUsed)));
    let (visit, effects) = run(then(to_discard(Comparison::Match), [exited(), refused()]));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::OpenGate(_))));
    assert!(!effects.contains(&Effect::AnnulCheckin), "it does not stand");
    let reason = StaffReason::Code(CodeProblem::AlreadyUsed);
    let State::Staff(staff) = visit.state() else { panic!("{:?}", visit.state()) };
    assert_eq!((staff.reason(), staff.may_admit()), (reason, true));
    assert_eq!(staff.desk(), Desk::Waiting);
    // Somebody at the desk stays there, sees why, and admits with the next press.
    let at_desk = [
        Event::StaffCalled,
        Event::SignInSubmitted,
        Event::SignInChecked(SignIn::Accepted { staff: 7 }),
        Event::StaffAdmitted,
        refused(),
    ];
    let (visit, _) = run(then(to_consent(), [Event::OtherWayChosen].into_iter().chain(at_desk)));
    let State::Staff(staff) = visit.state() else { panic!("{:?}", visit.state()) };
    assert_eq!((staff.reason(), staff.desk()), (reason, Desk::Reviewing { staff: 7 }));
    let (_, effects) = visit.on(Event::StaffAdmitted, Moment(100_000));
    assert_eq!(effects, [Effect::RecordCheckin(Lane::Staff { staff: 7, reason })]);
}

#[test]
fn a_gate_that_did_not_turn_takes_the_admission_back_also_behind_a_receipt() {
    for between in [None, Some(Event::ReceiptAsked)] {
        let open =
            [exited(), Event::CheckinRecorded(Recording::Recorded), Event::GateAnswered(true)];
        let events = open.into_iter().chain(between);
        let (visit, _) = run(then(to_discard(Comparison::Match), events));
        let (visit, effects) = visit.on(Event::GateNotTurned, Moment(100_000));
        assert!(matches!(visit.state(), State::Attract));
        assert!(matches!(effects.as_slice(), [Effect::AnnulCheckin, Effect::EndSession(_)]));
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

#[test]
fn an_early_tick_changes_nothing() {
    let (visit, _) = run(to_capture());
    let deadline = visit.deadline();
    let (visit, effects) = visit.on(Event::Elapsed, Moment(deadline.0.checked_sub(1).unwrap()));
    assert!(effects.is_empty());
    assert_eq!(visit.deadline(), deadline);
    assert!(matches!(visit.state(), State::Capture(_)));
}

#[test]
fn the_organisers_questions_come_first_and_lead_on_to_the_badges_lane() {
    for (lane, expected) in [
        (FaceLane::Open, "consent"),
        (FaceLane::AskAge, "age"),
        (FaceLane::Closed(ClosedReason::Reference), "staff"),
    ] {
        let answer = |questioned| [Event::AnswerGiven, Event::AnswersJudged(questioned)];
        let (visit, effects) = run(then(to_questions(lane), answer(Questioned::More)));
        assert_eq!(name(visit.state()), "questions");
        assert_eq!(effects, [Effect::LookUpBadge, Effect::JudgeAnswers]);
        let events = answer(Questioned::More).into_iter().chain(answer(Questioned::Done));
        let (visit, _) = run(then(to_questions(lane), events));
        assert_eq!(name(visit.state()), expected);
    }
}

#[test]
fn each_question_has_its_own_time_and_silence_ends_the_visit() {
    let answered = [Event::AnswerGiven, Event::AnswersJudged(Questioned::More)];
    let (first, _) = run(to_questions(FaceLane::Open));
    let (second, _) = run(then(to_questions(FaceLane::Open), answered));
    assert!(second.deadline() > first.deadline());
    // Words on an answer that nobody gave lead nowhere.
    let (visit, _) = first.on(Event::AnswersJudged(Questioned::Done), Moment(50));
    assert_eq!(name(visit.state()), "questions");
    let (visit, effects) = run(then(to_questions(FaceLane::Open), [Event::Elapsed]));
    assert!(matches!(visit.state(), State::Attract));
    assert!(effects.contains(&Effect::EndSession(NONCE)));
}

#[test]
fn c09_an_answer_refuses_nobody_a_person_decides() {
    let answer = |questioned| {
        then(to_questions(FaceLane::Open), [Event::AnswerGiven, Event::AnswersJudged(questioned)])
    };
    let desk = [
        Event::StaffCalled,
        Event::SignInSubmitted,
        Event::SignInChecked(SignIn::Accepted { staff: 7 }),
    ];
    let (visit, _) = run(then(answer(Questioned::Person), desk));
    let State::Staff(staff) = visit.state() else { panic!("{:?}", visit.state()) };
    assert!(staff.reason() == StaffReason::Question && staff.may_admit());
    // The badge's validity ended while the visitor was reading.
    let expired = CodeProblem::Expired;
    let (visit, _) = run(answer(Questioned::Refused(expired)));
    let State::Identify(identify) = visit.state() else { panic!("{:?}", visit.state()) };
    assert_eq!(identify.step(), IdentifyStep::Problem(expired));
    assert!(!visit.state().session().is_some_and(Session::admissible));
}
