//! A badge that is gone at the platform while its holder is at the kiosk.

use store::{Buried, TombstoneList};

use super::consents::asked;
use super::*;

/// A visitor reads the notice, and the badge goes. Returns the badges that are gone.
async fn gone(kiosk: &mut Kiosk) -> Vec<BadgeId> {
    let organiser = kiosk.organiser();
    asked(kiosk, &organiser, FaceLane::Open).await;
    let locator = kiosk.controller.held.badge.as_ref().unwrap().keys.locator;
    let bury = move |store: &mut Store| {
        let buried = [Buried::Badge(locator)];
        let made_at = Timestamp::now() + SignedDuration::from_hours(1);
        let list = TombstoneList { roster: "ciie-sample", sequence: 1, made_at, buried: &buried };
        store.bury_list(&list, Timestamp::now()).unwrap()
    };
    let gone = kiosk.db.run(bury).await.unwrap();
    assert_eq!(gone.len(), 1);
    gone
}

async fn rows(kiosk: &Kiosk) -> (u32, u32) {
    let counts = kiosk.db.run(|store| store.counts()).await.unwrap().unwrap();
    (counts.consents, counts.outbox)
}

#[tokio::test]
async fn c35_a_badge_that_is_gone_in_the_middle_of_its_visit_meets_a_person_who_cannot_admit_it() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    let gone = gone(&mut kiosk).await;
    kiosk.controller.on_input(Input::Erased(gone));
    kiosk.controller.settle();
    assert!(matches!(kiosk.controller.state(), State::Staff(_)));
    assert!(kiosk.controller.held.badge.is_none(), "neither name nor photo nor keys");
    kiosk.ask(Request::StaffOpen);
    kiosk.ask(Request::StaffSignIn { number: GUARD.0, pin: Pin::new(GUARD.1.to_owned()) });
    kiosk.until(|s| matches!(s, State::Staff(s) if s.desk() != Desk::Waiting)).await;
    kiosk.controller.shown -= READ;
    kiosk.ask(Request::StaffAdmit);
    kiosk.until(|state| matches!(state, State::Staff(_))).await;
    assert_eq!(rows(&kiosk).await, (0, 0));
}

#[tokio::test]
async fn c35_what_a_visit_would_still_write_of_a_badge_that_is_gone_is_refused() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    gone(&mut kiosk).await;
    // The database knows before the visit does.
    kiosk.controller.shown -= READ;
    kiosk.ask(Request::Consent);
    kiosk.until(|state| matches!(state, State::Staff(_))).await;
    assert_eq!(rows(&kiosk).await, (0, 0));
}

#[tokio::test]
async fn a_visit_with_another_badge_goes_on() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    asked(&mut kiosk, &organiser, FaceLane::Open).await;
    kiosk.controller.on_input(Input::Erased(vec![BadgeId([9; 32])]));
    assert!(matches!(kiosk.controller.state(), State::Consent(_)));
    assert!(kiosk.controller.held.badge.is_some());
}

#[tokio::test]
async fn c31_a_log_that_was_changed_is_told_to_the_technician_at_the_start() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    kiosk.organiser().import(&kiosk.db).await;
    kiosk.controller.load().await;
    let told = |kiosk: &Kiosk| kiosk.controller.troubles.contains(&Trouble::AuditLog);
    kiosk.controller.on_input(Input::LogFaults(vec![audit::Fault::Altered { number: 2 }]));
    assert!(told(&kiosk));
    // A purge that works says nothing of the log.
    kiosk.controller.on_input(Input::Purged);
    assert!(told(&kiosk));
    assert!(kiosk.controller.incidents.lines()[0].contains("entry 2 was altered"));
}
