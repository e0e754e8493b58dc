//! The files that belong to the project.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{
    places::Places,
    run::{program, quietly},
};

/// One text file.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Path relative to the checkout, with `/`.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
}

/// All files that git knows or would add.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    paths: Vec<String>,
    files: Vec<Source>,
}

/// Kinds of files whose text the rules read.
const READ: &[&str] = &["rs", "ts", "svelte", "toml"];

impl Sources {
    /// Asks git, and reads what the rules read.
    pub(crate) fn read(places: &Places) -> Result<Sources> {
        let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let list = quietly(program("git", &places.root).args(list))
            .context("the list of files comes from git")?;
        let mut paths: Vec<String> = String::from_utf8_lossy(&list)
            .split('\0')
            // A file that was removed but not yet committed is still listed.
            .filter(|path| !path.is_empty() && places.root.join(path).is_file())
            .map(str::to_owned)
            .collect();
        paths.sort();
        paths.dedup();
        let mut files = Vec::new();
        for path in paths.iter().filter(|path| READ.contains(&extension(path))) {
            let text = fs::read_to_string(places.root.join(path))
                .with_context(|| format!("reading {path}"))?;
            files.push(Source { path: path.clone(), text });
        }
        Ok(Sources { paths, files })
    }

    /// All paths, sorted.
    pub(crate) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Files whose text was read, sorted by path.
    pub(crate) fn files(&self) -> &[Source] {
        &self.files
    }

    /// Made of paths and texts.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Sources {
        let paths = files.iter().map(|(path, _)| (*path).to_owned()).collect();
        let files = files
            .iter()
            .map(|(path, text)| Source { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        Sources { paths, files }
    }
}

/// The end of a file's name, in lower case only when it is written so.
pub(crate) fn extension(path: &str) -> &str {
    Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}
