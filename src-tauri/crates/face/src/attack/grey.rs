//! A small grey picture of the whole frame, for what is around a face, and places in it.

use image::RgbImage;
use zeroize::Zeroize;

use crate::align::Point;

/// Most pixels across and down.
const SIZE: [u32; 2] = [160, 120];
/// Pixels of the frame that are averaged in one of the small picture's, along each side.
const SAMPLES: usize = 4;

/// Luminance (0–255) of the frame, four pixels of 640×480 in one. Wiped when dropped.
pub(crate) struct Grey {
    width: usize,
    height: usize,
    /// Pixels of the frame per pixel.
    step: f32,
    values: Box<[u8]>,
}

impl Drop for Grey {
    fn drop(&mut self) {
        self.values.zeroize();
    }
}

impl Grey {
    /// A frame without pixels gives a picture without pixels.
    pub(crate) fn of(frame: &RgbImage) -> Self {
        let step = (frame.width() as f32 / SIZE[0] as f32)
            .max(frame.height() as f32 / SIZE[1] as f32)
            .max(1.0);
        let [width, height] =
            [frame.width(), frame.height()].map(|size| (size as f32 / step) as usize);
        let mut values = vec![0; width * height].into_boxed_slice();
        let part = |i: usize| ((i as f32 + 0.5) / SAMPLES as f32 * step) as usize;
        let mut columns = [0; SIZE[0] as usize * SAMPLES];
        for (i, column) in columns[..width * SAMPLES].iter_mut().enumerate() {
            *column = 3 * part(i).min(frame.width() as usize - 1);
        }
        let stride = 3 * frame.width() as usize;
        for (y, row) in values.chunks_exact_mut(width.max(1)).enumerate() {
            let rows: [&[u8]; SAMPLES] = std::array::from_fn(|i| {
                let y = part(y * SAMPLES + i).min(frame.height() as usize - 1);
                &frame.as_raw()[y * stride..][..stride]
            });
            for (value, columns) in row.iter_mut().zip(columns.chunks_exact(SAMPLES)) {
                let mut sum = [0; 3];
                for row in rows {
                    for column in columns {
                        let pixel = &row[*column..][..3];
                        sum.iter_mut().zip(pixel).for_each(|(sum, v)| *sum += u32::from(*v));
                    }
                }
                // ITU-R BT.601 in 1/256.
                let weighted = 77 * sum[0] + 150 * sum[1] + 29 * sum[2];
                *value = (weighted / (256 * (SAMPLES * SAMPLES) as u32)) as u8;
            }
        }
        Self { width, height, step, values }
    }

    /// Width and height.
    pub(crate) fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// A row of luminances.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.values[y * self.width..][..self.width]
    }

    /// Takes over another picture, in the same memory if it has the same size.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        if self.values.len() == other.values.len() {
            self.values.copy_from_slice(&other.values);
        } else {
            self.values.zeroize();
            self.values.clone_from(&other.values);
        }
        (self.width, self.height, self.step) = (other.width, other.height, other.step);
    }

    /// A picture of its own with the same content.
    pub(crate) fn again(&self) -> Self {
        let Self { width, height, step, ref values } = *self;
        Self { width, height, step, values: values.clone() }
    }

    /// Interpolated between the four neighbours. `None` outside.
    pub(crate) fn at(&self, [x, y]: Point) -> Option<f32> {
        let inside = |value: f32, size: usize| value >= 0.0 && value < size as f32 - 1.0;
        if !inside(x, self.width) || !inside(y, self.height) {
            return None;
        }
        let (column, row) = (x as usize, y as usize);
        let (right, down) = (x - column as f32, y - row as f32);
        let between = |row: usize| {
            let at = row * self.width + column;
            let [near, far] = [at, at + 1].map(|at| f32::from(self.values[at]));
            near + (far - near) * right
        };
        let (above, below) = (between(row), between(row + 1));
        Some(above + (below - above) * down)
    }

    /// Where a point of the frame is.
    pub(crate) fn place(&self, point: Point) -> Point {
        point.map(|value| (value + 0.5) / self.step - 0.5)
    }
}

