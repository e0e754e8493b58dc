//! The webcams that can be plugged in, and their pictures.

use std::time::Duration;

use anyhow::{Result, bail};
use image::{ExtendedColorType, Rgb, RgbImage, codecs::jpeg::JpegEncoder};

pub(super) const WIDTH: u16 = 640;
pub(super) const HEIGHT: u16 = 480;
/// Pictures a second.
pub(super) const FPS: u32 = 15;
/// A camera repeats its pictures after so many.
const PICTURES: u32 = 8;

/// Format of the pictures.
pub(super) enum Pixels {
    /// A JPEG picture each.
    Mjpeg,
    /// As many bits for each pixel.
    Raw {
        guid: [u8; 16],
        bits: u8,
    },
}

/// A kind of webcam.
pub(super) struct Model {
    pub(super) name: &'static str,
    pub(super) pixels: Pixels,
    /// How many pictures of a stream are cut off in the middle.
    broken: u32,
    pictures: Vec<Vec<u8>>,
}

impl Model {
    pub(super) fn named(name: &str) -> Result<Self> {
        Ok(match name {
            // As many cameras do: no Huffman tables, and the first pictures are no use.
            "mjpeg" => Self::mjpeg("mjpeg", 3)?,
            "broken" => Self::mjpeg("broken", u32::MAX)?,
            "yuyv" => Self::raw("yuyv", fourcc(*b"YUY2"), 16),
            "nv12" => Self::raw("nv12", fourcc(*b"NV12"), 12),
            // The identifier of RGB24 in Windows, which has blue first.
            "bgr" => Self::raw("bgr", 0x70a7_0baf_2000_539f_11ce_524f_e436_eb7d_u128.to_le_bytes(), 24),
            _ => bail!("no such webcam: {name}"),
        })
    }

    fn mjpeg(name: &'static str, broken: u32) -> Result<Self> {
        let pictures = (0..PICTURES).map(jpeg).collect::<Result<_>>()?;
        Ok(Self { name, pixels: Pixels::Mjpeg, broken, pictures })
    }

    fn raw(name: &'static str, guid: [u8; 16], bits: u8) -> Self {
        let size = usize::from(WIDTH) * usize::from(HEIGHT) * usize::from(bits) / 8;
        let picture = |number| (0..size).map(|at| (at as u32 / 64 + number * 9) as u8).collect();
        let pictures = (0..PICTURES).map(picture).collect();
        Self { name, pixels: Pixels::Raw { guid, bits }, broken: 0, pictures }
    }

    pub(super) fn interval(&self) -> Duration {
        Duration::from_secs(1) / FPS
    }

    /// The picture of that number in a stream.
    pub(super) fn picture(&self, number: u32) -> &[u8] {
        let picture = &self.pictures[(number % PICTURES) as usize];
        if number < self.broken { &picture[..picture.len() / 2] } else { picture }
    }

    /// Bytes that a picture has at most.
    pub(super) fn largest(&self) -> u32 {
        match self.pixels {
            Pixels::Mjpeg => 2 * u32::from(WIDTH) * u32::from(HEIGHT),
            Pixels::Raw { .. } => self.pictures.iter().map(Vec::len).max().unwrap_or(0) as u32,
        }
    }
}

/// A format that has a name of four letters.
fn fourcc(letters: [u8; 4]) -> [u8; 16] {
    let mut guid = *b"    \0\0\x10\0\x80\0\0\xaa\x008\x9bq";
    guid[..4].copy_from_slice(&letters);
    guid
}

/// A JPEG picture without Huffman tables: MJPEG always has the usual ones.
fn jpeg(number: u32) -> Result<Vec<u8>> {
    let picture = RgbImage::from_fn(u32::from(WIDTH), u32::from(HEIGHT), |x, y| {
        Rgb([(x / 3 + number * 16) as u8, (y / 2) as u8, ((x ^ y) / 4) as u8])
    });
    let mut whole = Vec::new();
    JpegEncoder::new_with_quality(&mut whole, 85).encode(
        &picture,
        u32::from(WIDTH),
        u32::from(HEIGHT),
        ExtendedColorType::Rgb8,
    )?;
    Ok(without_tables(&whole))
}

fn without_tables(jpeg: &[u8]) -> Vec<u8> {
    const HUFFMAN_TABLES: u8 = 0xc4;
    const SCAN: u8 = 0xda;
    let mut bare = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != SCAN {
        let length = 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != HUFFMAN_TABLES {
            bare.extend_from_slice(&jpeg[at..at + length]);
        }
        at += length;
    }
    bare.extend_from_slice(&jpeg[at..]);
    bare
}
