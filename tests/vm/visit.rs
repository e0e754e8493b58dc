//! Whole visits with everything real at once: the window, the worker, and the driver of webcams.
//! Only the light before the lens is drawn: recorded frames of people.
//!
//! `visit.sh` runs [`in_the_guest`] in the guest.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use walkthrough::Session;

use super::guest::Guest;
use crate::{
    support::{Camera, Kiosk, Setup, codes, seal_code},
    visits::{SOON, open},
};

/// Names the folder of a kiosk that is ready for the guest.
const KIOSK: &str = "POSTERN_TEST_KIOSK";
/// Where the guest sees the folder that it shares with the test.
const REPORT: &str = "/mnt/report";

#[test]
#[expect(clippy::print_stdout, reason = "how long each step took in the guest")]
fn c03_c06_c07_c21_a_webcam_opens_after_consent_and_closes_before_the_gate() -> Result<()> {
    // What the guest writes to it stays in the guest.
    let kiosk = Kiosk::with(
        "",
        &Setup {
            camera: Camera::Device,
            config: "[attack]\nchallenge = \"never\"\n[limits]\nprepare = 60\ncapture = 120\n\
                     identify = 300\npass = 30\n",
            ..Setup::default()
        },
    );
    let guest = Guest {
        name: "visit",
        environment: &[(KIOSK, kiosk.folder())],
        script: include_str!("visit.sh"),
        memory: 3072,
        limit: Duration::from_mins(18),
    };
    let cases = guest.run()?;
    let case = &cases["visits"];
    ensure!(case.status == 0, "{}\n{}", case.stdout, case.stderr);
    // Exactly the one test that is meant ran there.
    ensure!(case.stdout.contains("1 passed"), "{case:?}");
    println!("{}", case.stdout);
    Ok(())
}

#[tokio::test]
#[ignore = "run by c03_c06_c07_c21_a_webcam_opens_after_consent_and_closes_before_the_gate"]
async fn in_the_guest() {
    let kiosk = Kiosk::in_folder(env::var_os(KIOSK).unwrap().into());
    let begun = Instant::now();
    plug("holder");
    let session = open(&kiosk).await;
    told("to the first screen", begun);

    let mut visits = 1;
    while !admitted(&session).await {
        visits += 1;
        assert!(visits <= 3, "every visit ends at staff");
    }
    assert_eq!(users(), [0_u32; 0], "the camera is closed before the gate opens");
    picture(&session, "3-admit").await;
    session.wait_screen("attract", SOON).await.unwrap();

    let begun = Instant::now();
    unplug();
    plug("usual");
    // The kiosk sees the new webcam with the next badge, and starts a worker that may open it.
    identify(&session, codes::B).await;
    session.click("stop").await.unwrap();
    identify(&session, codes::B).await;
    session.click("use-face").await.unwrap();
    session.wait_screen("capture", SOON).await.unwrap();
    unplug();
    session.wait_screen("staff", SOON).await.unwrap();
    assert!(session.text().await.unwrap().contains("摄像头"), "words for the visitor");
    told("to the loss of the second webcam", begun);
    picture(&session, "4-pulled").await;
    session.close().await.unwrap();

    let counts = kiosk.store().counts().unwrap();
    assert_eq!((counts.checkins_face, counts.checkins_staff, counts.consents), (1, 0, visits + 1));
}

/// The holder's visit. `false` if it ended at staff: on a busy machine the emulated one may not
/// compare enough frames in time.
async fn admitted(session: &Session) -> bool {
    let begun = Instant::now();
    identify(session, codes::A).await;
    told("to the choice", begun);
    picture(session, "1-consent").await;
    assert_eq!(users(), [0_u32; 0], "the camera is closed before consent");
    let worker = session.worker_pids();
    worker.iter().copied().for_each(prefer);
    session.click("use-face").await.unwrap();
    session.wait_screen("capture", SOON).await.unwrap();
    assert_eq!(users(), worker, "the worker of this visit has the camera, and nobody else");
    picture(session, "2-capture").await;
    let begun = Instant::now();
    let end = session.wait_any_screen(&["admit", "staff"], SOON).await.unwrap();
    told(&format!("from the picture to {end}"), begun);
    if end == "admit" {
        return true;
    }
    session.click("stop").await.unwrap();
    false
}

