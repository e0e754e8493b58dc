//! A captured image, and the decoding of certificate photos.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, ImageFormat, ImageReader, RgbImage};
use zeroize::Zeroizing;

use crate::ReferenceProblem;
use crate::buffers::wipe;

/// Longest side of a picture that is decoded, in pixels.
pub const MAX_SIDE: u32 = 6_000;
/// Most pixels of a picture that is decoded.
pub const MAX_PIXELS: u64 = 24_000_000;
/// Most bytes that a decoded picture or its decoder may take: 24 megapixels of 16-bit RGB.
const MAX_ALLOC: u64 = MAX_PIXELS * 6;

/// A captured image or a decoded photo: 8-bit RGB, wiped when dropped.
pub struct Sample(RgbImage);

impl Sample {
    /// Takes over an image; no copy stays behind.
    pub fn from_rgb(image: RgbImage) -> Self {
        Self(image)
    }

    /// Takes over pixels of red, green and blue, row by row; `None` if they are too few.
    pub fn from_raw(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        RgbImage::from_raw(width, height, pixels).map(Self)
    }

    /// The pixels.
    pub fn image(&self) -> &RgbImage {
        &self.0
    }
}

impl std::borrow::Borrow<RgbImage> for Sample {
    fn borrow(&self) -> &RgbImage {
        self.image()
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Decodes a JPEG or PNG picture, upright as its EXIF orientation says.
///
/// The size in the header is checked before anything is decoded.
///
/// # Errors
/// [`ReferenceProblem::TooLarge`] if a side is longer than [`MAX_SIDE`] or the picture has more
/// than [`MAX_PIXELS`]; [`ReferenceProblem::NotAPicture`] for everything else that is not a
/// whole JPEG or PNG.
pub fn decode_picture(bytes: &[u8]) -> Result<Sample, ReferenceProblem> {
    let (width, height) =
        reader(bytes)?.into_dimensions().map_err(|_| ReferenceProblem::NotAPicture)?;
    let too_large = ReferenceProblem::TooLarge { width, height };
    if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(too_large);
    }
    let mut reader = reader(bytes)?;
    if reader.format() == Some(ImageFormat::Jpeg) && !is_whole_jpeg(bytes) {
        return Err(ReferenceProblem::NotAPicture);
    }
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| ReferenceProblem::NotAPicture)?;
    if decoder.total_bytes() > MAX_ALLOC {
        return Err(too_large);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let color = decoder.color_type();
    let length = usize::try_from(decoder.total_bytes()).map_err(|_| too_large)?;
    let mut raw = Zeroizing::new(vec![0_u8; length]);
    decoder.read_image(&mut raw).map_err(|_| ReferenceProblem::NotAPicture)?;
    let sample = to_rgb(&raw, color, width, height).ok_or(ReferenceProblem::NotAPicture)?;
    Ok(upright(sample, orientation))
}

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, ReferenceProblem> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| ReferenceProblem::NotAPicture)?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png)) {
        return Err(ReferenceProblem::NotAPicture);
    }
    reader.no_limits();
    Ok(reader)
}

/// Whether the end-of-image marker is there. The decoder fills what is missing with grey, and
/// half a face must not become a template.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    // After the start-of-image marker.
    let mut at = 2;
    while let Some(&[first, second]) = bytes.get(at..at + 2) {
        at += match (first, second) {
            (0xFF, 0xD9) => return true,
            // Filling, or a byte of coded data.
            (0xFF, 0xFF) | (..0xFF, _) => 1,
            // A coded 0xFF, or a marker without a segment.
            (0xFF, 0x00 | 0x01 | 0xD0..=0xD8) => 2,
            (0xFF, _) => match bytes.get(at + 2..at + 4) {
                Some(&[high, low]) => 2 + usize::from(u16::from_be_bytes([high, low])),
                _ => return false,
            },
        };
    }
    false
}

