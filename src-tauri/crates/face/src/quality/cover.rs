//! Whether mouth and nose are covered, as by a mask.
//!
//! No mask model is in the package registries, so this is a measured cue: eight simple
//! properties of an aligned face's lower half, compared with its cheeks and brow, in a logistic
//! regression. It was calibrated on masks of nine colours (surgical blue to the wearer's own
//! skin) drawn over photographs, against the same photographs without masks in five lights and
//! skin tones and with drawn beards, and checked with every person left out in turn. What it
//! says is no more than "covered or not" of this frame, and it is kept nowhere.

use crate::align::ALIGNED;
use crate::buffers::{Floats, Planes};

/// Columns and rows of a part of an aligned face, each from and to (not included).
struct Region([usize; 4]);

const CHEEKS_AND_BROW: [Region; 3] =
    [Region([34, 46, 60, 70]), Region([66, 78, 60, 70]), Region([48, 64, 34, 46])];
const LOWER: [Region; 1] = [Region([40, 72, 72, 106])];
const NOSE: [Region; 1] = [Region([46, 66, 64, 80])];
const LIPS: [Region; 1] = [Region([46, 66, 88, 97])];
const AROUND_LIPS: [Region; 3] =
    [Region([46, 66, 102, 111]), Region([30, 40, 84, 100]), Region([72, 82, 84, 100])];
const LIP_LINE: Region = Region([46, 66, 82, 104]);
const NOSTRILS: Region = Region([44, 68, 70, 84]);
const EYES: [Region; 1] = [Region([28, 84, 44, 60])];
/// Darkest pixels around the nostrils that count.
const NOSTRIL_PIXELS: usize = 20;
/// Distance of the skin's chromaticity from grey below which the picture has no colour to
/// compare; a picture without colour is never called covered.
const COLOURLESS: f32 = 2.0;

/// Weights of the properties in their order in [`properties`], and the constant.
const WEIGHTS: [f32; 8] = [0.1703, 0.0376, -0.1327, -6.368, 7.208, 0.4168, -8.464, -0.2506];
const CONSTANT: f32 = 4.3393;

/// The probability (0..1) that mouth and nose are covered, under the calibration's pictures.
pub(crate) fn covered(aligned: &Planes) -> f32 {
    let colour = Chromaticity::of(aligned);
    let [red, blue] = colour.mean(&CHEEKS_AND_BROW);
    if (red - 85.0).hypot(blue - 85.0) < COLOURLESS {
        return 0.0;
    }
    let properties = properties(aligned, &colour);
    let sum: f32 = properties.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    1.0 / (1.0 + (-sum - CONSTANT).exp())
}

/// What distinguishes a covered lower face: its colour and that of the nose are not those of
/// cheeks and brow; no lips redder than their surroundings, no line between them, no nostrils,
/// little texture, and little variety of colour.
fn properties(aligned: &Planes, colour: &Chromaticity) -> [f32; 8] {
    let mut light = aligned.luminance();
    let reference = mean(&light, &CHEEKS_AND_BROW).max(1.0);
    // The calibration added 1 to every channel.
    light.iter_mut().for_each(|value| *value = (*value + 1.0) / (reference + 1.0));
    let smooth = blurred(&light, 1.2);
    let broad = blurred(&light, 5.0);
    let mut texture = Floats::zeros(light.len());
    for (i, value) in texture.iter_mut().enumerate() {
        *value = smooth[i] - broad[i];
    }
    let skin = colour.mean(&CHEEKS_AND_BROW);
    let away = |regions: &[Region]| {
        let [red, blue] = colour.mean(regions);
        (red - skin[0]).hypot(blue - skin[1])
    };
    let redness = |regions: &[Region]| {
        // Red less green; the three shares sum up to 255.
        let [red, blue] = colour.mean(regions);
        2.0 * red + blue - 255.0
    };
    let lower_texture = deviation(&texture, &LOWER);
    [
        away(&LOWER),
        away(&NOSE),
        redness(&LIPS) - redness(&AROUND_LIPS),
        lip_line(&smooth),
        nostrils(&smooth),
        lower_texture,
        lower_texture / (deviation(&texture, &EYES) + 0.01),
        deviation(&blurred(&colour.red, 1.2), &LOWER)
            .hypot(deviation(&blurred(&colour.blue, 1.2), &LOWER)),
    ]
}

