//! Sharpness of an aligned face.

use crate::align::ALIGNED;

/// Pixels at the edge that are not looked at: outside of a picture is black, and the step there
/// is sharp.
const EDGE: usize = 12;
/// Half the distances, in pixels, over which the luminance is compared.
const NEAR: usize = 1;
const FAR: usize = 3;
/// Mean square of a change (of 255) below which there is nothing to be sharp.
const FLAT: f32 = 2.0;

/// How much faster the luminance changes over two pixels than a smooth picture's would, given
/// its change over six: 0 for a picture that is smooth at this scale. Of the two directions the
/// less sharp one counts, so that motion blur is seen.
///
/// A ratio of changes does not depend on exposure or contrast, as the variance of the Laplacian
/// (Pech-Pacheco et al., 2000) does: a dark face is not a blurred one.
pub(crate) fn sharpness(grey: &[f32]) -> f32 {
    along(grey, 1).min(along(grey, ALIGNED))
}

/// Sharpness in one direction; `step` is the distance between neighbours in the buffer.
fn along(grey: &[f32], step: usize) -> f32 {
    let (mut near, mut far, mut count) = (0.0, 0.0, 0.0);
    for y in EDGE..ALIGNED - EDGE {
        for x in EDGE..ALIGNED - EDGE {
            let at = y * ALIGNED + x;
            let change = |distance: usize| grey[at + distance * step] - grey[at - distance * step];
            near += change(NEAR).powi(2);
            far += change(FAR).powi(2);
            count += 1.0;
        }
    }
    if far < FLAT * count {
        return 0.0;
    }
    // A ramp changes three times as much over three times the distance.
    let ramp = (FAR as f32 / NEAR as f32).powi(2);
    (ramp * near / far - 1.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(value: impl Fn(f32, f32) -> f32) -> Vec<f32> {
        (0..ALIGNED * ALIGNED).map(|i| value((i % ALIGNED) as f32, (i / ALIGNED) as f32)).collect()
    }

    #[test]
    fn a_ramp_or_a_wall_is_not_sharp_and_fine_detail_is() {
        assert!(sharpness(&picture(|_, _| 90.0)) < 1e-3);
        assert!(sharpness(&picture(|x, y| x + y)) < 1e-3);
        let detail =
            |scale: f32| sharpness(&picture(|x, y| 50.0 * ((x / scale).sin() + (y / scale).sin())));
        assert!(
            detail(1.0) > detail(2.0) && detail(2.0) > detail(4.0),
            "{} {}",
            detail(1.0),
            detail(4.0)
        );
        assert!(detail(8.0) < 0.1, "{}", detail(8.0));
    }

    #[test]
    fn stripes_that_moved_along_themselves_are_blurred() {
        assert!(sharpness(&picture(|x, y| 50.0 * x.sin() + 2.0 * (y / 8.0).sin())) < 0.1);
    }

    #[test]
    fn exposure_and_contrast_do_not_matter() {
        let of = |bright: f32, contrast: f32| {
            sharpness(&picture(|x, y| bright + contrast * ((x / 1.5).sin() + (y / 2.0).sin())))
        };
        assert!((of(120.0, 40.0) - of(40.0, 8.0)).abs() < 1e-2);
    }
}
