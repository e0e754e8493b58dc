//! The promises of a visit, as properties over generated sequences of events.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
#[cfg(windows)]
use std::os::windows::process::ExitStatusExt as _;
use std::process::ExitStatus;

use checkin::{
    Age, CameraTrouble, Choice, ClosedReason, CodeProblem, Comparison, DenialReason, DiscardToken,
    Effect, Event, FaceLane, FaultCode, GuardianProof, Guidance, Limits, Lookup, Moment,
    Questioned, Receipt, Recording, RequestKind, SignIn, StaffReason, State, Visit, VisitNonce,
};
use common::name;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// One generated event: any, or one that leads on from the present state, so that deep states
/// are reached as often as shallow ones.
fn any_event() -> impl Strategy<Value = (u8, bool)> {
    (0_u8..72, prop::bool::weighted(0.7))
}

/// Kinds of events that lead on from a state.
fn leading_on(state: &str) -> &'static [u8] {
    match state {
        "attract" => &[0, 0, 0, 0, 48],
        "reading" => &[0, 10, 37, 48],
        "identify" => &[1, 2, 2, 2, 2, 4, 5, 44, 54, 60],
        "questions" => &[61, 61, 61, 62, 63, 63, 64, 65],
        "age" => &[45, 45, 46, 10],
        "consent" => &[6, 6, 6, 6, 9, 37, 48, 52, 54],
        "prepare" => &[7, 7, 12, 12, 12, 15],
        "capture" => &[16, 17, 17, 14, 10],
        "decide" => &[18, 18, 19, 21],
        "discard" => &[22, 22, 22, 23, 43],
        "admit" => &[32, 32, 35, 35, 36, 37, 40, 41, 60, 61],
        "staff" => &[11, 25, 26, 26, 28, 29, 22, 40, 49, 50, 51, 54, 59],
        "rights" => &[37, 37, 40, 55, 55, 56, 57, 58, 58, 11, 47],
        "farewell" => &[0, 10, 11, 37, 40, 40],
        "denied" => &[37, 11, 40, 54],
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
        40 => Event::ReceiptAsked,
        41 => Event::GateTurned,
        44 => Event::CodeLookedUp(Lookup::Admissible(FaceLane::AskAge)),
        45 => Event::AgeGiven(Age::From14),
        46 => Event::AgeGiven(Age::Under14),
        47 => Event::NoticeChanged { offered: true },
        48 => Event::PolicyRead,
        49 => Event::GuardianAgreed(GuardianProof::HouseholdRegister),
        50 => Event::GuardianRecorded(true),
        51 => Event::GuardianRevoked,
        52 => Event::TransferChosen(true),
        53 => Event::NoticeChanged { offered: false },
        54 => Event::RightsAsked,
        55 => Event::HeldRead,
        56 => Event::RequestMade(RequestKind::Deletion),
        57 => Event::RequestMade(RequestKind::Withdrawal),
        58 => Event::RequestFiled(RequestKind::Deletion),
        59 => Event::DeskUsed,
        60 => Event::CodeLookedUp(Lookup::Asks(FaceLane::Open)),
        61 => Event::AnswerGiven,
        62 => Event::AnswersJudged(Questioned::More),
        63 => Event::AnswersJudged(Questioned::Done),
        64 => Event::AnswersJudged(Questioned::Person),
        65 => Event::AnswersJudged(Questioned::Refused(CodeProblem::Expired)),
        66 => {
            Event::CheckinRecorded(Recording::Refused(StaffReason::Code(CodeProblem::AlreadyUsed)))
        }
        67 => Event::GateNotTurned,
        _ => Event::Elapsed,
    }
}

/// The number of the visit after this one.
fn following(visits: u8) -> u8 {
    visits.wrapping_add(1) % 0xEE
}

/// What the outside world may believe of one visit, kept apart from the machine.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations, not states")]
struct Witness {
    consented: bool,
    began: bool,
    exited: bool,
    admissible: bool,
    /// The organiser's questions are not answered.
    questions: bool,
    /// An answer was handed in to be judged.
    judging: bool,
    /// A person refused entry.
    denied: bool,
    /// The code led to a badge of the roster.
    badge: bool,
    recorded: bool,
    /// The roster, or the visitor, said that this is a child; then a guardian agreed.
    child: bool,
    guardian: bool,
    /// The visitor chose the other way, or took a consent back.
    refused: bool,
    /// The switch for a transfer abroad was turned on.
    transfer: bool,
    /// How often the text changed after the visitor was asked first.
    changes: u32,
    asked: u32,
    /// How often asking for a receipt gave more time since the screen was entered, and while
    /// waiting for staff.
    prolonged: u32,
    prolonged_at_staff: u32,
}