/// How much darker the darkest row of the mouth is than its bright ones.
fn lip_line(smooth: &[f32]) -> f32 {
    let [left, right, top, bottom] = LIP_LINE.0;
    let mut rows: Vec<f32> = (top..bottom)
        .map(|y| smooth[y * ALIGNED + left..y * ALIGNED + right].iter().sum::<f32>())
        .map(|sum| sum / (right - left) as f32)
        .collect();
    rows.sort_by(f32::total_cmp);
    let at = 0.85 * (rows.len() - 1) as f32;
    let (below, share) = (at as usize, at.fract());
    rows[below] + (rows[below + 1] - rows[below]) * share - rows[0]
}

/// How much darker the darkest pixels under the nose are than those around them.
fn nostrils(smooth: &[f32]) -> f32 {
    let mut values: Vec<f32> = NOSTRILS.pixels().map(|at| smooth[at]).collect();
    values.sort_by(f32::total_cmp);
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    mean(&values) - mean(&values[..NOSTRIL_PIXELS])
}

/// The shares of red and blue in each pixel, of 255 in all.
struct Chromaticity {
    red: Floats,
    blue: Floats,
}

impl Chromaticity {
    fn of(aligned: &Planes) -> Self {
        let pixels = aligned.width * aligned.height;
        let (mut red, mut blue) = (Floats::zeros(pixels), Floats::zeros(pixels));
        let values = aligned.values();
        for i in 0..pixels {
            let [r, g, b] = [0, 1, 2].map(|plane| values[plane * pixels + i] + 1.0);
            red[i] = 255.0 * r / (r + g + b);
            blue[i] = 255.0 * b / (r + g + b);
        }
        Self { red, blue }
    }

    fn mean(&self, regions: &[Region]) -> [f32; 2] {
        [mean(&self.red, regions), mean(&self.blue, regions)]
    }
}

impl Region {
    fn pixels(&self) -> impl Iterator<Item = usize> {
        let [left, right, top, bottom] = self.0;
        (top..bottom).flat_map(move |y| (left..right).map(move |x| y * ALIGNED + x))
    }
}

fn mean(values: &[f32], regions: &[Region]) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    for at in regions.iter().flat_map(Region::pixels) {
        sum += values[at];
        count += 1.0;
    }
    sum / count
}

fn deviation(values: &[f32], regions: &[Region]) -> f32 {
    let mean = mean(values, regions);
    let (mut sum, mut count) = (0.0, 0.0);
    for at in regions.iter().flat_map(Region::pixels) {
        sum += (values[at] - mean).powi(2);
        count += 1.0;
    }
    f32::sqrt(sum / count)
}

