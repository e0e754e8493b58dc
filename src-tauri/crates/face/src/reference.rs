//! Why a certificate photo cannot serve as reference.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a certificate photo cannot serve as reference (POLICY.md C16: such a visitor goes to
/// the staff lane with that reason).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceProblem {
    /// Not a readable JPEG or PNG.
    #[error("not a readable JPEG or PNG picture")]
    NotAPicture,
    /// More pixels than are ever decoded.
    #[error("{width}×{height} pixels are more than are decoded")]
    TooLarge {
        /// Width in the header, in pixels.
        width: u32,
        /// Height in the header, in pixels.
        height: u32,
    },
    /// No face found.
    #[error("no face found")]
    NoFace,
    /// More than one face of comparable size.
    #[error("more than one face")]
    SeveralFaces,
    /// The eyes are too close to each other.
    #[error("the face is too small")]
    TooSmall,
    /// The face touches the picture's edge.
    #[error("the face is cut off by the edge")]
    CutOff,
    /// The face is too dark.
    #[error("the face is too dark")]
    TooDark,
    /// The face is too bright.
    #[error("the face is too bright")]
    TooBright,
    /// One half of the face is much darker than the other.
    #[error("the light on the face is uneven")]
    UnevenLight,
    /// The face is blurred.
    #[error("the face is blurred")]
    Blurred,
    /// The face is turned away.
    #[error("the face is turned away")]
    TurnedAway,
    /// Both eyes are closed.
    #[error("the eyes are closed")]
    EyesClosed,
    /// Mouth and nose are covered.
    #[error("mouth and nose are covered")]
    Covered,
    /// A network failed on this picture.
    #[error("the picture could not be processed")]
    NotProcessed,
}

impl ReferenceProblem {
    /// A stable word for databases and reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAPicture => "not_a_picture",
            Self::TooLarge { .. } => "too_large",
            Self::NoFace => "no_face",
            Self::SeveralFaces => "several_faces",
            Self::TooSmall => "too_small",
            Self::CutOff => "cut_off",
            Self::TooDark => "too_dark",
            Self::TooBright => "too_bright",
            Self::UnevenLight => "uneven_light",
            Self::Blurred => "blurred",
            Self::TurnedAway => "turned_away",
            Self::EyesClosed => "eyes_closed",
            Self::Covered => "covered",
            Self::NotProcessed => "not_processed",
        }
    }
}
