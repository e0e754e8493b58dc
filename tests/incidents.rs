//! Incidents with personal data: recorded by taps in the real window, and at the command line.

use std::time::{Duration, Instant};

use audit::{Actor, Role, What};
use walkthrough::Session;

use crate::retention::database;
use crate::support::{GUARD, Kiosk, codes, expect_refusal, expect_success};
use crate::visits::{SOON, kept, open, picture, scan, wait_text};

const OTHER_GUARD: (u32, &str) = (9, "135791");
const OFFICER: (u32, &str) = (10, "975318");

/// Taps what a choice names.
async fn choose(session: &Session, choice: &str) {
    let selector = format!("[data-choice=\"{choice}\"]");
    let started = Instant::now();
    let tap = format!(
        "const e = document.querySelector('{selector}'); if (e && !e.disabled) {{ e.click(); return true }} return false"
    );
    while session.script(&tap).await.unwrap() != true {
        assert!(started.elapsed() < SOON, "no {choice} on the screen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn desk(session: &Session, (number, pin): (u32, &str)) {
    session.click("staff-open").await.unwrap();
    session.wait_screen("staff_sign_in", SOON).await.unwrap();
    session.sign_in(number, pin).await.unwrap();
    session.wait_screen("staff_review", SOON).await.unwrap();
    session.click("incident").await.unwrap();
}

#[tokio::test]
async fn c32_m53_a_guard_records_an_incident_by_taps_in_under_two_minutes() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.add_staff("guard", OTHER_GUARD);
    let session = open(&kiosk).await;
    // A visit, whose badge is affected.
    scan(&session, codes::A, "consent").await;
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    session.click("stop").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();

    let begun = Instant::now();
    desk(&session, OTHER_GUARD).await;
    choose(&session, "kind-device_lost").await;
    wait_text(&session, "一律按重大事件处理").await;
    picture(&session, "incidents", "class").await;
    session.click("incident-next").await.unwrap();
    choose(&session, "discovered-60").await;
    choose(&session, "since-240").await;
    picture(&session, "incidents", "when").await;
    session.click("incident-next").await.unwrap();
    choose(&session, "measure-out_of_service").await;
    picture(&session, "incidents", "measures").await;
    session.click("incident-next").await.unwrap();
    choose(&session, "advice-keep_badge").await;
    picture(&session, "incidents", "advice").await;
    session.click("incident-record").await.unwrap();
    wait_text(&session, "已记录，编号 1").await;
    let taken = begun.elapsed();
    picture(&session, "incidents", "recorded").await;
    assert!(taken < Duration::from_mins(2), "it took {taken:?}");
    let text = session.text().await.unwrap();
    assert!(text.contains("还剩 70 小时 59 分") || text.contains("还剩 71 小时 0 分"), "{text}");
    session.close().await.unwrap();

    let guard = Actor::Staff { number: OTHER_GUARD.0, role: Some(Role::Guard) };
    let recorded = What::IncidentRecorded { number: 1, major: true };
    assert!(kiosk.log().iter().any(|entry| entry.by == guard && entry.what == recorded));
    let incidents = kiosk.store().incidents().unwrap();
    let [incident] = incidents.as_slice() else { panic!("{incidents:?}") };
    assert_eq!((incident.kind.word(), incident.staff), ("device_lost", OTHER_GUARD.0));
    assert_eq!((incident.affected.badges, incident.affected.attendees), (1, 10));
    let span = incident.discovered.duration_since(incident.since);
    assert_eq!(span, jiff::SignedDuration::from_hours(4));

    // Three days later it is overdue, and not only in another colour.
    let db = database(&kiosk);
    db.execute_batch("DROP TRIGGER incident_stays").unwrap();
    let later = "UPDATE incident SET discovered_at = discovered_at - 72 * 3600 * 1000, \
                 since_at = since_at - 72 * 3600 * 1000";
    db.execute(later, []).unwrap();
    drop(db);
    let session = open(&kiosk).await;
    desk(&session, GUARD).await;
    wait_text(&session, "⚠ 已逾期 1 小时").await;
    session.click("language").await.unwrap();
    wait_text(&session, "OVERDUE for 1 h").await;
    picture(&session, "incidents", "overdue-english").await;
    session.close().await.unwrap();
}

#[test]
fn c32_m53_an_incident_is_recorded_followed_exported_and_closed_at_the_command_line() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.add_staff("guard", OTHER_GUARD);
    kiosk.add_staff("data-protection-officer", OFFICER);
    let run =
        |arguments: &[&str], pin: &str| kiosk.run_typing([&["incident"], arguments].concat(), pin);
    let said = |output: &std::process::Output| {
        expect_success(output);
        String::from_utf8(output.stdout.clone()).unwrap()
    };
    assert!(said(&run(&["list"], "")).contains("No incident was recorded"));
    let record = |more: &[&str]| {
        run(
            &[&["record", "--kind", "shown_to_bystander", "--by", "9"], more].concat(),
            OTHER_GUARD.1,
        )
    };
    // Bad input is refused with its reason, and nothing is recorded.
    for (more, word) in [
        (&["--discovered", "2098-01-01 00:00"][..], "not in the future"),
        (
            &["--discovered", "2026-01-01 00:00", "--since", "2026-01-02 00:00"],
            "before it is discovered",
        ),
        (&["--note", "call 13800138000"], "names nobody"),
        (&["--measure", "prayed"], "possible values"),
    ] {
        let refused = expect_refusal(&record(more));
        assert!(refused.contains(word), "{refused}");
    }
    assert!(expect_refusal(&run(&["show", "1"], "")).contains("there is no incident 1"));
    let text = said(&record(&["--note", "The screen faced <the> queue & was turned"]));
    assert!(text.contains("open, not major") && text.contains("10 attendees"), "{text}");
    // What comes to it later is another version.
    let update = [
        "update",
        "1",
        "--major",
        "--measure",
        "officer_told",
        "--advice",
        "use_your_rights",
        "--by",
        "9",
    ];
    let text = said(&run(&update, OTHER_GUARD.1));
    assert!(text.contains("version 2") && text.contains("71 h 59 min left"), "{text}");
    // The report is for a supervisor or the officer to hand out.
    let out = kiosk.folder().join("report.html");
    let export =
        |by: &str, pin| run(&["export", "1", "--out", out.to_str().unwrap(), "--by", by], pin);
    assert!(expect_refusal(&export("9", OTHER_GUARD.1)).contains("9 may not do this"));
    assert!(!out.exists());
    said(&export("10", OFFICER.1));
    let page = std::fs::read_to_string(&out).unwrap();
    std::fs::write(kept("incidents").join("report.html"), &page).unwrap();
    for words in [
        "旁人看到访客信息",
        "Data shown to a bystander",
        "重大事件",
        "已告知个人信息保护负责人",
        "You may see, correct or delete your data: contact us",
        "The screen faced &lt;the&gt; queue &amp; was turned",
        "+86-21-968888",
        "示例国际进口展览会",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("Visitor") && !page.contains("<the>"));
    let close = |by: &str, pin| run(&["close", "1", "--by", by], pin);
    assert!(expect_refusal(&close("9", OTHER_GUARD.1)).contains("9 may not do this"));
    assert!(said(&close("7", GUARD.1)).contains("closed"));
    assert!(expect_refusal(&close("7", GUARD.1)).contains("incident 1 is closed"));
    let shown = said(&run(&["show", "1"], ""));
    assert!(shown.contains("Version 3") && shown.contains("by supervisor 7, closed"), "{shown}");
    let told: Vec<_> = kiosk.log().into_iter().map(|entry| entry.what).collect();
    for what in [
        What::IncidentRecorded { number: 1, major: false },
        What::IncidentUpdated { number: 1, major: true },
        What::IncidentExported { number: 1 },
        What::IncidentClosed { number: 1 },
    ] {
        assert_eq!(told.iter().filter(|told| **told == what).count(), 1, "{what:?}");
    }
}
