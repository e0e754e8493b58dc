//! Making and loading, good and bad.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::io::BufWriter;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use data_encoding::{BASE64, HEXLOWER};
use image::ImageFormat;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use seal::{Kind, Locator};
use store::{Checkin, KEY_FILE, Lane, Store, StoreError};

use super::format::{Attendee, Header, Writer};
use super::testing::{NAME, NOW, Organiser, store};
use super::{BundleError, BundleKey, Flagged, Refused, import};
use crate::photo::tests::picture;
use crate::{AttendeeRecord, PolicyPack, Retained};

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|w| w == needle)
}

#[test]
fn what_was_made_is_loaded_and_opens_with_the_badge() {
    let organiser = Organiser::new();
    let made = organiser.make(7).unwrap();
    assert_eq!((made.attendees, made.references, made.weak_codes), (3, 2, 0));
    assert_eq!(made.bytes, fs::metadata(organiser.out()).unwrap().len());
    let (_folder, mut store) = store();
    let mut steps = Vec::new();
    let trusted = [organiser.key.trusted()];
    let imported = import(&organiser.out(), &trusted, &mut store, NOW, &mut |done, total| {
        steps.push((done, total));
    })
    .unwrap();
    assert_eq!((imported.attendees, imported.references, imported.sequence), (3, 2, 7));
    assert!(steps.is_sorted() && steps.last() == Some(&(made.bytes, made.bytes)));

    let head = store.roster().unwrap().unwrap();
    assert_eq!((head.id.as_str(), head.retention_days), ("ciie-sample", 30));
    assert!(
        PolicyPack::from_json(&head.policy).unwrap().notice_sha256(Retained::default()).is_some()
    );

    let keys = organiser.keys(0);
    let entry = store.badge(&keys.locator).unwrap().unwrap();
    let record = AttendeeRecord::open(&entry.sealed_record.unwrap(), &keys).unwrap();
    assert_eq!(record.name, NAME);
    let sealed = store.reference(&keys.locator).unwrap().unwrap();
    let photo = keys.reference.open(&sealed, &keys.locator, Kind::Reference).unwrap();
    let photo = image::load_from_memory_with_format(&photo, ImageFormat::Jpeg).unwrap();
    assert_eq!((photo.width(), photo.height()), (300, 400));
    assert_eq!(entry.valid_until, Some("2027-01-01T00:00:00Z".parse().unwrap()));

    let entry = store.badge(&organiser.keys(2).locator).unwrap().unwrap();
    assert!(entry.age == store::Age::Under14 && !entry.has_reference());
    assert_eq!(entry.reference_problem.as_deref(), Some("missing"));
}

/// Every value in the database, decrypted with its key file.
fn all_values(folder: &Path) -> Vec<Vec<u8>> {
    let key = fs::read_to_string(folder.join(KEY_FILE)).unwrap();
    let db = Connection::open(folder.join(store::DATABASE_FILE)).unwrap();
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\"", key.trim())).unwrap();
    let tables: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut values = Vec::new();
    for table in tables {
        let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => values.push(bytes.to_vec()),
                    ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Null => (),
                }
            }
        }
    }
    values
}

#[test]
fn l3_c18_neither_the_bundle_nor_the_opened_database_holds_a_readable_name_photo_or_code() {
    let organiser = Organiser::new();
    let bundle = organiser.bundle(1);
    let (folder, mut store) = store();
    organiser.load(&bundle, &mut store).unwrap();
    drop(store);
    let values = all_values(folder.path());
    assert!(values.iter().any(|v| v.len() > 1000), "the sealed photos are there");
    let mut needles: Vec<Vec<u8>> = vec![
        NAME.into(),
        BASE64.encode(NAME.as_bytes())[..16].into(),
        b"\xff\xd8\xff".into(),
        b"JFIF".into(),
        b"\x89PNG".into(),
        b"GPS 31".into(),
        b"13800000000".into(),
    ];
    for code in &organiser.codes {
        needles.push(code.as_bytes().to_vec());
        needles.push(code.replace('-', "")[..16].into());
    }
    for needle in needles {
        // Three bytes may come about by chance in ciphertext, but not at its beginning.
        let found = |bytes: &[u8]| match needle.len() {
            3 => bytes.starts_with(&needle),
            _ => contains(bytes, &needle),
        };
        assert!(!found(&bundle), "{needle:02x?} in the bundle");
        assert!(!values.iter().any(|v| found(v)), "{needle:02x?} in the database");
    }
}

