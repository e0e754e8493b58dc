//! The platform's last word, in the real window: a badge that another gate has admitted a moment
//! ago comes to a person, who may decide against the platform.

use std::time::{Duration, Instant};

use audit::{Reason, What};
use serde_json::json;
use walkthrough::pretix;

use crate::platform::{badge, connect, register, roster};
use crate::support::{Setup, kiosk_of};
use crate::visits::{SOON, kept, open, to_desk};

#[tokio::test]
async fn c25_a_badge_that_another_gate_has_admitted_comes_to_a_person_who_may_admit_it() {
    let pretix = pretix::fresh().await.unwrap();
    let tickets = register(&pretix, 1).await;
    // On a busy machine the platform's word is waited for.
    let config = format!("[platform]\nwait = 3\n[network]\nallow = ['{}']\n", pretix.base());
    let kiosk = kiosk_of(&Setup { config: &config, ..Setup::default() }, &roster(&tickets));
    connect(&kiosk, &pretix, pretix.base()).await;
    let session = open(&kiosk).await;
    let begun = Instant::now();
    while !session.log().contains("was asked who is gone") {
        assert!(begun.elapsed() < SOON, "{}", session.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Another gate, as the organiser's own programs see it.
    let event = &pretix.world().random;
    let other = json!({
        "lists": [event.entrance], "secret": tickets[0].secret, "source_type": "barcode",
        "type": "entry", "nonce": "another gate",
    });
    let path = "/organizers/expo/checkinrpc/redeem/";
    pretix.call(reqwest::Method::POST, path, Some(&other)).await.unwrap();

    to_desk(&session, &badge(0)).await;
    session.click("admit").await.unwrap();
    // Refused: the desk stays, and says why.
    let begun = Instant::now();
    while !session.text().await.unwrap().contains("此证件已签到") {
        assert!(begun.elapsed() < SOON, "{}", session.text().await.unwrap());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    session.screenshot(&kept("outbox").join("refused.png")).await.unwrap();
    session.wait_screen("staff_review", SOON).await.unwrap();
    // A second press, once it has been read.
    tokio::time::sleep(Duration::from_secs(1)).await;
    session.click("admit").await.unwrap();
    session.wait_any_screen(&["admit", "attract"], SOON).await.unwrap();

    let begun = Instant::now();
    let held = loop {
        let held = pretix.check_ins(event).await.unwrap();
        if held.len() >= 3 {
            break held;
        }
        assert!(begun.elapsed() < SOON, "{held:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    session.close().await.unwrap();
    let words: Vec<_> = held.iter().map(|scan| (scan.successful, &scan.error_reason)).collect();
    let used = Some("already_redeemed".to_owned());
    assert_eq!(words, [(true, &None), (false, &used), (true, &None)]);
    let log: Vec<_> = kiosk.log().into_iter().map(|entry| (entry.by, entry.what)).collect();
    let refused = log.iter().position(|(_, what)| matches!(what, What::RefusedByPlatform { .. }));
    let admitted = log.iter().rposition(|(by, what)| {
        let reason = Some(Reason::CodeAlreadyUsed);
        matches!(by, audit::Actor::Staff { .. })
            && matches!(what, What::Admitted { reason: of, .. } if *of == reason)
    });
    assert!(refused.is_some() && refused < admitted, "{log:?}");
}
