//! Receipts of visits that staff serve.

use note::VerifierKey;
use receipt::{FaceData, Lane, Outcome, Receipt};

use super::*;
use crate::receipts::tests::scanned;
use crate::view;

impl Kiosk {
    /// Serves the organiser's roster.
    async fn open_for_visitors() -> (Self, Organiser) {
        let mut kiosk = Self::new(Limits::default(), Box::new(LoggingGate::default()));
        let organiser = kiosk.organiser();
        organiser.import(&kiosk.db).await;
        kiosk.controller.load().await;
        (kiosk, organiser)
    }

    /// The public key as text.
    fn verifier(&self) -> VerifierKey {
        let key = self.controller.receipt_key.as_ref().unwrap();
        key.verifier().to_string().parse().unwrap()
    }

    /// The receipt on the screen.
    fn shown(&self) -> Option<view::Receipt> {
        match self.controller.view().screen {
            Screen::Admit { receipt, .. }
            | Screen::Staff { receipt, .. }
            | Screen::Denied { receipt, .. }
            | Screen::Farewell { receipt } => receipt,
            _ => None,
        }
    }

    /// Asks for a receipt and reads it from the view as a telephone would.
    fn receipt(&mut self) -> Receipt {
        assert_eq!(self.shown(), Some(view::Receipt::Offered));
        self.ask(Request::Receipt);
        let Some(view::Receipt::Shown { rows }) = self.shown() else { panic!("no receipt") };
        Receipt::open(scanned(&rows).as_bytes(), &self.verifier()).unwrap()
    }
}

#[tokio::test]
async fn c37_a_receipt_says_what_the_visitor_was_told_and_goes_with_the_visit() {
    let (mut kiosk, organiser) = Kiosk::open_for_visitors().await;
    kiosk.ask(Request::SubmitCode(BadgeCode::new(organiser.codes[0].clone())));
    kiosk.until(|state| matches!(state, State::Staff(_))).await;
    let policy = &kiosk.controller.roster.as_ref().unwrap().policy;
    let expected = Receipt {
        policy_version: policy.facts.version.to_string(),
        notice_sha256: policy.notice_sha256(platform::Retained::Nothing),
        lane: Lane::Staff,
        outcome: Outcome::PassedToStaff,
        face_data: FaceData::NotTaken,
    };
    assert_eq!(kiosk.receipt(), expected);
    kiosk.ask(Request::Stop);
    assert!(matches!(kiosk.controller.state(), State::Attract));
    assert!(kiosk.controller.held.receipt.is_none() && kiosk.shown().is_none());

    kiosk.admit(&organiser.codes[1]).await;
    kiosk.until(|state| matches!(state, State::Admit(s) if s.step() == GateStep::Open)).await;
    assert_eq!(kiosk.receipt(), Receipt { outcome: Outcome::Admitted, ..expected });
    kiosk.controller.on(Event::GateTurned);
    assert!(matches!(kiosk.shown(), Some(view::Receipt::Shown { .. })), "the gate has turned");
    assert!(kiosk.controller.view().seconds_left.is_some_and(|seconds| seconds <= 20));
    kiosk.ask(Request::Done);
    assert!(matches!(kiosk.controller.state(), State::Attract));
    assert!(kiosk.controller.held.receipt.is_none());
}

#[tokio::test]
async fn a_kiosk_without_its_key_offers_no_receipt() {
    let (mut kiosk, organiser) = Kiosk::open_for_visitors().await;
    kiosk.controller.receipt_key = None;
    kiosk.ask(Request::SubmitCode(BadgeCode::new(organiser.codes[0].clone())));
    kiosk.until(|state| matches!(state, State::Staff(_))).await;
    assert_eq!(kiosk.shown(), None);
    kiosk.ask(Request::Receipt);
    assert_eq!(kiosk.shown(), None);
}
