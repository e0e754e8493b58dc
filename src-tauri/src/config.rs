//! The configuration file of a kiosk.

use std::path::{Path, PathBuf};
use std::time::Duration;

use biometrics::{AttackLimits, CameraChoice, ChallengePolicy, ModelHash, QualityLimits};
use platform::bundle::{BundleError, TrustedKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
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
    #[serde(default = "CameraChoice::any")]
    pub(crate) camera: CameraChoice,
    /// Attack detection.
    #[serde(default)]
    pub(crate) attack: Attack,
    /// The comparison.
    #[serde(default)]
    pub(crate) comparison: Comparison,
    /// How badge codes are read.
    #[serde(default)]
    pub(crate) codes: Codes,
    /// The window.
    #[serde(default)]
    pub(crate) window: Window,
    /// Where the kiosk may connect to. Without it, nowhere (C29).
    #[serde(default)]
    pub(crate) network: transport::Settings,
    /// Signed rosters that are brought by hand.
    #[serde(default)]
    pub(crate) bundle: BundleSettings,
    /// The registration platform.
    #[serde(default)]
    pub(crate) platform: PlatformSettings,
    /// The relay between the kiosks of the venue. Without it, none.
    #[serde(default)]
    pub(crate) relay: Option<relay::Settings>,
    /// Time limits.
    #[serde(default)]
    pub(crate) limits: Limits,
    /// The statistics.
    #[serde(default)]
    pub(crate) statistics: StatisticsSettings,
    /// What a frame must be like to be compared; certificate photos are judged by fixed limits,
    /// for the roster was made by them.
    #[serde(default)]
    pub(crate) quality: QualityLimits,
    /// SHA-256 of the file, for the audit log.
    #[serde(skip)]
    pub(crate) sha256: [u8; 32],
}

/// Signed rosters that are brought by hand.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BundleSettings {
    /// A folder, such as a stick's, that is looked into once a minute for a newer signed roster
    /// (`*.bundle`). Without it, `postern import` is the way.
    pub(crate) folder: Option<PathBuf>,
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

/// The comparison. Both keys or neither: a threshold means nothing without its model.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Comparison {
    /// Least comparison score (cosine) of a match, 0.1 to 0.95, as `postern eval` recommends it;
    /// without it the built-in one of the built-in model. A lower one than that is the venue's
    /// own decision, on its own data.
    pub(crate) threshold: Option<f32>,
    /// SHA-256 of the ONNX file that `threshold` was calibrated for. With any other template
    /// model the face lane stays closed.
    pub(crate) threshold_model: Option<ModelHash>,
}

impl Comparison {
    /// What a threshold may be. Two strangers reach 0.1 too often with any model, and two pictures
    /// of one person hardly ever 0.95.
    const THRESHOLDS: std::ops::RangeInclusive<f32> = 0.1..=0.95;

    /// Why these cannot be used.
    fn mistake(self) -> Option<&'static str> {
        match (self.threshold, self.threshold_model) {
            (Some(_), None) => Some(
                "comparison.threshold needs comparison.threshold_model, the SHA-256 of the \
                 template model that it was calibrated for",
            ),
            (None, Some(_)) => Some(
                "comparison.threshold_model needs comparison.threshold, which `postern eval` \
                 recommends",
            ),
            (Some(threshold), _) if !Self::THRESHOLDS.contains(&threshold) => {
                Some("comparison.threshold must be 0.1 to 0.95")
            }
            _ => None,
        }
    }
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
    /// Seconds after which a window that says nothing is replaced, 2 to 120.
    pub(crate) silence_max: u64,
}

impl Default for Window {
    fn default() -> Self {
        Self { fullscreen: true, silence_max: 3 }
    }
}

/// The registration platform.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PlatformSettings {
    /// Seconds for which a visitor who may pass waits for the platform's word, 0 to 3. 0: it is
    /// never waited for, and hears of check-ins later.
    pub(crate) wait: f64,
    /// Days after which the kiosk asks for a new key by itself, at most 3650; 0: never.
    pub(crate) roll_days: u16,
    /// Seconds between two times of asking for what has changed, 2 to 600; while the platform is
    /// busy, more.
    pub(crate) every: u16,
}

