//! Consent, age and guardians, in whole visits.
mod common;
mod run;

use checkin::{
    Age, Choice, ClosedReason, Effect, Event, FaceLane, GuardianProof, Limits, Lookup, Moment,
    Recording, SignIn, StaffReason, State, Visit, VisitNonce,
};
use common::name;
use run::run;

const NONCE: VisitNonce = VisitNonce([7; 16]);
const PROOF: GuardianProof = GuardianProof::HouseholdRegister;

/// A badge with this lane was scanned, and then these things happened.
fn with(lane: FaceLane, more: impl IntoIterator<Item = Event>) -> (Visit, Vec<Effect>) {
    let begin = [
        Event::Started { nonce: NONCE },
        Event::CodeSubmitted,
        Event::CodeLookedUp(Lookup::Admissible(lane)),
    ];
    run(begin.into_iter().chain(more))
}

fn asked(more: impl IntoIterator<Item = Event>) -> (Visit, Vec<Effect>) {
    with(FaceLane::Open, more)
}

/// A child's badge, and a member of staff who looks.
fn child(more: impl IntoIterator<Item = Event>) -> (Visit, Vec<Effect>) {
    let staff = [Event::StaffCalled, Event::SignInChecked(SignIn::Accepted { staff: 5 })];
    with(FaceLane::Closed(ClosedReason::UnderAge), staff.into_iter().chain(more))
}

fn consents(effects: &[Effect]) -> Vec<&Effect> {
    let of_consent =
        |e: &&Effect| matches!(e, Effect::RecordConsent(_) | Effect::RecordTransfer(_));
    effects.iter().filter(of_consent).collect()
}

#[test]
fn c42_silence_is_no_consent_to_anything() {
    for before in [
        vec![],
        vec![Event::TransferChosen(true)],
        vec![Event::PolicyRead],
        vec![Event::NoticeChanged { offered: true }],
    ] {
        let (visit, effects) = asked(before.into_iter().chain([Event::Elapsed]));
        assert!(matches!(visit.state(), State::Attract));
        assert_eq!(consents(&effects), Vec::<&Effect>::new());
        assert!(!effects.contains(&Effect::BeginCapture));
    }
}

#[test]
fn c41_a_transfer_abroad_takes_its_own_switch_whichever_way_the_visitor_takes() {
    for (choice, recorded) in
        [(Event::ConsentGiven, Choice::Face), (Event::OtherWayChosen, Choice::OtherWay)]
    {
        let (_, effects) = asked([Event::TransferChosen(true), choice]);
        let both = [Effect::RecordConsent(recorded), Effect::RecordTransfer(true)];
        assert!(both.iter().all(|effect| effects.contains(effect)), "{effects:?}");
    }
    for before in [vec![], vec![Event::TransferChosen(true), Event::TransferChosen(false)]] {
        let (_, effects) = asked(before.into_iter().chain([Event::ConsentGiven]));
        assert_eq!(consents(&effects), [&Effect::RecordConsent(Choice::Face)]);
    }
}

#[test]
fn c26_c41_stopping_takes_back_every_consent_of_the_visit() {
    let (_, effects) = asked([Event::TransferChosen(true), Event::ConsentGiven, Event::Stopped]);
    let taken_back = [Effect::RecordConsent(Choice::Withdrawn), Effect::RecordTransfer(false)];
    assert!(effects.windows(2).any(|pair| pair == taken_back), "{effects:?}");
}

#[test]
fn c43_a_text_that_changes_while_the_visitor_reads_is_asked_again() {
    let (visit, effects) =
        asked([Event::TransferChosen(true), Event::NoticeChanged { offered: true }]);
    let State::Consent(consent) = visit.state() else { panic!("{:?}", visit.state()) };
    assert!(consent.changed() && !consent.transfer() && !consent.reading());
    assert_eq!(consents(&effects), Vec::<&Effect>::new());
    assert_eq!(visit.deadline(), Moment(5 + Limits::default().consent), "time to read");
}

