//! Pictures of the screens that a walk passes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::Session;

/// Numbered pictures of the screens.
pub(super) struct Album {
    folder: PathBuf,
    pub(super) pictures: Vec<PathBuf>,
    pub(super) unseen: Vec<String>,
}

impl Album {
    /// An empty album: pictures of an earlier walk are removed.
    pub(super) fn open(folder: &Path) -> Result<Album> {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "png") {
                fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
            }
        }
        Ok(Album { folder: folder.to_owned(), pictures: Vec::new(), unseen: Vec::new() })
    }

    /// Takes a picture called `name` once the window has drawn `screen`; one of each name is
    /// enough.
    pub(super) async fn shot(&mut self, session: &Session, name: &str, screen: &str) -> Result<()> {
        let taken =
            |picture: &PathBuf| picture.to_string_lossy().ends_with(&format!("-{name}.png"));
        if self.pictures.iter().any(taken) {
            return Ok(());
        }
        if !session.settle(screen).await? {
            self.unseen.push(name.to_owned());
            return Ok(());
        }
        let path = self.folder.join(format!("{:02}-{name}.png", self.pictures.len() + 1));
        session.screenshot(&path).await?;
        if session.screen()? != screen {
            std::fs::remove_file(&path)?;
            self.unseen.push(name.to_owned());
            return Ok(());
        }
        self.pictures.push(path);
        self.unseen.retain(|unseen| unseen != name);
        Ok(())
    }
}
