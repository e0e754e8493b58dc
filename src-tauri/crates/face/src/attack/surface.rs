//! The grid of a screen in the picture of a face: periodic patterns (moiré, scan lines) stand out
//! of the spectrum as lines that skin and hair do not have.

use std::f32::consts::TAU;
use std::sync::{Arc, LazyLock};

use image::RgbImage;
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::buffers::Floats;
use crate::detect::Face;

/// Side of the square that is looked at, in pixels of the frame: resizing would wipe out a grid.
const SIDE: usize = 128;
/// The same, where frequencies may be negative.
const SIGNED: i32 = 128;
/// Rings of frequencies, in cycles per side: a face itself has its energy below.
const RINGS: std::ops::Range<usize> = 20..64;
/// Width of a ring.
const RING: usize = 4;
/// Energy of noise that every camera has; so a smooth face has no peaks.
const NOISE: f32 = 1e-3 * 4096.0;
/// JPEG blocks are 8 pixels wide: their lines lie at multiples of this frequency on the axes.
const BLOCKS: i32 = 16;

/// Transforms one row or column.
static LINE: LazyLock<Arc<dyn Fft<f32>>> =
    LazyLock::new(|| FftPlanner::new().plan_fft_forward(SIDE));
/// Lets the square fade out towards its edges (von Hann's window).
static HANN: LazyLock<[f32; SIDE]> = LazyLock::new(|| {
    std::array::from_fn(|i| 0.5 - 0.5 * (TAU * i as f32 / (SIDE - 1) as f32).cos())
});

/// How far the strongest frequency stands out of those of its ring (ratio of energies). `None`
/// where the frame is smaller than the square.
pub(crate) fn periodicity(image: &RgbImage, face: &Face) -> Option<f32> {
    let place = |middle: f32, limit: u32| {
        let last = limit.checked_sub(SIDE as u32)?;
        Some((middle - (SIDE / 2) as f32).clamp(0.0, last as f32) as u32)
    };
    let left = place(face.left + face.width / 2.0, image.width())?;
    let top = place(face.top + face.height / 2.0, image.height())?;
    let (mut real, mut imaginary) = (Floats::zeros(SIDE * SIDE), Floats::zeros(SIDE * SIDE));
    for (i, value) in real.iter_mut().enumerate() {
        let pixel = image.get_pixel(left + (i % SIDE) as u32, top + (i / SIDE) as u32);
        let [red, green, blue] = pixel.0.map(f32::from);
        *value = 0.299 * red + 0.587 * green + 0.114 * blue;
    }
    let mean = real.iter().sum::<f32>() / real.len() as f32;
    for (i, value) in real.iter_mut().enumerate() {
        *value = (*value - mean) * HANN[i % SIDE] * HANN[i / SIDE];
    }
    transform(&mut real, &mut imaginary);
    Some(highest_peak(&real, &imaginary))
}

fn highest_peak(real: &[f32], imaginary: &[f32]) -> f32 {
    const COUNT: usize = (RINGS.end - RINGS.start) / RING;
    let (mut sums, mut counts, mut peaks) = ([0.0_f32; COUNT], [0_u32; COUNT], [0.0_f32; COUNT]);
    let signed = |i: i32| if i < SIGNED / 2 { i } else { i - SIGNED };
    for (i, place) in (0..SIGNED * SIGNED).enumerate() {
        let (x, y) = (signed(place % SIGNED), signed(place / SIGNED));
        let radius = ((x * x + y * y) as f32).sqrt() as usize;
        if !RINGS.contains(&radius) || is_of_blocks(x, y) || is_of_blocks(y, x) {
            continue;
        }
        let energy = real[i] * real[i] + imaginary[i] * imaginary[i];
        let ring = (radius - RINGS.start) / RING;
        sums[ring] += energy;
        counts[ring] += 1;
        peaks[ring] = peaks[ring].max(energy);
    }
    (0..COUNT)
        .map(|ring| peaks[ring] / (sums[ring] / counts[ring].max(1) as f32 + NOISE))
        .fold(0.0, f32::max)
}

fn is_of_blocks(along: i32, across: i32) -> bool {
    let away = along.rem_euclid(BLOCKS);
    across.abs() < 2 && away.min(BLOCKS - away) < 2
}

/// The discrete Fourier transform of a square, in place.
fn transform(real: &mut [f32], imaginary: &mut [f32]) {
    let mut values = [Complex32::default(); SIDE];
    let mut scratch = vec![Complex32::default(); LINE.get_inplace_scratch_len()];
    for stride in [1, SIDE] {
        for line in 0..SIDE {
            let start = if stride == 1 { line * SIDE } else { line };
            for (i, value) in values.iter_mut().enumerate() {
                let at = start + i * stride;
                *value = Complex32::new(real[at], imaginary[at]);
            }
            LINE.process_with_scratch(&mut values, &mut scratch);
            for (i, value) in values.iter().enumerate() {
                let at = start + i * stride;
                (real[at], imaginary[at]) = (value.re, value.im);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::testing::camera_frame;
    use crate::{AttackLimits, testing::engine};

    fn face() -> Face {
        Face {
            left: 256.0,
            top: 176.0,
            width: 128.0,
            height: 128.0,
            score: 1.0,
            landmarks: [[0.0; 2]; 5],
        }
    }

    #[test]
    fn a_wave_is_one_line_of_the_spectrum() {
        let (mut real, mut imaginary) = (vec![0.0; SIDE * SIDE], vec![0.0; SIDE * SIDE]);
        for (i, value) in real.iter_mut().enumerate() {
            *value = (TAU * (5 * (i % SIDE) + 9 * (i / SIDE)) as f32 / SIDE as f32).cos();
        }
        transform(&mut real, &mut imaginary);
        let energy = |x: usize, y: usize| real[y * SIDE + x].hypot(imaginary[y * SIDE + x]);
        let half = (SIDE * SIDE / 2) as f32;
        assert!(
            (energy(5, 9) - half).abs() < 1.0 && (energy(SIDE - 5, SIDE - 9) - half).abs() < 1.0
        );
        assert!(energy(9, 5) < 1.0 && energy(0, 0) < 1.0);
    }

    #[test]
    fn a_grid_over_a_face_stands_out_and_a_face_alone_does_not() {
        let limit = AttackLimits::default().periodic;
        for name in ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"] {
            let frame = camera_frame(name);
            let face =
                engine().watch(&frame, &crate::QualityLimits::PROBE, std::time::Duration::ZERO);
            let face = face.unwrap().unwrap().face;
            let plain = periodicity(&frame, &face).unwrap();
            assert!(plain < limit, "{name}: {plain}");
            let mut screen = frame.clone();
            for (x, y, pixel) in screen.enumerate_pixels_mut() {
                let wave = (TAU * (0.27 * x as f32 + 0.11 * y as f32)).sin();
                pixel.0 = pixel.0.map(|value| (f32::from(value) + 10.0 * wave) as u8);
            }
            let found = periodicity(&screen, &face).unwrap();
            assert!(found > limit, "{name}: {found}");
        }
    }

    #[test]
    fn a_plain_area_and_a_small_frame_have_no_grid() {
        let grey = RgbImage::from_pixel(640, 480, image::Rgb([120; 3]));
        assert!(periodicity(&grey, &face()).unwrap() < 1.0);
        assert!(periodicity(&RgbImage::new(100, 480), &face()).is_none());
        assert!(periodicity(&RgbImage::new(0, 0), &face()).is_none());
    }
}
