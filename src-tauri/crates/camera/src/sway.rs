//! A still photograph as a camera would see a person who stands in front of it: never quite still.

use std::f32::consts::TAU;

use image::{
    Rgb, RgbImage,
    imageops::{self, FilterType},
};

pub(crate) const WIDTH: u32 = 640;
pub(crate) const HEIGHT: u32 = 480;

/// How far position (of the frame's size) and size go to either side.
const MOTION: f32 = 0.015;
/// How far the brightness goes to either side.
const LIGHT: f32 = 0.03;

/// Which part of a picture the camera sees, in fractions of its size: left, top, width, height.
pub(crate) type Region = [f32; 4];

/// Scales a picture to the frame's height; wider pictures are cropped at the sides when they are drawn.
pub(crate) fn fit(mut picture: RgbImage, region: Option<Region>) -> RgbImage {
    if let Some([left, top, width, height]) = region {
        let (w, h) = picture.dimensions();
        let part = |fraction: f32, whole: u32| (fraction * whole as f32).round() as u32;
        picture = imageops::crop(
            &mut picture,
            part(left, w),
            part(top, h),
            part(width, w).max(1),
            part(height, h).max(1),
        )
        .to_image();
    }
    let (w, h) = picture.dimensions();
    let width = (w as f32 * HEIGHT as f32 / h as f32).round().max(1.0) as u32;
    imageops::resize(&picture, width, HEIGHT, FilterType::Triangle)
}

/// Where the picture stands at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Pose {
    x: f32,
    y: f32,
    scale: f32,
    light: f32,
}

impl Pose {
    /// In the middle, as it is.
    pub(crate) const STILL: Self = Self { x: 0.0, y: 0.0, scale: 1.0, light: 1.0 };

    /// The pose after `seconds`. Periods near two seconds that share no multiple, so that no two frames are equal.
    pub(crate) fn at(seconds: f32) -> Self {
        let wave = |period: f32, shift: f32| (TAU * seconds / period + shift).sin();
        Self {
            x: MOTION * WIDTH as f32 * wave(2.0, 0.0),
            y: MOTION * HEIGHT as f32 * wave(2.3, 1.0),
            scale: 1.0 + MOTION * wave(1.9, 2.0),
            light: 1.0 + LIGHT * wave(2.1, 0.5),
        }
    }
}

/// Draws a fitted picture into a frame; where it does not reach, its edge goes on.
pub(crate) fn draw(fitted: &RgbImage, pose: Pose) -> RgbImage {
    let (w, h) = fitted.dimensions();
    let columns: Vec<Tap> = (0..WIDTH).map(|x| Tap::new(x, WIDTH, w, pose.x, pose.scale)).collect();
    let mut frame = RgbImage::new(WIDTH, HEIGHT);
    for (y, row) in frame.rows_mut().enumerate() {
        let line = Tap::new(y as u32, HEIGHT, h, pose.y, pose.scale);
        for (pixel, column) in row.zip(&columns) {
            let at = |x, y| fitted.get_pixel(x, y).0;
            let corners = [
                at(column.near, line.near),
                at(column.far, line.near),
                at(column.near, line.far),
                at(column.far, line.far),
            ];
            *pixel = Rgb(std::array::from_fn(|channel| {
                let [upper, upper_right, lower, lower_right] =
                    corners.map(|corner| f32::from(corner[channel]));
                let upper = upper + (upper_right - upper) * column.share;
                let lower = lower + (lower_right - lower) * column.share;
                ((upper + (lower - upper) * line.share) * pose.light).round() as u8
            }));
        }
    }
    frame
}

/// The two source pixels on one axis that a target pixel lies between.
struct Tap {
    near: u32,
    far: u32,
    share: f32,
}

impl Tap {
    fn new(target: u32, frame: u32, source: u32, shift: f32, scale: f32) -> Self {
        let from_middle = target as f32 + 0.5 - frame as f32 / 2.0 - shift;
        let position = (from_middle / scale + source as f32 / 2.0 - 0.5)
            .clamp(0.0, source.saturating_sub(1) as f32);
        let near = position as u32;
        Self { near, far: (near + 1).min(source.saturating_sub(1)), share: position.fract() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three vertical stripes: red, green, blue.
    fn stripes(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, _| match x * 3 / width {
            0 => Rgb([255, 0, 0]),
            1 => Rgb([0, 255, 0]),
            _ => Rgb([0, 0, 255]),
        })
    }

    #[test]
    fn a_portrait_keeps_its_height_and_its_edges_go_on() {
        let frame = draw(&fit(stripes(300, 960), None), Pose::STILL);
        assert_eq!(frame.dimensions(), (WIDTH, HEIGHT));
        assert_eq!(frame.get_pixel(0, 200).0, [255, 0, 0]);
        assert_eq!(frame.get_pixel(320, 200).0, [0, 255, 0]);
        assert_eq!(frame.get_pixel(639, 200).0, [0, 0, 255]);
        // 150 px of picture in the middle: the green third is 50 px wide.
        assert_eq!(frame.get_pixel(320 - 35, 0).0, [255, 0, 0]);
        assert_eq!(frame.get_pixel(320 + 35, 479).0, [0, 0, 255]);
    }

    #[test]
    fn a_wide_picture_is_cropped_in_the_middle() {
        let frame = draw(&fit(stripes(3000, 500), None), Pose::STILL);
        assert!(frame.pixels().all(|pixel| pixel.0 == [0, 255, 0]));
    }

    #[test]
    fn a_region_is_what_the_camera_sees() {
        let right = Some([0.67, 0.0, 0.33, 0.5]);
        let frame = draw(&fit(stripes(900, 900), right), Pose::STILL);
        assert!(frame.pixels().all(|pixel| pixel.0 == [0, 0, 255]));
    }

    #[test]
    fn a_still_frame_of_the_right_size_is_the_picture_itself() {
        let picture = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb([x as u8, y as u8, 7]));
        let frame = draw(&fit(picture.clone(), None), Pose::STILL);
        assert_eq!(frame, picture);
    }

    #[test]
    fn the_sway_stays_small_and_never_repeats_within_half_a_minute() {
        let poses: Vec<Pose> = (0..450).map(|n| Pose::at(n as f32 / 15.0)).collect();
        for pose in &poses {
            assert!(pose.x.abs() <= 9.7 && pose.y.abs() <= 7.3);
            assert!((pose.scale - 1.0).abs() <= 0.0151);
            assert!((pose.light - 1.0).abs() <= 0.0301);
        }
        let near = |a: &Pose, b: &Pose| {
            let [x, y] = [a.x - b.x, a.y - b.y];
            x.hypot(y) < 0.01 && (a.scale - b.scale).abs() < 1e-5
        };
        for (n, pose) in poses.iter().enumerate() {
            assert!(!poses[..n].iter().any(|earlier| near(earlier, pose)), "{n}");
        }
    }
}
