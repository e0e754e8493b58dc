//! The state machine of one kiosk position.

use crate::effect::{Choice, Effect};
use crate::event::{CodeProblem, Event, FaultCode};
use crate::limits::Limits;
use crate::stages::admit::Admit;
use crate::stages::age::AgeQuestion;
use crate::stages::capture::{Capture, Decide, Discard, Prepare};
use crate::stages::consent::Consent;
use crate::stages::farewell::Farewell;
use crate::stages::fault::Fault;
use crate::stages::identify::Identify;
use crate::stages::questions::Questions;
use crate::stages::rights::Rights;
use crate::stages::staff::{Denied, Staff};

/// A moment of a clock that never goes back, in milliseconds from any start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

/// Names one visit; random, 128 bits. Keys its check-in, so that a retry counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VisitNonce(pub [u8; 16]);

/// What a visit carries from state to state.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not states")]
pub struct Session {
    /// Name of the visit.
    pub(crate) nonce: VisitNonce,
    /// What the roster said of the code, once there was one.
    pub(crate) badge: Option<Result<(), CodeProblem>>,
    /// The check-in is written and the gate has not opened yet.
    pub(crate) recorded: bool,
    /// The gate has opened.
    pub(crate) admitted: bool,
    /// A receipt was asked for while waiting for staff.
    pub(crate) receipt_asked: bool,
    /// The visitor has chosen the other way: nobody asks again (L2).
    pub(crate) refused: bool,
    /// The visitor has agreed to a transfer abroad.
    pub(crate) transfer: bool,
}

impl Session {
    pub(crate) fn new(nonce: VisitNonce) -> Self {
        Self {
            nonce,
            badge: None,
            recorded: false,
            admitted: false,
            receipt_asked: false,
            refused: false,
            transfer: false,
        }
    }

    /// Name of the visit.
    pub fn nonce(&self) -> VisitNonce {
        self.nonce
    }

    /// True when the badge is known, valid and not used.
    pub fn admissible(&self) -> bool {
        matches!(self.badge, Some(Ok(())))
    }

    /// True when the code led to a badge of the roster, admissible or not.
    pub(crate) fn identified(&self) -> bool {
        match self.badge {
            Some(Ok(())) => true,
            Some(Err(problem)) => !matches!(problem, CodeProblem::Unknown | CodeProblem::Malformed),
            None => false,
        }
    }

    /// What follows when the visitor takes back what was agreed to (C26).
    pub(crate) fn withdrawal(&mut self) -> Vec<Effect> {
        self.refused = true;
        let transfer = std::mem::take(&mut self.transfer).then_some(Effect::RecordTransfer(false));
        [Effect::RecordConsent(Choice::Withdrawn)].into_iter().chain(transfer).collect()
    }

    /// Ends the visit: back to Attract, with nothing kept.
    pub(crate) fn end(self) -> Next {
        Next::to(State::Attract).with(self.ending())
    }

    /// What the end of the visit asks for.
    pub(crate) fn ending(self) -> Vec<Effect> {
        let annul = self.recorded.then_some(Effect::AnnulCheckin);
        annul.into_iter().chain([Effect::EndSession(self.nonce)]).collect()
    }
}

/// The state of the kiosk. Each state is consumed by the event that it handles.
#[derive(Debug)]
pub enum State {
    /// Waiting for a visitor.
    Attract,
    /// The policy in full, read without a visit.
    Reading,
    /// Waiting for a badge code.
    Identify(Identify),
    /// What the organiser asks at the entrance.
    Questions(Questions),
    /// Which side of 14 years the visitor is on.
    Age(AgeQuestion),
    /// The notice and the choice.
    Consent(Consent),
    /// Consent is written, the camera is opened.
    Prepare(Prepare),
    /// The camera is open.
    Capture(Capture),
    /// The camera is closed, no outcome yet.
    Decide(Decide),
    /// Waiting for the worker's exit.
    Discard(Discard),
    /// The visitor may pass.
    Admit(Admit),
    /// What is held on the visitor, and what they may ask for.
    Rights(Rights),
    /// A member of staff helps.
    Staff(Staff),
    /// A member of staff refused entry.
    Denied(Denied),
    /// The visitor has stopped; the face data are gone.
    Farewell(Farewell),
    /// A part of the kiosk failed.
    Fault(Fault),
}

/// The visit at one kiosk: a state and its time limit.
#[derive(Debug)]
pub struct Visit {
    state: State,
    deadline: Moment,
    limits: Limits,
}

impl Visit {
    /// A kiosk that waits for a visitor.
    pub fn new(limits: Limits, now: Moment) -> Self {
        Self { state: State::Attract, deadline: Moment(now.0 + limits.attract), limits }
    }

    /// The present state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// When the present state's time is over. The app sends [`Event::Elapsed`] then.
    pub fn deadline(&self) -> Moment {
        self.deadline
    }

