//! Rosters that are brought by hand: a folder that signed bundles are laid into.

use std::path::PathBuf;
use std::sync::Arc;

use platform::bundle::{self, Imported, SignedFolder};

use super::Registration;
use super::desk::{Desk, Stopped};
use crate::controller::{Controller, Input};
use crate::db::Db;

/// A larger bundle would keep visitors waiting while it is loaded, in bytes.
const LARGEST: u64 = 64 << 20;

impl Controller {
    /// Begins to look for newer rosters, if the configuration names a folder.
    pub(crate) fn watch_folder(&mut self, db: Db) {
        let Some(folder) = self.config.bundle.folder.clone() else { return };
        let Ok(trusted) = self.config.trusted() else {
            self.note("trusted_keys in the configuration: no roster is taken from the folder");
            return;
        };
        let (inputs, poke) = (self.inputs.clone(), Arc::default());
        let settings = self.config.platform;
        let platform = Box::new(SignedFolder::new(folder, trusted.clone()));
        let desk = Desk::new(db, self.clock.clone(), inputs, poke, settings, trusted);
        tokio::spawn(watch(Registration { platform }, desk));
    }
}

/// Goes on until the database is closed.
async fn watch(folder: Registration, desk: Desk) {
    loop {
        if let Err(Stopped::Ended) = folder.read_changes(&desk).await {
            return;
        }
        tokio::time::sleep(desk.settings.every()).await;
    }
}

impl Desk {
    /// Loads a whole roster. One that is refused leaves the roster as it was, and is named.
    pub(super) async fn load(&self, path: PathBuf) -> Result<(), Stopped> {
        let name = path.file_name().unwrap_or_default().display().to_string();
        let length = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        if length > LARGEST {
            let what = format!("{name} is too large to be loaded meanwhile: use `postern import`");
            return self.tell(Input::Incident(what)).await;
        }
        let (now, trusted) = (self.clock.now(), self.trusted.clone());
        let import =
            self.db.run(move |store| bundle::import(&path, &trusted, store, now, &mut |_, _| ()));
        match import.await.map_err(|_| Stopped::Ended)? {
            Ok(Imported { roster, sequence, attendees, .. }) => {
                tracing::info!("{name}: {roster} #{sequence}, {attendees} attendees");
                self.show_roster().await
            }
            Err(error) => self.tell(Input::Incident(format!("{name} was refused: {error}"))).await,
        }
    }
}