/// Eight bits of red, green and blue of each pixel; the alpha channel is ignored.
fn to_rgb(raw: &[u8], color: ColorType, width: u32, height: u32) -> Option<Sample> {
    let step = usize::from(color.bytes_per_pixel());
    // Where red, green and blue are in a pixel; 16-bit samples are in native byte order.
    let high = usize::from(cfg!(target_endian = "little"));
    let at = match color {
        ColorType::L8 | ColorType::La8 => [0, 0, 0],
        ColorType::Rgb8 | ColorType::Rgba8 => [0, 1, 2],
        ColorType::L16 | ColorType::La16 => [high, high, high],
        ColorType::Rgb16 | ColorType::Rgba16 => [high, 2 + high, 4 + high],
        _ => return None,
    };
    let mut sample = Sample(RgbImage::new(width, height));
    for (to, from) in sample.0.pixels_mut().zip(raw.chunks_exact(step)) {
        to.0 = at.map(|i| from[i]);
    }
    Some(sample)
}

/// Turns and mirrors as EXIF says.
fn upright(sample: Sample, orientation: Orientation) -> Sample {
    if orientation == Orientation::NoTransforms {
        return sample;
    }
    let source = &sample.0;
    let (w, h) = source.dimensions();
    let sideways = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (width, height) = if sideways { (h, w) } else { (w, h) };
    let image = RgbImage::from_fn(width, height, |x, y| {
        let (sx, sy) = match orientation {
            Orientation::NoTransforms => (x, y),
            Orientation::FlipHorizontal => (w - 1 - x, y),
            Orientation::FlipVertical => (x, h - 1 - y),
            Orientation::Rotate180 => (w - 1 - x, h - 1 - y),
            Orientation::Rotate90 => (y, h - 1 - x),
            Orientation::Rotate270 => (w - 1 - y, x),
            Orientation::Rotate90FlipH => (y, x),
            Orientation::Rotate270FlipH => (w - 1 - y, h - 1 - x),
        };
        *source.get_pixel(sx, sy)
    });
    Sample(image)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::fmt::Debug;

    use image::codecs::jpeg::JpegEncoder;
    use image::{DynamicImage, Luma, LumaA, Rgb, Rgba};

    use super::*;

    fn problem(bytes: &[u8]) -> Option<ReferenceProblem> {
        decode_picture(bytes).err()
    }

    /// A PNG whose header announces this size and whose pixels are no such thing.
    fn png_header(width: u32, height: u32) -> Vec<u8> {
        let chunk = |kind: &[u8; 4], data: &[u8]| {
            let body = [kind.as_slice(), data].concat();
            let length = u32::try_from(data.len()).unwrap().to_be_bytes();
            [length.as_slice(), &body, &crc32(&body).to_be_bytes()].concat()
        };
        let mut header = Vec::new();
        header.extend(width.to_be_bytes());
        header.extend(height.to_be_bytes());
        header.extend([8, 2, 0, 0, 0]);
        let parts =
            [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &[0; 8])];
        parts.concat()
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
        })
    }

    fn jpeg(image: &RgbImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 95).encode_image(image).unwrap();
        bytes
    }

    fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_20000_pixels_wide_is_refused_before_it_is_decoded() {
        // The pixels are garbage: whoever decodes them finds "not a picture" instead.
        for (width, height) in [(20_000, 20_000), (20_000, 1), (1, 20_000), (5_000, 5_000)] {
            let expected = Some(ReferenceProblem::TooLarge { width, height });
            assert_eq!(problem(&png_header(width, height)), expected);
        }
        assert_eq!(problem(&png_header(100, 100)), Some(ReferenceProblem::NotAPicture));
        let mut wide = jpeg(&RgbImage::new(64, 64));
        let frame = wide.windows(2).position(|pair| matches!(pair, [0xFF, 0xC0])).unwrap();
        wide[frame + 5..frame + 9].copy_from_slice(&[0x4E, 0x20, 0x4E, 0x20]);
        assert_eq!(
            problem(&wide),
            Some(ReferenceProblem::TooLarge { width: 20_000, height: 20_000 })
        );
    }

    #[test]
    fn what_is_no_whole_jpeg_or_png_is_no_picture() {
        let good = RgbImage::from_fn(64, 48, |x, y| Rgb([x as u8 * 3, y as u8 * 5, 7]));
        let (jpeg, png) = (jpeg(&good), png(good));
        let cases: [(&str, &[u8]); 7] = [
            ("nothing", b""),
            ("text", b"code,name\n1,2\n"),
            ("a GIF", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
            ("the start of a JPEG", &jpeg[..20]),
            ("half a JPEG", &jpeg[..jpeg.len() / 2]),
            ("half a PNG", &png[..png.len() / 2]),
            ("a PNG's signature", &png[..8]),
        ];
        for (name, bytes) in cases {
            assert_eq!(problem(bytes), Some(ReferenceProblem::NotAPicture), "{name}");
        }
    }

    #[test]
    fn every_colour_type_becomes_rgb() {
        fn check(name: impl Debug, image: impl Into<DynamicImage>) {
            let sample = decode_picture(&png(image)).unwrap();
            let [red, green, blue] = sample.image().get_pixel(1, 1).0;
            let grey = red == 100 && green == 100 && blue == 100;
            assert!(grey || [red, green, blue] == [100, 50, 200], "{name:?}");
            assert_eq!(sample.image().dimensions(), (3, 2), "{name:?}");
        }
        let wide = |value: u16| value * 257;
        check("L8", image::GrayImage::from_pixel(3, 2, Luma([100])));
        check("La8", image::GrayAlphaImage::from_pixel(3, 2, LumaA([100, 9])));
        check("Rgb8", RgbImage::from_pixel(3, 2, Rgb([100, 50, 200])));
        check("Rgba8", image::RgbaImage::from_pixel(3, 2, Rgba([100, 50, 200, 9])));
        check("L16", image::ImageBuffer::from_pixel(3, 2, Luma([wide(100)])));
        check("Rgb16", image::ImageBuffer::from_pixel(3, 2, Rgb([wide(100), wide(50), wide(200)])));
    }

    #[test]
    fn exif_orientation_is_honoured() {
        const COLOURS: [[u8; 3]; 4] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]];
        let stored = RgbImage::from_fn(64, 32, |x, y| {
            Rgb(COLOURS[usize::from(x >= 32) + 2 * usize::from(y >= 16)])
        });
        // Which stored quarter each orientation shows at the top left, top right, bottom left
        // and bottom right (EXIF 2.3, table 6).
        let cases = [
            (1, [0, 1, 2, 3]),
            (2, [1, 0, 3, 2]),
            (3, [3, 2, 1, 0]),
            (4, [2, 3, 0, 1]),
            (5, [0, 2, 1, 3]),
            (6, [2, 0, 3, 1]),
            (7, [3, 1, 2, 0]),
            (8, [1, 3, 0, 2]),
        ];
        for (orientation, quarters) in cases {
            let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
            exif.extend([0, orientation, 0, 0, 0, 0, 0, 0]);
            let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
            let bytes = jpeg(&stored);
            let bytes = [&bytes[..2], &[0xFF, 0xE1], &length, &exif, &bytes[2..]].concat();
            let sample = decode_picture(&bytes).unwrap();
            let image = sample.image();
            let (width, height) = image.dimensions();
            assert_eq!(width > height, orientation < 5, "orientation {orientation}");
            let places = [(1, 1), (3, 1), (1, 3), (3, 3)];
            for (quarter, (x, y)) in quarters.into_iter().zip(places) {
                let found = image.get_pixel(width * x / 4, height * y / 4).0;
                let close = found.iter().zip(COLOURS[quarter]).all(|(a, b)| a.abs_diff(b) < 40);
                assert!(close, "orientation {orientation} at {x} {y}: {found:?}");
            }
        }
    }
}
