//! Real cameras, through nokhwa.
//!
//! nokhwa waits for a frame without limit, so it runs on a thread of its own, which keeps only the newest frame.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use nokhwa::{
    Camera, NokhwaError,
    utils::{
        CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, Resolution,
    },
};
use zeroize::Zeroizing;

#[cfg(target_os = "linux")]
use crate::v4l2;
use crate::{
    CameraError, CameraInfo, Frame, FrameSource, Stream,
    format::{DECODABLE, wishes},
    pixel,
    virtual_camera::permitted,
};

/// For the thread to end after the source was dropped. A frame comes every 67 ms or faster; a driver that hangs
/// longer is left to the end of the process.
const CLOSING: Duration = Duration::from_millis(300);
/// Broken frames in a row before the camera counts as failed; the first ones after the start are often broken.
const BROKEN_FRAMES: u32 = 8;
/// Formats tried before the camera's current one is taken.
const WISHES: usize = 24;

/// An open camera.
pub(crate) struct Device {
    stream: Stream,
    format: FrameFormat,
    /// How long the camera may be silent.
    silence: Duration,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the capture thread and the source share.
#[derive(Default)]
struct Shared {
    newest: Mutex<Option<Result<Zeroizing<Vec<u8>>, CameraError>>>,
    arrived: Condvar,
    closing: AtomicBool,
}

impl Shared {
    fn newest(&self) -> MutexGuard<'_, Option<Result<Zeroizing<Vec<u8>>, CameraError>>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, frame: Result<Zeroizing<Vec<u8>>, CameraError>) {
        *self.newest() = Some(frame);
        self.arrived.notify_one();
    }

