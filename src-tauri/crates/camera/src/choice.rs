//! Which frame source is used, and how it is opened.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{CameraError, Frame, device, replay};

/// Where the frames come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum CameraChoice {
    /// A camera of this machine.
    Device {
        /// Part of the camera's name, in any case; `None` takes the first one that delivers frames.
        #[serde(default)]
        name: Option<String>,
        /// Parts of the names of virtual cameras that may be used all the same; others are refused.
        #[serde(default)]
        allow_virtual: Vec<String>,
        /// Seconds without a frame, 1 to 60, after which the camera counts as lost; twice as many
        /// for the first one, because slow webcams need two seconds to start.
        #[serde(default = "usual_silence")]
        silence_max: u64,
    },
    /// Recorded frames, for demonstrations and tests.
    Replay {
        /// Folder with a `replay.toml`.
        path: PathBuf,
    },
}

const fn usual_silence() -> u64 {
    2
}

impl CameraChoice {
    /// The first camera that delivers frames and is a real one.
    #[must_use]
    pub const fn any() -> Self {
        Self::Device { name: None, allow_virtual: Vec::new(), silence_max: usual_silence() }
    }
}

/// A camera that the system knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CameraInfo {
    /// The name that the driver gives.
    pub name: String,
    /// Number of the device; on Linux the N of `/dev/videoN`.
    pub index: u32,
    /// Whether a program delivers the frames instead of a lens, as far as this can be told.
    pub is_virtual: bool,
}

/// What an opened source delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The camera's name, or `replay`.
    pub name: String,
    /// Pixel format on the wire, e.g. `MJPEG` or `YUYV`.
    pub format: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames a second that the source promises.
    pub fps: u32,
}

/// A source of frames. Dropping it closes the camera.
pub trait FrameSource: Send {
    /// The newest frame that was not yet delivered; frames that nobody fetched in time are dropped.
    ///
    /// Waits until the camera counts as lost, then fails with [`CameraError::Stalled`].
    fn next_frame(&mut self) -> Result<Frame, CameraError>;

    /// What this source delivers.
    fn stream(&self) -> &Stream;
}

/// Opens the chosen source. A device is open only once its first frame has arrived.
pub fn open(choice: &CameraChoice) -> Result<Box<dyn FrameSource>, CameraError> {
    match choice {
        CameraChoice::Device { name, allow_virtual, silence_max } => {
            let silence = Duration::from_secs(*silence_max);
            Ok(Box::new(device::Device::open(name.as_deref(), allow_virtual, silence)?))
        }
        CameraChoice::Replay { path } => Ok(Box::new(replay::Replay::open(path)?)),
    }
}

/// The cameras that the system knows, without opening any.
///
/// Nodes that deliver no pictures (metadata, codecs) can be among them; [`open`] skips these.
pub fn list() -> Result<Vec<CameraInfo>, CameraError> {
    device::list()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn choice_reads_the_configuration_of_the_kiosk() {
        let device = |name: Option<&str>, allowed: &[&str], silence_max| CameraChoice::Device {
            name: name.map(str::to_owned),
            allow_virtual: allowed.iter().map(|&name| name.to_owned()).collect(),
            silence_max,
        };
        for (text, expected) in [
            ("", CameraChoice::any()),
            ("", device(None, &[], 2)),
            ("name = \"C920\"", device(Some("C920"), &[], 2)),
            ("allow_virtual = [\"vivid\"]", device(None, &["vivid"], 2)),
            ("silence_max = 20", device(None, &[], 20)),
        ] {
            let text = format!("source = \"device\"\n{text}");
            assert_eq!(toml::from_str::<CameraChoice>(&text).unwrap(), expected);
        }
        let replay: CameraChoice = toml::from_str("source = \"replay\"\npath = \"/r\"").unwrap();
        assert_eq!(replay, CameraChoice::Replay { path: "/r".into() });
        assert!(toml::from_str::<CameraChoice>("source = \"network\"").is_err());
    }
}
