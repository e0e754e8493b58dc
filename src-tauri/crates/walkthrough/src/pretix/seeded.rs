//! The state in which every server begins, made once and kept in the cache.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context as _, Result};

use super::{
    cluster::{Cluster, DATABASE},
    folder::Folder,
    installed::Installed,
    organiser,
    rest::Rest,
    server::{self, Server},
    world::{ORGANISER, World},
};

/// What decides how it looks.
const SOURCE: &str =
    concat!(include_str!("world.rs"), include_str!("organiser.rs"), include_str!("seeded.rs"));

/// The folder with database, files and world; made if there is none. Whoever comes meanwhile
/// waits.
pub(super) async fn provide(installed: &Installed) -> Result<PathBuf> {
    let folder = installed.seeded(SOURCE)?;
    if !folder.exists() {
        let base = folder.parent().context("the cache has folders")?;
        fs::create_dir_all(base)?;
        let lock = File::create(base.join("lock"))?;
        let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await??;
        if !folder.exists() {
            make(installed, &folder).await.context("making the first state of pretix")?;
        }
        drop(lock);
    }
    Ok(folder)
}

async fn make(installed: &Installed, into: &Path) -> Result<()> {
    let folder = Folder::new()?;
    Cluster::create(installed, &folder)?;
    let cluster = Cluster::start(installed, &folder).await?;
    cluster.sql(&format!("create database {DATABASE}"))?;
    server::make_tables(installed, &folder)?;
    let server = Server::start(installed, &folder).await?;
    let token = organiser::make(server.base(), ORGANISER).await?;
    let rest = Rest::of_team(server.base(), &token);
    let world = World::make(&rest, token, &cluster).await?;
    drop(server);
    cluster.keep()?;
    cluster.finish();
    let fresh = into.with_extension(process::id().to_string());
    fs::create_dir(&fresh)?;
    folder.save(&fresh)?;
    world.write(&fresh)?;
    fs::rename(&fresh, into)?;
    Ok(())
}
