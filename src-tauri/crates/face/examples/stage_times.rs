//! Prints the median time in milliseconds of each stage of a frame, as one flat JSON object.
//!
//! Use: `cargo run -p face --example stage_times -- MODELS PICTURE [FRAMES]`, on one thread. The
//! picture must look like a frame of the camera: one face, eyes at least 60 pixels apart.

#![expect(clippy::print_stdout, reason = "the result of the program")]

use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use face::{Engine, StageTimes, decode_picture};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(models), Some(picture)) = (arguments.next(), arguments.next()) else {
        return Err("use: stage_times MODELS PICTURE [FRAMES]".into());
    };
    let frames = match arguments.next() {
        Some(count) => count.to_string_lossy().parse()?,
        None => 30,
    };
    let frame = decode_picture(&std::fs::read(picture)?)?;
    let start = Instant::now();
    let engine = Engine::load(&models)?;
    let load = start.elapsed();
    // The first run of each network allocates what the later ones reuse.
    engine.stage_times(frame.image())?;
    let mut times = Vec::new();
    for _ in 0..frames {
        times.push(engine.stage_times(frame.image())?.ok_or("the picture is not good enough")?);
    }
    let median = |stage: fn(&StageTimes) -> Duration| {
        let mut stage: Vec<Duration> = times.iter().map(stage).collect();
        stage.sort();
        milliseconds(stage[stage.len() / 2])
    };
    println!(
        "{{\"load_ms\": {:.1}, \"detect_ms\": {:.2}, \"align_ms\": {:.2}, \"attack_ms\": {:.2}, \
         \"extract_ms\": {:.2}, \"frame_ms\": {:.2}}}",
        milliseconds(load),
        median(|times| times.detect),
        median(|times| times.align),
        median(|times| times.attack),
        median(|times| times.extract),
        median(|times| times.total),
    );
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
