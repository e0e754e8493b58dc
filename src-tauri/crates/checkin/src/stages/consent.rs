//! Consent: the notice and the visitor's choice.

use super::capture::Prepare;
use super::fault::Fault;
use super::staff::Staff;
use crate::effect::{Choice, Effect};
use crate::event::{Event, StaffReason};
use crate::token::Clear;
use crate::visit::{Next, Session, State};

/// The notice is shown; the camera is closed. Left once: no way leads back to it in the same
/// visit, so nobody is asked twice (L2).
#[derive(Debug)]
pub struct Consent {
    pub(crate) session: Session,
    clear: Clear,
}

impl Consent {
    pub(crate) fn enter(session: Session, clear: Clear) -> Next {
        Next::to(State::Consent(Self { session, clear }))
    }

    pub(crate) fn on(self, event: &Event) -> Next {
        let Self { session, clear } = self;
        match event {
            Event::ConsentGiven => Prepare::enter(session, clear),
            Event::OtherWayChosen => Staff::enter(session, Some(clear), StaffReason::OtherWay)
                .with(vec![Effect::RecordConsent(Choice::OtherWay)]),
            Event::StaffCalled => Staff::enter(session, Some(clear), StaffReason::Called),
            Event::Stopped | Event::Elapsed => session.end(),
            Event::Faulted(code) => Fault::enter(Some(session), Some(clear), *code),
            _ => Next::stay(State::Consent(Self { session, clear })),
        }
    }
}
