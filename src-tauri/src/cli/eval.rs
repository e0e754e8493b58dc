//! `postern eval`: the engine's error rates on a technician's own data.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use evaluation::{Compared, Evaluation, Limits, LimitsFrom, Order, Report, ThresholdFrom};

use crate::config::Config;

/// Measure error rates on your own pictures: FMR, FNMR, FTA, APCER, BPCER.
///
/// A listed file is a picture (JPEG, PNG), a folder of frames, or a video. With --config the
/// limits are those of the kiosk.
#[derive(Args)]
pub(crate) struct Eval {
    /// Pairs to compare, as CSV: columns `file_a` (taken for the certificate photo), `file_b`
    /// (taken for what the camera sees), `same` (yes or no), and optionally `group`.
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    pairs: Option<PathBuf>,
    /// Folder with one folder of pictures for each person; compares each two pictures.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Presentations, as CSV: columns `file`, `label` (`live`, or what kind of attack), and
    /// optionally `group`.
    #[arg(long, value_name = "FILE")]
    attacks: Option<PathBuf>,
    /// Folder that the files in the lists are relative to; without it, each list's own.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Folder of the model files; without it, the configuration's, or the fetched ones.
    #[arg(long, value_name = "DIR", env = "POSTERN_MODELS")]
    models: Option<PathBuf>,
    /// The false match rate to recommend a threshold for.
    #[arg(long, value_name = "RATE", default_value_t = 1e-4)]
    fmr: f64,
    /// Where to write the figures.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where to write the page with the plots.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Where to write the score of every pair. Scores of single pairs are of persons: treat the
    /// file as you treat the pictures.
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
    /// The program that decodes videos.
    #[arg(long, value_name = "PROGRAM", default_value = "ffmpeg")]
    ffmpeg: PathBuf,
    /// Enlarge pictures that are smaller than a frame of the kiosk's camera (640×480) to it.
    /// Without it, most of them are too small for a probe.
    #[arg(long)]
    enlarge: bool,
}

impl Eval {
    pub(crate) fn run(&self, config: Option<&Path>) -> anyhow::Result<()> {
        let config = config.map(Config::load).transpose()?;
        let models = self.models(config.as_ref())?;
        let (limits, limits_from) = match &config {
            Some(config) => (config.face_limits(), LimitsFrom::Kiosk),
            None => (Limits::default(), LimitsFrom::Default),
        };
        let comparisons = match (&self.pairs, &self.folder) {
            (Some(list), _) => Some(Compared::Pairs(list)),
            (None, Some(folder)) => Some(Compared::Folder(folder)),
            (None, None) => None,
        };
        let order = Order {
            comparisons,
            attacks: self.attacks.as_deref(),
            root: self.root.as_deref(),
            models: &models,
            limits,
            limits_from,
            fmr: self.fmr,
            ffmpeg: &self.ffmpeg,
            enlarge: self.enlarge,
        };
        let progress = Told::new();
        let evaluation = evaluation::evaluate(&order, &|now| progress.tell(now))?;
        self.write(&evaluation)?;
        print_summary(&evaluation.report);
        Ok(())
    }

