//! Exposure of an aligned face, and its evenness.

use crate::align::ALIGNED;
use crate::quality::placement::in_face;

/// From this luminance on a pixel is clipped.
const CLIPPED: f32 = 250.0;

/// The light on a face, from the pixels of its oval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exposure {
    /// Mean luminance, 0–255.
    pub(crate) mean: f32,
    /// Share of pixels that are clipped, 0..1.
    pub(crate) clipped: f32,
    /// From the darkest to the brightest twentieth, 0–255.
    pub(crate) contrast: f32,
    /// How many times as bright the brighter half is as the darker one, 1 or more.
    pub(crate) unevenness: f32,
}

impl Exposure {
    pub(crate) fn of(grey: &[f32]) -> Self {
        let mut histogram = [0_u32; 256];
        let mut halves = [(0.0_f32, 0.0_f32); 2];
        let mut clipped = 0.0;
        for (i, &value) in grey.iter().enumerate() {
            let (x, y) = (i % ALIGNED, i / ALIGNED);
            if !in_face(x as f32, y as f32) {
                continue;
            }
            let (sum, count) = &mut halves[usize::from(x >= ALIGNED / 2)];
            *sum += value;
            *count += 1.0;
            histogram[value.clamp(0.0, 255.0) as usize] += 1;
            if value >= CLIPPED {
                clipped += 1.0;
            }
        }
        let [(left, left_count), (right, right_count)] = halves;
        let count = left_count + right_count;
        // Some light is added to both, so that noise in the dark does not make a ratio.
        let (left_mean, right_mean) = (left / left_count + 4.0, right / right_count + 4.0);
        let at = |share: f32| {
            let mut left = share * count;
            let reached = histogram.iter().position(|&pixels| {
                left -= pixels as f32;
                left <= 0.0
            });
            reached.unwrap_or(255) as f32
        };
        Self {
            mean: (left + right) / count,
            clipped: clipped / count,
            contrast: at(0.95) - at(0.05),
            unevenness: left_mean.max(right_mean) / left_mean.min(right_mean),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn light(value: impl Fn(usize, usize) -> f32) -> Exposure {
        let grey: Vec<f32> =
            (0..ALIGNED * ALIGNED).map(|i| value(i % ALIGNED, i / ALIGNED)).collect();
        Exposure::of(&grey)
    }

    #[test]
    fn measures_the_light_of_the_face_and_not_of_what_is_around() {
        let face = light(|x, y| if in_face(x as f32, y as f32) { 100.0 } else { 255.0 });
        assert!((face.mean - 100.0).abs() < 0.01 && face.clipped < 0.01, "{face:?}");
        assert!(face.contrast < 1.0 && (face.unevenness - 1.0).abs() < 0.01, "{face:?}");
    }

    #[test]
    fn a_half_in_the_dark_is_uneven_whichever_half_it_is() {
        for dark in [0, 1] {
            let face = light(|x, _| if usize::from(x >= 56) == dark { 26.0 } else { 146.0 });
            assert!((face.unevenness - 5.0).abs() < 0.01, "{face:?}");
            assert!((face.contrast - 120.0).abs() < 2.0, "{face:?}");
        }
    }

    #[test]
    fn clipped_pixels_are_counted() {
        let face = light(|_, y| if y % 2 == 0 { 255.0 } else { 100.0 });
        assert!((face.clipped - 0.5).abs() < 0.02, "{face:?}");
    }
}
