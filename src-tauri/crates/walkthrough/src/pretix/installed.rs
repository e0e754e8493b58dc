//! Where `cargo xtask setup` has put the programs.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};

/// The exact packages; their folder in the cache is named by its digest.
const LOCK: &str = include_str!("../../../../../assets/pretix/requirements.lock");

/// pretix's packages and `PostgreSQL`'s programs.
pub(super) struct Installed {
    packages: PathBuf,
    postgres: PathBuf,
}

impl Installed {
    /// Looks for both.
    pub(super) fn find() -> Result<Installed> {
        let packages = cache()?.join(digest(&[LOCK.as_bytes()]));
        ensure!(
            packages.is_dir(),
            "pretix is not installed in {}: run `cargo xtask setup`",
            packages.display()
        );
        let postgres = newest(Path::new("/usr/lib/postgresql"))
            .context("PostgreSQL is in the Debian package `postgresql` (cargo xtask setup)")?;
        Ok(Installed { packages, postgres })
    }

    /// Python with pretix's packages and no others.
    pub(super) fn python(&self, command: &mut Command) {
        command
            .env("PYTHONPATH", &self.packages)
            .env("PYTHONNOUSERSITE", "1")
            .env("PYTHONUNBUFFERED", "1")
            .env("LC_ALL", "C.UTF-8");
    }

    /// A program of `PostgreSQL`.
    pub(super) fn postgres(&self, name: &str) -> PathBuf {
        self.postgres.join(name)
    }

    /// The folder of a world that these programs and this source have made.
    pub(super) fn seeded(&self, source: &str) -> Result<PathBuf> {
        let version = Command::new(self.postgres("postgres")).arg("--version").output()?;
        let name = digest(&[LOCK.as_bytes(), &version.stdout, source.as_bytes()]);
        Ok(cache()?.join("seeded").join(name))
    }
}

/// The project's cache, as `cargo xtask` finds it.
fn cache() -> Result<PathBuf> {
    let given = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = given("XDG_CACHE_HOME").or_else(|| given("HOME").map(|home| home.join(".cache")));
    Ok(base.context("neither XDG_CACHE_HOME nor HOME is set")?.join("postern/pretix"))
}

/// The first 16 hexadecimal digits of the SHA-256 of all parts.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    let first = hash.finalize().into_iter().take(8);
    format!("{:016x}", first.fold(0, |number: u64, byte| number << 8 | u64::from(byte)))
}

/// The programs of the newest version that is installed under `root`.
fn newest(root: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(root).ok()?.flatten();
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    versions
        .map(|version| version.path())
        .filter(|version| version.join("bin/postgres").is_file())
        .max_by_key(|version| number(version))
        .map(|version| version.join("bin"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers_and_must_hold_a_server() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(newest(root.path()), None);
        for version in ["9", "15", "common"] {
            let bin = root.path().join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            fs::write(bin.join("postgres"), "").unwrap();
        }
        fs::create_dir(root.path().join("17")).unwrap();
        assert_eq!(newest(root.path()), Some(root.path().join("15/bin")));
    }
}