/// Places around a face: from the middle between the eyes along the line through them (to the
/// right of the picture) and down, in distances between the eyes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    /// The middle between the eyes, in pixels of the small picture.
    pub(crate) middle: Point,
    /// The distance between the eyes, in the same.
    pub(crate) unit: f32,
    /// Cosine and sine of the roll.
    pub(crate) roll: [f32; 2],
}

impl Around {
    /// Around a face with these landmarks of the frame. `None` if the distance between the eyes
    /// is less than some pixels: then nothing can be told of edges and motion.
    pub(crate) fn of(grey: &Grey, five: &[Point; 5]) -> Option<Self> {
        Self::in_small(&five.map(|point| grey.place(point)))
    }

    /// The same with landmarks of the small picture.
    pub(crate) fn in_small(five: &[Point; 5]) -> Option<Self> {
        const UNIT_MIN: f32 = 8.0;
        let [left, right, ..] = *five;
        let across = [right[0] - left[0], right[1] - left[1]];
        let unit = across[0].hypot(across[1]);
        let middle = [f32::midpoint(left[0], right[0]), f32::midpoint(left[1], right[1])];
        (unit.is_finite() && unit >= UNIT_MIN).then(|| Self {
            middle,
            unit,
            roll: across.map(|value| value / unit),
        })
    }

    /// The place in pixels.
    pub(crate) fn at(&self, [across, down]: Point) -> Point {
        let [cos, sin] = self.roll;
        let (x, y) = (across * cos - down * sin, across * sin + down * cos);
        [self.middle[0] + x * self.unit, self.middle[1] + y * self.unit]
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use image::Rgb;

    use super::*;

    fn ramp(width: u32, height: u32) -> RgbImage {
        let at = |x: u32, size: u32| (200 * x / size.max(1)) as u8;
        RgbImage::from_fn(width, height, |x, _| Rgb([at(x, width); 3]))
    }

    #[test]
    fn every_frame_becomes_a_small_picture_of_the_same_shape() {
        let cases = [
            ((640, 480), [160, 120]),
            ((480, 640), [90, 120]),
            ((1280, 720), [160, 90]),
            ((3840, 2160), [160, 90]),
            ((641, 479), [160, 119]),
            ((100, 30), [100, 30]),
            ((5000, 1), [160, 0]),
            ((0, 0), [0, 0]),
        ];
        for ((width, height), expected) in cases {
            let grey = Grey::of(&ramp(width, height));
            assert_eq!(grey.size(), expected, "{width} {height}");
            for y in 0..expected[1] {
                for (x, value) in grey.row(y).iter().enumerate() {
                    let share = (x as f32 + 0.5) / expected[0] as f32;
                    assert!((f32::from(*value) - 200.0 * share).abs() < 3.0, "{width} {x} {value}");
                }
            }
        }
    }

    #[test]
    fn places_of_the_frame_are_found_again() {
        let grey = Grey::of(&ramp(640, 480));
        for x in [40.0, 321.5, 600.0] {
            let found = grey.at(grey.place([x, 200.0])).unwrap();
            assert!((found - 200.0 * x / 640.0).abs() < 1.5, "{x} {found}");
        }
        assert!(grey.at([-0.1, 5.0]).is_none() && grey.at([159.0, 5.0]).is_none());
        assert!(grey.at([f32::NAN, 5.0]).is_none());
    }

    #[test]
    fn places_around_a_face_lean_with_it() {
        let grey = Grey::of(&ramp(640, 480));
        let five = [[280.0, 200.0], [360.0, 240.0], [0.0; 2], [0.0; 2], [0.0; 2]];
        let around = Around::of(&grey, &five).unwrap();
        let right = grey.place([360.0, 240.0]);
        let found = around.at([0.5, 0.0]);
        assert!((found[0] - right[0]).abs() < 1e-3 && (found[1] - right[1]).abs() < 1e-3);
        let below = around.at([0.0, 1.0]);
        assert!(below[1] > around.middle[1] && below[0] < around.middle[0]);
        let near = [[300.0, 200.0], [310.0, 200.0], [0.0; 2], [0.0; 2], [0.0; 2]];
        assert!(Around::of(&grey, &near).is_none() && Around::of(&grey, &[[0.0; 2]; 5]).is_none());
    }
}
