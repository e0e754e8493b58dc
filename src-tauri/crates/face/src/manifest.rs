//! The list of models that this build knows, and the check of the files against it.

use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::FaceError;
use crate::align::ALIGNED;

/// `models/manifest.toml` as it was when this crate was built: a changed file on the kiosk's
/// disk cannot change what is accepted.
const MANIFEST: &str = include_str!("../../../../models/manifest.toml");

/// What a model does for the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Faces and their five landmarks.
    Detector,
    /// Features of an aligned face.
    Template,
    /// Bona fide or attack presentation.
    Attack,
    /// Sixty-eight points of a face.
    Landmarks,
    /// Whether an eye is open.
    Eyes,
}

impl Role {
    /// All of them; the manifest has one model for each.
    #[cfg(test)]
    const ALL: [Self; 5] =
        [Self::Detector, Self::Template, Self::Attack, Self::Landmarks, Self::Eyes];
}

/// Order of the colour planes of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Channels {
    Rgb,
    Bgr,
    /// One plane of luminance (ITU-R BT.601).
    Grey,
}

/// The input of a network: `(value - mean) / divisor` for 8-bit values.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    /// Batch (1), channels (3, or 1 for grey), height, width.
    pub(crate) shape: [usize; 4],
    pub(crate) channels: Channels,
    pub(crate) mean: f32,
    pub(crate) divisor: f32,
}

/// How a face is brought into the input of a template model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Alignment {
    /// By five landmarks to the template points of `ArcFace` in 112×112 pixels.
    #[serde(rename = "arcface-112")]
    Arcface112,
}

/// How two templates are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Metric {
    /// The cosine of their angle.
    Cosine,
}

/// One output of a network.
#[derive(Debug, Deserialize)]
pub(crate) struct Output {
    pub(crate) shape: Vec<usize>,
}

/// One model of the manifest, as far as the engine needs it.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    pub(crate) role: Role,
    pub(crate) file: String,
    /// How faces are aligned for a template model.
    alignment: Option<Alignment>,
    /// How its templates are compared.
    metric: Option<Metric>,
    pub(crate) sha256: String,
    pub(crate) input: Input,
    pub(crate) output: Vec<Output>,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    model: Vec<Model>,
}

/// A model file whose SHA-256 is the listed one.
pub(crate) struct Verified {
    pub(crate) bytes: Vec<u8>,
    pub(crate) sha256: [u8; 32],
}

impl Model {
    /// Why this model cannot make templates.
    fn unfit_for_templates(&self) -> Option<&'static str> {
        let plain_name = Path::new(&self.file).file_name().is_some_and(|name| *name == *self.file);
        let [batch, _, height, width] = self.input.shape;
        match self.output.as_slice() {
            _ if self.role != Role::Template => Some("its role is not template"),
            _ if !plain_name => Some("its file is not a plain name"),
            _ if self.alignment.is_none() || self.metric.is_none() => {
                Some("it must say alignment and metric")
            }
            _ if [batch, height, width] != [1, ALIGNED, ALIGNED] => {
                Some("its input is not one face of 112×112 pixels")
            }
            [output] if matches!(output.shape.as_slice(), [1, 1..=4096]) => None,
            _ => Some("its output is not one list of at most 4096 features"),
        }
    }

    /// Reads the file and checks its SHA-256.
    pub(crate) fn verify(&self, models_dir: &Path) -> Result<Verified, FaceError> {
        let file = || self.file.clone();
        let bytes = std::fs::read(models_dir.join(&self.file)).map_err(|source| {
            if source.kind() == ErrorKind::NotFound {
                FaceError::MissingModel { file: file() }
            } else {
                FaceError::ReadModel { file: file(), source }
            }
        })?;
        let sha256: [u8; 32] = Sha256::digest(&bytes).into();
        if hex(&sha256) != self.sha256 {
            return Err(FaceError::WrongModelHash { file: file() });
        }
        Ok(Verified { bytes, sha256 })
    }
}

/// The models of the manifest.
pub(crate) fn models() -> Result<Vec<Model>, FaceError> {
    toml::from_str::<Manifest>(MANIFEST)
        .map(|manifest| manifest.model)
        .map_err(|error| FaceError::Manifest(error.message().to_owned()))
}

/// What a venue describes its own template model with, in the folder of the models.
const VENUE: &str = "venue.toml";

/// The template model that the venue brought, if there is one.
///
/// The file is not part of this build, so whoever may write into the folder chooses the model;
/// but the threshold, which the kiosk's configuration holds, names the model that it is for, and
/// with any other the engine refuses to compare.
pub(crate) fn venue_model(models_dir: &Path) -> Result<Option<Model>, FaceError> {
    let unusable = |reason: String| FaceError::LoadModel { file: VENUE.to_owned(), reason };
    let text = match std::fs::read_to_string(models_dir.join(VENUE)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(FaceError::ReadModel { file: VENUE.to_owned(), source }),
    };
    let manifest: Manifest =
        toml::from_str(&text).map_err(|error| unusable(error.message().to_owned()))?;
    let Ok([model]) = <[Model; 1]>::try_from(manifest.model) else {
        return Err(unusable("one model is expected".to_owned()));
    };
    if let Some(reason) = model.unfit_for_templates() {
        return Err(unusable(reason.to_owned()));
    }
    Ok(Some(model))
}

/// The model with this role.
pub(crate) fn model(role: Role) -> Result<Model, FaceError> {
    models()?
        .into_iter()
        .find(|model| model.role == role)
        .ok_or_else(|| FaceError::Manifest(format!("no model for the role {role:?}")))
}

