//! How long one frame takes, measured with the real networks. Prints one JSON object, times in ms.
//!
//! `frame_to_decision MODELS_DIR REFERENCE REPLAY_FOLDER`: the replay's frames are encoded as a
//! camera would (MJPEG) and take the whole way: decode, detect, align, quality, attack detection,
//! extract, compare.
//!
//! With `--serve` it measures when it is told to: for each line `engine` on standard input it
//! prints the time of one frame, and for each line `networks` those of the detector, the template
//! and the attack network alone.

use std::{
    alloc::System,
    env,
    error::Error,
    fs,
    hint::black_box,
    io::{BufRead as _, Write as _, stdin, stdout},
    path::PathBuf,
    time::{Duration, Instant},
};

use camera::{CameraChoice, Frame, FrameSource};
use face::{AttackLimits, ChallengePolicy, Engine, Limits, Step, Verification};
use image::codecs::jpeg::JpegEncoder;
use zeroizing_alloc::ZeroAlloc;

/// As in the app.
#[global_allocator]
static HEAP: ZeroAlloc<System> = ZeroAlloc(System);

const WARM_UP: usize = 5;
const FRAMES: usize = 50;

#[expect(clippy::print_stdout, reason = "the result is what this program is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let mut argument = || arguments.next().ok_or("MODELS_DIR REFERENCE REPLAY_FOLDER");
    let (models_dir, reference, replay) = (argument()?, argument()?, argument()?);

    let started = Instant::now();
    let engine = Engine::load(&models_dir)?;
    let load = started.elapsed();

    let started = Instant::now();
    let reference = engine.enrol(&face::decode_picture(&fs::read(reference)?)?)?;
    let enrol = started.elapsed();

    // No decision, so that every frame is compared; the engine allows that for 63 frames.
    let limits = Limits {
        frames: usize::MAX,
        non_match_frames: usize::MAX,
        time_limit: Duration::MAX,
        // A photograph cannot answer.
        attack: AttackLimits { challenge: ChallengePolicy::Never, ..AttackLimits::default() },
        ..Limits::default()
    };
    let mut verification = Verification::new(&engine, reference, limits, 0);
    let mut source = camera::open(&CameraChoice::Replay { path: replay })?;
    if env::args().any(|argument| argument == "--serve") {
        return serve(&engine, &mut verification, source.as_mut());
    }
    let mut times = Times::default();
    for number in 0..WARM_UP + FRAMES {
        let frame = source.next_frame()?;
        let mjpeg = mjpeg(&frame)?;
        let started = Instant::now();
        let frame = Frame::from_mjpeg(&mjpeg)?;
        let decoded = started.elapsed();
        let step = verification.frame(black_box(frame.image()), Duration::from_secs(1));
        let total = started.elapsed();
        if !matches!(step, Step::Continue(face::Guidance::KeepStill)) {
            return Err(format!("frame {number} was not compared: {step:?}").into());
        }
        let stages = engine.stage_times(frame.image())?.ok_or("a frame without a face")?;
        if number >= WARM_UP {
            times.decode.push(decoded);
            times.detect.push(stages.detect);
            times.align.push(stages.align);
            times.attack.push(stages.attack);
            times.extract.push(stages.extract);
            times.total.push(total);
        }
    }

    let mut result = serde_json::Map::new();
    result.insert("models_load_ms".into(), ms(load).into());
    result.insert("reference_enrol_ms".into(), ms(enrol).into());
    for (name, mut all) in [
        ("frame_to_decision_ms", times.total),
        ("decode_mjpeg_ms", times.decode),
        ("detect_ms", times.detect),
        ("align_and_quality_ms", times.align),
        ("attack_ms", times.attack),
        ("extract_ms", times.extract),
    ] {
        all.sort_unstable();
        result.insert(format!("{name}_p50"), ms(all[FRAMES / 2]).into());
        result.insert(format!("{name}_p95"), ms(all[FRAMES * 95 / 100]).into());
    }
    println!("{}", serde_json::Value::Object(result));
    Ok(())
}

/// Measures one thing for each line.
fn serve(
    engine: &Engine,
    verification: &mut Verification<'_>,
    source: &mut dyn FrameSource,
) -> Result<(), Box<dyn Error>> {
    let mut output = stdout();
    for line in stdin().lock().lines() {
        match line?.as_str() {
            "engine" => {
                let mjpeg = mjpeg(&source.next_frame()?)?;
                let started = Instant::now();
                let frame = Frame::from_mjpeg(&mjpeg)?;
                let step = verification.frame(black_box(frame.image()), Duration::from_secs(1));
                let total = started.elapsed();
                if !matches!(step, Step::Continue(face::Guidance::KeepStill)) {
                    return Err(format!("a frame was not compared: {step:?}").into());
                }
                writeln!(output, "{}", exact(total))?;
            }
            "networks" => {
                let [detector, template, attack] = engine.network_times()?.map(exact);
                writeln!(output, "{detector} {template} {attack}")?;
            }
            other => return Err(format!("what is {other:?}?").into()),
        }
        output.flush()?;
    }
    Ok(())
}

/// A frame as a camera sends it.
fn mjpeg(frame: &Frame) -> Result<Vec<u8>, image::ImageError> {
    let mut jpeg = Vec::new();
    frame.image().write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 70))?;
    Ok(jpeg)
}

fn exact(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[derive(Default)]
struct Times {
    decode: Vec<Duration>,
    detect: Vec<Duration>,
    align: Vec<Duration>,
    attack: Vec<Duration>,
    extract: Vec<Duration>,
    total: Vec<Duration>,
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}
