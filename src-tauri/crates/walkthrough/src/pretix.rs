//! A real registration server: pretix with `PostgreSQL`, started by the tests on loopback.
//!
//! [`start`] gives a server of one's own, [`fresh`] the one that all tests of a process share, set
//! back to how it began. What it begins with is a [`World`]. A test changes it as an organiser
//! would, through the REST interface: [`Pretix::add`], [`Pretix::cancel`] and so on; for anything
//! else there is [`Pretix::call`].
//!
//! pretix is a program beside ours: nothing of it is linked or copied. `cargo xtask setup`
//! installs it (docs/pretix.md).

mod acts;
mod cluster;
mod crowd;
mod folder;
mod installed;
mod organiser;
mod rest;
mod seeded;
mod server;
mod world;

use std::path::PathBuf;

use anyhow::Result;
use tokio::sync::{Mutex, MutexGuard, OnceCell};

pub use acts::{Attendee, CheckIn, NewDevice, Ticket};
pub use world::{Event, World};

use cluster::Cluster;
use folder::Folder;
use installed::Installed;
use rest::Rest;
use server::Server;

/// A running server. Dropped, it has ended and its files are gone; a test process that is killed
/// takes it along.
pub struct Pretix {
    rest: Rest,
    world: World,
    // Dropped in this order: the server before its database, and both before their files.
    server: Server,
    cluster: Cluster,
    folder: Folder,
    seeded: PathBuf,
}

/// Starts a server of one's own.
///
/// The first start on a machine makes the world and takes about a minute.
pub async fn start() -> Result<Pretix> {
    let installed = Installed::find()?;
    let seeded = seeded::provide(&installed).await?;
    let folder = Folder::new()?;
    folder.fill(&seeded)?;
    let cluster = Cluster::start(&installed, &folder).await?;
    let server = Server::start(&installed, &folder).await?;
    let world = World::read(&seeded)?;
    let rest = Rest::of_team(server.base(), world.token());
    Ok(Pretix { rest, world, server, cluster, folder, seeded })
}

/// The server that the tests of this process share: nobody else uses it while the guard lives, and
/// it is as it began.
pub async fn fresh() -> Result<MutexGuard<'static, Pretix>> {
    static SHARED: OnceCell<Mutex<Pretix>> = OnceCell::const_new();
    let shared = SHARED.get_or_try_init(|| async { start().await.map(Mutex::new) }).await?;
    let pretix = shared.lock().await;
    pretix.reset()?;
    Ok(pretix)
}

impl Pretix {
    /// Where it listens: `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base(&self) -> &str {
        self.server.base()
    }

    /// What it began with.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Puts everything back to how it began, the devices' tokens included. The server keeps
    /// running.
    pub fn reset(&self) -> Result<()> {
        self.cluster.restore()?;
        self.folder.fill_files(&self.seeded)
    }

    /// The end of the server's log, to be told when a test fails.
    pub fn log(&self) -> String {
        self.server.log()
    }
}
