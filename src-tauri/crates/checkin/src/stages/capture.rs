//! Prepare, Capture, Decide, Discard: the only states with biometric data, all in the worker.

use super::admit::Admit;
use super::consent::Consent;
use super::farewell::Farewell;
use super::fault::Fault;
use super::staff::Staff;
use crate::effect::{Choice, Effect, Lane};
use crate::event::{CameraTrouble, Comparison, Event, FaultCode, Guidance, StaffReason};
use crate::token::{Clear, DiscardToken};
use crate::visit::{Next, Session, State};

/// How often the worker is killed before the kiosk reports a fault.
const KILLS: u8 = 3;

/// Where the visit goes once the data is discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The probe matched.
    Match,
    /// A member of staff decides.
    SeeStaff(StaffReason),
    /// The visitor leaves.
    Leave,
    /// A part of the kiosk failed.
    Fault(FaultCode),
}

impl Verdict {
    /// True when the comparison spoke against the visitor: then a person looks.
    fn wants_a_person(self) -> bool {
        matches!(self, Self::SeeStaff(StaffReason::NonMatch | StaffReason::SuspectedAttack))
    }
}

impl From<Comparison> for Verdict {
    /// The decision policy: the algorithm admits or hands over to a person. It never denies.
    fn from(comparison: Comparison) -> Self {
        match comparison {
            Comparison::Match => Self::Match,
            Comparison::NonMatch => Self::SeeStaff(StaffReason::NonMatch),
            Comparison::PoorSamples => Self::SeeStaff(StaffReason::PoorSamples),
            Comparison::SuspectedAttack => Self::SeeStaff(StaffReason::SuspectedAttack),
        }
    }
}

impl From<CameraTrouble> for Verdict {
    fn from(trouble: CameraTrouble) -> Self {
        Self::SeeStaff(match trouble {
            CameraTrouble::Unavailable => StaffReason::CameraUnavailable,
            CameraTrouble::Lost => StaffReason::CameraLost,
        })
    }
}

/// The consent is being written, then the camera opened.
#[derive(Debug)]
pub struct Prepare {
    pub(crate) session: Session,
    /// Present until the worker was asked to begin.
    clear: Option<Clear>,
    /// What the visitor agreed to was replaced before the camera opened (C43).
    changed: bool,
}

impl Prepare {
    pub(crate) fn enter(session: Session, clear: Clear) -> Next {
        Next::to(State::Prepare(Self { session, clear: Some(clear), changed: false }))
            .with(vec![Effect::RecordConsent(Choice::Face)])
    }

    pub(crate) fn on(self, event: Event) -> Next {
        let Self { mut session, clear, changed } = self;
        match (clear, event) {
            // Asked again only now, so that no answer to the first writing is still to come.
            (Some(clear), Event::ConsentRecorded(true)) if changed => {
                Consent::again(session, clear)
            }
            (Some(_given_up), Event::ConsentRecorded(true)) => {
                Next::stay(State::Prepare(Self { session, clear: None, changed }))
                    .with(vec![Effect::BeginCapture])
            }
            (Some(clear), Event::NoticeChanged { offered: true }) => {
                Next::stay(State::Prepare(Self { session, clear: Some(clear), changed: true }))
            }
            (Some(clear), Event::NoticeChanged { offered: false }) => {
                let withdrawn = session.withdrawal();
                Staff::enter(session, Some(clear), StaffReason::FaceLaneClosed).with(withdrawn)
            }
            (Some(clear), event) => {
                let hand_over = |session, clear, reason| Staff::enter(session, Some(clear), reason);
                match event {
                    Event::ConsentRecorded(false) => {
                        hand_over(session, clear, StaffReason::RecordFailed)
                    }
                    Event::WorkerMissing => hand_over(session, clear, StaffReason::WorkerFailed),
                    Event::Elapsed => hand_over(session, clear, StaffReason::TimedOut),
                    Event::OtherWayChosen => {
                        let withdrawn = session.withdrawal();
                        hand_over(session, clear, StaffReason::OtherWay).with(withdrawn)
                    }
                    Event::StaffCalled => {
                        let withdrawn = session.withdrawal();
                        hand_over(session, clear, StaffReason::Called).with(withdrawn)
                    }
                    Event::Stopped => {
                        let withdrawn = session.withdrawal();
                        session.end().with(withdrawn)
                    }
                    Event::Faulted(code) => Fault::enter(Some(session), Some(clear), code),
                    _ => Next::stay(State::Prepare(Self { session, clear: Some(clear), changed })),
                }
            }
            (None, Event::CameraOpened) => {
                Next::to(State::Capture(Capture { session, guidance: Guidance::LookHere }))
            }
            (None, Event::ReferenceRefused) => {
                Discard::enter(session, Verdict::SeeStaff(StaffReason::Reference))
            }
            (None, Event::Elapsed) => {
                Discard::enter(session, Verdict::SeeStaff(StaffReason::CameraUnavailable))
            }
            (None, event) => {
                let back = |session| State::Prepare(Self { session, clear: None, changed });
                with_worker(session, event, back)
            }
        }
    }
}

/// The camera is open.
#[derive(Debug)]
pub struct Capture {
    pub(crate) session: Session,
    guidance: Guidance,
}

