//! Keeping the worker's memory out of the swap.

use std::fs;

use rustix::{
    mm::{MlockAllFlags, mlockall},
    process::{Resource, geteuid, getrlimit},
};

use super::Memory;

/// Room that locked memory must have: several times what the worker ever takes. With less, a
/// later allocation would fail.
const ROOM: u64 = 2 << 30;

/// Locks all memory, now and later, as it comes into use.
pub(super) fn lock() -> Memory {
    let room = getrlimit(Resource::Memlock).maximum.is_none_or(|room| room >= ROOM);
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    if (room || geteuid().is_root()) && mlockall(flags).is_ok() {
        return Memory::Locked;
    }
    // The first line is the table's head.
    match fs::read_to_string("/proc/swaps") {
        Ok(swaps) if swaps.lines().nth(1).is_none() => Memory::NoSwap,
        // A kernel without swap has no such file; whatever else went wrong is not a good sign.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Memory::NoSwap,
        _ => Memory::Swappable,
    }
}
