//! `postern policy`: the operator's policy pack, apart from any roster.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use platform::bundle::BundleKey;
use platform::policy::{self, Known};
use platform::{PolicyPack, Retained};

use super::import::trusted_keys;
use crate::clock::Clock;
use crate::config::Config;

/// Policy packs.
#[derive(Subcommand)]
pub(crate) enum Policy {
    /// Check the pack in a folder, and say what it opens.
    Check {
        /// Folder of the pack.
        folder: PathBuf,
    },
    /// Sign the pack in a folder on its own.
    Sign {
        /// Folder of the pack.
        #[arg(long)]
        policy: PathBuf,
        /// The organiser's signing key.
        #[arg(long)]
        key: PathBuf,
        /// The file to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Verify a signed pack and take it into this kiosk. The newest version is in force.
    Import {
        /// The file that `policy sign` wrote.
        pack: PathBuf,
    },
}

impl Policy {
    pub(crate) fn run(
        &self,
        config: impl FnOnce() -> anyhow::Result<Config>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Check { folder } => {
                say(&summary(
                    &PolicyPack::from_folder(folder)
                        .with_context(|| format!("the pack in {} is not fit", folder.display()))?,
                ));
            }
            Self::Sign { policy, key, out } => {
                let key = BundleKey::from_file(key)
                    .with_context(|| format!("signing key {}", key.display()))?;
                let pack = policy::sign(policy, &key, out)
                    .with_context(|| format!("no pack was written to {}", out.display()))?;
                say(&summary(&pack));
            }
            Self::Import { pack } => {
                let config = config()?;
                let trusted = trusted_keys(&config)?;
                let mut store = crate::kiosk::open_database(&config)?;
                let now = Clock::of(&store)?.now();
                let imported =
                    policy::import(pack, &trusted, &mut store, now).with_context(|| {
                        format!("{} was refused; the old texts stay in force", pack.display())
                    })?;
                if imported.known == Known::Before {
                    say(&format!("version {} was known already", imported.offered));
                }
                say(&format!("version {} is in force", imported.in_force));
            }
        }
        Ok(())
    }
}

/// What a pack is and what it opens.
fn summary(pack: &PolicyPack) -> String {
    let lane = match pack.notice_sha256(Retained::Nothing) {
        Some(_) => "it has a facial-recognition notice: the face lane may open",
        None => "it has no facial-recognition notice: the face lane stays closed",
    };
    format!(
        "{} version {}, updated {}: {lane}",
        pack.facts.id, pack.facts.version, pack.facts.last_updated
    )
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn say(line: &str) {
    println!("{line}");
}
