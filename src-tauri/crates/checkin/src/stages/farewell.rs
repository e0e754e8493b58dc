//! Farewell: the visitor has stopped, and what the camera saw is gone.

use super::fault::Fault;
use super::identify::Identify;
use super::staff::Staff;
use crate::effect::Effect;
use crate::event::{Event, StaffReason};
use crate::limits::Limits;
use crate::receipt::Receipt;
use crate::token::Clear;
use crate::visit::{Next, Session, State};

/// The visitor withdrew while face data existed (C26), and may take a receipt that they are gone.
/// Nobody waits for it: the next visitor simply begins.
#[derive(Debug)]
pub struct Farewell {
    pub(crate) session: Session,
    clear: Clear,
    /// The visitor looks at a receipt.
    receipt: bool,
}

impl Farewell {
    pub(crate) fn enter(session: Session, clear: Clear) -> Next {
        Next::to(State::Farewell(Self { session, clear, receipt: false }))
    }

    pub(crate) fn receipt(&self) -> Receipt {
        if self.receipt { Receipt::Shown } else { Receipt::Offered }
    }

    pub(crate) fn limit(&self, limits: &Limits) -> u64 {
        if self.receipt { limits.receipt } else { limits.farewell }
    }

    pub(crate) fn on(mut self, event: &Event, limits: &Limits) -> Next {
        match event {
            Event::Started { nonce } => {
                Identify::enter(Session::new(*nonce), limits).with(self.session.ending())
            }
            Event::ReceiptAsked if !self.receipt => {
                self.receipt = true;
                Next::to(State::Farewell(self)).with(vec![Effect::IssueReceipt])
            }
            Event::Done | Event::Stopped | Event::Elapsed => self.session.end(),
            Event::StaffCalled => Staff::enter(self.session, Some(self.clear), StaffReason::Called),
            Event::Faulted(code) => Fault::enter(Some(self.session), Some(self.clear), *code),
            _ => Next::stay(State::Farewell(self)),
        }
    }
}
