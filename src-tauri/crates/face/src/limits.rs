//! Every number that a decision depends on, with its reason.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::QualityLimits;

/// Limits of one verification.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Least fused comparison score (cosine, −1..1) of a match.
    ///
    /// 0.557 is where the false match rate of `fr_feature.onnx` was 1:10,000 in the *worst*
    /// group measured (18,915 impostor pairs of East Asian volunteers indoors). On LFW the same
    /// rate needs about 0.35, which lets 4.9 % of the impostors of that group through.
    pub threshold: f32,
    /// Least mean probability (0..1) that the probes are bona fide.
    ///
    /// At 0.5 `fr_liveness.onnx` rejected 8 % of single bona fide frames of a public set and
    /// accepted 45 % of the prints; over five frames it still accepted half of the prints where
    /// it rejected 5 % of the bona fide presentations. A higher limit costs visitors more than
    /// it costs attackers. This is one piece of evidence, not attack detection.
    pub attack_threshold: f32,
    /// Usable frames needed before a match; values below 2 count as 2, for no single frame
    /// ever decides.
    pub frames: usize,
    /// Usable frames after which a score below the threshold is a non-match; values below
    /// [`Limits::frames`] count as that.
    pub non_match_frames: usize,
    /// How many frames, the best in quality, are fused; values below [`Limits::frames`] count
    /// as that.
    pub fused_frames: usize,
    /// When the verification ends with what it has.
    pub time_limit: Duration,
    /// Limits of the quality of a probe.
    pub quality: QualityLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            threshold: 0.557,
            attack_threshold: 0.5,
            frames: 3,
            non_match_frames: 8,
            fused_frames: 5,
            time_limit: Duration::from_secs(10),
            quality: QualityLimits::PROBE,
        }
    }
}