#[test]
fn l3_a_photo_moved_to_another_badge_does_not_open() {
    let organiser = Organiser::new();
    let (_folder, mut store) = store();
    organiser.load(&organiser.bundle(1), &mut store).unwrap();
    let (mine, other) = (organiser.keys(0), organiser.keys(1));
    let sealed = store.reference(&other.locator).unwrap().unwrap();
    for locator in [mine.locator, other.locator] {
        assert!(mine.reference.open(&sealed, &locator, Kind::Reference).is_err());
    }
    assert!(other.reference.open(&sealed, &other.locator, Kind::Reference).is_ok());
}

/// What the store holds, for comparison before and after.
fn state(store: &Store, organiser: &Organiser) -> String {
    let badges: Vec<_> = (0..3)
        .map(|n| {
            let locator = organiser.keys(n).locator;
            let entry = store.badge(&locator).unwrap();
            let entry = entry.map(|e| (e.admitted_at, e.sealed_record, e.reference_problem));
            (entry, store.reference(&locator).unwrap())
        })
        .collect();
    format!("{:?} {:?} {badges:?}", store.roster().unwrap(), store.counts().unwrap())
}

/// A store with edition 5 and a check-in.
fn loaded(organiser: &Organiser) -> (tempfile::TempDir, Store) {
    let (folder, mut store) = store();
    organiser.load(&organiser.bundle(5), &mut store).unwrap();
    let badge = store.badge(&organiser.keys(0).locator).unwrap().unwrap().id;
    let checkin = Checkin {
        nonce: [1; 16],
        badge,
        lane: Lane::Face,
        staff: None,
        role: None,
        reason: None,
        overrides: false,
        answers: None,
        at: NOW,
    };
    store.record_checkin(&checkin).unwrap();
    (folder, store)
}

#[test]
fn bad_bundles_are_told_apart_and_the_database_is_unchanged() {
    let organiser = Organiser::new();
    let stranger = Organiser::new();
    let (_folder, mut store) = loaded(&organiser);
    let before = state(&store, &organiser);
    let good = organiser.bundle(6);
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let end = good.len();
    let header_length = u32::from_le_bytes(good[10..14].try_into().unwrap()) as usize;
    let first_attendee = 14 + header_length;
    let with = |at: usize, new: &[u8]| [&good[..at], new, &good[at + new.len()..]].concat();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a foreign signature", stranger.bundle(6), "not signed by a trusted key"),
        (
            "a foreign signature on an older edition",
            stranger.bundle(1),
            "not signed by a trusted key",
        ),
        ("a changed signature", changed(end - 1), "not signed by a trusted key"),
        ("a changed hash", changed(end - 70), "damaged"),
        ("a changed photo", changed(end - 3000), "damaged"),
        ("a changed magic", changed(0), "not a roster bundle"),
        ("an empty file", Vec::new(), "not a roster bundle"),
        ("a letter", b"Dear organiser,".to_vec(), "not a roster bundle"),
        ("a newer format", with(8, &[2, 0]), "format version 2"),
        ("bytes behind the end", [&good[..], b"\n"].concat(), "behind the end"),
        ("a huge header", with(10, &[0xff; 4]), "header of the file is longer"),
        ("a header that is no JSON", changed(14), "header of the file cannot be understood"),
        ("an unknown section", with(first_attendee, b"Q"), "sections of the file cannot"),
        ("a huge attendee", with(first_attendee + 1, &[0xff; 4]), "attendee of the file is longer"),
    ];
    for (what, bytes, expected) in cases {
        let error = organiser.load(&bytes, &mut store).unwrap_err().to_string();
        assert!(error.contains(expected), "{what}: {error}");
        assert_eq!(state(&store, &organiser), before, "{what}");
    }
    for length in
        [9, 12, 20, first_attendee, first_attendee + 3, end - 3000, end - 101, end - 40, end - 1]
    {
        let error = organiser.load(&good[..length], &mut store).unwrap_err();
        assert!(matches!(error, BundleError::Truncated), "{length}: {error}");
        assert_eq!(state(&store, &organiser), before, "cut at {length}");
    }
    assert!(organiser.load(&good, &mut store).is_ok());
}

