//! One frame in memory.

use image::RgbImage;
use zeroize::Zeroize;

use crate::{CameraError, mjpeg};

/// One picture from a source: RGB, 8 bits a channel, wiped on drop.
pub struct Frame(RgbImage);

impl Frame {
    /// A frame from pixels.
    pub fn from_rgb(image: RgbImage) -> Self {
        Self(image)
    }

    /// A frame from one JPEG picture of a camera's MJPEG stream; trailing bytes are cut off and missing Huffman
    /// tables are put in.
    pub fn from_mjpeg(bytes: &[u8]) -> Result<Self, CameraError> {
        mjpeg::decode(&mjpeg::complete(bytes)?).map(Self)
    }

    /// The pixels.
    pub fn image(&self) -> &RgbImage {
        &self.0
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
