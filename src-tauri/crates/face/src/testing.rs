//! What the tests share: the models and pictures that the set-up fetched, and frames made of
//! them. Nothing is skipped when they are missing.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

pub(crate) mod heads;
pub(crate) mod portrait;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use image::RgbImage;
use image::imageops::{self, FilterType};
use serde::Deserialize;
use tract_onnx::prelude::*;

use crate::align::Point;
use crate::buffers::Planes;
use crate::{Engine, Sample, decode_picture};

/// Size of a frame of the kiosk's camera.
pub(crate) const FRAME: (u32, u32) = (640, 480);

fn fetched(variable: &str, folder: &str) -> PathBuf {
    if let Some(dir) = std::env::var_os(variable) {
        return dir.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || Path::new(&std::env::var_os("HOME").expect("HOME is set")).join(".cache"),
        PathBuf::from,
    );
    cache.join("postern").join(folder)
}

/// The folder of the fetched models.
pub(crate) fn models_dir() -> PathBuf {
    fetched("POSTERN_MODELS", "models")
}

/// The folder of an example of a venue's model, with its `venue.toml`.
pub(crate) fn example_dir(name: &str) -> PathBuf {
    fetched("POSTERN_EXAMPLES", "examples").join(name)
}

/// The bytes of a fetched picture.
pub(crate) fn picture_bytes(name: &str) -> Vec<u8> {
    let path = fetched("POSTERN_PICTURES", "pictures").join(name);
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("run `cargo xtask fetch`: {}: {error}", path.display()))
}

/// A fetched picture.
pub(crate) fn picture(name: &str) -> Sample {
    decode_picture(&picture_bytes(name)).expect("a fetched picture decodes")
}

/// One engine for all tests of the process.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        Engine::load(&models_dir())
            .unwrap_or_else(|error| panic!("run `cargo xtask fetch`: {error}"))
    })
}

/// The rows of each picture that a camera at the kiosk would see, as shares of its height.
fn rows_seen(name: &str) -> (f32, f32) {
    match name {
        "obama2.jpg" => (0.10, 0.62),
        "obama3.jpg" => (0.04, 0.38),
        "biden.jpg" => (0.01, 0.38),
        _ => (0.0, 0.75),
    }
}

/// A picture as the kiosk's camera would see the person: 640×480, the face about half as high
/// as the frame. Where the picture does not reach, its edge goes on.
pub(crate) fn camera_frame(name: &str) -> RgbImage {
    let photo = picture(name);
    let (width, height) = photo.image().dimensions();
    let (from, to) = rows_seen(name);
    let (top, rows) = ((height as f32 * from) as u32, (height as f32 * (to - from)) as u32);
    let seen = imageops::crop_imm(photo.image(), 0, top, width, rows).to_image();
    let seen_width = (width as f32 * FRAME.1 as f32 / rows as f32) as u32;
    let seen = imageops::resize(&seen, seen_width, FRAME.1, FilterType::Triangle);
    let start = (i64::from(FRAME.0) - i64::from(seen_width)) / 2;
    RgbImage::from_fn(FRAME.0, FRAME.1, |x, y| {
        let x = (i64::from(x) - start).clamp(0, i64::from(seen_width) - 1);
        *seen.get_pixel(x as u32, y)
    })
}

/// The frame moved by some pixels, as of a person who sways; the edge goes on.
pub(crate) fn moved(frame: &RgbImage, right: i64, down: i64) -> RgbImage {
    let (width, height) = frame.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let x = (i64::from(x) - right).clamp(0, i64::from(width) - 1);
        let y = (i64::from(y) - down).clamp(0, i64::from(height) - 1);
        *frame.get_pixel(x as u32, y as u32)
    })
}

