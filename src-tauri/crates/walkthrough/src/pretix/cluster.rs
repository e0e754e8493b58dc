//! `PostgreSQL`: a cluster of our own, on a socket in its folder and on no port.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use super::{folder::Folder, installed::Installed};
use crate::{
    driver::tail,
    patience::patient,
    processes::{ProcessGroup, signal},
};

/// The database that pretix uses.
pub(super) const DATABASE: &str = "pretix";
/// Its state at the beginning.
const SEEDED: &str = "pretix_seeded";
/// Both the system's user and the database's.
pub(super) const USER: &str = "pretix";
/// Time to start and to stop.
const SOON: Duration = Duration::from_secs(30);

/// A running cluster; dropped, it ends.
pub(super) struct Cluster {
    psql: PathBuf,
    data: PathBuf,
    socket: PathBuf,
    _group: ProcessGroup,
}

/// The folder of the socket.
pub(super) fn socket(folder: &Folder) -> PathBuf {
    folder.path().join("socket")
}

impl Cluster {
    /// Makes the files of an empty cluster.
    pub(super) fn create(installed: &Installed, folder: &Folder) -> Result<()> {
        owned(&folder.data())?;
        let output = unprivileged(&installed.postgres("initdb"), folder.path())?
            .arg("--pgdata")
            .arg(folder.data())
            .args(["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--wal-segsize=1", "--username", USER])
            .output()?;
        ensure!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Starts it and waits until it answers.
    pub(super) async fn start(installed: &Installed, folder: &Folder) -> Result<Cluster> {
        let socket = socket(folder);
        owned(&socket)?;
        let log_file = folder.path().join("postgres.log");
        let log = File::create(&log_file)?;
        let output = log.try_clone()?;
        let arguments = unprivileged(&installed.postgres("postgres"), folder.path())?;
        // Killed, `PostgreSQL` would leave a segment of shared memory in the system. In a session
        // of its own it outlives the group by the moment in which it is told of the leader's end
        // and tidies up.
        let group = ProcessGroup::spawn("setsid", |command| {
            command
                .arg(arguments.get_program())
                .args(arguments.get_args())
                .arg("-D")
                .arg(folder.data())
                .arg("-k")
                .arg(&socket)
                .args(settings())
                .current_dir(folder.path())
                .stdout(output)
                .stderr(log);
        })?;
        let cluster = Cluster {
            psql: installed.postgres("psql"),
            data: folder.data(),
            socket,
            _group: group,
        };
        let deadline = Instant::now() + patient(SOON);
        while cluster.sql("select 1").is_err() {
            if Instant::now() > deadline {
                bail!("PostgreSQL does not answer:\n{}", tail(&log_file));
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(cluster)
    }

    /// Carries out statements outside pretix's database.
    pub(super) fn sql(&self, statements: &str) -> Result<()> {
        self.sql_in("postgres", statements)
    }

    /// Carries out statements in that database.
    pub(super) fn sql_in(&self, database: &str, statements: &str) -> Result<()> {
        let output = Command::new(&self.psql)
            .args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--username", USER])
            .arg("--host")
            .arg(&self.socket)
            .args(["--dbname", database])
            .args(statements.split(';').flat_map(|statement| ["--command", statement]))
            .output()?;
        ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// What one question answers in that database, a line a row.
    pub(super) fn ask_in(&self, database: &str, question: &str) -> Result<Vec<String>> {
        let output = Command::new(&self.psql)
            .args(["--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "--username", USER])
            .arg("--host")
            .arg(&self.socket)
            .args(["--dbname", database, "--command", question])
            .output()?;
        ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    /// Takes the state of now for that of the beginning.
    pub(super) fn keep(&self) -> Result<()> {
        self.sql(&format!("create database {SEEDED} template {DATABASE}"))
    }

    /// Goes back to it, whoever is connected.
    pub(super) fn restore(&self) -> Result<()> {
        self.sql(&format!(
            "drop database {DATABASE} with (force); create database {DATABASE} template {SEEDED}"
        ))
    }

    /// Asks it to stop and waits; its files can then be copied.
    fn stop(&self, how: Signal) {
        let file = self.data.join("postmaster.pid");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let Some(pid) = text.lines().next().and_then(|line| line.parse().ok()) else { return };
        signal(pid, how);
        let deadline = std::time::Instant::now() + patient(SOON);
        while file.exists() && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops with all data written, so that the next start has nothing to repair.
    pub(super) fn finish(self) {
        self.stop(Signal::INT);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop(Signal::QUIT);
    }
}

/// Nothing is worth keeping when the machine fails; nobody connects over a network.
fn settings() -> impl Iterator<Item = &'static str> {
    [
        "listen_addresses=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=40",
        "min_wal_size=2MB",
        "max_wal_size=64MB",
        "autovacuum=off",
        "logging_collector=off",
    ]
    .into_iter()
    .flat_map(|setting| ["-c", setting])
}

/// A folder that belongs to the database alone.
fn owned(folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    if is_root()? {
        let status = Command::new("chown").arg("postgres:postgres").arg(folder).status()?;
        ensure!(status.success(), "the system has no user `postgres` (cargo xtask setup)");
    }
    Ok(())
}

/// A program of `PostgreSQL` as a user that may run it, told of the end of its parent.
fn unprivileged(program: &Path, folder: &Path) -> Result<Command> {
    let mut command = Command::new("setpriv");
    if is_root()? {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.args(["--pdeathsig", "QUIT", "--"]).arg(program).current_dir(folder);
    Ok(command)
}

fn is_root() -> Result<bool> {
    Ok(fs::metadata("/proc/self").context("reading /proc")?.uid() == 0)
}
