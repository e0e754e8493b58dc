//! The list of models that this build knows, and the check of the files against it.

use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::FaceError;

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
    sha256: String,
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
    models()?.iter().try_for_each(|model| model.verify(models_dir).map(drop))
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

    use super::*;
    use crate::Engine;
    use crate::testing::{models_dir, scratch_folder};

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
