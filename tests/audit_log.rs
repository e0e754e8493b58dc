//! The audit log of a real kiosk: what visits and technicians' commands leave in it, and what the
//! program says of a log that somebody has changed.

use std::fs;

use audit::{Actor, Head, Role, What};

use crate::retention::database;
use crate::support::{GUARD, Kiosk, codes, expect_refusal, expect_success};
use crate::visits::{SOON, admit_at_desk, open, scan, wait_text};

const TECHNICIAN: (u32, &str) = (8, "864209");
const OFFICER: (u32, &str) = (10, "975318");

fn verify(kiosk: &Kiosk, heads: Option<&str>) -> Result<String, String> {
    let mut arguments = vec!["audit", "verify"];
    let file = kiosk.folder().join("heads.txt");
    if let Some(heads) = heads {
        fs::write(&file, heads).unwrap();
        arguments.extend(["--heads", file.to_str().unwrap()]);
    }
    let output = kiosk.run(arguments);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { Ok(said) } else { Err(said) }
}

fn head(kiosk: &Kiosk) -> String {
    let output = kiosk.run(["audit", "head"]);
    expect_success(&output);
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn c31_a_kiosks_log_is_whole_after_visits_and_every_change_of_it_is_found() {
    let kiosk = Kiosk::new("obama2.jpg");
    let first = head(&kiosk);
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    admit_at_desk(&session, codes::B).await;
    session.close().await.unwrap();

    let last = head(&kiosk);
    let said = verify(&kiosk, Some(&format!("{first}\n{last}"))).unwrap();
    assert!(said.contains("2 kept heads fit") && said.contains("The log is whole"), "{said}");

    let by_face = What::Admitted { lane: audit::Lane::Face, reason: None };
    let by_staff =
        What::Admitted { lane: audit::Lane::Staff, reason: Some(audit::Reason::OtherWay) };
    let staff = Actor::Staff { number: GUARD.0, role: Some(Role::Supervisor) };
    let log = kiosk.log();
    for (by, what) in [(Actor::Kiosk, by_face), (staff, by_staff), (staff, What::SignedIn)] {
        assert_eq!(log.iter().filter(|e| e.by == by && e.what == what).count(), 1, "{what:?}");
    }
    assert!(log.iter().any(|entry| matches!(entry.what, What::Started { .. })));
    let place = log.iter().position(|entry| entry.what == What::SignedIn).unwrap() as u64 + 1;

    // Whoever has the key of the disk can change the rows, and not the heads that were kept.
    let change = |sql: &str| database(&kiosk).execute(sql, [place.cast_signed()]).unwrap();
    change("UPDATE audit_entry SET line = replace(line, 'supervisor', 'guard') WHERE number = ?1");
    let said = verify(&kiosk, None).unwrap_err();
    assert!(said.contains(&format!("entry {place} was altered")), "{said}");
    // The kiosk finds it at its start, and serves.
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    let begun = std::time::Instant::now();
    while !session.log().contains(&format!("audit log: entry {place} was altered")) {
        assert!(begun.elapsed() < SOON, "{}", session.log());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    session.close().await.unwrap();
    let count = kiosk.log().len() as u64;
    let last = head(&kiosk);
    change("DELETE FROM audit_entry WHERE number >= ?1");
    let said = verify(&kiosk, Some(&last)).unwrap_err();
    assert!(said.contains(&format!("entries {place} to {count} were cut off the end")), "{said}");
    assert!(said.contains(&format!("counts {count} entries")), "{said}");
}

#[tokio::test]
async fn c18_a_technician_at_the_screen_sees_the_kiosk_and_nothing_of_the_visitor() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.add_staff("technician", TECHNICIAN);
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    session.click("staff-open").await.unwrap();
    session.wait_screen("staff_sign_in", SOON).await.unwrap();
    session.sign_in(TECHNICIAN.0, TECHNICIAN.1).await.unwrap();
    session.wait_screen("staff_review", SOON).await.unwrap();
    wait_text(&session, "访客由值守人员或主管接待").await;
    assert!(!session.text().await.unwrap().contains("Alpha"));
    // Whatever is sent from the screen, Rust answers by the role.
    for command in ["staff_admit", "staff_photo"] {
        let call = format!(
            "window.__TAURI_INTERNALS__.invoke('{command}').catch(e => window.refused = e.code)"
        );
        session.script(&call).await.unwrap();
    }
    while session.script("return window.refused ?? ''").await.unwrap() != "not_now" {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    session.click("technician").await.unwrap();
    wait_text(&session, "ciie-sample").await;
    assert_eq!(session.screen().unwrap(), "staff_review");
    session.close().await.unwrap();
    let counts = kiosk.store().counts().unwrap();
    assert_eq!((counts.checkins_staff, counts.checkins_face), (0, 0));
}

#[test]
fn c31_a_replaced_kiosk_does_not_fit_the_heads_of_the_one_before() {
    let [before, after] = [(); 2].map(|()| Kiosk::new("obama2.jpg"));
    let kept = head(&before);
    assert!(verify(&before, Some(&kept)).is_ok());
    let output = {
        fs::write(after.folder().join("heads.txt"), &kept).unwrap();
        let file = after.folder().join("heads.txt");
        after.run(["audit".as_ref(), "verify".as_ref(), "--heads".as_ref(), file.as_os_str()])
    };
    let said = expect_refusal(&output);
    assert!(said.contains("signed by another kiosk"), "{said}");
}

#[test]
fn c19_c31_the_log_is_written_out_for_the_data_protection_officer_only() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.add_staff("data-protection-officer", OFFICER);
    let export = |(number, pin): (u32, &str)| {
        kiosk.run_typing(["audit", "export", "--number", &number.to_string()], pin)
    };
    let said = expect_refusal(&export(GUARD));
    assert!(said.contains("not a data-protection officer"), "{said}");
    let output = export(OFFICER);
    expect_success(&output);
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap();
    assert!(last.contains("log_exported"), "the export is in itself: {last}");
    for secret in ["Visitor", codes::A, OFFICER.1, GUARD.1] {
        assert!(!text.contains(secret), "{secret}");
    }
    // Anybody can follow the chain with another program.
    let lines: Vec<_> = text.lines().collect();
    let file = kiosk.folder().join("line");
    for pair in lines.windows(2) {
        fs::write(&file, format!("{}\n", pair[0])).unwrap();
        let sum = std::process::Command::new("sha256sum").arg(&file).output().unwrap();
        let sum = String::from_utf8(sum.stdout).unwrap();
        assert!(pair[1].contains(&format!("\"previous\":\"{}\"", &sum[..64])), "{}", pair[1]);
    }
    // The head that was printed then is that of the last line.
    let store = kiosk.store();
    let key = note::KioskKey::from_seed(&store.receipt_seed().unwrap());
    let head = Head::open(store.audit_head().unwrap().as_bytes(), key.verifier()).unwrap();
    assert_eq!(head.size, lines.len() as u64);
}

#[test]
fn c31_a_kiosk_with_a_supervisor_takes_no_staff_from_anybody_else() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.add_staff("guard", (9, "135791"));
    let add = |more: &[&str], typed: &str| {
        kiosk.run_typing([&["staff", "add", "--number", "11"], more].concat(), typed)
    };
    let said = expect_refusal(&add(&[], "864213\n"));
    assert!(said.contains("--by"), "{said}");
    let said = expect_refusal(&add(&["--by", "9"], "135791\n864213\n"));
    assert!(said.contains("9 is not a supervisor"), "{said}");
    let remove = |number: &str| {
        kiosk.run_typing(["staff", "remove", "--number", number, "--by", "7"], GUARD.1)
    };
    expect_success(&remove("9"));
    expect_refusal(&remove("9"));
    let told: Vec<_> = kiosk.log().into_iter().map(|entry| (entry.by, entry.what)).collect();
    let supervisor = Actor::Staff { number: 7, role: Some(Role::Supervisor) };
    for (by, what) in [
        (Actor::Console, What::StaffAdded { number: 7, role: Role::Supervisor }),
        (supervisor, What::StaffAdded { number: 9, role: Role::Guard }),
        (supervisor, What::StaffRemoved { number: 9 }),
    ] {
        assert!(told.contains(&(by, what.clone())), "{what:?}");
    }
    assert!(!told.iter().any(|(_, what)| matches!(what, What::StaffAdded { number: 11, .. })));
}
