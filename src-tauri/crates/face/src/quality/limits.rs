//! The limits of quality, each with its reason.

use serde::{Deserialize, Serialize};

/// Limits of the quality of a picture, after the components of ISO/IEC 29794-5 (OFIQ is its
/// reference implementation). The figures behind the defaults are in
/// `docs/decisions/0007-quality.md`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QualityLimits {
    /// Least distance between the eyes, in pixels. The template network sees 35 of them; scores
    /// of press photographs stay the same down to 24 and fall below 20.
    pub inter_eye_min: f32,
    /// Largest width of the face box, as a share of the picture's width.
    pub width_share_max: f32,
    /// How far the face box may reach over the picture's edge, as a share of the box's width.
    pub overhang_max: f32,
    /// Largest share (0..1) of the face's oval, from brow to chin, outside of the picture.
    /// Above a tenth scores fall fast.
    pub outside_max: f32,
    /// Largest width of a second face, as a share of the first one's: smaller ones are in the
    /// background.
    pub second_face_max: f32,
    /// Largest yaw (turning left or right), in degrees, ± about 6.
    pub yaw_max: f32,
    /// Largest pitch (bowing, raising), in degrees, ± about 18: people's noses differ.
    pub pitch_max: f32,
    /// Largest roll (leaning), in degrees.
    pub roll_max: f32,
    /// Least mean luminance of the face (0–255).
    pub luminance_min: f32,
    /// Largest mean luminance of the face (0–255).
    pub luminance_max: f32,
    /// Largest share (0..1) of the face's pixels that are clipped at white.
    pub clipped_max: f32,
    /// Least difference of luminance (0–255) between the darkest and the brightest twentieth of
    /// the face.
    pub contrast_min: f32,
    /// How many times as bright as the darker half of the face the brighter one may be.
    pub unevenness_max: f32,
    /// Least sharpness: how much faster the luminance changes over two pixels of the aligned
    /// face than that of a smooth picture would. Press photographs have 0.7 to 2.9, such with
    /// 24 pixels between the eyes 0.57 or more.
    pub sharpness_min: f32,
    /// Largest probability (0..1) that both eyes are closed; 1 switches the check off.
    pub eyes_closed_max: f32,
    /// Largest probability (0..1) that mouth and nose are covered; 1 switches the check off.
    pub cover_max: f32,
}

impl QualityLimits {
    /// For frames of the kiosk's camera (640×480).
    pub const PROBE: Self = Self {
        inter_eye_min: 24.0,
        width_share_max: 0.8,
        overhang_max: 0.05,
        outside_max: 0.03,
        second_face_max: 0.7,
        yaw_max: 40.0,
        pitch_max: 30.0,
        roll_max: 40.0,
        luminance_min: 30.0,
        luminance_max: 225.0,
        clipped_max: 0.3,
        contrast_min: 28.0,
        unevenness_max: 3.0,
        sharpness_min: 0.35,
        eyes_closed_max: 0.95,
        cover_max: 0.95,
    };

    /// For certificate photos: the same, but the face may fill the picture.
    pub const REFERENCE: Self = Self { width_share_max: 1.0, ..Self::PROBE };

    /// The name of the first limit that is out of its range, if any: a limit beyond all measure
    /// would reject everybody or nobody without a word.
    pub fn out_of_range(&self) -> Option<&'static str> {
        let ranges = [
            ("inter_eye_min", self.inter_eye_min, 16.0, 200.0),
            ("width_share_max", self.width_share_max, 0.2, 1.0),
            ("overhang_max", self.overhang_max, -0.5, 0.5),
            ("outside_max", self.outside_max, 0.0, 0.5),
            ("second_face_max", self.second_face_max, 0.1, 1.0),
            ("yaw_max", self.yaw_max, 10.0, 60.0),
            ("pitch_max", self.pitch_max, 10.0, 60.0),
            ("roll_max", self.roll_max, 10.0, 60.0),
            ("luminance_min", self.luminance_min, 0.0, 100.0),
            ("luminance_max", self.luminance_max, 150.0, 255.0),
            ("clipped_max", self.clipped_max, 0.05, 1.0),
            ("contrast_min", self.contrast_min, 0.0, 100.0),
            ("unevenness_max", self.unevenness_max, 1.2, 20.0),
            ("sharpness_min", self.sharpness_min, 0.0, 2.0),
            ("eyes_closed_max", self.eyes_closed_max, 0.5, 1.0),
            ("cover_max", self.cover_max, 0.5, 1.0),
        ];
        // A value that is no number is in no range.
        ranges
            .into_iter()
            .find(|(_, value, least, most)| !(least..=most).contains(&value))
            .map(|(name, ..)| name)
    }
}

impl Default for QualityLimits {
    fn default() -> Self {
        Self::PROBE
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_defaults_are_in_range_and_each_limit_is_checked() {
        for limits in [QualityLimits::PROBE, QualityLimits::REFERENCE] {
            assert_eq!(limits.out_of_range(), None);
        }
        let toml::Value::Table(names) = toml::Value::try_from(QualityLimits::PROBE).unwrap() else {
            panic!("not a table")
        };
        assert_eq!(names.len(), 16);
        for name in names.keys() {
            for value in ["-1.0", "1e9", "nan"] {
                let limits: QualityLimits = toml::from_str(&format!("{name} = {value}")).unwrap();
                assert_eq!(limits.out_of_range(), Some(name.as_str()), "{name} = {value}");
            }
        }
    }

    #[test]
    fn unknown_limits_are_refused_and_missing_ones_are_the_defaults() {
        assert!(toml::from_str::<QualityLimits>("yaw = 3").is_err());
        let limits: QualityLimits = toml::from_str("yaw_max = 20").unwrap();
        assert_eq!(limits, QualityLimits { yaw_max: 20.0, ..QualityLimits::PROBE });
    }
}
