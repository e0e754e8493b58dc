//! One visit: reference, camera, comparison, outcome.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
    time::Instant,
};

use camera::{CameraChoice, CameraError, Frame};
use face::{Engine, Outcome, ReferenceProblem, Step, Template, Verification, decode_picture};
use seal::{Kind, Locator, SealingKey};

use crate::{
    host::Begin,
    message::{FromWorker, Report},
    output::Output,
    pump::{Pump, Pumped},
    retained::{self, Kept},
};

/// Serves the visit and reports how it went. The camera is closed before the last report.
pub(crate) fn serve(engine: &Engine, camera: &CameraChoice, begin: Begin, output: &Output) {
    let Begin { sealed_reference, key, locator, limits, evidence } = begin;
    let reference = match enrol(engine, &sealed_reference, key, &locator) {
        Ok(reference) => reference,
        // The camera stays closed.
        Err(problem) => return output.report(Report::ReferenceUnusable(problem)),
    };
    let preview = output.clone();
    let pump = match open_camera(camera, output, move |frame| preview.show(frame)) {
        Ok(pump) => pump,
        Err(error) => return output.report(camera_failed(&error)),
    };
    let verification = Verification::new(engine, reference, limits, seed());
    let mut kept = Kept::for_order(evidence.as_ref());
    let deadline = Instant::now() + limits.time_limit;
    let ending = compare(verification, &pump, deadline, &mut kept, output);
    output.end_previews();
    pump.close();
    match ending {
        Ok(outcome) => {
            output.report(Report::Captured);
            if let Some(order) = &evidence {
                match retained::seal(order, outcome, engine.template_model(), kept) {
                    Ok(Some(sealed)) => output.send(FromWorker::Evidence(sealed)),
                    Ok(None) => {}
                    // An outcome without its evidence would not count; a person takes over.
                    Err(_) => return,
                }
            }
            output.report(Report::Outcome(outcome));
        }
        Err(error) => output.report(camera_failed(&error)),
    }
}

/// The template of the sealed certificate photo. Key and photo are wiped on the way.
///
/// A photo that does not open under the badge's key counts as one that could not be processed.
fn enrol(
    engine: &Engine,
    sealed: &[u8],
    key: SealingKey,
    locator: &Locator,
) -> Result<Template, ReferenceProblem> {
    let photo = key.open(sealed, locator, Kind::Reference);
    drop(key);
    let sample = decode_picture(&photo.map_err(|_| ReferenceProblem::NotProcessed)?)?;
    engine.enrol(&sample)
}

/// Opens the camera, reports it, and lets it run; `also` sees every frame.
pub(crate) fn open_camera(
    choice: &CameraChoice,
    output: &Output,
    also: impl Fn(&Arc<Frame>) + Send + 'static,
) -> Result<Pump, CameraError> {
    let source = camera::open(choice)?;
    output.report(Report::CameraOpened);
    Pump::start(source, also).map_err(|error| CameraError::Open(error.to_string()))
}

/// Compares frame after frame until the outcome is clear or the time is up.
fn compare(
    mut verification: Verification<'_>,
    pump: &Pump,
    deadline: Instant,
    kept: &mut Kept,
    output: &Output,
) -> Result<Outcome, CameraError> {
    let mut first = None;
    let mut last_guidance = None;
    loop {
        let frame = match pump.next(deadline) {
            Pumped::Frame(frame) => frame,
            Pumped::Failed(error) => return Err(error),
            Pumped::TimeUp => return Ok(verification.finish()),
        };
        let elapsed = first.get_or_insert_with(Instant::now).elapsed();
        let step = verification.frame(frame.image(), elapsed);
        if verification.is_best_yet() {
            kept.take(&frame);
        }
        match step {
            Step::Decided(outcome) => return Ok(outcome),
            Step::Continue(guidance) => {
                if last_guidance.replace(guidance) != Some(guidance) {
                    output.report(Report::Guidance(guidance));
                }
            }
        }
    }
}

/// A number that nobody can guess, for the choice of challenges: the keys of the standard
/// library's hashing come from the system's random source.
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The report of a camera that failed.
pub(crate) fn camera_failed(error: &CameraError) -> Report {
    Report::CameraFailed { problem: error.problem(), reason: error.to_string() }
}