#[test]
fn no_flipped_bit_gets_a_bundle_loaded() {
    let organiser = Organiser::new();
    let (_folder, mut store) = loaded(&organiser);
    let before = state(&store, &organiser);
    let mut bytes = organiser.bundle(6);
    let step = (bytes.len() / 200).max(1);
    for at in (0..bytes.len()).step_by(step) {
        bytes[at] ^= 0x10;
        assert!(organiser.load(&bytes, &mut store).is_err(), "byte {at}");
        bytes[at] ^= 0x10;
    }
    assert_eq!(state(&store, &organiser), before);
}

#[test]
fn an_older_edition_is_refused_and_a_newer_one_keeps_check_ins() {
    let organiser = Organiser::new();
    let (_folder, mut store) = loaded(&organiser);
    let before = state(&store, &organiser);
    let older = organiser.load(&organiser.bundle(4), &mut store).unwrap_err();
    assert!(matches!(older, BundleError::Store(StoreError::OlderRoster { loaded: 5, offered: 4 })));
    assert_eq!(state(&store, &organiser), before);
    organiser.load(&organiser.bundle(6), &mut store).unwrap();
    let entry = store.badge(&organiser.keys(0).locator).unwrap().unwrap();
    assert_eq!(entry.admitted_at, Some(NOW));
}

#[test]
fn a_kiosk_that_trusts_nobody_loads_nothing() {
    let organiser = Organiser::new();
    let bundle = organiser.bundle(1);
    let (_folder, mut store) = store();
    fs::write(organiser.out(), bundle).unwrap();
    let refused = import(&organiser.out(), &[], &mut store, NOW, &mut |_, _| ());
    assert!(matches!(refused, Err(BundleError::Untrusted)));
    assert!(store.roster().unwrap().is_none());
}

#[test]
fn bad_rows_and_photos_are_reported_by_line_and_the_rest_is_made() {
    let organiser = Organiser::new();
    let code = &organiser.codes;
    let new = || seal::BadgeSecret::issue().unwrap().0.as_str().to_owned();
    organiser.photo("text.jpg", b"not a picture");
    organiser.photo("wide.png", &picture(20_000, 4, ImageFormat::Png));
    organiser.photo("none.jpg", &picture(111, 100, ImageFormat::Jpeg));
    organiser.photo("two.jpg", &picture(222, 100, ImageFormat::Jpeg));
    organiser.list(&format!(
        "code,name,photo,blocked\n\
         {},A,a.png,\n\
         0000-0000-0000-0000-1,B,a.png,\n\
         {},C,a.png,\n\
         {},D,text.jpg,\n\
         {},E,wide.png,\n\
         {},F,none.jpg,\n\
         {},G,two.jpg,\n\
         {},H,gone.jpg,yes\n\
         {},I,../organiser.key,\n\
         {},,a.png,\n",
        code[0],
        code[0].to_lowercase(),
        new(),
        new(),
        new(),
        new(),
        code[1],
        new(),
        new()
    ));
    // Stands for the face engine, which the biometrics crate tests with real faces.
    let assess = |jpeg: &[u8]| match image::load_from_memory(jpeg).map(|p| p.width()) {
        Ok(111) => Err("no_face"),
        Ok(222) => Err("several_faces"),
        _ => Ok(()),
    };
    let made = organiser.make_with(1, &assess).unwrap();
    let refused = |line, reason| Refused { line, reason };
    assert_eq!(
        made.refused,
        [refused(3, "malformed_code"), refused(4, "duplicate_code"), refused(11, "no_name"),]
    );
    let flagged: Vec<_> =
        made.flagged.iter().map(|Flagged { line, reason, .. }| (*line, *reason)).collect();
    assert_eq!(
        flagged,
        [
            (5, "not_a_picture"),
            (6, "too_large"),
            (7, "no_face"),
            (8, "several_faces"),
            (9, "missing"),
            (10, "bad_file_name"),
        ]
    );
    assert_eq!(made.flagged[0].file.as_deref(), Some("text.jpg"));
    assert_eq!((made.attendees, made.references), (7, 1));
    let (_folder, mut store) = store();
    organiser.load(&fs::read(organiser.out()).unwrap(), &mut store).unwrap();
    let head = store.roster().unwrap().unwrap();
    assert_eq!(head.problems.len(), 6);
    let blocked = store.badge(&organiser.keys(1).locator).unwrap().unwrap();
    assert_eq!(blocked.state, store::BadgeState::Blocked);
    assert_eq!(blocked.reference_problem.as_deref(), Some("missing"));
}