#[test]
fn c43_a_text_that_changes_before_the_camera_opens_is_asked_again() {
    let changed = || Event::NoticeChanged { offered: true };
    let (visit, effects) = asked([Event::ConsentGiven, changed(), Event::ConsentRecorded(true)]);
    assert!(matches!(visit.state(), State::Consent(c) if c.changed()));
    assert!(!effects.contains(&Effect::BeginCapture));
    let (visit, effects) = asked([
        Event::ConsentGiven,
        changed(),
        Event::ConsentRecorded(true),
        Event::ConsentGiven,
        Event::ConsentRecorded(true),
    ]);
    assert_eq!(name(visit.state()), "prepare");
    let face = Effect::RecordConsent(Choice::Face);
    assert_eq!(effects.iter().filter(|effect| **effect == face).count(), 2, "once for each text");
}

#[test]
fn c45_whoever_refuses_a_changed_text_is_admitted_by_staff_as_anybody_else() {
    let changed = Event::NoticeChanged { offered: true };
    let (visit, effects) = asked([
        changed,
        Event::OtherWayChosen,
        Event::StaffCalled,
        Event::SignInChecked(SignIn::Accepted { staff: 5 }),
        Event::StaffAdmitted,
        Event::CheckinRecorded(Recording::Recorded),
    ]);
    assert_eq!(name(visit.state()), "admit");
    assert!(matches!(effects.last(), Some(Effect::OpenGate(_))), "{effects:?}");
}

#[test]
fn c43_m47_a_new_version_without_a_notice_closes_the_lane_at_once() {
    let gone = || Event::NoticeChanged { offered: false };
    let (visit, _) = asked([gone()]);
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::FaceLaneClosed));
    let (visit, effects) = asked([Event::ConsentGiven, gone(), Event::ConsentRecorded(true)]);
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::FaceLaneClosed));
    assert!(effects.contains(&Effect::RecordConsent(Choice::Withdrawn)));
    assert!(!effects.contains(&Effect::BeginCapture));
}

#[test]
fn c44_whoever_reads_the_policy_comes_back_to_the_choice_and_does_not_choose_by_reading() {
    let reading = [Event::PolicyRead, Event::ConsentGiven, Event::OtherWayChosen];
    let (visit, effects) = asked(reading);
    assert!(matches!(visit.state(), State::Consent(c) if c.reading()));
    assert_eq!(consents(&effects), Vec::<&Effect>::new());
    let (visit, _) = asked([Event::TransferChosen(true), Event::PolicyRead, Event::Done]);
    assert!(matches!(visit.state(), State::Consent(c) if !c.reading() && c.transfer()));
    let (visit, _) = asked([Event::PolicyRead, Event::StaffCalled]);
    assert_eq!(name(visit.state()), "staff");
}

#[test]
fn c44_the_policy_is_read_without_a_visit_and_the_next_visitor_simply_begins() {
    let (visit, effects) = run([Event::PolicyRead]);
    assert!(matches!(visit.state(), State::Reading) && visit.state().session().is_none());
    assert_eq!(effects, []);
    for (event, state) in [
        (Event::Done, "attract"),
        (Event::Stopped, "attract"),
        (Event::Elapsed, "attract"),
        (Event::PolicyRead, "reading"),
        (Event::Started { nonce: NONCE }, "identify"),
        (Event::ConsentGiven, "reading"),
    ] {
        let (visit, _) = run([Event::PolicyRead, event]);
        assert_eq!(name(visit.state()), state);
    }
}

#[test]
fn l2_after_a_refusal_nothing_in_the_visit_asks_again() {
    for event in [
        Event::ConsentGiven,
        Event::NoticeChanged { offered: true },
        Event::AgeGiven(Age::From14),
        Event::PolicyRead,
        Event::Done,
        Event::CodeLookedUp(Lookup::Admissible(FaceLane::Open)),
        Event::GuardianRecorded(true),
    ] {
        let shown = format!("{event:?}");
        let (visit, _) = asked([Event::OtherWayChosen, event]);
        assert_eq!(name(visit.state()), "staff", "{shown}");
    }
}

