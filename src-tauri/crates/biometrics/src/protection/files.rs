//! Which files the worker can open (Landlock), and that it can neither connect nor listen.
//!
//! A kernel without Landlock (before 5.13, or not switched on) leaves this undone: there the list
//! of system calls still refuses to create files and sockets.

use std::{io, path::Path};

use camera::CameraChoice;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

/// The newest rules that this was written for; an older kernel takes those that it knows.
const RULES: ABI = ABI::V6;

/// What the processor is, by which the networks choose the size of their steps.
const PROCESSOR: &str = "/sys/devices/system/cpu";

/// Refuses everything but the models and the camera, from now on. `false` if the kernel cannot.
pub(super) fn restrict(models_dir: &Path, camera: &CameraChoice) -> io::Result<bool> {
    let needed = camera::files(camera);
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let device = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
    let refused = |error: RulesetError| io::Error::other(error);
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(RULES))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(RULES)))
        .and_then(|rules| rules.scope(Scope::from_all(RULES)))
        .and_then(Ruleset::create)
        .map_err(refused)?;
    let allowed = [(models_dir, read), (Path::new(PROCESSOR), read)]
        .into_iter()
        .chain(needed.read().map(|path| (path, read)))
        .chain(needed.devices().map(|path| (path, device)));
    for (path, access) in allowed {
        // What is not there cannot be allowed; whoever wants to open it says so.
        let Ok(opened) = PathFd::new(path) else { continue };
        let access = if path.is_dir() { access } else { access & AccessFs::from_file(RULES) };
        let access: BitFlags<AccessFs> = access;
        rules = rules.add_rule(PathBeneath::new(opened, access)).map_err(refused)?;
    }
    let status = rules.restrict_self().map_err(refused)?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}
