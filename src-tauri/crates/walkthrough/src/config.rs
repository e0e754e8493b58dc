//! A copy of a prepared kiosk, so that a walk starts with unused badges and leaves them unused.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use toml::{Table, Value};

use crate::replay::Replay;

/// A kiosk's own folder: data, configuration and replay camera.
#[derive(Clone, Debug)]
pub struct KioskFolder {
    /// The configuration file.
    pub config: PathBuf,
    /// The camera.
    pub replay: Replay,
}

impl KioskFolder {
    /// Copies the kiosk that the configuration file `prepared` describes into `folder`, which is
    /// emptied first, and gives it a replay camera. `capture` is the time limit for the open
    /// camera in seconds, or `None` for the prepared one.
    pub fn copy(prepared: &Path, folder: &Path, capture: Option<u32>) -> Result<KioskFolder> {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("emptying {}", folder.display()))?;
        }
        let data = folder.join("data");
        fs::create_dir_all(&data).with_context(|| format!("making {}", data.display()))?;
        let text = fs::read_to_string(prepared)
            .with_context(|| format!("reading {}", prepared.display()))?;
        let mut config: Table =
            text.parse().with_context(|| format!("in {}", prepared.display()))?;
        let from = config.get("data_dir").and_then(Value::as_str).context("no data_dir")?;
        copy_files(Path::new(from), &data)?;

        let camera = folder.join("camera");
        let mut source = Table::new();
        source.insert("source".to_owned(), "replay".into());
        source.insert("path".to_owned(), camera.display().to_string().into());
        let mut window = Table::new();
        window.insert("fullscreen".to_owned(), false.into());
        config.insert("data_dir".to_owned(), data.display().to_string().into());
        config.insert("demonstration".to_owned(), true.into());
        config.insert("camera".to_owned(), source.into());
        config.insert("window".to_owned(), window.into());
        if let Some(seconds) = capture {
            let mut limits = Table::new();
            limits.insert("capture".to_owned(), seconds.into());
            config.insert("limits".to_owned(), limits.into());
        }
        let file = folder.join("kiosk.toml");
        fs::write(&file, config.to_string())
            .with_context(|| format!("writing {}", file.display()))?;
        Ok(KioskFolder { config: file, replay: Replay::in_folder(&camera)? })
    }
}

/// Copies the files of a folder with their permissions (the database's key is readable by its
/// owner only).
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("listing {}", from.display()))? {
        let path = entry?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            fs::copy(&path, to.join(name))
                .with_context(|| format!("copying {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_copy_has_its_own_data_and_camera_and_all_else_as_prepared() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("prepared");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("postern.key"), "k").unwrap();
        fs::set_permissions(data.join("postern.key"), fs::Permissions::from_mode(0o600)).unwrap();
        let prepared = folder.path().join("kiosk.toml");
        let text = format!(
            "data_dir = '{}'\nmodels_dir = '/m'\ntrusted_keys = ['ab']\n[camera]\nsource = 'device'\n",
            data.display()
        );
        fs::write(&prepared, text).unwrap();
        let target = folder.path().join("walk");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("old"), "").unwrap();

        let copy = KioskFolder::copy(&prepared, &target, Some(15)).unwrap();
        let config: Table = fs::read_to_string(&copy.config).unwrap().parse().unwrap();
        assert_eq!(config["models_dir"].as_str(), Some("/m"));
        assert_eq!(config["demonstration"].as_bool(), Some(true));
        assert_eq!(config["camera"]["source"].as_str(), Some("replay"));
        assert_eq!(config["limits"]["capture"].as_integer(), Some(15));
        let key = Path::new(config["data_dir"].as_str().unwrap()).join("postern.key");
        assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!target.join("old").exists());
    }
}
