//! Sixty-eight points of a face, for motion and eyes. The alignment keeps to the detector's five:
//! with these ones the comparison is far worse.

use image::RgbImage;

use crate::FaceError;
use crate::align::Point;
use crate::detect::Face;
use crate::network::Network;
use crate::window::Window;

/// The points in the usual order: jaw 0–16, brows 17–26, nose 27–35, eyes 36–47, mouth 48–67.
pub(crate) type Mask = [Point; 68];

/// The points of a face in the image. `None` if the network gives no numbers.
pub(crate) fn landmarks(
    network: &Network,
    image: &RgbImage,
    face: &Face,
) -> Result<Option<Mask>, FaceError> {
    let (width, height) = network.input_size();
    let window = Window::around(image, face, 1.0);
    let outputs = network.run(&window.pixels(image, width, height))?;
    let Some(values) = outputs.first() else { return Ok(None) };
    let mut mask = [[0.0; 2]; 68];
    for (point, share) in mask.iter_mut().zip(values.chunks_exact(2)) {
        *point = window.at([share[0], share[1]]);
    }
    Ok(mask.iter().flatten().all(|value| value.is_finite()).then_some(mask))
}

/// Eyes, tip of the nose and corners of the mouth among the points, as the detector gives them.
pub(crate) fn five(mask: &Mask) -> [Point; 5] {
    let middle = |from: usize| {
        let sum = mask[from..from + 6].iter().fold([0.0; 2], |s, p| [s[0] + p[0], s[1] + p[1]]);
        sum.map(|value| value / 6.0)
    };
    [middle(36), middle(42), mask[30], mask[48], mask[54]]
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::detect::detect;
    use crate::manifest::Role;
    use crate::testing::{camera_frame, models_dir};

    #[test]
    fn the_points_are_where_the_detector_sees_eyes_nose_and_mouth() {
        let detector = Network::load(&models_dir(), Role::Detector).unwrap();
        let network = Network::load(&models_dir(), Role::Landmarks).unwrap();
        for name in ["obama.jpg", "obama2.jpg", "biden.jpg"] {
            let frame = camera_frame(name);
            let face = detect(&detector, &frame).unwrap()[0];
            let mask = landmarks(&network, &frame, &face).unwrap().unwrap();
            for (found, expected) in five(&mask).iter().zip(&face.landmarks) {
                let away = (found[0] - expected[0]).hypot(found[1] - expected[1]);
                assert!(away < 0.2 * face.inter_eye(), "{name}: {found:?} {expected:?}");
            }
        }
    }
}
