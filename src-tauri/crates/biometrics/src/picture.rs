//! Pictures for the screen: pixels that a canvas takes as they are. Nothing has to decode them, so
//! that no decoder and no cache of the window keeps a copy.

use face::{ReferenceProblem, decode_picture};
use image::{ExtendedColorType, ImageError, RgbImage, codecs::jpeg::JpegEncoder, imageops};
use zeroize::Zeroizing;

use crate::wire::WireError;

/// Longest side, in pixels.
const LONGEST_SIDE: u32 = 640;
/// Quality of a JPEG, 1 to 100: what a person compares by stays visible.
const JPEG_QUALITY: u8 = 90;
/// Bytes of width and height.
const SIZE: usize = 8;

/// A picture for the screen, at most 640 pixels a side: RGB, 8 bits a channel, row by row from the
/// top left. Wiped when dropped.
pub struct Picture {
    width: u32,
    height: u32,
    rgb: Zeroizing<Vec<u8>>,
}

impl Picture {
    /// A frame of the camera.
    pub(crate) fn of_frame(frame: &RgbImage) -> Self {
        let longest = frame.width().max(frame.height());
        if longest <= LONGEST_SIDE {
            return Self::new(frame.width(), frame.height(), frame.as_raw().clone());
        }
        let fit = |side: u32| (side * LONGEST_SIDE / longest).max(1);
        let small = imageops::thumbnail(frame, fit(frame.width()), fit(frame.height()));
        Self::new(small.width(), small.height(), small.into_raw())
    }

    /// A certificate photo (JPEG or PNG), for a member of staff to look at.
    pub fn of_photo(photo: &[u8]) -> Result<Self, ReferenceProblem> {
        Ok(Self::of_frame(decode_picture(photo)?.image()))
    }

    fn new(width: u32, height: u32, rgb: Vec<u8>) -> Self {
        Self { width, height, rgb: Zeroizing::new(rgb) }
    }

    /// Bytes of [`Picture::write_canvas`].
    pub fn canvas_length(&self) -> usize {
        SIZE + self.rgb.len() / 3 * 4
    }

    /// Appends what the window's canvas takes: width and height (u32, little-endian), then RGBA.
    /// Whoever reserves [`Picture::canvas_length`] leaves no copy behind.
    pub fn write_canvas(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.width.to_le_bytes());
        to.extend_from_slice(&self.height.to_le_bytes());
        for &[red, green, blue] in self.rgb.as_chunks().0 {
            to.extend_from_slice(&[red, green, blue, u8::MAX]);
        }
    }

    /// As JPEG.
    pub(crate) fn to_jpeg(&self) -> Result<Zeroizing<Vec<u8>>, ImageError> {
        // More than it ever takes, so that growing leaves no copy behind.
        let mut jpeg = Zeroizing::new(Vec::with_capacity(4096 + 2 * self.rgb.len()));
        JpegEncoder::new_with_quality(&mut *jpeg, JPEG_QUALITY).encode(
            &self.rgb,
            self.width,
            self.height,
            ExtendedColorType::Rgb8,
        )?;
        Ok(jpeg)
    }

    /// For the pipe: width and height (u32, little-endian), then RGB.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(SIZE + self.rgb.len()));
        bytes.extend_from_slice(&self.width.to_le_bytes());
        bytes.extend_from_slice(&self.height.to_le_bytes());
        bytes.extend_from_slice(&self.rgb);
        bytes
    }

    /// What [`Picture::encode`] wrote.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let (&width, rest) = bytes.split_first_chunk().ok_or(WireError::Unreadable)?;
        let (&height, rgb) = rest.split_first_chunk().ok_or(WireError::Unreadable)?;
        let (width, height) = (u32::from_le_bytes(width), u32::from_le_bytes(height));
        let fits = (1..=LONGEST_SIDE).contains(&width) && (1..=LONGEST_SIDE).contains(&height);
        if !fits || rgb.len() != (width * height * 3) as usize {
            return Err(WireError::Unreadable);
        }
        Ok(Self::new(width, height, rgb.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use image::Rgb;
    use proptest::prelude::*;

    use super::*;

    fn two_halves(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, _| Rgb([if x < width / 2 { 10 } else { 200 }, 20, 30]))
    }

    fn canvas(picture: &Picture) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(picture.canvas_length());
        picture.write_canvas(&mut bytes);
        assert_eq!(bytes.len(), picture.canvas_length());
        bytes
    }

    #[test]
    fn a_canvas_gets_size_and_opaque_pixels() {
        let bytes = canvas(&Picture::of_frame(&two_halves(2, 1)));
        assert_eq!(bytes, [2, 0, 0, 0, 1, 0, 0, 0, 10, 20, 30, 255, 200, 20, 30, 255]);
    }

    #[test]
    fn a_large_frame_is_made_smaller_and_keeps_its_shape() {
        for (given, shown) in [
            ((640, 480), (640, 480)),
            ((1280, 720), (640, 360)),
            ((1080, 1920), (360, 640)),
            ((9000, 2), (640, 1)),
        ] {
            let picture = Picture::of_frame(&two_halves(given.0, given.1));
            assert_eq!((picture.width, picture.height), shown);
            assert_eq!((picture.rgb[0], picture.rgb[(picture.width * 3 - 3) as usize]), (10, 200));
        }
    }

    #[test]
    fn a_picture_survives_the_pipe() {
        let picture = Picture::of_frame(&two_halves(31, 17));
        let back = Picture::decode(&picture.encode()).unwrap();
        assert_eq!(canvas(&back), canvas(&picture));
    }

    #[test]
    fn a_picture_of_the_wrong_length_is_refused() {
        let good = Picture::of_frame(&two_halves(4, 4)).encode();
        assert!(Picture::decode(&good[..good.len() - 1]).is_err());
        let mut long = good.to_vec();
        long.push(0);
        assert!(Picture::decode(&long).is_err());
        let (none, huge) = ([0; 8], [[255; 8], [1; 8]].concat());
        assert!(Picture::decode(&none).is_err());
        assert!(Picture::decode(&huge).is_err());
    }

    #[test]
    fn a_photo_is_decoded_and_what_is_none_is_refused() {
        let mut png = std::io::Cursor::new(Vec::new());
        two_halves(40, 50).write_to(&mut png, image::ImageFormat::Png).unwrap();
        assert_eq!(canvas(&Picture::of_photo(png.get_ref()).unwrap())[..4], [40, 0, 0, 0]);
        assert!(Picture::of_photo(b"no picture").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            drop(Picture::decode(&bytes));
        }
    }
}
