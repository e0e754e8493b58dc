//! Rosters that are brought by hand: a folder that signed bundles are laid into.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::bundle::{self, BundleError, Imported, SignedFolder, TrustedKey};
use platform::{Cursor, Pulled, Registration as _};

use super::desk::{Desk, Stopped, loaded};
use crate::controller::{Controller, Input};
use crate::db::Db;

/// A larger bundle would keep visitors waiting while it is loaded, in bytes.
const LARGEST: u64 = 64 << 20;

impl Controller {
    /// Begins to look for newer rosters, if the configuration names a folder.
    pub(crate) fn watch_folder(&mut self, db: Db) {
        let Some(folder) = self.config.bundle.folder.clone() else { return };
        let keys = self.config.trusted_keys.iter().map(|digits| TrustedKey::from_hex(digits));
        let Ok(trusted) = keys.collect::<Result<Vec<_>, _>>() else {
            self.note("trusted_keys in the configuration: no roster is taken from the folder");
            return;
        };
        let (inputs, poke) = (self.inputs.clone(), Arc::default());
        let settings = self.config.platform;
        let desk = Desk::new(db, self.clock.clone(), inputs, poke, settings);
        tokio::spawn(watch(folder, trusted, desk));
    }
}

/// Goes on until the database is closed.
async fn watch(folder: PathBuf, trusted: Vec<TrustedKey>, desk: Desk) {
    let adapter = SignedFolder::new(folder, trusted.clone());
    loop {
        if let Err(Stopped::Ended) = look(&adapter, &trusted, &desk).await {
            return;
        }
        tokio::time::sleep(desk.settings.every()).await;
    }
}

/// Loads the newest bundle. One that is refused leaves the roster as it was, and is named.
async fn look(adapter: &SignedFolder, trusted: &[TrustedKey], desk: &Desk) -> Result<(), Stopped> {
    let loaded = desk.answered(desk.db.run(|store| loaded(store)), "roster").await?;
    let pulled = adapter.pull(&Cursor::default(), loaded.as_ref(), desk.clock.now()).await?;
    let Pulled::Bundle(path) = pulled else { return Ok(()) };
    let name = path.file_name().unwrap_or_default().display().to_string();
    let length = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    if length > LARGEST {
        let what = format!("{name} is too large to be loaded meanwhile: use `postern import`");
        return desk.tell(Input::Incident(what)).await;
    }
    match import(path, trusted.to_vec(), desk).await? {
        Ok(Imported { roster, sequence, attendees, .. }) => {
            tracing::info!("{name}: {roster} #{sequence}, {attendees} attendees");
            desk.show_roster().await
        }
        Err(error) => desk.tell(Input::Incident(format!("{name} was refused: {error}"))).await,
    }
}

async fn import(
    path: impl AsRef<Path> + Send + 'static,
    trusted: Vec<TrustedKey>,
    desk: &Desk,
) -> Result<Result<Imported, BundleError>, Stopped> {
    let now = desk.clock.now();
    let work = desk
        .db
        .run(move |store| bundle::import(path.as_ref(), &trusted, store, now, &mut |_, _| ()));
    work.await.map_err(|_| Stopped::Ended)
}
