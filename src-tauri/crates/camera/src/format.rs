//! Which of a camera's formats is asked for.

use std::cmp::Reverse;

use nokhwa::utils::{CameraFormat, FrameFormat, Resolution};

/// The formats that can be decoded here, best first: MJPEG serves the preview as it is, the last one has no colour.
pub(crate) const DECODABLE: [FrameFormat; 6] = [
    FrameFormat::MJPEG,
    FrameFormat::YUYV,
    FrameFormat::NV12,
    FrameFormat::RAWRGB,
    FrameFormat::RAWBGR,
    FrameFormat::GRAY,
];

/// Orders what a camera offers: at least 15 frames a second, near 640 × 480, then the order of [`DECODABLE`], then
/// near 30 frames a second.
///
/// 640 × 480 at 30 is always among the wishes, since cameras with a continuous range of sizes list only its ends.
pub(crate) fn wishes(mut offered: Vec<CameraFormat>, formats: &[FrameFormat]) -> Vec<CameraFormat> {
    let usual =
        formats.iter().map(|format| CameraFormat::new(Resolution::new(640, 480), *format, 30));
    offered.extend(usual);
    offered.retain(|wish| DECODABLE.contains(&wish.format()));
    offered.sort_by_key(rank);
    offered.dedup();
    offered
}

fn rank(wish: &CameraFormat) -> (bool, u32, usize, u32, Reverse<u32>) {
    let fps = wish.frame_rate();
    let distance = wish.width().abs_diff(640) + wish.height().abs_diff(480);
    let order =
        DECODABLE.iter().position(|format| *format == wish.format()).unwrap_or(DECODABLE.len());
    (fps < 15, distance, order, fps.abs_diff(30), Reverse(fps))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(width: u32, height: u32, format: FrameFormat, fps: u32) -> CameraFormat {
        CameraFormat::new(Resolution::new(width, height), format, fps)
    }

    #[test]
    fn the_first_wish_is_near_640_by_480_and_fast_enough() {
        use FrameFormat::{MJPEG, NV12, YUYV};
        let cases = [
            (
                "usual webcam",
                vec![
                    format(1920, 1080, MJPEG, 30),
                    format(640, 480, YUYV, 30),
                    format(640, 480, MJPEG, 30),
                ],
                format(640, 480, MJPEG, 30),
            ),
            (
                "slow at the usual size",
                vec![format(640, 480, YUYV, 5), format(640, 360, YUYV, 15)],
                format(640, 360, YUYV, 15),
            ),
            (
                "several rates",
                vec![
                    format(640, 480, NV12, 60),
                    format(640, 480, NV12, 25),
                    format(640, 480, NV12, 1),
                ],
                format(640, 480, NV12, 25),
            ),
        ];
        for (name, offered, wanted) in cases {
            assert_eq!(wishes(offered, &[]).first(), Some(&wanted), "{name}");
        }
    }

    #[test]
    fn a_camera_with_a_range_of_sizes_is_asked_for_the_usual_one() {
        let ends =
            vec![format(32, 32, FrameFormat::YUYV, 30), format(3280, 2464, FrameFormat::YUYV, 30)];
        assert_eq!(
            wishes(ends, &[FrameFormat::YUYV]).first(),
            Some(&format(640, 480, FrameFormat::YUYV, 30))
        );
    }
}
