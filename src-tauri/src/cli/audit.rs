//! `postern audit`: the log of who did what at this kiosk.

use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use audit::{Head, Record, Report, What};
use clap::Subcommand;
use note::VerifierKey;
use store::{Store, StoreError};

use super::pin;
use super::signing_in::sign_in;
use crate::clock::Clock;
use crate::config::Config;
use crate::rights::Action;

/// The audit log. End the kiosk first.
#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Check the whole log: every entry, the signatures, and the heads that were kept elsewhere.
    /// Fails if anything was altered, removed, moved or cut off, and says where.
    Verify {
        /// A file with one head or more, as `postern audit head` printed them.
        #[arg(long, value_name = "FILE")]
        heads: Option<PathBuf>,
    },
    /// Print the present head of the log, signed, to be kept where nobody at this machine can
    /// change it.
    Head,
    /// Write the log to standard output, an entry a line, for a data-protection officer.
    Export {
        /// Number of the data-protection officer, who types the PIN.
        #[arg(long)]
        number: u32,
    },
}

impl Audit {
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let mut store = crate::kiosk::open_database(config)?;
        match self {
            Self::Verify { heads } => {
                let key = crate::db::kiosk_key(&store)?;
                let kept = match heads {
                    None => Vec::new(),
                    Some(path) => {
                        let text = std::fs::read_to_string(path)
                            .with_context(|| format!("cannot read {}", path.display()))?;
                        read_heads(&text, key.verifier())?
                    }
                };
                verdict(&store.check_audit(kept)?)
            }
            Self::Head => print(&store.audit_head()?),
            Self::Export { number } => {
                let now = Clock::of(&store)?.now();
                let officer = sign_in(&mut store, *number, Action::ExportLog, now, &mut pin::ask)?;
                let through = store.check_audit(Vec::new())?.last;
                let what = What::LogExported { through };
                store.record(&Record::new(now, officer.into(), what))?;
                export(&store)
            }
        }
    }
}

/// Heads one after the other, with empty lines between them or without.
fn read_heads(text: &str, key: &VerifierKey) -> anyhow::Result<Vec<Head>> {
    let mut heads = Vec::new();
    let mut note = String::new();
    for line in text.lines() {
        if note.is_empty() && line.is_empty() {
            continue;
        }
        note.push_str(line);
        note.push('\n');
        if line.starts_with('—') {
            let number = heads.len() + 1;
            let head = Head::open(note.as_bytes(), key)
                .with_context(|| format!("head {number} of the file"))?;
            heads.push(head);
            note.clear();
        }
    }
    if heads.is_empty() || !note.is_empty() {
        bail!("the file has no head, or one without its signature");
    }
    Ok(heads)
}

/// Says what was found, and fails if that is anything.
fn verdict(report: &Report) -> anyhow::Result<()> {
    let Report { purged, last, heads, heads_purged, faults } = report;
    let mut lines = vec![match (purged, last) {
        (_, 0) => "The log is empty.".to_owned(),
        (0, last) => format!("Entries 1 to {last}."),
        (purged, last) if purged == last => format!("All entries up to {last} were purged."),
        (purged, last) => format!("Entries {} to {last}; those before were purged.", purged + 1),
    }];
    if heads + heads_purged > 0 {
        lines.push(format!("{heads} kept heads fit, {heads_purged} are of purged entries."));
    }
    lines.extend(faults.iter().map(ToString::to_string));
    if faults.is_empty() {
        lines.push("The log is whole.".to_owned());
    }
    lines.push(String::new());
    print(&lines.join("\n"))?;
    ensure!(faults.is_empty(), "the audit log is not what was written: {} faults", faults.len());
    Ok(())
}

fn export(store: &Store) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let written = store.each_audit_line(|line| writeln!(out, "{line}").map_err(Export::Write));
    match written {
        // Whoever reads has seen enough.
        Err(Export::Write(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
enum Export {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the log could not be written out")]
    Write(#[source] std::io::Error),
}

fn print(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes()).context("standard output")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use note::KioskKey;

    use super::*;

    #[test]
    fn heads_are_read_one_after_the_other() {
        let key = KioskKey::from_seed(&[1; 32]);
        let head = |size| Head { size, ..Head::empty(key.verifier().name()) };
        let notes = [1, 2].map(|size| head(size).sign(&key));
        for text in [notes.concat(), format!("\n{}\n\n{}\n", notes[0], notes[1])] {
            assert_eq!(read_heads(&text, key.verifier()).unwrap(), [head(1), head(2)]);
        }
        for text in [
            String::new(),
            notes[0].lines().next().unwrap().to_owned(),
            format!("{}postern", notes[0]),
            notes[0].replace("\n1\n", "\n3\n"),
        ] {
            assert!(read_heads(&text, key.verifier()).is_err(), "{text}");
        }
    }
}
