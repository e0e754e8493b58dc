//! `postern tombstones`: badges that are gone at the registration platform.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use platform::bundle::BundleKey;
use platform::tombstones::{self, TombstoneOrder};

use super::import::trusted_keys;
use crate::clock::Clock;
use crate::config::Config;

/// Lists of badges that must go from every kiosk.
#[derive(Subcommand)]
pub(crate) enum Tombstones {
    /// Make a signed list of badges that were deleted or cancelled.
    Make {
        /// The badges: a column `code`, a column `position`, or both.
        #[arg(long)]
        csv: PathBuf,
        /// Folder of the roster's policy pack.
        #[arg(long)]
        policy: PathBuf,
        /// The organiser's signing key.
        #[arg(long)]
        key: PathBuf,
        /// Edition of the list; a kiosk refuses one that is older than its own. Without it, the
        /// time in seconds, which always grows.
        #[arg(long)]
        sequence: Option<u32>,
        /// The file to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Verify a signed list, and remove everything here about its badges.
    Import {
        /// The file that `tombstones make` wrote.
        list: PathBuf,
    },
}

impl Tombstones {
    #[expect(clippy::print_stdout, reason = "the command's output")]
    pub(crate) fn run(
        &self,
        config: impl FnOnce() -> anyhow::Result<Config>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Make { csv, policy, key, sequence, out } => {
                let key = BundleKey::from_file(key)
                    .with_context(|| format!("signing key {}", key.display()))?;
                let order = TombstoneOrder {
                    sheet: csv,
                    policy,
                    key: &key,
                    out,
                    sequence: *sequence,
                    now: jiff::Timestamp::now(),
                };
                let entries = tombstones::make(&order)
                    .with_context(|| format!("no list was written to {}", out.display()))?;
                println!("{entries} tombstones");
            }
            Self::Import { list } => {
                let config = config()?;
                let trusted = trusted_keys(&config)?;
                let mut store = crate::kiosk::open_database(&config)?;
                let now = Clock::of(&store)?.now();
                let taken = tombstones::import(list, &trusted, &mut store, now)
                    .with_context(|| format!("{} was not taken in", list.display()))?;
                println!(
                    "list #{}: {} tombstones; something of {} badges was here and is removed",
                    taken.sequence, taken.listed, taken.erased
                );
                let left = store.outbox_counts()?.quarantined;
                if left > 0 {
                    println!("in quarantine until the platform has heard, or a law allows: {left}");
                }
            }
        }
        Ok(())
    }
}
