//! Judging a picture before it is compared, after the components of ISO/IEC 29794-5.
//!
//! Nearly all false non-matches that were measured came from faces cut off by the frame's
//! edge: what is compared matters more than how.

use image::RgbImage;

use crate::align::{ALIGNED, Point};
use crate::buffers::Planes;
use crate::detect::Face;
use crate::{Guidance, QualityLimits, ReferenceProblem};

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
    Blurred,
    TurnedAway,
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
            Self::Blurred => Guidance::HoldStill,
            Self::TurnedAway => Guidance::LookAtCamera,
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
            Self::Blurred => ReferenceProblem::Blurred,
            Self::TurnedAway => ReferenceProblem::TurnedAway,
        }
    }
}

/// The one face of a picture, if its place and size allow a comparison. `faces` has the
/// widest first.
pub(crate) fn one_face(
    image: &RgbImage,
    faces: &[Face],
    limits: &QualityLimits,
) -> Result<Face, Defect> {
    let (&face, others) = faces.split_first().ok_or(Defect::NoFace)?;
    if others.iter().any(|other| other.width > face.width * limits.second_face_max) {
        return Err(Defect::SeveralFaces);
    }
    if face.width > image.width() as f32 * limits.width_share_max {
        return Err(Defect::TooWide);
    }
    let margin = face.width * limits.edge_margin;
    let right = image.width() as f32 - face.left - face.width;
    let bottom = image.height() as f32 - face.top - face.height;
    if face.left.min(face.top).min(right).min(bottom) < margin {
        return Err(Defect::CutOff);
    }
    if face.inter_eye() < limits.inter_eye_min {
        return Err(Defect::TooSmall);
    }
    let pose = Pose::of(&face.landmarks);
    if !pose.within(limits) {
        return Err(Defect::TurnedAway);
    }
    Ok(face)
}

/// How good the picture of an aligned face is, 0..1 and higher for better, if it is good
/// enough at all.
pub(crate) fn picture(
    face: &Face,
    aligned: &Planes,
    limits: &QualityLimits,
) -> Result<f32, Defect> {
    let grey = aligned.luminance();
    let mean = grey.iter().sum::<f32>() / grey.len() as f32;
    if mean < limits.luminance_min {
        return Err(Defect::TooDark);
    }
    if mean > limits.luminance_max {
        return Err(Defect::TooBright);
    }
    let sharpness = sharpness(&grey);
    if sharpness < limits.sharpness_min {
        return Err(Defect::Blurred);
    }
    // The weakest property speaks for the whole; each reaches 1 where more brings nothing.
    let pose = Pose::of(&face.landmarks).frontal(limits);
    let sharp = (sharpness / (4.0 * limits.sharpness_min)).min(1.0);
    let size = (face.inter_eye() / (2.0 * limits.inter_eye_min)).min(1.0);
    Ok(pose.min(sharp).min(size))
}

/// A rough pose from five landmarks. A frontal face has yaw and pitch 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pose {
    /// How far the tip of the nose is from the middle of the face, across, as a share of the
    /// distance between the eyes; ±0.5 is roughly ±40°.
    pub(crate) yaw: f32,
    /// How far the tip of the nose is from its usual height between eyes and mouth, as a share
    /// of that height; positive when the head is bowed.
    pub(crate) pitch: f32,
    /// Angle of the line through the eyes, in degrees; positive when it falls to the right.
    pub(crate) roll: f32,
}

/// Height of the tip of a frontal face's nose between eyes (0) and mouth (1): the median of the
/// detector's landmarks on 100 press photographs of LFW.
const NOSE_HEIGHT: f32 = 0.556;

impl Pose {
    pub(crate) fn of(landmarks: &[Point; 5]) -> Self {
        let [left_eye, right_eye, nose, left_mouth, right_mouth] = *landmarks;
        let middle = |p: Point, q: Point| [f32::midpoint(p[0], q[0]), f32::midpoint(p[1], q[1])];
        let minus = |p: Point, q: Point| [p[0] - q[0], p[1] - q[1]];
        let dot = |p: Point, q: Point| p[0] * q[0] + p[1] * q[1];
        let eyes = middle(left_eye, right_eye);
        let mouth = middle(left_mouth, right_mouth);
        let across = minus(right_eye, left_eye);
        let down = minus(mouth, eyes);
        let nose = minus(nose, eyes);
        let height = dot(nose, down) / dot(down, down);
        // Where the nose would be on the line from eyes to mouth, and how far it is from there.
        let aside = minus(nose, [down[0] * height, down[1] * height]);
        Self {
            yaw: dot(aside, across) / dot(across, across),
            pitch: height - NOSE_HEIGHT,
            roll: across[1].atan2(across[0]).to_degrees(),
        }
    }

    fn within(self, limits: &QualityLimits) -> bool {
        self.yaw.abs() <= limits.yaw_max
            && self.pitch.abs() <= limits.pitch_max
            && self.roll.abs() <= limits.roll_max
    }

    /// 1 for a frontal face, 0 at a limit.
    fn frontal(self, limits: &QualityLimits) -> f32 {
        let yaw = 1.0 - self.yaw.abs() / limits.yaw_max;
        let pitch = 1.0 - self.pitch.abs() / limits.pitch_max;
        yaw.min(pitch).clamp(0.0, 1.0)
    }
}

