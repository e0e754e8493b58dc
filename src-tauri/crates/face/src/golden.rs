//! The networks on real faces, beside the same files under ONNX Runtime.
//!
//! `tests/vectors/golden.toml` holds no template: only its products with 32 directions, from
//! which its features cannot be found again. For directions that have nothing to do with the
//! error, the number of features times the mean square of the differences is the expected square
//! of the distance.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use serde::Deserialize;

use crate::align::align;
use crate::buffers::Planes;
use crate::detect::letterbox;
use crate::manifest::Role;
use crate::network::Network;
use crate::testing::{Vectors, models_dir, picture};

const DIRECTIONS: usize = 32;

#[derive(Deserialize)]
struct Golden {
    face: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    picture: String,
    template: Vec<f32>,
    attack: Vec<f32>,
    /// Number of the cell with the greatest heat, and all fifteen outputs there.
    cell: usize,
    detector: Vec<f32>,
}

/// What each network is given of a picture.
fn inputs(name: &str) -> [(Role, Planes); 3] {
    let photo = picture(name);
    let face = Vectors::read().face.into_iter().find(|face| face.picture == name).unwrap();
    [
        (Role::Template, align(photo.image(), &face.landmarks()).unwrap()),
        (Role::Attack, letterbox(photo.image(), 128, 128).0),
        (Role::Detector, letterbox(photo.image(), 256, 192).0),
    ]
}

/// Product with a direction of signs, which `make_golden.py` makes in the same way.
fn along(direction: usize, template: &[f32]) -> f32 {
    let sign = |i: usize| {
        let mut z = ((direction * template.len() + i) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        if (z ^ (z >> 31)) & 1 == 0 { 1.0 } else { -1.0 }
    };
    let length = template.iter().map(|x| x * x).sum::<f32>().sqrt();
    let sum: f32 = template.iter().enumerate().map(|(i, x)| sign(i) * x).sum();
    sum / (length * (template.len() as f32).sqrt())
}

/// The expected square of the distance between a template and the one of these products, both of
/// length 1.
pub(crate) fn distance(template: &[f32], products: &[f32]) -> f32 {
    assert_eq!(products.len(), DIRECTIONS);
    let differences =
        products.iter().enumerate().map(|(i, expected)| along(i, template) - expected);
    let square: f32 = differences.map(|difference| difference * difference).sum();
    square / DIRECTIONS as f32 * template.len() as f32
}

#[test]
fn real_faces_give_what_onnx_runtime_gives() {
    let golden: Golden = toml::from_str(include_str!("../tests/vectors/golden.toml")).unwrap();
    assert!(golden.face.len() >= 4);
    let networks = [Role::Template, Role::Attack, Role::Detector]
        .map(|role| Network::load(&models_dir(), role).unwrap());
    for face in golden.face {
        let mut inputs = inputs(&face.picture).into_iter().zip(&networks);
        let mut next = || inputs.next().map(|((_, input), network)| network.run(&input).unwrap());

        let cosine = 1.0 - distance(&next().unwrap()[0], &face.template) / 2.0;
        assert!(cosine > 0.9999, "{}: {cosine}", face.picture);

        for (found, expected) in next().unwrap()[0].iter().zip(&face.attack) {
            assert!((found - expected).abs() < 2e-3, "{}: {found} {expected}", face.picture);
        }

        let outputs = next().unwrap();
        let cells = outputs.iter().flat_map(|planes| planes.chunks_exact(48 * 64));
        let found: Vec<f32> = cells.map(|plane| plane[face.cell]).collect();
        assert_eq!(found.len(), face.detector.len());
        for (found, expected) in found.iter().zip(&face.detector) {
            assert!((found - expected).abs() < 1e-3, "{}: {found} {expected}", face.picture);
        }
    }
}

#[test]
#[ignore = "run by make_golden.py"]
fn writes_the_inputs() {
    // What the networks are given, into the folder of this variable.
    let folder = std::env::var_os("GOLDEN_INPUTS").unwrap();
    for face in Vectors::read().face {
        for (role, input) in inputs(&face.picture) {
            let bytes: Vec<u8> =
                input.values().iter().flat_map(|value| value.to_le_bytes()).collect();
            let file = format!("{}.{role:?}.f32", face.picture);
            std::fs::write(Path::new(&folder).join(file), bytes).unwrap();
        }
    }
}