/// The frame with skin and a dark line of lashes painted over both eyes.
pub(crate) fn with_closed_eyes(frame: &RgbImage, mask: &[Point; 68]) -> RgbImage {
    let mut shut = frame.clone();
    for first in [36, 42] {
        let (outer, inner) = (mask[first], mask[first + 3]);
        let width = inner[0] - outer[0];
        // Skin from between eye and brow.
        let brow = if first == 36 { 19 } else { 24 };
        let lid_y = f32::midpoint(mask[brow][1], mask[first + 1][1]);
        let skin = *frame.get_pixel(f32::midpoint(outer[0], inner[0]) as u32, lid_y as u32);
        let lashes = image::Rgb(skin.0.map(|value| value / 3));
        let middle = [f32::midpoint(outer[0], inner[0]), f32::midpoint(outer[1], inner[1])];
        let (left, right) = (outer[0] - 0.1 * width, inner[0] + 0.1 * width);
        for x in left as u32..right as u32 {
            let aside = (x as f32 - middle[0]) / (0.6 * width);
            let half = 0.32 * width * (1.0 - aside * aside).max(0.0).sqrt();
            let lash = middle[1] + 0.5 * half;
            for y in (middle[1] - half) as u32..=(middle[1] + half) as u32 {
                let on_lash = (y as f32 - lash).abs() < 0.06 * width;
                shut.put_pixel(x, y, if on_lash { lashes } else { skin });
            }
        }
    }
    shut
}

/// An empty folder of this test's own.
pub(crate) fn scratch_folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("postern-face-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    folder
}

/// See [`Planes::pattern`].
pub(crate) fn pattern(width: usize, height: usize) -> Planes {
    Planes::pattern(width, height)
}

/// All outputs of a network whose inputs are the pattern, or its first plane.
pub(crate) fn outputs_for_pattern(network: TypedModel) -> Vec<Vec<f32>> {
    let shape =
        network.input_fact(0).expect("an input").shape.as_concrete().expect("a shape").to_vec();
    let values = pattern(shape[3], shape[2]);
    let values = &values.values()[..shape.iter().product()];
    let input = Tensor::from_shape(&shape, values).expect("a tensor").into_tvalue();
    let plan = network.into_runnable().expect("a plan");
    let outputs = plan.run(tvec!(input)).expect("a run");
    let values = |tensor: &TValue| {
        let view = tensor.try_as_plain_ram().expect("plain");
        view.as_slice::<f32>().expect("floats").to_vec()
    };
    outputs.iter().map(values).collect()
}

/// Checks that two networks gave the same, but for rounding.
pub(crate) fn assert_same(found: &[Vec<f32>], expected: &[Vec<f32>], name: &str) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.len(), expected.len(), "{name}");
        let largest = expected.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4 * largest, "{name}: {found} {expected}");
        }
    }
}

/// `tests/vectors/reference.toml`, made by `make_vectors.py` beside it.
#[derive(Deserialize)]
pub(crate) struct Vectors {
    pub(crate) face: Vec<FaceVector>,
    pub(crate) pair: Vec<PairVector>,
    pub(crate) prelu: PreluVector,
    pub(crate) pattern: PatternVector,
}

#[derive(Deserialize)]
pub(crate) struct FaceVector {
    pub(crate) picture: String,
    #[serde(rename = "box")]
    pub(crate) box_: [f32; 4],
    landmarks: [f32; 10],
    pub(crate) similarity: [f32; 4],
    pub(crate) bona_fide: f32,
}

#[derive(Deserialize)]
pub(crate) struct PairVector {
    pub(crate) pictures: [String; 2],
    pub(crate) score: f32,
}

#[derive(Deserialize)]
pub(crate) struct PreluVector {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
    pub(crate) slopes: Vec<f32>,
    pub(crate) result: Vec<f32>,
}

#[derive(Deserialize)]
pub(crate) struct PatternVector {
    pub(crate) template: Vec<f32>,
    pub(crate) attack: Vec<f32>,
    pub(crate) heat: Vec<f32>,
}

impl Vectors {
    pub(crate) fn read() -> Self {
        toml::from_str(include_str!("../tests/vectors/reference.toml")).expect("the vectors parse")
    }
}

impl FaceVector {
    pub(crate) fn landmarks(&self) -> [Point; 5] {
        std::array::from_fn(|i| [self.landmarks[2 * i], self.landmarks[2 * i + 1]])
    }
}
