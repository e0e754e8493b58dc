//! Whatever bytes a camera sends, there is a frame or an error: a table through the public
//! interface.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use camera::Frame;
use image::{ExtendedColorType, RgbImage, codecs::jpeg::JpegEncoder};

fn seed(name: &str) -> Vec<u8> {
    let folder =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../fuzz/seeds/frame");
    fs::read(folder.join(name)).unwrap()
}

fn jpeg(width: u32, height: u32, value: u8) -> Vec<u8> {
    let picture = RgbImage::from_pixel(width, height, image::Rgb([value; 3]));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 80)
        .encode(&picture, width, height, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

#[test]
fn every_kind_of_jpeg_becomes_an_rgb_frame() {
    for (name, bytes, size) in [
        ("colour", seed("rgb.jpg"), (48, 32)),
        ("grey", seed("grey.jpg"), (48, 32)),
        ("CMYK", seed("cmyk.jpg"), (48, 32)),
        ("progressive", seed("progressive.jpg"), (48, 32)),
        ("restart markers", seed("restart.jpg"), (48, 32)),
        ("no Huffman tables, old bytes behind", seed("no-tables.jpg"), (48, 32)),
        ("black", jpeg(640, 480, 0), (640, 480)),
        ("saturated", jpeg(640, 480, 255), (640, 480)),
        ("odd size", jpeg(333, 77, 90), (333, 77)),
        ("one pixel", jpeg(1, 1, 90), (1, 1)),
        ("4K", jpeg(3840, 2160, 90), (3840, 2160)),
    ] {
        let frame = Frame::from_mjpeg(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(frame.image().dimensions(), size, "{name}");
    }
}

/// A JPEG whose header announces another size.
fn announcing(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = jpeg(64, 64, 90);
    let frame = bytes.windows(2).position(|pair| matches!(pair, [0xFF, 0xC0])).unwrap();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

#[test]
fn what_is_no_whole_frame_is_an_error() {
    for (name, bytes) in [
        ("nothing", Vec::new()),
        ("text", b"no picture".to_vec()),
        ("two markers", vec![0xFF, 0xD8, 0xFF, 0xD9]),
        ("no size", announcing(0, 0)),
        ("no width", announcing(0, 64)),
        ("wider than any camera", announcing(5000, 64)),
        ("as large as a header can say", announcing(65_535, 65_535)),
    ] {
        assert!(Frame::from_mjpeg(&bytes).is_err(), "{name}");
    }
}

#[test]
fn every_cut_is_an_error_and_every_flipped_byte_no_panic() {
    for name in ["rgb.jpg", "grey.jpg", "cmyk.jpg", "progressive.jpg", "restart.jpg"] {
        let whole = seed(name);
        for length in 0..whole.len() {
            assert!(Frame::from_mjpeg(&whole[..length]).is_err(), "{name} cut at {length}");
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xFF;
            if let Ok(frame) = Frame::from_mjpeg(&bytes) {
                assert!(frame.image().width() <= 4096, "{name} at {at}");
            }
        }
    }
}
