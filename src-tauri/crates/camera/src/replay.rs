//! Recorded frames instead of a camera, for demonstrations and tests.
//!
//! The folder holds pictures and a `replay.toml`:
//!
//! ```toml
//! pictures = ["visitor.jpg"]    # one: a person who stands there; several: frames, played in a loop
//! region = [0, 0, 1, 0.5]       # optional: the part that the camera sees (left, top, width, height, 0 to 1)
//! fps = 15                      # optional
//! absent = true                 # optional: there is no camera
//! busy = true                   # optional: another program uses it
//! disconnect_after = 20         # optional: unplugged after that many frames
//! stall_after = 20              # optional: no further frame after that many
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use image::{ImageReader, RgbImage};
use serde::Deserialize;

use crate::{
    CameraError, Frame, FrameSource, Stream,
    sway::{self, Pose, Region},
};

/// How long a stalled replay lets its reader wait, like a stalled camera.
const STALL: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    #[serde(default)]
    pictures: Vec<PathBuf>,
    region: Option<Region>,
    #[serde(default = "usual_fps")]
    fps: u32,
    #[serde(default)]
    absent: bool,
    #[serde(default)]
    busy: bool,
    disconnect_after: Option<u64>,
    stall_after: Option<u64>,
}

fn usual_fps() -> u32 {
    15
}

/// A replay that runs.
pub(crate) struct Replay {
    script: Script,
    folder: PathBuf,
    /// The photograph, when there is only one.
    still: Option<RgbImage>,
    stream: Stream,
    started: Instant,
    /// Number of the next frame on the clock; skips what nobody fetched in time.
    next: u64,
    delivered: u64,
}

impl Replay {
    pub(crate) fn open(folder: &Path) -> Result<Self, CameraError> {
        let text = fs::read_to_string(folder.join("replay.toml"))
            .map_err(|error| CameraError::Replay(format!("replay.toml: {}", error.kind())))?;
        let script: Script = toml::from_str(&text)
            .map_err(|error| CameraError::Replay(format!("replay.toml: {}", error.message())))?;
        if script.absent {
            return Err(CameraError::NoCamera);
        }
        if script.busy {
            return Err(CameraError::Busy);
        }
        if !(1..=120).contains(&script.fps) {
            return Err(CameraError::Replay("fps is not within 1 to 120".into()));
        }
        if script.region.is_some_and(|region| !within(region)) {
            return Err(CameraError::Replay("region is not within 0 to 1".into()));
        }
        let still = match script.pictures.as_slice() {
            [] => return Err(CameraError::Replay("no pictures".into())),
            [picture] => Some(sway::fit(read(folder, picture)?, script.region)),
            _ => None,
        };
        Ok(Self {
            stream: Stream {
                name: "replay".into(),
                format: "RGB".into(),
                width: sway::WIDTH,
                height: sway::HEIGHT,
                fps: script.fps,
            },
            folder: folder.to_owned(),
            script,
            still,
            started: Instant::now(),
            next: 0,
            delivered: 0,
        })
    }

    /// Waits for the next frame's moment and gives its number.
    fn tick(&mut self) -> u64 {
        let interval = Duration::from_secs(1) / self.script.fps;
        let due = interval.mul_f64(self.next as f64);
        let elapsed = self.started.elapsed();
        if let Some(early) = due.checked_sub(elapsed) {
            thread::sleep(early);
        } else {
            self.next = (elapsed.as_secs_f64() / interval.as_secs_f64()) as u64;
        }
        let number = self.next;
        self.next += 1;
        number
    }
}

impl FrameSource for Replay {
    fn next_frame(&mut self) -> Result<Frame, CameraError> {
        if self.script.disconnect_after == Some(self.delivered) {
            return Err(CameraError::Unplugged);
        }
        if self.script.stall_after == Some(self.delivered) {
            thread::sleep(STALL);
            return Err(CameraError::Stalled);
        }
        let number = self.tick();
        let image = if let Some(still) = &self.still {
            sway::draw(still, Pose::at(number as f32 / self.script.fps as f32))
        } else {
            let pictures = &self.script.pictures;
            let picture = &pictures[(number % pictures.len() as u64) as usize];
            let fitted = sway::fit(read(&self.folder, picture)?, self.script.region);
            sway::draw(&fitted, Pose::STILL)
        };
        self.delivered += 1;
        Ok(Frame::from_rgb(image))
    }

    fn stream(&self) -> &Stream {
        &self.stream
    }
}

fn within([left, top, width, height]: Region) -> bool {
    let fits = |start: f32, length: f32| start >= 0.0 && length > 0.0 && start + length <= 1.001;
    fits(left, width) && fits(top, height)
}

