//! The temporary folder of one server, and its certain end.

use std::{
    env,
    fs::{self, File, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, ensure};
use tempfile::TempDir;

/// Beginning of the folder's name.
const NAME: &str = "postern-pretix-";
/// Held locked by the process to which the folder belongs.
const LOCK: &str = "lock";

/// A folder with a database, uploaded files, sockets and logs.
pub(super) struct Folder {
    folder: TempDir,
    _lock: File,
}

impl Folder {
    /// A new one. Those of processes that were killed are removed on this occasion.
    pub(super) fn new() -> Result<Folder> {
        sweep(&env::temp_dir());
        let folder = tempfile::Builder::new().prefix(NAME).tempdir()?;
        // `PostgreSQL` refuses to run as root; its own user must find the way to its data.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711))?;
        // Under its name it is locked from the beginning: nobody can take it for abandoned.
        let unnamed = folder.path().join("lock.new");
        let lock = File::create(&unnamed)?;
        lock.lock()?;
        fs::rename(unnamed, folder.path().join(LOCK))?;
        fs::create_dir(folder.path().join("files"))?;
        Ok(Folder { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The database's files.
    pub(super) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// What pretix keeps beside the database: uploaded pictures.
    pub(super) fn files(&self) -> PathBuf {
        self.path().join("files")
    }

    /// Takes database and files from another folder.
    pub(super) fn fill(&self, from: &Path) -> Result<()> {
        copy(&from.join("data"), self.path())?;
        self.fill_files(from)
    }

    /// Takes the files from another folder.
    pub(super) fn fill_files(&self, from: &Path) -> Result<()> {
        fs::remove_dir_all(self.files())?;
        copy(&from.join("files"), self.path())
    }

    /// Leaves database and files in another folder.
    pub(super) fn save(&self, to: &Path) -> Result<()> {
        copy(&self.data(), to)?;
        copy(&self.files(), to)
    }
}

/// Copies a folder with owners and permissions.
fn copy(from: &Path, into: &Path) -> Result<()> {
    let status =
        Command::new("cp").args(["--archive", "--reflink=auto"]).args([from, into]).status()?;
    ensure!(status.success(), "copying {} into {} failed", from.display(), into.display());
    Ok(())
}

/// Removes the folders below `base` whose process has ended.
fn sweep(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    let ours = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(NAME))
        .map(|entry| entry.path());
    for folder in ours {
        let abandoned = File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if abandoned {
            // Somebody else's, or swept by another process at this moment.
            drop(fs::remove_dir_all(&folder));
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn only_folders_whose_process_has_ended_are_swept() {
        let base = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let folder = base.path().join(name);
            fs::create_dir(&folder).unwrap();
            File::create(folder.join(LOCK)).unwrap()
        };
        drop(make("postern-pretix-ended"));
        let alive = make("postern-pretix-alive");
        alive.lock().unwrap();
        drop(make("another"));
        fs::create_dir(base.path().join("postern-pretix-beginning")).unwrap();
        sweep(base.path());
        let mut left: Vec<_> =
            fs::read_dir(base.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["another", "postern-pretix-alive", "postern-pretix-beginning"]);
    }
}