impl Witness {
    fn hears(&mut self, event: &Event, state: &str, nonce: VisitNonce) {
        match event {
            Event::ConsentRecorded(true) if state == "prepare" => self.consented = true,
            Event::WorkerExited(token) if token.visit() == nonce => self.exited = true,
            Event::CodeLookedUp(lookup) if state == "identify" => {
                self.admissible = !matches!(lookup, Lookup::Refused(_));
                self.questions = matches!(lookup, Lookup::Asks(_));
                self.badge = true;
                self.child =
                    matches!(lookup, Lookup::Admissible(FaceLane::Closed(ClosedReason::UnderAge)));
            }
            Event::AnswersJudged(Questioned::Done) if state == "questions" && self.judging => {
                self.questions = false;
            }
            Event::AgeGiven(age) if state == "age" => self.child = *age == Age::Under14,
            Event::GuardianRecorded(true) if state == "staff" => self.guardian = true,
            Event::GuardianRevoked if state == "staff" => self.guardian = false,
            Event::NoticeChanged { .. } => self.changes += 1,
            Event::TransferChosen(on) if state == "consent" => self.transfer |= on,
            Event::CheckinRecorded(Recording::Recorded) if state == "admit" => {
                self.recorded = true;
            }
            Event::CheckinRecorded(Recording::Refused(_)) if state == "admit" => {
                self.recorded = false;
            }
            _ => {}
        }
    }

    fn watches(&mut self, effect: &Effect, codes_by_camera: bool) -> Result<(), TestCaseError> {
        match effect {
            Effect::BeginCapture => {
                prop_assert!(self.consented, "a frame before consent");
                prop_assert!(!self.began, "the camera opens once a visit");
                prop_assert!(!self.child || self.guardian, "a child's face without a guardian");
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
            Effect::IssueReceipt => {
                prop_assert!(!self.began || self.exited, "a receipt before discard");
            }
            Effect::ReadHeld | Effect::FileRequest(_) => {
                prop_assert!(!self.began || self.exited, "rights before discard");
                prop_assert!(self.badge, "rights without a badge");
            }
            Effect::JudgeAnswers => self.judging = true,
            Effect::OpenCodeReader => prop_assert!(codes_by_camera),
            Effect::RecordConsent(Choice::OtherWay | Choice::Withdrawn) => self.refused = true,
            Effect::RecordTransfer(true) => prop_assert!(self.transfer, "silence is no consent"),
            _ => {}
        }
        Ok(())
    }
}

/// No frame before consent, no admission and no receipt without discard, nothing but a person
/// denies, nobody is asked again after a refusal, no child's face without a guardian, a receipt takes no more than its time, rights are for who has a badge, and every session ends.
#[test]
fn c03_c07_c09_c33_c40_c41_c42_l2_promises_hold_for_100_000_sequences_of_events() {
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
    assert_eq!(seen.len(), 16, "all states were reached: {seen:?}");
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
        // Only the next visit begins while one says farewell.
        let begins = kind == 0 && before == "farewell";
        let event = event(kind, if begins { VisitNonce([following(visits); 16]) } else { nonce });
        now += 10;
        if matches!(event, Event::Elapsed) {
            now = visit.deadline().0.max(now);
        }
        let by_person = matches!(event, Event::StaffDenied(_));
        let asks = matches!(event, Event::ReceiptAsked);
        let (offer, deadline) = (visit.state().receipt(), visit.deadline());
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
                prop_assert!(after == "attract" || begins);
                visits = following(visits);
                witness = Witness::default();
            }
        }
        if after == "denied" && before != "denied" {
            // Who was denied and looked at their rights comes back to the same denial.
            let denied = by_person && before == "staff" || before == "rights" && witness.denied;
            prop_assert!(denied, "only a person denies");
            witness.denied = true;
        }
        if after == "consent" && before != "consent" {
            // Who comes back from their rights is asked what they were asked before.
            witness.asked += u32::from(before != "rights");
            prop_assert!(!witness.refused, "asked again after a refusal");
            prop_assert!(!witness.questions, "asked before the organiser's questions");
            prop_assert!(witness.asked <= 1 + witness.changes, "asked again for no reason");
        }
        if after == "capture" {
            prop_assert!(witness.began);
        }
        if offer.is_some() {
            prop_assert!(!witness.began || witness.exited, "a receipt before discard");
        }
        let issued = effects.contains(&Effect::IssueReceipt);
        prop_assert_eq!(issued, asks && offer == Some(Receipt::Offered), "only when asked");
        if after != before {
            witness.prolonged = 0;
        }
        if issued {
            prop_assert_eq!(visit.state().receipt(), Some(Receipt::Shown));
            witness.prolonged += u32::from(visit.deadline() != deadline);
            if after == "staff" {
                witness.prolonged_at_staff += u32::from(visit.deadline() != deadline);
                prop_assert!(witness.prolonged_at_staff <= 1, "a wait without end");
            } else if after == "rights" {
                prop_assert_eq!(visit.deadline(), deadline, "a copy gives no more time");
            } else {
                prop_assert!(witness.prolonged <= 1, "a screen without end");
                prop_assert_eq!(visit.deadline(), Moment(now + limits.receipt));
            }
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
