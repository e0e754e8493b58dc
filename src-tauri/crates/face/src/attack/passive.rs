//! The passive network: one frame through `MiniFASNet`.
//!
//! This network alone is weak: averaged over five frames, at a limit that rejects 5 % of bona
//! fide presentations, it still accepted half of the prints and a fifth of the screens of a
//! public set. It is one cue among others.

use image::RgbImage;

use crate::FaceError;
use crate::detect::Face;
use crate::network::Network;
use crate::window::Window;

/// How much of the surroundings the network sees: the box, this many times as wide and high.
const SURROUNDINGS: f32 = 2.7;
/// The class of bona fide presentations among the network's outputs.
const BONA_FIDE: usize = 0;

/// The probability (0..1) that the face is a bona fide presentation.
pub(crate) fn bona_fide(
    network: &Network,
    image: &RgbImage,
    face: &Face,
) -> Result<f32, FaceError> {
    let (width, height) = network.input_size();
    let surroundings = Window::around(image, face, SURROUNDINGS).pixels(image, width, height);
    let outputs = network.run(&surroundings)?;
    Ok(outputs.first().map_or(f32::NAN, |logits| softmax(logits, BONA_FIDE)))
}

/// The probability of one class.
fn softmax(logits: &[f32], class: usize) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
    logits.get(class).map_or(f32::NAN, |logit| (logit - largest).exp() / sum)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::buffers::Planes;
    use crate::detect::detect;
    use crate::manifest::Role;
    use crate::testing::{Vectors, camera_frame, models_dir, pattern, picture};

    #[test]
    fn the_logits_are_those_of_onnx_runtime() {
        let network = Network::load(&models_dir(), Role::Attack).unwrap();
        let outputs = network.run(&bgr_pattern()).unwrap();
        for (found, expected) in outputs[0].iter().zip(&Vectors::read().pattern.attack) {
            assert!((found - expected).abs() < 2e-3, "{found} {expected}");
        }
    }

    /// The pattern with its first plane as the model's first, which is blue.
    fn bgr_pattern() -> Planes {
        let pattern = pattern(128, 128);
        let mut swapped = Planes::new(128, 128);
        for (x, y) in (0..128 * 128).map(|i| (i % 128, i / 128)) {
            let [first, second, third] = pattern.get(x, y);
            swapped.set(x, y, [third, second, first]);
        }
        swapped
    }

    #[test]
    fn photographs_are_as_bona_fide_as_in_the_reference_pipeline() {
        let detector = Network::load(&models_dir(), Role::Detector).unwrap();
        let network = Network::load(&models_dir(), Role::Attack).unwrap();
        for expected in Vectors::read().face {
            let picture = picture(&expected.picture);
            let faces = detect(&detector, picture.image()).unwrap();
            let found = bona_fide(&network, picture.image(), &faces[0]).unwrap();
            assert!((found - expected.bona_fide).abs() < 0.02, "{}: {found}", expected.picture);
            let frame = camera_frame(&expected.picture);
            let faces = detect(&detector, &frame).unwrap();
            let found = bona_fide(&network, &frame, &faces[0]).unwrap();
            assert!(found > 0.9, "{} before the camera: {found}", expected.picture);
        }
    }

    #[test]
    fn the_probabilities_of_all_classes_sum_up_to_one() {
        let logits = [100.0, -3.0, 99.0];
        let sum: f32 = (0..3).map(|class| softmax(&logits, class)).sum();
        assert!((sum - 1.0).abs() < 1e-6);
        assert!(softmax(&logits, 3).is_nan());
    }
}
