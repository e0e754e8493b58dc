//! What a build of Postern is made of (POLICY.md C23): a software bill of materials in the form of
//! `CycloneDX` 1.5 (ECMA-424), made by the build itself.
//!
//! It lists the crates that are compiled into the program, the packages that are bundled into the
//! screens, and the models. What only runs while building is not in it, nor is what the operating
//! system provides (`WebKitGTK`, the C library).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cyclonedx_bom::models::bom::{Bom, SpecVersion};
use cyclonedx_bom::models::component::{Classification, Component, Components};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata;
use cyclonedx_bom::prelude::{Purl, SpdxExpression, Validate as _};
use thiserror::Error;

mod crates;
mod models;
mod packages;

/// A build.
#[derive(Debug)]
pub struct Build<'b> {
    /// The folder with the program's `Cargo.toml`, `models` and `ui`.
    pub root: &'b Path,
    /// The features of the program that are switched on.
    pub features: &'b [String],
    /// The target triple that it is built for.
    pub target: &'b str,
}

/// Why there is no inventory.
#[derive(Debug, Error)]
pub enum InventoryError {
    /// Cargo does not say what the program consists of.
    #[error("the crates of the build: {0}")]
    Crates(#[from] cargo_metadata::Error),
    /// Cargo knows no program here.
    #[error("cargo resolved no program in {0}")]
    NoProgram(PathBuf),
    /// A file of the build cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// A file of the build has not the form that is expected.
    #[error("{path}: {reason}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The list is no valid `CycloneDX`.
    #[error("the inventory is not valid: {0}")]
    Invalid(String),
}

/// The inventory of a build: JSON, the same bytes for the same build.
pub fn of(build: &Build<'_>) -> Result<Vec<u8>, InventoryError> {
    let crates = crates::of(build)?;
    let mut components = crates.components;
    components.extend(packages::of(&build.root.join("ui"))?);
    components.extend(models::of(&build.root.join("models/manifest.toml"))?);
    let bom = Bom {
        // The same build has the same list, so no number and no time of its own.
        serial_number: None,
        metadata: Some(Metadata { component: Some(crates.program), ..Metadata::default() }),
        components: Some(Components(components)),
        dependencies: Some(dependencies(crates.dependencies)),
        spec_version: SpecVersion::V1_5,
        ..Bom::default()
    };
    let checked = bom.validate_version(SpecVersion::V1_5);
    if !checked.passed() {
        return Err(InventoryError::Invalid(format!("{checked:?}")));
    }
    let mut json = Vec::new();
    bom.output_as_json_v1_5(&mut json)
        .map_err(|error| InventoryError::Invalid(error.to_string()))?;
    Ok(json)
}

fn dependencies(of: BTreeMap<String, Vec<String>>) -> Dependencies {
    let entry = |(dependency_ref, dependencies)| Dependency { dependency_ref, dependencies };
    Dependencies(of.into_iter().map(entry).collect())
}

/// One entry of the list.
struct Entry<'e> {
    classification: Classification,
    name: &'e str,
    version: &'e str,
    /// Package URL, which names it in the list of dependencies, too.
    url: &'e str,
    /// As its author wrote it.
    licence: Option<&'e str>,
    hash: Option<(HashAlgorithm, String)>,
}

impl Entry<'_> {
    fn component(self) -> Component {
        let mut component =
            Component::new(self.classification, self.name, self.version, Some(self.url.into()));
        component.purl =
            self.url.starts_with("pkg:").then(|| self.url.parse::<Purl>().ok()).flatten();
        component.licenses = self.licence.map(|licence| {
            Licenses(vec![match SpdxExpression::parse_lax(licence.to_owned()) {
                Ok(expression) => LicenseChoice::Expression(expression),
                Err(_) => LicenseChoice::license(licence),
            }])
        });
        component.hashes =
            self.hash.map(|(alg, value)| Hashes(vec![Hash { alg, content: HashValue(value) }]));
        component
    }
}

/// A file of the build.
fn read(path: PathBuf) -> Result<(PathBuf, String), InventoryError> {
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok((path, text)),
        Err(source) => Err(InventoryError::Read { path, source }),
    }
}

fn form(path: PathBuf, reason: &dyn ToString) -> InventoryError {
    InventoryError::Form { path, reason: reason.to_string() }
}

#[cfg(test)]
mod tests;
