//! What is held on a visitor, and requests, with a real database.

use checkin::RightsStep;
use due::Calendar;

use super::*;
use crate::view::{self, Explanation, HeldWhat, RequestKind, RightsPage};

impl Kiosk {
    /// A visitor who waits for staff and opens their rights.
    async fn rights_of(&mut self, code: &str) -> RightsPage {
        self.ask(Request::SubmitCode(BadgeCode::new(code.to_owned())));
        self.until(|state| matches!(state, State::Staff(_))).await;
        self.ask(Request::OpenRights);
        self.until(|state| matches!(state, State::Rights(r) if r.step() == RightsStep::Open)).await;
        self.controller.shown -= READ;
        self.rights_page()
    }

    fn rights_page(&self) -> RightsPage {
        match self.controller.view().screen {
            Screen::Rights { page, .. } => page,
            other => panic!("{other:?}"),
        }
    }

    async fn file(&mut self, kind: RequestKind) -> view::FiledRequest {
        self.ask(Request::AskFor(kind));
        self.until(
            |state| matches!(state, State::Rights(r) if matches!(r.step(), RightsStep::Filed(_))),
        )
        .await;
        self.rights_page().filed.unwrap()
    }
}

async fn kiosk() -> (Kiosk, Organiser) {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    organiser.import(&kiosk.db).await;
    kiosk.controller.load().await;
    (kiosk, organiser)
}

#[tokio::test]
async fn c28_c33_the_page_has_facts_and_no_value_that_only_the_badge_opens() {
    let (mut kiosk, organiser) = kiosk().await;
    let page = kiosk.rights_of(&organiser.codes[0]).await;
    let held: Vec<_> = page.held.iter().map(|item| item.what).collect();
    assert_eq!(held, [HeldWhat::Name, HeldWhat::Registered, HeldWhat::Log]);
    assert!(page.held[0].until.is_some(), "until when it is kept");
    assert!(page.contact.contains('@'), "{}", page.contact);
    assert_eq!((page.kinds.len(), page.filed), (8, None));
    let drawn = format!("{:?}", kiosk.controller.view());
    assert!(!drawn.contains("Visitor A") && !drawn.contains(&organiser.codes[0]), "{drawn}");
    // The next visitor sees nothing of it.
    kiosk.ask(Request::Stop);
    assert!(kiosk.controller.held.holding.is_none());
}

#[tokio::test]
async fn c34_c39_m58_each_request_gets_a_number_and_the_earlier_of_the_two_dates() {
    let (mut kiosk, organiser) = kiosk().await;
    kiosk.rights_of(&organiser.codes[0]).await;
    let due = Calendar::mainland_china().due(due::today(kiosk.controller.clock.now())).to_string();
    let mut numbers = BTreeSet::new();
    for kind in kiosk.rights_page().kinds {
        let filed = kiosk.file(kind).await;
        assert_eq!((filed.kind, filed.due, filed.overdue), (kind, due.clone(), false));
        assert!(numbers.insert(filed.number.clone()));
        assert_eq!(kiosk.file(kind).await.number, filed.number, "twice in one visit");
    }
    kiosk.ask(Request::Done);
    let page = kiosk.rights_page();
    let open = page.held.iter().filter(|item| item.what == HeldWhat::RequestOpen);
    let shown: BTreeSet<_> = open.filter_map(|item| item.about.clone()).collect();
    assert_eq!((shown, page.filed), (numbers, None));
}

#[tokio::test]
async fn c33_a_database_that_fails_is_a_fault_and_files_nothing() {
    let (mut kiosk, organiser) = kiosk().await;
    kiosk.rights_of(&organiser.codes[0]).await;
    assert!(kiosk.db.run(|_| std::panic::resume_unwind(Box::new(()))).await.is_err());
    kiosk.ask(Request::AskFor(RequestKind::Deletion));
    kiosk.until(|state| matches!(state, State::Fault(f) if f.code() == FaultCode::Store)).await;
}

#[tokio::test]
async fn a_tap_that_was_meant_for_another_screen_files_nothing() {
    let (mut kiosk, organiser) = kiosk().await;
    kiosk.rights_of(&organiser.codes[0]).await;
    kiosk.controller.show_anew();
    kiosk.ask(Request::AskFor(RequestKind::Deletion));
    assert!(matches!(kiosk.controller.state(), State::Rights(r) if r.step() == RightsStep::Open));
}

#[tokio::test]
async fn c38_c46_while_waiting_the_visitor_reads_how_the_check_went_and_whom_to_turn_to() {
    let (mut kiosk, organiser) = kiosk().await;
    kiosk.ask(Request::SubmitCode(BadgeCode::new(organiser.codes[0].clone())));
    kiosk.until(|state| matches!(state, State::Staff(_))).await;
    let Screen::Staff { explanation, contact, rights, .. } = kiosk.controller.view().screen else {
        panic!("not waiting")
    };
    // There is no worker program: the lane is closed.
    assert_eq!((explanation, rights), (Explanation::FaceLaneClosed, true));
    assert!(contact.contains('@'), "{contact}");
}
