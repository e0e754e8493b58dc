//! Aligning a face to the five points that the template network was trained with.

use image::RgbImage;

use crate::buffers::Planes;

/// A position in pixels: x to the right, y down, the centre of the first pixel at (0, 0).
pub(crate) type Point = [f32; 2];

/// Side of an aligned face, in pixels.
pub(crate) const ALIGNED: usize = 112;

/// Where `ArcFace` (Deng et al., 2019) puts the eyes, the tip of the nose and the corners of
/// the mouth in 112×112 pixels; left and right as seen in the image.
pub(crate) const TEMPLATE_POINTS: [Point; 5] = [
    [38.2946, 51.6963],
    [73.5318, 51.5014],
    [56.0252, 71.7366],
    [41.5493, 92.3655],
    [70.7299, 92.2041],
];

/// Rotation with scale, and translation: `x' = a·x − b·y + u`, `y' = b·x + a·y + v`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Similarity {
    pub(crate) a: f32,
    pub(crate) b: f32,
    pub(crate) u: f32,
    pub(crate) v: f32,
}

impl Similarity {
    /// The similarity that brings `from` closest to `to` in the least squares sense (Umeyama,
    /// 1991, which in the plane and without mirroring has this closed form). `None` if all
    /// points of `from` are in one place.
    pub(crate) fn between(from: &[Point; 5], to: &[Point; 5]) -> Option<Self> {
        let centre = |points: &[Point; 5]| {
            let sum = points.iter().fold([0.0, 0.0], |[x, y], p| [x + p[0], y + p[1]]);
            [sum[0] / 5.0, sum[1] / 5.0]
        };
        let (from_centre, to_centre) = (centre(from), centre(to));
        let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (p[0] - from_centre[0], p[1] - from_centre[1]);
            let (qx, qy) = (q[0] - to_centre[0], q[1] - to_centre[1]);
            along += px * qx + py * qy;
            across += px * qy - py * qx;
            spread += px * px + py * py;
        }
        let (a, b) = (along / spread, across / spread);
        if !a.is_finite() || !b.is_finite() {
            return None;
        }
        Some(Self {
            a,
            b,
            u: to_centre[0] - a * from_centre[0] + b * from_centre[1],
            v: to_centre[1] - b * from_centre[0] - a * from_centre[1],
        })
    }

    /// The way back. `None` if the scale is 0.
    pub(crate) fn inverse(self) -> Option<Self> {
        let scale = self.a * self.a + self.b * self.b;
        if !scale.is_normal() {
            return None;
        }
        let (a, b) = (self.a / scale, -self.b / scale);
        Some(Self { a, b, u: b * self.v - a * self.u, v: -b * self.u - a * self.v })
    }

    /// Moves a point.
    pub(crate) fn apply(self, [x, y]: Point) -> Point {
        [self.a * x - self.b * y + self.u, self.b * x + self.a * y + self.v]
    }

    /// How many pixels one pixel becomes.
    pub(crate) fn scale(self) -> f32 {
        self.a.hypot(self.b)
    }
}

/// The face with these landmarks, aligned to 112×112 pixels. `None` if the landmarks are not
/// those of a face.
///
/// A pixel is interpolated between its four neighbours. Where the source is much larger than
/// the result, several such values are averaged, as picking one of many pixels would make
/// patterns that are not in the face.
pub(crate) fn align(image: &RgbImage, landmarks: &[Point; 5]) -> Option<Planes> {
    let back = Similarity::between(landmarks, &TEMPLATE_POINTS)?.inverse()?;
    let samples = (back.scale() / 2.0).round().clamp(1.0, 16.0) as usize;
    let mut aligned = Planes::new(ALIGNED, ALIGNED);
    for y in 0..ALIGNED {
        for x in 0..ALIGNED {
            let mut sum = [0.0; 3];
            for point in grid([x as f32, y as f32], samples) {
                let rgb = bilinear(image, back.apply(point));
                sum.iter_mut().zip(rgb).for_each(|(sum, value)| *sum += value);
            }
            aligned.set(x, y, sum.map(|sum| sum / (samples * samples) as f32));
        }
    }
    Some(aligned)
}

