//! The statistics: visits of both lanes in the real window, what is counted of them, and what the
//! program publishes.

use walkthrough::Session;

use crate::retention::database;
use crate::support::{Kiosk, codes, expect_refusal, expect_success};
use crate::visits::{SOON, admit_at_desk, open, picture, scan, sign_in, wait_text};

const OFFICER: (u32, &str) = (10, "975318");

/// Makes a visit and measures, from the log of what the window showed, the seconds between the
/// notice and the open gate.
async fn measured(session: &Session, code: &str, face: bool) -> f64 {
    session.wait_screen("attract", SOON).await.unwrap();
    let start = session.timeline().entries().len();
    if face {
        scan(session, code, "consent").await;
        session.click("use-face").await.unwrap();
        session.wait_screen("admit", SOON).await.unwrap();
        session.wait_screen("attract", SOON).await.unwrap();
    } else {
        admit_at_desk(session, code).await;
    }
    let visit = session.timeline().since(start);
    let open =
        |entry: &walkthrough::timeline::Entry| entry.is_screen("admit") && entry.detail == "open";
    visit.first_span(|entry| entry.is_screen("consent"), open).unwrap() / 1_000.0
}

/// How visits ended: lane, outcome and number.
fn counts(kiosk: &Kiosk) -> Vec<(String, String, u32)> {
    let db = database(kiosk);
    let mut statement = db
        .prepare("SELECT lane, outcome, sum(visits) FROM visit_count GROUP BY 1, 2 ORDER BY 1, 2")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The beginnings of the classes that the visits of a lane are in, one for each visit.
fn classes(kiosk: &Kiosk, lane: &str) -> Vec<f64> {
    let db = database(kiosk);
    let sql =
        "SELECT seconds, visits FROM visit_time WHERE lane = ?1 AND decided = 1 ORDER BY seconds";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement
        .query_map([lane], |row| Ok((f64::from(row.get::<_, u32>(0)?), row.get::<_, u32>(1)?)))
        .unwrap();
    rows.map(Result::unwrap).flat_map(|(seconds, visits)| vec![seconds; visits as usize]).collect()
}

/// As if the day were over, and had been so many times as busy.
fn a_day_later(kiosk: &Kiosk, times: u32) {
    let db = database(kiosk);
    for table in ["visit_count", "visit_time"] {
        let sql = format!("UPDATE {table} SET day = date(day, '-1 day'), visits = visits * ?1");
        db.execute(&sql, [times]).unwrap();
    }
}

fn published(kiosk: &Kiosk) -> (String, serde_json::Value) {
    let file = kiosk.folder().join("statistics.json");
    let output = kiosk.run(["statistics".as_ref(), "--json".as_ref(), file.as_os_str()]);
    expect_success(&output);
    let json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    (String::from_utf8(output.stdout).unwrap(), json)
}

#[tokio::test]
async fn c14_c15_c40_c45_l2_the_figures_of_both_lanes_are_those_that_were_measured_outside() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.add_staff("data-protection-officer", OFFICER);
    let session = open(&kiosk).await;
    let mut face = Vec::new();
    for code in [codes::A, codes::A_AGAIN] {
        face.push(measured(&session, code, true).await);
    }
    let mut other = Vec::new();
    for code in [codes::B, codes::EUROPE] {
        other.push(measured(&session, code, false).await);
    }
    // A child, admitted by staff; and somebody of whom nobody knows the age, who walks away.
    scan(&session, codes::CHILD, "staff").await;
    sign_in(&session).await;
    session.click("admit").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    scan(&session, codes::AGELESS, "age").await;
    session.click("stop").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.close().await.unwrap();

    let counted = |lane: &str, outcome: &str| (lane.to_owned(), outcome.to_owned(), 2);
    assert_eq!(counts(&kiosk), [counted("face", "matched"), counted("other_way", "other_way")]);
    for (lane, mut measured) in [("face", face.clone()), ("other_way", other.clone())] {
        measured.sort_by(f64::total_cmp);
        let classes = classes(&kiosk, lane);
        assert_eq!(classes.len(), measured.len());
        for (class, measured) in classes.iter().zip(&measured) {
            // A class is a second wide, and the window shows a moment later what has happened; on a
            // busy machine that is a longer moment.
            let moment = 1.5 + measured / 4.0;
            assert!((measured - class - 0.5).abs() < moment, "{lane}: {class} for {measured}");
        }
    }
    // Of a few visits nothing is said.
    a_day_later(&kiosk, 1);
    let (text, json) = published(&kiosk);
    assert!(text.contains("not enough visits yet") && !text.contains("matched"), "{text}");
    assert_eq!(json["equal_treatment"], serde_json::Value::Null);
    a_day_later(&kiosk, 20);
    let (text, json) = published(&kiosk);
    let treatment = &json["equal_treatment"];
    for (lane, measured) in [("face", &face), ("other_way", &other)] {
        assert_eq!(treatment[lane]["visits"]["at_least"], 40, "{json}");
        let median = treatment[lane]["median_seconds"].as_f64().unwrap();
        let least = measured.iter().copied().fold(f64::MAX, f64::min);
        let moment = 2.0 + least / 4.0;
        assert!((least - median).abs() < moment, "{lane}: {median} for {measured:?}");
    }
    let slower = treatment["other_way_is_slower"] == true;
    assert_eq!(text.contains("SLOWER"), slower, "{text}");
    assert_eq!(slower, treatment["ratio"].as_f64().unwrap() > 1.5);

    // The panel says the same.
    let session = open(&kiosk).await;
    session.click("staff-open").await.unwrap();
    session.wait_screen("staff_sign_in", SOON).await.unwrap();
    session.sign_in(OFFICER.0, OFFICER.1).await.unwrap();
    session.wait_screen("staff_review", SOON).await.unwrap();
    session.click("statistics").await.unwrap();
    wait_text(&session, "平等对待").await;
    picture(&session, "statistics", "panel").await;
    for words in ["至少 40", "比对通过", "人工放行"] {
        wait_text(&session, words).await;
    }
    session.click("language").await.unwrap();
    wait_text(&session, "Equal treatment").await;
    picture(&session, "statistics", "panel-english").await;
    session.close().await.unwrap();
}

