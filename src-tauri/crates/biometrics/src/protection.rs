//! What the worker gives up before it sees anything of a person.

use std::io;

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

/// Makes this process leave no core dump, be closed to debuggers of the same user, and unable to
/// write a file (POLICY.md C04, C24).
///
/// An error means that the face lane must stay closed.
pub(crate) fn protect() -> io::Result<()> {
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
    }
    Ok(())
}
