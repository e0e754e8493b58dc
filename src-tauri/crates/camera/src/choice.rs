//! Which frame source is used, and how it is opened.

use std::path::PathBuf;

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
    },
    /// Recorded frames, for demonstrations and tests.
    Replay {
        /// Folder with a `replay.toml`.
        path: PathBuf,
    },
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
    /// Waits at most about two seconds, then fails with [`CameraError::Stalled`].
    fn next_frame(&mut self) -> Result<Frame, CameraError>;

    /// What this source delivers.
    fn stream(&self) -> &Stream;
}

/// Opens the chosen source. A device is open only once its first frame has arrived (at most four seconds).
pub fn open(choice: &CameraChoice) -> Result<Box<dyn FrameSource>, CameraError> {
    match choice {
        CameraChoice::Device { name, allow_virtual } => {
            Ok(Box::new(device::Device::open(name.as_deref(), allow_virtual)?))
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
        let device: CameraChoice = toml::from_str("source = \"device\"").unwrap();
        assert_eq!(device, CameraChoice::Device { name: None, allow_virtual: Vec::new() });
        let named: CameraChoice = toml::from_str("source = \"device\"\nname = \"C920\"").unwrap();
        let c920 = Some("C920".into());
        assert_eq!(named, CameraChoice::Device { name: c920, allow_virtual: Vec::new() });
        let allowed = "source = \"device\"\nallow_virtual = [\"vivid\"]";
        let allowed: CameraChoice = toml::from_str(allowed).unwrap();
        let vivid = vec!["vivid".to_owned()];
        assert_eq!(allowed, CameraChoice::Device { name: None, allow_virtual: vivid });
        let replay: CameraChoice = toml::from_str("source = \"replay\"\npath = \"/r\"").unwrap();
        assert_eq!(replay, CameraChoice::Replay { path: "/r".into() });
        assert!(toml::from_str::<CameraChoice>("source = \"network\"").is_err());
    }
}
