//! Uncompressed camera formats to RGB.
//!
//! Colour follows ITU-R BT.601, limited range (Y 16–235), which V4L2 assumes for YUV formats of the sRGB colour
//! space. Rows are taken as contiguous; longer buffers are fine, drivers round them up to whole pages.

use image::RgbImage;
use nokhwa::utils::FrameFormat;

use crate::{CameraError, Frame, mjpeg::LARGEST_SIDE};

/// Turns one frame of `format`, `width` × `height` pixels, into RGB.
pub(crate) fn frame(
    format: FrameFormat,
    (width, height): (u32, u32),
    bytes: &[u8],
) -> Result<Frame, CameraError> {
    if format == FrameFormat::MJPEG {
        return Frame::from_mjpeg(bytes);
    }
    let usable = |side: u32| (2..=LARGEST_SIDE).contains(&side) && side.is_multiple_of(2);
    if !usable(width) || !usable(height) {
        return Err(CameraError::Frame(format!("odd size {width}x{height}")));
    }
    let (w, h) = (width as usize, height as usize);
    let needed = match format {
        FrameFormat::YUYV => w * h * 2,
        FrameFormat::NV12 => w * h * 3 / 2,
        FrameFormat::MJPEG | FrameFormat::GRAY => w * h,
        FrameFormat::RAWRGB | FrameFormat::RAWBGR => w * h * 3,
    };
    let bytes = bytes
        .get(..needed)
        .ok_or_else(|| CameraError::Frame(format!("{} of {needed} bytes", bytes.len())))?;
    let mut image = RgbImage::new(width, height);
    let rgb: &mut [u8] = &mut image;
    match format {
        FrameFormat::YUYV => yuyv(bytes, rgb),
        FrameFormat::NV12 => nv12(bytes, w, rgb),
        FrameFormat::GRAY => {
            for (out, &luma) in rgb.chunks_exact_mut(3).zip(bytes) {
                out.fill(luma);
            }
        }
        FrameFormat::RAWRGB => rgb.copy_from_slice(bytes),
        FrameFormat::RAWBGR => {
            for (out, bgr) in rgb.chunks_exact_mut(3).zip(bytes.chunks_exact(3)) {
                out.copy_from_slice(&[bgr[2], bgr[1], bgr[0]]);
            }
        }
        FrameFormat::MJPEG => {} // answered above
    }
    Ok(Frame::from_rgb(image))
}

/// Y0 U Y1 V: two pixels share one U and one V.
fn yuyv(bytes: &[u8], rgb: &mut [u8]) {
    for (out, pair) in rgb.chunks_exact_mut(6).zip(bytes.chunks_exact(4)) {
        out[..3].copy_from_slice(&bt601(pair[0], pair[1], pair[3]));
        out[3..].copy_from_slice(&bt601(pair[2], pair[1], pair[3]));
    }
}

/// A plane of Y, then a plane of U V pairs, each for 2 × 2 pixels.
fn nv12(bytes: &[u8], width: usize, rgb: &mut [u8]) {
    let (luma, chroma) = bytes.split_at(rgb.len() / 3);
    let rows = rgb.chunks_exact_mut(width * 3).zip(luma.chunks_exact(width));
    for (y, (out, luma)) in rows.enumerate() {
        let chroma = &chroma[(y / 2) * width..][..width];
        for (x, (out, &luma)) in out.chunks_exact_mut(3).zip(luma).enumerate() {
            let pair = x & !1;
            out.copy_from_slice(&bt601(luma, chroma[pair], chroma[pair + 1]));
        }
    }
}

