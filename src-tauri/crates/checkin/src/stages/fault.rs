//! Fault: the gate stays closed and the way leads to a person.

use super::staff::Staff;
use crate::effect::Effect;
use crate::event::{Event, FaultCode, StaffReason};
use crate::token::Clear;
use crate::visit::{Next, Session, State};

/// A part of the kiosk failed.
#[derive(Debug)]
pub struct Fault {
    /// The visit during which it failed, if there was one.
    pub(crate) session: Option<Session>,
    /// Kept, so that staff can go on with the visit.
    clear: Option<Clear>,
    code: FaultCode,
}

impl Fault {
    pub(crate) fn enter(session: Option<Session>, clear: Option<Clear>, code: FaultCode) -> Next {
        match (session, code) {
            // Whoever stands here is not sent away by a screen.
            (Some(session), FaultCode::Revoked) => {
                Staff::enter(session, clear, StaffReason::AfterFault)
            }
            (session, code) => Next::to(State::Fault(Self { session, clear, code })),
        }
    }

    /// What failed.
    pub fn code(&self) -> FaultCode {
        self.code
    }

    pub(crate) fn on(mut self, event: Event) -> Next {
        match event {
            Event::WorkerExited(token) => {
                if self.session.as_ref().is_some_and(|s| s.nonce == token.visit()) {
                    self.clear = Some(Clear::discarded(token));
                }
                Next::stay(State::Fault(self))
            }
            Event::StaffCalled => match self.session {
                Some(session) => Staff::enter(session, self.clear, StaffReason::AfterFault),
                None => Next::stay(State::Fault(self)),
            },
            // A fault without a visit: staff open one, to sign in and see the status.
            Event::Started { nonce } if self.session.is_none() => {
                let session = Session::new(nonce);
                Staff::enter(session, Some(Clear::never_opened()), StaffReason::AfterFault)
            }
            Event::Done | Event::Stopped | Event::Elapsed => match self.session {
                Some(session) => session.end(),
                // Whatever failed is tried again.
                None => Next::to(State::Attract).with(vec![Effect::Housekeep]),
            },
            Event::Faulted(code) => {
                self.code = code;
                Next::stay(State::Fault(self))
            }
            _ => Next::stay(State::Fault(self)),
        }
    }
}
