//! `cargo xtask`: set-up, demonstration, tests, bench and checks of Postern.
#![expect(clippy::print_stdout, reason = "a command-line tool: standard output is its screen")]

mod bench;
mod bindings;
mod demo;
mod digest;
mod fetch;
mod fuzz;
mod manifest;
mod packages;
mod pip;
mod places;
mod policy;
mod results;
mod run;
mod screens;
mod stamp;
mod suite;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::places::Places;

/// Everything that is done to Postern from its source folder.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Prepare all that is missing and start the kiosk; without a display, walk three visits.
    Demo(demo::Options),
    /// Run all checks and tests.
    Test,
    /// Measure speed and memory of the release build.
    Bench,
    /// Install what is missing: system packages, and pretix for the tests.
    Setup,
    /// Fetch and verify models and demonstration pictures.
    Fetch,
    /// Run the fuzz targets of the decoders for a short while.
    Fuzz(fuzz::Options),
    /// Check, test and build the screens.
    Ui,
    /// Generate the screens' types from the view models.
    Bindings,
    /// Check the rules that the compiler does not know.
    Tidy,
    /// Write docs/policy-coverage.md: which tests prove which clause, and how they ended last.
    Policy {
        /// Only say whether the page is current.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let places = Places::find()?;
    match task {
        Task::Demo(options) => demo::demo(&places, &options),
        Task::Test => suite::test(&places),
        Task::Bench => bench::bench(&places),
        Task::Setup => {
            packages::setup()?;
            pip::pretix(&places).map(drop)
        }
        Task::Fetch => fetch::fetch(&places),
        Task::Fuzz(options) => fuzz::fuzz(&places, &options),
        Task::Ui => {
            screens::install(&places)?;
            screens::check(&places)?;
            screens::test(&places)?;
            screens::build(&places)
        }
        Task::Bindings => bindings::generate(&places),
        Task::Tidy => tidy::tidy(&places),
        Task::Policy { check } => policy::policy(&places, check),
    }
}
