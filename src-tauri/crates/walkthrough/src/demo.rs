//! The demonstration: visits in the real window, a picture of every screen, and a table.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    Session, SessionSpec,
    config::KioskFolder,
    roster::{self, Badge, Roster, Standing},
    timeline::{Entry, Kind, Timeline},
};

/// Time for anything that does not wait for a person.
const SOON: Duration = Duration::from_secs(30);
/// The photograph on the badge of the visitor who comes.
const REFERENCE: &str = "obama.jpg";
/// Another photograph of that visitor: what the camera sees.
const SAME_PERSON: &str = "obama2.jpg";
/// A photograph of someone else.
const OTHER_PERSON: &str = "biden.jpg";
/// Screens at which a visit is over or needs someone.
const ENDS: &[&str] = &["admit", "staff", "denied", "fault", "attract"];

/// What a demonstration needs.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The kiosk's executable.
    pub binary: PathBuf,
    /// Configuration of the prepared kiosk.
    pub config: PathBuf,
    /// The CSV of its roster.
    pub roster: PathBuf,
    /// Folder of the photographs.
    pub pictures: PathBuf,
    /// Folder for the pictures of the screens and the kiosk's copy.
    pub out: PathBuf,
    /// Number and PIN of a member of staff.
    pub staff: (u32, String),
    /// Size of the window in pixels.
    pub size: (u32, u32),
}

/// One visit that was walked.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Who came and what they did.
    pub title: &'static str,
    /// Its screens and inputs.
    pub timeline: Timeline,
}

/// What a demonstration showed.
#[derive(Clone, Debug)]
pub struct Report {
    /// The visits in their order.
    pub visits: Vec<Visit>,
    /// Pictures of the screens, in their order.
    pub pictures: Vec<PathBuf>,
    /// Screens that were gone before the window had drawn them.
    pub unseen: Vec<String>,
}

impl Demo {
    /// Walks all visits. An outcome that is not the expected one is an error.
    pub async fn walk(&self) -> Result<Report> {
        let roster = Roster::read(&self.roster)?;
        let mut same = roster.with_photo(REFERENCE);
        let need =
            "the roster needs two valid badges with the photo obama.jpg and another valid one";
        let (first, second) = (same.next().context(need)?, same.next().context(need)?);
        let third = roster
            .with_standing(Standing::Valid)
            .find(|badge| badge.code != first.code && badge.code != second.code)
            .context(need)?;

        let kiosk = KioskFolder::copy(&self.config, &self.out.join("walk"), None)?;
        kiosk.replay.show(&self.pictures.join(SAME_PERSON))?;
        let mut album = Album::open(&self.out)?;
        let spec =
            SessionSpec { binary: self.binary.clone(), config: kiosk.config, size: self.size };
        let session = Session::start(&spec).await?;
        let mut walk =
            Walk { session, album: &mut album, staff: &self.staff, visits: Vec::new(), start: 0 };
        walk.session.wait_screen("attract", SOON).await?;

        walk.begin().await?;
        walk.a_match(first).await.context("visit 1, a match")?;
        walk.end("1 the badge's holder").await?;

        kiosk.replay.show(&self.pictures.join(OTHER_PERSON))?;
        walk.begin().await?;
        walk.a_stranger(second).await.context("visit 2, another person")?;
        walk.end("2 another person with a badge").await?;

        walk.begin().await?;
        walk.the_other_way(third).await.context("visit 3, the other way")?;
        walk.end("3 the other way").await?;

        walk.begin().await?;
        walk.a_change_of_mind(second).await.context("visit 4, a change of mind")?;
        walk.end("4 a change of mind while the camera opens").await?;

        walk.code_problems(&roster, first).await?;
        let visits = walk.visits;
        walk.session.close().await?;
        Ok(Report { visits, pictures: album.pictures, unseen: album.unseen })
    }
}

/// A walk on its way.
struct Walk<'a> {
    session: Session,
    album: &'a mut Album,
    staff: &'a (u32, String),
    visits: Vec<Visit>,
    /// Length of the timeline when the visit began.
    start: usize,
}

