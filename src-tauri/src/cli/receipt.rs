//! `postern receipt`: the key of a kiosk's receipts, and the check of a receipt.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use note::{LONGEST, VerifierKey};

use crate::config::Config;
use crate::copy;

/// Visitors' receipts.
#[derive(Subcommand)]
pub(crate) enum Receipt {
    /// Print the key with which this kiosk's receipts, and the heads of its audit log, are
    /// checked, for publication. The kiosk
    /// must not be running.
    Key,
    /// Check a receipt, or a copy of what a kiosk held. Needs no kiosk and no network.
    Verify {
        /// The receipt's text; standard input without it.
        file: Option<PathBuf>,
        /// The kiosk's key, as `postern receipt key` printed it.
        #[arg(long)]
        key: String,
    },
}

impl Receipt {
    #[expect(clippy::print_stdout, reason = "the command's output")]
    pub(crate) fn run(
        &self,
        config: impl FnOnce() -> anyhow::Result<Config>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Key => {
                let store = crate::kiosk::open_database(&config()?)?;
                println!("{}", crate::db::kiosk_key(&store)?.verifier());
            }
            Self::Verify { file, key } => {
                let key: VerifierKey = key.parse().context("--key")?;
                let note = read(file.as_deref()).context("the receipt cannot be read")?;
                let text = match copy::open(&note, &key) {
                    Some(copy) => copy.to_owned(),
                    None => receipt::Receipt::open(&note, &key)
                        .context("the receipt is not valid")?
                        .text(key.name()),
                };
                print!("{text}");
                println!("\nvalid: signed by {}", key.name());
            }
        }
        Ok(())
    }
}

/// Reads no more than needed to see that it is too long.
fn read(file: Option<&Path>) -> io::Result<Vec<u8>> {
    let source: Box<dyn Read> = match file {
        Some(path) => Box::new(File::open(path)?),
        None => Box::new(io::stdin()),
    };
    let mut note = Vec::new();
    source.take(LONGEST as u64 + 1).read_to_end(&mut note)?;
    // The end of the last line is lost when a telephone's text is copied. It is not signed.
    if !note.ends_with(b"\n") {
        note.push(b'\n');
    }
    Ok(note)
}
