//! Finding faces and their five landmarks with `CenterFace` (Xu et al., 2020).

use image::RgbImage;

use crate::FaceError;
use crate::align::Point;
use crate::buffers::{Floats, Planes};
use crate::network::Network;

/// Least value of the heat map that counts as a face.
const SCORE_MIN: f32 = 0.5;
/// Two boxes that share more than this part of their union are the same face.
const OVERLAP_MAX: f32 = 0.3;
/// Pixels of the input per cell of the outputs.
const STRIDE: f32 = 4.0;

/// A face in an image, in the image's pixels. The box may reach over the image's edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Face {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// Value of the heat map, 0..1.
    pub(crate) score: f32,
    /// Eyes, tip of the nose, corners of the mouth; left ones in the image first.
    pub(crate) landmarks: [Point; 5],
}

impl Face {
    /// Distance between the eyes, in pixels.
    pub(crate) fn inter_eye(&self) -> f32 {
        let [left, right, ..] = self.landmarks;
        (right[0] - left[0]).hypot(right[1] - left[1])
    }

    pub(crate) fn overlap(&self, other: &Self) -> f32 {
        let shared = |a: f32, a_size: f32, b: f32, b_size: f32| {
            ((a + a_size).min(b + b_size) - a.max(b)).max(0.0)
        };
        let both = shared(self.left, self.width, other.left, other.width)
            * shared(self.top, self.height, other.top, other.height);
        both / (self.width * self.height + other.width * other.height - both)
    }

    /// From the network's input to the image.
    fn scaled(mut self, factor: f32) -> Self {
        self.left *= factor;
        self.top *= factor;
        self.width *= factor;
        self.height *= factor;
        self.landmarks = self.landmarks.map(|p| p.map(|value| value * factor));
        self
    }
}

/// All faces of an image, the widest first.
pub(crate) fn detect(network: &Network, image: &RgbImage) -> Result<Vec<Face>, FaceError> {
    if image.width() == 0 || image.height() == 0 {
        return Ok(Vec::new());
    }
    let (width, height) = network.input_size();
    let (input, factor) = letterbox(image, width, height);
    let outputs = network.run(&input)?;
    let [heat, scale, offset, landmarks] = outputs.as_slice() else {
        return Ok(Vec::new());
    };
    let faces = decode(&Outputs { heat, scale, offset, landmarks }, width / 4, height / 4);
    let mut faces: Vec<Face> =
        without_doubles(faces).into_iter().map(|face| face.scaled(factor)).collect();
    faces.sort_by(|a, b| b.width.total_cmp(&a.width));
    Ok(faces)
}

/// The image at the top left of the network's input, black elsewhere, and how many pixels of
/// the image one pixel of the input is.
///
/// A pixel of the input is the mean of the area that it covers; if the image is smaller than
/// the input it is the nearest part of it.
pub(crate) fn letterbox(image: &RgbImage, width: usize, height: usize) -> (Planes, f32) {
    let (source_width, source_height) = image.dimensions();
    let factor = (source_width as f32 / width as f32).max(source_height as f32 / height as f32);
    let used = |length: u32, limit: usize| ((length as f32 / factor).round() as usize).min(limit);
    let columns = spans(used(source_width, width), factor, source_width);
    let rows = spans(used(source_height, height), factor, source_height);
    let mut input = Planes::new(width, height);
    let row_bytes = source_width as usize * 3;
    let pixels = image.as_raw();
    // First each covered row is summed up, then each column of that sum.
    let mut strip = Floats::zeros(row_bytes);
    for (y, row) in rows.iter().enumerate() {
        strip.fill(0.0);
        for (source, weight) in row.weights() {
            let line = &pixels[source * row_bytes..(source + 1) * row_bytes];
            for (sum, value) in strip.iter_mut().zip(line) {
                *sum += weight * f32::from(*value);
            }
        }
        for (x, column) in columns.iter().enumerate() {
            let mut rgb = [0.0; 3];
            for (source, weight) in column.weights() {
                let pixel = &strip[source * 3..source * 3 + 3];
                rgb.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += weight * value);
            }
            input.set(x, y, rgb);
        }
    }
    (input, factor)
}

