//! A try-out of a camera, for the technician.

use std::time::Instant;

use serde::Serialize;

use crate::{CameraChoice, CameraError, open};

/// What a try-out found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Probe {
    /// The camera's name.
    pub name: String,
    /// Pixel format on the wire.
    pub format: String,
    /// Width in pixels, of the decoded frames.
    pub width: u32,
    /// Height in pixels, of the decoded frames.
    pub height: u32,
    /// Frames a second as measured; 0 when only one frame was asked for.
    pub fps: f64,
    /// Frames that arrived and were decoded.
    pub frames: u32,
}

/// Opens the camera, reads and decodes `frames` frames (at least one), closes it.
pub fn probe(choice: &CameraChoice, frames: u32) -> Result<Probe, CameraError> {
    let mut source = open(choice)?;
    let mut size = source.next_frame()?.image().dimensions();
    let started = Instant::now();
    for _ in 1..frames {
        size = source.next_frame()?.image().dimensions();
    }
    let seconds = started.elapsed().as_secs_f64();
    let stream = source.stream();
    Ok(Probe {
        name: stream.name.clone(),
        format: stream.format.clone(),
        width: size.0,
        height: size.1,
        fps: if frames > 1 { f64::from(frames - 1) / seconds } else { 0.0 },
        frames: frames.max(1),
    })
}
