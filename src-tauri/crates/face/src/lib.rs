//! Face detection, alignment, quality, attack detection, templates and their comparison.
//!
//! One [`Engine`] holds the networks that `models/manifest.toml` lists for the kiosk.
//! It makes a [`Template`] of the certificate photo ([`Engine::enrol`]), and a [`Verification`]
//! compares the frames of one visit with that one template. There is no function here that
//! takes more than one reference (POLICY.md C06), and none that says anything about a face but
//! where it is, how good the picture is, whether it looks bona fide and whether it is the
//! claimed one (C05).
//!
//! The terms are those of ISO/IEC 2382-37 (sample, probe, reference, template, comparison
//! score), ISO/IEC 19795-1 (FMR, FNMR) and ISO/IEC 30107-3 (bona fide, attack presentation).
//!
//! # What is wiped and what is not
//!
//! Every buffer of pixels or features that this crate owns is overwritten when it is dropped,
//! and the types that hold them can be neither cloned, printed nor serialised. The tensors
//! that tract allocates inside a run are not overwritten: they go back to the allocator as
//! they are. The process that runs the engine lives for one visit and is not dumpable, which
//! is what discards them today; an allocator that wipes what it frees is left for later.
//!
//! # Threads
//!
//! Everything runs on the calling thread. An [`Engine`] is `Send` and `Sync`.

mod align;
mod attack;
mod buffers;
mod detect;
mod engine;
mod error;
mod evaluation;
mod eyes;
mod fusion;
mod landmarks;
mod limits;
mod manifest;
mod model_hash;
mod network;
mod ops;
mod outcome;
mod prelu;
mod quality;
mod reference;
mod sample;
mod stages;
mod template;
mod threads;
mod verification;
mod window;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod venue_example;

pub use attack::presentation::PresentationDecision;
pub use engine::{Engine, StageTimes, Views};
pub use error::FaceError;
pub use evaluation::{Judged, fused_score};
pub use limits::{AttackLimits, ChallengePolicy, Limits};
pub use manifest::verify_models;
pub use model_hash::ModelHash;
pub use outcome::{Guidance, Outcome, Step};
pub use quality::{Patience, QualityLimits};
pub use reference::ReferenceProblem;
pub use sample::{MAX_PIXELS, MAX_SIDE, Sample, decode_picture};
pub use stages::Stages;
pub use template::Template;
pub use verification::Verification;
