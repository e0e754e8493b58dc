//! What the kiosk keeps and writes of people: of everything that an organiser's list says, only
//! what a gate needs comes in, and nothing readable of that is in the database, the logs and the
//! diagnostics of a full run (POLICY.md C17, C19, C27).

use std::fs;
use std::process::Output;

use data_encoding::{BASE64, HEXLOWER};
use rusqlite::types::ValueRef;
use walkthrough::traces::{self, Trace};

use crate::retention::database;
use crate::support::{Kiosk, Setup, bundle, codes, expect_success, making_bundle_of, seal_code};
use crate::visits::{SOON, open, scan, sign_in, wait_text};

/// What the list says of one visitor; the gate needs the first three.
const NAME: &str = "Planted Ouyang-Lindqvist";
const DOCUMENT: &str = "E98765432";
const OTHERS: [(&str, &str); 6] = [
    ("document", DOCUMENT),
    ("phone", "+8613812345678"),
    ("email", "ouyang.lindqvist@planted.test"),
    ("company", "Planted Imports Limited"),
    ("address", "17 Planted Road, Qingpu"),
    ("birthday", "1987-03-29"),
];
const OFFICER: (u32, &str) = (10, "909091");
const TECHNICIAN: (u32, &str) = (11, "808081");

/// All of it, however it may be written.
fn planted() -> Vec<Trace> {
    let codes = [seal_code(codes::A), seal_code(codes::B)];
    let texts = OTHERS.iter().map(|(_, value)| (*value).to_owned());
    let texts: Vec<String> = texts.chain([NAME.to_owned()]).chain(codes).collect();
    let mut traces = Vec::new();
    for text in texts {
        let bytes = text.as_bytes();
        traces.push(Trace::bytes("as it is", bytes.to_vec()));
        traces.push(Trace::bytes("in capitals", text.to_uppercase().into_bytes()));
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        traces.push(Trace::bytes("in UTF-16", wide));
        traces.push(Trace::bytes("in hexadecimal", HEXLOWER.encode(bytes).into_bytes()));
        for skip in 0..3 {
            let encoded = BASE64.encode(&bytes[skip..]);
            let whole = encoded.len() / 4 * 4 - 4;
            traces.push(Trace::bytes("in base64", encoded.as_bytes()[..whole].to_vec()));
        }
    }
    traces
}

fn list() -> String {
    let columns: Vec<&str> = OTHERS.iter().map(|(column, _)| *column).collect();
    let values: Vec<String> = OTHERS.iter().map(|(_, value)| format!("\"{value}\"")).collect();
    let mut csv = format!("code,name,photo,under_14,{}\n", columns.join(","));
    for (code, photo) in [(codes::A, "obama.jpg"), (codes::B, "biden.jpg")] {
        csv += &[&seal_code(code), NAME, photo, "no", &values.join(",")].join(",");
        csv.push('\n');
    }
    csv
}

/// Everything that the database holds, as whoever has its key reads it.
fn opened(kiosk: &Kiosk) -> Vec<u8> {
    let db = database(kiosk);
    let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut bytes = Vec::new();
    for table in tables {
        let mut statement = db.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                if let ValueRef::Text(value) | ValueRef::Blob(value) = row.get_ref(column).unwrap()
                {
                    bytes.extend_from_slice(value);
                    bytes.push(b'\n');
                }
            }
        }
    }
    bytes
}

/// The traces in these bytes.
fn found(bytes: &[u8], traces: &[Trace]) -> Vec<&'static str> {
    traces.iter().filter(|trace| trace.is_in(bytes)).map(|trace| trace.name).collect()
}

fn said(output: &Output) -> Vec<u8> {
    expect_success(output);
    [output.stdout.as_slice(), &output.stderr].concat()
}

/// A match, another way that staff admit, and another person whom they refuse.
async fn day(kiosk: &Kiosk) -> Vec<u8> {
    let session = open(kiosk).await;
    scan(&session, codes::B, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    sign_in(&session).await;
    // It did come in: staff see it, sealed by the badge until then.
    wait_text(&session, NAME).await;
    session.deny("not_the_holder").await.unwrap();
    session.wait_screen("denied", SOON).await.unwrap();
    session.click("done").await.unwrap();
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    scan(&session, codes::B, "consent").await;
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    // What a technician sees of the kiosk in the middle of it.
    session.click("staff-open").await.unwrap();
    session.wait_screen("staff_sign_in", SOON).await.unwrap();
    session.sign_in(TECHNICIAN.0, TECHNICIAN.1).await.unwrap();
    session.wait_screen("staff_review", SOON).await.unwrap();
    session.click("technician").await.unwrap();
    wait_text(&session, "ciie-sample").await;
    let panel = session.text().await.unwrap();
    session.click("sign-out").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    sign_in(&session).await;
    session.click("admit").await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    let log = session.log();
    assert!(log.contains("screens painted"), "{log}");
    session.close().await.unwrap();
    [panel, log].concat().into_bytes()
}

#[tokio::test]
async fn c17_c19_c27_m48_m49_m53_of_a_full_run_nothing_readable_of_a_person_is_left_anywhere() {
    let out = tempfile::tempdir().unwrap();
    let bundle = out.path().join("roster.bundle");
    let made = said(&making_bundle_of(&list(), &bundle));
    assert!(String::from_utf8_lossy(&made).contains("document"), "what was dropped is named");
    let kiosk = Kiosk::bare(&Setup::default());
    let imported = said(&kiosk.run(["import".as_ref(), bundle.as_os_str()]));
    kiosk.add_guard();
    kiosk.add_staff("data-protection-officer", OFFICER);
    kiosk.add_staff("technician", TECHNICIAN);
    kiosk.replay("obama2.jpg", "");
    let traces = planted();

    // The search finds what is there.
    assert!(found(list().as_bytes(), &traces).len() >= 8);

    let shown = day(&kiosk).await;
    let officer = OFFICER.0.to_string();
    let mut places: Vec<(&str, Vec<u8>)> = vec![
        ("the making of the bundle", made),
        ("the import", imported),
        ("the panel and the log", shown),
        ("the opened database", opened(&kiosk)),
        (
            "the exported audit log",
            said(&kiosk.run_typing(["audit", "export", "--number", &officer], OFFICER.1)),
        ),
    ];
    for command in [
        &["audit", "verify"][..],
        &["audit", "head"],
        &["receipt", "key"],
        &["clock"],
        &["inventory"],
    ] {
        places.push((command[0], said(&kiosk.run(command))));
    }
    for (place, bytes) in places {
        assert_eq!(found(&bytes, &traces), [""; 0], "in {place}");
    }
    let in_files = traces::in_files(kiosk.folder(), &["replay"], &traces);
    assert!(in_files.is_empty(), "{in_files:?}");
    assert_eq!(found(&fs::read(bundle).unwrap(), &traces), [""; 0], "in the bundle");
}

#[test]
fn c30_the_kiosk_makes_no_copies_of_its_records() {
    let kiosk = Kiosk::new("obama2.jpg");
    // The same roster once more.
    expect_success(&kiosk.run(["import".as_ref(), bundle().as_os_str()]));
    let mut names: Vec<String> = fs::read_dir(kiosk.data_folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    names.sort();
    assert_eq!(names, ["postern.db", "postern.key"]);
}
