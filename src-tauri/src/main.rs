//! `postern`: the kiosk and its technician's commands.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// All of Rust's memory is wiped when it is given back: the networks' tensors and the decoders'
/// buffers have no type of ours that could do so (POLICY.md C04).
#[global_allocator]
static HEAP: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> std::process::ExitCode {
    postern_app::run(std::time::Instant::now())
}
