//! The worker process that owns camera, frames, templates and scores for one visit.
//!
//! [`run_worker`] is the process, [`host`] is how the app starts one, talks to it and sees it end.
//! One process serves one visit: it opens the sealed certificate photo with the badge's key,
//! makes the reference template, and only then opens the camera; it compares frames until the
//! outcome is clear or the time is up, closes the camera, says the outcome, and exits. Nothing
//! that crosses the pipe tells of a score or a template, and the operating system's report of
//! the exit is the proof that frames, photo and templates are gone. Where a law wants evidence
//! kept, the process seals one picture to a key that the kiosk does not have, and hands over the
//! ciphertext.
//!
//! In its other mode the process reads one QR code with the camera and looks for no face.

mod assess;
mod codes;
pub mod host;
mod listen;
mod message;
mod output;
mod picture;
mod protection;
mod pump;
mod retained;
mod visit;
mod wire;
mod worker;

pub use assess::ReferenceAssessor;
pub use camera::{CameraChoice, CameraError, CameraInfo, CameraProblem, Probe, list, probe};
pub use evidence::Sealed;
pub use face::{
    AttackLimits, ChallengePolicy, FaceError, Guidance, Limits, ModelHash, Outcome, QualityLimits,
    ReferenceProblem, verify_models,
};
pub use message::ModelRefusal;
pub use picture::Picture;
pub use protection::{Memory, Protection, forbid_core_dumps};
pub use retained::EvidenceOrder;
pub use worker::{CODE_READING_LIMIT, exit_code, run_worker};

/// What can fail on the app's side. Faults of the worker are events, not errors.
#[derive(Debug, thiserror::Error)]
pub enum BiometricsError {
    /// The worker process could not be started.
    #[error("the biometrics worker could not be started: {0}")]
    Spawn(std::io::Error),
    /// The worker was already given its one task.
    #[error("the biometrics worker already has its task")]
    AlreadyBegun,
    /// The worker has ended.
    #[error("the biometrics worker has ended")]
    Ended,
    /// The task does not fit into a message: the sealed reference is too large, or the replay's
    /// path is not valid Unicode.
    #[error("the task does not fit into a message: {0}")]
    Unsendable(&'static str),
    /// The recipient of evidence is none.
    #[error("evidence cannot be sealed")]
    Recipient(#[from] evidence::RecipientError),
}
