//! Every number that a decision depends on, with its reason.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ModelHash;

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
            clear: 0.9,
            unrest: 0.027,
            periodic: 60.0,
            first_look: Duration::from_millis(800),
            last_look: Duration::from_millis(1600),
        }
    }
}

/// Limits of the quality of a picture, after the components of ISO/IEC 29794-5.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct QualityLimits {
    /// Least distance between the eyes, in pixels. The template network sees 35 of them.
    pub inter_eye_min: f32,
    /// Largest width of the face box, as a share of the picture's width.
    pub width_share_max: f32,
    /// Least distance of the face box from every edge, as a share of the box's width.
    pub edge_margin: f32,
    /// Largest width of a second face, as a share of the first one's: smaller ones are in the
    /// background.
    pub second_face_max: f32,
    /// Largest yaw: how far the tip of the nose is from the middle, as a share of the distance
    /// between the eyes. 93 of 100 press photographs (LFW) are within the default.
    pub yaw_max: f32,
    /// Largest pitch: how far the tip of the nose is from its usual height, as a share of the
    /// height between eyes and mouth.
    pub pitch_max: f32,
    /// Largest roll, in degrees.
    pub roll_max: f32,
    /// Least mean luminance of the aligned face (0–255). From 40 down to 15 the scores of two
    /// test photographs fell by up to 0.15.
    pub luminance_min: f32,
    /// Largest mean luminance of the aligned face (0–255).
    pub luminance_max: f32,
    /// Least variance of the Laplacian of the aligned face. Press photographs (LFW) have 35 to
    /// 660; a blur of 4 pixels (with 75 between the eyes) makes 17 and costs 0.17 of the score.
    pub sharpness_min: f32,
}

impl QualityLimits {
    /// For frames of the kiosk's camera (640×480).
    pub const PROBE: Self = Self {
        inter_eye_min: 60.0,
        width_share_max: 0.7,
        edge_margin: 0.05,
        second_face_max: 1.0 / 3.0,
        yaw_max: 0.35,
        pitch_max: 0.25,
        roll_max: 25.0,
        luminance_min: 40.0,
        luminance_max: 215.0,
        sharpness_min: 25.0,
    };

    /// For certificate photos, which may be smaller and fill the picture more.
    pub const REFERENCE: Self =
        Self { inter_eye_min: 40.0, width_share_max: 1.0, edge_margin: 0.0, ..Self::PROBE };
}

impl Default for QualityLimits {
    fn default() -> Self {
        Self::PROBE
    }
}
