//! When a receipt can be had, and for how long it stays.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
#[cfg(windows)]
use std::os::windows::process::ExitStatusExt as _;
use std::process::ExitStatus;

use checkin::{
    Comparison, DenialReason, Desk, DiscardToken, Effect, Event, FaceLane, GateStep, Lane, Limits,
    Lookup, Moment, Receipt, Recording, SignIn, State, Visit, VisitNonce,
};

const NONCE: VisitNonce = VisitNonce([7; 16]);

fn exited() -> Event {
    Event::WorkerExited(DiscardToken::from_exit(NONCE, ExitStatus::from_raw(0)))
}

/// A visit on its way, and a clock.
struct Walk {
    visit: Option<Visit>,
    now: u64,
}

impl Walk {
    fn new() -> Self {
        Self { visit: Some(Visit::new(Limits::default(), Moment(0))), now: 0 }
    }

    fn after(events: impl IntoIterator<Item = Event>) -> Self {
        let mut walk = Self::new();
        for event in events {
            walk.on(event);
        }
        walk
    }

    /// One event, a millisecond after the last.
    fn on(&mut self, event: Event) -> Vec<Effect> {
        self.now += 1;
        let (visit, effects) = self.visit.take().unwrap().on(event, Moment(self.now));
        self.visit = Some(visit);
        effects
    }

    fn state(&self) -> &State {
        self.visit.as_ref().unwrap().state()
    }

    fn receipt(&self) -> Option<Receipt> {
        self.state().receipt()
    }

    /// Milliseconds until the present step ends by itself.
    fn left(&self) -> u64 {
        self.visit.as_ref().unwrap().deadline().0 - self.now
    }

    fn wait(&mut self, milliseconds: u64) -> Vec<Effect> {
        self.now += milliseconds - 1;
        self.on(Event::Elapsed)
    }
}

fn to_discard(comparison: Comparison) -> Vec<Event> {
    vec![
        Event::Started { nonce: NONCE },
        Event::CodeSubmitted,
        Event::CodeLookedUp(Lookup::Admissible(FaceLane::Open)),
        Event::ConsentGiven,
        Event::ConsentRecorded(true),
        Event::CameraOpened,
        Event::Captured,
        Event::Compared(comparison),
    ]
}

fn to_open() -> Vec<Event> {
    let mut events = to_discard(Comparison::Match);
    events.push(exited());
    events.push(Event::CheckinRecorded(Recording::Recorded));
    events.push(Event::GateAnswered(true));
    events
}

fn to_staff() -> Vec<Event> {
    let mut events = to_discard(Comparison::NonMatch);
    events.push(exited());
    events
}

/// A member of staff signs in.
fn to_review() -> [Event; 3] {
    let accepted = SignIn::Accepted { staff: 7 };
    [Event::StaffCalled, Event::SignInSubmitted, Event::SignInChecked(accepted)]
}

fn to_denied() -> Vec<Event> {
    let mut events = to_staff();
    events.extend(to_review());
    events.push(Event::StaffDenied(DenialReason::HouseRules));
    events
}

/// The visitor stops, and the worker ends.
fn to_farewell() -> Vec<Event> {
    let mut events = to_discard(Comparison::Match);
    events.truncate(6);
    events.extend([Event::Stopped, exited()]);
    events
}

#[test]
fn c37_a_receipt_is_to_be_had_wherever_a_visit_may_end_after_the_choice() {
    for events in [to_open(), to_staff(), to_denied(), to_farewell()] {
        let mut walk = Walk::after(events);
        assert_eq!(walk.receipt(), Some(Receipt::Offered), "{:?}", walk.state());
        assert_eq!(walk.on(Event::ReceiptAsked), [Effect::IssueReceipt]);
        assert_eq!(walk.receipt(), Some(Receipt::Shown));
        assert_eq!(walk.on(Event::ReceiptAsked), [], "it is shown already");
        assert_eq!(walk.receipt(), Some(Receipt::Shown));
    }
}

