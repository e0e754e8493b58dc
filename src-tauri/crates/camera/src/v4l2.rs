//! What Linux is asked and told beside nokhwa.
//!
//! nokhwa 0.10 panics over a file such as `/dev/video-front`, and gives up on a camera that another program left in
//! a format that nokhwa does not know or at a rate that is no whole number of frames a second. A webcam keeps both
//! until its plug is pulled.

use std::{fs, io};

use v4l::{
    Device, Format,
    video::{Capture, capture::Parameters},
};

use crate::{CameraError, CameraInfo};

/// The V4L2 names of what nokhwa knows.
const KNOWN: [&[u8; 4]; 5] = [b"MJPG", b"YUYV", b"NV12", b"RGB3", b"BGR3"];

/// All video nodes with their names.
pub(crate) fn list() -> Result<Vec<CameraInfo>, CameraError> {
    let nodes = match fs::read_dir("/sys/class/video4linux") {
        Ok(nodes) => nodes,
        // The first camera brings the folder.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(CameraError::while_opening(&error.to_string())),
    };
    let camera = |node: io::Result<fs::DirEntry>| {
        let node = node.ok()?;
        let index = node.file_name().to_str()?.strip_prefix("video")?.parse().ok()?;
        let name = fs::read_to_string(node.path().join("name")).ok()?;
        Some(CameraInfo { name: name.trim().to_owned(), index })
    };
    Ok(nodes.filter_map(camera).collect())
}

/// Sets a camera to a format that nokhwa knows and to 30 frames a second.
pub(crate) fn prepare(index: u32) -> io::Result<()> {
    let device = Device::new(index as usize)?;
    if !KNOWN.contains(&&device.format()?.fourcc.repr) {
        let offered = device.enum_formats()?;
        let known = offered.iter().find(|format| KNOWN.contains(&&format.fourcc.repr));
        if let Some(known) = known {
            device.set_format(&Format::new(640, 480, known.fourcc))?;
        }
    }
    device.set_params(&Parameters::with_fps(30))?;
    Ok(())
}
