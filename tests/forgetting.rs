//! What is left of a visitor when the visit is over, however it ended: nothing, in the memory of
//! any process of the kiosk and in any of its files (POLICY.md C04, C07).

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use biometrics::Picture;
use image::{Rgb, RgbImage, imageops};
use seal::{BadgeCode, BadgeSecret, Kind};
use walkthrough::{
    Session,
    mosquitto::Mosquitto,
    traces::{self, Found, Sign, Trace, unit_rows},
};

use crate::{
    relay::{drawn_key, join},
    retention::{Authority, switch_on},
    support::{Kiosk, Setup, codes, expect_success, pictures, seal_code},
    visits::{SOON, capture, open, to_desk, wait_text},
};

/// The wall beside the person: in every frame, at the edge of every aligned face, and the same
/// whether it is moved, turned or scaled.
const WALL: Rgb<u8> = Rgb([37, 171, 201]);
/// How wide the wall is in the photograph of 626 × 1200 pixels, and where the face begins.
const WALL_WIDTH: u32 = 190;
/// Length of a template.
const TEMPLATE: usize = 512;
/// Memory and files must be clean so soon after the end.
const AFTER: Duration = Duration::from_secs(1);
/// The same beside other tests.
pub(crate) const AFTER_ON_A_BUSY_MACHINE: Duration = Duration::from_secs(10);

/// What is searched for in every ending.
pub(crate) fn planted(kiosk: &Kiosk, code: &str) -> Vec<Trace> {
    let [red, green, blue] = WALL.0;
    let photo = certificate_photo(kiosk, code);
    let mut canvas = Vec::new();
    Picture::of_photo(&photo).unwrap().write_canvas(&mut canvas);
    let row = canvas.len() / 2 / 4 * 4;
    let rgba = canvas[row..row + 96].to_vec();
    let bgra = rgba.as_chunks().0.iter().flat_map(|&[r, g, b, a]| [b, g, r, a]).collect();
    let flat = |name, value| Trace { name, sign: Sign::Flat(value) };
    let pixels = |name, colour| Trace { name, sign: Sign::Pixels(colour) };
    let middle = photo.len() / 2;
    vec![
        pixels("frame, RGB", vec![red, green, blue]),
        pixels("frame, RGBA", vec![red, green, blue, 255]),
        pixels("frame, BGRA", vec![blue, green, red, 255]),
        flat("aligned face, green", green),
        flat("aligned face, blue", blue),
        Trace::bytes("certificate photo, file", photo[middle..middle + 48].to_vec()),
        Trace::bytes("certificate photo, RGBA", rgba),
        Trace::bytes("certificate photo, BGRA", bgra),
        Trace::bytes("name", b"Visitor Alpha".to_vec()),
        Trace::bytes("name, UTF-16", "Visitor Alpha".bytes().flat_map(|b| [b, 0]).collect()),
    ]
}

/// The certificate photo as only the badge opens it.
fn certificate_photo(kiosk: &Kiosk, code: &str) -> Vec<u8> {
    let store = kiosk.store();
    let head = store.roster().unwrap().unwrap();
    let code = BadgeCode::new(seal_code(code));
    let keys = BadgeSecret::parse(&code, head.code_format).unwrap().derive(&head.salt).unwrap();
    let sealed = store.reference(&keys.locator).unwrap().unwrap();
    keys.reference.open(&sealed, &keys.locator, Kind::Reference).unwrap().to_vec()
}

/// A photograph with the wall, under its own name.
pub(crate) fn before_the_wall(photograph: &str, folder: &Path) -> PathBuf {
    let mut picture = image::open(pictures().join(photograph)).unwrap().into_rgb8();
    let wall = RgbImage::from_pixel(WALL_WIDTH, picture.height(), WALL);
    imageops::replace(&mut picture, &wall, 0, 0);
    // Without loss, whatever the name says.
    let path = folder.join(photograph);
    picture.write_to(&mut File::create(&path).unwrap(), image::ImageFormat::Png).unwrap();
    path
}

/// A camera that sees the wall and nobody: capture lasts until its time limit.
pub(crate) fn nobody_before_the_wall(folder: &Path) -> PathBuf {
    let mut picture = RgbImage::from_pixel(640, 480, Rgb([90, 90, 90]));
    imageops::replace(&mut picture, &RgbImage::from_pixel(WALL_WIDTH, 480, WALL), 0, 0);
    let path = folder.join("nobody.png");
    picture.save(&path).unwrap();
    path
}

/// Everything that may hold something: the processes, and the files of kiosk and session.
fn search(kiosk: &Kiosk, session: &Session, traces: &[Trace]) -> Found {
    let mut found = traces::in_memory(&session.processes(), traces);
    found.extend(in_files(kiosk, session, traces));
    found
}