/// Types a badge's code on the screen. An emulated machine is too slow for a scanner: keys that come
/// late are taken for a person's.
async fn identify(session: &Session, code: &str) {
    session.wait_screen("attract", SOON).await.unwrap();
    rested(session);
    session.click("start").await.unwrap();
    session.wait_screen("identify", SOON).await.unwrap();
    session.pad_code(&seal_code(code)).await.unwrap();
    session.wait_screen("consent", SOON).await.unwrap();
}

/// Puts a webcam into the port, and waits until the system has it.
fn plug(model: &str) {
    fs::write(Path::new(REPORT).join("webcam"), model).unwrap();
    await_cameras(true);
}

fn unplug() {
    fs::write(Path::new(REPORT).join("webcam"), "").unwrap();
    await_cameras(false);
}

fn await_cameras(there: bool) {
    let asked = Instant::now();
    while cameras().is_empty() == there {
        assert!(asked.elapsed() < Duration::from_mins(1), "no camera came, or none went");
        thread::sleep(Duration::from_millis(50));
    }
}

/// The files of the cameras.
fn cameras() -> Vec<PathBuf> {
    let files = fs::read_dir("/dev").unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.display().to_string().starts_with("/dev/video")).collect()
}

/// The processes that have a camera open.
fn users() -> Vec<u32> {
    let mut users = Vec::new();
    for process in fs::read_dir("/proc").unwrap() {
        let process = process.unwrap().path();
        let pid = process.file_name().and_then(|name| name.to_str()).map(str::parse);
        // A process may end while it is looked at.
        if let (Some(Ok(pid)), Ok(open)) = (pid, fs::read_dir(process.join("fd")))
            && open.flatten().any(|file| {
                fs::read_link(file.path())
                    .is_ok_and(|path| path.display().to_string().starts_with("/dev/video"))
            })
        {
            users.push(pid);
        }
    }
    users
}

/// Waits until the warm spare has loaded its models: then it has worked, and does nothing more. On
/// no machine that is not emulated does a visitor come sooner.
fn rested(session: &Session) {
    /// Of a hundredth of a second each.
    const LOADING: u64 = 100;
    let asked = Instant::now();
    let mut before = 0;
    loop {
        let now: u64 = session.worker_pids().into_iter().map(work).sum();
        if now > LOADING && before == now {
            return;
        }
        assert!(asked.elapsed() < Duration::from_mins(6), "the worker does not come to rest");
        before = now;
        thread::sleep(Duration::from_secs(3));
    }
}

/// Lets a process go before all others: painting the preview would take an emulated machine for
/// itself. Threads that it starts later are preferred as well.
fn prefer(pid: u32) {
    for thread in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten() {
        let thread = thread.unwrap().path();
        let mut renice = Command::new("/bin/busybox");
        renice.args(["renice", "-n", "-19", "-p"]).arg(thread.file_name().unwrap());
        // A thread may end in between.
        assert!(renice.status().unwrap().success() || !thread.exists());
    }
}

/// How long a process has worked, in the system's ticks. None that has ended works.
fn work(pid: u32) -> u64 {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return 0 };
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

/// Says how long a step took.
#[expect(clippy::print_stdout, reason = "the guest's report")]
fn told(step: &str, since: Instant) {
    println!("{step}: {:.0} s", since.elapsed().as_secs_f64());
}

async fn picture(session: &Session, name: &str) {
    let screen = session.screen().unwrap();
    session.settle(&screen).await.unwrap();
    session.screenshot(&Path::new(REPORT).join(format!("{name}.png"))).await.unwrap();
}