/// Variance of the Laplacian (Pech-Pacheco et al., 2000) of an aligned face's luminance.
fn sharpness(grey: &[f32]) -> f32 {
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for y in 1..ALIGNED - 1 {
        for x in 1..ALIGNED - 1 {
            let at = y * ALIGNED + x;
            let around = grey[at - 1] + grey[at + 1] + grey[at - ALIGNED] + grey[at + ALIGNED];
            let value = around - 4.0 * grey[at];
            sum += value;
            squares += value * value;
            count += 1.0;
        }
    }
    let mean: f32 = sum / count;
    squares / count - mean * mean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::TEMPLATE_POINTS;

    const LIMITS: QualityLimits = QualityLimits::PROBE;

    /// A frontal face whose eyes are `inter_eye` apart and whose box begins at `left`, `top`.
    fn face(left: f32, top: f32, inter_eye: f32) -> Face {
        let scale = inter_eye / 35.24;
        Face {
            left,
            top,
            width: 72.0 * scale,
            height: 92.0 * scale,
            score: 0.9,
            landmarks: TEMPLATE_POINTS
                .map(|[x, y]| [left + (x - 20.0) * scale, top + (y - 18.0) * scale]),
        }
    }

    fn with(change: impl Fn(&mut Face)) -> Face {
        let mut face = face(250.0, 120.0, 80.0);
        change(&mut face);
        face
    }

    #[test]
    fn judges_place_size_and_pose() {
        let good = face(250.0, 120.0, 80.0);
        let background = face(20.0, 20.0, 20.0);
        let nearby = face(20.0, 20.0, 40.0);
        let turned = with(|face| face.landmarks[2][0] += 40.0);
        let bowed = with(|face| face.landmarks[2][1] += 40.0);
        let tilted = with(|face| face.landmarks[1][1] += 60.0);
        let cases: [(&str, &[Face], Result<Face, Defect>); 13] = [
            ("nobody", &[], Err(Defect::NoFace)),
            ("one", &[good], Ok(good)),
            ("one, and one far behind", &[good, background], Ok(good)),
            ("two", &[good, nearby], Err(Defect::SeveralFaces)),
            ("far", &[face(250.0, 120.0, 59.0)], Err(Defect::TooSmall)),
            ("near", &[face(50.0, -50.0, 230.0)], Err(Defect::TooWide)),
            ("at the left edge", &[face(-5.0, 120.0, 80.0)], Err(Defect::CutOff)),
            ("at the right edge", &[face(480.0, 120.0, 80.0)], Err(Defect::CutOff)),
            ("at the top edge", &[face(250.0, 3.0, 80.0)], Err(Defect::CutOff)),
            ("at the bottom edge", &[face(250.0, 290.0, 80.0)], Err(Defect::CutOff)),
            ("turned", &[turned], Err(Defect::TurnedAway)),
            ("bowed", &[bowed], Err(Defect::TurnedAway)),
            ("tilted", &[tilted], Err(Defect::TurnedAway)),
        ];
        let frame = RgbImage::new(640, 480);
        for (name, faces, expected) in cases {
            assert_eq!(one_face(&frame, faces, &LIMITS), expected, "{name}");
        }
    }

    #[test]
    fn landmarks_in_one_place_are_not_frontal() {
        let broken = with(|face| face.landmarks = [[300.0, 200.0]; 5]);
        assert!(!Pose::of(&broken.landmarks).within(&LIMITS));
    }

    #[test]
    fn the_pose_does_not_depend_on_roll_or_size() {
        let landmarks = with(|face| face.landmarks[2][0] += 10.0).landmarks;
        let pose = Pose::of(&landmarks);
        let turned = landmarks.map(|[x, y]| [2.0 * (0.8 * x - 0.6 * y), 2.0 * (0.6 * x + 0.8 * y)]);
        let same = Pose::of(&turned);
        assert!((pose.yaw - same.yaw).abs() < 1e-3 && (pose.pitch - same.pitch).abs() < 1e-3);
        assert!((same.roll - pose.roll - 36.87).abs() < 0.1, "{}", same.roll);
        assert!(pose.yaw > 0.1, "{}", pose.yaw);
    }

    /// Stripes of this contrast around a grey.
    fn stripes(grey: f32, contrast: f32) -> Planes {
        let mut planes = Planes::new(ALIGNED, ALIGNED);
        for (x, y) in (0..ALIGNED * ALIGNED).map(|i| (i % ALIGNED, i / ALIGNED)) {
            let value = if x / 4 % 2 == 0 { grey + contrast } else { grey - contrast };
            planes.set(x, y, [value; 3]);
        }
        planes
    }

    #[test]
    fn judges_exposure_and_sharpness() {
        let face = face(250.0, 120.0, 80.0);
        let cases = [
            ("good", stripes(120.0, 30.0), None),
            ("dark", stripes(30.0, 30.0), Some(Defect::TooDark)),
            ("bright", stripes(225.0, 30.0), Some(Defect::TooBright)),
            ("blurred", stripes(120.0, 2.0), Some(Defect::Blurred)),
            ("flat", stripes(120.0, 0.0), Some(Defect::Blurred)),
        ];
        for (name, aligned, expected) in cases {
            assert_eq!(picture(&face, &aligned, &LIMITS).err(), expected, "{name}");
        }
    }

    #[test]
    fn a_sharper_larger_more_frontal_face_is_better() {
        let quality = |face: &Face, contrast| {
            picture(face, &stripes(120.0, contrast), &LIMITS).unwrap_or(f32::NAN)
        };
        let best = quality(&face(200.0, 100.0, 120.0), 60.0);
        assert!((0.0..=1.0).contains(&best));
        assert!(best > quality(&face(200.0, 100.0, 62.0), 60.0));
        assert!(best > quality(&face(200.0, 100.0, 120.0), 4.0));
        let turned = with(|face| face.landmarks[2][0] += 20.0);
        assert!(best > quality(&turned, 60.0));
    }
}
