//! Every number that a decision depends on, with its reason.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{ModelHash, QualityLimits};

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
    /// SHA-256 of the template model that the threshold was calibrated for. An engine with
    /// another model refuses it ([`crate::Engine::check_threshold`]): the scores of two models
    /// have nothing to do with each other.
    pub threshold_model: ModelHash,
    /// Mean probability (0..1) of the passive network below which a presentation is suspected,
    /// whatever else speaks for it.
    ///
    /// At 0.5 `fr_liveness.onnx` rejected 8 % of single bona fide frames of a public set, so the
    /// limit is lower; what it lets through has to show life ([`AttackLimits`]).
    pub attack_threshold: f32,
    /// Limits of attack detection beside the network's.
    pub attack: AttackLimits,
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
            threshold_model: ModelHash::FR_FEATURE,
            attack_threshold: 0.2,
            attack: AttackLimits::default(),
            frames: 3,
            non_match_frames: 8,
            fused_frames: 5,
            time_limit: Duration::from_secs(10),
            quality: QualityLimits::PROBE,
        }
    }
}

/// Limits of attack detection.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttackLimits {
    /// When a visitor is asked to move.
    pub challenge: ChallengePolicy,
    /// Mean probability of the passive network from which it has no doubt: below, no sign of life
    /// replaces a challenge, and two movements are asked for instead of one.
    pub clear: f32,
    /// Least motion of the landmarks that no plane explains, as a share of the distance between
    /// the eyes, that counts as a sign of life. Moved and bent prints gave up to 0.019.
    pub unrest: f32,
    /// How far a frequency may stand out of the face's spectrum (ratio of energies) before it
    /// counts as a screen's grid, which is a doubt as that of the network. Recorded faces gave up
    /// to 44, drawn screens 95 and more.
    pub periodic: f32,
    /// Share (0..1) of what is seen beside the head that may move with it before that is a doubt
    /// as the grid is; above 1 switches the cue off. Drawn prints of A4 gave 0.49 and more, people
    /// before drawn and real rooms up to 0.28.
    pub surround: f32,
    /// Share (0..1) of the frames that may show the border of a sheet or a screen around the face
    /// before that is a doubt as the grid is; above 1 switches the cue off. Most drawn prints and
    /// phones gave 0.4 and more, people before doors and posters none.
    pub border: f32,
    /// When the passive cues are looked at first, after a face appeared.
    pub first_look: Duration,
    /// When they are looked at last; a challenge follows if they do not suffice.
    pub last_look: Duration,
}

/// When a visitor is asked to move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengePolicy {
    /// When the passive cues do not suffice.
    #[default]
    WhenNeeded,
    /// Every visitor.
    Always,
    /// Nobody, and no sign of life is needed: only the network decides. For demonstrations with
    /// recorded frames, which cannot answer; it accepts prints.
    Never,
}

impl Default for AttackLimits {
    fn default() -> Self {
        Self {
            challenge: ChallengePolicy::default(),
            clear: 0.95,
            unrest: 0.027,
            periodic: 60.0,
            surround: 0.5,
            border: 0.33,
            first_look: Duration::from_millis(800),
            last_look: Duration::from_millis(1600),
        }
    }
}
