//! What one frame and one verification can say to the caller.

use serde::{Deserialize, Serialize};

/// What the visitor may do to help, judged from the last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guidance {
    /// No face in the frame.
    NoFace,
    /// More than one face of comparable size.
    SeveralFaces,
    /// The face is too small.
    ComeCloser,
    /// The face is too large to be whole.
    MoveBack,
    /// The face touches the edge of the frame.
    CentreFace,
    /// The face is too dark.
    TooDark,
    /// The face is too bright.
    TooBright,
    /// One half of the face is much darker than the other.
    UnevenLight,
    /// The face is blurred.
    HoldStill,
    /// The face is turned away.
    LookAtCamera,
    /// Both eyes are closed.
    OpenEyes,
    /// Mouth and nose are covered. The visitor may uncover them or go another way.
    Uncover,
    /// A challenge: turn the head to the visitor's own left, which is the left of a mirror.
    TurnLeft,
    /// A challenge: turn the head to the visitor's own right.
    TurnRight,
    /// A challenge: bow the head and raise it again.
    Nod,
    /// A challenge: close both eyes and open them again.
    Blink,
    /// The frame was good and was compared.
    KeepStill,
}

/// How a verification ended. Carries no score: a score that leaves the worker invites
/// hill-climbing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The probes are of the person in the reference.
    Match,
    /// Enough good probes, and they do not reach the threshold.
    NonMatch,
    /// Too few good probes in the time given.
    PoorSamples,
    /// The probes look like a print or a screen.
    SuspectedAttack,
}

/// What follows from one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send another frame; meanwhile show this.
    Continue(Guidance),
    /// The verification is over; later frames change nothing.
    Decided(Outcome),
}
