//! One kiosk, driven through `WebDriver`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use fantoccini::{
    Client, Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
    error::CmdError,
    key::Key,
};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    display::Display,
    driver::{Browser, LOG, connect, free_port, start_driver, tail, watch},
    memory::Memory,
    patience::patient,
    processes::{self, Process, ProcessGroup, descendants},
    timeline::Timeline,
};

/// Buttons that decide: the kiosk ignores them until their screen can have been read.
const DECISIONS: [&str; 7] =
    ["age-from_14", "age-under_14", "use-face", "other-way", "admit", "deny", "end-visit"];
/// How long that is, and a little more.
const READING: Duration = Duration::from_millis(700);
/// Pause between two looks at the window.
pub(crate) const POLL: Duration = Duration::from_millis(10);
/// Time for the kiosk to show its first screen; generous, because several may start at once.
pub(crate) const KIOSK_START: Duration = Duration::from_mins(1);
/// Time for the window to draw a view; three frames at 30 a second.
const DRAWN: Duration = Duration::from_millis(100);
/// Time for a button or a field to become usable.
const ELEMENT: Duration = Duration::from_secs(10);

/// What to start.
#[derive(Clone, Debug)]
pub struct SessionSpec {
    /// The kiosk's executable, built with `custom-protocol`.
    pub binary: PathBuf,
    /// The kiosk's configuration file, given to it as `POSTERN_CONFIG`.
    pub config: PathBuf,
    /// Width and height of the display and the window in pixels.
    pub size: (u32, u32),
}

/// A running kiosk in a display of its own. Dropped, everything that it started has ended.
pub struct Session {
    binary: PathBuf,
    client: Client,
    driver: ProcessGroup,
    // Fields are dropped in this order: the driver's group ends before its display and folder.
    display: Display,
    folder: TempDir,
}

impl Session {
    /// Starts the display, the driver and the kiosk, and waits for the first screen.
    pub async fn start(spec: &SessionSpec) -> Result<Session> {
        Session::start_through(spec, &spec.binary).await
    }

    /// The same through another program, which prepares the kiosk's place and becomes the kiosk.
    pub async fn start_through(spec: &SessionSpec, launcher: &Path) -> Result<Session> {
        let browser = &Browser { name: "wry", arguments: Vec::new(), page: None };
        let binary = fs::canonicalize(&spec.binary)
            .with_context(|| format!("no kiosk at {}", spec.binary.display()))?;
        let folder = tempfile::Builder::new().prefix("postern-session-").tempdir()?;
        let display = Display::start(spec.size, folder.path())?;
        let port = free_port()?;
        let driver = start_driver(spec, port, &display, folder.path())?;
        let log = folder.path().join(LOG);
        let client = tokio::select! {
            client = connect(port, launcher, browser) => client,
            ended = watch(&driver, &binary) => Err(ended),
        };
        let client = client.with_context(|| {
            format!("the window did not open; the log ends with:\n{}", tail(&log))
        })?;
        let session = Session { binary, client, driver, display, folder };
        session.first_screen(browser, spec.size).await.with_context(|| {
            format!("the window shows no screen; the log ends with:\n{}", tail(&log))
        })?;
        Ok(session)
    }

    async fn first_screen(&self, browser: &Browser, size: (u32, u32)) -> Result<()> {
        if let Some(page) = &browser.page {
            self.client.goto(page).await?;
        }
        // Without a window manager nothing else makes the window as large as the display.
        self.client.set_window_rect(0, 0, size.0, size.1).await?;
        let deadline = Instant::now() + patient(KIOSK_START);
        while self.timeline().last_screen().is_none() {
            if Instant::now() > deadline {
                bail!("no screen after {} s", patient(KIOSK_START).as_secs());
            }
            sleep(patient(POLL)).await;
        }
        Ok(())
    }

    /// The name of the screen that the window shows.
    pub fn screen(&self) -> Result<String> {
        let timeline = self.timeline();
        let shown = timeline.last_screen().context("the window shows no screen")?;
        Ok(shown.name.clone())
    }

    /// The badge code's problem that the window shows, if any.
    pub fn problem(&self) -> Option<String> {
        let timeline = self.timeline();
        let shown = timeline.last_screen().filter(|shown| shown.name == "code_problem")?;
        Some(shown.detail.clone())
    }

    /// How many preview frames were drawn since the camera was opened; 0 without a preview.
    pub async fn frames(&self) -> Result<u64> {
        let script =
            "return Number(document.querySelector('[data-preview]')?.dataset.frames ?? 0);";
        self.script(script).await?.as_u64().context("data-frames is not a number")
    }

    /// Waits until the window shows the screen `name`.
    pub async fn wait_screen(&self, name: &str, limit: Duration) -> Result<()> {
        self.wait_any_screen(&[name], limit).await.map(drop)
    }