#[test]
fn a_list_without_a_usable_row_makes_no_bundle_and_leaves_the_old_one() {
    let organiser = Organiser::new();
    let old = organiser.bundle(1);
    organiser.list("code,name\nnot a code,A\n");
    assert!(matches!(organiser.make(2), Err(BundleError::NoAttendees)));
    assert_eq!(fs::read(organiser.out()).unwrap(), old);
    assert!(!organiser.folder.path().join("roster.bundle.part").exists());
}

/// A bundle signed by the organiser, with whatever header and attendee.
fn signed(organiser: &Organiser, header: &Header, attendee: &Attendee, photo: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::begin(&mut bytes, header).unwrap();
    writer.attendee(attendee, photo).unwrap();
    writer.finish(&organiser.key).unwrap();
    bytes
}

fn sample_header(change: impl FnOnce(&mut PolicyPack)) -> Header {
    let mut policy = PolicyPack::from_folder(&crate::policy::tests::sample_folder()).unwrap();
    change(&mut policy);
    Header {
        roster: "ciie-sample".into(),
        sequence: 9,
        created_at: NOW,
        ends_at: policy.facts.roster.ends_at,
        salt: HEXLOWER.encode(&[1; 32]),
        code_format: policy.facts.roster.code_format,
        policy: String::from_utf8(policy.to_json().unwrap()).unwrap(),
    }
}

fn sample_attendee() -> Attendee {
    Attendee {
        locator: HEXLOWER.encode(&[2; 32]),
        record: BASE64.encode(b"sealed"),
        valid_from: None,
        valid_until: None,
        blocked: false,
        under_14: Some(false),
        position: None,
        reference_problem: None,
    }
}

#[test]
fn m60_a_signed_bundle_with_a_placeholder_contact_is_refused() {
    let organiser = Organiser::new();
    let header = sample_header(|p| p.zh.contact.phone = "XXX".into());
    let bundle = signed(&organiser, &header, &sample_attendee(), b"photo");
    let (_folder, mut store) = store();
    let refused = organiser.load(&bundle, &mut store).unwrap_err();
    assert!(matches!(refused, BundleError::Policy(_)), "{refused}");
    assert!(store.roster().unwrap().is_none());
}

#[test]
fn a_signed_bundle_that_contradicts_itself_is_refused() {
    let organiser = Organiser::new();
    let (_folder, mut store) = store();
    let problem =
        |code: &str| Attendee { reference_problem: Some(code.into()), ..sample_attendee() };
    let cases: [(Header, Attendee, &[u8]); 6] = [
        (Header { roster: "other".into(), ..sample_header(|_| ()) }, sample_attendee(), b"photo"),
        (Header { salt: "00".into(), ..sample_header(|_| ()) }, sample_attendee(), b"photo"),
        (sample_header(|_| ()), sample_attendee(), b""),
        (sample_header(|_| ()), problem("no_face"), b"photo"),
        (sample_header(|_| ()), problem("Sie heisst Zhang"), b""),
        (sample_header(|_| ()), Attendee { locator: "zz".into(), ..sample_attendee() }, b"photo"),
    ];
    for (index, (header, attendee, photo)) in cases.iter().enumerate() {
        let bundle = signed(&organiser, header, attendee, photo);
        let refused = organiser.load(&bundle, &mut store).unwrap_err();
        assert!(matches!(refused, BundleError::Malformed { .. }), "case {index}: {refused}");
        assert!(store.roster().unwrap().is_none());
    }
    let bundle = signed(&organiser, &sample_header(|_| ()), &sample_attendee(), b"photo");
    organiser.load(&bundle, &mut store).unwrap();
    assert!(store.badge(&Locator([2; 32])).unwrap().is_some());
}

#[test]
fn c17_a_field_that_is_not_on_the_list_is_dropped_on_arrival() {
    let attendee = serde_json::to_string(&sample_attendee()).unwrap();
    let wider = attendee.replacen('{', "{\"passport\":\"E12345678\",", 1);
    let read: Attendee = serde_json::from_str(&wider).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), attendee);
}

