//! pretix itself: two processes of gunicorn on a port of loopback.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Command,
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use tokio::time::{Instant, sleep};

use super::{
    cluster::{DATABASE, USER, socket},
    folder::Folder,
    installed::Installed,
};
use crate::{
    driver::{free_port, tail},
    patience::patient,
    processes::ProcessGroup,
};

/// Time to start; the first time Python compiles what it imports.
const START: Duration = Duration::from_mins(2);
/// Mail address of the person who administers a new server, and the password.
pub(super) const ADMINISTRATOR: (&str, &str) = ("admin@localhost", "admin");

/// A running pretix; dropped, it ends.
pub(super) struct Server {
    base: String,
    log: PathBuf,
    _group: ProcessGroup,
}

impl Server {
    /// Starts it and waits until it answers. Its database must be running.
    pub(super) async fn start(installed: &Installed, folder: &Folder) -> Result<Server> {
        let port = free_port()?;
        let config = configure(folder, port)?;
        let file = folder.path().join("pretix.log");
        let log = File::create(&file)?;
        let output = log.try_clone()?;
        let mut group = ProcessGroup::spawn("python3", |command| {
            installed.python(command);
            command
                .args(["-m", "gunicorn", "pretix.wsgi", "--preload", "--workers", "2"])
                .args(["--timeout", "60", "--worker-tmp-dir"])
                .arg(folder.path())
                .arg(format!("--bind=127.0.0.1:{port}"))
                .env("PRETIX_CONFIG_FILE", config)
                .current_dir(folder.path())
                .stdout(output)
                .stderr(log);
        })?;
        let base = format!("http://127.0.0.1:{port}");
        let client = super::rest::client();
        let deadline = Instant::now() + patient(START);
        // The version is told to those who have signed in only.
        while !client
            .get(format!("{base}/api/v1/version"))
            .send()
            .await
            .is_ok_and(|answer| answer.status() == 403)
        {
            if Instant::now() > deadline || group.leader().try_wait()?.is_some() {
                bail!("pretix does not answer:\n{}", tail(&file));
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(Server { base, log: file, _group: group })
    }

    /// Where it listens.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// The last lines of its log.
    pub(super) fn log(&self) -> String {
        tail(&self.log)
    }
}

/// Makes the tables of an empty database, and the person who administers the server.
pub(super) fn make_tables(installed: &Installed, folder: &Folder) -> Result<()> {
    let config = configure(folder, 0)?;
    let run = |arguments: &[&str], prepare: &dyn Fn(&mut Command)| -> Result<()> {
        let mut command = Command::new("python3");
        installed.python(&mut command);
        command.args(["-m", "pretix"]).args(arguments).arg("--noinput");
        command.env("PRETIX_CONFIG_FILE", &config).current_dir(folder.path());
        prepare(&mut command);
        let output = command.output()?;
        ensure!(
            output.status.success(),
            "pretix {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    };
    // With its settings for tests, pretix makes the tables of today at once instead of walking
    // through all its past: 20 seconds instead of minutes, for the same tables.
    run(&["migrate", "--run-syncdb"], &|command| {
        command.env("DJANGO_SETTINGS_MODULE", "pretix.testutils.settings");
        command.env("GITHUB_WORKFLOW", "");
    })?;
    run(&["createsuperuser", "--email", ADMINISTRATOR.0], &|command| {
        command.env("DJANGO_SUPERUSER_PASSWORD", ADMINISTRATOR.1);
    })
}

/// Writes pretix's configuration file.
fn configure(folder: &Folder, port: u16) -> Result<PathBuf> {
    let path = folder.path().join("pretix.cfg");
    let text = format!(
        "[pretix]\ninstance_name=test\nurl=http://127.0.0.1:{port}\ncurrency=CNY\ndatadir={}\n\
         registration=off\npassword_reset=off\necb_rates=off\nloglevel=WARNING\n\
         [database]\nbackend=postgresql\nname={DATABASE}\nuser={USER}\nhost={}\n\
         [django]\nsecret=of-a-server-that-lives-for-one-test-on-loopback-only\ndebug=off\n\
         passwords_argon2=off\n\
         [mail]\nfrom=pretix@localhost\nhost=127.0.0.1\nport=9\n",
        folder.files().display(),
        socket(folder).display(),
    );
    fs::write(&path, text)?;
    Ok(path)
}