impl Walk<'_> {
    async fn begin(&mut self) -> Result<()> {
        self.start = self.session.timeline().await?.entries().len();
        Ok(())
    }

    /// Notes the visit and goes back to the attract screen.
    async fn end(&mut self, title: &'static str) -> Result<()> {
        let timeline = self.session.timeline().await?.since(self.start);
        self.visits.push(Visit { title, timeline });
        self.back_to_attract().await
    }

    async fn a_match(&mut self, badge: &Badge) -> Result<()> {
        self.shot("attract").await?;
        self.session.click("start").await?;
        self.session.wait_screen("identify", SOON).await?;
        self.shot("identify").await?;
        self.session.click("pad-open").await?;
        self.shot("identify-pad").await?;
        self.session.click("stop").await?;
        self.session.wait_screen("attract", SOON).await?;
        self.scan(badge).await?;
        self.shot("consent").await?;
        self.session.click("language").await?;
        self.shot("consent-english").await?;
        self.session.click("language").await?;
        self.session.click("use-face").await?;
        let end = self.follow(&["admit", "staff"]).await?;
        ensure!(end == "admit", "expected the screen admit, found {end}");
        self.gate_opens().await
    }

    async fn a_stranger(&mut self, badge: &Badge) -> Result<()> {
        self.scan(badge).await?;
        self.session.click("use-face").await?;
        let end = self.follow(ENDS).await?;
        ensure!(end == "staff", "expected the screen staff, found {end}");
        self.staff_signs_in().await?;
        self.session.deny("not_the_holder").await?;
        self.session.wait_screen("denied", SOON).await?;
        self.shot("denied").await
    }

    async fn the_other_way(&mut self, badge: &Badge) -> Result<()> {
        self.scan(badge).await?;
        self.session.click("other-way").await?;
        self.session.wait_screen("staff", SOON).await?;
        self.shot("staff-other-way").await?;
        self.staff_signs_in().await?;
        self.session.click("admit").await?;
        self.session.wait_screen("admit", SOON).await?;
        self.gate_opens().await
    }

    /// The worker is held, so that the screen before the open camera stays long enough to choose.
    async fn a_change_of_mind(&mut self, badge: &Badge) -> Result<()> {
        self.scan(badge).await?;
        self.session.hold_workers();
        let result = async {
            self.session.click("use-face").await?;
            self.session.wait_screen("prepare", SOON).await?;
            self.shot("prepare").await?;
            self.session.click("other-way").await?;
            self.session.wait_screen("staff", SOON).await
        }
        .await;
        self.session.release_workers();
        result
    }

    async fn code_problems(&mut self, roster: &Roster, used: &Badge) -> Result<()> {
        let mut problems = vec![
            ("unknown", roster.unknown_code()),
            ("malformed", roster::mistyped(&roster.unknown_code())),
            ("already_used", used.code.clone()),
        ];
        for (standing, problem) in [
            (Standing::Expired, "expired"),
            (Standing::NotYetValid, "not_yet_valid"),
            (Standing::Blocked, "blocked"),
        ] {
            problems.extend(
                roster.with_standing(standing).next().map(|badge| (problem, badge.code.clone())),
            );
        }
        for (problem, code) in problems {
            self.session.type_code_like_scanner(&code).await?;
            self.session
                .wait_screen("code_problem", SOON)
                .await
                .with_context(|| format!("a code that is {problem}"))?;
            let found = self.session.problem().await?;
            ensure!(
                found.as_deref() == Some(problem),
                "expected the code to be {problem}, found {}",
                found.unwrap_or_default()
            );
            self.shot(&format!("code-{}", problem.replace('_', "-"))).await?;
            self.back_to_attract().await?;
        }
        Ok(())
    }

    /// Scans at the attract screen.
    async fn scan(&mut self, badge: &Badge) -> Result<()> {
        self.session.type_code_like_scanner(&badge.code).await?;
        self.session.wait_screen("consent", SOON).await
    }

    async fn staff_signs_in(&mut self) -> Result<()> {
        self.session.click("staff-open").await?;
        let screen = self.session.wait_any_screen(&["staff_sign_in", "staff_review"], SOON).await?;
        if screen == "staff_sign_in" {
            self.shot("staff-sign-in").await?;
            self.session.sign_in(self.staff.0, &self.staff.1).await?;
            self.session.wait_screen("staff_review", SOON).await?;
        }
        self.shot("staff-review").await
    }

    async fn gate_opens(&mut self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + SOON;
        while !self.session.offers("done").await? {
            ensure!(tokio::time::Instant::now() < deadline, "the gate did not open");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.shot("admit-open").await
    }

    /// Watches the screens go by and takes a picture of each, up to one of `ends`.
    async fn follow(&mut self, ends: &[&str]) -> Result<String> {
        let deadline = tokio::time::Instant::now() + SOON;
        let mut last = "consent".to_owned();
        loop {
            let screen = self.session.screen().await?;
            if screen != last {
                if screen == "capture" {
                    self.first_frames().await?;
                }
                self.shot(&screen).await?;
                last.clone_from(&screen);
            }
            if ends.contains(&screen.as_str()) {
                return Ok(screen);
            }
            ensure!(tokio::time::Instant::now() < deadline, "the visit stays at {screen}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// An open camera shows nothing before its first frames.
    async fn first_frames(&self) -> Result<()> {
        while self.session.frames().await? < 3 && self.session.screen().await? == "capture" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    async fn shot(&mut self, name: &str) -> Result<()> {
        self.album.shot(&self.session, name).await
    }

    /// Leaves any screen by the button that it offers for it.
    async fn back_to_attract(&self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + SOON;
        while self.session.screen().await? != "attract" {
            for action in ["done", "end-visit", "stop"] {
                if self.session.offers(action).await? {
                    self.session.click(action).await?;
                    break;
                }
            }
            ensure!(tokio::time::Instant::now() < deadline, "no way back to the attract screen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

/// Numbered pictures of the screens.
struct Album {
    folder: PathBuf,
    pictures: Vec<PathBuf>,
    unseen: Vec<String>,
}

impl Album {
    /// An empty album: pictures of an earlier walk are removed.
    fn open(folder: &Path) -> Result<Album> {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "png") {
                fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
            }
        }
        Ok(Album { folder: folder.to_owned(), pictures: Vec::new(), unseen: Vec::new() })
    }

    /// Takes a picture once the window has drawn its view; one of each name is enough.
    async fn shot(&mut self, session: &Session, name: &str) -> Result<()> {
        let taken =
            |picture: &PathBuf| picture.to_string_lossy().ends_with(&format!("-{name}.png"));
        if self.pictures.iter().any(taken) {
            return Ok(());
        }
        if !session.settle().await? {
            self.unseen.push(name.to_owned());
            return Ok(());
        }
        let path = self.folder.join(format!("{:02}-{name}.png", self.pictures.len() + 1));
        session.screenshot(&path).await?;
        self.pictures.push(path);
        self.unseen.retain(|unseen| unseen != name);
        Ok(())
    }
}

/// Spans of a visit that its table shows, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spans {
    /// From the scanner's Enter to the notice.
    pub code_to_consent: Option<f64>,
    /// From "use my face" to the open camera.
    pub consent_to_camera: Option<f64>,
    /// From the open camera to its end: enough frames.
    pub capture_to_decision: Option<f64>,
    /// From the outcome to the proof that the worker has ended.
    pub decision_to_discarded: Option<f64>,
    /// From the admission to the gate's answer.
    pub gate: Option<f64>,
}

impl Spans {
    /// Measures them in a visit's timeline.
    pub fn of(visit: &Timeline) -> Spans {
        let screen = |name: &'static str| move |entry: &Entry| entry.is_screen(name);
        let closed = |entry: &Entry| {
            entry.kind == Kind::Screen && !matches!(entry.name.as_str(), "capture" | "prepare")
        };
        let after_discard = |entry: &Entry| {
            entry.kind == Kind::Screen && matches!(entry.name.as_str(), "admit" | "staff")
        };
        let opened = visit.entries().iter().position(screen("capture"));
        Spans {
            code_to_consent: visit.between(|entry| entry.kind == Kind::Key, screen("consent")),
            consent_to_camera: visit.between(|entry| entry.is_click("use-face"), screen("capture")),
            capture_to_decision: opened
                .and_then(|from| visit.since(from).first_span(screen("capture"), closed)),
            decision_to_discarded: visit.between(screen("discard"), after_discard),
            gate: visit.first_span(screen("admit"), |entry| {
                entry.is_screen("admit") && entry.detail == "open"
            }),
        }
    }

    /// The spans with their names, in the order of the visit.
    pub fn named(self) -> [(&'static str, Option<f64>); 5] {
        [
            ("code → consent", self.code_to_consent),
            ("consent → camera", self.consent_to_camera),
            ("capture → decision", self.capture_to_decision),
            ("decision → discarded", self.decision_to_discarded),
            ("admit → gate open", self.gate),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_a_match_are_measured_between_the_right_moments() {
        let entry = |kind, name: &str, detail: &str, at| Entry {
            kind,
            name: name.to_owned(),
            detail: detail.to_owned(),
            at,
        };
        let visit = Timeline::new(vec![
            entry(Kind::Key, "Enter", "", 10.0),
            entry(Kind::Screen, "identify", "", 11.0),
            entry(Kind::Screen, "consent", "", 40.0),
            entry(Kind::Click, "use-face", "", 1000.0),
            entry(Kind::Screen, "prepare", "", 1002.0),
            entry(Kind::Screen, "capture", "", 1100.0),
            entry(Kind::Screen, "capture", "", 1200.0),
            entry(Kind::Screen, "decide", "", 1600.0),
            entry(Kind::Screen, "discard", "", 1700.0),
            entry(Kind::Screen, "admit", "", 1720.0),
            entry(Kind::Screen, "admit", "open", 1750.0),
        ]);
        assert_eq!(
            Spans::of(&visit),
            Spans {
                code_to_consent: Some(30.0),
                consent_to_camera: Some(100.0),
                capture_to_decision: Some(500.0),
                decision_to_discarded: Some(20.0),
                gate: Some(30.0),
            }
        );
        assert_eq!(Spans::of(&Timeline::default()), Spans::default());
    }
}
