//! Staff and Denied: only people refuse people.

use super::admit::Admit;
use super::consent::Consent;
use super::fault::Fault;
use crate::effect::{Effect, Lane, StaffAct};
use crate::event::{DenialReason, Event, SignIn, StaffReason};
use crate::limits::Limits;
use crate::receipt::{Receipt, receipt};
use crate::token::Clear;
use crate::visit::{Next, Session, State};

/// A member of staff helps.
#[derive(Debug)]
pub struct Staff {
    pub(crate) session: Session,
    /// Absent only when a worker did not end; then nobody is admitted here before it has.
    clear: Option<Clear>,
    reason: StaffReason,
    desk: Desk,
    /// The waiting visitor looks at a receipt.
    receipt: bool,
}

/// The staff's side of the kiosk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    /// The visitor waits.
    Waiting,
    /// Number and PIN are being entered; with the outcome of the last attempt.
    SigningIn(Option<SignIn>),
    /// A signed-in member of staff looks at the visit.
    Reviewing {
        /// Number of the member of staff.
        staff: u32,
    },
}

impl Staff {
    pub(crate) fn enter(session: Session, clear: Option<Clear>, reason: StaffReason) -> Next {
        let desk = Desk::Waiting;
        Next::to(State::Staff(Self { session, clear, reason, desk, receipt: false }))
    }

    /// The same, before a member of staff who is signed in.
    pub(crate) fn enter_reviewing(
        session: Session,
        clear: Option<Clear>,
        reason: StaffReason,
        staff: u32,
    ) -> Next {
        let desk = Desk::Reviewing { staff };
        Next::to(State::Staff(Self { session, clear, reason, desk, receipt: false }))
    }

    /// Why the visit came here.
    pub fn reason(&self) -> StaffReason {
        self.reason
    }

    /// The staff's side.
    pub fn desk(&self) -> Desk {
        self.desk
    }

    /// True when the signed-in member of staff may admit.
    pub fn may_admit(&self) -> bool {
        self.clear.is_some() && self.session.admissible()
    }

    /// True when the gate has opened for the visitor in this visit, who then called.
    pub fn admitted(&self) -> bool {
        self.session.admitted
    }

    /// True where a guardian's consent opens the face lane of this visit: a child's badge that is
    /// admissible, no face data, and nobody has refused.
    pub fn guardian_may_agree(&self) -> bool {
        self.may_admit() && self.reason == StaffReason::UnderAge && !self.session.refused
    }

    /// The waiting visitor's receipt.
    pub(crate) fn receipt(&self) -> Option<Receipt> {
        receipt(self.clear.is_some(), self.receipt)
    }

    pub(crate) fn limit(&self, limits: &Limits) -> u64 {
        match self.desk {
            Desk::Waiting => limits.staff,
            Desk::SigningIn(_) | Desk::Reviewing { .. } => limits.desk,
        }
    }

