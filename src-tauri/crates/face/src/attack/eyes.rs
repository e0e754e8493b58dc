//! Whether eyes are open, and the blink of a face that is followed.

use std::time::Duration;

use image::RgbImage;

use crate::FaceError;
use crate::attack::crop::Window;
use crate::attack::landmarks::Mask;
use crate::network::Network;

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

/// The eyes of a followed face at one moment, as [`closure`] gives them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lids {
    pub(crate) at: Duration,
    pub(crate) closure: [f32; 2],
}

impl Lids {
    fn mean(&self) -> f32 {
        f32::midpoint(self.closure[0], self.closure[1])
    }
}

/// How far the mean of both eyes rises in a blink at least. A person's open eyes give anything
/// from −30 to +10, so that only the change tells. Flat pictures moved in a hand swing by up to 7
/// within a second, blinks by 20 to 40.
const RISE: f32 = 14.0;
/// How far each eye rises at least: a wink, or a finger over one eye, is no blink.
const RISE_EACH: f32 = 7.0;
/// Within this time before and after the closed eyes they are open.
const AROUND: Duration = Duration::from_millis(900);
/// Frames with open eyes needed on either side: one could be noise.
const OPEN: usize = 2;

/// Whether the eyes went from open to closed and back to open.
pub(crate) fn blinked(lids: &[Lids]) -> bool {
    lids.iter().enumerate().any(|(index, closed)| {
        let (before, after) = (&lids[..index], &lids[index + 1..]);
        let is_open = |lids: &&Lids| {
            let away = lids.at.abs_diff(closed.at);
            let each = closed.closure.iter().zip(lids.closure).all(|(c, o)| c - o >= RISE_EACH);
            away <= AROUND && each && closed.mean() - lids.mean() >= RISE
        };
        before.iter().filter(is_open).count() >= OPEN
            && after.iter().filter(is_open).count() >= OPEN
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::attack::landmarks::landmarks;
    use crate::detect::detect;
    use crate::manifest::Role;
    use crate::testing::{camera_frame, models_dir};

    /// Fifteen frames a second with the same number for both eyes.
    fn both(values: &[f32]) -> Vec<Lids> {
        each(&values.iter().map(|value| [*value; 2]).collect::<Vec<_>>())
    }

    fn each(values: &[[f32; 2]]) -> Vec<Lids> {
        let at = |i: usize| Duration::from_millis(66 * i as u64);
        values
            .iter()
            .enumerate()
            .map(|(i, closure)| Lids { at: at(i), closure: *closure })
            .collect()
    }

    #[test]
    fn a_blink_is_open_closed_open() {
        let (open, shut) = (-20.0, 9.0);
        let cases: [(&str, Vec<Lids>, bool); 8] = [
            ("a blink", both(&[open, open, shut, shut, open, open]), true),
            ("eyes that seem closed when open", both(&[2.0, 3.0, 24.0, 2.0, 3.0]), true),
            ("open all the time", both(&[open, -24.0, -18.0, open, -17.0, open]), false),
            ("closing only", both(&[open, open, shut, shut, shut]), false),
            ("opening only", both(&[shut, shut, open, open]), false),
            ("one frame before", both(&[open, shut, open, open]), false),
            ("one eye", each(&[[open; 2], [open; 2], [shut, open], [open; 2], [open; 2]]), false),
            ("nothing", Vec::new(), false),
        ];
        for (name, lids, expected) in cases {
            assert_eq!(blinked(&lids), expected, "{name}");
        }
        let mut slow = both(&[open, open, shut, open, open]);
        for (i, lids) in slow.iter_mut().enumerate() {
            lids.at = Duration::from_secs(i as u64);
        }
        assert!(!blinked(&slow), "no blink takes two seconds");
    }

    proptest! {
        #[test]
        fn what_swings_less_than_a_blink_is_none(
            level in -30.0_f32..20.0,
            values in prop::collection::vec(prop::array::uniform2(0.0_f32..RISE), 0..40),
        ) {
            let lids = each(&values.iter().map(|v| v.map(|v| v * 0.99 + level)).collect::<Vec<_>>());
            prop_assert!(!blinked(&lids));
        }
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
                assert!(shut - open > RISE_EACH, "{name}: {open} {shut}");
            }
        }
    }
}
