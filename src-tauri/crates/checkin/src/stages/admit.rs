//! Admit: write the check-in, open the gate, and only then say so.

use super::staff::Staff;
use crate::effect::{Effect, Lane};
use crate::event::{CodeProblem, Event, Recording, StaffReason};
use crate::limits::Limits;
use crate::token::{Admission, Clear};
use crate::visit::{Next, Session, State};

/// The visitor may pass. Holds the [`Admission`] that the discarded data made possible.
#[derive(Debug)]
pub struct Admit {
    pub(crate) session: Session,
    admission: Admission,
    lane: Lane,
    step: GateStep,
}

/// The steps of Admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateStep {
    /// The check-in is being written.
    Recording,
    /// The gate is asked to open.
    Opening,
    /// The gate answered.
    Open,
    /// The gate answered, and the visitor looks at a receipt. The turning gate does not take it
    /// away; it has a time limit of its own, once.
    Receipt,
}

impl Admit {
    pub(crate) fn enter(session: Session, clear: Clear, lane: Lane) -> Next {
        let admission = Admission::new(session.nonce, clear);
        Next::to(State::Admit(Self { session, admission, lane, step: GateStep::Recording }))
            .with(vec![Effect::RecordCheckin(lane)])
    }

    /// The present step.
    pub fn step(&self) -> GateStep {
        self.step
    }

    /// The lane by which the visitor is admitted.
    pub fn lane(&self) -> Lane {
        self.lane
    }

    pub(crate) fn limit(&self, limits: &Limits) -> u64 {
        match self.step {
            GateStep::Recording => limits.record,
            GateStep::Opening => limits.gate,
            GateStep::Open => limits.pass,
            GateStep::Receipt => limits.receipt,
        }
    }

    pub(crate) fn on(mut self, event: Event) -> Next {
        match (self.step, event) {
            (GateStep::Recording, Event::CheckinRecorded(Recording::Recorded)) => {
                self.session.recorded = true;
                self.step = GateStep::Opening;
                let pass = self.admission.pass();
                Next::to(State::Admit(self)).with(vec![Effect::OpenGate(pass)])
            }
            (GateStep::Recording, Event::CheckinRecorded(Recording::AlreadyUsed)) => {
                let problem = CodeProblem::AlreadyUsed;
                self.session.badge = Some(Err(problem));
                self.hand_over(StaffReason::Code(problem))
            }
            (GateStep::Recording, Event::CheckinRecorded(Recording::Refused(reason))) => {
                // The badge is good by the roster: a person may admit all the same (C25), and
                // whoever is at the desk already stays there.
                let clear = Some(self.admission.withdraw());
                match self.lane {
                    Lane::Face => Staff::enter(self.session, clear, reason),
                    Lane::Staff { staff, .. } => {
                        Staff::enter_reviewing(self.session, clear, reason, staff)
                    }
                }
            }
            (
                GateStep::Recording,
                Event::CheckinRecorded(Recording::Failed) | Event::Elapsed | Event::Faulted(_),
            ) => {
                // Whether it was written is not known, so that a visitor who leaves now must
                // not count: an annulment of a check-in that was never written does nothing.
                self.session.recorded = true;
                self.hand_over(StaffReason::RecordFailed)
            }
            (GateStep::Opening, Event::GateAnswered(true)) => {
                self.session.recorded = false;
                self.session.admitted = true;
                self.step = GateStep::Open;
                Next::to(State::Admit(self))
            }
            (
                GateStep::Opening,
                Event::GateAnswered(false) | Event::Elapsed | Event::Faulted(_),
            ) => self.hand_over(StaffReason::GateFailed),
            (GateStep::Recording | GateStep::Opening, Event::StaffCalled) => {
                self.session.recorded = true;
                self.hand_over(StaffReason::Called)
            }
            (GateStep::Open | GateStep::Receipt, Event::StaffCalled) => {
                // The visit is over; the badge is used.
                self.session.badge = Some(Err(CodeProblem::AlreadyUsed));
                self.hand_over(StaffReason::Called)
            }
            (GateStep::Open, Event::ReceiptAsked) => {
                self.step = GateStep::Receipt;
                Next::to(State::Admit(self)).with(vec![Effect::IssueReceipt])
            }
            (GateStep::Open | GateStep::Receipt, Event::GateNotTurned) => {
                self.session.recorded = true;
                self.session.end()
            }
            (GateStep::Open, Event::GateTurned)
            | (GateStep::Open | GateStep::Receipt, Event::Done | Event::Elapsed) => {
                self.session.end()
            }
            _ => Next::stay(State::Admit(self)),
        }
    }

    fn hand_over(self, reason: StaffReason) -> Next {
        Staff::enter(self.session, Some(self.admission.withdraw()), reason)
    }
}
