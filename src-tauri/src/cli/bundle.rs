//! `postern keygen` and `postern bundle`: the organiser's side of a roster.

use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use biometrics::ReferenceAssessor;
use clap::Args;
use platform::bundle::{self, BundleKey, Order};

/// Make a signing key. The public key goes into each kiosk's configuration.
#[derive(Args)]
pub(crate) struct Keygen {
    /// File for the secret key; the public key goes to the same name with `.pub`.
    #[arg(long)]
    out: PathBuf,
}

/// Make a signed roster bundle.
#[derive(Args)]
pub(crate) struct Make {
    /// Attendees: columns code and name, and optionally photo, `valid_from`, `valid_until`,
    /// `blocked`, `under_14`, `eea`.
    #[arg(long)]
    csv: PathBuf,
    /// Folder of the certificate photos.
    #[arg(long)]
    photos: PathBuf,
    /// Folder of the policy pack.
    #[arg(long)]
    policy: PathBuf,
    /// The organiser's signing key.
    #[arg(long)]
    key: PathBuf,
    /// Folder of the model files, to check the photos with.
    #[arg(long, env = "POSTERN_MODELS")]
    models: PathBuf,
    /// Edition of the roster; a kiosk refuses one that is older than its own. Without it, the
    /// time in seconds, which always grows.
    #[arg(long)]
    sequence: Option<u32>,
    /// The bundle to write.
    #[arg(long)]
    out: PathBuf,
}

impl Keygen {
    #[expect(clippy::print_stdout, reason = "the command's output")]
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let public = BundleKey::create_files(&self.out)
            .with_context(|| format!("no key was written to {}", self.out.display()))?;
        println!("{}", public.to_hex());
        Ok(())
    }
}

impl Make {
    #[expect(clippy::print_stdout, reason = "the command's output")]
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let key = BundleKey::from_file(&self.key)
            .with_context(|| format!("signing key {}", self.key.display()))?;
        let assessor = ReferenceAssessor::load(&self.models).context("models")?;
        let order = Order {
            sheet: &self.csv,
            photos: &self.photos,
            policy: &self.policy,
            key: &key,
            out: &self.out,
            sequence: self.sequence,
            now: jiff::Timestamp::now(),
        };
        let progress = Progress::new("attendees");
        let made = bundle::make(
            &order,
            &|photo| assessor.assess(photo).map_err(biometrics::ReferenceProblem::code),
            &mut |done| progress.show(|| format!("{done}")),
        )
        .with_context(|| format!("no bundle was written to {}", self.out.display()))?;
        drop(progress);
        for refused in &made.refused {
            println!("line {}: left out: {}", refused.line, refused.reason);
        }
        for flagged in &made.flagged {
            let file = flagged.file.as_deref().unwrap_or("no photo");
            println!("line {}: {file}: {}; staff will check", flagged.line, flagged.reason);
        }
        for column in &made.ignored_columns {
            println!("column {column}: dropped, not needed at a gate");
        }
        if made.weak_codes > 0 {
            println!(
                "{} codes have fewer than {} bits and were stretched: longer codes are safer",
                made.weak_codes,
                seal::WEAK_BELOW_BITS
            );
        }
        println!(
            "{} #{}: {} attendees, {} usable photos",
            made.roster, made.sequence, made.attendees, made.references
        );
        Ok(())
    }
}

/// A line of progress on a terminal, at most ten times a second; nothing elsewhere.
pub(super) struct Progress {
    what: &'static str,
    shown: Cell<Option<Instant>>,
}

impl Progress {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, shown: Cell::new(None) }
    }

    pub(super) fn show(&self, done: impl FnOnce() -> String) {
        let due = self.shown.get().is_none_or(|at| at.elapsed().as_millis() >= 100);
        if !due || !std::io::stderr().is_terminal() {
            return;
        }
        self.shown.set(Some(Instant::now()));
        let mut terminal = std::io::stderr().lock();
        write!(terminal, "\r{}: {}", self.what, done()).ok();
        terminal.flush().ok();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.get().is_some() {
            writeln!(std::io::stderr()).ok();
        }
    }
}