#[test]
fn c07_no_receipt_before_the_exit_of_the_worker_is_seen() {
    let mut walk = Walk::new();
    for event in to_open() {
        assert_eq!(walk.receipt(), None, "{:?}", walk.state());
        assert_eq!(walk.on(Event::ReceiptAsked), []);
        walk.on(event);
    }
    // A worker that does not end leads to staff all the same, without a receipt.
    let mut walk = Walk::after(to_discard(Comparison::NonMatch));
    while !matches!(walk.state(), State::Fault(_)) {
        walk.wait(Limits::default().discard);
    }
    walk.on(Event::StaffCalled);
    assert!(matches!(walk.state(), State::Staff(_)));
    assert_eq!(walk.receipt(), None);
    assert_eq!(walk.on(Event::ReceiptAsked), []);
    walk.on(exited());
    assert_eq!(walk.receipt(), Some(Receipt::Offered), "now it has ended");
}

#[test]
fn a_turning_gate_takes_no_receipt_away_and_its_time_or_the_visitor_does() {
    for end in [Event::Done, Event::Elapsed] {
        let mut walk = Walk::after(to_open());
        walk.wait(5_000);
        walk.on(Event::ReceiptAsked);
        assert_eq!(walk.left(), 20_000);
        assert_eq!(walk.on(Event::GateTurned), []);
        walk.on(Event::ReceiptAsked);
        assert_eq!(walk.left(), 20_000 - 2, "asking again gives no more time");
        walk.wait(19_000);
        assert!(matches!(walk.state(), State::Admit(s) if s.step() == GateStep::Receipt));
        walk.now += 999;
        assert_eq!(walk.on(end), [Effect::EndSession(NONCE)]);
    }
}

#[test]
fn a_receipt_after_a_denial_or_a_withdrawal_has_its_own_time_once() {
    for events in [to_denied(), to_farewell()] {
        let mut walk = Walk::after(events);
        walk.wait(7_000);
        walk.on(Event::ReceiptAsked);
        assert_eq!(walk.left(), 20_000);
        walk.on(Event::ReceiptAsked);
        assert_eq!(walk.left(), 20_000 - 1);
        assert_eq!(walk.on(Event::Done), [Effect::EndSession(NONCE)]);
    }
}

#[test]
fn whoever_waits_for_staff_looks_at_a_receipt_and_goes_on_waiting() {
    let limit = Limits::default().staff;
    let mut walk = Walk::after(to_staff());
    walk.wait(10_000);
    walk.on(Event::ReceiptAsked);
    assert_eq!(walk.left(), limit, "nobody is hurried away");
    walk.on(Event::Done);
    assert_eq!(walk.receipt(), Some(Receipt::Offered));
    assert!(matches!(walk.state(), State::Staff(s) if s.desk() == Desk::Waiting));
    walk.on(Event::ReceiptAsked);
    assert_eq!(walk.left(), limit - 2, "once is enough");
    // A member of staff comes, and the screen is theirs.
    for event in to_review() {
        walk.on(event);
        assert_eq!(walk.receipt(), None, "{:?}", walk.state());
        assert_eq!(walk.on(Event::ReceiptAsked), []);
    }
    walk.on(Event::StaffSignedOut);
    assert_eq!(walk.receipt(), Some(Receipt::Offered), "shown no longer");
}

#[test]
fn the_lane_of_an_admission_is_known_to_its_receipt() {
    let lane = |walk: &Walk| match walk.state() {
        State::Admit(s) => s.lane(),
        state => panic!("{state:?}"),
    };
    assert_eq!(lane(&Walk::after(to_open())), Lane::Face);
    let mut walk = Walk::after(to_staff().into_iter().chain(to_review()));
    walk.on(Event::StaffAdmitted);
    assert!(matches!(lane(&walk), Lane::Staff { staff: 7, .. }));
}