#[test]
fn c40_where_the_record_does_not_say_the_age_is_asked_before_the_face_lane_is_offered() {
    let (visit, _) = with(FaceLane::AskAge, []);
    assert!(matches!(visit.state(), State::Age(_)));
    let (visit, effects) = with(FaceLane::AskAge, [Event::AgeGiven(Age::From14)]);
    assert_eq!(name(visit.state()), "consent");
    assert!(!effects.contains(&Effect::NoteChild));
    let (visit, effects) = with(FaceLane::AskAge, [Event::AgeGiven(Age::Under14)]);
    assert!(matches!(visit.state(), State::Staff(s) if s.reason() == StaffReason::UnderAge));
    assert!(effects.contains(&Effect::NoteChild));
    // No default: silence, and taps meant for another screen, lead nowhere near the camera.
    let (visit, effects) = with(FaceLane::AskAge, [Event::Elapsed]);
    assert!(matches!(visit.state(), State::Attract) && !effects.contains(&Effect::NoteChild));
    let (visit, _) = with(FaceLane::AskAge, [Event::ConsentGiven]);
    assert_eq!(name(visit.state()), "age");
    let (visit, _) = with(FaceLane::AskAge, [Event::StaffCalled]);
    assert_eq!(name(visit.state()), "staff");
}

#[test]
fn c40_a_guardians_consent_recorded_by_staff_opens_the_choice_and_not_the_camera() {
    let (visit, effects) = child([Event::GuardianAgreed(PROOF)]);
    assert_eq!(name(visit.state()), "staff");
    assert!(effects.contains(&Effect::RecordGuardian { staff: 5, proof: PROOF }));
    let (visit, effects) = child([Event::GuardianAgreed(PROOF), Event::GuardianRecorded(true)]);
    assert_eq!(name(visit.state()), "consent");
    assert!(!effects.contains(&Effect::BeginCapture));
    let (visit, _) = child([Event::GuardianAgreed(PROOF), Event::GuardianRecorded(false)]);
    assert_eq!(name(visit.state()), "staff", "what is not written does not count");
}

#[test]
fn c40_only_a_signed_in_member_of_staff_records_a_guardian_and_only_for_a_child() {
    let waiting = with(
        FaceLane::Closed(ClosedReason::UnderAge),
        [Event::GuardianAgreed(PROOF), Event::GuardianRecorded(true), Event::GuardianRevoked],
    );
    let adult = with(
        FaceLane::Closed(ClosedReason::Reference),
        [
            Event::StaffCalled,
            Event::SignInChecked(SignIn::Accepted { staff: 5 }),
            Event::GuardianAgreed(PROOF),
            Event::GuardianRecorded(true),
        ],
    );
    for (visit, effects) in [waiting, adult] {
        assert_eq!(name(visit.state()), "staff");
        let touched =
            |e: &Effect| matches!(e, Effect::RecordGuardian { .. } | Effect::RevokeGuardian { .. });
        assert!(!effects.iter().any(touched), "{effects:?}");
    }
}

#[test]
fn c40_a_guardian_revokes_before_any_member_of_staff_and_the_lane_closes() {
    let (visit, effects) = asked([
        Event::StaffCalled,
        Event::StaffCalled,
        Event::SignInChecked(SignIn::Accepted { staff: 6 }),
        Event::GuardianRevoked,
    ]);
    assert!(effects.contains(&Effect::RevokeGuardian { staff: 6 }));
    let State::Staff(staff) = visit.state() else { panic!("{:?}", visit.state()) };
    assert!(staff.reason() == StaffReason::UnderAge && !staff.guardian_may_agree());
    assert!(staff.may_admit(), "staff serve the child as before");
}