    /// Waits until the window shows one of these screens, and says which.
    pub async fn wait_any_screen(&self, names: &[&str], limit: Duration) -> Result<String> {
        let deadline = Instant::now() + patient(limit);
        loop {
            let screen = self.screen()?;
            if names.contains(&screen.as_str()) {
                return Ok(screen);
            }
            if Instant::now() > deadline {
                bail!(
                    "waited {:.1} s for the screen {}, the window still shows {screen}, after {}",
                    patient(limit).as_secs_f64(),
                    names.join(" or "),
                    self.timeline().screens().join(", "),
                );
            }
            sleep(patient(POLL)).await;
        }
    }

    /// True when the window has a usable button with this `data-action`.
    pub async fn offers(&self, action: &str) -> Result<bool> {
        let selector = format!("[data-action=\"{action}\"]:not([disabled])");
        let found = self.in_front(async |client| client.find_all(Locator::Css(&selector)).await);
        Ok(!found.await?.is_empty())
    }

    /// Presses the button with this `data-action`.
    pub async fn click(&self, action: &str) -> Result<()> {
        if DECISIONS.contains(&action) || action.starts_with("request-") {
            sleep(READING).await;
        }
        self.press(&format!("[data-action=\"{action}\"]:not([disabled])")).await
    }

    /// Scans a badge at the attract screen, waits for one of these screens, and says which;
    /// `code_problem` counts with any problem but a malformed code. On a busy machine keys come
    /// late, and the kiosk takes some for a person's: then it is scanned again, as a visitor would.
    pub async fn scan(&self, code: &str, screens: &[&str], within: Duration) -> Result<String> {
        let deadline = Instant::now() + patient(within);
        loop {
            self.wait_screen("attract", within).await?;
            self.type_code_like_scanner(code).await?;
            let any = [screens, &["code_problem"]].concat();
            let shown = self.wait_any_screen(&any, within).await?;
            let malformed = self.problem().as_deref() == Some("malformed");
            if screens.contains(&shown.as_str()) && !malformed {
                return Ok(shown);
            }
            ensure!(malformed && Instant::now() < deadline, "the code leads to {shown}");
            self.click("stop").await?;
        }
    }