fn bt601(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let luma = 298 * (i32::from(luma) - 16) + 128;
    let blue = i32::from(blue) - 128;
    let red = i32::from(red) - 128;
    let byte = |value: i32| (value >> 8).clamp(0, 255) as u8;
    [byte(luma + 409 * red), byte(luma - 100 * blue - 208 * red), byte(luma + 516 * blue)]
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    // Y, U, V of the 100 % colour bars of ITU-R BT.601 in 8 bits, with the RGB they stand for.
    const BARS: [([u8; 3], [u8; 3]); 8] = [
        ([235, 128, 128], [255, 255, 255]),
        ([210, 16, 146], [255, 255, 0]),
        ([170, 166, 16], [0, 255, 255]),
        ([145, 54, 34], [0, 255, 0]),
        ([106, 202, 222], [255, 0, 255]),
        ([81, 90, 240], [255, 0, 0]),
        ([41, 240, 110], [0, 0, 255]),
        ([16, 128, 128], [0, 0, 0]),
    ];

    fn close(got: &[u8], wanted: [u8; 3]) -> bool {
        got.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 2)
    }

    #[test]
    fn yuyv_colour_bars() {
        for ([y, u, v], wanted) in BARS {
            let bytes = [y, u, y, v].repeat(4);
            let frame = frame(FrameFormat::YUYV, (4, 2), &bytes).unwrap();
            for pixel in frame.image().pixels() {
                assert!(close(&pixel.0, wanted), "{pixel:?} for {wanted:?}");
            }
        }
    }

    #[test]
    fn nv12_colour_bars() {
        for ([y, u, v], wanted) in BARS {
            let mut bytes = vec![y; 8];
            bytes.extend([u, v, u, v]);
            let frame = frame(FrameFormat::NV12, (4, 2), &bytes).unwrap();
            for pixel in frame.image().pixels() {
                assert!(close(&pixel.0, wanted), "{pixel:?} for {wanted:?}");
            }
        }
    }

    #[test]
    fn nv12_takes_the_chroma_of_its_own_block() {
        // Left block red, right block blue, two rows of blocks with the order turned round.
        let (red, blue) = ([90, 240], [240, 110]);
        let mut bytes = Vec::new();
        for row in 0..4 {
            let (left, right) = if row < 2 { (81, 41) } else { (41, 81) };
            bytes.extend([left, left, right, right]);
        }
        bytes.extend([red, blue, blue, red].concat());
        let frame = frame(FrameFormat::NV12, (4, 4), &bytes).unwrap();
        assert!(close(&frame.image().get_pixel(1, 1).0, [255, 0, 0]));
        assert!(close(&frame.image().get_pixel(2, 1).0, [0, 0, 255]));
        assert!(close(&frame.image().get_pixel(1, 2).0, [0, 0, 255]));
        assert!(close(&frame.image().get_pixel(3, 3).0, [255, 0, 0]));
    }

    #[test]
    fn rgb_bgr_and_grey() {
        let bytes: Vec<u8> = (0..12).collect();
        let rgb = frame(FrameFormat::RAWRGB, (2, 2), &bytes).unwrap();
        assert_eq!(rgb.image().get_pixel(1, 0).0, [3, 4, 5]);
        let bgr = frame(FrameFormat::RAWBGR, (2, 2), &bytes).unwrap();
        assert_eq!(bgr.image().get_pixel(1, 0).0, [5, 4, 3]);
        let grey = frame(FrameFormat::GRAY, (2, 2), &bytes).unwrap();
        assert_eq!(grey.image().get_pixel(1, 1).0, [3, 3, 3]);
    }

    #[test]
    fn short_buffers_and_odd_sizes_are_refused() {
        let formats = [
            FrameFormat::YUYV,
            FrameFormat::NV12,
            FrameFormat::GRAY,
            FrameFormat::RAWRGB,
            FrameFormat::RAWBGR,
        ];
        for format in formats {
            assert!(frame(format, (4, 4), &[0; 15]).is_err());
            assert!(frame(format, (3, 4), &[0; 64]).is_err());
            for size in [(0, 0), (0, 4), (4, 0), (u32::MAX - 1, u32::MAX - 1)] {
                assert!(frame(format, size, &[0; 64]).is_err(), "{size:?}");
            }
        }
    }
}