/// The part of a row or column that one pixel of the result covers.
struct Span {
    start: f32,
    end: f32,
    limit: usize,
}

impl Span {
    /// Source pixels and their shares, which sum up to 1.
    fn weights(&self) -> impl Iterator<Item = (usize, f32)> {
        let length = self.end - self.start;
        let first = self.start as usize;
        let last = (self.end.ceil() as usize).min(self.limit);
        (first..last).map(move |i| {
            let covered = self.end.min(i as f32 + 1.0) - self.start.max(i as f32);
            (i, covered / length)
        })
    }
}

fn spans(count: usize, factor: f32, limit: u32) -> Vec<Span> {
    let end = limit as f32;
    (0..count)
        .map(|i| {
            let start = (i as f32 * factor).min(end - 0.5);
            Span { start, end: ((i + 1) as f32 * factor).min(end), limit: limit as usize }
        })
        .collect()
}

/// The four outputs, each a stack of planes of cells.
struct Outputs<'a> {
    heat: &'a [f32],
    /// Logarithms of height and width in cells.
    scale: &'a [f32],
    /// How far the centre is from the cell's, down and to the right, in cells.
    offset: &'a [f32],
    /// Down and to the right of the box's corner, as shares of its size, for five points.
    landmarks: &'a [f32],
}

/// Every cell whose heat is high enough as a face, in pixels of the input.
fn decode(outputs: &Outputs<'_>, columns: usize, rows: usize) -> Vec<Face> {
    let plane = columns * rows;
    let mut faces = Vec::new();
    for (cell, &score) in outputs.heat.iter().enumerate().take(plane) {
        if score.is_nan() || score <= SCORE_MIN {
            continue;
        }
        let (column, row) = ((cell % columns) as f32, (cell / columns) as f32);
        let value = |planes: &[f32], index: usize| planes[index * plane + cell];
        let height = value(outputs.scale, 0).exp() * STRIDE;
        let width = value(outputs.scale, 1).exp() * STRIDE;
        let left = (column + value(outputs.offset, 1) + 0.5) * STRIDE - width / 2.0;
        let top = (row + value(outputs.offset, 0) + 0.5) * STRIDE - height / 2.0;
        let landmarks = std::array::from_fn(|i| {
            [
                left + value(outputs.landmarks, 2 * i + 1) * width,
                top + value(outputs.landmarks, 2 * i) * height,
            ]
        });
        faces.push(Face { left, top, width, height, score, landmarks });
    }
    faces
}

