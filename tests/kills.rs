//! A worker, the app or its window killed at random moments of a visit: the gate does not open
//! for it, the next visitor is served within seconds, and nothing is left.
//!
//! `POSTERN_KILLS` sets the number (200 for docs/forgetting.md), `POSTERN_SEED` the moments.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use walkthrough::Session;
use walkthrough::processes::Process;
use walkthrough::traces::Trace;

use crate::forgetting::{
    AFTER_ON_A_BUSY_MACHINE, before_the_wall, forgotten, in_files, nobody_before_the_wall, planted,
};
use crate::support::{Kiosk, Setup, kiosk_of, seal_code};
use crate::visits::{SOON, open};

/// How many when nobody says.
const KILLS: u32 = 9;
/// The longest time from a kill to the next visitor's notice, or to a window that shows something.
const SERVED: Duration = Duration::from_secs(5);
/// The same beside other tests.
const SERVED_ON_A_BUSY_MACHINE: Duration = Duration::from_secs(20);
/// A visit with a match lasts about so long under the driver, with somebody who is not there
/// longer: the moments are spread over it.
const VISIT: Duration = Duration::from_millis(3500);

#[derive(Clone, Copy, PartialEq)]
enum Victim {
    Worker,
    App,
    Window,
}

impl fmt::Display for Victim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Worker => "worker",
            Self::App => "app",
            Self::Window => "window",
        })
    }
}

/// What a kill was followed by.
struct Figures {
    victim: Victim,
    /// The screen when it happened.
    screen: String,
    /// Time to the next visitor.
    served: Duration,
}

fn number(variable: &str, usual: u32) -> u32 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Every visit needs a badge that was not used.
fn badge(visit: u32) -> String {
    format!("K7KD92MX40T{visit:05}")
}

/// A kiosk whose roster has so many badges of one person.
fn kiosk(badges: u32) -> Kiosk {
    let mut csv = String::from("code,name,photo,under_14\n");
    for visit in 0..badges {
        csv += &[&seal_code(&badge(visit)), ",Visitor Alpha,obama.jpg,no\n"].concat();
    }
    kiosk_of(&Setup { config: "[limits]\ncapture = 4\n", ..Setup::default() }, &csv)
}

fn gates(session: &Session) -> usize {
    session.log().matches("gate opened").count()
}

/// Goes as far into a visit as it comes, and stays there. What fails here fails because of the
/// kill.
async fn visit(session: &Session, code: &str) {
    let go = async {
        session.type_code_like_scanner(&seal_code(code)).await?;
        session.wait_screen("consent", SOON).await?;
        session.click("use-face").await?;
        session.wait_screen("attract", SOON).await
    };
    drop(go.await);
    std::future::pending::<()>().await;
}

/// Kills it if it lives. A process that is stopped first has certainly not ended by itself.
fn kill_alive(pid: u32) -> bool {
    let signal = |name: &str| {
        Command::new("kill").args([name, &pid.to_string()]).status().is_ok_and(|s| s.success())
    };
    if !signal("-STOP") {
        return false;
    }
    let stat = || fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = |stat: &str| stat.rsplit(')').next().and_then(|rest| rest.trim().chars().next());
    let begun = Instant::now();
    while state(&stat()).is_some_and(|state| !"TtZX".contains(state)) {
        assert!(begun.elapsed() < SOON, "it does not stop");
    }
    let alive = state(&stat()).is_some_and(|state| "Tt".contains(state));
    signal("-KILL");
    alive
}

fn pages(session: &Session) -> Vec<u32> {
    let is_page = |path: PathBuf| path.ends_with("WebKitWebProcess");
    let processes = session.processes().into_iter();
    processes.filter(|p| p.executable().is_some_and(is_page)).map(|p| p.pid).collect()
}

