//! Who is gone at the registration platform, a real pretix, is gone at the kiosk within one round;
//! and the platform keeps the heads of the kiosk's audit log.

use std::time::{Duration, Instant};

use audit::{TombstoneSource, What};
use reqwest::Method;
use serde_json::json;
use store::{DATABASE_FILE, KEY_FILE};
use walkthrough::pretix::{self, Pretix, Ticket};

use crate::platform::{badge, connect, on_the_side, register, roster};
use crate::retention::database;
use crate::support::{
    Kiosk, Setup, bundle, bundle_of, codes, expect_refusal, expect_success, kiosk_of,
    organiser_key, policy, postern,
};
use crate::visits::{SOON, open, scan};

#[path = "../src-tauri/crates/store/src/pages.rs"]
pub(crate) mod pages;

/// The kiosk asks every few seconds; at its start at once.
const ROUND: Duration = Duration::from_secs(90);

/// Waits until the kiosk has been through everything with the platform.
async fn asked(session: &walkthrough::Session) {
    let begun = Instant::now();
    while !session.log().contains("was asked who is gone") {
        assert!(begun.elapsed() < ROUND, "{}", session.log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn locator(kiosk: &Kiosk, ticket: &Ticket) -> seal::Locator {
    let head = kiosk.store().roster().unwrap().unwrap();
    let code = seal::BadgeCode::new(ticket.secret.clone());
    let secret = seal::BadgeSecret::parse(&code, head.code_format).unwrap();
    secret.derive(&head.salt).unwrap().locator
}

fn known(kiosk: &Kiosk, tickets: &[Ticket]) -> Vec<bool> {
    let locators: Vec<_> = tickets.iter().map(|ticket| locator(kiosk, ticket)).collect();
    let store = kiosk.store();
    locators.iter().map(|locator| store.badge(locator).unwrap().is_some()).collect()
}

fn erased(kiosk: &Kiosk) -> usize {
    let by_platform =
        |what: &What| matches!(what, What::Erased { source: TombstoneSource::Platform, .. });
    kiosk.log().iter().filter(|entry| by_platform(&entry.what)).count()
}

/// One position of a ticket's order is cancelled, and the order stays.
async fn cancel_position(pretix: &Pretix, ticket: &Ticket) {
    let orders = format!("/organizers/expo/events/{}/orders/{}/", ticket.event, ticket.order);
    let change = json!({
        "create_positions": [{
            "item": pretix.world().random.catering, "price": "0.00",
            "attendee_name_parts": {"_scheme": "full", "full_name": "Other"},
        }],
        "cancel_positions": [{"position": ticket.position}],
        "send_email": false,
    });
    pretix.call(Method::POST, &format!("{orders}change/"), Some(&change)).await.unwrap();
}

/// The kiosk starts, asks, and ends.
async fn round(kiosk: &Kiosk) {
    let session = open(kiosk).await;
    asked(&session).await;
    session.close().await.unwrap();
}

#[tokio::test]
async fn c35_c36_m55_who_is_cancelled_at_the_platform_is_gone_here_within_one_round() {
    let pretix = pretix::fresh().await.unwrap();
    let tickets = register(&pretix, 4).await;
    let config = format!("[platform]\nevery = 3\n[network]\nallow = ['{}']\n", pretix.base());
    let csv = roster(&tickets);
    let kiosk = kiosk_of(&Setup { config: &config, ..Setup::default() }, &csv);
    connect(&kiosk, &pretix, pretix.base()).await;
    round(&kiosk).await;
    assert_eq!(known(&kiosk, &tickets), [true; 4]);

    pretix.cancel(&tickets[0]).await.unwrap();
    cancel_position(&pretix, &tickets[1]).await;
    // What the disk holds of the first, to be looked for.
    let traces: Vec<Vec<u8>> = {
        let locator = locator(&kiosk, &tickets[0]);
        let sql = "SELECT sealed FROM reference JOIN attendee USING (badge) WHERE locator = ?1";
        let sealed: Vec<u8> =
            database(&kiosk).query_row(sql, [locator.0], |row| row.get(0)).unwrap();
        vec![locator.0.to_vec(), sealed[sealed.len() / 2..][..32].to_vec()]
    };
    let found = |kiosk: &Kiosk| {
        let held = |trace: &Vec<u8>| pages::holds(&kiosk.data_folder(), trace);
        traces.iter().map(held).collect::<Vec<_>>()
    };
    assert_eq!(found(&kiosk), [true, true]);
    let session = open(&kiosk).await;
    asked(&session).await;
    // At the gate the badge is an unknown one; the others are served.
    scan(&session, &badge(2), "consent").await;
    session.click("stop").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    scan(&session, &badge(0), "code_problem").await;
    assert_eq!(session.problem().as_deref(), Some("unknown"));
    session.close().await.unwrap();
    assert_eq!(known(&kiosk, &tickets), [false, false, true, true]);
    assert_eq!(erased(&kiosk), 2);
    assert_eq!(found(&kiosk), [false, false]);

    // The roster of before does not bring them back; an order that is live again there does.
    let old = kiosk.folder().join("old.bundle");
    bundle_of(&csv, &old);
    expect_success(&kiosk.run(["import".as_ref(), old.as_os_str()]));
    assert_eq!(known(&kiosk, &tickets), [true, true, true, true], "it was made later");
    // The platform is asked again from a day before: both go once more.
    round(&kiosk).await;
    assert_eq!(known(&kiosk, &tickets), [false, false, true, true]);
    assert_eq!(erased(&kiosk), 4);
    let path = format!("/organizers/expo/events/random/orders/{}/reactivate/", tickets[0].order);
    pretix.call(Method::POST, &path, Some(&json!({}))).await.unwrap();
    round(&kiosk).await;
    assert_eq!(known(&kiosk, &tickets), [true, false, true, true]);
}

#[test]
fn c35_a_signed_list_removes_its_badges_and_whatever_is_wrong_with_it_removes_nobody() {
    let kiosk = Kiosk::new("obama2.jpg");
    let list = kiosk.folder().join("gone.csv");
    let out = kiosk.folder().join("gone.tombstones");
    let code = crate::support::seal_code(codes::A);
    std::fs::write(&list, format!("code\n{code}\n")).unwrap();
    let make = || {
        postern([
            "tombstones".as_ref(),
            "make".as_ref(),
            "--csv".as_ref(),
            list.as_os_str(),
            "--policy".as_ref(),
            policy().as_os_str(),
            "--key".as_ref(),
            organiser_key().as_os_str(),
            "--out".as_ref(),
            out.as_os_str(),
        ])
    };
    expect_success(&make());
    let import = || kiosk.run(["tombstones".as_ref(), "import".as_ref(), out.as_os_str()]);
    let attendees = || kiosk.store().roster().unwrap().unwrap().attendees;
    let good = std::fs::read(&out).unwrap();
    std::fs::write(&out, &good[..good.len() - 1]).unwrap();
    let said = expect_refusal(&import());
    assert!(said.contains("cut off") && !said.contains(&code), "{said}");
    let before = attendees();
    std::fs::write(&out, &good).unwrap();
    let done = import();
    expect_success(&done);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("1 tombstones; something of 1 badges"), "{said}");
    assert_eq!(attendees(), before - 1);
    let again = kiosk.run(["import".as_ref(), bundle().as_os_str()]);
    expect_success(&again);
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(said.contains("1 of them stay out"), "{said}");
    assert_eq!(attendees(), before - 1);
}

#[tokio::test]
async fn c31_the_platforms_head_shows_a_log_that_was_cut_and_signed_anew_and_another_disk() {
    let pretix = pretix::fresh().await.unwrap();
    let config = format!("[platform]\nevery = 3\n[network]\nallow = ['{}']\n", pretix.base());
    let setup = Setup { config: &config, ..Setup::default() };
    let tickets = register(&pretix, 1).await;
    let kiosk = kiosk_of(&setup, &roster(&tickets));
    connect(&kiosk, &pretix, pretix.base()).await;
    let kept = kiosk.folder().join("before");
    copy(&kiosk.data_folder(), &kept);
    round(&kiosk).await;
    let token = pretix.world().token().to_owned();
    let heads = on_the_side(&kiosk, &["platform", "heads"], &token).await;
    expect_success(&heads);
    let head = String::from_utf8(heads.stdout).unwrap();
    let file = kiosk.folder().join("heads.txt");
    std::fs::write(&file, &head).unwrap();
    let verify = |kiosk: &Kiosk| {
        kiosk.run(["audit".as_ref(), "verify".as_ref(), "--heads".as_ref(), file.as_os_str()])
    };
    let said = verify(&kiosk);
    expect_success(&said);
    assert!(String::from_utf8_lossy(&said.stdout).contains("1 kept heads fit"));

    // Somebody with the database's key puts the log back to before the visit; the kiosk goes on
    // and signs what it writes.
    std::fs::remove_dir_all(kiosk.data_folder()).unwrap();
    copy(&kept, &kiosk.data_folder());
    for _ in 0..3 {
        kiosk.add_staff("guard", (20, "135791"));
        let remove = ["staff", "remove", "--number", "20", "--by", "7"];
        expect_success(&kiosk.run_typing(remove, crate::support::GUARD.1));
    }
    expect_success(&kiosk.run(["audit", "verify"]));
    expect_refusal(&verify(&kiosk));
    let said = String::from_utf8_lossy(&verify(&kiosk).stdout).into_owned();
    assert!(said.contains("does not fit entry") || said.contains("counts"), "{said}");

    // What the kiosk says then takes the place of the last head, and not of those in the log there.
    round(&kiosk).await;
    let kept = pretix.device_updates().unwrap();
    assert_eq!(kept.len(), 2);
    let hash = head.lines().nth(2).unwrap();
    assert!(kept[0].contains(hash) && !kept[1].contains(hash), "{kept:?}");

    // Another disk has another key.
    let other = kiosk_of(&setup, &roster(&tickets));
    let said = expect_refusal(&verify(&other));
    assert!(said.contains("signed by another kiosk"), "{said}");
    // The kiosk's own account may not read what the platform keeps.
    let said = expect_refusal(&on_the_side(&kiosk, &["platform", "heads"], "nobody").await);
    assert!(!said.contains("nobody"), "{said}");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}
