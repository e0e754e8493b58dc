//! One frame in memory.

use image::{ExtendedColorType, RgbImage, codecs::jpeg::JpegEncoder};
use zeroize::{Zeroize, Zeroizing};

use crate::{CameraError, mjpeg};

/// One picture from a source: RGB, 8 bits a channel, wiped on drop.
pub struct Frame {
    image: RgbImage,
    jpeg: Option<Zeroizing<Vec<u8>>>,
}

impl Frame {
    /// A frame from pixels.
    pub fn from_rgb(image: RgbImage) -> Self {
        Self { image, jpeg: None }
    }

    /// A frame from one JPEG picture of a camera's MJPEG stream; trailing bytes are cut off and missing Huffman
    /// tables are put in.
    pub fn from_mjpeg(bytes: &[u8]) -> Result<Self, CameraError> {
        let jpeg = mjpeg::complete(bytes)?;
        Ok(Self { image: mjpeg::decode(&jpeg)?, jpeg: Some(jpeg) })
    }

    /// The pixels.
    pub fn image(&self) -> &RgbImage {
        &self.image
    }

    /// The frame as a JPEG picture for the preview: the camera's own where there is one, else encoded at `quality`
    /// (1 to 100).
    pub fn jpeg(&self, quality: u8) -> Result<Zeroizing<Vec<u8>>, CameraError> {
        if let Some(jpeg) = &self.jpeg {
            return Ok(jpeg.clone());
        }
        let (width, height) = self.image.dimensions();
        // Reserved in one piece: a growing buffer would leave copies of the picture behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.image.len()));
        JpegEncoder::new_with_quality(&mut *bytes, quality)
            .encode(&self.image, width, height, ExtendedColorType::Rgb8)
            .map_err(|error| CameraError::Frame(error.to_string()))?;
        Ok(bytes)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.image.zeroize();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn preview_is_a_jpeg_of_the_same_size() {
        let frame = Frame::from_rgb(RgbImage::from_pixel(64, 48, image::Rgb([200, 30, 30])));
        let jpeg = frame.jpeg(80).unwrap();
        let back = image::load_from_memory(&jpeg).unwrap().into_rgb8();
        assert_eq!(back.dimensions(), (64, 48));
        assert!(back.pixels().all(|p| p[0].abs_diff(200) < 6));
    }

    #[test]
    fn preview_passes_the_cameras_own_jpeg_through() {
        let first = Frame::from_rgb(RgbImage::from_pixel(32, 32, image::Rgb([9, 99, 200])));
        let sent = first.jpeg(70).unwrap();
        let frame = Frame::from_mjpeg(&sent).unwrap();
        assert_eq!(*frame.jpeg(10).unwrap(), *sent);
    }
}
