//! Speed and memory of the whole kiosk, seen from outside.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    Session, SessionSpec,
    config::KioskFolder,
    demo::Spans,
    display::Display,
    driver::windowed,
    memory::Memory,
    processes::{ProcessGroup, descendants},
    roster::Roster,
};

/// Starts of which the median counts.
const STARTS: usize = 5;
/// Time for one start.
const START: Duration = Duration::from_mins(1);
/// Time for a screen.
const SOON: Duration = Duration::from_secs(30);
/// How long preview frames are counted.
const PREVIEW: Duration = Duration::from_secs(5);
/// How long the idle kiosk rests before its memory is read.
const REST: Duration = Duration::from_secs(3);
/// Time limit for the open camera, in seconds: longer than the preview is watched.
const CAPTURE: u32 = 15;
/// The word in the kiosk's log before the milliseconds from its start to its first picture.
const PAINTED: &str = "attract_painted_ms=";

/// What a measurement needs.
#[derive(Clone, Debug)]
pub struct Bench {
    /// The kiosk's executable: the release build.
    pub binary: PathBuf,
    /// Configuration of the prepared kiosk.
    pub config: PathBuf,
    /// The CSV of its roster.
    pub roster: PathBuf,
    /// Folder of the photographs.
    pub pictures: PathBuf,
    /// Folder for the kiosk's copy.
    pub out: PathBuf,
    /// Size of the window in pixels.
    pub size: (u32, u32),
}

/// Figures by name. The unit is part of the name.
pub type Figures = BTreeMap<String, f64>;

impl Bench {
    /// Measures everything.
    pub async fn measure(&self) -> Result<Figures> {
        let mut figures = Figures::new();
        self.cold_start(&mut figures)?;
        self.window(&mut figures).await?;
        Ok(figures)
    }

    fn cold_start(&self, figures: &mut Figures) -> Result<()> {
        let kiosk = KioskFolder::copy(&self.config, &self.out.join("bench"), None)?;
        kiosk.replay.show(&self.pictures.join("obama2.jpg"))?;
        let mut times = Vec::new();
        for _ in 0..STARTS {
            times.push(start_once(&self.binary, &kiosk.config, self.size)?);
        }
        times.sort_by(f64::total_cmp);
        figures.insert("cold_start_ms".to_owned(), times[STARTS / 2]);
        figures.insert("cold_start_ms_max".to_owned(), times[STARTS - 1]);
        Ok(())
    }

    async fn window(&self, figures: &mut Figures) -> Result<()> {
        let roster = Roster::read(&self.roster)?;
        let badge =
            roster.with_photo("obama.jpg").next().context("no valid badge with obama.jpg")?;
        let kiosk = KioskFolder::copy(&self.config, &self.out.join("bench"), Some(CAPTURE))?;
        let person = self.pictures.join("obama2.jpg");
        kiosk.replay.show_together(&person, &self.pictures.join("biden.jpg"))?;
        let spec =
            SessionSpec { binary: self.binary.clone(), config: kiosk.config, size: self.size };
        let session = Session::start(&spec).await?;
        session.wait_screen("attract", SOON).await?;
        tokio::time::sleep(REST).await;
        note_memory(figures, "_attract", session.memory());

        // Two people at once: the camera stays open.
        session.scan(&badge.code, &["consent"], SOON).await?;
        session.click("use-face").await?;
        session.wait_screen("capture", SOON).await?;
        let (mut last, mut memory) = (0, Memory::default());
        while last == 0 {
            last = session.frames().await?;
        }
        let (first, begin) = (last, Instant::now());
        while begin.elapsed() < PREVIEW {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let screen = session.screen()?;
            ensure!(screen == "capture", "the preview was watched, and \"{screen}\" followed");
            last = session.frames().await?;
            memory = memory.max(session.memory());
        }
        let fps = (last - first) as f64 / begin.elapsed().as_secs_f64();
        figures.insert("preview_fps".to_owned(), fps);
        note_memory(figures, "", memory);
        session.click("stop").await?;
        session.wait_screen("farewell", SOON).await?;
        session.click("done").await?;
        session.wait_screen("attract", SOON).await?;

        kiosk.replay.show(&person)?;
        let start = session.timeline().entries().len();
        session.scan(&badge.code, &["consent"], SOON).await?;
        session.click("use-face").await?;
        session.wait_screen("admit", SOON).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let spans = Spans::of(&session.timeline().since(start));
        for (name, span) in [
            ("visit_code_to_consent_ms", spans.code_to_consent),
            ("visit_consent_to_camera_ms", spans.consent_to_camera),
            ("visit_capture_to_decision_ms", spans.capture_to_decision),
            ("visit_decision_to_discarded_ms", spans.decision_to_discarded),
            ("visit_gate_ms", spans.gate),
        ] {
            figures.extend(span.map(|span| (name.to_owned(), span)));
        }
        session.close().await
    }
}

fn note_memory(figures: &mut Figures, when: &str, memory: Memory) {
    figures.insert(format!("resident_mib{when}"), memory.proportional_mib());
    figures.insert(format!("resident_rss_mib{when}"), memory.resident_mib());
    figures.insert(format!("processes{when}"), memory.processes as f64);
}

/// Starts the kiosk in an empty display and returns the milliseconds until it had drawn its first
/// screen, by its own clock from the start of its process.
fn start_once(binary: &Path, config: &Path, size: (u32, u32)) -> Result<f64> {
    let folder = tempfile::Builder::new().prefix("postern-start-").tempdir()?;
    let display = Display::start(size, folder.path())?;
    let path = folder.path().join("kiosk.log");
    let log = File::create(&path)?;
    let output = log.try_clone()?;
    let program = binary.to_str().context("the kiosk's path is not a text")?;
    let group = ProcessGroup::spawn(program, |command| {
        command.stdout(output).stderr(log).env("POSTERN_CONFIG", config);
        windowed(command, display.name(), folder.path());
    })?;
    let deadline = Instant::now() + START;
    loop {
        let text = fs::read_to_string(&path).unwrap_or_default();
        if let Some(time) = painted(&text) {
            return Ok(time);
        }
        if Instant::now() > deadline || descendants(group.id()).is_empty() {
            bail!("the kiosk's log has no {PAINTED}…:\n{text}");
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The milliseconds from a log, which may carry colours.
fn painted(log: &str) -> Option<f64> {
    let mut plain = String::new();
    let mut parts = log.split('\u{1b}');
    plain.push_str(parts.next()?);
    for part in parts {
        // A colour ends with its first letter.
        plain.push_str(
            part.split_once(|symbol: char| symbol.is_ascii_alphabetic())
                .map_or("", |(_, rest)| rest),
        );
    }
    let (_, rest) = plain.split_once(PAINTED)?;
    let number: String =
        rest.chars().take_while(|symbol| symbol.is_ascii_digit() || *symbol == '.').collect();
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_found_with_and_without_colours() {
        assert_eq!(painted("INFO postern: screens painted attract_painted_ms=412"), Some(412.0));
        let coloured = "\u{1b}[32m INFO\u{1b}[0m painted \u{1b}[3mattract_painted_ms\u{1b}[0m\u{1b}[2m=\u{1b}[0m412\n";
        assert_eq!(painted(coloured), Some(412.0));
        assert_eq!(painted("INFO nothing"), None);
    }
}
