//! `postern inventory`: what this program is made of.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

/// Write what this program is made of, as a `CycloneDX` 1.5 document.
#[derive(Args)]
pub(super) struct Inventory {
    /// File to write to instead of the standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Inventory {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let list = crate::inventory::LIST.as_bytes();
        match &self.output {
            Some(path) => std::fs::write(path, list)
                .with_context(|| format!("cannot write {}", path.display())),
            None => std::io::stdout().write_all(list).context("cannot write the inventory"),
        }
    }
}