/// A kiosk parts of which are killed.
struct Victims {
    kiosk: Kiosk,
    session: Session,
    traces: Vec<Trace>,
    /// Badge of the next visitor, who only reads the notice.
    next: String,
    /// How often the gate has opened in the sessions before.
    opened: usize,
    with_the_app: usize,
}

impl Victims {
    /// Leads whoever is at the kiosk to the next visitor's notice.
    async fn next_visitor(&self) {
        self.session.wait_any_screen(&["staff", "attract"], SOON).await.unwrap();
        if self.session.screen().unwrap() == "staff" {
            self.session.click("stop").await.unwrap();
        }
        crate::visits::scan(&self.session, &self.next, "consent").await;
    }

    /// The kiosk in another session, as after the start by a supervisor.
    async fn start_anew(&mut self) {
        self.opened += gates(&self.session);
        self.session = open(&self.kiosk).await;
    }

    fn assert_files_are_clean(&self) {
        let found = in_files(&self.kiosk, &self.session, &self.traces);
        assert!(found.is_empty(), "{found:#?}");
    }

    /// `broken`: the time of the kill, if the camera was open; until then another worker serves
    /// the visit, which goes on.
    async fn after_worker(&self, broken: Option<Instant>, gates_before: usize) -> Duration {
        let session = &self.session;
        if session.wait_any_screen(&["staff", "admit", "attract"], SOON).await.unwrap() == "admit" {
            session.wait_screen("attract", SOON).await.unwrap();
        }
        let over = broken.unwrap_or_else(Instant::now);
        self.next_visitor().await;
        let served = over.elapsed();
        assert!(broken.is_none() || gates(session) == gates_before, "admitted all the same");
        session.click("stop").await.unwrap();
        session.wait_screen("attract", SOON).await.unwrap();
        forgotten(&self.kiosk, session, &self.traces, "a killed worker").await;
        served
    }

    async fn after_app(&mut self, at: Instant, family: &[Process]) -> Duration {
        while family.iter().any(|process| process.executable().is_some()) {
            assert!(at.elapsed() < AFTER_ON_A_BUSY_MACHINE, "a process outlives the kiosk");
            sleep(Duration::from_millis(5)).await;
        }
        self.assert_files_are_clean();
        self.start_anew().await;
        self.next_visitor().await;
        at.elapsed()
    }

