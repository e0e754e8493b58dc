//! Badge codes, from a scanner that types and from the camera, in the real window.

use std::path::PathBuf;
use std::time::Duration;

use walkthrough::Session;

use crate::support::{Kiosk, Setup, codes, seal_code};
use crate::visits::{SOON, grey_picture, open, scan, sign_in};

/// Longer than a screen must be shown before a decision on it counts.
const READ: Duration = Duration::from_millis(800);

/// Scans a badge while the button of this action has the focus. Another screen may come after
/// it, so this waits a while.
async fn scan_onto(session: &Session, action: &str) {
    // Without the wait the controller would refuse the decision as too soon.
    tokio::time::sleep(READ).await;
    let focus = format!(
        "const button = document.querySelector('[data-action=\"{action}\"]');
         button.focus();
         return document.activeElement === button;"
    );
    assert_eq!(session.script(&focus).await.unwrap(), true, "{action} has the focus");
    session.type_code_like_scanner(&seal_code(codes::B)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn c03_a_scan_on_the_notice_gives_no_consent() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    for action in ["use-face", "other-way"] {
        scan_onto(&session, action).await;
        assert_eq!(session.screen().unwrap(), "consent", "after a scan onto {action}");
    }
    session.close().await.unwrap();
    assert_eq!(kiosk.store().counts().unwrap().consents, 0);
}

#[tokio::test]
async fn a_scan_presses_no_button_of_staff() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    scan(&session, codes::CHILD, "staff").await;
    for action in ["staff-open", "stop"] {
        scan_onto(&session, action).await;
        assert_eq!(session.screen().unwrap(), "staff", "after a scan onto {action}");
    }
    sign_in(&session).await;
    for action in ["admit", "end-visit"] {
        scan_onto(&session, action).await;
        assert_eq!(session.screen().unwrap(), "staff_review", "after a scan onto {action}");
    }
    session.close().await.unwrap();
    let counts = kiosk.store().counts().unwrap();
    assert_eq!((counts.checkins_staff, counts.outbox), (0, 0));
}

/// A kiosk that also reads codes with the camera.
fn reading_kiosk() -> Kiosk {
    Kiosk::with("obama2.jpg", &Setup { config: "[codes]\ncamera = true\n", ..Setup::default() })
}

/// A picture of a badge's QR code.
fn code_picture(kiosk: &Kiosk) -> PathBuf {
    let picture = kiosk.config().with_file_name("code.png");
    let code = qrcode::QrCode::new(seal_code(codes::A)).unwrap();
    let code = code.render::<image::Luma<u8>>().min_dimensions(400, 400).build();
    let mut page = image::GrayImage::from_pixel(640, 480, image::Luma([255]));
    image::imageops::overlay(&mut page, &code, 100, 30);
    page.save(&picture).unwrap();
    picture
}

#[tokio::test]
async fn the_camera_reads_a_code_when_the_setting_is_on_and_the_screen_says_so() {
    let kiosk = reading_kiosk();
    let picture = code_picture(&kiosk);
    kiosk.replay("obama2.jpg", "absent = true");
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    kiosk.replay(picture.to_str().unwrap(), "");
    session.click("start").await.unwrap();
    session.wait_screen("consent", SOON).await.unwrap();
    session.close().await.unwrap();
}

#[tokio::test]
async fn the_camera_reads_a_code_for_whoever_starts_while_the_last_reader_still_ends() {
    let kiosk = reading_kiosk();
    let picture = code_picture(&kiosk);
    kiosk.replay(&grey_picture(&kiosk), "");
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    let reader = session.worker_pids();
    session.click("start").await.unwrap();
    session.wait_screen("identify", SOON).await.unwrap();
    // A reader that is busy elsewhere when it is asked to end, and is killed for it.
    for pid in &reader {
        let stopped = std::process::Command::new("kill").args(["-STOP", &pid.to_string()]).status();
        assert!(stopped.unwrap().success());
    }
    kiosk.replay(picture.to_str().unwrap(), "");
    // The page itself taps, so that the next visit starts before that, whatever the machine does.
    let again = "const observer = new MutationObserver(() => {
            const start = document.querySelector(\"[data-action='start']\");
            if (start === null) return;
            observer.disconnect();
            start.click();
        });
        observer.observe(document.body, { subtree: true, childList: true });
        document.querySelector(\"[data-action='stop']\").click();";
    session.script(again).await.unwrap();
    session.wait_screen("consent", SOON).await.unwrap();
    session.close().await.unwrap();
}
