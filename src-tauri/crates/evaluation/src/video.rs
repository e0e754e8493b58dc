//! Decoding of videos with the external program `ffmpeg`.
//!
//! Phones and cameras write H.264 and more; `ffmpeg` is the well-kept decoder that every
//! distribution has. It is not part of Postern and no kiosk needs it: it runs as a process of
//! its own, gets the file's path and sends uncompressed frames (PPM) through its output.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use face::{MAX_PIXELS, MAX_SIDE, Sample};

/// The word for a video of which no frame came.
pub(crate) const NOT_DECODED: &str = "video_not_decoded";

/// A video that is being decoded; the program ends when this is dropped.
pub(crate) struct Video {
    program: Child,
    frames: Option<BufReader<ChildStdout>>,
    any: bool,
}

/// Whether the program runs at all.
pub(crate) fn check(program: &Path) -> std::io::Result<()> {
    Command::new(program)
        .arg("-version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map(drop)
}

impl Video {
    /// Decodes the first `limit` of a video at so many frames a second.
    pub(crate) fn open(
        program: &Path,
        path: &Path,
        frames_per_second: u32,
        limit: Duration,
    ) -> std::io::Result<Self> {
        // With its scheme, no name of a file is taken for an option or an address.
        let mut input = std::ffi::OsString::from("file:");
        input.push(path);
        let mut program = Command::new(program)
            .args(["-nostdin", "-hide_banner", "-loglevel", "error"])
            .args(["-protocol_whitelist", "file", "-i"])
            .arg(input)
            .args(["-map", "0:v:0", "-t", &limit.as_secs_f64().to_string()])
            .args(["-vf", &format!("fps={frames_per_second}")])
            .args(["-f", "image2pipe", "-c:v", "ppm", "-"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let frames = program.stdout.take().map(BufReader::new);
        Ok(Self { program, frames, any: false })
    }
}

impl Iterator for Video {
    type Item = Result<Sample, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        let frame = self.frames.as_mut().and_then(read_frame);
        if frame.is_none() {
            self.frames = None;
            let none = !std::mem::replace(&mut self.any, true);
            return none.then_some(Err(NOT_DECODED));
        }
        self.any = true;
        frame.map(Ok)
    }
}

impl Drop for Video {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.program.kill().ok();
        self.program.wait().ok();
    }
}

/// One frame of a stream of binary PPM pictures with eight bits; `None` at its end or where it
/// is something else.
fn read_frame(stream: &mut impl BufRead) -> Option<Sample> {
    if word(stream)? != "P6" {
        return None;
    }
    let (width, height): (u32, u32) = (word(stream)?.parse().ok()?, word(stream)?.parse().ok()?);
    let too_large =
        width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS;
    if word(stream)? != "255" || too_large {
        return None;
    }
    let mut pixels = vec![0; width as usize * height as usize * 3];
    stream.read_exact(&mut pixels).ok()?;
    Sample::from_raw(width, height, pixels)
}

/// The next word of a header, up to and with the one blank after it.
fn word(stream: &mut impl BufRead) -> Option<String> {
    let mut word = String::new();
    for byte in stream.by_ref().bytes().take(20) {
        match byte.ok()? {
            b' ' | b'\n' | b'\r' | b'\t' if word.is_empty() => {}
            b' ' | b'\n' | b'\r' | b'\t' => return Some(word),
            byte => word.push(char::from(byte)),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_stream_of_frames_is_read_to_its_end() {
        let mut stream: &[u8] = b"P6\n2 1\n255\n\x01\x02\x03   P6 1 1 255\nabcP6\n9 9\n255\nshort";
        let sizes: Vec<_> = std::iter::from_fn(|| read_frame(&mut stream))
            .map(|frame| (frame.image().dimensions(), frame.image().as_raw()[0]))
            .collect();
        assert_eq!(sizes, [((2, 1), 1), ((1, 1), b'a')]);
    }

    #[test]
    fn what_is_no_frame_is_refused_before_memory_is_taken() {
        for stream in [
            "P5 1 1 255 a",
            "P6 99999 1 255 a",
            "P6 6000 6000 255 a",
            "P6 1 1 65535 abcdef",
            "P6 -1 1 255 a",
            "P6",
            "",
            "P6 1111111111111111111111111 1 255 a",
        ] {
            assert!(read_frame(&mut stream.as_bytes()).is_none(), "{stream}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_and_one_that_says_nothing_decodes_nothing() {
        assert!(check(Path::new("/nowhere/ffmpeg")).is_err());
        let silent = Video::open(Path::new("true"), Path::new("x"), 15, Duration::from_secs(1));
        let frames: Vec<_> = silent.unwrap().map(|frame| frame.map(|_| ())).collect();
        assert_eq!(frames, [Err(NOT_DECODED)]);
    }
}
