//! The process: one task, then the end.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use camera::CameraChoice;
use face::{Engine, FaceError, Limits, ModelHash};

use crate::{
    codes, listen,
    message::{Report, ToWorker},
    output::Output,
    protection, visit,
};

/// How long a worker looks for a QR code before it gives up.
pub const CODE_READING_LIMIT: Duration = Duration::from_mins(1);

/// With what code the worker exits. The app needs only that it exits; the codes help technicians.
pub mod exit_code {
    /// The task is done, whatever its outcome.
    pub const DONE: i32 = 0;
    /// The arguments are wrong: `biometrics MODELS_DIR THRESHOLD_MODEL CAMERA` is expected.
    pub const USAGE: i32 = 2;
    /// The process could not be closed to dumps and debuggers, or its pipes cannot be used.
    pub const UNPROTECTED: i32 = 3;
    /// The app said stop, or is gone.
    pub const STOPPED: i32 = 4;
    /// The models were refused, or the threshold is for another one.
    pub const MODELS: i32 = 5;
    /// What came through the pipe makes no sense.
    pub const MISUNDERSTOOD: i32 = 6;
}

/// Runs the worker process: `PROGRAM biometrics MODELS_DIR THRESHOLD_MODEL CAMERA`, with the app on
/// its standard input and output; CAMERA is a [`CameraChoice`] as JSON. Returns when the one task is
/// done; ends the process itself when the app says stop or goes away. The codes are those of [`exit_code`].
pub fn run_worker() -> ExitCode {
    ExitCode::from(run() as u8)
}

fn run() -> i32 {
    let Some(Arguments { models_dir, threshold_model, camera }) = Arguments::read() else {
        return exit_code::USAGE;
    };
    // Before there is a second thread, and long before anything of a person is here.
    let Ok(protection) = protection::protect(&models_dir, &camera) else {
        return exit_code::UNPROTECTED;
    };
    let Ok(tasks) = listen::listen() else {
        return exit_code::UNPROTECTED;
    };
    let Ok((output, writer)) = Output::start() else {
        return exit_code::UNPROTECTED;
    };
    let code = match load(&models_dir, threshold_model) {
        Ok(engine) => {
            output.report(Report::Ready(protection));
            match tasks.recv() {
                Ok(ToWorker::Begin(begin)) => match engine.check_threshold(&begin.limits) {
                    Ok(()) => visit::serve(&engine, &camera, *begin, &output),
                    Err(error) => {
                        output.report(Report::models_refused(&error));
                        output.finish();
                        return exit_code::MODELS;
                    }
                },
                Ok(ToWorker::ReadCodes) => codes::serve(&camera, &output),
                // The listening thread ends the process itself in both cases.
                Ok(ToWorker::Stop) | Err(_) => return exit_code::STOPPED,
            }
            exit_code::DONE
        }
        Err(error) => {
            output.report(Report::models_refused(&error));
            exit_code::MODELS
        }
    };
    output.finish();
    // The writing thread ends the process when the app no longer reads.
    if writer.join().is_err() { exit_code::STOPPED } else { code }
}

struct Arguments {
    models_dir: PathBuf,
    /// The model that the kiosk's threshold is for.
    threshold_model: ModelHash,
    camera: CameraChoice,
}

impl Arguments {
    fn read() -> Option<Self> {
        let mut arguments = env::args_os().skip(2);
        let models_dir = arguments.next()?.into();
        let threshold_model = arguments.next()?.into_string().ok()?.try_into().ok()?;
        let camera = serde_json::from_str(arguments.next()?.to_str()?).ok()?;
        Some(Self { models_dir, threshold_model, camera })
    }
}

/// The engine, if its scores are the ones that the kiosk has a threshold for: otherwise nobody
/// should be asked for consent.
fn load(models_dir: &Path, threshold_model: ModelHash) -> Result<Engine, FaceError> {
    let engine = Engine::load(models_dir)?;
    engine.check_threshold(&Limits { threshold_model, ..Limits::default() })?;
    Ok(engine)
}
