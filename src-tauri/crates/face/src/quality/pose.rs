//! Where a face looks, roughly, from the detector's five landmarks.
//!
//! The tip of the nose stands out of the plane of eyes and mouth, so it moves aside by the
//! tangent of the angle when the head turns. How far it stands out differs between people, and
//! no landmark network runs here: on 105 press and portrait photographs the angles differed
//! from those of a head-pose network (`fr_pose.onnx`, not part of the product) by a standard
//! deviation of 3° in yaw, 9° in pitch and 4° in roll. Good enough for a limit, not for more.

use crate::QualityLimits;
use crate::align::Point;

/// How far the tip of the nose stands out, in distances between the eyes: the value for which
/// the yaw agrees best with the head-pose network.
const NOSE_ACROSS: f32 = 0.64;
/// The same in heights between eyes and mouth, for the pitch.
const NOSE_DOWN: f32 = 0.5;
/// Height of the tip of a frontal face's nose between eyes (0) and mouth (1): the median of the
/// detector's landmarks on 100 press photographs of LFW.
const NOSE_HEIGHT: f32 = 0.556;

/// Where the tip of the nose is inside the face; 0 and 0 for a frontal one. What a turn of the
/// head changes, and no movement of a plane in its own plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Nose {
    /// From the middle of the face to the right of the image, in distances between the eyes.
    pub(crate) across: f32,
    /// From its usual height downwards, in heights between eyes and mouth.
    pub(crate) down: f32,
}

impl Nose {
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
        Self { across: dot(aside, across) / dot(across, across), down: height - NOSE_HEIGHT }
    }
}

/// A rough pose in degrees; all 0 for a frontal face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pose {
    /// Positive when the nose points to the right of the image, which is the left of the person.
    pub(crate) yaw: f32,
    /// Positive when the head is bowed.
    pub(crate) pitch: f32,
    /// Angle of the line through the eyes; positive when it falls to the right of the image.
    pub(crate) roll: f32,
}

impl Pose {
    pub(crate) fn of(landmarks: &[Point; 5]) -> Self {
        let nose = Nose::of(landmarks);
        let [left_eye, right_eye, ..] = *landmarks;
        let [right, down] = [right_eye[0] - left_eye[0], right_eye[1] - left_eye[1]];
        Self {
            yaw: (nose.across / NOSE_ACROSS).atan().to_degrees(),
            pitch: (nose.down / NOSE_DOWN).atan().to_degrees(),
            roll: down.atan2(right).to_degrees(),
        }
    }

    /// Whether the angles are within the limits; angles that are no numbers are not.
    pub(crate) fn within(self, limits: &QualityLimits) -> bool {
        self.yaw.abs() <= limits.yaw_max
            && self.pitch.abs() <= limits.pitch_max
            && self.roll.abs() <= limits.roll_max
    }

    /// 1 for a frontal face, 0 at a limit. The roll does not count: aligning undoes it.
    pub(crate) fn frontal(self, limits: &QualityLimits) -> f32 {
        let yaw = 1.0 - self.yaw.abs() / limits.yaw_max;
        let pitch = 1.0 - self.pitch.abs() / limits.pitch_max;
        yaw.min(pitch).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::TEMPLATE_POINTS;

    const LIMITS: QualityLimits = QualityLimits::PROBE;

    #[test]
    fn landmarks_in_one_place_are_not_frontal() {
        assert!(!Pose::of(&[[300.0, 200.0]; 5]).within(&LIMITS));
    }

    #[test]
    fn the_pose_does_not_depend_on_roll_or_size() {
        let mut landmarks = TEMPLATE_POINTS;
        landmarks[2][0] += 10.0;
        let pose = Pose::of(&landmarks);
        let turned = landmarks.map(|[x, y]| [2.0 * (0.8 * x - 0.6 * y), 2.0 * (0.6 * x + 0.8 * y)]);
        let same = Pose::of(&turned);
        assert!((pose.yaw - same.yaw).abs() < 0.1 && (pose.pitch - same.pitch).abs() < 0.1);
        assert!((same.roll - pose.roll - 36.87).abs() < 0.1, "{}", same.roll);
    }

    /// A head of which the nose stands out by the constants above, turned and seen from afar.
    fn turned(yaw: f32, pitch: f32) -> [Point; 5] {
        // Across, down, and towards the camera, in distances between the eyes.
        let height = 1.15_f32;
        let head = [
            [-0.5, 0.0, 0.0],
            [0.5, 0.0, 0.0],
            [0.0, NOSE_HEIGHT * height, NOSE_ACROSS],
            [-0.4, height, 0.0],
            [0.4, height, 0.0],
        ];
        let (sin, cos) = yaw.to_radians().sin_cos();
        let (nod_sin, nod_cos) = pitch.to_radians().sin_cos();
        head.map(|[x, y, z]| {
            let (x, z) = (x * cos + z * sin, z * cos - x * sin);
            let y = y * nod_cos + z * nod_sin;
            [100.0 * x, 100.0 * y]
        })
    }

    #[test]
    fn angles_of_a_turned_head_come_back() {
        for (yaw, pitch) in [(0.0, 0.0), (20.0, 0.0), (-35.0, 0.0), (0.0, 20.0), (0.0, -25.0)] {
            let pose = Pose::of(&turned(yaw, pitch));
            // The nose of this head stands out a little more than the pitch's constant says.
            assert!((pose.yaw - yaw).abs() < 1.0, "{yaw}: {pose:?}");
            assert!((pose.pitch - pitch).abs() < 5.0, "{pitch}: {pose:?}");
        }
    }
}
