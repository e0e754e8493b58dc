//! The visitor's rights, in whole visits.
mod common;
mod run;

use checkin::{
    Choice, CodeProblem, Comparison, DiscardToken, Effect, Event, FaceLane, FaultCode, Limits,
    Lookup, Receipt, RequestKind, RightsStep, SignIn, StaffReason, State, VisitNonce,
};
use common::name;
use run::run;
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
#[cfg(windows)]
use std::os::windows::process::ExitStatusExt as _;
use std::process::ExitStatus;

const NONCE: VisitNonce = VisitNonce([7; 16]);

/// A badge was scanned, with this answer.
fn scanned(lookup: Lookup) -> Vec<Event> {
    vec![Event::Started { nonce: NONCE }, Event::CodeSubmitted, Event::CodeLookedUp(lookup)]
}

fn asked() -> Vec<Event> {
    scanned(Lookup::Admissible(FaceLane::Open))
}

fn waiting() -> Vec<Event> {
    with(asked(), [Event::OtherWayChosen])
}

fn used() -> Vec<Event> {
    scanned(Lookup::Refused(CodeProblem::AlreadyUsed))
}

fn with(mut events: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    events.extend(more);
    events
}

/// Opened, and what is held was read.
fn opened(from: Vec<Event>) -> Vec<Event> {
    with(from, [Event::RightsAsked, Event::HeldRead])
}

fn filed(kind: RequestKind) -> [Event; 2] {
    [Event::RequestMade(kind), Event::RequestFiled(kind)]
}

#[test]
fn c33_rights_are_open_wherever_the_badge_is_known_and_lead_back_there() {
    let denied = |events| {
        let signed_in = Event::SignInChecked(SignIn::Accepted { staff: 5 });
        let reason = checkin::DenialReason::HouseRules;
        with(events, [Event::StaffCalled, signed_in, Event::StaffDenied(reason)])
    };
    for (from, state) in [
        (asked as fn() -> _, "consent"),
        (waiting, "staff"),
        (used, "identify"),
        (|| scanned(Lookup::Refused(CodeProblem::Expired)), "identify"),
        (|| scanned(Lookup::Refused(CodeProblem::NotYetValid)), "identify"),
        (|| scanned(Lookup::Refused(CodeProblem::Blocked)), "identify"),
    ] {
        let (visit, effects) = run(with(from(), [Event::RightsAsked]));
        assert_eq!(name(visit.state()), "rights");
        assert_eq!(effects.last(), Some(&Effect::ReadHeld));
        let (visit, _) = run(with(opened(from()), [Event::Done]));
        assert_eq!(name(visit.state()), state);
    }
    let (visit, _) = run(with(opened(denied(waiting())), [Event::Done]));
    assert_eq!(name(visit.state()), "denied");
}

#[test]
fn c33_nobody_sees_what_is_held_of_a_badge_that_is_not_known_or_while_staff_look() {
    let start = || vec![Event::Started { nonce: NONCE }];
    let staff = || {
        let signed_in = Event::SignInChecked(SignIn::Accepted { staff: 5 });
        with(waiting(), [Event::StaffCalled, signed_in])
    };
    for from in [
        vec![],
        start(),
        with(start(), [Event::StaffCalled]),
        scanned(Lookup::Refused(CodeProblem::Unknown)),
        scanned(Lookup::Refused(CodeProblem::Malformed)),
        scanned(Lookup::Admissible(FaceLane::AskAge)),
        with(asked(), [Event::PolicyRead]),
        with(asked(), [Event::ConsentGiven]),
        with(asked(), [Event::ConsentGiven, Event::ConsentRecorded(true), Event::CameraOpened]),
        with(waiting(), [Event::StaffCalled]),
        staff(),
    ] {
        let before = name(run(from.iter().map(again)).0.state());
        let (visit, effects) = run(with(from, [Event::RightsAsked, Event::HeldRead]));
        assert_eq!(name(visit.state()), before);
        assert!(!effects.contains(&Effect::ReadHeld), "{before}");
    }
}

/// The events of these tests once more.
fn again(event: &Event) -> Event {
    match event {
        Event::Started { nonce } => Event::Started { nonce: *nonce },
        Event::CodeSubmitted => Event::CodeSubmitted,
        Event::CodeLookedUp(lookup) => Event::CodeLookedUp(*lookup),
        Event::PolicyRead => Event::PolicyRead,
        Event::ConsentGiven => Event::ConsentGiven,
        Event::ConsentRecorded(written) => Event::ConsentRecorded(*written),
        Event::CameraOpened => Event::CameraOpened,
        Event::OtherWayChosen => Event::OtherWayChosen,
        Event::StaffCalled => Event::StaffCalled,
        Event::SignInChecked(sign_in) => Event::SignInChecked(*sign_in),
        other => panic!("{other:?}"),
    }
}

#[test]
fn c38_m58_each_kind_is_asked_for_and_answered_with_its_number_and_the_list_comes_back() {
    for kind in RequestKind::ALL {
        let (visit, effects) = run(with(opened(used()), [Event::RequestMade(kind)]));
        assert!(effects.contains(&Effect::FileRequest(kind)));
        let State::Rights(rights) = visit.state() else { panic!("{:?}", visit.state()) };
        assert_eq!(rights.step(), RightsStep::Filing(kind));
        let step = |events| match run(events).0.state() {
            State::Rights(rights) => rights.step(),
            other => panic!("{other:?}"),
        };
        assert_eq!(step(with(opened(used()), filed(kind))), RightsStep::Filed(kind));
        let back = with(with(opened(used()), filed(kind)), [Event::Done]);
        assert_eq!(step(back), RightsStep::Open);
        // An answer to something else, or nothing that was asked for.
        let other = if kind == RequestKind::Deletion {
            RequestKind::Complaint
        } else {
            RequestKind::Deletion
        };
        let wrong = [Event::RequestMade(kind), Event::RequestFiled(other)];
        assert_eq!(step(with(opened(used()), wrong)), RightsStep::Filing(kind));
        assert_eq!(step(with(opened(used()), [Event::RequestFiled(kind)])), RightsStep::Open);
        let early = [Event::RightsAsked, Event::RequestMade(kind)];
        assert_eq!(step(with(used(), early)), RightsStep::Reading);
    }
}

