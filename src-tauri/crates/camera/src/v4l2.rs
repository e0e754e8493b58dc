//! What Linux is asked and told beside nokhwa.
//!
//! nokhwa 0.10 panics over a file such as `/dev/video-front`, and gives up on a camera that another program left in
//! a format that nokhwa does not know or at a rate that is no whole number of frames a second. A webcam keeps both
//! until its plug is pulled.

use std::{fs, io, path::Path};

use v4l::{
    Device, Format,
    video::{Capture, capture::Parameters},
};

use crate::{CameraError, CameraInfo, virtual_camera::has_name_of_a_program};

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
        let name = name.trim().to_owned();
        let is_virtual = has_name_of_a_program(&name) || is_software(&node.path());
        Some(CameraInfo { name, index, is_virtual })
    };
    Ok(nodes.filter_map(camera).collect())
}

/// Drivers without hardware.
const SOFTWARE: [&str; 9] = [
    "v4l2loopback",
    "vivid",
    "vimc",
    "vicodec",
    "vim2m",
    "visl",
    "vidtv",
    "akvcam",
    "v4l2_loopback",
];

/// Whether a node of `/sys/class/video4linux` has no hardware behind it. What cannot be told
/// counts as none.
fn is_software(node: &Path) -> bool {
    let link = |path: &str| {
        let target = fs::canonicalize(node.join(path)).ok()?;
        Some(target.file_name()?.to_string_lossy().into_owned())
    };
    let Ok(place) = fs::canonicalize(node) else { return true };
    if place.components().any(|part| part.as_os_str() == "virtual") || !node.join("device").exists()
    {
        return true;
    }
    if link("device/driver").is_some_and(|driver| SOFTWARE.contains(&driver.as_str())) {
        return true;
    }
    // The firmware lists the platform devices that are soldered on; software lists itself.
    let platform = link("device/subsystem").is_none_or(|subsystem| subsystem == "platform");
    let listed =
        ["of_node", "firmware_node"].iter().any(|list| node.join("device").join(list).exists());
    platform && !listed
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::os::unix::fs::symlink;

    use super::*;

    /// A device as the kernel shows it: where it is, its bus, its driver, and whether the
    /// firmware lists it.
    fn node(root: &Path, place: &str, bus: &str, driver: &str, listed: bool) -> std::path::PathBuf {
        let device = root.join("devices").join(place);
        let node = device.join("video4linux/video0");
        fs::create_dir_all(&node).unwrap();
        let link = |name: &str, target: &str| {
            let target = root.join(target);
            fs::create_dir_all(&target).unwrap();
            symlink(target, device.join(name)).unwrap();
        };
        link("subsystem", &format!("bus/{bus}"));
        link("driver", &format!("drivers/{driver}"));
        if listed {
            link("of_node", "firmware");
        }
        symlink(&device, node.join("device")).unwrap();
        node
    }

    #[test]
    fn drivers_without_hardware_are_told_from_cameras() {
        let cases = [
            ("pci0000:00/usb1/1-1:1.0", "usb", "uvcvideo", false, false),
            ("platform/soc/usb1/1-1:1.0", "usb", "uvcvideo", false, false),
            ("platform/soc/csi", "platform", "unicam", true, false),
            ("pci0000:00/0000:00:05.0", "pci", "ipu6", false, false),
            ("platform/vivid.0", "platform", "vivid", false, true),
            ("platform/other.0", "platform", "other", false, true),
            ("platform/vimc.0", "vimc", "vimc", true, true),
            ("virtual/video4linux/video0", "none", "v4l2loopback", false, true),
        ];
        let root = std::env::temp_dir().join(format!("postern-camera-{}", std::process::id()));
        for (i, (place, bus, driver, listed, expected)) in cases.into_iter().enumerate() {
            let node = node(&root.join(i.to_string()), place, bus, driver, listed);
            assert_eq!(is_software(&node), expected, "{place} {driver}");
        }
        assert!(is_software(&root.join("nothing")));
        fs::remove_dir_all(root).unwrap();
    }
}
