//! Judging a picture before it is compared, after the components of ISO/IEC 29794-5.
//!
//! Nearly all false non-matches that were measured came from faces cut off by the frame's
//! edge: what is compared matters more than how. The measured values stay in this crate; what
//! leaves it is what the visitor may do, or why a photo is unusable. Nothing is said about the
//! person (POLICY.md C05).

mod cover;
mod exposure;
mod limits;
mod patience;
mod placement;
mod pose;
mod sharpness;

pub use limits::QualityLimits;
pub use patience::Patience;
pub(crate) use placement::one_face;
pub(crate) use pose::{Nose, Pose};

use crate::buffers::Planes;
use crate::detect::Face;
use crate::{Guidance, ReferenceProblem};
use exposure::Exposure;

/// Why a picture is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    NoFace,
    SeveralFaces,
    TooSmall,
    TooWide,
    CutOff,
    TooDark,
    TooBright,
    UnevenLight,
    Blurred,
    TurnedAway,
    EyesClosed,
    Covered,
}

impl Defect {
    /// What a visitor can do about it.
    pub(crate) fn guidance(self) -> Guidance {
        match self {
            Self::NoFace => Guidance::NoFace,
            Self::SeveralFaces => Guidance::SeveralFaces,
            Self::TooSmall => Guidance::ComeCloser,
            Self::TooWide => Guidance::MoveBack,
            Self::CutOff => Guidance::CentreFace,
            Self::TooDark => Guidance::TooDark,
            Self::TooBright => Guidance::TooBright,
            Self::UnevenLight => Guidance::UnevenLight,
            Self::Blurred => Guidance::HoldStill,
            Self::TurnedAway => Guidance::LookAtCamera,
            Self::EyesClosed => Guidance::OpenEyes,
            Self::Covered => Guidance::Uncover,
        }
    }

    /// What it means for a certificate photo.
    pub(crate) fn problem(self) -> ReferenceProblem {
        match self {
            Self::NoFace => ReferenceProblem::NoFace,
            Self::SeveralFaces => ReferenceProblem::SeveralFaces,
            Self::TooSmall => ReferenceProblem::TooSmall,
            Self::TooWide | Self::CutOff => ReferenceProblem::CutOff,
            Self::TooDark => ReferenceProblem::TooDark,
            Self::TooBright => ReferenceProblem::TooBright,
            Self::UnevenLight => ReferenceProblem::UnevenLight,
            Self::Blurred => ReferenceProblem::Blurred,
            Self::TurnedAway => ReferenceProblem::TurnedAway,
            Self::EyesClosed => ReferenceProblem::EyesClosed,
            Self::Covered => ReferenceProblem::Covered,
        }
    }
}

/// How good the picture of an aligned face is, 0..1 and higher for better, if it is good
/// enough at all. The eyes are judged apart, by [`eyes_open`].
pub(crate) fn picture(
    face: &Face,
    aligned: &Planes,
    limits: &QualityLimits,
) -> Result<f32, Defect> {
    let grey = aligned.luminance();
    let light = Exposure::of(&grey);
    // First, since turning to the light helps the dark half too.
    if light.unevenness > limits.unevenness_max {
        return Err(Defect::UnevenLight);
    }
    if light.mean.is_nan() || light.mean < limits.luminance_min {
        return Err(Defect::TooDark);
    }
    if light.mean > limits.luminance_max || light.clipped > limits.clipped_max {
        return Err(Defect::TooBright);
    }
    if light.contrast < limits.contrast_min {
        return Err(if light.mean < 128.0 { Defect::TooDark } else { Defect::TooBright });
    }
    let sharpness = sharpness::sharpness(&grey);
    if sharpness < limits.sharpness_min {
        return Err(Defect::Blurred);
    }
    if cover::covered(aligned) > limits.cover_max {
        return Err(Defect::Covered);
    }
    // The weakest property speaks for the whole; each reaches 1 where more brings nothing.
    let pose = Pose::of(&face.landmarks).frontal(limits);
    let enough = |value: f32, at: f32| (value / at.max(f32::EPSILON)).min(1.0);
    let sharp = enough(sharpness, 3.0 * limits.sharpness_min);
    let size = enough(face.inter_eye(), 2.0 * limits.inter_eye_min);
    let even = 1.0 - light.unevenness.log2() / limits.unevenness_max.log2();
    Ok(pose.min(sharp).min(size).min(even.sqrt()).max(0.0))
}

