//! Photos on their way into a bundle: decoded, turned upright, made smaller, written anew.
//!
//! Writing anew drops everything but the pixels: EXIF data may hold the place where a photo
//! was taken (C17).

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use zeroize::Zeroizing;

/// Longest side of a photo that is given, in pixels.
const MAX_GIVEN_SIDE: u32 = 6000;

/// Pixels of a photo that is given.
const MAX_GIVEN_PIXELS: u64 = 24_000_000;

/// Longest side of a photo that is kept, in pixels. Comparison needs far less, and a large venue has
/// hundreds of thousands of them on each kiosk.
const MAX_SIDE: u32 = 640;

const JPEG_QUALITY: u8 = 85;

/// Memory for decoding: 24 megapixels of 16-bit RGBA.
const MAX_ALLOC: u64 = MAX_GIVEN_PIXELS * 8;

/// Why a photo cannot be used, apart from what is on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PhotoProblem {
    /// Neither JPEG nor PNG, or damaged.
    NotAPicture,
    /// Too many pixels; known from the header, before any is decoded.
    TooLarge,
}

impl PhotoProblem {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::NotAPicture => "not_a_picture",
            Self::TooLarge => "too_large",
        }
    }
}

/// The photo as a JPEG of at most [`MAX_SIDE`] pixels a side, upright, without metadata.
pub(crate) fn rewrite(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, PhotoProblem> {
    let picture = decode(bytes)?;
    let picture = if picture.width().max(picture.height()) > MAX_SIDE {
        picture.resize(MAX_SIDE, MAX_SIDE, FilterType::Lanczos3)
    } else {
        picture
    };
    let mut jpeg = Zeroizing::new(Vec::with_capacity(512 * 1024));
    JpegEncoder::new_with_quality(&mut *jpeg, JPEG_QUALITY)
        .encode_image(&picture.into_rgb8())
        .map_err(|_| PhotoProblem::NotAPicture)?;
    Ok(jpeg)
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, PhotoProblem> {
    let reader = || {
        ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .ok()
            .filter(|r| matches!(r.format(), Some(ImageFormat::Jpeg | ImageFormat::Png)))
            .ok_or(PhotoProblem::NotAPicture)
    };
    let (width, height) = reader()?.into_dimensions().map_err(|_| PhotoProblem::NotAPicture)?;
    if width.max(height) > MAX_GIVEN_SIDE || u64::from(width) * u64::from(height) > MAX_GIVEN_PIXELS
    {
        return Err(PhotoProblem::TooLarge);
    }
    let mut reader = reader()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| PhotoProblem::NotAPicture)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| PhotoProblem::NotAPicture)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

#[cfg(test)]
pub(crate) mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use image::{GrayImage, Rgb, RgbImage};

    use super::*;

    /// A picture with a red left half, in the given format.
    pub(crate) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, _| {
            if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) }
        });
        let mut bytes = Vec::new();
        DynamicImage::from(picture).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    /// The same JPEG with EXIF data that say "turn a quarter to the right" and where it was.
    pub(crate) fn with_exif(jpeg: &[u8]) -> Vec<u8> {
        let mut exif =
            b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        exif.extend(b"GPS 31.1907 N 121.2993 E");
        let length = (exif.len() as u16 + 2).to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    fn contains(bytes: &[u8], needle: &[u8]) -> bool {
        bytes.windows(needle.len()).any(|w| w == needle)
    }

    #[test]
    fn c17_metadata_are_dropped_after_the_picture_is_turned_upright() {
        let given = with_exif(&picture(80, 40, ImageFormat::Jpeg));
        assert!(contains(&given, b"GPS") && contains(&given, b"Exif"));
        let photo = rewrite(&given).unwrap();
        assert!(!contains(&photo, b"GPS") && !contains(&photo, b"Exif"));
        let upright = image::load_from_memory(&photo).unwrap().into_rgb8();
        assert_eq!(upright.dimensions(), (40, 80));
        // What was on the left is on top after a quarter turn to the right.
        assert!(upright.get_pixel(20, 10).0[0] > 150);
        assert!(upright.get_pixel(20, 70).0[2] > 150);
    }

    #[test]
    fn every_photo_becomes_a_jpeg_of_at_most_640_pixels_a_side() {
        for (width, height, format, expected) in [
            (300, 400, ImageFormat::Png, (300, 400)),
            (300, 400, ImageFormat::Jpeg, (300, 400)),
            (3000, 1500, ImageFormat::Jpeg, (640, 320)),
            (1000, 2000, ImageFormat::Png, (320, 640)),
        ] {
            let photo = rewrite(&picture(width, height, format)).unwrap();
            assert_eq!(image::guess_format(&photo).unwrap(), ImageFormat::Jpeg);
            let size = image::load_from_memory(&photo).unwrap();
            assert_eq!((size.width(), size.height()), expected);
        }
    }

    #[test]
    fn a_picture_20000_pixels_wide_is_flagged_from_its_header() {
        let mut png = Vec::new();
        DynamicImage::from(GrayImage::new(20_000, 2))
            .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
            .unwrap();
        // Without the pixel data only the header can be read.
        for length in [png.len(), 60] {
            assert_eq!(rewrite(&png[..length]).err(), Some(PhotoProblem::TooLarge), "{length}");
        }
        let wide_and_high = picture(5900, 5900, ImageFormat::Png);
        assert_eq!(rewrite(&wide_and_high).err(), Some(PhotoProblem::TooLarge));
    }

    #[test]
    fn what_is_no_picture_is_flagged() {
        let jpeg = picture(80, 40, ImageFormat::Jpeg);
        let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
        for bytes in [&b""[..], b"hello", gif, &jpeg[..20], &picture(9, 9, ImageFormat::Png)[..50]]
        {
            assert_eq!(rewrite(bytes).err(), Some(PhotoProblem::NotAPicture));
        }
    }
}