    /// The newest frame, waiting for one until `patience` is over.
    fn take(&self, patience: Duration) -> Result<Zeroizing<Vec<u8>>, CameraError> {
        let deadline = Instant::now() + patience;
        let mut newest = self.newest();
        loop {
            if let Some(frame) = newest.take() {
                return frame;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(CameraError::Stalled);
            }
            newest =
                self.arrived.wait_timeout(newest, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Device {
    pub(crate) fn open(
        name: Option<&str>,
        allow_virtual: &[String],
        silence: Duration,
    ) -> Result<Self, CameraError> {
        let candidates = permitted(matching(list()?, name), allow_virtual)?;
        let shared = Arc::new(Shared::default());
        let (opened, opening) = mpsc::channel();
        let for_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("camera".into())
            .spawn(move || capture(&candidates, &for_thread, &opened))
            .map_err(|error| CameraError::Open(error.to_string()))?;
        // From here on a drop closes the camera, also when opening fails or takes too long.
        let mut device = Self {
            stream: Stream {
                name: String::new(),
                format: String::new(),
                width: 0,
                height: 0,
                fps: 0,
            },
            format: FrameFormat::MJPEG,
            silence,
            shared,
            thread: Some(thread),
        };
        (device.stream, device.format) = match opening.recv_timeout(silence * 2) {
            Ok(outcome) => outcome?,
            Err(mpsc::RecvTimeoutError::Timeout) => return Err(CameraError::Stalled),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(CameraError::Open("the driver library gave up".into()));
            }
        };
        Ok(device)
    }
}

impl FrameSource for Device {
    fn next_frame(&mut self) -> Result<Frame, CameraError> {
        let size = (self.stream.width, self.stream.height);
        let mut broken = 0;
        loop {
            let bytes = self.shared.take(self.silence)?;
            match pixel::frame(self.format, size, &bytes) {
                Ok(frame) => return Ok(frame),
                Err(error) if broken == BROKEN_FRAMES => return Err(error),
                Err(_) => broken += 1,
            }
        }
    }

    fn stream(&self) -> &Stream {
        &self.stream
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        let Some(thread) = self.thread.take() else {
            return;
        };
        let deadline = Instant::now() + CLOSING;
        while !thread.is_finished() {
            if Instant::now() >= deadline {
                return;
            }
            thread::sleep(Duration::from_millis(2));
        }
        // A panic in the driver library was already noticed as a camera that delivers nothing.
        drop(thread.join());
    }
}

pub(crate) fn list() -> Result<Vec<CameraInfo>, CameraError> {
    #[cfg(target_os = "linux")]
    let mut cameras = v4l2::list()?;
    #[cfg(not(target_os = "linux"))]
    let mut cameras: Vec<CameraInfo> = nokhwa::query(nokhwa::utils::ApiBackend::Auto)
        .map_err(|error| CameraError::while_opening(&error.to_string()))?
        .into_iter()
        .filter_map(|info| {
            let name = info.human_name();
            let is_virtual = crate::virtual_camera::has_name_of_a_program(&name);
            Some(CameraInfo { name, index: info.index().as_index().ok()?, is_virtual })
        })
        .collect();
    cameras.sort_by_key(|camera| camera.index);
    cameras.dedup_by_key(|camera| camera.index);
    Ok(cameras)
}

/// The cameras whose name holds `name`, in any case; all without a name.
pub(crate) fn matching(mut cameras: Vec<CameraInfo>, name: Option<&str>) -> Vec<CameraInfo> {
    if let Some(name) = name {
        let name = name.to_lowercase();
        cameras.retain(|camera| camera.name.to_lowercase().contains(&name));
    }
    cameras
}

type Opened = Result<(Stream, FrameFormat), CameraError>;

/// The capture thread: opens the first candidate that delivers pictures, reports it with the first frame, and reads
/// until the source is dropped or the camera fails.
fn capture(candidates: &[CameraInfo], shared: &Shared, opened: &mpsc::Sender<Opened>) {
    let mut started = start(candidates);
    let (camera, stream) = match &mut started {
        Ok((camera, stream)) => (camera, stream),
        Err(error) => {
            // Whoever opens has given up when this fails.
            opened.send(Err(error.clone())).ok();
            return;
        }
    };
    let mut first = Some(stream.clone());
    while !shared.closing.load(Ordering::Relaxed) {
        let frame = camera.frame_raw().map(|bytes| Zeroizing::new(bytes.to_vec()));
        match (frame, first.take()) {
            (Ok(frame), None) => shared.put(Ok(frame)),
            (Ok(frame), Some(stream)) => {
                shared.put(Ok(frame));
                if opened.send(Ok((stream, camera.frame_format()))).is_err() {
                    return;
                }
            }
            (Err(error), None) => {
                shared.put(Err(CameraError::while_capturing(&error.to_string())));
                return;
            }
            (Err(error), Some(_)) => {
                let error = CameraError::while_opening(&error.to_string());
                opened.send(Err(error)).ok();
                return;
            }
        }
    }
}

/// Starts the first candidate that can be started; otherwise tells why the first real camera could not.
fn start(candidates: &[CameraInfo]) -> Result<(Camera, Stream), CameraError> {
    let mut reason = None;
    for candidate in candidates {
        match start_one(candidate) {
            Ok(started) => return Ok(started),
            Err(error) if delivers_no_pictures(&error) => {}
            Err(error) => {
                reason.get_or_insert(CameraError::while_opening(&error.to_string()));
            }
        }
    }
    Err(reason.unwrap_or(CameraError::NoCamera))
}

fn start_one(candidate: &CameraInfo) -> Result<(Camera, Stream), NokhwaError> {
    // What fails here fails again below, where it gets its name.
    #[cfg(target_os = "linux")]
    v4l2::prepare(candidate.index).ok();
    let mut camera = open_any(candidate.index)?;
    let offered = camera.compatible_camera_formats()?;
    let formats = camera.compatible_fourcc()?;
    for wish in wishes(offered, &formats).into_iter().take(WISHES) {
        let exact = RequestedFormatType::Exact(wish);
        let request = RequestedFormat::with_formats(exact, &DECODABLE);
        if camera.set_camera_requset(request).is_ok() {
            break;
        }
    }
    // When no wish was granted, what the camera is set to serves as well.
    let format = camera.refresh_camera_format()?;
    camera.open_stream()?;
    let stream = Stream {
        name: candidate.name.clone(),
        format: format.format().to_string(),
        width: format.width(),
        height: format.height(),
        fps: format.frame_rate(),
    };
    Ok((camera, stream))
}

/// nokhwa's own choice of a format mixes up sizes and rates, so it opens with any and is then told which.
fn open_any(index: u32) -> Result<Camera, NokhwaError> {
    let open = |kind| {
        let request = RequestedFormat::with_formats(kind, &DECODABLE);
        Camera::new(CameraIndex::Index(index), request)
    };
    let opened = open(RequestedFormatType::None);
    if !matches!(opened, Err(NokhwaError::SetPropertyError { .. })) {
        return opened;
    }
    // "Any" is one frame a second for a camera with a range of rates, which it then refuses.
    let usual = |format| CameraFormat::new(Resolution::new(640, 480), format, 30);
    DECODABLE
        .iter()
        .find_map(|format| open(RequestedFormatType::Exact(usual(*format))).ok())
        .map_or(opened, Ok)
}

/// Whether a node is no camera: metadata nodes and codecs list no picture formats that can be decoded.
fn delivers_no_pictures(error: &NokhwaError) -> bool {
    matches!(error, NokhwaError::GetPropertyError { property, .. }
        if property == "CameraFormat" || property == "FrameFormat")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(index: u32, name: &str) -> CameraInfo {
        CameraInfo { name: name.into(), index, is_virtual: false }
    }

    #[test]
    fn a_camera_is_chosen_by_part_of_its_name() {
        let all = vec![camera(0, "Integrated Camera"), camera(2, "HD Pro C920")];
        assert_eq!(matching(all.clone(), None), all);
        assert_eq!(matching(all.clone(), Some("c920")), all[1..]);
        assert_eq!(matching(all, Some("other")), []);
    }

    #[test]
    fn c21_without_that_camera_there_is_none() {
        let nowhere = Device::open(Some("no camera has this name"), &[], Duration::from_secs(2));
        assert_eq!(nowhere.err(), Some(CameraError::NoCamera));
    }

    #[test]
    fn only_the_newest_frame_is_kept() {
        let shared = Shared::default();
        for byte in 1..=3 {
            shared.put(Ok(Zeroizing::new(vec![byte])));
        }
        let taken = shared.take(Duration::ZERO);
        assert_eq!(taken.map(|bytes| bytes[0]), Ok(3));
        let started = Instant::now();
        let none = shared.take(Duration::from_millis(30));
        assert_eq!(none.err(), Some(CameraError::Stalled));
        assert!(started.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    fn a_waiting_reader_gets_the_frame_or_the_error_as_it_comes() {
        let shared = Arc::new(Shared::default());
        let other = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            other.put(Err(CameraError::Unplugged));
        });
        let got = shared.take(Duration::from_secs(10));
        assert_eq!(got.err(), Some(CameraError::Unplugged));
        assert!(thread.join().is_ok());
    }

    #[test]
    fn nodes_that_are_no_cameras_are_told_from_broken_cameras() {
        let no_formats = NokhwaError::GetPropertyError {
            property: "CameraFormat".into(),
            error: "Failed to Fufill".into(),
        };
        assert!(delivers_no_pictures(&no_formats));
        let busy = NokhwaError::OpenStreamError("busy (os error 16)".into());
        assert!(!delivers_no_pictures(&busy));
    }
}
