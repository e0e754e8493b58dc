//! `postern`: the kiosk and its technician's commands.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    postern_app::run(std::time::Instant::now())
}
