//! Identify: which badge is it?

use super::fault::Fault;
use super::lane;
use super::questions::Questions;
use super::staff::Staff;
use crate::effect::Effect;
use crate::event::{CodeProblem, Event, Lookup, StaffReason};
use crate::limits::Limits;
use crate::token::Clear;
use crate::visit::{Next, Session, State};

/// Waiting for a badge code, looking it up, or showing why it cannot be used.
#[derive(Debug)]
pub struct Identify {
    pub(crate) session: Session,
    step: IdentifyStep,
    reading: bool,
}

/// The steps of Identify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifyStep {
    /// Waiting for a code.
    Waiting,
    /// Looking one up.
    LookingUp,
    /// The code cannot be used.
    Problem(CodeProblem),
}

impl Identify {
    pub(crate) fn enter(session: Session, limits: &Limits) -> Next {
        let reading = limits.codes_by_camera;
        let effects = if reading { vec![Effect::OpenCodeReader] } else { Vec::new() };
        Next::to(State::Identify(Self { session, step: IdentifyStep::Waiting, reading }))
            .with(effects)
    }

    /// Shows why a badge that was found cannot be used.
    pub(crate) fn refuse(mut session: Session, problem: CodeProblem) -> Next {
        session.badge = Some(Err(problem));
        let step = IdentifyStep::Problem(problem);
        Next::to(State::Identify(Self { session, step, reading: false }))
    }

    /// The present step.
    pub fn step(&self) -> IdentifyStep {
        self.step
    }

    /// True while the camera is open for codes.
    pub fn reading(&self) -> bool {
        self.reading
    }

    pub(crate) fn limit(&self, limits: &Limits) -> u64 {
        match self.step {
            IdentifyStep::Waiting => limits.identify,
            IdentifyStep::LookingUp => limits.look_up,
            IdentifyStep::Problem(_) => limits.problem,
        }
    }

    pub(crate) fn on(self, event: Event, limits: &Limits) -> Next {
        match (self.step, event) {
            (IdentifyStep::Waiting | IdentifyStep::Problem(_), Event::CodeSubmitted) => {
                let Self { mut session, reading, .. } = self;
                session.badge = None;
                let mut effects = close(reading);
                effects.push(Effect::LookUpBadge);
                let step = IdentifyStep::LookingUp;
                Next::to(State::Identify(Self { session, step, reading: false })).with(effects)
            }
            (IdentifyStep::LookingUp, Event::CodeLookedUp(lookup)) => self.looked_up(lookup),
            (IdentifyStep::LookingUp, Event::Elapsed) => self.hand_over(StaffReason::TimedOut),
            (IdentifyStep::Problem(_), Event::Retried) => {
                let Self { mut session, .. } = self;
                session.badge = None;
                Self::enter(session, limits)
            }
            (IdentifyStep::Problem(_), Event::RightsAsked) => {
                State::Identify(self).ask_for_rights()
            }
            (_, Event::StaffCalled) => {
                let reason = match self.step {
                    IdentifyStep::Problem(problem) => StaffReason::Code(problem),
                    IdentifyStep::Waiting | IdentifyStep::LookingUp => StaffReason::Called,
                };
                self.hand_over(reason)
            }
            (_, Event::Stopped | Event::Elapsed) => {
                let effects = close(self.reading);
                self.session.end().with(effects)
            }
            (_, Event::Faulted(code)) => {
                let effects = close(self.reading);
                Fault::enter(Some(self.session), Some(Clear::never_opened()), code).with(effects)
            }
            _ => Next::stay(State::Identify(self)),
        }
    }

    fn hand_over(self, reason: StaffReason) -> Next {
        let effects = close(self.reading);
        Staff::enter(self.session, Some(Clear::never_opened()), reason).with(effects)
    }

    fn looked_up(self, lookup: Lookup) -> Next {
        let mut session = self.session;
        session.badge = Some(Ok(()));
        match lookup {
            Lookup::Refused(problem) => Self::refuse(session, problem),
            Lookup::Asks(lane) => Questions::enter(session, Clear::never_opened(), lane),
            Lookup::Admissible(lane) => lane::enter(session, Clear::never_opened(), lane),
        }
    }
}

fn close(reading: bool) -> Vec<Effect> {
    if reading { vec![Effect::CloseCodeReader] } else { Vec::new() }
}