/// Whether the eyes are open enough, given the probabilities that they are closed. One open
/// eye is enough; an eye that could not be looked at counts as open.
pub(crate) fn eyes_open(closed: [f32; 2], limits: &QualityLimits) -> Result<(), Defect> {
    if closed.iter().all(|closed| *closed > limits.eyes_closed_max) {
        Err(Defect::EyesClosed)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::{ALIGNED, TEMPLATE_POINTS};

    const LIMITS: QualityLimits = QualityLimits::PROBE;

    /// A frontal face whose eyes are `inter_eye` apart.
    fn face(inter_eye: f32) -> Face {
        let scale = inter_eye / 35.24;
        Face {
            left: 250.0,
            top: 120.0,
            width: 72.0 * scale,
            height: 92.0 * scale,
            score: 0.9,
            landmarks: TEMPLATE_POINTS.map(|p| p.map(|value| value * scale)),
        }
    }

    /// A grey texture of this contrast and fineness; grey is never called covered.
    fn texture(light: impl Fn(usize) -> f32, contrast: f32, size: f32) -> Planes {
        let mut planes = Planes::new(ALIGNED, ALIGNED);
        for (x, y) in (0..ALIGNED * ALIGNED).map(|i| (i % ALIGNED, i / ALIGNED)) {
            let detail = (x as f32 / size).sin() + (y as f32 / size).sin();
            let value = light(x) * (1.0 + contrast * detail);
            planes.set(x, y, [value.clamp(0.0, 255.0); 3]);
        }
        planes
    }

    #[test]
    fn judges_light_and_sharpness() {
        let cases = [
            ("good", texture(|_| 120.0, 0.3, 1.0), None),
            ("dim", texture(|_| 45.0, 0.3, 1.0), None),
            ("dark", texture(|_| 20.0, 0.3, 1.0), Some(Defect::TooDark)),
            ("bright", texture(|_| 235.0, 0.1, 1.0), Some(Defect::TooBright)),
            ("half of it clipped", texture(|_| 240.0, 0.4, 1.0), Some(Defect::TooBright)),
            ("foggy", texture(|_| 170.0, 0.02, 1.0), Some(Defect::TooBright)),
            ("in the mist at night", texture(|_| 60.0, 0.04, 1.0), Some(Defect::TooDark)),
            ("blurred", texture(|_| 120.0, 0.3, 8.0), Some(Defect::Blurred)),
            (
                "light from the side",
                texture(|x| if x < 56 { 30.0 } else { 150.0 }, 0.3, 1.0),
                Some(Defect::UnevenLight),
            ),
            (
                "a little light from the side",
                texture(|x| if x < 56 { 75.0 } else { 150.0 }, 0.3, 1.0),
                None,
            ),
        ];
        for (name, aligned, expected) in cases {
            assert_eq!(picture(&face(80.0), &aligned, &LIMITS).err(), expected, "{name}");
        }
    }

    #[test]
    fn one_open_eye_is_enough_and_an_eye_not_seen_is_not_closed() {
        for (closed, open) in [
            ([0.1, 0.2], true),
            ([0.99, 0.2], true),
            ([0.99, f32::NAN], true),
            ([0.99, 0.98], false),
        ] {
            assert_eq!(eyes_open(closed, &LIMITS).is_ok(), open, "{closed:?}");
        }
        let off = QualityLimits { eyes_closed_max: 1.0, ..LIMITS };
        assert_eq!(eyes_open([1.0, 1.0], &off), Ok(()));
    }

    #[test]
    fn a_sharper_larger_more_frontal_more_evenly_lit_face_is_better() {
        let even = |_: usize| 120.0;
        let quality =
            |face: &Face, aligned: &Planes| picture(face, aligned, &LIMITS).unwrap_or(f32::NAN);
        let sharp = texture(even, 0.3, 1.0);
        let best = quality(&face(80.0), &sharp);
        assert!((0.0..=1.0).contains(&best));
        assert!(best > quality(&face(30.0), &sharp));
        assert!(best > quality(&face(80.0), &texture(even, 0.3, 2.7)));
        let aside = texture(|x| if x < 56 { 60.0 } else { 120.0 }, 0.3, 1.0);
        assert!(best > quality(&face(80.0), &aside));
        let mut turned = face(80.0);
        turned.landmarks[2][0] += 20.0;
        assert!(best > quality(&turned, &sharp));
    }
}
