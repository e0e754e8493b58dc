//! Age: the face lane is for whoever is 14 or over (C40).

use super::consent::Consent;
use super::fault::Fault;
use super::staff::Staff;
use crate::effect::Effect;
use crate::event::{Age, Event, StaffReason};
use crate::token::Clear;
use crate::visit::{Next, Session, State};

/// The roster does not say on which side of 14 years the visitor is, so the visitor is asked.
/// There is no default, and silence ends the visit.
#[derive(Debug)]
pub struct AgeQuestion {
    pub(crate) session: Session,
    clear: Clear,
}

impl AgeQuestion {
    pub(crate) fn enter(session: Session, clear: Clear) -> Next {
        Next::to(State::Age(Self { session, clear }))
    }

    pub(crate) fn on(self, event: &Event) -> Next {
        let Self { session, clear } = self;
        match event {
            Event::AgeGiven(Age::From14) => Consent::enter(session, clear),
            Event::AgeGiven(Age::Under14) => {
                Staff::enter(session, Some(clear), StaffReason::UnderAge)
                    .with(vec![Effect::NoteChild])
            }
            Event::StaffCalled => Staff::enter(session, Some(clear), StaffReason::Called),
            Event::Stopped | Event::Elapsed => session.end(),
            Event::Faulted(code) => Fault::enter(Some(session), Some(clear), *code),
            _ => Next::stay(State::Age(Self { session, clear })),
        }
    }
}
