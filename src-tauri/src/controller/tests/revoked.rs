//! A kiosk that the registration platform has revoked.

use super::consents::asked;
use super::*;
use crate::rights::Action;
use crate::view::{FaultCode as Shown, Trouble};

fn is_locked(kiosk: &Kiosk) -> bool {
    let Screen::Fault { code, .. } = kiosk.controller.view().screen else { return false };
    code == Shown::Revoked
}

#[tokio::test]
async fn c18_a_revoked_kiosk_begins_no_visit_and_shows_and_admits_nobody() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    asked(&mut kiosk, &organiser, FaceLane::Open).await;
    kiosk.controller.on_input(Input::Revoked);
    kiosk.controller.settle();
    assert!(matches!(kiosk.controller.state(), State::Staff(_)), "the visitor meets a person");
    assert!(kiosk.controller.held.badge.is_none(), "neither name nor photo nor keys");
    kiosk.ask(Request::StaffOpen);
    kiosk.ask(Request::StaffSignIn { number: GUARD.0, pin: Pin::new(GUARD.1.to_owned()) });
    kiosk.until(|s| matches!(s, State::Staff(s) if s.desk() != Desk::SigningIn(None))).await;
    assert!(kiosk.controller.signed_in().is_some());
    for action in [Action::SeeVisitor, Action::Admit, Action::Deny, Action::ServeGuardian] {
        assert!(!kiosk.controller.may(action), "{action:?}");
    }
    assert!(kiosk.controller.may(Action::EndVisit));
    let Screen::StaffReview { troubles, .. } = kiosk.controller.view().screen else {
        panic!("no review")
    };
    assert!(troubles.contains(&Trouble::Revoked));
    kiosk.controller.shown -= READ;
    kiosk.ask(Request::StaffEndVisit);
    assert!(is_locked(&kiosk));
    for request in [Request::Start, Request::SubmitCode(BadgeCode::new(organiser.codes[1].clone()))]
    {
        kiosk.ask(request);
        assert!(is_locked(&kiosk));
    }
    // A roster that is read, or a purge that works, does not unlock it.
    let roster = kiosk.controller.roster.clone();
    kiosk.controller.on_input(Input::Roster(roster));
    kiosk.controller.on_input(Input::Purged);
    kiosk.controller.settle();
    assert!(is_locked(&kiosk));
    // Another account does.
    kiosk.controller.on_input(Input::Registration(Box::new(Ok(None))));
    kiosk.controller.settle();
    assert!(matches!(kiosk.controller.state(), State::Attract));
    assert!(!kiosk.controller.troubles.contains(&Trouble::Revoked));
}

#[tokio::test]
async fn a_kiosk_that_was_revoked_before_is_locked_from_its_start_on_and_open_to_staff() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    organiser.import(&kiosk.db).await;
    kiosk.controller.load().await;
    kiosk
        .controller
        .on_input(Input::Registration(Box::new(Err(crate::registration::NoRegistration::Revoked))));
    kiosk.controller.settle();
    assert!(is_locked(&kiosk));
    kiosk.ask(Request::StaffOpen);
    assert!(matches!(kiosk.controller.state(), State::Staff(_)));
}