/// Keeps the best of each group of overlapping boxes (greedy non-maximum suppression).
fn without_doubles(mut faces: Vec<Face>) -> Vec<Face> {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        if kept.iter().all(|other| face.overlap(other) < OVERLAP_MAX) {
            kept.push(face);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use image::Rgb;

    use super::*;
    use crate::manifest::Role;
    use crate::testing::{Vectors, models_dir, pattern, picture};

    fn network() -> Network {
        Network::load(&models_dir(), Role::Detector).unwrap()
    }

    #[test]
    fn boxes_and_landmarks_are_those_of_the_reference_pipeline() {
        let network = network();
        for expected in Vectors::read().face {
            let faces = detect(&network, picture(&expected.picture).image()).unwrap();
            let [face] = faces.as_slice() else { panic!("{} faces", faces.len()) };
            // Of the face's width: the reference resizes to whole pixels and rounds colours.
            let tolerance = 0.04 * face.width;
            let found = [face.left, face.top, face.width, face.height];
            let landmarks = expected.landmarks();
            let points = face.landmarks.iter().flatten().zip(landmarks.iter().flatten());
            for (found, expected) in found.iter().zip(&expected.box_).chain(points) {
                assert!((found - expected).abs() < tolerance, "{found} {expected}");
            }
        }
    }

    #[test]
    fn the_heat_map_is_that_of_onnx_runtime() {
        let outputs = network().run(&pattern(256, 192)).unwrap();
        let row = &outputs[0][20 * 64..21 * 64];
        for (found, expected) in row.iter().zip(&Vectors::read().pattern.heat) {
            assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        }
    }

    #[test]
    fn a_cell_becomes_a_box_and_landmarks() {
        let (columns, rows) = (4, 3);
        let plane = columns * rows;
        let cell = columns + 2;
        let mut heat = vec![0.0; plane];
        heat[cell] = 0.9;
        heat[cell + 1] = f32::NAN;
        let mut scale = vec![0.0; 2 * plane];
        (scale[cell], scale[plane + cell]) = (3_f32.ln(), 2_f32.ln());
        let mut offset = vec![0.0; 2 * plane];
        (offset[cell], offset[plane + cell]) = (0.25, -0.25);
        let mut landmarks = vec![0.0; 10 * plane];
        (landmarks[cell], landmarks[plane + cell]) = (0.5, 0.25);
        let outputs =
            Outputs { heat: &heat, scale: &scale, offset: &offset, landmarks: &landmarks };
        let faces = decode(&outputs, columns, rows);
        let [face] = faces.as_slice() else { panic!("{} faces", faces.len()) };
        // Centre: column 2 + 0.5 − 0.25 and row 1 + 0.5 + 0.25, times 4 pixels.
        let close = |a: f32, b: f32| (a - b).abs() < 1e-4;
        assert!(close(face.width, 8.0) && close(face.height, 12.0), "{face:?}");
        assert!(close(face.left, 9.0 - 4.0) && close(face.top, 7.0 - 6.0), "{face:?}");
        assert!(close(face.landmarks[0][0], 5.0 + 2.0), "{face:?}");
        assert!(close(face.landmarks[0][1], 1.0 + 6.0), "{face:?}");
    }

    fn face(left: f32, width: f32, score: f32) -> Face {
        Face { left, top: 0.0, width, height: 10.0, score, landmarks: [[0.0; 2]; 5] }
    }

    #[test]
    fn of_overlapping_boxes_the_best_stays() {
        let kept = without_doubles(vec![
            face(0.0, 10.0, 0.6),
            face(2.0, 10.0, 0.9),
            face(20.0, 10.0, 0.7),
        ]);
        assert_eq!(kept.iter().map(|face| face.score).collect::<Vec<_>>(), [0.9, 0.7]);
    }

    #[test]
    fn letterboxing_keeps_proportions_and_colours() {
        for (width, height, used_width, used_height) in [
            (640, 480, 256, 192),
            (480, 640, 144, 192),
            (1280, 720, 256, 144),
            (30, 40, 144, 192),
            (1, 1, 192, 192),
        ] {
            let image = RgbImage::from_pixel(width, height, Rgb([10, 20, 30]));
            let (input, _) = letterbox(&image, 256, 192);
            for (x, y) in
                [(0, 0), (used_width - 1, used_height - 1), (used_width / 2, used_height / 2)]
            {
                let found = input.get(x, y);
                for (found, expected) in found.into_iter().zip([10.0, 20.0, 30.0]) {
                    assert!(
                        (found - expected).abs() < 0.01,
                        "{width}×{height}: {found} at {x} {y}"
                    );
                }
            }
            if used_width < 256 {
                assert!(input.get(used_width, 0).iter().all(|value| value.abs() < 0.01));
            }
        }
    }

    #[test]
    fn extreme_pictures_hold_no_face() {
        let network = network();
        for (width, height) in [(0, 0), (0, 7), (1, 1), (5000, 1), (1, 5000), (640, 480)] {
            for value in [0, 255] {
                let image = RgbImage::from_pixel(width, height, Rgb([value; 3]));
                assert_eq!(detect(&network, &image).unwrap(), [], "{width}×{height} of {value}");
            }
        }
    }
}
