//! Where things are.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

/// Folders that the tasks work in.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// What survives the checkout: fetched files and built dependencies.
    pub(crate) cache: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
}

impl Places {
    /// From this package's own folder and the environment.
    pub(crate) fn find() -> Result<Places> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root =
            package.ancestors().nth(2).context("the package is two folders below the root")?;
        let cache = cache_folder(&|name| env::var_os(name).map(PathBuf::from))
            .context("neither XDG_CACHE_HOME nor HOME is set")?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => cache.join("target"),
        };
        Ok(Places { root: root.to_owned(), cache, target })
    }

    /// Verified models.
    pub(crate) fn models(&self) -> PathBuf {
        self.cache.join("models")
    }

    /// Verified models of the examples in `models/examples`, in a folder each, with their
    /// descriptions.
    pub(crate) fn examples(&self) -> PathBuf {
        self.cache.join("examples")
    }

    /// Verified demonstration pictures.
    pub(crate) fn pictures(&self) -> PathBuf {
        self.cache.join("pictures")
    }

    /// Registry archives as they came.
    pub(crate) fn archives(&self) -> PathBuf {
        self.cache.join("archives")
    }

    /// The screens' package.
    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// What belongs to this checkout and can be made again; ignored by git.
    pub(crate) fn output(&self) -> PathBuf {
        self.root.join("target")
    }

    /// A program that cargo has built for this machine.
    pub(crate) fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
}

/// The cache folder by the rules of the system.
fn cache_folder(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let given = |name| variable(name).filter(|path| path.is_absolute());
    let base = given("XDG_CACHE_HOME")
        .or_else(|| given("HOME").map(|home| home.join(".cache")))
        .or_else(|| given("LOCALAPPDATA"));
    base.map(|base| base.join("postern"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_follows_the_xdg_base_directories() {
        let with = |pairs: &'static [(&str, &str)]| {
            cache_folder(&move |name| {
                pairs
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| PathBuf::from(value))
            })
        };
        assert_eq!(
            with(&[("XDG_CACHE_HOME", "/c"), ("HOME", "/h")]),
            Some(PathBuf::from("/c/postern"))
        );
        assert_eq!(with(&[("HOME", "/h")]), Some(PathBuf::from("/h/.cache/postern")));
        assert_eq!(
            with(&[("XDG_CACHE_HOME", "relative"), ("HOME", "/h")]),
            Some(PathBuf::from("/h/.cache/postern")),
            "the specification ignores relative paths"
        );
        assert_eq!(with(&[]), None);
    }
}
