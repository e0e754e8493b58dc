//! Which cameras are programs instead of lenses.
//!
//! Whoever can feed a virtual camera shows the kiosk any recording (injection). So these are
//! refused unless the configuration allows them by name. A device that pretends to be a USB
//! webcam is not recognised: the cable belongs inside the kiosk's housing.

use crate::{CameraError, CameraInfo};

/// Parts of the names of programs that pretend to be a camera, in small letters.
const NAMES: [&str; 22] = [
    "virtual",
    "obs-camera",
    "manycam",
    "xsplit",
    "snap camera",
    "splitcam",
    "youcam",
    "sparkocam",
    "vcam",
    "vtubecam",
    "akvcam",
    "unity video capture",
    "mmhmm",
    "camtwist",
    "webcamoid",
    "droidcam",
    "iriun",
    "epoccam",
    "ndi video",
    "newtek ndi",
    "dummy video device",
    "v4l2loopback",
];

/// Whether a name is that of a program.
pub(crate) fn has_name_of_a_program(name: &str) -> bool {
    let name = name.to_lowercase();
    NAMES.iter().any(|part| name.contains(part))
}

/// The cameras that may be opened: real ones, and virtual ones that `allowed` names in full or in
/// part, in any case.
pub(crate) fn permitted(
    cameras: Vec<CameraInfo>,
    allowed: &[String],
) -> Result<Vec<CameraInfo>, CameraError> {
    if cameras.is_empty() {
        return Err(CameraError::NoCamera);
    }
    let is_allowed = |camera: &CameraInfo| {
        let name = camera.name.to_lowercase();
        allowed
            .iter()
            .map(|part| part.trim().to_lowercase())
            .any(|part| !part.is_empty() && name.contains(&part))
    };
    let permitted: Vec<CameraInfo> =
        cameras.into_iter().filter(|camera| !camera.is_virtual || is_allowed(camera)).collect();
    if permitted.is_empty() { Err(CameraError::Virtual) } else { Ok(permitted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(index: u32, name: &str, is_virtual: bool) -> CameraInfo {
        CameraInfo { name: name.into(), index, is_virtual }
    }

    #[test]
    fn programs_are_known_by_name_and_webcams_are_not_taken_for_them() {
        for name in
            ["OBS Virtual Camera", "ManyCam Virtual Webcam", "e2eSoft VCam", "DroidCam Source 3"]
        {
            assert!(has_name_of_a_program(name), "{name}");
        }
        for name in
            ["Integrated Camera", "HD Pro Webcam C920", "Logitech BRIO", "FaceTime HD Camera"]
        {
            assert!(!has_name_of_a_program(name), "{name}");
        }
    }

    #[test]
    fn a_virtual_camera_is_refused_unless_it_is_allowed_by_name() {
        let real = camera(0, "C920", false);
        let program = camera(1, "vivid-000-vid-cap", true);
        let both = || vec![real.clone(), program.clone()];
        let allowed = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(permitted(Vec::new(), &[]), Err(CameraError::NoCamera));
        assert_eq!(permitted(both(), &[]), Ok(vec![real.clone()]));
        assert_eq!(permitted(vec![program.clone()], &[]), Err(CameraError::Virtual));
        assert_eq!(permitted(both(), &allowed(&["VIVID"])), Ok(both()));
        // An empty or blank word allows nothing.
        for word in ["", "  ", "OBS"] {
            let refused = permitted(vec![program.clone()], &allowed(&[word]));
            assert_eq!(refused, Err(CameraError::Virtual), "{word:?}");
        }
    }
}