    pub(crate) fn on(mut self, event: Event) -> Next {
        if let Event::WorkerExited(token) = event {
            if token.visit() == self.session.nonce {
                self.clear = Some(Clear::discarded(token));
            }
            return Next::stay(State::Staff(self));
        }
        match (self.desk, event) {
            (Desk::Waiting, Event::StaffCalled) => self.at(Desk::SigningIn(None)),
            (Desk::SigningIn(_), Event::SignInSubmitted) => {
                Next::stay(State::Staff(self)).with(vec![Effect::CheckSignIn])
            }
            (Desk::SigningIn(_), Event::SignInChecked(SignIn::Accepted { staff })) => {
                self.at(Desk::Reviewing { staff })
            }
            (Desk::SigningIn(_), Event::SignInChecked(refused)) => {
                self.at(Desk::SigningIn(Some(refused)))
            }
            (Desk::SigningIn(_), Event::StaffSignedOut | Event::Elapsed) => self.at(Desk::Waiting),
            (Desk::Reviewing { staff }, Event::StaffSignedOut) => {
                self.at(Desk::Waiting).with(vec![act(staff, StaffAct::SignedOut)])
            }
            (Desk::Reviewing { staff }, Event::Elapsed) => {
                self.at(Desk::Waiting).with(vec![act(staff, StaffAct::TimedOut)])
            }
            (Desk::Reviewing { staff }, Event::StaffAdmitted) => self.admit(staff),
            (Desk::Reviewing { staff }, Event::StaffDenied(reason)) => {
                Denied::enter(self.session, self.clear, reason)
                    .with(vec![act(staff, StaffAct::Denied(reason))])
            }
            (Desk::Reviewing { staff }, Event::GuardianAgreed(proof))
                if self.guardian_may_agree() =>
            {
                Next::stay(State::Staff(self)).with(vec![Effect::RecordGuardian { staff, proof }])
            }
            (Desk::Reviewing { .. }, Event::GuardianRecorded(true))
                if self.guardian_may_agree() =>
            {
                let Self { session, clear, .. } = self;
                match clear {
                    Some(clear) => Consent::enter(session, clear),
                    None => Staff::enter(session, None, StaffReason::UnderAge),
                }
            }
            (Desk::Reviewing { staff }, Event::GuardianRevoked) => {
                // Whatever the visit came here for: without the guardian the lane is closed.
                self.reason = StaffReason::UnderAge;
                self.session.refused = true;
                Next::to(State::Staff(self)).with(vec![Effect::RevokeGuardian { staff }])
            }
            (Desk::Reviewing { .. }, Event::DeskUsed) => Next::to(State::Staff(self)),
            (Desk::Reviewing { staff }, Event::StaffEndedVisit) => {
                self.session.end().with(vec![act(staff, StaffAct::Ended)])
            }
            (Desk::Waiting, Event::ReceiptAsked) if self.clear.is_some() && !self.receipt => {
                // Whoever reads it late in the wait is not hurried away; once a visit is enough.
                let first = !std::mem::replace(&mut self.session.receipt_asked, true);
                self.receipt = true;
                let next = if first { Next::to } else { Next::stay };
                next(State::Staff(self)).with(vec![Effect::IssueReceipt])
            }
            (Desk::Waiting, Event::Done) if self.receipt => {
                self.receipt = false;
                Next::stay(State::Staff(self))
            }
            (Desk::Waiting, Event::RightsAsked) => State::Staff(self).ask_for_rights(),
            (Desk::Waiting, Event::Stopped | Event::Elapsed) => self.session.end(),
            (_, Event::Faulted(code)) => Fault::enter(Some(self.session), self.clear, code),
            _ => Next::stay(State::Staff(self)),
        }
    }

    fn at(mut self, desk: Desk) -> Next {
        self.desk = desk;
        self.receipt = false;
        Next::to(State::Staff(self))
    }

    fn admit(self, staff: u32) -> Next {
        if !self.session.admissible() {
            return Next::stay(State::Staff(self));
        }
        let Self { session, clear, reason, desk, receipt } = self;
        match clear {
            Some(clear) => Admit::enter(session, clear, Lane::Staff { staff, reason }),
            None => Next::stay(State::Staff(Self { session, clear, reason, desk, receipt })),
        }
    }
}

fn act(staff: u32, act: StaffAct) -> Effect {
    Effect::RecordStaffAct { staff, act }
}

/// A member of staff refused entry, with a reason.
#[derive(Debug)]
pub struct Denied {
    pub(crate) session: Session,
    clear: Option<Clear>,
    reason: DenialReason,
    /// The visitor looks at a receipt.
    receipt: bool,
}

impl Denied {
    fn enter(session: Session, clear: Option<Clear>, reason: DenialReason) -> Next {
        Next::to(State::Denied(Self { session, clear, reason, receipt: false }))
    }

    /// The reason that the member of staff gave.
    pub fn reason(&self) -> DenialReason {
        self.reason
    }

    pub(crate) fn receipt(&self) -> Option<Receipt> {
        receipt(self.clear.is_some(), self.receipt)
    }

    pub(crate) fn limit(&self, limits: &Limits) -> u64 {
        if self.receipt { limits.receipt } else { limits.denied }
    }

    pub(crate) fn on(mut self, event: &Event) -> Next {
        match event {
            Event::ReceiptAsked if self.clear.is_some() && !self.receipt => {
                self.receipt = true;
                Next::to(State::Denied(self)).with(vec![Effect::IssueReceipt])
            }
            Event::RightsAsked => State::Denied(self).ask_for_rights(),
            Event::Done | Event::Stopped | Event::Elapsed => self.session.end(),
            Event::StaffCalled => Staff::enter(self.session, self.clear, StaffReason::Called),
            Event::Faulted(code) => Fault::enter(Some(self.session), self.clear, *code),
            _ => Next::stay(State::Denied(self)),
        }
    }
}
