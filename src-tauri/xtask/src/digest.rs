//! SHA-256 of files and trees.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

/// SHA-256 of the bytes, in lower-case hex.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a file, in lower-case hex.
pub(crate) fn of_file(path: &Path) -> Result<String> {
    let mut file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let mut hash = Sha256::new();
    let mut part = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut part).with_context(|| format!("reading {}", path.display()))?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&part[..read]);
    }
}

/// SHA-256 over names and contents of files and of everything in folders. Entries whose name is
/// in `without` are left out; a path that does not exist counts as such.
pub(crate) fn of_trees(paths: &[PathBuf], without: &[&str]) -> Result<String> {
    let mut hash = Sha256::new();
    for path in paths {
        let mut files = Vec::new();
        collect(path, without, &mut files)
            .with_context(|| format!("listing {}", path.display()))?;
        files.sort();
        hash.update(format!("{} files\n", files.len()));
        for file in files {
            let name = file.strip_prefix(path).unwrap_or(&file);
            hash.update(format!("{} {}\n", name.display(), of_file(&file)?));
        }
    }
    Ok(hex(&hash.finalize()))
}

fn collect(path: &Path, without: &[&str], files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
    } else if path.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if !without.iter().any(|name| entry.file_name() == *name) {
                collect(&entry.path(), without, files)?;
            }
        }
    }
    Ok(())
}

/// An error that names the file and both hashes unless the file has this SHA-256.
pub(crate) fn verify(path: &Path, wanted: &str) -> Result<()> {
    let found = of_file(path)?;
    if found != wanted {
        bail!(
            "{} is not the file that models/manifest.toml names:\n  SHA-256 wanted {wanted}\n  SHA-256 found  {found}\n\
             Delete it and run the task again; if the hash is wrong again, do not use it",
            path.display()
        );
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_standard_vector_is_met() {
        assert_eq!(of_bytes(b"abc"), ABC);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("abc");
        fs::write(&file, b"abc").unwrap();
        assert_eq!(of_file(&file).unwrap(), ABC);
        verify(&file, ABC).unwrap();
    }

    #[test]
    fn a_wrong_hash_names_the_file_and_both_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("model.onnx");
        fs::write(&file, b"other").unwrap();
        let text = verify(&file, ABC).unwrap_err().to_string();
        assert!(text.contains("model.onnx") && text.contains(ABC));
        assert!(text.contains(&of_bytes(b"other")));
    }

    #[test]
    fn a_tree_changes_with_every_name_and_every_byte_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let tree = [folder.path().join("a"), folder.path().join("absent")];
        fs::create_dir_all(tree[0].join("deep/node_modules")).unwrap();
        fs::write(tree[0].join("deep/x"), "1").unwrap();
        let hash = || of_trees(&tree, &["node_modules"]).unwrap();
        let first = hash();
        fs::write(tree[0].join("deep/node_modules/y"), "ignored").unwrap();
        assert_eq!(hash(), first);
        fs::write(tree[0].join("deep/x"), "2").unwrap();
        let second = hash();
        assert_ne!(second, first);
        fs::rename(tree[0].join("deep/x"), tree[0].join("deep/z")).unwrap();
        assert_ne!(hash(), second);
        fs::rename(tree[0].join("deep/z"), tree[0].join("deep/x")).unwrap();
        fs::write(tree[0].join("deep/x"), "1").unwrap();
        assert_eq!(hash(), first);
    }
}