#[test]
fn c40_the_days_can_be_chosen_and_bad_ones_are_refused() {
    let kiosk = Kiosk::new("obama2.jpg");
    let run = |arguments: &[&str]| kiosk.run([&["statistics"], arguments].concat());
    let said = expect_refusal(&run(&["--from", "2026-11-09", "--to", "2026-11-05"]));
    assert!(said.contains("--from 2026-11-09 is after --to 2026-11-05"), "{said}");
    expect_refusal(&run(&["--from", "yesterday"]));
    let insert = "INSERT INTO visit_count VALUES (?1, 9, 'face', 'matched', 30, 4102444800000)";
    for day in ["2026-01-05", "2026-01-06"] {
        database(&kiosk).execute(insert, [day]).unwrap();
    }
    // The hour that it is now.
    let present = "INSERT INTO visit_count SELECT date('now', 'localtime'), \
                   strftime('%H', 'now', 'localtime') + 0, 'face', 'kiosk', 77, 4102444800000";
    database(&kiosk).execute(present, []).unwrap();
    let said = |arguments: &[&str]| {
        let output = run(arguments);
        expect_success(&output);
        String::from_utf8(output.stdout).unwrap()
    };
    let all = said(&[]);
    assert!(all.contains("2026-01-05") && all.contains("2026-01-06"), "{all}");
    assert!(!all.contains("77"), "an hour that is not over: {all}");
    let second = said(&["--from", "2026-01-06", "--to", "2026-01-06"]);
    assert!(!second.contains("2026-01-05") && second.contains("matched 30"), "{second}");
}
