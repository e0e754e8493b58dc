//! The worker alone, so that tests can run it as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    biometrics::run_worker()
}