    /// Handles one event at the moment `now`. Events that do not belong to the present state
    /// change nothing.
    #[must_use = "the effects are to be carried out"]
    pub fn on(self, event: Event, now: Moment) -> (Self, Vec<Effect>) {
        let Self { state, deadline, limits } = self;
        if matches!(event, Event::Elapsed) && now < deadline {
            return (Self { state, deadline, limits }, Vec::new());
        }
        let next = state.on(event, &limits);
        let deadline =
            if next.restart { Moment(now.0 + next.state.limit(&limits)) } else { deadline };
        (Self { state: next.state, deadline, limits }, next.effects)
    }
}

impl State {
    /// Handles one event, whatever the clock says.
    pub(crate) fn on(self, event: Event, limits: &Limits) -> Next {
        match (self, event) {
            // What is decided is finished, and so is what a person does.
            (
                state @ (Self::Admit(_) | Self::Staff(_) | Self::Denied(_) | Self::Farewell(_)),
                Event::Faulted(FaultCode::Revoked),
            ) => Next::stay(state),
            (Self::Attract | Self::Reading, Event::Started { nonce }) => {
                Identify::enter(Session::new(nonce), limits)
            }
            (Self::Attract | Self::Reading, Event::Faulted(code)) => Fault::enter(None, None, code),
            (Self::Attract | Self::Reading, Event::PolicyRead) => Next::to(Self::Reading),
            (Self::Reading, Event::Done | Event::Stopped | Event::Elapsed) => {
                Next::to(Self::Attract)
            }
            (Self::Reading, _) => Next::stay(Self::Reading),
            (Self::Attract, Event::Elapsed) => {
                Next::to(Self::Attract).with(vec![Effect::Housekeep])
            }
            (Self::Attract, _) => Next::stay(Self::Attract),
            (Self::Identify(s), e) => s.on(e, limits),
            (Self::Questions(s), e) => s.on(&e),
            (Self::Age(s), e) => s.on(&e),
            (Self::Consent(s), e) => s.on(&e),
            (Self::Prepare(s), e) => s.on(e),
            (Self::Capture(s), e) => s.on(e),
            (Self::Decide(s), e) => s.on(e),
            (Self::Discard(s), e) => s.on(e),
            (Self::Admit(s), e) => s.on(e),
            (Self::Staff(s), e) => s.on(e),
            (Self::Denied(s), e) => s.on(&e),
            (Self::Farewell(s), e) => s.on(&e, limits),
            (Self::Rights(s), e) => s.on(e, limits),
            (Self::Fault(s), e) => s.on(e),
        }
    }

    fn limit(&self, limits: &Limits) -> u64 {
        match self {
            Self::Attract => limits.attract,
            Self::Identify(s) => s.limit(limits),
            Self::Reading => limits.reading,
            Self::Questions(_) => limits.question,
            Self::Age(_) => limits.age,
            Self::Consent(s) => s.limit(limits),
            Self::Prepare(_) => limits.prepare,
            Self::Capture(_) => limits.capture,
            Self::Decide(_) => limits.decide,
            Self::Discard(_) => limits.discard,
            Self::Admit(s) => s.limit(limits),
            Self::Staff(s) => s.limit(limits),
            Self::Denied(s) => s.limit(limits),
            Self::Farewell(s) => s.limit(limits),
            Self::Rights(_) => limits.rights,
            Self::Fault(_) => limits.fault,
        }
    }

    /// The session of the present visit, if there is one.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Attract | Self::Reading => None,
            Self::Identify(s) => Some(&s.session),
            Self::Questions(s) => Some(&s.session),
            Self::Age(s) => Some(&s.session),
            Self::Consent(s) => Some(&s.session),
            Self::Prepare(s) => Some(&s.session),
            Self::Capture(s) => Some(&s.session),
            Self::Decide(s) => Some(&s.session),
            Self::Discard(s) => Some(&s.session),
            Self::Admit(s) => Some(&s.session),
            Self::Staff(s) => Some(&s.session),
            Self::Denied(s) => Some(&s.session),
            Self::Farewell(s) => Some(&s.session),
            Self::Rights(s) => s.from().session(),
            Self::Fault(s) => s.session.as_ref(),
        }
    }

    /// The same, to be changed, in the states from which the visitor's rights are opened.
    pub(crate) fn session_mut(&mut self) -> Option<&mut Session> {
        match self {
            Self::Identify(s) => Some(&mut s.session),
            Self::Consent(s) => Some(&mut s.session),
            Self::Staff(s) => Some(&mut s.session),
            Self::Denied(s) => Some(&mut s.session),
            _ => None,
        }
    }
}

/// Where an event leads.
#[derive(Debug)]
pub(crate) struct Next {
    state: State,
    effects: Vec<Effect>,
    restart: bool,
}

impl Next {
    /// A new state, or a new step of it: its time limit starts.
    pub(crate) fn to(state: State) -> Self {
        Self { state, effects: Vec::new(), restart: true }
    }

    /// The same step; its time limit goes on.
    pub(crate) fn stay(state: State) -> Self {
        Self { state, effects: Vec::new(), restart: false }
    }

    /// The state with its effects.
    pub(crate) fn into_parts(self) -> (State, Vec<Effect>) {
        (self.state, self.effects)
    }

    pub(crate) fn with(mut self, effects: Vec<Effect>) -> Self {
        self.effects.splice(0..0, effects);
        self
    }
}
