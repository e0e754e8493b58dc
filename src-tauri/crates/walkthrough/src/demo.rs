//! The demonstration: visits in the real window, a picture of every screen, and a table.

mod album;
mod spans;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};

use self::album::Album;
pub use self::spans::Spans;
use crate::{
    Session, SessionSpec,
    config::KioskFolder,
    roster::{self, Badge, Roster, Standing},
    timeline::Timeline,
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

        walk.begin();
        walk.a_match(first).await.context("visit 1, a match")?;
        walk.end("1 the badge's holder").await?;

        kiosk.replay.show(&self.pictures.join(OTHER_PERSON))?;
        walk.begin();
        walk.a_stranger(second).await.context("visit 2, another person")?;
        walk.end("2 another person with a badge").await?;

        walk.begin();
        walk.the_other_way(third).await.context("visit 3, the other way")?;
        walk.end("3 the other way").await?;

        walk.begin();
        walk.a_change_of_mind(second).await.context("visit 4, a change of mind")?;
        walk.end("4 a change of mind while the camera opens").await?;

        if let Some(ageless) = roster.with_standing(Standing::Ageless).next() {
            walk.begin();
            walk.a_child(ageless).await.context("visit 5, a child")?;
            walk.end("5 whoever is below 14").await?;
        }

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
    fn begin(&mut self) {
        self.start = self.session.timeline().entries().len();
    }

    /// Notes the visit and goes back to the attract screen.
    async fn end(&mut self, title: &'static str) -> Result<()> {
        let timeline = self.session.timeline().since(self.start);
        self.visits.push(Visit { title, timeline });
        self.back_to_attract().await
    }

    async fn a_match(&mut self, badge: &Badge) -> Result<()> {
        self.shot("attract").await?;
        self.session.click("policy").await?;
        self.session.wait_screen("policy", SOON).await?;
        self.shot("policy").await?;
        self.session.click("done").await?;
        self.session.wait_screen("attract", SOON).await?;
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

    /// The registration does not say how old the visitor is; a guardian is there.
    async fn a_child(&mut self, badge: &Badge) -> Result<()> {
        self.session.scan(&badge.code, &["age"], SOON).await?;
        self.shot("age").await?;
        self.session.click("age-under_14").await?;
        self.session.wait_screen("staff", SOON).await?;
        self.staff_signs_in().await?;
        self.session.click("guardian").await?;
        self.shot("staff-guardian").await
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
            // A held worker has to be killed, which takes long enough for a picture.
            self.session.wait_any_screen(&["discard", "staff"], SOON).await?;
            self.album.shot(&self.session, "discard", "discard").await?;
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
            let scanned = if problem == "malformed" {
                self.session.type_code_like_scanner(&code).await?;
                self.session.wait_screen("code_problem", SOON).await
            } else {
                self.session.scan(&code, &["code_problem"], SOON).await.map(drop)
            };
            scanned.with_context(|| format!("a code that is {problem}"))?;
            let found = self.session.problem();
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
        self.session.scan(&badge.code, &["consent"], SOON).await.map(drop)
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
            let screen = self.session.screen()?;
            if screen != last {
                // A comparison is over sooner than its screen is looked at, so it is held.
                let held = screen == "capture" && self.first_frame().await?;
                if held {
                    self.session.hold_workers();
                }
                let shot = self.album.shot(&self.session, &screen, &screen).await;
                if held {
                    self.session.release_workers();
                }
                shot?;
                last.clone_from(&screen);
            }
            if ends.contains(&screen.as_str()) {
                return Ok(screen);
            }
            ensure!(tokio::time::Instant::now() < deadline, "the visit stays at {screen}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// An open camera shows nothing before its first frame. False if the screen went before it.
    async fn first_frame(&self) -> Result<bool> {
        while self.session.screen()? == "capture" {
            if self.session.frames().await? > 0 {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(false)
    }

    async fn shot(&mut self, name: &str) -> Result<()> {
        let screen = self.session.screen()?;
        self.album.shot(&self.session, name, &screen).await
    }

    /// Leaves any screen by the button that it offers for it.
    async fn back_to_attract(&self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + SOON;
        while self.session.screen()? != "attract" {
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
