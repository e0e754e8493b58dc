//! The models.

use std::path::Path;

use cyclonedx_bom::models::component::{Classification, Component};
use cyclonedx_bom::models::hash::HashAlgorithm;
use serde::Deserialize;

use crate::{Entry, InventoryError, form, read};

#[derive(Deserialize)]
struct Manifest {
    model: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    file: String,
    sha256: String,
    licence: String,
    source: Source,
}

/// The package of a registry that it comes in.
#[derive(Deserialize)]
struct Source {
    registry: String,
    package: String,
    version: String,
}

pub(crate) fn of(manifest: &Path) -> Result<Vec<Component>, InventoryError> {
    let (path, text) = read(manifest.to_owned())?;
    let manifest: Manifest = toml::from_str(&text).map_err(|error| form(path, &error))?;
    let models = manifest.model.into_iter();
    Ok(models
        .map(|Model { file, sha256, licence, source: Source { registry, package, version } }| {
            Entry {
                classification: Classification::MachineLearningModel,
                name: &file,
                version: &version,
                url: &format!("pkg:{registry}/{package}@{version}#{file}"),
                licence: Some(&licence),
                hash: Some((HashAlgorithm::SHA_256, sha256)),
            }
            .component()
        })
        .collect())
}
