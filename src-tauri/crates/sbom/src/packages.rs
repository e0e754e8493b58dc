//! The packages that are bundled into the screens.

use std::collections::BTreeMap;
use std::path::Path;

use cyclonedx_bom::models::component::{Classification, Component};
use cyclonedx_bom::models::hash::HashAlgorithm;
use data_encoding::{BASE64, HEXLOWER};
use serde::Deserialize;

use crate::{Entry, InventoryError, form, read};

/// `package-lock.json`, version 3, as far as it is needed.
#[derive(Deserialize)]
struct Lock {
    packages: BTreeMap<String, Locked>,
}

#[derive(Deserialize)]
struct Locked {
    version: Option<String>,
    license: Option<String>,
    /// `sha512-` and base64.
    integrity: Option<String>,
}

/// The screens' build says which folders it took code from (`bundled.json`), the lock file what
/// they are.
pub(crate) fn of(ui: &Path) -> Result<Vec<Component>, InventoryError> {
    let (path, text) = read(ui.join("dist/bundled.json"))?;
    let bundled: Vec<String> = serde_json::from_str(&text).map_err(|error| form(path, &error))?;
    let (path, text) = read(ui.join("package-lock.json"))?;
    let mut lock: Lock = serde_json::from_str(&text).map_err(|error| form(path.clone(), &error))?;
    bundled
        .into_iter()
        .map(|folder| {
            let locked = lock.packages.remove(&folder);
            let missing = || form(path.clone(), &format!("does not list {folder}"));
            component(&folder, locked.ok_or_else(missing)?)
                .ok_or_else(|| form(path.clone(), &format!("{folder} has no version")))
        })
        .collect()
}

fn component(folder: &str, locked: Locked) -> Option<Component> {
    let (_, name) = folder.rsplit_once("node_modules/")?;
    let version = locked.version?;
    let hash = locked
        .integrity
        .as_deref()
        .and_then(|integrity| integrity.strip_prefix("sha512-"))
        .and_then(|digest| BASE64.decode(digest.as_bytes()).ok())
        .map(|digest| (HashAlgorithm::SHA_512, HEXLOWER.encode(&digest)));
    let entry = Entry {
        classification: Classification::Library,
        name,
        version: &version,
        url: &format!("pkg:npm/{}@{version}", name.replace('@', "%40")),
        licence: locked.license.as_deref(),
        hash,
    };
    Some(entry.component())
}