/// The camera's pictures are no trace of a visit, and the display is what is being looked at.
pub(crate) fn in_files(kiosk: &Kiosk, session: &Session, traces: &[Trace]) -> Found {
    let mut found = traces::in_files(kiosk.folder(), &["replay"], traces);
    found.extend(traces::in_files(session.folder(), &["Xvfb_screen0"], traces));
    found
}

/// Waits until nothing is left.
#[expect(clippy::print_stdout, reason = "the figures of docs/forgetting.md")]
pub(crate) async fn forgotten(kiosk: &Kiosk, session: &Session, traces: &[Trace], ending: &str) {
    let ended = Instant::now();
    tokio::time::sleep(AFTER).await;
    loop {
        let after = ended.elapsed();
        let found = search(kiosk, session, traces);
        println!("{:4.1} s after {ending}: {} traces", after.as_secs_f64(), found.len());
        if found.is_empty() {
            break;
        }
        assert!(after < AFTER_ON_A_BUSY_MACHINE, "after {ending}: {found:#?}");
    }
}

/// Leaves the staff screen.
async fn leave(session: &Session) {
    session.click("stop").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
}

pub(crate) fn kill(pid: u32) {
    let killed = Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap();
    assert!(killed.success());
}

/// Goes into capture and waits for the second picture; gives the worker.
async fn seen(session: &Session, code: &str) -> Vec<u32> {
    let worker = capture(session, code).await;
    let begun = Instant::now();
    while session.frames().await.unwrap() < 2 {
        assert!(begun.elapsed() < SOON, "no preview");
    }
    worker
}

/// What is found where, by name.
fn places<'a>(found: &'a Found, trace: &str) -> Vec<&'a str> {
    found.keys().filter(|(_, name)| *name == trace).map(|(place, _)| place.as_str()).collect()
}

#[tokio::test]
async fn c04_c07_l3_nothing_is_left_of_a_visit_however_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let person = before_the_wall("obama2.jpg", folder.path());
    let nobody = nobody_before_the_wall(folder.path());
    // As long as the search takes. The kiosks of the venue hear of each other.
    let broker = Mosquitto::start(&["gate-1"]).await.unwrap();
    let config = format!("[limits]\ncapture = 60\n{}", broker.configuration());
    let setup = Setup { config: &config, ..Setup::default() };
    let kiosk = Kiosk::with(person.to_str().unwrap(), &setup);
    join(&kiosk, "gate-1", &drawn_key());
    let mut traces = planted(&kiosk, codes::A);
    let session = open(&kiosk).await;

    // A member of staff looks at name and photo; while they do, both are found.
    to_desk(&session, codes::A).await;
    wait_text(&session, "Visitor Alpha").await;
    let drawn = "return document.querySelector('canvas[data-photo]')?.width ?? 0;";
    let begun = Instant::now();
    while session.script(drawn).await.unwrap().as_u64() == Some(0) {
        assert!(begun.elapsed() < SOON, "no photo");
    }
    let found = search(&kiosk, &session, &traces);
    for trace in ["certificate photo, BGRA", "name"] {
        assert!(places(&found, trace).contains(&"WebKitWebProcess"), "{trace} in {found:#?}");
    }
    session.click("end-visit").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    forgotten(&kiosk, &session, &traces, "a look by staff").await;

    // While the camera is open there is something to be found, or the search would prove nothing.
    // Rows of length one that the worker had before are weights of its networks.
    let rows = |workers: Vec<u32>| -> Vec<_> {
        workers.into_iter().flat_map(|pid| unit_rows(pid, TEMPLATE)).collect()
    };
    let weights = rows(session.worker_pids());
    let worker = seen(&session, codes::A).await;
    let found = loop {
        session.hold_workers();
        let found = search(&kiosk, &session, &traces);
        // On a busy machine, two pictures may be seen before one was compared.
        if !places(&found, "aligned face, green").is_empty() {
            break found;
        }
        assert_eq!(session.screen().unwrap(), "capture");
        session.release_workers();
        tokio::time::sleep(Duration::from_millis(30)).await;
    };
    for (trace, place) in [
        ("frame, RGB", "worker"),
        ("aligned face, green", "worker"),
        ("aligned face, blue", "worker"),
        ("frame, RGB", "postern"),
        ("frame, BGRA", "WebKitWebProcess"),
    ] {
        assert!(places(&found, trace).contains(&place), "{trace} in {place}: {found:#?}");
    }
    let templates: Vec<_> = rows(worker).into_iter().filter(|row| !weights.contains(row)).collect();
    assert!(!templates.is_empty(), "the worker held no template");
    session.release_workers();
    session.wait_any_screen(&["admit", "staff"], SOON).await.unwrap();
    traces.extend(templates.into_iter().map(|row| Trace::bytes("template", row)));
    forgotten(&kiosk, &session, &traces, "a comparison").await;
    if session.screen().unwrap() == "staff" {
        leave(&session).await;
    }

    // Another person's badge.
    seen(&session, codes::B).await;
    session.wait_screen("staff", SOON).await.unwrap();
    forgotten(&kiosk, &session, &traces, "a non-match").await;
    leave(&session).await;

    kiosk.replay(nobody.to_str().unwrap(), "");
    let worker = seen(&session, codes::A_AGAIN).await;
    worker.into_iter().for_each(kill);
    session.wait_screen("staff", SOON).await.unwrap();
    forgotten(&kiosk, &session, &traces, "the worker's death").await;
    leave(&session).await;

    seen(&session, codes::A_AGAIN).await;
    session.click("stop").await.unwrap();
    session.wait_screen("farewell", SOON).await.unwrap();
    forgotten(&kiosk, &session, &traces, "\"stop\"").await;
    // The search takes longer than this screen stays on some machines: it goes by itself.
    session.wait_screen("attract", SOON).await.unwrap();

    kiosk.replay(nobody.to_str().unwrap(), "disconnect_after = 20");
    seen(&session, codes::A_AGAIN).await;
    session.wait_screen("staff", SOON).await.unwrap();
    forgotten(&kiosk, &session, &traces, "a pulled camera").await;
    leave(&session).await;
    session.close().await.unwrap();
}