    fn models(&self, config: Option<&Config>) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.models {
            return Ok(folder.clone());
        }
        if let Some(config) = config {
            return Ok(config.models_dir.clone());
        }
        let user = directories::BaseDirs::new().context("no models: give --models DIR")?;
        Ok(user.cache_dir().join("postern/models"))
    }

    fn write(&self, evaluation: &Evaluation) -> anyhow::Result<()> {
        let write = |path: &Option<PathBuf>, content: &dyn Fn() -> anyhow::Result<String>| {
            path.as_ref().map_or(Ok(()), |path| {
                std::fs::write(path, content()?)
                    .with_context(|| format!("{} cannot be written", path.display()))
            })
        };
        write(&self.json, &|| Ok(evaluation.report.to_json()?))?;
        write(&self.html, &|| Ok(evaluation.report.to_html()))?;
        write(&self.scores, &|| Ok(evaluation.scores_csv()))
    }
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn print_summary(report: &Report) {
    for (list, rows) in &report.rows {
        for row in &rows.refused {
            println!("{list}, line {}: not evaluated: {}", row.line, row.reason);
        }
        for column in &rows.ignored_columns {
            println!("{list}, column {column}: not used");
        }
    }
    let comparisons = &report.comparisons;
    if comparisons.total + comparisons.genuine_not_acquired + comparisons.impostor_not_acquired > 0
    {
        print_comparisons(report);
    }
    let attacks = &report.attacks;
    for (species, rate) in &attacks.apcer {
        println!("APCER {species}: {}", share(*rate));
    }
    if let Some(species) = &attacks.apcer_worst_species {
        println!("APCER worst: {} ({species})", share(attacks.apcer_worst));
    }
    if attacks.live.presentations > 0 {
        println!("BPCER: {}", share(attacks.bpcer));
    }
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn print_comparisons(report: &Report) {
    let comparisons = &report.comparisons;
    println!(
        "{} genuine and {} impostor comparisons; {} pairs not compared",
        comparisons.genuine,
        comparisons.impostor,
        comparisons.genuine_not_acquired + comparisons.impostor_not_acquired
    );
    for (role, counts) in [("references", &report.references), ("probes (FTA)", &report.probes)] {
        let reasons: Vec<String> =
            counts.reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        println!(
            "{role}: {} of {} not acquired, {}{}{}",
            counts.failed,
            counts.files,
            share(counts.rate),
            if reasons.is_empty() { "" } else { ": " },
            reasons.join(", ")
        );
    }
    println!("template model {}", report.model);
    if report.kiosk.is_none() {
        println!("the limits' threshold is for another, {}", report.limits.threshold_model);
    }
    for (name, rates) in [("kiosk", report.kiosk.as_ref()), ("report", Some(&report.rates))] {
        let Some((rates, threshold)) = rates.and_then(|rates| Some((rates, rates.threshold?)))
        else {
            continue;
        };
        println!(
            "at {threshold:.4} ({name}): FMR {}, FNMR {}, FRR {}",
            share(rates.fmr),
            share(rates.fnmr),
            share(rates.frr)
        );
    }
    let wanted = &report.recommendation;
    let needed = wanted.needed.map_or_else(|| "more".to_owned(), |needed| needed.to_string());
    match (report.threshold_from, report.rates.threshold) {
        (ThresholdFrom::Data | ThresholdFrom::WorstGroup, Some(threshold)) => println!(
            "recommended threshold for FMR {}: {threshold:.4} ({} impostor comparisons, {needed} \
             needed)",
            wanted.fmr, wanted.impostors
        ),
        _ => println!(
            "the data cannot support FMR {}: {} impostor comparisons, {needed} needed; they can \
             show FMR {:.2e} at best",
            wanted.fmr, wanted.impostors, wanted.supported_fmr
        ),
    }
}

fn share(rate: Option<f64>) -> String {
    rate.map_or_else(|| "not measured".to_owned(), |rate| format!("{:.3} %", 100.0 * rate))
}

/// Progress on standard error: on a terminal one line that changes, elsewhere a line now and
/// then.
struct Told {
    last: Mutex<Option<Instant>>,
    terminal: bool,
}

impl Told {
    fn new() -> Self {
        Self { last: Mutex::new(None), terminal: std::io::stderr().is_terminal() }
    }

    fn tell(&self, now: evaluation::Progress) {
        let pace = Duration::from_millis(if self.terminal { 100 } else { 5_000 });
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = now.done == now.total;
        if !ended && last.is_some_and(|last| last.elapsed() < pace) {
            return;
        }
        *last = Some(Instant::now());
        let left = now.left.as_secs();
        let line = format!("{} / {}, {}:{:02} left", now.done, now.total, left / 60, left % 60);
        let mut out = std::io::stderr().lock();
        if self.terminal {
            write!(out, "\r{line:<40}{}", if ended { "\n" } else { "" }).ok();
        } else {
            writeln!(out, "{line}").ok();
        }
        out.flush().ok();
    }
}
