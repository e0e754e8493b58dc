//! Whatever bytes or pixels come, there is an outcome: a table through the public interface.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use face::{
    Engine, Guidance, Limits, Outcome, ReferenceProblem, Step, Verification, decode_picture,
};
use image::{Rgb, RgbImage};

fn seed(name: &str) -> Vec<u8> {
    let folder =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../fuzz/seeds/photo");
    fs::read(folder.join(name)).unwrap()
}

fn cached(variable: &str, folder: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || Path::new(&std::env::var_os("HOME").unwrap()).join(".cache"),
        PathBuf::from,
    );
    cache.join("postern").join(folder)
}

#[test]
fn every_kind_of_jpeg_and_png_becomes_an_upright_rgb_picture() {
    let (upright, turned) = ((48, 32), (32, 48));
    for (name, expected) in [
        ("rgb.jpg", upright),
        ("grey.jpg", upright),
        ("cmyk.jpg", upright),
        ("progressive.jpg", upright),
        ("restart.jpg", upright),
        ("exif3.jpg", upright),
        ("exif6.jpg", turned),
        ("exif8.jpg", turned),
        ("rgb.png", upright),
        ("palette.png", upright),
        ("alpha.png", upright),
        ("grey16.png", upright),
    ] {
        let sample = decode_picture(&seed(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(sample.image().dimensions(), expected, "{name}");
    }
}

#[test]
fn colours_survive_cmyk_and_turning() {
    let plain = decode_picture(&seed("rgb.jpg")).unwrap();
    let close = |a: &Rgb<u8>, b: &Rgb<u8>| a.0.iter().zip(b.0).all(|(a, b)| a.abs_diff(b) < 48);
    let cmyk = decode_picture(&seed("cmyk.jpg")).unwrap();
    let half = decode_picture(&seed("exif3.jpg")).unwrap();
    for (x, y) in [(5, 5), (40, 5), (5, 28), (40, 28), (24, 16)] {
        let expected = plain.image().get_pixel(x, y);
        assert!(close(expected, cmyk.image().get_pixel(x, y)), "CMYK at {x} {y}");
        assert!(close(expected, half.image().get_pixel(47 - x, 31 - y)), "turned at {x} {y}");
    }
}

#[test]
fn every_cut_and_every_flipped_byte_is_a_picture_or_a_reason() {
    for name in ["rgb.jpg", "cmyk.jpg", "progressive.jpg", "exif6.jpg", "palette.png", "grey16.png"]
    {
        let whole = seed(name);
        for length in 0..whole.len() {
            let cut = decode_picture(&whole[..length]).err();
            // The last chunk of a PNG says nothing but that it is the last.
            let complete = whole.starts_with(b"\x89PNG") && length + 12 >= whole.len();
            assert!(
                complete || cut == Some(ReferenceProblem::NotAPicture),
                "{name} cut at {length}"
            );
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xFF;
            if let Ok(sample) = decode_picture(&bytes) {
                assert!(sample.image().width() <= face::MAX_SIDE, "{name} at {at}");
            }
        }
    }
}

#[test]
fn frames_without_a_usable_face_guide_and_end_with_a_person() {
    let engine = Engine::load(&cached("POSTERN_MODELS", "models")).unwrap();
    let photo = cached("POSTERN_PICTURES", "pictures").join("obama.jpg");
    let photo = decode_picture(&fs::read(photo).unwrap()).unwrap();
    let noise = RgbImage::from_fn(640, 480, |x, y| {
        let value = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).rotate_left(7);
        Rgb(value.to_le_bytes()[..3].try_into().unwrap())
    });
    let frames = [
        ("no pixels", RgbImage::new(0, 0)),
        ("no rows", RgbImage::new(640, 0)),
        ("one pixel", RgbImage::new(1, 1)),
        ("a line", RgbImage::new(5000, 1)),
        ("odd", RgbImage::new(333, 77)),
        ("black", RgbImage::new(640, 480)),
        ("saturated", RgbImage::from_pixel(640, 480, Rgb([255; 3]))),
        ("noise", noise),
        ("4K", RgbImage::from_pixel(3840, 2160, Rgb([90, 120, 70]))),
    ];
    for (name, frame) in frames {
        let reference = engine.enrol(&photo).unwrap();
        let mut verification = Verification::new(&engine, reference, Limits::default(), 0);
        let step = verification.frame(&frame, Duration::ZERO);
        assert_eq!(step, Step::Continue(Guidance::NoFace), "{name}");
        assert_eq!(verification.finish(), Outcome::PoorSamples, "{name}");
        let sample = face::Sample::from_rgb(frame);
        assert_eq!(engine.enrol(&sample).err(), Some(ReferenceProblem::NoFace), "{name}");
    }
}
