//! The command line: the kiosk itself, and what technicians and organisers need around it.

mod audit;
mod bundle;
mod camera;
mod clock;
mod eval;
mod import;
mod incident;
mod inventory;
mod pin;
mod platform;
mod policy;
mod receipt;
mod relay;
mod requests;
mod retention;
mod signing_in;
mod staff;
mod statistics;
mod tombstones;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// Check-in kiosk for venue gates. Without a command it starts the kiosk.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    /// Configuration file of the kiosk.
    #[arg(long, global = true, env = "POSTERN_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// The biometrics worker: one visit, then exit. The kiosk starts it by itself.
    #[command(hide = true)]
    Biometrics {
        /// As the worker reads them itself.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Make an organiser's signing key: FILE (secret) and FILE.pub.
    Keygen(bundle::Keygen),
    /// Make a signed roster bundle from a CSV, a folder of photos and a policy pack.
    Bundle(bundle::Make),
    /// Verify a signed roster bundle and load it into the kiosk's database.
    Import(import::Import),
    /// Policy packs on their own: check, sign and load one.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Badges that are gone at the registration platform and must go here.
    #[command(subcommand)]
    Tombstones(tombstones::Tombstones),
    /// Members of staff of this kiosk.
    #[command(subcommand)]
    Staff(staff::Staff),
    /// The registration platform: this kiosk's account, and what waits.
    #[command(subcommand)]
    Platform(platform::Platform),
    /// The relay: the other kiosks of the venue, over an MQTT broker.
    #[command(subcommand)]
    Relay(relay::Relay),
    /// The kiosk's time, beside the machine's.
    Clock(clock::ShowClock),
    /// The visitors' receipts: this kiosk's key, and the check of a receipt.
    #[command(subcommand)]
    Receipt(receipt::Receipt),
    /// What visitors asked for under their rights: what is due, answering, carrying it on.
    #[command(subcommand)]
    Requests(requests::Requests),
    /// Evidence that a law wants kept: whether it is, and handing it over.
    #[command(subcommand)]
    Retention(retention::Retention),
    /// The log of who did what: checking it, its signed head, writing it out.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// What this program is made of: its bill of materials.
    Inventory(inventory::Inventory),
    /// Incidents with personal data: recording them, and the report for those concerned.
    #[command(subcommand)]
    Incident(incident::IncidentCommand),
    /// How visits ended, and whether the other way is as quick, without a word of anybody.
    Statistics(statistics::Statistics),
    /// List the cameras and try the configured one.
    Camera(camera::Camera),
    /// Measure error rates on your own pictures: FMR, FNMR, FTA, APCER, BPCER.
    Eval(eval::Eval),
}

impl Arguments {
    fn config(&self) -> anyhow::Result<Config> {
        let path = self
            .config
            .as_deref()
            .context("no configuration: give --config FILE or set POSTERN_CONFIG")?;
        Ok(Config::load(path)?)
    }
}

/// Runs the program. `started`: when the process began, for the start-up time in the log.
pub fn run(started: Instant) -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(Command::Biometrics { .. }) = arguments.command {
        return biometrics::run_worker();
    }
    let filter = EnvFilter::try_from_env("POSTERN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let done = match &arguments.command {
        None | Some(Command::Biometrics { .. }) => {
            arguments.config().and_then(|config| crate::kiosk::run(config, started))
        }
        Some(Command::Keygen(keygen)) => keygen.run(),
        Some(Command::Bundle(make)) => make.run(),
        Some(Command::Import(import)) => arguments.config().and_then(|c| import.run(&c)),
        Some(Command::Policy(policy)) => policy.run(|| arguments.config()),
        Some(Command::Tombstones(tombstones)) => tombstones.run(|| arguments.config()),
        Some(Command::Clock(clock)) => arguments.config().and_then(|c| clock.run(&c)),
        Some(Command::Platform(platform)) => arguments.config().and_then(|c| platform.run(&c)),
        Some(Command::Relay(relay)) => relay.run(|| arguments.config()),
        Some(Command::Staff(staff)) => arguments.config().and_then(|c| staff.run(&c)),
        Some(Command::Receipt(receipt)) => receipt.run(|| arguments.config()),
        Some(Command::Requests(requests)) => arguments.config().and_then(|c| requests.run(&c)),
        Some(Command::Retention(retention)) => arguments.config().and_then(|c| retention.run(&c)),
        Some(Command::Audit(audit)) => arguments.config().and_then(|c| audit.run(&c)),
        Some(Command::Inventory(inventory)) => inventory.run(),
        Some(Command::Incident(incident)) => arguments.config().and_then(|c| incident.run(&c)),
        Some(Command::Statistics(figures)) => arguments.config().and_then(|c| figures.run(&c)),
        Some(Command::Eval(eval)) => eval.run(arguments.config.as_deref()),
        Some(Command::Camera(camera)) => arguments.config().and_then(|c| camera.run(&c)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the command line's way to say what went wrong")]
fn complain(error: &anyhow::Error) {
    eprintln!("postern: {error:#}");
}
