//! A display without a monitor.
//!
//! Sessions always use one of their own, also where a desktop is running: the size is then the
//! same everywhere, no window manager takes part, and nobody's keyboard can type into a test.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, Result, ensure};
use image::RgbImage;

use crate::processes::ProcessGroup;

/// A running Xvfb; dropped, it ends.
pub(crate) struct Display {
    name: String,
    frame_buffer: PathBuf,
    _server: ProcessGroup,
}

impl Display {
    /// Starts Xvfb on the first free display with one screen of this size in pixels. It keeps its
    /// frame buffer in `folder`.
    pub(crate) fn start((width, height): (u32, u32), folder: &Path) -> Result<Display> {
        let mut server = ProcessGroup::spawn("Xvfb", |command| {
            command
                .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-fbdir"])
                .arg(folder)
                .args(["-screen", "0", &format!("{width}x{height}x24")])
                .stdout(Stdio::piped())
                .stderr(Stdio::null());
        })
        .context("Xvfb is in the Debian package `xvfb` (cargo xtask setup)")?;
        let pipe = server.leader().stdout.take().context("Xvfb has no output pipe")?;
        let mut number = String::new();
        BufReader::new(pipe).read_line(&mut number).context("reading the display's number")?;
        let number = number.trim();
        ensure!(!number.is_empty(), "Xvfb found no free display");
        Ok(Display {
            name: format!(":{number}"),
            frame_buffer: folder.join("Xvfb_screen0"),
            _server: server,
        })
    }

    /// The value for `DISPLAY`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What the screen shows now. Unlike `WebDriver`'s own picture it needs no answer from the
    /// page (with compositing off, that answer never comes) and takes only milliseconds.
    pub(crate) fn picture(&self) -> Result<RgbImage> {
        let dump = fs::read(&self.frame_buffer).context("reading the display's frame buffer")?;
        picture_from_dump(&dump).context("the display's frame buffer is not a window dump")
    }
}

/// Bytes of one entry of the colour map in a window dump.
const COLOUR_BYTES: u32 = 12;

/// Reads an X window dump (`X11/XWDFile.h`, version 7) with 32 bits a pixel, little-endian, blue
/// in the lowest byte: the only form that Xvfb has at depth 24.
fn picture_from_dump(dump: &[u8]) -> Option<RgbImage> {
    let word = |index: usize| -> Option<u32> {
        let bytes = dump.get(index * 4..index * 4 + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let (header, version) = (word(0)?, word(1)?);
    let (width, height) = (word(4)?, word(5)?);
    let (byte_order, bits_per_pixel, bytes_per_line) = (word(7)?, word(11)?, word(12)?);
    let colours = word(19)?;
    if (version, byte_order, bits_per_pixel) != (7, 0, 32) {
        return None;
    }
    let start = (header + colours * COLOUR_BYTES) as usize;
    let line = bytes_per_line as usize;
    let end = line.checked_mul(height as usize)?.checked_add(start)?;
    let rows = dump.get(start..end)?;
    if line < width as usize * 4 || line == 0 {
        return None;
    }
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for row in rows.chunks_exact(line) {
        for pixel in row[..width as usize * 4].chunks_exact(4) {
            pixels.extend([pixel[2], pixel[1], pixel[0]]);
        }
    }
    RgbImage::from_raw(width, height, pixels)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn a_window_dump_is_read_without_its_colour_map_and_padding() {
        let mut words = [0_u32; 25];
        words[0] = 100; // header
        words[1] = 7; // version
        words[4] = 2; // width
        words[5] = 2; // height
        words[11] = 32; // bits per pixel
        words[12] = 12; // bytes per line, one pixel of padding
        words[19] = 1; // colour map entries
        let mut dump: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        dump.extend([0; 12]);
        dump.extend([3, 2, 1, 0, 6, 5, 4, 0, 9, 9, 9, 9]);
        dump.extend([0, 0, 255, 0, 255, 0, 0, 0, 9, 9, 9, 9]);
        let picture = picture_from_dump(&dump).unwrap();
        assert_eq!(picture.dimensions(), (2, 2));
        assert_eq!(picture.as_raw().as_slice(), [1, 2, 3, 4, 5, 6, 255, 0, 0, 0, 0, 255]);
        assert_eq!(picture_from_dump(&dump[..dump.len() - 1]), None, "cut short");
        assert_eq!(picture_from_dump(b""), None);
    }

    #[test]
    fn an_empty_display_is_black_and_as_large_as_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let display = Display::start((320, 200), folder.path()).unwrap();
        assert!(display.name().starts_with(':'));
        let picture = display.picture().unwrap();
        assert_eq!(picture.dimensions(), (320, 200));
        assert!(picture.as_raw().iter().all(|value| *value == 0));
    }
}
