//! What a chosen camera is in the file system.

use std::path::{Path, PathBuf};

use crate::CameraChoice;
#[cfg(target_os = "linux")]
use crate::{device, virtual_camera::permitted};

/// The files that opening a camera takes, as they are at one moment. Two are equal if not even a
/// plug was pulled and put back between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CameraFiles {
    read: Vec<Place>,
    devices: Vec<Place>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    path: PathBuf,
    /// What the system knows the file by; `None` if it is not there.
    identity: Option<(u64, u64)>,
}

impl Place {
    fn new(path: PathBuf) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            std::fs::metadata(&path).ok().map(|file| (file.dev(), file.ino()))
        };
        #[cfg(not(unix))]
        let identity = None;
        Self { path, identity }
    }
}

impl CameraFiles {
    /// Files and folders that are read.
    pub fn read(&self) -> impl Iterator<Item = &Path> {
        self.read.iter().map(|place| place.path.as_path())
    }

    /// Devices that are opened to read and to write.
    pub fn devices(&self) -> impl Iterator<Item = &Path> {
        self.devices.iter().map(|place| place.path.as_path())
    }
}

/// The files of a chosen camera. Of other systems than Linux only those of a replay.
#[must_use]
pub fn files(choice: &CameraChoice) -> CameraFiles {
    match choice {
        CameraChoice::Replay { path } => {
            CameraFiles { read: vec![Place::new(path.clone())], devices: Vec::new() }
        }
        #[cfg(target_os = "linux")]
        CameraChoice::Device { name, allow_virtual, .. } => {
            // Without a camera, or with a refused one, there is nothing to open.
            let cameras = device::list().unwrap_or_default();
            let cameras = permitted(device::matching(cameras, name.as_deref()), allow_virtual);
            let indices: Vec<u32> =
                cameras.unwrap_or_default().into_iter().map(|camera| camera.index).collect();
            let class = PathBuf::from("/sys/class/video4linux");
            let described = indices.iter().filter_map(|index| {
                std::fs::canonicalize(class.join(format!("video{index}"))).ok()
            });
            CameraFiles {
                read: described.chain([class.clone()]).map(Place::new).collect(),
                devices: indices
                    .iter()
                    .map(|index| Place::new(format!("/dev/video{index}").into()))
                    .collect(),
            }
        }
        #[cfg(not(target_os = "linux"))]
        CameraChoice::Device { .. } => CameraFiles::default(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_replay_needs_its_folder_and_another_one_of_that_name_is_another() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("replay");
        let choice = CameraChoice::Replay { path: path.clone() };
        let absent = files(&choice);
        std::fs::create_dir(&path).unwrap();
        let there = files(&choice);
        assert_ne!(there, absent);
        assert_eq!(there, files(&choice));
        assert_eq!(there.read().collect::<Vec<_>>(), [path.as_path()]);
        assert_eq!(there.devices().count(), 0);
        // It keeps the old one's number from being used again.
        std::fs::rename(&path, parent.path().join("old")).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert_ne!(there, files(&choice));
    }
}
