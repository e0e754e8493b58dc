//! What the worker gives up before it sees anything of a person: the right to dump core, to write,
//! to read anything but models and camera, to speak to anybody but the app, to start programs.
//!
//! On Linux each of these is enforced by the kernel, and a worker that cannot give one up serves
//! nobody. What other systems offer is in SECURITY.md.

#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod syscalls;

#[cfg(all(test, target_os = "linux"))]
mod tests;

use std::{io, path::Path};

use camera::CameraChoice;
use serde::{Deserialize, Serialize};

/// Whether what the worker holds can get into the system's swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Memory {
    /// The kernel keeps it out.
    Locked,
    /// It is not locked, and there is no swap.
    NoSwap,
    /// It is not locked, and the machine may write it to its swap: a matter for the technician.
    Swappable,
}

/// How far a worker is closed, where that depends on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// Where its memory may end up.
    pub memory: Memory,
    /// Whether the system keeps it from opening other files than models and camera.
    pub files: bool,
}

/// Makes this process, and every process that it starts, leave no core dump (POLICY.md C24).
///
/// # Errors
/// The system's word, or that core dumps are still allowed.
pub fn forbid_core_dumps() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
        if getrlimit(Resource::Core).maximum != Some(0) {
            return Err(io::Error::other("core dumps are still allowed"));
        }
    }
    Ok(())
}

/// Gives up everything but reading `models_dir` and the chosen camera (POLICY.md C04, C12, C24).
/// Only threads that start afterwards are bound as well, so it comes before the first.
///
/// An error means that the face lane must stay closed.
pub(crate) fn protect(models_dir: &Path, camera: &CameraChoice) -> io::Result<Protection> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Pipes and devices are not counted, files and what swaps to them are.
        setrlimit(Resource::Fsize, Rlimit { current: Some(0), maximum: Some(0) })?;
    }
    forbid_core_dumps()?;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, dumpable_behavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        if dumpable_behavior()? != DumpableBehavior::NotDumpable {
            return Err(io::Error::other("the process is still dumpable"));
        }
        let memory = memory::lock();
        rustix::thread::set_no_new_privs(true)?;
        let files = files::restrict(models_dir, camera)?;
        syscalls::restrict()?;
        Ok(Protection { memory, files })
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (models_dir, camera);
        Ok(Protection { memory: Memory::Swappable, files: false })
    }
}
