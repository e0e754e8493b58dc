//! Questions: what the organiser asks at the entrance.

use super::fault::Fault;
use super::identify::Identify;
use super::lane;
use super::staff::Staff;
use crate::effect::Effect;
use crate::event::{Event, FaceLane, Questioned, StaffReason};
use crate::token::Clear;
use crate::visit::{Next, Session, State};

/// One question after the other, each with a time limit of its own. Words and answers are the
/// app's; silence ends the visit, and a person may be asked instead of answering.
#[derive(Debug)]
pub struct Questions {
    pub(crate) session: Session,
    clear: Clear,
    /// Where the visit goes on.
    lane: FaceLane,
    /// An answer is being judged.
    judging: bool,
}

impl Questions {
    pub(crate) fn enter(session: Session, clear: Clear, lane: FaceLane) -> Next {
        Next::to(State::Questions(Self { session, clear, lane, judging: false }))
    }

    /// True while an answer is being judged.
    pub fn judging(&self) -> bool {
        self.judging
    }

    pub(crate) fn on(self, event: &Event) -> Next {
        let Self { session, clear, lane, judging } = self;
        match event {
            Event::AnswerGiven if !judging => {
                Next::stay(State::Questions(Self { session, clear, lane, judging: true }))
                    .with(vec![Effect::JudgeAnswers])
            }
            Event::AnswersJudged(questioned) if judging => match questioned {
                Questioned::More => Self::enter(session, clear, lane),
                Questioned::Done => lane::enter(session, clear, lane),
                Questioned::Person => Staff::enter(session, Some(clear), StaffReason::Question),
                Questioned::Refused(problem) => Identify::refuse(session, *problem),
            },
            Event::StaffCalled => Staff::enter(session, Some(clear), StaffReason::Called),
            Event::Stopped | Event::Elapsed => session.end(),
            Event::Faulted(code) => Fault::enter(Some(session), Some(clear), *code),
            _ => Next::stay(State::Questions(Self { session, clear, lane, judging })),
        }
    }
}
