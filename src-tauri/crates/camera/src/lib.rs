//! Frame sources: real cameras through nokhwa, and a replay of recorded frames.
//!
//! [`open`] gives a [`FrameSource`]; dropping the source closes the camera. Pixels live in [`Frame`], which wipes
//! them when it is dropped. What the kernel maps for the driver's own queue is released, not wiped: that memory
//! belongs to the driver.

mod choice;
mod device;
mod error;
mod files;
mod format;
mod frame;
mod mjpeg;
mod pixel;
mod probe;
mod replay;
mod sway;
#[cfg(target_os = "linux")]
mod v4l2;
mod virtual_camera;

pub use choice::{CameraChoice, CameraInfo, FrameSource, Stream, list, open};
pub use error::{CameraError, CameraProblem};
pub use files::{CameraFiles, files};
pub use frame::Frame;
pub use probe::{Probe, probe};
