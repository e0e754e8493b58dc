//! `walkthrough demo` and `walkthrough bench`, which `cargo xtask` calls.
#![expect(clippy::print_stdout, reason = "a command-line tool: standard output is its result")]

#[cfg(target_os = "linux")]
mod command;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    match command::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("error: the window is driven through WebKitGTK, which this system does not have");
    ExitCode::FAILURE
}
