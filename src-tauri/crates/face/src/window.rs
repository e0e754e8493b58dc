//! The part of a frame that a network looks at: a face box, some times as large.

use image::RgbImage;

use crate::align::{Point, bilinear};
use crate::buffers::Planes;
use crate::detect::Face;

/// A part of a frame, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

impl Window {
    /// The box `times` as large, moved into the image and shrunk where it does not fit.
    pub(crate) fn around(image: &RgbImage, face: &Face, times: f32) -> Self {
        let (image_width, image_height) = (image.width() as f32, image.height() as f32);
        let scale =
            times.min((image_width - 1.0) / face.width).min((image_height - 1.0) / face.height);
        let place = |start: f32, length: f32, limit: f32| {
            let wanted = length * scale;
            let start = start + (length - wanted) / 2.0;
            (start.min(limit - 1.0 - wanted).max(0.0).floor(), wanted.floor())
        };
        let (left, width) = place(face.left, face.width, image_width);
        let (top, height) = place(face.top, face.height, image_height);
        Self { left, top, width, height }
    }

    /// Where a share of the window's width and height is in the image.
    pub(crate) fn at(&self, [x, y]: Point) -> Point {
        [self.left + x * self.width, self.top + y * self.height]
    }

    /// The pixels of the window, resized.
    pub(crate) fn pixels(&self, image: &RgbImage, width: usize, height: usize) -> Planes {
        let mut crop = Planes::new(width, height);
        // Pixel centres as OpenCV's resize has them, which the networks were trained with.
        let at = |i: usize, count: usize, start: f32, length: f32| {
            let inside = (i as f32 + 0.5) * length / count as f32 - 0.5;
            start + inside.clamp(0.0, (length - 1.0).max(0.0))
        };
        for y in 0..height {
            for x in 0..width {
                let point =
                    [at(x, width, self.left, self.width), at(y, height, self.top, self.height)];
                crop.set(x, y, bilinear(image, point));
            }
        }
        crop
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_stays_inside_the_image() {
        // A red image with a white frame: the crop of a centred face shows only red.
        let image = RgbImage::from_fn(300, 200, |x, y| {
            let edge = x == 0 || y == 0 || x == 299 || y == 199;
            image::Rgb(if edge { [255; 3] } else { [255, 0, 0] })
        });
        let face = |left, top, size| Face {
            left,
            top,
            width: size,
            height: size,
            score: 1.0,
            landmarks: [[0.0; 2]; 5],
        };
        let crop = |face| Window::around(&image, &face, 2.7).pixels(&image, 128, 128);
        let centred = crop(face(130.0, 80.0, 40.0));
        assert!((0..128).all(|i| centred.get(i, i)[1] < 1.0));
        // One in the corner is moved in: no black from outside.
        for (left, top, size) in [(-20.0, -20.0, 60.0), (280.0, 190.0, 60.0), (0.0, 0.0, 300.0)] {
            let crop = crop(face(left, top, size));
            assert!((0..128).all(|i| crop.get(i, i)[0] > 254.0), "{left} {top} {size}");
        }
    }

    #[test]
    fn shares_of_a_window_are_places_in_the_image() {
        let window = Window { left: 10.0, top: 20.0, width: 40.0, height: 80.0 };
        let [x, y] = window.at([0.5, 0.25]);
        assert!((x - 30.0).abs() < 1e-3 && (y - 40.0).abs() < 1e-3, "{x} {y}");
    }
}
