//! The configuration file of a kiosk.

use std::path::{Path, PathBuf};
use std::time::Duration;

use biometrics::{CameraChoice, ChallengePolicy, QualityLimits};
use serde::Deserialize;
use thiserror::Error;

/// Everything that a technician sets. Unknown keys are refused, so that a typing mistake
/// never passes as a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Folder of the database (`postern.db`) and its key (`postern.key`).
    pub(crate) data_dir: PathBuf,
    /// Folder of the model files.
    pub(crate) models_dir: PathBuf,
    /// Ed25519 public keys, 64 hexadecimal digits each, whose bundles this kiosk accepts.
    #[serde(default)]
    pub(crate) trusted_keys: Vec<String>,
    /// Says on every screen that recorded frames are replayed. Needed for a replay camera.
    #[serde(default)]
    pub(crate) demonstration: bool,
    /// The camera.
    #[serde(default = "default_camera")]
    pub(crate) camera: CameraChoice,
    /// Attack detection.
    #[serde(default)]
    pub(crate) attack: Attack,
    /// How badge codes are read.
    #[serde(default)]
    pub(crate) codes: Codes,
    /// The window.
    #[serde(default)]
    pub(crate) window: Window,
    /// Time limits.
    #[serde(default)]
    pub(crate) limits: Limits,
    /// What a frame must be like to be compared; certificate photos are judged by fixed limits,
    /// for the roster was made by them.
    #[serde(default)]
    pub(crate) quality: QualityLimits,
}

/// Attack detection.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Attack {
    /// When a visitor is asked to turn the head, nod or blink: `when_needed`, `always`, or
    /// `never`, which accepts prints and needs `demonstration = true`. A replay camera cannot
    /// answer and has `never` unless told otherwise.
    pub(crate) challenge: Option<ChallengePolicy>,
}

/// How badge codes are read.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Codes {
    /// Also reads QR codes with the camera, before consent; off by default. The screen says
    /// that the camera is on for codes only.
    pub(crate) camera: bool,
}

/// The window.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Window {
    /// Covers the whole screen.
    pub(crate) fullscreen: bool,
}

impl Default for Window {
    fn default() -> Self {
        Self { fullscreen: true }
    }
}

/// Time limits in seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// How long reading the certificate photo and opening the camera may take, 5 to 60. More
    /// than the default only for very slow machines.
    pub(crate) prepare: u64,
    /// How long the camera may be open for one visit, 2 to 120. A visitor who has not been
    /// compared after the default is better served by a person.
    pub(crate) capture: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { prepare: 10, capture: 10 }
    }
}

fn default_camera() -> CameraChoice {
    CameraChoice::Device { name: None, allow_virtual: Vec::new() }
}

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the configuration {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// The file is not valid.
    #[error("the configuration {path} is not valid: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Line and reason.
        source: Box<toml::de::Error>,
    },
    /// A value is out of its range.
    #[error("the configuration {path}: {reason}")]
    Value {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl Config {
    /// Reads and checks a configuration file.
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let config: Self = toml::from_str(&text).map_err(|source| ConfigError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let refuse = |reason: &str| {
            Err(ConfigError::Value { path: path.to_owned(), reason: reason.to_owned() })
        };
        if matches!(config.camera, CameraChoice::Replay { .. }) && !config.demonstration {
            return refuse("a replay camera needs `demonstration = true`");
        }
        if config.attack.challenge == Some(ChallengePolicy::Never) && !config.demonstration {
            return refuse("`challenge = \"never\"` needs `demonstration = true`");
        }
        if !(2..=120).contains(&config.limits.capture) {
            return refuse("limits.capture must be 2 to 120 seconds");
        }
        if !(5..=60).contains(&config.limits.prepare) {
            return refuse("limits.prepare must be 5 to 60 seconds");
        }
        if let Some(name) = config.quality.out_of_range() {
            return refuse(&format!("quality.{name} is out of its range"));
        }
        Ok(config)
    }

    /// How long the camera may be open for one visit.
    pub(crate) fn capture_limit(&self) -> Duration {
        Duration::from_secs(self.limits.capture)
    }

    /// When a visitor is asked to move.
    pub(crate) fn challenge(&self) -> ChallengePolicy {
        let recorded = matches!(self.camera, CameraChoice::Replay { .. });
        let usual = if recorded { ChallengePolicy::Never } else { ChallengePolicy::WhenNeeded };
        self.attack.challenge.unwrap_or(usual)
    }

    /// The time limits of the visit's states.
    pub(crate) fn visit_limits(&self) -> checkin::Limits {
        checkin::Limits {
            // The worker ends capture by itself; the state's limit is for one that does not.
            capture: (self.limits.capture + 4) * 1_000,
            prepare: self.limits.prepare * 1_000,
            codes_by_camera: self.codes.camera,
            ..checkin::Limits::default()
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    fn load(text: &str) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kiosk.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    const DIRS: &str = "data_dir = '/a'\nmodels_dir = '/b'\n";

    #[test]
    fn c03_reading_codes_with_the_camera_is_off_by_default() {
        let config = load(DIRS).unwrap();
        assert!(!config.codes.camera);
        assert!(!config.visit_limits().codes_by_camera);
        assert!(config.window.fullscreen);
        assert!(!config.demonstration);
    }

    #[test]
    fn visitors_are_challenged_when_needed_and_recorded_frames_are_not() {
        let challenge = |text: &str| load(&format!("{DIRS}{text}")).unwrap().challenge();
        let replay = "demonstration = true\n[camera]\nsource = 'replay'\npath = '/c'\n";
        assert_eq!(challenge(""), ChallengePolicy::WhenNeeded);
        assert_eq!(challenge("demonstration = true"), ChallengePolicy::WhenNeeded);
        assert_eq!(challenge(replay), ChallengePolicy::Never);
        let told = format!("{replay}[attack]\nchallenge = 'always'");
        assert_eq!(challenge(&told), ChallengePolicy::Always);
    }

    #[test]
    fn limits_of_quality_come_from_the_file() {
        assert_eq!(load(DIRS).unwrap().quality, QualityLimits::default());
        let config = load(&format!("{DIRS}[quality]\nyaw_max = 25\ncover_max = 1")).unwrap();
        let expected = QualityLimits { yaw_max: 25.0, cover_max: 1.0, ..QualityLimits::default() };
        assert_eq!(config.quality, expected);
    }

    #[test]
    fn a_bad_value_is_refused_with_its_reason() {
        for (text, word) in [
            ("[camera]\nsource = 'replay'\npath = '/c'", "demonstration"),
            ("[limits]\ncapture = 0", "capture"),
            ("[limits]\nprepare = 61", "prepare"),
            ("[codes]\ncamra = true", "camra"),
            ("[attack]\nchallenge = 'never'", "demonstration"),
            ("[attack]\nchallenge = 'sometimes'", "sometimes"),
            ("fullscreen = true", "fullscreen"),
            ("[quality]\nyaw = 20", "yaw"),
            ("[quality]\nyaw_max = 90", "quality.yaw_max"),
            ("[quality]\nsharpness_min = -1", "quality.sharpness_min"),
            ("[quality]\ncover_max = nan", "quality.cover_max"),
            ("[camera]\nsource = 'film'", "film"),
        ] {
            let error = load(&format!("{DIRS}{text}")).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
        let missing = Config::load(Path::new("/nowhere/kiosk.toml")).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/kiosk.toml"));
    }
}
