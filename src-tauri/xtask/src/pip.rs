//! Python packages that a task needs, in folders of their own.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context as _, Result};

use crate::{
    digest,
    places::Places,
    run::{python, quietly, step},
};

/// The packages of `compare.txt`, which the bench compares the engine with.
pub(crate) fn comparison(places: &Places) -> Result<PathBuf> {
    install(
        places,
        "compare",
        &places.root.join("src-tauri/xtask/src/compare.txt"),
        &["--only-binary", ":all:"],
    )
}

/// The registration server that the tests speak to.
pub(crate) fn pretix(places: &Places) -> Result<PathBuf> {
    step("pretix", || {
        // The one package without a wheel is a folder of scripts. Python compiles what it
        // imports; all of it would take longer than the installation.
        let options = "--require-hashes --no-compile --only-binary :all: --no-binary \
                       django-jquery-js";
        let options: Vec<&str> = options.split_whitespace().collect();
        install(places, "pretix", &places.root.join("assets/pretix/requirements.lock"), &options)
            .context("assets/pretix/requirements.lock is for CPython 3.11 on x86-64 Linux")
    })
}

/// The folder with the packages of `list`, named by its digest; installed there if they are not.
fn install(places: &Places, name: &str, list: &Path, options: &[&str]) -> Result<PathBuf> {
    let folder = places.cache.join(name).join(&digest::of_file(list)?[..16]);
    if !folder.exists() {
        let fresh = folder.with_extension(process::id().to_string());
        quietly(
            python(&places.root)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .args(["--no-deps", "--target"])
                .arg(&fresh)
                .args(options)
                .arg("--requirement")
                .arg(list),
        )?;
        fs::rename(&fresh, &folder).context("naming the folder of the Python packages")?;
    }
    Ok(folder)
}
