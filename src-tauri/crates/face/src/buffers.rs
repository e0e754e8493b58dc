//! Buffers that are wiped when dropped.

use std::ops::{Deref, DerefMut};

use image::RgbImage;
use zeroize::Zeroize;

/// Floats computed from a picture of a person.
pub(crate) struct Floats(Vec<f32>);

impl Floats {
    pub(crate) fn zeros(length: usize) -> Self {
        Self(vec![0.0; length])
    }

    pub(crate) fn copy_of(values: &[f32]) -> Self {
        Self(values.to_vec())
    }
}

impl Deref for Floats {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Floats {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}

impl Drop for Floats {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Overwrites the pixels of an image.
pub(crate) fn wipe(image: &mut RgbImage) {
    image.as_flat_samples_mut().samples.zeroize();
}

/// An RGB image as three planes of floats (0–255), row by row, red first.
pub(crate) struct Planes {
    pub(crate) width: usize,
    pub(crate) height: usize,
    values: Floats,
}

impl Planes {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { width, height, values: Floats::zeros(3 * width * height) }
    }

    /// `(37 x + 59 y + 83 c + x y) mod 256` in plane `c`, as the scripts beside the vectors and
    /// the bench have it.
    pub(crate) fn pattern(width: usize, height: usize) -> Self {
        let mut planes = Self::new(width, height);
        for (x, y) in (0..width * height).map(|i| (i % width, i / width)) {
            let value = |c: usize| ((37 * x + 59 * y + 83 * c + x * y) % 256) as f32;
            planes.set(x, y, [value(0), value(1), value(2)]);
        }
        planes
    }

    pub(crate) fn set(&mut self, x: usize, y: usize, rgb: [f32; 3]) {
        let plane = self.width * self.height;
        let at = y * self.width + x;
        for (channel, value) in rgb.into_iter().enumerate() {
            self.values[channel * plane + at] = value;
        }
    }

    /// The picture with left and right exchanged.
    pub(crate) fn mirrored(&self) -> Self {
        let mut mirrored = Self::new(self.width, self.height);
        let rows = mirrored.values.chunks_exact_mut(self.width);
        for (to, from) in rows.zip(self.values.chunks_exact(self.width)) {
            to.copy_from_slice(from);
            to.reverse();
        }
        mirrored
    }

    #[cfg(test)]
    pub(crate) fn get(&self, x: usize, y: usize) -> [f32; 3] {
        let plane = self.width * self.height;
        let at = y * self.width + x;
        [self.values[at], self.values[plane + at], self.values[2 * plane + at]]
    }

    /// Luminance (ITU-R BT.601, 0–255) of each pixel.
    pub(crate) fn luminance(&self) -> Floats {
        let mut grey = Floats::zeros(self.width * self.height);
        let (red, rest) = self.values.split_at(grey.len());
        let (green, blue) = rest.split_at(grey.len());
        for (i, value) in grey.iter_mut().enumerate() {
            *value = 0.299 * red[i] + 0.587 * green[i] + 0.114 * blue[i];
        }
        grey
    }

    /// All values: the red plane, then green, then blue.
    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }
}
