//! What a listed file is: a picture, a folder of frames, or a video.

use std::path::{Path, PathBuf};
use std::time::Duration;

use face::{Sample, decode_picture};
use image::imageops::{self, FilterType};

use crate::pairs::visible;
use crate::video::{self, Video};

/// Frames of a folder or video are taken at the pace of the kiosk's camera.
pub(crate) const FRAMES_PER_SECOND: u32 = 15;
/// Most bytes of a picture that are read.
const MAX_BYTES: u64 = 100_000_000;

const PICTURES: &[&str] = &["jpg", "jpeg", "png"];
const VIDEOS: &[&str] =
    &["3gp", "avi", "m4v", "mjpeg", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ts", "webm", "wmv"];

/// One sample on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A single picture.
    Picture(PathBuf),
    /// Frames, by name.
    Frames(Vec<PathBuf>),
    /// A video.
    Video(PathBuf),
}

impl Source {
    /// Looks at a path; the error is a stable word.
    pub(crate) fn find(path: &Path) -> Result<Self, &'static str> {
        if path.is_dir() {
            let mut frames = visible(path).map_err(|_| "unreadable")?;
            frames.retain(|frame| has_extension(frame, PICTURES));
            return if frames.is_empty() { Err("no_frames") } else { Ok(Self::Frames(frames)) };
        }
        match path.try_exists() {
            Ok(true) if has_extension(path, VIDEOS) => Ok(Self::Video(path.to_owned())),
            Ok(true) => Ok(Self::Picture(path.to_owned())),
            Ok(false) => Err("missing"),
            Err(_) => Err("unreadable"),
        }
    }

    /// The frames in order, each with its time; one that cannot be decoded is the word for why.
    pub(crate) fn frames<'a>(&'a self, decoding: &Decoding<'_>) -> Frames<'a> {
        let frames = self.as_they_are(decoding);
        if !decoding.enlarge {
            return frames;
        }
        Box::new(frames.map(|(frame, elapsed)| (frame.map(enlarged), elapsed)))
    }

    fn as_they_are<'a>(&'a self, decoding: &Decoding<'_>) -> Frames<'a> {
        let (program, limit) = (decoding.ffmpeg, decoding.time_limit);
        match self {
            Self::Picture(path) => Box::new(std::iter::once((picture(path), Duration::ZERO))),
            Self::Frames(paths) => Box::new(paced(paths.iter().map(|path| picture(path)))),
            Self::Video(path) => match Video::open(program, path, FRAMES_PER_SECOND, limit) {
                Ok(video) => Box::new(paced(video)),
                Err(_) => Box::new(std::iter::once((Err(video::NOT_DECODED), Duration::ZERO))),
            },
        }
    }
}

/// How files become frames.
#[derive(Clone, Copy)]
pub(crate) struct Decoding<'a> {
    /// The program that decodes videos.
    pub(crate) ffmpeg: &'a Path,
    /// How much of a video is decoded.
    pub(crate) time_limit: Duration,
    /// Whether what is smaller than a frame of the kiosk's camera is enlarged to it.
    pub(crate) enlarge: bool,
}

/// Size of a frame of the kiosk's camera.
const CAMERA: (u32, u32) = (640, 480);

/// As large as fits into a frame of the camera; what is larger already stays as it is.
fn enlarged(frame: Sample) -> Sample {
    let (width, height) = frame.image().dimensions();
    let ratio = |wanted: u32, given: u32| f64::from(wanted) / f64::from(given.max(1));
    let factor = ratio(CAMERA.0, width).min(ratio(CAMERA.1, height));
    if factor <= 1.0 || width == 0 || height == 0 {
        return frame;
    }
    let scaled = |length: u32| (f64::from(length) * factor).round().max(1.0) as u32;
    let (width, height) = (scaled(width), scaled(height));
    Sample::from_rgb(imageops::resize(frame.image(), width, height, FilterType::CatmullRom))
}

/// Frames with their times.
pub(crate) type Frames<'a> =
    Box<dyn Iterator<Item = (Result<Sample, &'static str>, Duration)> + 'a>;

fn paced<'a>(
    frames: impl Iterator<Item = Result<Sample, &'static str>> + 'a,
) -> impl Iterator<Item = (Result<Sample, &'static str>, Duration)> + 'a {
    (0_u32..)
        .zip(frames)
        .map(|(index, frame)| (frame, Duration::from_secs(1) * index / FRAMES_PER_SECOND))
}

/// Reads and decodes a picture as the kiosk does a certificate photo.
fn picture(path: &Path) -> Result<Sample, &'static str> {
    let length = std::fs::metadata(path).map_err(|_| "unreadable")?.len();
    if length > MAX_BYTES {
        return Err("too_large");
    }
    let bytes = std::fs::read(path).map_err(|_| "unreadable")?;
    decode_picture(&bytes).map_err(face::ReferenceProblem::code)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| extensions.iter().any(|e| e.eq_ignore_ascii_case(extension)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_file_is_a_picture_frames_or_a_video() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("burst")).unwrap();
        std::fs::create_dir(path("empty")).unwrap();
        for name in ["a.jpg", "b.MP4", "burst/10.png", "burst/09.JPG", "burst/notes.txt"] {
            std::fs::write(path(name), "").unwrap();
        }
        assert_eq!(Source::find(&path("a.jpg")), Ok(Source::Picture(path("a.jpg"))));
        assert_eq!(Source::find(&path("b.MP4")), Ok(Source::Video(path("b.MP4"))));
        let frames = vec![path("burst/09.JPG"), path("burst/10.png")];
        assert_eq!(Source::find(&path("burst")), Ok(Source::Frames(frames)));
        assert_eq!(Source::find(&path("empty")), Err("no_frames"));
        assert_eq!(Source::find(&path("c.jpg")), Err("missing"));
    }

    fn decoding(enlarge: bool) -> Decoding<'static> {
        Decoding { ffmpeg: Path::new("ffmpeg"), time_limit: Duration::from_secs(1), enlarge }
    }

    #[test]
    fn small_pictures_are_enlarged_to_a_frame_if_that_is_wished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        for (size, expected) in [
            ((250, 250), (480, 480)),
            ((320, 100), (640, 200)),
            ((640, 480), (640, 480)),
            ((700, 100), (700, 100)),
        ] {
            image::RgbImage::new(size.0, size.1).save(&path).unwrap();
            let source = Source::Picture(path.clone());
            for (enlarge, expected) in [(true, expected), (false, size)] {
                let (frame, _) = source.frames(&decoding(enlarge)).next().unwrap();
                assert_eq!(frame.map(|frame| frame.image().dimensions()), Ok(expected));
            }
        }
    }

    #[test]
    fn frames_come_at_the_pace_of_the_camera_and_bad_ones_say_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        image::RgbImage::new(4, 3).save(path("2.png")).unwrap();
        std::fs::write(path("1.png"), "no picture").unwrap();
        let source = Source::Frames(vec![path("1.png"), path("2.png"), path("3.png")]);
        let frames: Vec<_> = source
            .frames(&decoding(false))
            .map(|(frame, at)| (frame.map(|frame| frame.image().dimensions()), at.as_millis()))
            .collect();
        let expected = [(Err("not_a_picture"), 0), (Ok((4, 3)), 66), (Err("unreadable"), 133)];
        assert_eq!(frames, expected);
    }
}
