//! The process: one task, then the end.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

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
    /// The arguments are wrong: `biometrics MODELS_DIR THRESHOLD_MODEL` is expected.
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

/// Runs the worker process: `PROGRAM biometrics MODELS_DIR THRESHOLD_MODEL`, with the app on its
/// standard input and output. Returns when the one task is done; ends the process itself when the app says stop
/// or goes away. The codes are those of [`exit_code`].
pub fn run_worker() -> ExitCode {
    ExitCode::from(run() as u8)
}

fn run() -> i32 {
    // Before anything else, and long before anything of a person is here.
    if protection::protect().is_err() {
        return exit_code::UNPROTECTED;
    }
    let Some((models_dir, threshold_model)) = arguments() else {
        return exit_code::USAGE;
    };
    let Ok(tasks) = listen::listen() else {
        return exit_code::UNPROTECTED;
    };
    let Ok((output, writer)) = Output::start() else {
        return exit_code::UNPROTECTED;
    };
    let code = match load(&models_dir, threshold_model) {
        Ok(engine) => {
            output.report(Report::Ready);
            match tasks.recv() {
                Ok(ToWorker::Begin(begin)) => match engine.check_threshold(&begin.limits) {
                    Ok(()) => visit::serve(&engine, *begin, &output),
                    Err(error) => {
                        output.report(Report::models_refused(&error));
                        output.finish();
                        return exit_code::MODELS;
                    }
                },
                Ok(ToWorker::ReadCodes(choice)) => codes::serve(&choice, &output),
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

/// Folder of the models, and the model that the kiosk's threshold is for.
fn arguments() -> Option<(PathBuf, ModelHash)> {
    let mut arguments = env::args_os().skip(2);
    let models_dir = arguments.next()?.into();
    let threshold_model = arguments.next()?.into_string().ok()?.try_into().ok()?;
    Some((models_dir, threshold_model))
}

/// The engine, if its scores are the ones that the kiosk has a threshold for: otherwise nobody
/// should be asked for consent.
fn load(models_dir: &Path, threshold_model: ModelHash) -> Result<Engine, FaceError> {
    let engine = Engine::load(models_dir)?;
    engine.check_threshold(&Limits { threshold_model, ..Limits::default() })?;
    Ok(engine)
}