impl PlatformSettings {
    /// The time between two times of asking.
    pub(crate) fn every(self) -> Duration {
        Duration::from_secs(self.every.into())
    }

    /// The same as a duration.
    pub(crate) fn wait(self) -> Duration {
        Duration::try_from_secs_f64(self.wait).unwrap_or_default()
    }
}

impl Default for PlatformSettings {
    fn default() -> Self {
        Self { wait: 1.5, roll_days: 30, every: 60 }
    }
}

/// The statistics.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StatisticsSettings {
    /// Numbers below it are not shown, 10 to 100,000. Raise it before the event, not during it: two
    /// thresholds for the same day tell more than one.
    pub(crate) threshold: statistics::Threshold,
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
    /// How long scanning a badge or typing its code may take, 20 to 300: whoever types slowly
    /// needs longer, and an empty gate should not wait.
    pub(crate) identify: u64,
    /// How long the way is shown once the gate is open, 3 to 60.
    pub(crate) pass: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { prepare: 10, capture: 10, identify: 45, pass: 8 }
    }
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
    /// The keys whose files this kiosk loads.
    pub(crate) fn trusted(&self) -> Result<Vec<TrustedKey>, BundleError> {
        self.trusted_keys.iter().map(|digits| TrustedKey::from_hex(digits)).collect()
    }

    /// Reads and checks a configuration file.
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let config: Self = toml::from_str(&text).map_err(|source| ConfigError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let config = Self { sha256: Sha256::digest(&text).into(), ..config };
        let refuse = |reason: &str| {
            Err(ConfigError::Value { path: path.to_owned(), reason: reason.to_owned() })
        };
        if matches!(config.camera, CameraChoice::Replay { .. }) && !config.demonstration {
            return refuse("a replay camera needs `demonstration = true`");
        }
        if let CameraChoice::Device { silence_max, .. } = config.camera
            && !(1..=60).contains(&silence_max)
        {
            return refuse("camera.silence_max must be 1 to 60 seconds");
        }
        if config.attack.challenge == Some(ChallengePolicy::Never) && !config.demonstration {
            return refuse("`challenge = \"never\"` needs `demonstration = true`");
        }
        if !(2..=120).contains(&config.limits.capture) {
            return refuse("limits.capture must be 2 to 120 seconds");
        }
        if !(20..=300).contains(&config.limits.identify) {
            return refuse("limits.identify must be 20 to 300 seconds");
        }
        if !(3..=60).contains(&config.limits.pass) {
            return refuse("limits.pass must be 3 to 60 seconds");
        }
        if !(2..=120).contains(&config.window.silence_max) {
            return refuse("window.silence_max must be 2 to 120 seconds");
        }
        if !(5..=60).contains(&config.limits.prepare) {
            return refuse("limits.prepare must be 5 to 60 seconds");
        }
        if !(0.0..=3.0).contains(&config.platform.wait) {
            return refuse("platform.wait must be 0 to 3 seconds");
        }
        if !(2..=600).contains(&config.platform.every) {
            return refuse("platform.every must be 2 to 600 seconds");
        }
        if config.platform.roll_days > 3650 {
            return refuse("platform.roll_days must be 0 to 3650 days");
        }
        if let Some(mistake) = config.comparison.mistake() {
            return refuse(mistake);
        }
        if let Some(Err(refused)) =
            config.relay.as_ref().map(|relay| relay.check_broker(&config.network.allow))
        {
            return refuse(&refused.to_string());
        }
        if let Some(name) = config.quality.out_of_range() {
            return refuse(&format!("quality.{name} is out of its range"));
        }
        Ok(config)
    }

    /// The limits of a visit's verification.
    pub(crate) fn face_limits(&self) -> biometrics::Limits {
        let usual = biometrics::Limits::default();
        biometrics::Limits {
            threshold: self.comparison.threshold.unwrap_or(usual.threshold),
            threshold_model: self.comparison.threshold_model.unwrap_or(usual.threshold_model),
            attack: AttackLimits { challenge: self.challenge(), ..usual.attack },
            time_limit: Duration::from_secs(self.limits.capture),
            quality: self.quality,
            ..usual
        }
    }

    /// When a visitor is asked to move.
    fn challenge(&self) -> ChallengePolicy {
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
            identify: self.limits.identify * 1_000,
            pass: self.limits.pass * 1_000,
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
    fn c40_the_threshold_of_the_statistics_is_only_ever_raised() {
        let threshold = |text: &str| {
            load(&format!("{DIRS}{text}")).map(|config| config.statistics.threshold.get())
        };
        assert_eq!(threshold("").unwrap(), 10);
        assert_eq!(threshold("[statistics]\nthreshold = 25").unwrap(), 25);
        let error = threshold("[statistics]\nthreshold = 9").unwrap_err().to_string();
        assert!(error.contains("the statistics' threshold is 10 to 100,000"), "{error}");
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
    fn a_threshold_comes_with_the_model_that_it_is_for() {
        let limits = |text: &str| load(&format!("{DIRS}{text}")).map(|c| c.face_limits());
        let usual = biometrics::Limits::default();
        let found = limits("").unwrap();
        assert_eq!(found.threshold.to_bits(), usual.threshold.to_bits());
        assert_eq!(found.threshold_model, usual.threshold_model);

        let model = "0123456789abcdef".repeat(4);
        let text = |threshold: &str| {
            format!("[comparison]\nthreshold = {threshold}\nthreshold_model = '{model}'")
        };
        let found = limits(&text("0.42")).unwrap();
        assert_eq!(found.threshold.to_bits(), 0.42_f32.to_bits());
        assert_eq!(found.threshold_model.to_string(), model);
        for wrong in ["0", "0.09", "0.96", "42", "-0.5", "nan", "inf"] {
            let error = limits(&text(wrong)).unwrap_err().to_string();
            assert!(error.contains("comparison.threshold must be 0.1 to 0.95"), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_bad_value_is_refused_with_its_reason() {
        for (text, word) in [
            ("[comparison]\nthreshold = 0.5", "needs comparison.threshold_model"),
            (&*format!("[comparison]\nthreshold_model = '{}'", "0".repeat(64)), "postern eval"),
            ("[comparison]\nthreshold = 0.5\nthreshold_model = 'AB'", "64 lower-case"),
            ("[comparison]\nfmr = 0.001", "fmr"),
            ("[camera]\nsource = 'replay'\npath = '/c'", "demonstration"),
            ("[limits]\ncapture = 0", "capture"),
            ("[window]\nsilence_max = 1", "window.silence_max"),
            ("[limits]\nprepare = 61", "prepare"),
            ("[limits]\nidentify = 19", "identify"),
            ("[limits]\npass = 61", "pass"),
            ("[codes]\ncamra = true", "camra"),
            ("[platform]\nroll_days = 3651", "platform.roll_days"),
            ("[platform]\nevery = 1", "platform.every"),
            ("[attack]\nchallenge = 'never'", "demonstration"),
            ("[attack]\nchallenge = 'sometimes'", "sometimes"),
            ("fullscreen = true", "fullscreen"),
            (
                "[relay]\nbroker = 'mqtts://broker.test'\nca = '/c'",
                "relay.broker is not in network.allow",
            ),
            ("[relay]\nbroker = 'mqtt://broker.test'\nca = '/c'", "mqtts://"),
            (
                "[network]\nallow = ['https://broker.test']\n[relay]\nbroker = 'https://broker.test'\nca = '/c'",
                "relay.broker begins with mqtts://",
            ),
            ("[relay]\nbroker = 'mqtts://broker.test'", "ca"),
            ("[quality]\nyaw = 20", "yaw"),
            ("[quality]\nyaw_max = 90", "quality.yaw_max"),
            ("[quality]\nsharpness_min = -1", "quality.sharpness_min"),
            ("[quality]\ncover_max = nan", "quality.cover_max"),
            ("[camera]\nsource = 'film'", "film"),
            ("[camera]\nsource = 'device'\nsilence_max = 0", "camera.silence_max"),
        ] {
            let error = load(&format!("{DIRS}{text}")).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
        let missing = Config::load(Path::new("/nowhere/kiosk.toml")).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/kiosk.toml"));
    }
}