#[test]
fn c26_m55_a_withdrawal_takes_back_the_consents_at_once_and_nobody_asks_again() {
    let agreed = [Event::TransferChosen(true), Event::OtherWayChosen];
    let withdrawal = filed(RequestKind::Withdrawal);
    let (visit, effects) = run(with(with(opened(with(asked(), agreed)), withdrawal), []));
    assert_eq!(name(visit.state()), "rights");
    let taken_back = [
        Effect::RecordConsent(Choice::Withdrawn),
        Effect::RecordTransfer(false),
        Effect::FileRequest(RequestKind::Withdrawal),
    ];
    assert!(effects.windows(3).any(|effects| effects == taken_back), "{effects:?}");
    // From the choice itself: the face lane is over for this visit (L2).
    let back = [Event::Done, Event::Done];
    let (visit, _) = run(with(with(opened(asked()), filed(RequestKind::Withdrawal)), back));
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::OtherWay));
    // Whatever else is asked for takes nothing back.
    let (visit, effects) =
        run(with(with(opened(asked()), filed(RequestKind::Deletion)), [Event::Done, Event::Done]));
    assert_eq!(name(visit.state()), "consent");
    assert!(!effects.contains(&Effect::RecordConsent(Choice::Withdrawn)));
}

#[test]
fn l2_c15_looking_at_rights_after_a_refusal_asks_nothing_and_loses_no_place_with_staff() {
    let (visit, effects) = run(with(opened(waiting()), [Event::Done]));
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::OtherWay));
    assert_eq!(effects.iter().filter(|e| matches!(e, Effect::RecordConsent(_))).count(), 1);
    let (visit, _) = run(with(opened(waiting()), [Event::StaffCalled]));
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::OtherWay));
    let (visit, _) = run(with(opened(used()), [Event::StaffCalled]));
    let reason = StaffReason::Code(CodeProblem::AlreadyUsed);
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == reason));
    let (visit, _) = run(with(opened(asked()), [Event::StaffCalled]));
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::Called));
}

#[test]
fn c33_stopping_time_and_faults_end_it_as_elsewhere() {
    for from in [asked, waiting, used] {
        for end in [Event::Stopped, Event::Elapsed] {
            let (visit, effects) = run(with(opened(from()), [end]));
            assert!(matches!(visit.state(), State::Attract));
            assert!(effects.contains(&Effect::EndSession(NONCE)));
        }
        for before in [vec![Event::RightsAsked], with(vec![Event::RightsAsked], [Event::HeldRead])]
        {
            let failed = with(before, [Event::Faulted(FaultCode::Store)]);
            let (visit, _) = run(with(from(), failed));
            assert!(matches!(visit.state(), State::Fault(f) if f.code() == FaultCode::Store));
        }
    }
    let (visit, _) = run(opened(used()));
    assert_eq!(visit.deadline().0, 5 + Limits::default().rights);
}

#[test]
fn c43_a_text_that_changes_meanwhile_is_asked_anew_after_coming_back() {
    let changed = |offered| with(opened(asked()), [Event::NoticeChanged { offered }, Event::Done]);
    let (visit, _) = run(changed(true));
    assert!(matches!(visit.state(), State::Consent(c) if c.changed() && !c.transfer()));
    let (visit, _) = run(changed(false));
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::FaceLaneClosed));
}

#[test]
fn c37_a_copy_is_taken_of_what_is_shown_and_put_away_again() {
    let (visit, effects) = run(with(opened(used()), [Event::ReceiptAsked, Event::ReceiptAsked]));
    assert_eq!(visit.state().receipt(), Some(Receipt::Shown));
    assert_eq!(effects.iter().filter(|e| **e == Effect::IssueReceipt).count(), 1);
    let (visit, _) = run(with(opened(used()), [Event::ReceiptAsked, Event::Done]));
    assert_eq!((name(visit.state()), visit.state().receipt()), ("rights", Some(Receipt::Offered)));
    let (visit, effects) = run(with(used(), [Event::RightsAsked, Event::ReceiptAsked]));
    assert_eq!((visit.state().receipt(), effects.contains(&Effect::IssueReceipt)), (None, false));
}

#[test]
fn c04_rights_are_closed_until_the_face_data_are_gone() {
    let token = || DiscardToken::from_exit(NONCE, ExitStatus::from_raw(0));
    let compared = || {
        with(
            asked(),
            [
                Event::ConsentGiven,
                Event::ConsentRecorded(true),
                Event::CameraOpened,
                Event::Captured,
                Event::Compared(Comparison::NonMatch),
            ],
        )
    };
    let (visit, _) = run(with(compared(), [Event::RightsAsked]));
    assert_eq!(name(visit.state()), "discard");
    let (visit, _) = run(with(compared(), [Event::WorkerExited(token()), Event::RightsAsked]));
    assert_eq!(name(visit.state()), "rights");
}