/// Checks that every model the kiosk needs is in the folder and is the listed one, without
/// loading it.
///
/// # Errors
/// The first of [`FaceError::MissingModel`], [`FaceError::ReadModel`] and
/// [`FaceError::WrongModelHash`] that applies; each names the file.
pub fn verify_models(models_dir: &Path) -> Result<(), FaceError> {
    let venue = venue_model(models_dir)?;
    models()?.iter().chain(&venue).try_for_each(|model| model.verify(models_dir).map(drop))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _: std::fmt::Result = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::Duration;

    use super::*;
    use crate::testing::{models_dir, scratch_folder};
    use crate::{Engine, Limits, Outcome, Step, Verification};

    #[test]
    fn c05_only_models_that_locate_judge_compare_and_detect_attacks_are_listed() {
        assert_eq!(models().unwrap().len(), Role::ALL.len());
        for role in Role::ALL {
            assert_eq!(models().unwrap().iter().filter(|model| model.role == role).count(), 1);
        }
    }

    #[test]
    fn the_fetched_models_are_the_listed_ones() {
        verify_models(&models_dir()).unwrap();
    }

    #[test]
    fn a_changed_model_is_refused_by_name_before_it_is_parsed() {
        for changed in models().unwrap() {
            let folder = scratch_folder(&format!("changed-{}", changed.file));
            for model in models().unwrap() {
                std::fs::copy(models_dir().join(&model.file), folder.join(&model.file)).unwrap();
            }
            let path = folder.join(&changed.file);
            let mut bytes = std::fs::read(&path).unwrap();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            let refused = |error: FaceError| {
                assert!(error.to_string().contains(&changed.file), "{error}");
                matches!(error, FaceError::WrongModelHash { file } if file == changed.file)
            };
            assert!(refused(verify_models(&folder).unwrap_err()));
            assert!(refused(Engine::load(&folder).err().unwrap()));
            std::fs::remove_dir_all(folder).unwrap();
        }
    }

    /// A folder with all models and a `venue.toml` of this text.
    fn with_venue(name: &str, text: &str) -> std::path::PathBuf {
        let folder = scratch_folder(name);
        for model in models().unwrap() {
            std::fs::copy(models_dir().join(&model.file), folder.join(&model.file)).unwrap();
        }
        std::fs::write(folder.join(VENUE), text).unwrap();
        folder
    }

    const VENUES_TEMPLATE: &str = r#"
        [[model]]
        role = "template"
        file = "venue.onnx"
        sha256 = "HASH"
        alignment = "arcface-112"
        metric = "cosine"
        [model.input]
        shape = [1, 3, 112, 112]
        channels = "rgb"
        mean = 127.5
        divisor = 127.5
        [[model.output]]
        shape = [1, 512]
    "#;

    #[test]
    fn a_venues_model_makes_the_templates_and_refuses_the_threshold_of_another() {
        // Some bytes after the end of the same network: another file.
        let mut bytes = std::fs::read(models_dir().join("fr_feature.onnx")).unwrap();
        // An unknown field of the protocol buffer, number 1000, with the value 0.
        bytes.extend([0xc0, 0x3e, 0]);
        let sha256 = hex(&Sha256::digest(&bytes));
        let folder = with_venue("venue", &VENUES_TEMPLATE.replace("HASH", &sha256));
        std::fs::write(folder.join("venue.onnx"), bytes).unwrap();
        let engine = Engine::load(&folder).unwrap();
        assert_eq!(engine.template_model().to_string(), sha256);
        let limits = Limits::default();
        assert!(matches!(engine.check_threshold(&limits), Err(FaceError::ForeignThreshold { .. })));
        let ours = Limits { threshold_model: engine.template_model(), ..limits };
        engine.check_threshold(&ours).unwrap();
        // With the foreign threshold nobody is compared; templates have no common score either.
        let photo = crate::testing::picture("obama.jpg");
        let venue = || engine.enrol(&photo).unwrap();
        let frame = crate::testing::camera_frame("obama.jpg");
        let step = Verification::new(&engine, venue(), limits, 0).frame(&frame, Duration::ZERO);
        assert_eq!(step, Step::Decided(Outcome::PoorSamples));
        let built_in = crate::testing::engine().enrol(&photo).unwrap();
        assert!(matches!(venue().compare(&built_in), Err(FaceError::ForeignTemplate)));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_venues_model_that_cannot_make_templates_is_refused_with_the_reason() {
        for (from, to, reason) in [
            ("\"template\"", "\"attack\"", "role"),
            ("venue.onnx", "../venue.onnx", "plain name"),
            ("metric = \"cosine\"", "", "alignment and metric"),
            ("[1, 3, 112, 112]", "[1, 3, 160, 160]", "112×112"),
            ("[1, 512]", "[1, 512, 1, 1]", "features"),
            ("arcface-112", "by-guess", "unknown variant"),
        ] {
            let folder = scratch_folder(&format!("unfit-{}", reason.len()));
            std::fs::write(folder.join(VENUE), VENUES_TEMPLATE.replace(from, to)).unwrap();
            let error = venue_model(&folder).unwrap_err().to_string();
            assert!(error.contains("venue.toml") && error.contains(reason), "{error}");
            std::fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn a_missing_model_is_named() {
        let folder = scratch_folder("missing");
        for error in [verify_models(&folder).unwrap_err(), Engine::load(&folder).err().unwrap()] {
            assert!(
                matches!(&error, FaceError::MissingModel { file } if file == "centerface.onnx")
            );
            assert_eq!(error.to_string(), "model centerface.onnx is missing");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
