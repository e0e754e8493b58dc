//! Which face is meant, and whether the whole of it is in the picture.

use image::RgbImage;

use crate::QualityLimits;
use crate::align::{ALIGNED, Similarity, TEMPLATE_POINTS};
use crate::detect::Face;
use crate::quality::{Defect, Pose};

/// Centre and half axes of a face's oval, from brow to chin and temple to temple, in the
/// 112×112 pixels of an aligned face.
const OVAL_CENTRE: [f32; 2] = [56.0, 66.0];
const OVAL_AXES: [f32; 2] = [38.0, 50.0];
/// The oval is looked at in steps of this many pixels.
const STEP: usize = 4;

/// Whether a pixel of an aligned face is inside the face's oval.
pub(crate) fn in_face(x: f32, y: f32) -> bool {
    let across = (x - OVAL_CENTRE[0]) / OVAL_AXES[0];
    let down = (y - OVAL_CENTRE[1]) / OVAL_AXES[1];
    across * across + down * down <= 1.0
}

/// The one face of a picture, if its place, size and pose allow a comparison. `faces` has the
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
    if overhang(&face, image) > limits.overhang_max
        || share_outside(&face, image).ok_or(Defect::NoFace)? > limits.outside_max
    {
        return Err(Defect::CutOff);
    }
    if face.inter_eye() < limits.inter_eye_min {
        return Err(Defect::TooSmall);
    }
    if !Pose::of(&face.landmarks).within(limits) {
        return Err(Defect::TurnedAway);
    }
    Ok(face)
}

/// How far the detector's box reaches over the picture's edge, as a share of the box's width;
/// negative for a box inside.
fn overhang(face: &Face, image: &RgbImage) -> f32 {
    let right = face.left + face.width - image.width() as f32;
    let bottom = face.top + face.height - image.height() as f32;
    (-face.left).max(-face.top).max(right).max(bottom) / face.width
}

/// The share of the face's oval that is outside of the picture, 0..1. `None` if the landmarks
/// are not those of a face.
///
/// The detector's box alone says too little: where a face is cut off it ends at the edge, as
/// the box of a face that just touches the edge does.
fn share_outside(face: &Face, image: &RgbImage) -> Option<f32> {
    let back = Similarity::between(&face.landmarks, &TEMPLATE_POINTS)?.inverse()?;
    let (right, bottom) = (image.width() as f32 - 0.5, image.height() as f32 - 0.5);
    let (mut outside, mut all) = (0.0, 0.0);
    for y in (0..ALIGNED).step_by(STEP) {
        for x in (0..ALIGNED).step_by(STEP) {
            let point = [x as f32, y as f32];
            if in_face(point[0], point[1]) {
                let [x, y] = back.apply(point);
                all += 1.0;
                outside += f32::from(x < -0.5 || y < -0.5 || x > right || y > bottom);
            }
        }
    }
    Some(outside / all)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let beside = face(20.0, 20.0, 60.0);
        let turned = with(|face| face.landmarks[2][0] += 60.0);
        let bowed = with(|face| face.landmarks[2][1] += 40.0);
        let tilted = with(|face| face.landmarks[1][1] += 80.0);
        let broken = with(|face| face.landmarks = [[300.0, 200.0]; 5]);
        let cases: [(&str, &[Face], Result<Face, Defect>); 16] = [
            ("nobody", &[], Err(Defect::NoFace)),
            ("one", &[good], Ok(good)),
            ("one, and one far behind", &[good, background], Ok(good)),
            ("two", &[good, beside], Err(Defect::SeveralFaces)),
            (
                "small, as at arm's length and a step",
                &[face(250.0, 120.0, 25.0)],
                Ok(face(250.0, 120.0, 25.0)),
            ),
            ("far", &[face(250.0, 120.0, 23.0)], Err(Defect::TooSmall)),
            ("near", &[face(20.0, -150.0, 280.0)], Err(Defect::TooWide)),
            ("just inside", &[face(2.0, 120.0, 80.0)], Ok(face(2.0, 120.0, 80.0))),
            ("at the left edge", &[face(-30.0, 120.0, 80.0)], Err(Defect::CutOff)),
            ("at the right edge", &[face(510.0, 120.0, 80.0)], Err(Defect::CutOff)),
            ("at the top edge", &[face(250.0, -30.0, 80.0)], Err(Defect::CutOff)),
            ("at the bottom edge", &[face(250.0, 310.0, 80.0)], Err(Defect::CutOff)),
            ("turned", &[turned], Err(Defect::TurnedAway)),
            ("bowed", &[bowed], Err(Defect::TurnedAway)),
            ("tilted", &[tilted], Err(Defect::TurnedAway)),
            ("no face at all", &[broken], Err(Defect::NoFace)),
        ];
        let frame = RgbImage::new(640, 480);
        for (name, faces, expected) in cases {
            assert_eq!(one_face(&frame, faces, &LIMITS), expected, "{name}");
        }
    }

    #[test]
    fn the_share_outside_grows_as_the_face_leaves_the_picture() {
        let frame = RgbImage::new(640, 480);
        let share = |left: f32| share_outside(&face(left, 120.0, 80.0), &frame);
        assert_eq!(share(200.0), Some(0.0));
        let shares: Vec<_> = [-20.0, -60.0, -100.0, -400.0].map(share).to_vec();
        assert!(shares.is_sorted() && shares[3] == Some(1.0), "{shares:?}");
    }
}