/// Gaussian blur of an aligned plane; beyond the edge it is mirrored.
fn blurred(values: &[f32], sigma: f32) -> Floats {
    let radius = (4.0 * sigma).round() as usize;
    let mut kernel: Vec<f32> = (0..=2 * radius)
        .map(|i| (-0.5 * ((i as f32 - radius as f32) / sigma).powi(2)).exp())
        .collect();
    let sum: f32 = kernel.iter().sum();
    for weight in &mut kernel {
        *weight /= sum;
    }
    // From a place in the padded line to one inside.
    let mirrored = |at: usize| {
        let inside = at.abs_diff(radius);
        if inside < ALIGNED { inside } else { 2 * (ALIGNED - 1) - inside }
    };
    let mut across = Floats::zeros(values.len());
    let mut line = Floats::zeros(ALIGNED + 2 * radius);
    for (row, target) in values.chunks_exact(ALIGNED).zip(across.chunks_exact_mut(ALIGNED)) {
        line.iter_mut().enumerate().for_each(|(at, value)| *value = row[mirrored(at)]);
        for (i, weight) in kernel.iter().enumerate() {
            target.iter_mut().zip(&line[i..]).for_each(|(to, from)| *to += weight * from);
        }
    }
    let mut both = Floats::zeros(values.len());
    for (y, target) in both.chunks_exact_mut(ALIGNED).enumerate() {
        for (i, weight) in kernel.iter().enumerate() {
            let row = &across[mirrored(y + i) * ALIGNED..][..ALIGNED];
            target.iter_mut().zip(row).for_each(|(to, from)| *to += weight * from);
        }
    }
    both
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use image::{Rgb, RgbImage};

    use super::*;
    use crate::QualityLimits;
    use crate::align::{Point, Similarity, TEMPLATE_POINTS, align};
    use crate::detect::{Face, detect};
    use crate::manifest::Role;
    use crate::network::Network;
    use crate::testing::{camera_frame, models_dir};

    const PICTURES: [&str; 5] =
        ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png"];
    const LIMIT: f32 = QualityLimits::PROBE.cover_max;

    fn face(frame: &RgbImage) -> Face {
        let detector = Network::load(&models_dir(), Role::Detector).unwrap();
        detect(&detector, frame).unwrap()[0]
    }

    fn cover(frame: &RgbImage) -> f32 {
        covered(&align(frame, &face(frame).landmarks).unwrap())
    }

    /// Draws where `inside` says (in pixels of the aligned face) what `colour` says.
    fn drawn(
        frame: &RgbImage,
        inside: impl Fn(Point) -> bool,
        colour: impl Fn(Point, [f32; 3]) -> [f32; 3],
    ) -> RgbImage {
        let forth = Similarity::between(&face(frame).landmarks, &TEMPLATE_POINTS).unwrap();
        let mut drawn = frame.clone();
        for (x, y, pixel) in drawn.enumerate_pixels_mut() {
            let at = forth.apply([x as f32, y as f32]);
            if inside(at) {
                *pixel = Rgb(colour(at, pixel.0.map(f32::from)).map(|value| value as u8));
            }
        }
        drawn
    }

    /// Another skin tone or light.
    type Tone = fn([f32; 3]) -> [f32; 3];

    /// A mask from the bridge of the nose to the chin.
    fn mask([x, y]: Point) -> bool {
        let aside = (x - 56.0).abs();
        aside < 30.0 && y > 64.0 + 0.25 * aside && y < 114.0 - 0.02 * aside * aside
    }

    #[test]
    fn drawn_masks_are_covers() {
        let colours: [(&str, [f32; 3]); 5] = [
            ("surgical", [150.0, 190.0, 215.0]),
            ("white", [225.0, 225.0, 225.0]),
            ("black", [28.0, 28.0, 30.0]),
            ("navy", [40.0, 45.0, 75.0]),
            ("green", [150.0, 200.0, 170.0]),
        ];
        for name in PICTURES {
            let frame = camera_frame(name);
            for (colour, rgb) in colours {
                let pleats = |[_, y]: Point, _: [f32; 3]| {
                    rgb.map(|value| {
                        value * if (y as usize / 9).is_multiple_of(2) { 1.0 } else { 0.9 }
                    })
                };
                let cover = cover(&drawn(&frame, mask, pleats));
                assert!(cover > LIMIT, "{name} {colour}: {cover}");
            }
        }
    }

    #[test]
    fn faces_without_a_mask_are_not_covered_in_any_light_or_tone_or_with_a_beard() {
        let tones: [(&str, Tone); 5] = [
            ("as it is", |rgb| rgb),
            ("darker", |[r, g, b]| [r * r / 270.0, g * g / 300.0, b * b / 330.0]),
            ("warm light", |[r, g, b]| [(r * 1.1).min(255.0), g * 0.95, b * 0.75]),
            ("cold light", |[r, g, b]| [r * 0.85, g * 0.95, (b * 1.1).min(255.0)]),
            ("no colour", |[r, g, b]| [(r + g + b) / 3.0; 3]),
        ];
        let beard = |[x, y]: Point| {
            let lips = (x - 56.0).abs() < 13.0 && (88.0..97.0).contains(&y);
            y > 82.0 && mask([x, y]) && !lips
        };
        let hair = |[x, y]: Point, skin: [f32; 3]| {
            let strand = if (x * 1.7 + y * 0.9) as i32 % 3 == 0 { 0.25 } else { 0.4 };
            [0.9, 0.8, 0.75].map(|tint| skin[1] * strand * tint)
        };
        for name in PICTURES {
            let frame = camera_frame(name);
            for (tone, change) in tones {
                let cover = cover(&drawn(&frame, |_| true, |_, rgb| change(rgb)));
                assert!(cover < LIMIT, "{name} {tone}: {cover}");
            }
            let cover = cover(&drawn(&frame, beard, hair));
            assert!(cover < LIMIT, "{name} with a beard: {cover}");
        }
    }

    #[test]
    fn a_picture_of_nothing_is_a_number() {
        for value in [0.0, 128.0, 255.0] {
            let mut planes = Planes::new(ALIGNED, ALIGNED);
            for (x, y) in (0..ALIGNED * ALIGNED).map(|i| (i % ALIGNED, i / ALIGNED)) {
                planes.set(x, y, [value; 3]);
            }
            assert!((0.0..=1.0).contains(&covered(&planes)));
        }
    }
}
