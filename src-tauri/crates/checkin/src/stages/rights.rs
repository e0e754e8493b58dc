//! Rights: what this kiosk holds on the visitor, and what they may ask for (C33 to C39, M58).

use due::RequestKind;

use super::staff::Desk;
use crate::effect::Effect;
use crate::event::Event;
use crate::limits::Limits;
use crate::receipt::Receipt;
use crate::visit::{Next, Session, State};

/// Opened from a state in which the badge is known and no face data of the visit exist. Going back
/// leads there again; to the choice only for whoever has not refused meanwhile (L2).
#[derive(Debug)]
pub struct Rights {
    from: Box<State>,
    step: RightsStep,
    /// The visitor takes a copy.
    copy: bool,
}

/// The steps of Rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RightsStep {
    /// What is held is being read.
    Reading,
    /// What is held is shown, and a request may be filed.
    Open,
    /// A request is being written.
    Filing(RequestKind),
    /// A request is written: its number is shown.
    Filed(RequestKind),
}

impl State {
    /// True where the visitor may open their rights: the badge is known, no face data of the visit
    /// exist, and nobody else is served.
    pub fn offers_rights(&self) -> bool {
        let open = match self {
            Self::Consent(s) => !s.reading(),
            Self::Staff(s) => s.desk() == Desk::Waiting && s.receipt() == Some(Receipt::Offered),
            Self::Denied(s) => s.receipt() == Some(Receipt::Offered),
            Self::Identify(_) => true,
            _ => false,
        };
        open && self.session().is_some_and(Session::identified)
    }

    /// Opens the visitor's rights, which lead back here, where they are offered.
    pub(crate) fn ask_for_rights(self) -> Next {
        if !self.offers_rights() {
            return Next::stay(self);
        }
        let rights = Rights { from: Box::new(self), step: RightsStep::Reading, copy: false };
        Next::to(Self::Rights(rights)).with(vec![Effect::ReadHeld])
    }
}

impl Rights {
    /// Where the visitor came from.
    pub fn from(&self) -> &State {
        &self.from
    }

    /// The present step.
    pub fn step(&self) -> RightsStep {
        self.step
    }

    /// A copy can be taken once there is something to copy.
    pub(crate) fn receipt(&self) -> Option<Receipt> {
        let offered = if self.copy { Receipt::Shown } else { Receipt::Offered };
        matches!(self.step, RightsStep::Open | RightsStep::Filed(_)).then_some(offered)
    }

    pub(crate) fn on(mut self, event: Event, limits: &Limits) -> Next {
        match (self.step, event) {
            (_, Event::Done) if self.copy => {
                self.copy = false;
                Next::stay(State::Rights(self))
            }
            (RightsStep::Reading, Event::HeldRead) | (RightsStep::Filed(_), Event::Done) => {
                self.at(RightsStep::Open)
            }
            (RightsStep::Open | RightsStep::Filed(_), Event::RequestMade(kind)) => self.file(kind),
            (RightsStep::Filing(kind), Event::RequestFiled(filed)) if kind == filed => {
                self.at(RightsStep::Filed(kind))
            }
            (RightsStep::Open | RightsStep::Filed(_), Event::ReceiptAsked) if !self.copy => {
                self.copy = true;
                Next::stay(State::Rights(self)).with(vec![Effect::IssueReceipt])
            }
            (RightsStep::Reading | RightsStep::Open, Event::Done) => self.back(),
            (_, Event::StaffCalled) => match *self.from {
                State::Staff(waiting) => Next::to(State::Staff(waiting)),
                from => from.on(Event::StaffCalled, limits),
            },
            (_, Event::Elapsed) => self.from.on(Event::Stopped, limits),
            (_, event @ (Event::Stopped | Event::Faulted(_))) => self.from.on(event, limits),
            // Whoever comes back is asked about the text that is in force then.
            (_, event @ Event::NoticeChanged { .. }) => {
                let (from, effects) = self.from.on(event, limits).into_parts();
                let from = Box::new(from);
                Next::stay(State::Rights(Self { from, ..self })).with(effects)
            }
            _ => Next::stay(State::Rights(self)),
        }
    }

    fn at(mut self, step: RightsStep) -> Next {
        self.step = step;
        self.copy = false;
        Next::to(State::Rights(self))
    }

    /// A withdrawal takes effect at once, before anybody has answered it (C26).
    fn file(mut self, kind: RequestKind) -> Next {
        let withdrawn = match self.from.session_mut() {
            Some(session) if kind == RequestKind::Withdrawal => session.withdrawal(),
            _ => Vec::new(),
        };
        self.at(RightsStep::Filing(kind)).with(vec![Effect::FileRequest(kind)]).with(withdrawn)
    }

    fn back(self) -> Next {
        match *self.from {
            State::Consent(consent) => consent.resume(),
            from => Next::to(from),
        }
    }
}
