//! `postern import`: a signed roster bundle into the kiosk's database.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use platform::bundle::{self, TrustedKey};

use super::bundle::Progress;
use crate::clock::Clock;
use crate::config::Config;

/// Verify a signed roster bundle and load it. The database changes only if all of it is good.
#[derive(Args)]
pub(crate) struct Import {
    /// The bundle.
    bundle: PathBuf,
}

/// The keys whose files this kiosk loads.
pub(super) fn trusted_keys(config: &Config) -> anyhow::Result<Vec<TrustedKey>> {
    config.trusted().context("trusted_keys in the configuration")
}

impl Import {
    #[expect(clippy::print_stdout, reason = "the command's output")]
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let trusted = trusted_keys(config)?;
        let mut store = crate::kiosk::open_database(config)?;
        let now = Clock::of(&store)?.now();
        let progress = Progress::new("importing");
        let imported =
            bundle::import(&self.bundle, &trusted, &mut store, now, &mut |done, total| {
                progress.show(|| format!("{:3} %", (done * 100).checked_div(total).unwrap_or(0)));
            })
            .with_context(|| {
                format!("{} was refused; the database is unchanged", self.bundle.display())
            })?;
        drop(progress);
        println!(
            "{} #{}: {} attendees, {} photos",
            imported.roster, imported.sequence, imported.attendees, imported.references
        );
        if imported.buried > 0 {
            println!("{} of them stay out: gone after the roster was made", imported.buried);
        }
        if let Some(head) = store.roster()? {
            for (reason, number) in head.problems {
                println!("{number} without a usable photo: {reason}");
            }
        }
        Ok(())
    }
}