#[test]
fn the_file_begins_with_its_name_and_version() {
    let bytes = Organiser::new().bundle(1);
    assert_eq!((&bytes[..8], &bytes[8..10]), (b"POSTERN\n".as_slice(), [1, 0].as_slice()));
}

/// Set in the process of its own in which memory is measured.
const CHILD: &str = "POSTERN_TEST_STREAM";

#[test]
fn a_large_bundle_passes_through_in_constant_memory() {
    if std::env::var_os(CHILD).is_some() {
        return stream_a_large_bundle();
    }
    let own = std::env::current_exe().unwrap();
    let name = "bundle::tests::a_large_bundle_passes_through_in_constant_memory";
    let run = Command::new(own).args(["--exact", name, "--nocapture"]).env(CHILD, "1").output();
    let run = run.unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    eprint!("{}", String::from_utf8_lossy(&run.stderr));
}

/// 120 MB, of which no more than a tenth may be in memory at a time.
fn stream_a_large_bundle() {
    let organiser = Organiser::new();
    let (folder, mut store) = store();
    let path = folder.path().join("large.bundle");
    let number = 4000_u32;
    let photo = vec![0x5a; 30_000];
    let before = peak_memory();
    let file = BufWriter::new(fs::File::create(&path).unwrap());
    let mut writer = Writer::begin(file, &sample_header(|_| ())).unwrap();
    for n in 0..number {
        let mut locator = [0; 32];
        locator[..4].copy_from_slice(&n.to_le_bytes());
        let attendee = Attendee { locator: HEXLOWER.encode(&locator), ..sample_attendee() };
        writer.attendee(&attendee, &photo).unwrap();
    }
    let bytes = writer.finish(&organiser.key).unwrap();
    let begun = Instant::now();
    let trusted = [organiser.key.trusted()];
    let imported = import(&path, &trusted, &mut store, NOW, &mut |_, _| ()).unwrap();
    let rate = f64::from(number) / begun.elapsed().as_secs_f64();
    let grown = peak_memory() - before;
    eprintln!("{bytes} bytes, {rate:.0} attendees a second, memory grew by {grown} KiB");
    assert_eq!(imported.attendees, number);
    assert!(grown < 12 * 1024, "{grown} KiB");
}

/// Highest resident memory of this process in KiB.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_key_from_its_file_signs_like_the_one_that_was_made() {
    let organiser = Organiser::new();
    let again = BundleKey::from_file(&organiser.folder.path().join("organiser.key")).unwrap();
    assert_eq!(again.trusted(), organiser.key.trusted());
}

#[test]
fn the_sample_roster_makes_a_bundle_with_every_case_of_its_readme() {
    let mut organiser = Organiser::new();
    let sample = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
        .join("../../../assets/roster/attendees.csv");
    let list = fs::read_to_string(sample).unwrap();
    organiser.list(&list);
    organiser.codes =
        list.lines().skip(1).map(|l| l.split(',').next().unwrap().to_owned()).collect();
    organiser.photo("obama.jpg", &picture(300, 400, ImageFormat::Jpeg));
    organiser.photo("biden.jpg", &picture(300, 400, ImageFormat::Jpeg));
    let made = organiser.make(1).unwrap();
    assert_eq!((made.attendees, made.references, made.weak_codes), (11, 6, 0));
    assert!(made.refused.is_empty() && made.ignored_columns.is_empty());
    let (_folder, mut store) = store();
    organiser.load(&fs::read(organiser.out()).unwrap(), &mut store).unwrap();
    let cases: Vec<String> = (0..11)
        .map(|n| {
            let entry = store.badge(&organiser.keys(n).locator).unwrap().unwrap();
            let case = [
                (entry.has_reference(), "photo"),
                (entry.valid_until.is_some_and(|t| t <= NOW), "expired"),
                (entry.valid_from.is_some_and(|t| t > NOW), "not yet valid"),
                (entry.state == store::BadgeState::Blocked, "blocked"),
                (entry.age == store::Age::Under14, "under 14"),
                (entry.age == store::Age::Unknown, ", asked"),
            ];
            case.iter().filter(|c| c.0).map(|c| c.1).collect()
        })
        .collect();
    assert_eq!(
        cases,
        [
            "photo",
            "photo",
            "photo",
            "photo",
            "",
            "expired",
            "blocked",
            "not yet valid",
            "under 14",
            "photo, asked",
            "photo"
        ]
    );
}
