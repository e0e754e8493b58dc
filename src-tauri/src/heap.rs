//! The heap that is not Rust's: the C library's and `WebKit`'s, through which pictures and names pass
//! on their way to the window. What is given back there is overwritten as well (POLICY.md C04).
//!
//! Rust's own is wiped by the global allocator (`main.rs`).

use std::{env, ffi::OsString, io, os::unix::process::CommandExt as _, process::Command};

/// Read by the C library when a program starts (GNU C Library manual, "Memory Allocation
/// Tunables").
const TUNABLES: &str = "GLIBC_TUNABLES";
/// Overwrites what is given back; without the thread's cache, which would be passed over.
const WIPE: &str = "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0";
/// Makes `WebKit` use the C library's heap instead of its own.
const WEBKIT: (&str, &str) = ("Malloc", "1");

/// Starts the program anew in an environment in which the heap is wiped; the process stays the
/// same. Returns when that is so already, or with the reason why it cannot be.
pub(crate) fn wipe() -> io::Result<()> {
    let set = env::var_os(TUNABLES).unwrap_or_default();
    if set.to_string_lossy().contains(WIPE) {
        return Ok(());
    }
    let mut tunables = OsString::from(WIPE);
    if !set.is_empty() {
        // The last of two settings counts.
        tunables = [set, ":".into(), tunables].into_iter().collect();
    }
    let (name, value) = WEBKIT;
    let mut program = Command::new(env::current_exe()?);
    Err(program.args(env::args_os().skip(1)).env(TUNABLES, tunables).env(name, value).exec())
}
