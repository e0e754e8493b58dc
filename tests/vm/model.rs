//! The webcams that can be plugged in, and their pictures.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use camera::CameraChoice;
use image::{ExtendedColorType, Rgb, RgbImage, codecs::jpeg::JpegEncoder};

use crate::support::pictures;

/// Width and height.
pub(super) type Size = (u16, u16);

/// A kind of webcam.
pub(super) struct Model {
    pub(super) name: String,
    pub(super) formats: Vec<Format>,
    /// How many pictures at the start of a stream are cut off in the middle.
    pub(super) garbled: u32,
    /// The photograph of the person who stands before it, if anyone does.
    pub(super) person: Option<&'static str>,
}

/// A format and the sizes in which it is offered, each at all rates.
pub(super) struct Format {
    pub(super) pixels: Pixels,
    pub(super) sizes: Vec<Size>,
    pub(super) rates: Rates,
}

/// Pictures a second.
pub(super) enum Rates {
    /// The usual one first.
    Each(Vec<u32>),
    /// From the fastest, which is the usual one, to the slowest.
    Range(u32, u32),
}

/// The time between two pictures at a rate, in 100 ns.
pub(super) fn interval(rate: u32) -> u32 {
    10_000_000 / rate
}

/// How a picture is stored.
#[derive(Clone, Copy)]
pub(super) enum Pixels {
    /// As JPEG.
    Mjpeg,
    /// With as many bits for each pixel.
    Raw { guid: [u8; 16], bits: u8 },
}

const YUYV: Pixels = Pixels::Raw { guid: fourcc(*b"YUY2"), bits: 16 };
const NV12: Pixels = Pixels::Raw { guid: fourcc(*b"NV12"), bits: 12 };
/// The identifier of RGB24 in Windows, which has blue first.
const BGR: Pixels =
    Pixels::Raw { guid: 0x70a7_0baf_2000_539f_11ce_524f_e436_eb7d_u128.to_le_bytes(), bits: 24 };

impl Model {
    pub(super) fn named(name: &str) -> Result<Self> {
        const VGA: Size = (640, 480);
        const HD: Size = (1280, 720);
        let only = |pixels, rates| vec![Format { pixels, sizes: vec![HD, VGA], rates }];
        let slow = Rates::Each(vec![15]);
        let mut person = None;
        let (formats, garbled) = match name {
            // As many are: uncompressed pictures come first, and JPEG ones are no use at the start.
            "usual" => (
                vec![
                    Format {
                        pixels: YUYV,
                        sizes: vec![VGA, HD],
                        rates: Rates::Each(vec![30, 10, 5]),
                    },
                    Format {
                        pixels: Pixels::Mjpeg,
                        sizes: vec![VGA, HD],
                        rates: Rates::Each(vec![30, 15]),
                    },
                ],
                3,
            ),
            "bgr" => (only(BGR, slow), 0),
            "range" => (only(NV12, Rates::Range(30, 5)), 0),
            "garbled" => (only(Pixels::Mjpeg, slow), u32::MAX),
            "holder" => {
                person = Some("obama2.jpg");
                let sizes = vec![VGA];
                (vec![Format { pixels: Pixels::Mjpeg, sizes, rates: slow }], 0)
            }
            _ => bail!("no such webcam: {name}"),
        };
        Ok(Self { name: name.to_owned(), formats, garbled, person })
    }
}

/// What camera and driver have agreed on; formats and sizes are counted from 1.
#[derive(Clone, Copy)]
pub(super) struct Agreement {
    pub(super) format: u8,
    pub(super) size: u8,
    /// From one picture to the next, in 100 ns.
    pub(super) interval: u32,
}

impl Agreement {
    pub(super) const USUAL: Self = Self { format: 1, size: 1, interval: 0 };

    /// What comes nearest to a wish.
    pub(super) fn near(self, model: &Model) -> Self {
        let format = self.format.clamp(1, model.formats.len() as u8);
        let Format { sizes, rates, .. } = &model.formats[usize::from(format) - 1];
        let size = self.size.clamp(1, sizes.len() as u8);
        let interval = match rates {
            Rates::Each(rates) => {
                let intervals = rates.iter().map(|rate| interval(*rate));
                intervals.min_by_key(|interval| interval.abs_diff(self.interval)).unwrap_or(0)
            }
            Rates::Range(fast, slow) => self.interval.clamp(interval(*fast), interval(*slow)),
        };
        Self { format, size, interval }
    }

    pub(super) fn interval(self) -> Duration {
        Duration::from_nanos(100) * self.interval
    }

    /// How the pictures are stored, and their size.
    pub(super) fn pictures(self, model: &Model) -> Result<(Pixels, Size)> {
        let format = model.formats.get(usize::from(self.format) - 1).context("no such format")?;
        let size = format.sizes.get(usize::from(self.size) - 1).context("no such size")?;
        Ok((format.pixels, *size))
    }
}

/// Bytes that a picture has at most.
pub(super) fn largest(pixels: Pixels, (width, height): Size) -> u32 {
    let bits = if let Pixels::Raw { bits, .. } = pixels { bits } else { 16 };
    u32::from(width) * u32::from(height) * u32::from(bits) / 8
}

/// What the camera sees, to be shown again and again.
pub(super) fn see(model: &Model, pixels: Pixels, size: Size) -> Result<Vec<Vec<u8>>> {
    model.person.map_or_else(|| draw(pixels, size), portray)
}

/// Two seconds of a person who stands there, 640 × 480, as JPEG.
fn portray(photograph: &str) -> Result<Vec<Vec<u8>>> {
    let folder = tempfile::tempdir()?;
    let replay = walkthrough::replay::Replay::in_folder(folder.path())?;
    replay.show(&pictures().join(photograph))?;
    let mut seen = camera::open(&CameraChoice::Replay { path: folder.path().to_owned() })?;
    (0..30)
        .map(|_| {
            let mut jpeg = Vec::new();
            let encoder = JpegEncoder::new_with_quality(&mut jpeg, 90);
            seen.next_frame()?.image().write_with_encoder(encoder)?;
            Ok(without_tables(&jpeg))
        })
        .collect()
}

/// A few pictures that are different. No test looks at them.
fn draw(pixels: Pixels, size: Size) -> Result<Vec<Vec<u8>>> {
    (0..4_u8)
        .map(|number| match pixels {
            Pixels::Mjpeg => jpeg(size, number),
            Pixels::Raw { .. } => Ok(vec![60 + 40 * number; largest(pixels, size) as usize]),
        })
        .collect()
}

/// A format that has a name of four letters.
const fn fourcc([a, b, c, d]: [u8; 4]) -> [u8; 16] {
    [a, b, c, d, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]
}

/// A JPEG picture without Huffman tables, as cameras send it: MJPEG always has the usual ones.
fn jpeg((width, height): Size, number: u8) -> Result<Vec<u8>> {
    let (width, height) = (u32::from(width), u32::from(height));
    let picture =
        RgbImage::from_fn(width, height, |x, y| Rgb([(x / 6) as u8, (y / 3) as u8, 60 * number]));
    let mut whole = Vec::new();
    JpegEncoder::new_with_quality(&mut whole, 85).encode(
        &picture,
        width,
        height,
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
