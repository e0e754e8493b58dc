//! What can go wrong in the engine itself. A poor picture or a non-match is an outcome, not an error.

use thiserror::Error;

use crate::ModelHash;

/// A failure of the engine. The text names model files, never persons or pictures.
#[derive(Debug, Error)]
pub enum FaceError {
    /// A model that the manifest lists is not in the folder.
    #[error("model {file} is missing")]
    MissingModel {
        /// File name as in the manifest.
        file: String,
    },
    /// A model file could not be read.
    #[error("model {file} cannot be read")]
    ReadModel {
        /// File name as in the manifest.
        file: String,
        /// Cause from the operating system.
        source: std::io::Error,
    },
    /// The SHA-256 of a model file is not the one in the manifest.
    #[error("model {file} is not the listed one: its SHA-256 differs")]
    WrongModelHash {
        /// File name as in the manifest.
        file: String,
    },
    /// A verified model could not be turned into a network.
    #[error("model {file} cannot be loaded: {reason}")]
    LoadModel {
        /// File name as in the manifest.
        file: String,
        /// Cause from the network library.
        reason: String,
    },
    /// The engine's threads could not be started.
    #[error("the engine's threads cannot be started: {0}")]
    Threads(String),
    /// The manifest inside this build is unusable.
    #[error("the model manifest is unusable: {0}")]
    Manifest(String),
    /// A network failed on an input.
    #[error("network {file} failed: {reason}")]
    Run {
        /// File name as in the manifest.
        file: String,
        /// Cause from the network library.
        reason: String,
    },
    /// The threshold was calibrated for another template model than the one that is loaded.
    #[error("the threshold is for the template model {threshold}, and {file} ({loaded}) is loaded")]
    ForeignThreshold {
        /// File of the model of this engine.
        file: String,
        /// What the threshold is for.
        threshold: ModelHash,
        /// SHA-256 of the model of this engine.
        loaded: ModelHash,
    },
    /// Two templates come from different models and have no score.
    #[error("the templates come from different models")]
    ForeignTemplate,
}
