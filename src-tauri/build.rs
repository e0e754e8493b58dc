//! Generates the capabilities from `capabilities/` and `permissions/`, one file per role, and the
//! inventory of the build.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(
            tauri_build::AppManifest::new()
                .permissions_path_pattern("./src-tauri/permissions/**/*"),
        );
    println!("cargo::rerun-if-changed=src-tauri/capabilities");
    println!("cargo::rerun-if-changed=src-tauri/permissions");
    // The screens are compiled into the binary.
    println!("cargo::rerun-if-changed=ui/dist");
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
    if let Err(error) = inventory() {
        println!("cargo::error={error}");
    }
}

/// Writes `postern.cdx.json`, which is compiled into the binary.
fn inventory() -> Result<(), Box<dyn Error>> {
    for input in ["Cargo.lock", "models/manifest.toml", "ui/package-lock.json"] {
        println!("cargo::rerun-if-changed={input}");
    }
    let features: Vec<String> = env::vars()
        .filter_map(|(name, _)| {
            let feature = name.strip_prefix("CARGO_FEATURE_")?;
            Some(feature.to_lowercase().replace('_', "-"))
        })
        .collect();
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let target = env::var("TARGET")?;
    let list = sbom::of(&sbom::Build { root: &root, features: &features, target: &target })?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("postern.cdx.json"), list)?;
    Ok(())
}
