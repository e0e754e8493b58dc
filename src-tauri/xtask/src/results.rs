//! What became of each test in the last whole run: `docs/policy-results.toml`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::{places::Places, run::said};

/// Where it stands in the repository.
const FILE: &str = "docs/policy-results.toml";

/// A whole run of `cargo xtask test` in which everything passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Results {
    /// `YYYY-MM-DD`.
    pub(crate) date: String,
    /// The commit that was tested.
    pub(crate) commit: String,
    /// Operating system and processor.
    pub(crate) machine: String,
    /// Names of the tests that passed; those of the screens by their titles.
    pub(crate) passed: BTreeSet<String>,
}

impl Results {
    /// Of a run that has just passed.
    pub(crate) fn of(places: &Places, passed: BTreeSet<String>) -> Results {
        let git = |arguments: &[&str]| {
            said(Command::new("git").arg("-C").arg(&places.root).args(arguments))
        };
        let changed = !git(&["status", "--porcelain", "--untracked-files=no"]).is_empty();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Results {
            date: said(Command::new("date").args(["-u", "+%F"])),
            commit: git(&["rev-parse", "--short", "HEAD"])
                + if changed { " with changes" } else { "" },
            machine: format!("{}, {}, {cores} cores", system(), std::env::consts::ARCH),
            passed,
        }
    }

    /// As the repository has it; empty before the first.
    pub(crate) fn read(places: &Places) -> Result<Results> {
        parse(&places.root.join(FILE))
    }

    /// Keeps it until `cargo xtask policy` takes it into the repository: a run of the tests
    /// changes nothing there.
    pub(crate) fn keep(&self, places: &Places) -> Result<()> {
        let path = kept(places);
        fs::write(&path, toml::to_string_pretty(self)?)
            .with_context(|| format!("writing {}", path.display()))
    }

    /// Takes over what [`Self::keep`] kept.
    pub(crate) fn take_over(places: &Places) -> Result<()> {
        let kept = kept(places);
        if kept.exists() {
            parse(&kept)?;
            let path = places.root.join(FILE);
            fs::copy(&kept, &path).with_context(|| format!("writing {}", path.display()))?;
            fs::remove_file(&kept)?;
            println!("    wrote {FILE}");
        }
        Ok(())
    }
}

fn kept(places: &Places) -> PathBuf {
    places.target.join("policy-results.toml")
}

fn parse(path: &Path) -> Result<Results> {
    if !path.exists() {
        return Ok(Results::default());
    }
    let text = fs::read_to_string(path)?;
    toml::from_str(&text).with_context(|| format!("in {}", path.display()))
}

fn system() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or_else(|| std::env::consts::OS.to_owned(), |name| name.trim_matches('"').to_owned())
}
