//! The worker alone, so that tests can run it as a process.

use std::{alloc::System, process::ExitCode};

use zeroizing_alloc::ZeroAlloc;

/// As in the app.
#[global_allocator]
static HEAP: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    biometrics::run_worker()
}
