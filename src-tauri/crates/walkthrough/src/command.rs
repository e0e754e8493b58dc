//! The command line.

use std::{io, path::PathBuf, time::Instant};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use walkthrough::{
    bench::Bench,
    demo::{Demo, Report, Spans},
    pretix,
    replay::Replay,
};

/// Drives a prepared kiosk in a window of its own.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Walk the demonstration's visits and take a picture of every screen.
    Demo {
        #[command(flatten)]
        kiosk: Kiosk,
        /// Number of a member of staff.
        #[arg(long)]
        staff: u32,
        /// PIN of that member of staff.
        #[arg(long)]
        pin: String,
    },
    /// Write the folder of a replay camera that sees the person of a photograph.
    Replay {
        /// The photograph.
        picture: PathBuf,
        /// The folder that the kiosk's configuration names.
        folder: PathBuf,
    },
    /// Run the registration server of the tests until standard input ends.
    Pretix,
    /// Measure start, preview and memory; prints one flat JSON object.
    Bench {
        #[command(flatten)]
        kiosk: Kiosk,
    },
}

#[derive(Args)]
struct Kiosk {
    /// The kiosk's executable.
    #[arg(long)]
    binary: PathBuf,
    /// Configuration file of a prepared kiosk; its data is copied, not changed.
    #[arg(long)]
    config: PathBuf,
    /// The CSV from which its roster was made.
    #[arg(long)]
    roster: PathBuf,
    /// Folder of the demonstration's photographs.
    #[arg(long)]
    pictures: PathBuf,
    /// Folder for what this makes.
    #[arg(long)]
    out: PathBuf,
    /// Width of the window in pixels.
    #[arg(long, default_value_t = 1280)]
    width: u32,
    /// Height of the window in pixels.
    #[arg(long, default_value_t = 800)]
    height: u32,
}

#[tokio::main]
pub(crate) async fn run() -> Result<()> {
    match Arguments::parse().task {
        Task::Demo { kiosk, staff, pin } => {
            let Kiosk { binary, config, roster, pictures, out, width, height } = kiosk;
            let demo = Demo {
                binary,
                config,
                roster,
                pictures,
                out,
                staff: (staff, pin),
                size: (width, height),
            };
            print(&demo.walk().await?);
        }
        Task::Replay { picture, folder } => Replay::in_folder(&folder)?.show(&picture)?,
        Task::Pretix => {
            let begin = Instant::now();
            let pretix = pretix::start().await?;
            println!("{} ({:.1} s)", pretix.base(), begin.elapsed().as_secs_f64());
            println!("organiser {}", pretix.world().organiser);
            println!("token {}", pretix.world().token());
            io::copy(&mut io::stdin(), &mut io::sink())?;
        }
        Task::Bench { kiosk } => {
            let Kiosk { binary, config, roster, pictures, out, width, height } = kiosk;
            let bench = Bench { binary, config, roster, pictures, out, size: (width, height) };
            println!("{}", serde_json::to_string(&bench.measure().await?)?);
        }
    }
    Ok(())
}

fn print(report: &Report) {
    for visit in &report.visits {
        println!("\nVisit {}", visit.title);
        println!("  {}", visit.timeline.screens().join(" → "));
        for (name, span) in Spans::of(&visit.timeline).named() {
            if let Some(span) = span {
                println!("  {name:<22} {span:>7.0} ms");
            }
        }
    }
    println!("\nPictures:");
    for picture in &report.pictures {
        println!("  {}", picture.display());
    }
    if !report.unseen.is_empty() {
        println!("Gone before the window had drawn them: {}", report.unseen.join(", "));
    }
}
