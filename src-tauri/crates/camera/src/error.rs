//! What can go wrong with a camera, and how the driver's words are read.

use serde::{Deserialize, Serialize};

/// A camera operation that failed. The texts are for technicians and hold no personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CameraError {
    /// No camera is attached, or none of that name.
    #[error("no camera is attached, or none of the configured name")]
    NoCamera,
    /// Another program uses the camera.
    #[error("the camera is in use by another program")]
    Busy,
    /// The camera went away while it was delivering frames.
    #[error("the camera was disconnected")]
    Unplugged,
    /// This user may not open the camera (on Linux: is the user in the group `video`?).
    #[error("no permission to open the camera")]
    PermissionDenied,
    /// Only virtual cameras are there, and none is allowed by name.
    #[error("a virtual camera is refused unless `allow_virtual` names it")]
    Virtual,
    /// The camera is there but delivers no frames.
    #[error("the camera delivers no frames")]
    Stalled,
    /// The camera could not be opened, with the driver's words.
    #[error("the camera could not be opened: {0}")]
    Open(String),
    /// Frames arrive but cannot be decoded.
    #[error("frames cannot be decoded: {0}")]
    Frame(String),
    /// The folder of a replay cannot be used.
    #[error("the replay cannot be used: {0}")]
    Replay(String),
}

/// The kinds of camera trouble that the screens tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CameraProblem {
    /// There is no camera.
    None,
    /// Another program uses it.
    Busy,
    /// It was disconnected during capture.
    Lost,
    /// The system denies access, or the kiosk refuses the camera because it is virtual.
    Denied,
    /// Anything else: it does not deliver usable frames.
    Failed,
}

impl CameraError {
    /// The kind of trouble, for the screens.
    pub fn problem(&self) -> CameraProblem {
        match self {
            Self::NoCamera => CameraProblem::None,
            Self::Busy => CameraProblem::Busy,
            Self::Unplugged => CameraProblem::Lost,
            Self::PermissionDenied | Self::Virtual => CameraProblem::Denied,
            Self::Stalled | Self::Open(_) | Self::Frame(_) | Self::Replay(_) => {
                CameraProblem::Failed
            }
        }
    }

    /// Reads an error that nokhwa met while opening. nokhwa keeps the system's error only as text
    /// (`… (os error 16)`), hence the search for the number.
    pub(crate) fn while_opening(text: &str) -> Self {
        match os_error(text) {
            Some(ENOENT | ENXIO | ENODEV) => Self::NoCamera,
            Some(EBUSY) => Self::Busy,
            Some(EACCES | EPERM) => Self::PermissionDenied,
            _ => Self::Open(text.to_owned()),
        }
    }

    /// Reads an error that nokhwa met while frames were arriving.
    pub(crate) fn while_capturing(text: &str) -> Self {
        match os_error(text) {
            Some(EIO | ENXIO | ENODEV) => Self::Unplugged,
            Some(EBUSY) => Self::Busy,
            _ => Self::Frame(text.to_owned()),
        }
    }
}

// Linux numbers (asm-generic/errno-base.h); the same on every architecture that Rust's std supports there.
const EPERM: i32 = 1;
const ENOENT: i32 = 2;
const EIO: i32 = 5;
const ENXIO: i32 = 6;
const EACCES: i32 = 13;
const EBUSY: i32 = 16;
const ENODEV: i32 = 19;

fn os_error(text: &str) -> Option<i32> {
    let (_, tail) = text.rsplit_once("(os error ")?;
    tail.split_once(')')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn c21_system_errors_become_the_problems_that_screens_tell_apart() {
        let text = |number| {
            format!(
                "V4L2 Error: {} end",
                io::Error::from_raw_os_error(number) // the wording differs by locale, the number does not
            )
        };
        let opening = [
            (ENOENT, CameraProblem::None),
            (ENODEV, CameraProblem::None),
            (EBUSY, CameraProblem::Busy),
            (EACCES, CameraProblem::Denied),
            (EPERM, CameraProblem::Denied),
            (EIO, CameraProblem::Failed),
        ];
        for (number, problem) in opening {
            let error = CameraError::while_opening(&text(number));
            assert_eq!(error.problem(), problem, "opening, error {number}");
        }
        let capturing = [
            (ENODEV, CameraProblem::Lost),
            (EIO, CameraProblem::Lost),
            (EBUSY, CameraProblem::Busy),
            (22, CameraProblem::Failed),
        ];
        for (number, problem) in capturing {
            let error = CameraError::while_capturing(&text(number));
            assert_eq!(error.problem(), problem, "capturing, error {number}");
        }
        assert_eq!(CameraError::while_opening("no number here").problem(), CameraProblem::Failed);
    }
}