/// `samples` × `samples` evenly spaced points around the centre of a pixel.
fn grid([x, y]: Point, samples: usize) -> impl Iterator<Item = Point> {
    let at = move |i: usize| (i as f32 + 0.5) / samples as f32 - 0.5;
    (0..samples * samples).map(move |i| [x + at(i % samples), y + at(i / samples)])
}

/// The colour between four pixels; outside of the image is black.
pub(crate) fn bilinear(image: &RgbImage, [x, y]: Point) -> [f32; 3] {
    let (left, top) = (x.floor(), y.floor());
    let (right_share, bottom_share) = (x - left, y - top);
    let (left, top) = (left as i64, top as i64);
    let pixel = |x: i64, y: i64| -> [f32; 3] {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return [0.0; 3];
        };
        image.get_pixel_checked(x, y).map_or([0.0; 3], |pixel| pixel.0.map(f32::from))
    };
    let (nw, ne) = (pixel(left, top), pixel(left + 1, top));
    let (sw, se) = (pixel(left, top + 1), pixel(left + 1, top + 1));
    std::array::from_fn(|i| {
        let north = nw[i] + (ne[i] - nw[i]) * right_share;
        let south = sw[i] + (se[i] - sw[i]) * right_share;
        north + (south - north) * bottom_share
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use image::Rgb;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::Vectors;

    #[test]
    fn the_similarity_is_that_of_scikit_image() {
        for face in Vectors::read().face {
            let found = Similarity::between(&face.landmarks(), &TEMPLATE_POINTS).unwrap();
            let [a, b, u, v] = face.similarity;
            for (found, expected, tolerance) in
                [(found.a, a, 1e-4), (found.b, b, 1e-4), (found.u, u, 0.05), (found.v, v, 0.05)]
            {
                assert!(
                    (found - expected).abs() < tolerance,
                    "{}: {found} {expected}",
                    face.picture
                );
            }
        }
    }

    proptest! {
        #[test]
        fn finds_the_similarity_that_moved_the_points(
            angle in -3.0_f32..3.0, scale in 0.1_f32..10.0, u in -500.0_f32..500.0, v in -500.0_f32..500.0,
        ) {
            let moved = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), u, v };
            let found =
                Similarity::between(&TEMPLATE_POINTS, &TEMPLATE_POINTS.map(|p| moved.apply(p))).unwrap();
            let back = found.inverse().unwrap();
            for point in TEMPLATE_POINTS {
                let there_and_back = back.apply(moved.apply(point));
                prop_assert!((there_and_back[0] - point[0]).abs() < 0.02);
                prop_assert!((there_and_back[1] - point[1]).abs() < 0.02);
            }
        }
    }

    #[test]
    fn landmarks_in_one_place_are_no_face() {
        assert_eq!(Similarity::between(&[[5.0, 5.0]; 5], &TEMPLATE_POINTS), None);
        assert!(align(&RgbImage::new(10, 10), &[[f32::NAN, 0.0]; 5]).is_none());
    }

    #[test]
    fn an_aligned_picture_stays_as_it_is() {
        let image = RgbImage::from_fn(112, 112, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8]));
        let aligned = align(&image, &TEMPLATE_POINTS).unwrap();
        for (x, y, pixel) in image.enumerate_pixels() {
            let found = aligned.get(x as usize, y as usize);
            for (found, expected) in found.into_iter().zip(pixel.0) {
                // The last row and column mix with the black outside by rounding errors.
                assert!((found - f32::from(expected)).abs() < 0.1, "{x} {y}");
            }
        }
    }

    #[test]
    fn fine_stripes_of_a_large_source_become_grey() {
        let image =
            RgbImage::from_fn(1120, 1120, |x, _| Rgb([if x % 2 == 0 { 0 } else { 200 }; 3]));
        let landmarks = TEMPLATE_POINTS.map(|p| p.map(|value| value * 10.0 + 4.5));
        let aligned = align(&image, &landmarks).unwrap();
        for i in 1..111 {
            assert!((aligned.get(i, i)[0] - 100.0).abs() < 15.0, "{:?}", aligned.get(i, i));
        }
    }
}
