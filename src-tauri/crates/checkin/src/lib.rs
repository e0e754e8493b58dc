//! The visit: states, events, effects and the decision policy.
//!
//! Nothing here does I/O, reads a clock or makes a random number: time ([`Moment`]) and
//! identifiers ([`VisitNonce`]) come in with the events, so a visit replays exactly.
//! Nothing here holds a name, a badge code, a PIN, a photo or a score.
//!
//! ```text
//! Attract → Identify [→ Questions] [→ Age] → Consent ─┬ agree → Prepare → Capture → Decide → Discard ─┬ match → Admit → Attract
//!                                                     └ other way ────────────────────────────────────┴ see staff → Staff ─┬→ Admit
//!                                                                                                                          └→ Denied
//! ```
//!
//! Whoever stops while the camera's data exist sees Farewell after Discard, then Attract.
//! `Rights` is opened from Consent, Staff, Denied and from a known badge's problem, and leads back.
//! Every state has a time limit and a way to `Staff`. [`State::Admit`] holds an
//! [`Admission`], which can be made only from [`Clear`]: the evidence that the visit never
//! opened the camera, or that the operating system reported the end of the process that did.

mod effect;
mod event;
mod limits;
mod receipt;
mod stages;
mod token;
mod visit;

pub use due::RequestKind;
pub use effect::{Choice, Effect, Lane, StaffAct};
pub use event::{
    Age, CameraTrouble, ClosedReason, CodeProblem, Comparison, DenialReason, Event, FaceLane,
    FaultCode, GuardianProof, Guidance, Lookup, Questioned, Recording, SignIn, StaffReason,
};
pub use limits::Limits;
pub use receipt::Receipt;
pub use stages::admit::{Admit, GateStep};
pub use stages::age::AgeQuestion;
pub use stages::capture::{Capture, Decide, Discard, Prepare, Verdict};
pub use stages::consent::Consent;
pub use stages::farewell::Farewell;
pub use stages::fault::Fault;
pub use stages::identify::{Identify, IdentifyStep};
pub use stages::questions::Questions;
pub use stages::rights::{Rights, RightsStep};
pub use stages::staff::{Denied, Desk, Staff};
pub use token::{Admission, Clear, DiscardToken, GatePass};
pub use visit::{Moment, Session, State, Visit, VisitNonce};
