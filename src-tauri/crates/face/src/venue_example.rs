//! The example of a venue's model in `models/examples`, as a venue would use it: another
//! network, from its file to the outcome of a visit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use serde::Deserialize;

use crate::golden::distance;
use crate::manifest::models;
use crate::testing::{
    Vectors, camera_frame, example_dir, models_dir, moved, picture, scratch_folder,
};
use crate::{
    AttackLimits, ChallengePolicy, Engine, FaceError, Limits, Outcome, Template, Verification,
};

/// The one of the checkout: the fetched folder may be of an older one.
const VENUE: &str = include_str!("../../../../models/examples/mobilefacenet-192/venue.toml");
const FILE: &str = "mobilefacenet-192.onnx";

/// Above what public figures need for a false match rate of 1:1,000 (its card: 0.45), for this
/// test only.
const THRESHOLD: f32 = 0.5;

#[derive(Deserialize)]
struct Golden {
    face: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    picture: String,
    template: Vec<f32>,
}

/// A folder of models as the venue has it.
fn folder() -> PathBuf {
    let folder = scratch_folder("example");
    for model in models().unwrap() {
        std::fs::copy(models_dir().join(&model.file), folder.join(&model.file)).unwrap();
    }
    let network = example_dir("mobilefacenet-192").join(FILE);
    std::fs::copy(&network, folder.join(FILE))
        .unwrap_or_else(|error| panic!("run `cargo xtask fetch`: {}: {error}", network.display()));
    std::fs::write(folder.join("venue.toml"), VENUE).unwrap();
    folder
}

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let folder = folder();
        let engine = Engine::load(&folder).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        engine
    })
}

fn reference(name: &str) -> Template {
    engine().enrol(&picture(name)).unwrap()
}

#[test]
fn its_templates_are_those_of_onnx_runtime() {
    let golden: Golden =
        toml::from_str(include_str!("../tests/vectors/golden_mobilefacenet_192.toml")).unwrap();
    assert!(golden.face.len() >= 4);
    for face in golden.face {
        let photo = picture(&face.picture);
        let landmarks = Vectors::read().face.into_iter().find(|f| f.picture == face.picture);
        let aligned = crate::align::align(photo.image(), &landmarks.unwrap().landmarks()).unwrap();
        let [template] = &engine().extractor.run(&aligned).unwrap()[..] else { panic!("outputs") };
        assert_eq!(template.len(), 192);
        let cosine = 1.0 - distance(template, &face.template) / 2.0;
        assert!(cosine > 0.9999, "{}: {cosine}", face.picture);
    }
}

#[test]
fn it_refuses_the_built_in_threshold() {
    let refused = engine().check_threshold(&Limits::default());
    assert!(
        matches!(&refused, Err(FaceError::ForeignThreshold { file, .. }) if file == FILE),
        "{refused:?}"
    );
}

#[test]
fn with_its_own_threshold_it_knows_a_person_from_another() {
    for (seen, expected) in [
        ("obama2.jpg", Outcome::Match),
        ("obama3.jpg", Outcome::Match),
        ("biden.jpg", Outcome::NonMatch),
    ] {
        let challenge = ChallengePolicy::Never;
        let limits = Limits {
            threshold: THRESHOLD,
            threshold_model: engine().template_model(),
            attack_threshold: 0.0,
            attack: AttackLimits { challenge, ..AttackLimits::default() },
            ..Limits::default()
        };
        let mut visit = Verification::new(engine(), reference("obama.jpg"), limits, 0);
        let frame = camera_frame(seen);
        for i in 0_u32..10 {
            let shift = i64::from(i % 7) - 3;
            visit.frame(&moved(&frame, shift, -shift), Duration::from_millis(66) * i);
        }
        assert_eq!(visit.finish(), expected, "{seen}");
    }
}

#[test]
fn its_templates_have_no_score_with_the_built_in_models() {
    let built_in = crate::testing::engine().enrol(&picture("obama.jpg")).unwrap();
    let compared = reference("obama.jpg").compare(&built_in);
    assert!(matches!(compared, Err(FaceError::ForeignTemplate)));
}
