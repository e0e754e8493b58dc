//! Consent: the notice and the visitor's choice.

use super::capture::Prepare;
use super::fault::Fault;
use super::staff::Staff;
use crate::effect::{Choice, Effect};
use crate::event::{Event, StaffReason};
use crate::limits::Limits;
use crate::token::Clear;
use crate::visit::{Next, Session, State};

/// The notice is shown; the camera is closed. Silence ends the visit and is no consent (C42).
/// After a refusal no way leads back here in the same visit, so nobody is asked twice (L2).
#[derive(Debug)]
pub struct Consent {
    pub(crate) session: Session,
    clear: Clear,
    /// The switch for a transfer abroad; off until the visitor turns it (C41).
    transfer: bool,
    /// The visitor reads the whole policy.
    reading: bool,
    /// The text changed while the visitor was being asked (C43).
    changed: bool,
}

impl Consent {
    pub(crate) fn enter(session: Session, clear: Clear) -> Next {
        Self::ask(session, clear, false)
    }

    /// Asks again, under a text that has come meanwhile.
    pub(crate) fn again(session: Session, clear: Clear) -> Next {
        Self::ask(session, clear, true)
    }

    fn ask(session: Session, clear: Clear, changed: bool) -> Next {
        if session.refused {
            return Staff::enter(session, Some(clear), StaffReason::OtherWay);
        }
        Next::to(State::Consent(Self { session, clear, transfer: false, reading: false, changed }))
    }

    /// Shows the same question again, unless it has been answered by a withdrawal meanwhile.
    pub(crate) fn resume(self) -> Next {
        if self.session.refused {
            return Staff::enter(self.session, Some(self.clear), StaffReason::OtherWay);
        }
        Next::to(State::Consent(self))
    }

    /// The switch for a transfer abroad.
    pub fn transfer(&self) -> bool {
        self.transfer
    }

    /// True while the visitor reads the whole policy.
    pub fn reading(&self) -> bool {
        self.reading
    }

    /// True when the text changed while the visitor was being asked.
    pub fn changed(&self) -> bool {
        self.changed
    }

    pub(crate) fn limit(&self, limits: &Limits) -> u64 {
        if self.reading { limits.reading } else { limits.consent }
    }

    pub(crate) fn on(mut self, event: &Event) -> Next {
        if self.reading {
            match event {
                Event::PolicyRead => return Next::to(State::Consent(self)),
                Event::Done => {
                    self.reading = false;
                    return Next::to(State::Consent(self));
                }
                // Whoever reads does not choose.
                Event::ConsentGiven | Event::OtherWayChosen | Event::TransferChosen(_) => {
                    return Next::stay(State::Consent(self));
                }
                _ => {}
            }
        }
        match event {
            Event::ConsentGiven => {
                let (session, clear, effects) = self.choose();
                Prepare::enter(session, clear).with(effects)
            }
            Event::OtherWayChosen => {
                let (mut session, clear, mut effects) = self.choose();
                session.refused = true;
                effects.insert(0, Effect::RecordConsent(Choice::OtherWay));
                Staff::enter(session, Some(clear), StaffReason::OtherWay).with(effects)
            }
            Event::TransferChosen(on) => {
                self.transfer = *on;
                Next::stay(State::Consent(self))
            }
            Event::PolicyRead => {
                self.reading = true;
                Next::to(State::Consent(self))
            }
            Event::NoticeChanged { offered: true } => Self::again(self.session, self.clear),
            Event::NoticeChanged { offered: false } => {
                Staff::enter(self.session, Some(self.clear), StaffReason::FaceLaneClosed)
            }
            Event::RightsAsked => State::Consent(self).ask_for_rights(),
            Event::StaffCalled => Staff::enter(self.session, Some(self.clear), StaffReason::Called),
            Event::Stopped | Event::Elapsed => self.session.end(),
            Event::Faulted(code) => Fault::enter(Some(self.session), Some(self.clear), *code),
            _ => Next::stay(State::Consent(self)),
        }
    }

    /// Leaves with a choice. A switch that was turned on is a consent of its own, whichever way
    /// the visitor takes; one that was not is nothing.
    fn choose(self) -> (Session, Clear, Vec<Effect>) {
        let Self { mut session, clear, transfer, .. } = self;
        session.transfer = transfer;
        (session, clear, transfer.then_some(Effect::RecordTransfer(true)).into_iter().collect())
    }
}