fn read(folder: &Path, picture: &Path) -> Result<RgbImage, CameraError> {
    // The name of a picture can be the name of a person, so the text leaves it out.
    let unreadable = |reason: String| CameraError::Replay(format!("a picture: {reason}"));
    Ok(ImageReader::open(folder.join(picture))
        .and_then(ImageReader::with_guessed_format)
        .map_err(|error| unreadable(error.kind().to_string()))?
        .decode()
        .map_err(|_| unreadable("cannot be decoded".into()))?
        .into_rgb8())
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a test stops at the first surprise"
    )]
    use image::Rgb;
    use tempfile::TempDir;

    use super::*;
    use crate::{CameraChoice, probe};

    fn folder(script: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("replay.toml"), script).unwrap();
        for (name, colour) in [("a.png", 10), ("b.png", 200)] {
            RgbImage::from_fn(64, 48, |x, _| Rgb([colour, (x * 4) as u8, 99]))
                .save(folder.path().join(name))
                .unwrap();
        }
        folder
    }

    fn open(script: &str) -> Result<Replay, CameraError> {
        Replay::open(folder(script).path())
    }

    #[test]
    fn one_picture_gives_frames_that_all_differ() {
        let mut replay = open("pictures = [\"a.png\"]\nfps = 60").unwrap();
        let frames: Vec<RgbImage> =
            (0..12).map(|_| replay.next_frame().unwrap().image().clone()).collect();
        for (n, frame) in frames.iter().enumerate() {
            assert_eq!(frame.dimensions(), (640, 480));
            assert!(!frames[..n].contains(frame), "frame {n} repeats");
        }
    }

    #[test]
    fn several_pictures_are_played_in_order_and_in_a_loop() {
        let folder = folder("pictures = [\"a.png\", \"b.png\"]\nfps = 10");
        let mut replay = Replay::open(folder.path()).unwrap();
        let red: Vec<u8> =
            (0..4).map(|_| replay.next_frame().unwrap().image().get_pixel(320, 240).0[0]).collect();
        assert_eq!(red, [10, 200, 10, 200]);
    }

    #[test]
    fn frames_come_at_their_pace_and_late_readers_lose_old_ones() {
        let mut replay = open("pictures = [\"a.png\"]\nfps = 20").unwrap();
        for _ in 0..5 {
            replay.next_frame().unwrap();
        }
        assert!(replay.started.elapsed() >= Duration::from_millis(200));
        thread::sleep(Duration::from_millis(300));
        let before = replay.next;
        replay.next_frame().unwrap();
        assert!(replay.next >= before + 5);
    }

    #[test]
    fn c21_camera_trouble_can_be_replayed() {
        let cases = [("absent = true", CameraError::NoCamera), ("busy = true", CameraError::Busy)];
        for (script, wanted) in cases {
            assert_eq!(open(script).err(), Some(wanted), "{script}");
        }
        let mut unplugged = open("pictures = [\"a.png\"]\nfps = 60\ndisconnect_after = 2").unwrap();
        unplugged.next_frame().unwrap();
        unplugged.next_frame().unwrap();
        assert_eq!(unplugged.next_frame().err(), Some(CameraError::Unplugged));
        let mut stalled = open("pictures = [\"a.png\"]\nstall_after = 1").unwrap();
        stalled.next_frame().unwrap();
        let started = Instant::now();
        assert_eq!(stalled.next_frame().err(), Some(CameraError::Stalled));
        assert!(started.elapsed() >= STALL);
    }

    #[test]
    fn unusable_scripts_are_refused_without_naming_a_picture() {
        let scripts = [
            "pictures = []",
            "pictures = [\"Visitor Name.jpg\"]",
            "pictures = [\"a.png\"]\nfps = 0",
            "pictures = [\"a.png\"]\nregion = [0.5, 0, 0.6, 1]",
            "pictures = [\"a.png\"]\nfaster = true",
            "nonsense",
        ];
        for script in scripts {
            let error = open(script).err().expect("refused");
            assert!(matches!(error, CameraError::Replay(_)), "{script}");
            assert!(!error.to_string().contains("Visitor"), "{error}");
        }
        let nowhere = Replay::open(Path::new("/nonexistent")).err();
        assert!(matches!(nowhere, Some(CameraError::Replay(_))));
    }

    #[test]
    fn the_technicians_try_out_measures_what_arrives() {
        let folder = folder("pictures = [\"a.png\"]\nfps = 30");
        let choice = CameraChoice::Replay { path: folder.path().to_owned() };
        let found = probe(&choice, 10).unwrap();
        assert_eq!((found.width, found.height, found.frames), (640, 480, 10));
        // The clock of a replay runs on while a busy machine is late, so some frames come faster.
        assert!((5.0..=45.0).contains(&found.fps), "{} fps", found.fps);
    }
}
