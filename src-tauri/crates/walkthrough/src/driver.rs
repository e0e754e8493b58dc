//! `WebKitWebDriver` and the kiosk that it starts.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    display::Display,
    patience::patient,
    processes::ProcessGroup,
    session::{KIOSK_START, POLL, SessionSpec},
};

/// Time for the driver to listen.
const DRIVER_START: Duration = Duration::from_secs(15);
/// Time for the driver to start the kiosk's process.
const KIOSK_APPEARS: Duration = Duration::from_secs(10);

/// A browser that `WebKitWebDriver` can start: the kiosk, or in this crate's tests a plain one.
pub(crate) struct Browser {
    /// The name under which it reports itself to the driver.
    pub(crate) name: &'static str,
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
    /// A page to open first; the kiosk opens its own.
    pub(crate) page: Option<String>,
}

/// Log of the driver and the kiosk inside the session's folder.
pub(crate) const LOG: &str = "session.log";

/// A port that nobody listens on now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

pub(crate) fn start_driver(
    spec: &SessionSpec,
    port: u16,
    display: &Display,
    folder: &Path,
) -> Result<ProcessGroup> {
    let log = File::create(folder.join(LOG))?;
    let output = log.try_clone()?;
    ProcessGroup::spawn("WebKitWebDriver", |command| {
        command
            .arg("--host=127.0.0.1")
            .arg(format!("--port={port}"))
            .stdout(output)
            .stderr(log)
            .env("POSTERN_CONFIG", &spec.config)
            .env("TAURI_WEBVIEW_AUTOMATION", "true");
        windowed(command, display.name(), folder);
    })
    .context("WebKitWebDriver is in the Debian package `webkit2gtk-driver` (cargo xtask setup)")
}

/// The environment of a kiosk in a display of its own: nothing of the desktop reaches it and it
/// leaves nothing in the home folder.
pub(crate) fn windowed(command: &mut Command, display: &str, folder: &Path) {
    command
        .env("DISPLAY", display)
        .env("GDK_BACKEND", "x11")
        .env_remove("WAYLAND_DISPLAY")
        // Software compositing costs more than the kiosk itself where there is no GPU.
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
        .env("NO_AT_BRIDGE", "1")
        .env("GTK_A11Y", "none")
        .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
        .env("NO_COLOR", "1")
        .env("POSTERN_LOG", "info,timeline=debug")
        .env("XDG_DATA_HOME", folder.join("data"))
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("TMPDIR", folder);
}

pub(crate) async fn connect(port: u16, binary: &Path, browser: &Browser) -> Result<Client> {
    let deadline = Instant::now() + patient(DRIVER_START);
    while tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        if Instant::now() > deadline {
            bail!("WebKitWebDriver does not listen");
        }
        sleep(patient(POLL)).await;
    }
    let wanted = json!({
        "browserName": browser.name,
        "webkitgtk:browserOptions": { "binary": binary, "args": browser.arguments },
    });
    let Value::Object(wanted) = wanted else { bail!("capabilities are an object") };
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(wanted);
    let address = format!("http://127.0.0.1:{port}");
    timeout(patient(KIOSK_START), builder.connect(&address))
        .await
        .map_err(|_| anyhow!("no answer within {} s", patient(KIOSK_START).as_secs()))?
        .context("the driver refused the session")
}

/// Returns when the kiosk has ended: the driver would go on waiting for it.
pub(crate) async fn watch(driver: &ProcessGroup, binary: &Path) -> anyhow::Error {
    let start = Instant::now();
    let mut seen = false;
    loop {
        let runs =
            driver.members().iter().any(|process| process.executable().as_deref() == Some(binary));
        if !runs && (seen || start.elapsed() > patient(KIOSK_APPEARS)) {
            return anyhow!("{} has ended", binary.display());
        }
        seen |= runs;
        sleep(Duration::from_millis(50)).await;
    }
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