impl Capture {
    /// What the visitor may do to help.
    pub fn guidance(&self) -> Guidance {
        self.guidance
    }

    pub(crate) fn on(self, event: Event) -> Next {
        let Self { session, guidance } = self;
        match event {
            Event::GuidanceGiven(guidance) => {
                Next::stay(State::Capture(Self { session, guidance }))
            }
            Event::Captured => Next::to(State::Decide(Decide { session })),
            Event::Elapsed => Discard::enter(session, Verdict::SeeStaff(StaffReason::PoorSamples)),
            event => {
                with_worker(session, event, |session| State::Capture(Self { session, guidance }))
            }
        }
    }
}

/// The camera is closed; the outcome is awaited.
#[derive(Debug)]
pub struct Decide {
    pub(crate) session: Session,
}

impl Decide {
    pub(crate) fn on(self, event: Event) -> Next {
        let Self { session } = self;
        match event {
            Event::Compared(comparison) => {
                // The worker ends by itself after an outcome, so it is not asked to.
                Next::to(State::Discard(Discard::new(session, comparison.into())))
            }
            Event::Elapsed => Discard::enter(session, Verdict::SeeStaff(StaffReason::WorkerFailed)),
            event => with_worker(session, event, |session| State::Decide(Self { session })),
        }
    }
}

/// What Prepare (after the worker began), Capture and Decide have in common.
fn with_worker(mut session: Session, event: Event, back: impl FnOnce(Session) -> State) -> Next {
    match event {
        Event::OtherWayChosen => {
            let withdrawn = session.withdrawal();
            Discard::enter(session, Verdict::SeeStaff(StaffReason::OtherWay)).with(withdrawn)
        }
        Event::StaffCalled => {
            let withdrawn = session.withdrawal();
            Discard::enter(session, Verdict::SeeStaff(StaffReason::Called)).with(withdrawn)
        }
        Event::Stopped => {
            let withdrawn = session.withdrawal();
            Discard::enter(session, Verdict::Leave).with(withdrawn)
        }
        Event::CameraFailed(trouble) => Discard::enter(session, trouble.into()),
        Event::Faulted(code) => Discard::enter(session, Verdict::Fault(code)),
        // The worker ended before its outcome: it crashed or was killed.
        Event::WorkerExited(token) if token.visit() == session.nonce => {
            let failed = Verdict::SeeStaff(StaffReason::WorkerFailed);
            Discard::new(session, failed).exited(token)
        }
        _ => Next::stay(back(session)),
    }
}

/// The verdict is known; the worker's exit is awaited.
#[derive(Debug)]
pub struct Discard {
    pub(crate) session: Session,
    verdict: Verdict,
    kills: u8,
}

impl Discard {
    fn new(session: Session, verdict: Verdict) -> Self {
        Self { session, verdict, kills: 0 }
    }

    fn enter(session: Session, verdict: Verdict) -> Next {
        Next::to(State::Discard(Self::new(session, verdict))).with(vec![Effect::EndWorker])
    }

    pub(crate) fn on(self, event: Event) -> Next {
        let Self { session, verdict, kills } = self;
        match event {
            Event::WorkerExited(token) if token.visit() == session.nonce => {
                Self { session, verdict, kills }.exited(token)
            }
            Event::Elapsed if kills < KILLS => {
                // A worker that does not end by itself is not trusted with its outcome.
                let verdict = match verdict {
                    Verdict::Match => Verdict::SeeStaff(StaffReason::WorkerFailed),
                    other => other,
                };
                Next::to(State::Discard(Self { session, verdict, kills: kills + 1 }))
                    .with(vec![Effect::KillWorker])
            }
            Event::Elapsed => Fault::enter(Some(session), None, FaultCode::Internal)
                .with(vec![Effect::KillWorker]),
            Event::Faulted(code) => {
                Next::stay(State::Discard(Self { session, verdict: Verdict::Fault(code), kills }))
            }
            // The visitor's last word counts, unless a person should look first.
            Event::Stopped if !verdict.wants_a_person() => {
                Next::stay(State::Discard(Self { session, verdict: Verdict::Leave, kills }))
            }
            Event::OtherWayChosen if verdict == Verdict::Match => {
                let verdict = Verdict::SeeStaff(StaffReason::OtherWay);
                Next::stay(State::Discard(Self { session, verdict, kills }))
            }
            Event::StaffCalled if verdict == Verdict::Match => {
                let verdict = Verdict::SeeStaff(StaffReason::Called);
                Next::stay(State::Discard(Self { session, verdict, kills }))
            }
            _ => Next::stay(State::Discard(Self { session, verdict, kills })),
        }
    }

    fn exited(self, token: DiscardToken) -> Next {
        let orderly = token.orderly();
        let clear = Clear::discarded(token);
        match self.verdict {
            Verdict::Match if orderly => Admit::enter(self.session, clear, Lane::Face),
            Verdict::Match => Staff::enter(self.session, Some(clear), StaffReason::WorkerFailed),
            Verdict::SeeStaff(reason) => Staff::enter(self.session, Some(clear), reason),
            Verdict::Leave => Farewell::enter(self.session, clear),
            Verdict::Fault(code) => Fault::enter(Some(self.session), Some(clear), code),
        }
    }
}
