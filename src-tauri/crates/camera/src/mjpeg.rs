//! JPEG pictures as cameras send them in an MJPEG stream.
//!
//! Many cameras leave out the Huffman tables, because MJPEG always uses the typical ones of ITU-T T.81 Annex K.3,
//! and the driver's buffer has old bytes behind the picture.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, RgbImage, codecs::jpeg::JpegDecoder};
use zeroize::Zeroizing;

use crate::CameraError;

/// Pixels a side that no kiosk camera exceeds; a larger header is a broken frame.
pub(crate) const LARGEST_SIDE: u32 = 4096;

/// The picture alone, from its first to its last marker, with Huffman tables.
pub(crate) fn complete(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, CameraError> {
    let layout = Layout::read(bytes).ok_or_else(|| CameraError::Frame("not a JPEG".into()))?;
    let mut whole = Zeroizing::new(Vec::with_capacity(layout.end + STANDARD_TABLES.len() + 4));
    whole.extend_from_slice(&bytes[..layout.scan]);
    if !layout.has_tables {
        whole.extend_from_slice(&[0xff, 0xc4]);
        whole.extend_from_slice(&(2 + STANDARD_TABLES.len() as u16).to_be_bytes());
        whole.extend_from_slice(&STANDARD_TABLES);
    }
    whole.extend_from_slice(&bytes[layout.scan..layout.end]);
    Ok(whole)
}

/// Decodes a complete JPEG picture.
pub(crate) fn decode(jpeg: &[u8]) -> Result<RgbImage, CameraError> {
    let broken = |error: image::ImageError| CameraError::Frame(error.to_string());
    let decoder = JpegDecoder::new(Cursor::new(jpeg)).map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if width > LARGEST_SIDE || height > LARGEST_SIDE {
        return Err(CameraError::Frame(format!("size {width}x{height}")));
    }
    Ok(DynamicImage::from_decoder(decoder).map_err(broken)?.into_rgb8())
}

struct Layout {
    /// Offset of the first start-of-scan marker.
    scan: usize,
    has_tables: bool,
    /// Offset behind the end-of-image marker.
    end: usize,
}

impl Layout {
    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.get(..2)? != [0xff, 0xd8] {
            return None;
        }
        let mut at = 2;
        let mut has_tables = false;
        loop {
            let (&fill, &marker) = (bytes.get(at)?, bytes.get(at + 1)?);
            if fill != 0xff {
                return None;
            }
            match marker {
                0xff => at += 1, // fill byte before a marker
                0xda => break,
                _ => {
                    has_tables |= marker == 0xc4;
                    let length = u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]);
                    at += 2 + usize::from(length.max(2));
                }
            }
        }
        // In entropy-coded data 0xff is always followed by 0 or a restart marker, so this is the end.
        let end = bytes[at..].windows(2).position(|pair| pair == [0xff, 0xd9])?;
        Some(Self { scan: at, has_tables, end: at + end + 2 })
    }
}

/// The body of a DHT segment: the four typical tables of ITU-T T.81, tables K.3 to K.6.
#[rustfmt::skip]
const STANDARD_TABLES: [u8; 416] = [
    // DC, luminance
    0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    // AC, luminance
    0x10, 0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d,
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07,
    0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0,
    0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25, 0x26, 0x27, 0x28,
    0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
    0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,
    0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
    0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
    0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5,
    0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2,
    0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
    0xf9, 0xfa,
    // DC, chrominance
    0x01, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    // AC, chrominance
    0x11, 0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77,
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71,
    0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33, 0x52, 0xf0,
    0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25, 0xf1, 0x17, 0x18, 0x19, 0x1a, 0x26,
    0x27, 0x28, 0x29, 0x2a, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
    0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
    0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
    0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5,
    0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3,
    0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda,
    0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
    0xf9, 0xfa,
];

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use image::{ExtendedColorType, Rgb, codecs::jpeg::JpegEncoder};

    use super::*;

    /// A busy picture, so that most codes of the tables are used.
    fn jpeg() -> Vec<u8> {
        let picture = RgbImage::from_fn(160, 120, |x, y| {
            let noise = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).rotate_left(7);
            Rgb([(noise >> 8) as u8, (noise >> 3) as u8, (x + y) as u8])
        });
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 95)
            .encode(&picture, 160, 120, ExtendedColorType::Rgb8)
            .unwrap();
        bytes
    }

    /// The same picture without DHT segments, as cameras send it.
    fn stripped(jpeg: &[u8]) -> Vec<u8> {
        let mut out = jpeg[..2].to_vec();
        let mut at = 2;
        while jpeg[at + 1] != 0xda {
            let length = 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
            if jpeg[at + 1] != 0xc4 {
                out.extend_from_slice(&jpeg[at..at + length]);
            }
            at += length;
        }
        out.extend_from_slice(&jpeg[at..]);
        out
    }

    #[test]
    fn a_picture_without_huffman_tables_decodes_to_the_same_pixels() {
        let whole = jpeg();
        let bare = stripped(&whole);
        assert!(bare.len() < whole.len() - 400);
        assert!(decode(&bare).is_err(), "the decoder alone cannot read it");
        let pixels = decode(&complete(&bare).unwrap()).unwrap();
        assert_eq!(pixels, decode(&whole).unwrap());
    }

    #[test]
    fn a_complete_picture_stays_as_it_is_and_loses_what_follows_it() {
        let whole = jpeg();
        let mut buffer = whole.clone();
        buffer.extend_from_slice(&[0xff, 0xd9, 0, 1, 2, 3]);
        assert_eq!(*complete(&buffer).unwrap(), whole);
    }

    #[test]
    fn broken_pictures_are_errors() {
        let whole = jpeg();
        for bytes in [&[][..], &[0xff, 0xd8], &whole[1..], &whole[..whole.len() - 2]] {
            assert!(complete(bytes).is_err());
        }
        for cut in (2..400).step_by(7) {
            assert!(complete(&whole[..cut]).is_err());
        }
    }
}
