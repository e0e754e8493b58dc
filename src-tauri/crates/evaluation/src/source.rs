//! What a listed file is: a picture, a folder of frames, or a video.

use std::path::{Path, PathBuf};
use std::time::Duration;

use face::{Sample, decode_picture};

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

    /// The frames in order, each with its time, for at most `limit`; one that cannot be decoded
    /// is the word for why.
    pub(crate) fn frames<'a>(&'a self, program: &Path, limit: Duration) -> Frames<'a> {
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

    #[test]
    fn frames_come_at_the_pace_of_the_camera_and_bad_ones_say_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        image::RgbImage::new(4, 3).save(path("2.png")).unwrap();
        std::fs::write(path("1.png"), "no picture").unwrap();
        let source = Source::Frames(vec![path("1.png"), path("2.png"), path("3.png")]);
        let frames: Vec<_> = source
            .frames(Path::new("ffmpeg"), Duration::from_secs(1))
            .map(|(frame, at)| (frame.map(|frame| frame.image().dimensions()), at.as_millis()))
            .collect();
        let expected = [(Err("not_a_picture"), 0), (Ok((4, 3)), 66), (Err("unreadable"), 133)];
        assert_eq!(frames, expected);
    }
}