    /// Types a badge code and Enter as a keyboard-wedge scanner does: key events to the window,
    /// whatever has the focus.
    pub async fn type_code_like_scanner(&self, code: &str) -> Result<()> {
        let mut keys = KeyActions::new("scanner".to_owned());
        for value in code.chars().chain([char::from(Key::Enter)]) {
            keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        let typed = self.in_front(async |client| client.perform_actions(keys.clone()).await);
        typed.await.context("typing the code")
    }

    /// Types a badge code on the on-screen pad; separators are left out, as the pad has none.
    pub async fn pad_code(&self, code: &str) -> Result<()> {
        self.click("pad-open").await?;
        for symbol in code.chars().filter(|symbol| !matches!(symbol, '-' | ' ')) {
            let key = symbol.to_ascii_uppercase();
            self.press(&format!("[data-key=\"{key}\"]")).await?;
        }
        self.click("pad-submit").await
    }

    /// Fills the input with this `data-field`.
    pub async fn fill(&self, field: &str, text: &str) -> Result<()> {
        let input = self.usable(&format!("[data-field=\"{field}\"]")).await?;
        input.clear().await?;
        input.send_keys(text).await.with_context(|| format!("filling {field}"))
    }

    /// Signs a member of staff in. A wrong PIN is not an error: look at the screen.
    pub async fn sign_in(&self, number: u32, pin: &str) -> Result<()> {
        if self.screen()? != "staff_sign_in" {
            self.click("staff-open").await?;
        }
        self.fill("number", &number.to_string()).await?;
        self.fill("pin", pin).await?;
        self.click("sign-in").await
    }

    /// As a signed-in member of staff, denies entry for a reason (`data-reason`).
    pub async fn deny(&self, reason: &str) -> Result<()> {
        self.press(&format!("[data-reason=\"{reason}\"]")).await?;
        self.click("deny").await
    }

    /// Saves what the display shows as PNG. The window draws a new view a moment after it has it:
    /// see [`Session::settle`].
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        let picture = self.display.picture()?;
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || {
            picture.save(&path).with_context(|| format!("writing {}", path.display()))
        })
        .await?
    }

    /// Waits until the window has drawn the screen of this name. False when another screen came
    /// first.
    pub async fn settle(&self, screen: &str) -> Result<bool> {
        if self.screen()? != screen {
            return Ok(false);
        }
        // The certificate photo comes a moment after its place.
        let begun = Instant::now();
        while self.photo_to_come().await? && begun.elapsed() < patient(ELEMENT) {
            sleep(patient(POLL)).await;
        }
        sleep(patient(DRAWN)).await;
        Ok(self.screen()? == screen)
    }

    async fn photo_to_come(&self) -> Result<bool> {
        let empty = "return document.querySelector('canvas[data-photo][width=\"0\"]') !== null";
        Ok(self.script(empty).await?.as_bool() == Some(true))
    }

    /// Stops the workers where they are, as a machine that is busy elsewhere would: for a look at
    /// screens that wait for them.
    pub fn hold_workers(&self) {
        for pid in self.worker_pids() {
            processes::signal(pid, Signal::STOP);
        }
    }

    /// Lets held workers go on.
    pub fn release_workers(&self) {
        for pid in self.worker_pids() {
            processes::signal(pid, Signal::CONT);
        }
    }

    /// All words that the window shows.
    pub async fn text(&self) -> Result<String> {
        let text = self.script("return document.body.innerText;").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Runs JavaScript in the page as the body of a function, and returns what it returns.
    pub async fn script(&self, body: &str) -> Result<Value> {
        let result = self.in_front(async |client| client.execute(body, Vec::new()).await);
        result.await.context("running a script in the window")
    }

    /// Runs a command of the driver in the window that is in front: since the last command,
    /// another may have taken its place.
    async fn in_front<T>(
        &self,
        command: impl AsyncFn(&Client) -> Result<T, CmdError>,
    ) -> Result<T, CmdError> {
        let deadline = Instant::now() + patient(ELEMENT);
        loop {
            let error = match command(&self.client).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            // A window that goes while it is asked answers with any error.
            let gone = self.client.window().await.is_err_and(|error| error.is_no_such_window());
            if Instant::now() > deadline || !(gone || error.is_no_such_window()) {
                return Err(error);
            }
            if let Some(window) = self.client.windows().await?.pop() {
                // It may be gone as well by now.
                self.client.switch_to_window(window).await.ok();
            }
        }
    }

    /// What the window has done since it opened.
    pub fn timeline(&self) -> Timeline {
        Timeline::in_log(&self.log())
    }

    /// Process id of the kiosk itself (not its worker, not its web processes).
    pub fn app_pid(&self) -> Result<u32> {
        self.find_process(|arguments| arguments.get(1).is_none_or(|first| first != "biometrics"))
            .context("the kiosk is not running")
    }

    /// Process ids of the living biometrics workers, the warm spare included.
    pub fn worker_pids(&self) -> Vec<u32> {
        self.kiosk_processes()
            .into_iter()
            .filter(|process| process.arguments().get(1).is_some_and(|first| first == "biometrics"))
            .map(|process| process.pid)
            .collect()
    }

    /// Memory of the kiosk, its workers and its web processes; the driver is left out.
    pub fn memory(&self) -> Memory {
        Memory::of(self.processes().iter().map(|process| process.pid))
    }

    /// Number of the process group that the driver leads, for [`crate::processes::living`].
    pub fn group(&self) -> u32 {
        self.driver.id()
    }

    /// Folder of what kiosk and driver leave: temporary files, caches, the log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the kiosk and the driver have logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join(LOG)).unwrap_or_default()
    }

    /// Closes the window in good order: the kiosk can finish what it is doing. Dropping a
    /// session without this kills it.
    pub async fn close(self) -> Result<()> {
        timeout(Duration::from_secs(10), self.client.clone().close())
            .await
            .context("the window does not close")?
            .context("closing the window")
    }

    /// The kiosk and all that it started: its workers and its web processes.
    pub fn processes(&self) -> Vec<Process> {
        self.app_pid().map(descendants).unwrap_or_default()
    }

    fn kiosk_processes(&self) -> Vec<Process> {
        let members = self.driver.members();
        members
            .into_iter()
            .filter(|process| process.executable().as_ref() == Some(&self.binary))
            .collect()
    }

    fn find_process(&self, wanted: impl Fn(&[String]) -> bool) -> Option<u32> {
        let mut processes = self.kiosk_processes().into_iter();
        processes.find(|process| wanted(&process.arguments())).map(|process| process.pid)
    }

    /// Presses the first element that matches. The window may replace it at any moment (a new
    /// view draws it anew), so a lost element is looked for again.
    async fn press(&self, selector: &str) -> Result<()> {
        let deadline = Instant::now() + patient(ELEMENT);
        loop {
            let result = self.usable(selector).await?.click().await;
            match result {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(anyhow!(error).context(format!("pressing {selector}")));
                }
                Err(_) => sleep(patient(POLL)).await,
            }
        }
    }

    /// Waits for a visible element.
    async fn usable(&self, selector: &str) -> Result<Element> {
        let deadline = Instant::now() + patient(ELEMENT);
        loop {
            let found = self.in_front(async |client| client.find_all(Locator::Css(selector)).await);
            for element in found.await? {
                if element.is_displayed().await.unwrap_or(false) {
                    return Ok(element);
                }
            }
            if Instant::now() > deadline {
                let screen = self.screen().unwrap_or_default();
                bail!("the screen {screen} has no visible {selector}");
            }
            sleep(patient(POLL)).await;
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests;
