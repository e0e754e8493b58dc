//! Whether eyes are open: a quality of the picture, and over time a sign of life. Kept nowhere
//! (POLICY.md C05).

use image::RgbImage;

use crate::FaceError;
use crate::landmarks::Mask;
use crate::network::Network;
use crate::window::Window;

/// The outer corner's index of each eye; six points from there on.
const EYES: [usize; 2] = [36, 42];
/// Side of the crop, as a multiple of the eye's width.
const CROP: f32 = 1.6;
/// Least side of a crop that says anything, in pixels: a quarter of the network's input.
const SIDE_MIN: f32 = 6.0;

/// How far the network is for "closed" against "open" (difference of its logits), for the eye on
/// the left of the image and the one on the right. `None` where an eye is not whole in the image.
pub(crate) fn closure(
    network: &Network,
    image: &RgbImage,
    mask: &Mask,
) -> Result<Option<[f32; 2]>, FaceError> {
    let mut closure = [0.0; 2];
    for (value, first) in closure.iter_mut().zip(EYES) {
        let Some(window) = eye(image, mask, first) else { return Ok(None) };
        let (width, height) = network.input_size();
        let outputs = network.run(&window.pixels(image, width, height))?;
        let Some([closed, open]) = outputs.first().map(|logits| &**logits) else {
            return Ok(None);
        };
        *value = closed - open;
    }
    Ok(closure.iter().all(|value| value.is_finite()).then_some(closure))
}

/// The square around an eye, as the network's own program cuts it.
fn eye(image: &RgbImage, mask: &Mask, first: usize) -> Option<Window> {
    let lids = [1, 2, 4, 5].map(|i| mask[first + i]);
    let middle = lids.iter().fold([0.0; 2], |s, p| [s[0] + p[0] / 4.0, s[1] + p[1] / 4.0]);
    let side = ((mask[first + 3][0] - mask[first][0]) * CROP).trunc();
    let [left, top] = middle.map(|value| (value - side / 2.0).trunc());
    let inside = left >= 0.0
        && top >= 0.0
        && left + side < image.width() as f32
        && top + side < image.height() as f32;
    (side >= SIDE_MIN && inside).then_some(Window { left, top, width: side, height: side })
}

/// The probabilities (0..1) that the eyes are closed, of [`closure`]; not a number where that is
/// not known.
pub(crate) fn closed(closure: Option<[f32; 2]>) -> [f32; 2] {
    closure.map_or([f32::NAN; 2], |closure| closure.map(|logit| 1.0 / (1.0 + (-logit).exp())))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::detect::{Face, detect};
    use crate::landmarks::landmarks;
    use crate::manifest::Role;
    use crate::testing::{camera_frame, models_dir};

    #[test]
    fn open_eyes_are_open_and_lids_drawn_over_them_are_closed() {
        let load = |role| Network::load(&models_dir(), role).unwrap();
        let (detector, points, eyes) =
            (load(Role::Detector), load(Role::Landmarks), load(Role::Eyes));
        for name in ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"] {
            let frame = camera_frame(name);
            let face = detect(&detector, &frame).unwrap()[0];
            let mask = landmarks(&points, &frame, &face).unwrap().unwrap();
            let open = closed(closure(&eyes, &frame, &mask).unwrap());
            assert!(open.iter().any(|closed| *closed < 0.5), "{name}: {open:?}");
            let shut = crate::testing::with_closed_eyes(&frame, &mask);
            let shut = closed(closure(&eyes, &shut, &mask).unwrap());
            assert!(shut[0].max(shut[1]) > 0.5, "{name}: {open:?} {shut:?}");
        }
    }

    #[test]
    fn a_face_over_the_edge_or_without_size_is_no_panic() {
        let load = |role| Network::load(&models_dir(), role).unwrap();
        let (detector, points, eyes) =
            (load(Role::Detector), load(Role::Landmarks), load(Role::Eyes));
        let frame = camera_frame("obama.jpg");
        let mut face = detect(&detector, &frame).unwrap()[0];
        let look = |image: &RgbImage, face: &Face| {
            if let Some(mask) = landmarks(&points, image, face).unwrap() {
                closure(&eyes, image, &mask).unwrap();
            }
        };
        for (left, width) in [(-100.0, 150.0), (600.0, 300.0), (9e9, 1.0), (f32::NAN, f32::NAN)] {
            (face.left, face.width) = (left, width);
            look(&frame, &face);
        }
        look(&RgbImage::new(1, 1), &face);
    }

    #[test]
    fn painted_lids_count_as_closed() {
        let detector = Network::load(&models_dir(), Role::Detector).unwrap();
        let points = Network::load(&models_dir(), Role::Landmarks).unwrap();
        let eyes = Network::load(&models_dir(), Role::Eyes).unwrap();
        for name in ["obama.jpg", "obama2.jpg"] {
            let frame = camera_frame(name);
            let face = detect(&detector, &frame).unwrap()[0];
            let mask = landmarks(&points, &frame, &face).unwrap().unwrap();
            let open = closure(&eyes, &frame, &mask).unwrap().unwrap();
            let shut = crate::testing::with_closed_eyes(&frame, &mask);
            let shut = closure(&eyes, &shut, &mask).unwrap().unwrap();
            for (open, shut) in open.iter().zip(shut) {
                assert!(shut - open > 7.0, "{name}: {open} {shut}");
            }
        }
    }
}
