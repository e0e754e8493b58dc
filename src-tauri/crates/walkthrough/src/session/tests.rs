//! The driver against a real `WebKitGTK` window with a page that keeps the screens' contract.

use super::*;
use crate::processes::living;

/// The browser of the `WebKitGTK` library itself, which `WebKitWebDriver` drives by default.
fn mini_browser() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().flatten();
    folders
        .map(|folder| folder.path().join("webkit2gtk-4.1/MiniBrowser"))
        .find(|path| path.exists())
        .unwrap()
}

async fn open_page(size: (u32, u32)) -> Session {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/session/page.html");
    let browser = Browser {
        name: "MiniBrowser",
        arguments: ["--automation", "--enable-write-console-messages-to-stdout=true"]
            .map(str::to_owned)
            .into(),
        page: Some(format!("file://{}", page.display())),
    };
    let spec = SessionSpec { binary: mini_browser(), config: PathBuf::from("/nonexistent"), size };
    Session::start_browser(&spec, &browser).await.unwrap()
}

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
#[ignore = "the plain browser writes its console to no log under automation"]
async fn a_visit_is_driven_by_scanner_pad_and_buttons_and_nothing_stays_alive() {
    let session = open_page((800, 1000)).await;
    assert_eq!(session.screen().unwrap(), "attract");
    assert!(session.text().await.unwrap().contains("Welcome"));
    assert!(session.offers("start").await.unwrap());
    assert!(!session.offers("use-face").await.unwrap());

    session.click("start").await.unwrap();
    session.type_code_like_scanner("A8").await.unwrap();
    session.wait_screen("code_problem", SOON).await.unwrap();
    assert_eq!(session.problem().as_deref(), Some("unknown"));

    session.script("show('identify')").await.unwrap();
    assert_eq!(session.problem(), None);
    session.pad_code("A-7").await.unwrap();
    session.wait_screen("consent", SOON).await.unwrap();

    let before = session.timeline().entries().len();
    session.script("show('identify')").await.unwrap();
    session.type_code_like_scanner("A7").await.unwrap();
    session.wait_screen("consent", SOON).await.unwrap();
    session.click("use-face").await.unwrap();
    session.wait_screen("capture", SOON).await.unwrap();
    while session.frames().await.unwrap() < 3 {
        sleep(patient(POLL)).await;
    }
    let visit = session.timeline().since(before);
    assert_eq!(visit.screens(), ["identify", "consent", "capture"]);
    let opened = visit
        .between(|entry| entry.is_request("consent"), |entry| entry.is_screen("capture"))
        .unwrap();
    assert!((90.0..2000.0).contains(&opened), "the page waits 100 ms, measured {opened}");

    assert!(session.settle("capture").await.unwrap(), "the page stays as it is");
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("capture.png");
    session.screenshot(&picture).await.unwrap();
    let picture = image::open(&picture).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (800, 1000));
    let white = picture.pixels().filter(|pixel| pixel.0 == [255; 3]).count();
    assert!(white > 800 * 1000 / 2, "the page is white and fills the display");

    assert!(
        living(session.group()).iter().any(|process| process.pid == session.app_pid().unwrap())
    );
    assert!(session.memory().processes >= 2, "the browser and its web process");
    let group = session.group();
    let family = living(group);
    drop(session);
    let alive: Vec<_> = family.iter().filter(|process| process.executable().is_some()).collect();
    assert!(alive.is_empty(), "still alive: {alive:?}");
    assert_eq!(living(group), []);
}

#[tokio::test]
#[ignore = "the plain browser writes its console to no log under automation"]
async fn staff_sign_in_fills_both_fields() {
    let session = open_page((600, 800)).await;
    session.sign_in(7, "4712").await.unwrap();
    assert_eq!(session.screen().unwrap(), "staff_sign_in", "the page refuses a wrong PIN");
    session.sign_in(7, "4711").await.unwrap();
    session.wait_screen("staff_review", SOON).await.unwrap();
    let error = session.wait_screen("admit", Duration::from_millis(50)).await.unwrap_err();
    assert!(error.to_string().contains("still shows staff_review"));
    session.close().await.unwrap();
}

#[tokio::test]
async fn a_program_that_opens_no_window_is_reported_with_its_log() {
    let spec = SessionSpec {
        binary: PathBuf::from("/bin/false"),
        config: PathBuf::from("/nonexistent"),
        size: (600, 800),
    };
    let error = Session::start(&spec).await.err().unwrap();
    assert!(format!("{error:#}").contains("/false has ended"), "{error:#}");
}
