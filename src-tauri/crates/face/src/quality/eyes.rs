//! Whether the eyes are closed: a quality of the picture, kept nowhere (POLICY.md C05).

use image::RgbImage;

use crate::FaceError;
use crate::align::{Point, bilinear};
use crate::buffers::Planes;
use crate::detect::Face;
use crate::network::Network;

/// Points of the landmark network: the corners of each eye and, between them, its lids.
const EYES: [([usize; 2], [usize; 4]); 2] =
    [([36, 39], [37, 38, 40, 41]), ([42, 45], [43, 44, 46, 47])];
/// Side of the square around an eye, in widths of the eye: what the network was trained with.
const SURROUNDINGS: f32 = 1.6;
/// Least side of that square, in pixels.
const SIDE_MIN: f32 = 4.0;

/// The probabilities (0..1) that the eyes are closed, the left one in the image first.
///
/// The squares around the eyes are placed by the landmark network: with squares around the
/// detector's points half as many closed eyes were found at the same share of open ones.
pub(crate) fn closed(
    landmarks: &Network,
    eyes: &Network,
    image: &RgbImage,
    face: &Face,
) -> Result<[f32; 2], FaceError> {
    let points = points(landmarks, image, face)?;
    let mut closed = [f32::NAN; 2];
    for (closed, (corners, lids)) in closed.iter_mut().zip(EYES) {
        let (Some(place), (width, height)) = (square(&points, corners, lids), eyes.input_size())
        else {
            continue;
        };
        let outputs = eyes.run(&crop(image, place, width, height))?;
        if let Some(&[first, second]) = outputs.first().map(|logits| &**logits) {
            *closed = 1.0 / (1.0 + (second - first).exp());
        }
    }
    Ok(closed)
}

/// A part of an image: left, top, width, height.
type Place = [f32; 4];

/// The 68 points of a face, in the image's pixels.
fn points(network: &Network, image: &RgbImage, face: &Face) -> Result<Vec<Point>, FaceError> {
    let (width, height) = network.input_size();
    let (left, top) = (face.left.max(0.0), face.top.max(0.0));
    let right = (face.left + face.width).min(image.width() as f32);
    let bottom = (face.top + face.height).min(image.height() as f32);
    let place = [left, top, (right - left).max(1.0), (bottom - top).max(1.0)];
    let outputs = network.run(&crop(image, place, width, height))?;
    let shares = outputs.first().map_or(&[][..], |output| output);
    Ok(shares
        .chunks_exact(2)
        .map(|share| [place[0] + share[0] * place[2], place[1] + share[1] * place[3]])
        .collect())
}

fn square(points: &[Point], corners: [usize; 2], lids: [usize; 4]) -> Option<Place> {
    let [outer, inner] = [points.get(corners[0])?, points.get(corners[1])?];
    let mut centre = [0.0; 2];
    for lid in lids {
        let point = points.get(lid)?;
        centre = [centre[0] + point[0] / 4.0, centre[1] + point[1] / 4.0];
    }
    let side = ((inner[0] - outer[0]) * SURROUNDINGS).max(SIDE_MIN);
    Some([centre[0] - side / 2.0, centre[1] - side / 2.0, side, side])
}

