//! The receipt: from the screen to whoever checks it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use walkthrough::{Session, SessionSpec};

use crate::support::{Kiosk, POSTERN, codes, expect_refusal, expect_success, postern};
use crate::visits::{SOON, capture, grey_picture, open, scan, sign_in};

/// The kiosk's key, as its technician publishes it.
pub(crate) fn key(kiosk: &Kiosk) -> String {
    let printed = kiosk.run(["receipt", "key"]);
    expect_success(&printed);
    String::from_utf8(printed.stdout).unwrap().trim().to_owned()
}

/// Asks for the receipt on the present screen and reads it from a picture of the display.
pub(crate) async fn take(kiosk: &Kiosk, session: &Session, screen: &str) -> String {
    session.click("receipt").await.unwrap();
    let started = std::time::Instant::now();
    loop {
        assert!(started.elapsed() < SOON, "no receipt can be read on the screen");
        assert_eq!(session.screen().unwrap(), screen);
        let picture = kiosk.folder().join("receipt.png");
        session.screenshot(&picture).await.unwrap();
        if let Some(text) = scanned(&picture) {
            return text;
        }
    }
}

/// What a telephone reads in a picture.
fn scanned(picture: &Path) -> Option<String> {
    let mut picture = rqrr::PreparedImage::prepare(image::open(picture).unwrap().to_luma8());
    picture.detect_grids().first()?.decode().ok().map(|(_, text)| text)
}

/// Checks a receipt on standard input, as on any other machine.
fn verify(receipt: &[u8], key: &str) -> Output {
    let mut child = Command::new(POSTERN)
        .args(["receipt", "verify", "--key", key])
        .env_remove("POSTERN_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(receipt).unwrap();
    child.wait_with_output().unwrap()
}

/// What `verify` prints of a valid receipt.
pub(crate) fn facts(receipt: &str, key: &str) -> String {
    let output = verify(receipt.as_bytes(), key);
    expect_success(&output);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("\nvalid"), "{printed}");
    printed
}

#[tokio::test]
async fn c37_a_visitor_takes_a_receipt_from_the_screen_and_anybody_checks_it() {
    let kiosk = Kiosk::new("obama2.jpg");
    let key = key(&kiosk);
    let spec = SessionSpec { binary: POSTERN.into(), config: kiosk.config(), size: (1080, 1920) };
    let session = Session::start(&spec).await.unwrap();
    scan(&session, codes::A, "consent").await;
    let before = jiff::Timestamp::now();
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    let after = jiff::Timestamp::now();
    let receipt = take(&kiosk, &session, "admit").await;
    let running = expect_refusal(&kiosk.run(["receipt", "key"]));
    assert!(running.contains("end the kiosk first"), "{running}");

    // The visitor still sees the way, and the gate's time is over without taking it away.
    assert!(session.text().await.unwrap().contains("请通行"));
    tokio::time::sleep(std::time::Duration::from_secs(9)).await;
    assert_eq!(session.screen().unwrap(), "admit");
    session.click("done").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    let page = session.script("return document.documentElement.outerHTML").await.unwrap();
    assert!(!page.as_str().unwrap().contains("data-receipt"));
    let log = session.log();
    for word in ["receipt 1", "— postern", "admitted"] {
        assert!(!log.contains(word), "the log says {word}");
    }
    session.close().await.unwrap();

    // On paper.
    let file = kiosk.folder().join("receipt.txt");
    std::fs::write(&file, &receipt).unwrap();
    let verified = postern([
        "receipt".as_ref(),
        "verify".as_ref(),
        file.as_os_str(),
        "--key".as_ref(),
        key.as_ref(),
    ]);
    expect_success(&verified);
    let printed = String::from_utf8(verified.stdout).unwrap();
    let (text, _) = receipt.split_once("\n\n").unwrap();
    assert!(printed.starts_with(text) && printed.contains("valid"), "{printed}");
    let text = text.to_lowercase();
    for fact in ["lane: 人脸 face", "outcome: 已放行 admitted", "policy version: 1.0"] {
        assert!(text.contains(fact), "{text}");
    }
    let (_, discarded) = receipt.split_once("discarded ").unwrap();
    let discarded: jiff::Timestamp = discarded.split_once('\n').unwrap().0.parse().unwrap();
    let second = jiff::SignedDuration::from_secs(1);
    assert!((before - second..=after).contains(&discarded), "{discarded} from {before} to {after}");
    for word in ["alpha", "visitor", &codes::A.to_lowercase(), "score", "match", "0."] {
        assert!(!text.contains(word), "the receipt says {word}: {text}");
    }
}