#[tokio::test]
async fn c04_c07_nothing_is_left_of_who_did_not_move_or_never_came() {
    let folder = tempfile::tempdir().unwrap();
    let person = before_the_wall("obama2.jpg", folder.path());
    let config = "[limits]\ncapture = 5\n[attack]\nchallenge = 'always'\n";
    let kiosk = Kiosk::with(person.to_str().unwrap(), &Setup { config, ..Setup::default() });
    let traces = planted(&kiosk, codes::A);
    let session = open(&kiosk).await;
    for (code, picture, ending) in [
        (codes::A, person, "an unanswered challenge"),
        (codes::B, nobody_before_the_wall(folder.path()), "the time limit"),
    ] {
        kiosk.replay(picture.to_str().unwrap(), "");
        seen(&session, code).await;
        session.wait_screen("staff", SOON).await.unwrap();
        forgotten(&kiosk, &session, &traces, ending).await;
        leave(&session).await;
    }
    session.close().await.unwrap();
}

#[tokio::test]
async fn c04_c07_a_visit_whose_evidence_is_kept_leaves_nothing_that_is_not_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let person = before_the_wall("obama2.jpg", folder.path());
    let authority = Authority::new();
    let (kiosk, _) = authority.kiosk();
    kiosk.replay(person.to_str().unwrap(), "");
    expect_success(&switch_on(&kiosk));
    let mut traces = planted(&kiosk, codes::A);
    traces.push(Trace::bytes("record", br#"{"postern_evidence":1,"#.to_vec()));
    let session = open(&kiosk).await;
    seen(&session, codes::A).await;
    session.wait_screen("admit", SOON).await.unwrap();
    forgotten(&kiosk, &session, &traces, "a match with evidence").await;
    seen(&session, codes::B).await;
    session.wait_screen("staff", SOON).await.unwrap();
    forgotten(&kiosk, &session, &traces, "a non-match with evidence").await;
    leave(&session).await;
    session.close().await.unwrap();
    assert_eq!(kiosk.store().counts().unwrap().evidence, 2);
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures of docs/forgetting.md")]
async fn c04_c24_nothing_is_left_of_a_kiosk_that_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = nobody_before_the_wall(folder.path());
    for all in [false, true] {
        let kiosk = Kiosk::with(nobody.to_str().unwrap(), &Setup::default());
        let traces = planted(&kiosk, codes::A);
        let session = open(&kiosk).await;
        seen(&session, codes::A).await;
        let family = session.processes();
        let app = session.app_pid().unwrap();
        for process in &family {
            if all || process.pid == app {
                kill(process.pid);
            }
        }
        let ended = Instant::now();
        while family.iter().any(|process| process.executable().is_some()) {
            assert!(ended.elapsed() < AFTER_ON_A_BUSY_MACHINE, "a process outlives the kiosk");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let gone = ended.elapsed();
        let found = in_files(&kiosk, &session, &traces);
        assert!(found.is_empty(), "{found:#?}");
        println!("{gone:?} after SIGKILL of {}: nothing", if all { "all" } else { "the app" });
    }
}