/// A part of an image resized to `width` × `height` pixels. Where it is much larger than that,
/// several values are averaged for each pixel.
fn crop(image: &RgbImage, place: Place, width: usize, height: usize) -> Planes {
    let step = [place[2] / width as f32, place[3] / height as f32];
    let samples = step.map(|step| (step.round() as usize).clamp(1, 16));
    let mut crop = Planes::new(width, height);
    for y in 0..height {
        for x in 0..width {
            let mut sum = [0.0; 3];
            for i in 0..samples[0] * samples[1] {
                let inside = [
                    x as f32 + ((i % samples[0]) as f32 + 0.5) / samples[0] as f32,
                    y as f32 + ((i / samples[0]) as f32 + 0.5) / samples[1] as f32,
                ];
                // A pixel's centre is half a pixel from its corner.
                let at = [0, 1].map(|axis| place[axis] + inside[axis] * step[axis] - 0.5);
                let rgb = bilinear(image, at);
                sum.iter_mut().zip(rgb).for_each(|(sum, value)| *sum += value);
            }
            crop.set(x, y, sum.map(|sum| sum / (samples[0] * samples[1]) as f32));
        }
    }
    crop
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use image::{Rgb, RgbImage};

    use super::*;
    use crate::detect::detect;
    use crate::manifest::Role;
    use crate::testing::{camera_frame, models_dir};

    struct Networks {
        detector: Network,
        landmarks: Network,
        eyes: Network,
    }

    impl Networks {
        fn load() -> Self {
            let load = |role| Network::load(&models_dir(), role).unwrap();
            Self {
                detector: load(Role::Detector),
                landmarks: load(Role::Landmarks),
                eyes: load(Role::Eyes),
            }
        }

        fn face(&self, frame: &RgbImage) -> Face {
            detect(&self.detector, frame).unwrap()[0]
        }

        fn closed(&self, frame: &RgbImage) -> [f32; 2] {
            closed(&self.landmarks, &self.eyes, frame, &self.face(frame)).unwrap()
        }
    }

    #[test]
    fn open_eyes_are_open_and_the_points_are_where_the_detector_has_them() {
        let networks = Networks::load();
        for name in ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png"] {
            let frame = camera_frame(name);
            let closed = networks.closed(&frame);
            assert!(closed.iter().any(|closed| *closed < 0.5), "{name}: {closed:?}");
            let face = networks.face(&frame);
            let points = points(&networks.landmarks, &frame, &face).unwrap();
            assert_eq!(points.len(), 68);
            for (eye, (corners, lids)) in face.landmarks.iter().zip(EYES) {
                let [left, top, side, _] = square(&points, corners, lids).unwrap();
                let [x, y] = [left + side / 2.0, top + side / 2.0];
                let distance = (eye[0] - x).hypot(eye[1] - y);
                assert!(distance < 0.25 * face.inter_eye(), "{name}: {distance}");
            }
        }
    }

    /// The frame with the skin above each eye drawn down over it, and a line of lashes.
    fn with_lids_drawn(networks: &Networks, frame: &RgbImage) -> RgbImage {
        let face = networks.face(frame);
        let unit = face.inter_eye();
        let points = points(&networks.landmarks, frame, &face).unwrap();
        let mut closed = frame.clone();
        for (corners, lids) in EYES {
            let [left, top, side, _] = square(&points, corners, lids).unwrap();
            let eye = [left + side / 2.0, top + side / 2.0];
            for (x, y, pixel) in closed.enumerate_pixels_mut() {
                let (right, down) = ((x as f32 - eye[0]) / unit, (y as f32 - eye[1]) / unit);
                let open = (1.0 - (right / 0.34).powi(2)).max(0.0).sqrt();
                let lashes = 0.12 * open;
                if open > 0.0 && down > -0.2 && down < lashes {
                    // Only skin from under the brow.
                    let source = -0.2 + (down + 0.2) * 0.07 / (0.2 + lashes);
                    let skin = bilinear(frame, [x as f32, eye[1] + source * unit]);
                    let shade = if lashes - down < 0.05 { 0.35 } else { 1.0 };
                    *pixel = Rgb(skin.map(|value| (value * shade) as u8));
                }
            }
        }
        closed
    }

    #[test]
    fn eyes_under_drawn_lids_are_closed() {
        let networks = Networks::load();
        for name in ["obama2.jpg", "obama3.jpg", "biden.jpg"] {
            let frame = camera_frame(name);
            let shut = with_lids_drawn(&networks, &frame);
            let (open, shut) = (networks.closed(&frame), networks.closed(&shut));
            assert!(shut[0].min(shut[1]) > 0.5, "{name}: {open:?} {shut:?}");
        }
    }

    #[test]
    fn a_face_over_the_edge_or_without_size_is_no_panic() {
        let networks = Networks::load();
        let frame = camera_frame("obama.jpg");
        let mut face = networks.face(&frame);
        for (left, width) in [(-100.0, 150.0), (600.0, 300.0), (9e9, 1.0), (f32::NAN, f32::NAN)] {
            (face.left, face.width) = (left, width);
            closed(&networks.landmarks, &networks.eyes, &frame, &face).unwrap();
        }
        closed(&networks.landmarks, &networks.eyes, &RgbImage::new(1, 1), &face).unwrap();
    }
}
