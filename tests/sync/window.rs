//! The same in the window: a kiosk that the platform fills, and one that is brought its roster.

use walkthrough::pretix::{self, Attendee};

use super::{jpeg, without_roster};
use crate::platform::{connect, on_the_side};
use crate::support::{Kiosk, Setup, bundle, codes, expect_refusal, expect_success};
use crate::visits::{SOON, open, scan};

#[tokio::test]
async fn a_kiosk_without_a_roster_is_filled_by_the_platform_and_fetches_a_photo_for_whoever_is_here()
 {
    let server = pretix::fresh().await.unwrap();
    let event = &server.world().random;
    let photo = jpeg("obama.jpg");
    let grown =
        Attendee { birthday: Some("1990-02-28"), photo: Some(&photo), ..Attendee::default() };
    let one = server.add(event, &Attendee { name: "One", ..grown }).await.unwrap();
    let config = format!("[network]\nallow = ['{}']\n", server.base());
    let kiosk = without_roster(&config);
    connect(&kiosk, &server, server.base()).await;

    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    let begun = std::time::Instant::now();
    // On a busy machine the photo may come too late for the first scan: then a person is there.
    let screens = ["consent", "staff", "code_problem"];
    while session.scan(&one.secret, &screens, SOON).await.unwrap() != "consent" {
        assert!(begun.elapsed() < SOON * 4, "{}", session.log());
        session.click("stop").await.unwrap();
        session.wait_screen("attract", SOON).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    }
    session.click("use-face").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    // Registered on the spot while the kiosk runs, and known at the first scan: it asks for changes,
    // ten seconds after it did so last, and its photo comes when the badge is here.
    tokio::time::sleep(std::time::Duration::from_secs(11)).await;
    let two = server.add(event, &Attendee { name: "Two", ..grown }).await.unwrap();
    let mut screen = session.scan(&two.secret, &screens, SOON).await.unwrap();
    assert_ne!(screen, "code_problem", "{}", session.log());
    if screen == "staff" {
        session.click("stop").await.unwrap();
        screen = session.scan(&two.secret, &screens, SOON).await.unwrap();
    }
    assert_eq!(screen, "consent", "{}", session.log());
    session.click("use-face").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.close().await.unwrap();
    let head = kiosk.store().roster().unwrap().unwrap();
    assert_eq!((head.attendees, head.references, head.from_platform), (2, 2, true));
    let status = on_the_side(&kiosk, &["platform", "status"], "").await;
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    for line in ["photos to come: 0", "left out: 0", "changes are known up to"] {
        assert!(status.contains(line), "{line}: {status}");
    }
}

#[tokio::test]
async fn a_roster_on_a_stick_is_loaded_while_the_kiosk_runs_and_check_ins_leave_as_signed_notes() {
    let stick = tempfile::tempdir().unwrap();
    let config = format!("[bundle]\nfolder = '{}'\n", stick.path().display());
    let kiosk = Kiosk::bare(&Setup { config: &config, ..Setup::default() });
    kiosk.replay("obama2.jpg", "");
    let nothing = kiosk.run(["platform", "export"]);
    assert!(expect_refusal(&nothing).contains("nothing waits"));
    std::fs::write(stick.path().join("9.bundle"), b"a letter").unwrap();
    std::fs::copy(bundle(), stick.path().join("1.bundle")).unwrap();
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.close().await.unwrap();
    let exported = kiosk.run(["platform", "export"]);
    expect_success(&exported);
    let text = String::from_utf8(exported.stdout).unwrap();
    let key = note::KioskKey::from_seed(&kiosk.store().receipt_seed().unwrap());
    let note = text.trim_end_matches('\n').to_owned() + "\n";
    let opened = note::open(note.as_bytes(), key.verifier()).unwrap();
    assert!(opened.contains("\"kind\":\"check-in\""), "{opened}");
    assert!(!text.contains(codes::A), "{text}");
}
