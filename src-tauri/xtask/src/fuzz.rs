//! `cargo xtask fuzz`: a short run of each fuzz target.

use std::{env, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use clap::Args;

use crate::{
    places::Places,
    run::{answers, cargo, program, run, step},
};

/// The targets of `fuzz/`, each with its folder of seeds.
const TARGETS: [&str; 2] = ["frame", "photo"];
/// libFuzzer's coverage needs this compiler; the product does not.
const TOOLCHAIN: &str = "nightly";
/// Largest input, in bytes: the decoders' work grows with it, what they do does not.
const LONGEST: u32 = 1 << 16;

/// How long.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Runs each target; a crash fails the task and leaves its input under `fuzz/artifacts/`.
pub(crate) fn fuzz(places: &Places, options: &Options) -> Result<()> {
    let tool = step("fuzz: compiler and cargo-fuzz", || tool(places))?;
    for target in TARGETS {
        let corpus = places.cache.join("fuzz").join(target);
        std::fs::create_dir_all(&corpus)
            .with_context(|| format!("cannot make {}", corpus.display()))?;
        step(&format!("fuzz: {target}"), || {
            run(nightly(&mut program(&tool, &places.root))
                .env("CARGO_TARGET_DIR", places.cache.join("target-fuzz"))
                .args(["fuzz", "run", target])
                .arg(&corpus)
                .arg(places.root.join("fuzz/seeds").join(target))
                .arg("--")
                .arg(format!("-max_total_time={}", options.seconds))
                .arg(format!("-max_len={LONGEST}"))
                .args(["-rss_limit_mb=2048", "-timeout=20", "-print_final_stats=1"]))
        })?;
    }
    Ok(())
}

/// Where cargo-fuzz is, after it and the compiler were installed where they were missing.
fn tool(places: &Places) -> Result<PathBuf> {
    if !answers(nightly(&mut program("cargo", &places.root)).arg("--version")) {
        run(program("rustup", &places.root).args([
            "toolchain",
            "install",
            TOOLCHAIN,
            "--profile",
            "minimal",
        ]))?;
    }
    let name = format!("cargo-fuzz{}", env::consts::EXE_SUFFIX);
    if answers(program(&name, &places.root).arg("--version")) {
        return Ok(name.into());
    }
    let tools = places.cache.join("tools");
    let installed = tools.join("bin").join(name);
    if !installed.exists() {
        run(cargo(places).args(["install", "cargo-fuzz", "--locked", "--root"]).arg(&tools))?;
    }
    Ok(installed)
}

/// The command with the nightly compiler in place of the one that runs this task.
fn nightly(command: &mut Command) -> &mut Command {
    command.env_remove("CARGO").env_remove("RUSTC").env("RUSTUP_TOOLCHAIN", TOOLCHAIN)
}
