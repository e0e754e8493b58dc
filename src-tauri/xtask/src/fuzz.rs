//! `cargo xtask fuzz`: a short run of each fuzz target.

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;

use crate::{
    places::Places,
    run::{answers, cargo, program, run, step},
};

/// The targets of `fuzz/`, each with its folder of seeds.
const TARGETS: [&str; 3] = ["frame", "photo", "signed_code"];
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
    let tool = step("fuzz: cargo-fuzz", || tool(places))?;
    for target in TARGETS {
        let corpus = places.cache.join("fuzz").join(target);
        std::fs::create_dir_all(&corpus)
            .with_context(|| format!("cannot make {}", corpus.display()))?;
        step(&format!("fuzz: {target}"), || {
            run(program(&tool, &places.root)
                // The sanitizer is an unstable option of a compiler that has it; so there is no
                // second toolchain to fetch. Nothing that is shipped is built with this.
                .env("RUSTC_BOOTSTRAP", "1")
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

/// Where cargo-fuzz is, installed if it is missing.
fn tool(places: &Places) -> Result<PathBuf> {
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