#[tokio::test]
async fn c37_c38_a_receipt_of_a_visit_at_the_desk_says_who_decided_and_nothing_of_the_comparison() {
    let kiosk = Kiosk::new("biden.jpg");
    let key = key(&kiosk);
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    let waiting = facts(&take(&kiosk, &session, "staff").await, &key);
    assert!(waiting.contains("无结果，已转人工 no result, passed to staff"), "{waiting}");
    assert!(waiting.contains("已清除 discarded "), "{waiting}");
    session.click("done").await.unwrap();
    sign_in(&session).await;
    session.deny("not_the_holder").await.unwrap();
    session.wait_screen("denied", SOON).await.unwrap();
    let denied = facts(&take(&kiosk, &session, "denied").await, &key);
    assert!(denied.contains("工作人员未放行 refused by staff"), "{denied}");
    session.click("done").await.unwrap();

    // Without a comparison.
    scan(&session, codes::B, "consent").await;
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    let other = facts(&take(&kiosk, &session, "staff").await, &key);
    assert!(other.contains("人脸数据 face data: 未采集 not taken"), "{other}");
    session.close().await.unwrap();
}

#[tokio::test]
async fn c26_c37_whoever_stops_takes_a_receipt_that_the_face_data_are_gone() {
    let kiosk = Kiosk::new("obama2.jpg");
    let key = key(&kiosk);
    // Nobody is in front of the camera, so that there is time to stop.
    kiosk.replay(&grey_picture(&kiosk), "");
    let session = open(&kiosk).await;
    capture(&session, codes::A).await;
    session.click("stop").await.unwrap();
    session.wait_screen("farewell", SOON).await.unwrap();
    let stopped = facts(&take(&kiosk, &session, "farewell").await, &key);
    assert!(stopped.contains("结果 outcome: 本人停止 stopped by the visitor"), "{stopped}");
    assert!(stopped.contains("人脸数据 face data: 已清除 discarded "), "{stopped}");
    session.close().await.unwrap();
}

#[test]
fn a_receipt_that_was_changed_or_that_another_kiosk_signed_is_refused_with_the_reason() {
    // From the receipts of another implementation.
    let vectors = include_str!("../src-tauri/crates/receipt/tests/vectors/receipts.txt");
    let [(key, receipt), (other, _)] = [0, 1].map(|n| {
        let vector = vectors.split("====\n").nth(n).unwrap();
        let (_, rest) = vector.split_once('\n').unwrap();
        rest.split_once('\n').unwrap()
    });
    facts(receipt, key);
    // A telephone's text without the end of its last line.
    facts(receipt.trim_end(), key);
    for (changed, key, word) in [
        (receipt.replace("09:41:07", "09:41:08"), key, "something was changed"),
        (receipt.replace("admitted", "admittee"), key, "something was changed"),
        (receipt.to_owned(), other, "another kiosk"),
        (receipt.replace('\n', "\r\n"), key, "carriage returns"),
        (format!("{receipt}x\n"), key, "after the signature"),
        (String::new(), key, "no signature"),
        ("x".repeat(5_000), key, "longer than any note"),
        (receipt.to_owned(), "postern-56475aa7", "verifier key"),
    ] {
        let output = verify(changed.as_bytes(), key);
        assert!(output.stdout.is_empty(), "nothing of it is printed");
        let refusal = expect_refusal(&output);
        assert!(refusal.contains(word), "{refusal}");
    }
    let missing = postern(["receipt", "verify", "/nowhere/receipt", "--key", key]);
    assert!(expect_refusal(&missing).contains("cannot be read"));
}