    async fn after_window(&mut self, at: Instant, hit: bool, family: &[Process]) -> Duration {
        let replaced = |log: &str| log.matches("act=Replace").count();
        let earlier = replaced(&self.session.log());
        while hit && replaced(&self.session.log()) == earlier {
            if self.session.app_pid().is_err() {
                // WebKit ends the app when a page's process dies while it is being made.
                assert!(self.session.log().contains("readPIDFromPeer"), "{}", self.session.log());
                self.with_the_app += 1;
                return self.after_app(at, family).await;
            }
            assert!(at.elapsed() < SERVED_ON_A_BUSY_MACHINE, "{}", self.session.log());
            sleep(Duration::from_millis(5)).await;
        }
        let served = at.elapsed();
        // The visit ends in its own time; before consent nothing is to be forgotten.
        if self.session.screen().unwrap() != "consent" {
            self.session.wait_any_screen(&["staff", "attract"], SOON).await.unwrap();
        }
        forgotten(&self.kiosk, &self.session, &self.traces, "a killed window").await;
        self.start_anew().await;
        served
    }
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures of docs/forgetting.md")]
async fn c04_c24_c26_at_whatever_moment_a_part_is_killed_the_gate_stays_closed_and_nothing_is_left()
{
    let folder = tempfile::tempdir().unwrap();
    let person = before_the_wall("obama2.jpg", folder.path());
    let nobody = nobody_before_the_wall(folder.path());
    let kills = number("POSTERN_KILLS", KILLS);
    let seed = number("POSTERN_SEED", std::process::id());
    println!("{kills} kills, POSTERN_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed.into());
    let kiosk = kiosk(kills + 1);
    let next = badge(kills);
    kiosk.replay(person.to_str().unwrap(), "");
    let traces = planted(&kiosk, &next);
    let session = open(&kiosk).await;
    let mut victims = Victims { kiosk, session, traces, next, opened: 0, with_the_app: 0 };
    let mut figures = Vec::new();
    for round in 0..kills {
        let victim = [Victim::Worker, Victim::App, Victim::Window][round as usize % 3];
        let in_view = if random.bool() { &person } else { &nobody };
        victims.kiosk.replay(in_view.to_str().unwrap(), "");
        let session = &victims.session;
        session.wait_screen("attract", SOON).await.unwrap();
        let (before, moment) = (gates(session), VISIT.mul_f64(random.f64()));
        let (worker, app) = (session.worker_pids(), session.app_pid().unwrap());
        let family = session.processes();
        let strike = async {
            sleep(moment).await;
            let screen = session.screen().unwrap();
            let pids = match victim {
                Victim::Worker => worker,
                Victim::App => vec![app],
                Victim::Window => pages(session),
            };
            let hit = pids.into_iter().filter(|pid| kill_alive(*pid)).count() > 0;
            (screen, hit, Instant::now())
        };
        let code = badge(round);
        let (screen, hit, at) = if victim == Victim::Worker {
            tokio::join!(strike, timeout_visit(session, &code)).0
        } else {
            // The driver takes the end of the window for its own.
            tokio::select! {
                struck = strike => struck,
                () = visit(session, &code) => unreachable!(),
            }
        };
        let with_camera = ["prepare", "capture", "decide"].contains(&screen.as_str());
        let served = match victim {
            Victim::Worker => {
                victims.after_worker((hit && with_camera).then_some(at), before).await
            }
            Victim::App => victims.after_app(at, &family).await,
            Victim::Window => victims.after_window(at, hit, &family).await,
        };
        println!("{round:3} {victim} at {screen} ({moment:.1?}): next after {served:.1?}");
        figures.push(Figures { victim, screen, served });
        if victims.session.screen().unwrap() != "attract" {
            // The screen may end by itself at this moment; the next round waits for its end.
            victims.session.click("stop").await.ok();
        }
    }
    let opened = victims.opened + gates(&victims.session);
    victims.session.close().await.unwrap();
    let admitted = victims.kiosk.store().outbox_pending().unwrap().len();
    println!("{opened} times the gate opened, {admitted} check-ins");
    println!("{} windows took the app with them", victims.with_the_app);
    assert!(opened <= admitted, "the gate opened {opened} times for {admitted} check-ins");
    report(&figures);
}

async fn timeout_visit(session: &Session, code: &str) {
    timeout(SOON, visit_until_it_ends(session, code)).await.ok();
}

/// The same until the visit is over, with whoever should look.
async fn visit_until_it_ends(session: &Session, code: &str) {
    let go = async {
        session.type_code_like_scanner(&seal_code(code)).await?;
        session.wait_any_screen(&["consent", "code_problem"], SOON).await?;
        session.click("use-face").await?;
        session.wait_any_screen(&["staff", "admit"], SOON).await
    };
    drop(go.await);
}

#[expect(clippy::print_stdout, reason = "the figures of docs/forgetting.md")]
fn report(figures: &[Figures]) {
    for victim in [Victim::Worker, Victim::App, Victim::Window] {
        let of: Vec<_> = figures.iter().filter(|f| f.victim == victim).collect();
        let Some(longest) = of.iter().map(|f| f.served).max() else { continue };
        let open = of.iter().filter(|f| ["capture", "decide"].contains(&f.screen.as_str())).count();
        println!(
            "{victim}: {} kills, {open} with the camera open, next visitor after at most {longest:.1?}",
            of.len()
        );
        let limit = if figures.len() > 9 { SERVED } else { SERVED_ON_A_BUSY_MACHINE };
        assert!(longest <= limit, "{victim}: {longest:?}");
    }
}
