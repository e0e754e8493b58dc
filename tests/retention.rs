//! Evidence that a law wants kept (POLICY.md C07), through the real kiosk: switched on by two
//! people, told to the visitor, sealed in the worker, stored, handed over, opened by whoever holds
//! the key, and by nobody else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use audit::{Actor, Entry, What};
use data_encoding::HEXLOWER;
use platform::{PolicyPack, Retained};
use rusqlite::types::ValueRef;
use store::{DATABASE_FILE, KEY_FILE};

use crate::support::{Kiosk, Setup, bundle_with, codes, expect_refusal, expect_success, policy};
use crate::visits::{SOON, open, scan, sign_in, wait_text};

/// Number and PIN of a guard.
const SECOND: (u32, &str) = (9, "135791");
/// Of a technician.
const TECHNICIAN: (u32, &str) = (8, "864209");
/// Of the data-protection officer.
const OFFICER: (u32, &str) = (10, "975318");
const KEPT_ZH: &str = "依法留存的一张**人脸照片**加密保存30天";
const KEPT_EN: &str = "By law one **picture of your face** is kept, encrypted, for 30 days";

/// Whoever the law names, with a key of their own that was made elsewhere.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let authority = Self { folder: tempfile::tempdir().unwrap() };
        let made = Command::new("age-keygen").arg("-o").arg(authority.key()).output().unwrap();
        expect_success(&made);
        authority
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.txt")
    }

    fn recipient(&self) -> String {
        let output = Command::new("age-keygen").arg("-y").arg(self.key()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The sample policy pack of an operator whom a law obliges.
    fn policy(&self) -> PathBuf {
        let out = self.folder.path().join("policy");
        fs::create_dir(&out).unwrap();
        for (file, more) in [
            (
                "pack.toml",
                format!(
                    "\n[retained_evidence]\nlegal_basis = \"Act on Events, article 12\"\n\
                     days = 30\nrecipient = \"{}\"\n",
                    self.recipient()
                ),
            ),
            // The notice is the last table of both files.
            ("zh.toml", format!("\nretention_kept = \"{KEPT_ZH}\"\n")),
            ("en.toml", format!("\nretention_kept = \"{KEPT_EN}\"\n")),
        ] {
            let text = fs::read_to_string(policy().join(file)).unwrap();
            fs::write(out.join(file), text + &more).unwrap();
        }
        out
    }

    /// A kiosk with the roster of that operator and two members of staff.
    pub(crate) fn kiosk(&self) -> (Kiosk, PolicyPack) {
        let policy = self.policy();
        let bundle = bundle_with(&policy, &self.folder.path().join("roster.bundle"));
        let kiosk = Kiosk::bare(&Setup::default());
        kiosk.replay("obama2.jpg", "");
        let kiosk = kiosk.staffed(&bundle);
        for (role, member) in
            [("guard", SECOND), ("technician", TECHNICIAN), ("data-protection-officer", OFFICER)]
        {
            kiosk.add_staff(role, member);
        }
        (kiosk, PolicyPack::from_folder(&policy).unwrap())
    }

    /// Opens a record with the age tool: its head and its picture.
    fn open(&self, file: &Path) -> (String, image::RgbImage) {
        let output =
            Command::new("age").arg("-d").arg("-i").arg(self.key()).arg(file).output().unwrap();
        expect_success(&output);
        let end = output.stdout.iter().position(|byte| *byte == b'\n').unwrap();
        let head = String::from_utf8(output.stdout[..end].to_vec()).unwrap();
        (head, image::load_from_memory(&output.stdout[end + 1..]).unwrap().to_rgb8())
    }
}

/// A guard and a technician switch it on.
pub(crate) fn switch_on(kiosk: &Kiosk) -> std::process::Output {
    switch_on_with(kiosk, [SECOND.1, TECHNICIAN.1])
}

fn switch_on_with(kiosk: &Kiosk, pins: [&str; 2]) -> std::process::Output {
    let (guard, technician) = (SECOND.0.to_string(), TECHNICIAN.0.to_string());
    let arguments = ["retention", "on", "--guard", &guard, "--technician", &technician];
    kiosk.run_typing(arguments, &format!("{}\n{}\n", pins[0], pins[1]))
}

fn status(kiosk: &Kiosk) -> String {
    let output = kiosk.run(["retention", "status"]);
    expect_success(&output);
    String::from_utf8(output.stdout).unwrap()
}

fn export(kiosk: &Kiosk) -> Vec<PathBuf> {
    let folder = kiosk.folder().join("export");
    let number = OFFICER.0.to_string();
    let arguments = ["retention", "export", "--number", &number, folder.to_str().unwrap()];
    expect_success(&kiosk.run_typing(arguments, OFFICER.1));
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Who switched it on or off, by the audit log.
fn switches(kiosk: &Kiosk) -> Vec<(u32, bool)> {
    let switch = |entry: Entry| match (entry.by, entry.what) {
        (Actor::Staff { number, .. }, What::RetentionOn { .. }) => Some((number, true)),
        (Actor::Staff { number, .. }, What::RetentionOff) => Some((number, false)),
        _ => None,
    };
    kiosk.log().into_iter().filter_map(switch).collect()
}

fn plain(marked: &str) -> String {
    marked.replace("**", "")
}

#[test]
fn c07_c25_two_people_switch_it_on_for_the_terms_of_the_pack_and_nobody_else() {
    let authority = Authority::new();
    let (kiosk, _) = authority.kiosk();
    assert!(status(&kiosk).contains("nobody switched it on"));
    let word = expect_refusal(&switch_on_with(&kiosk, [SECOND.1, "999888"]));
    assert!(word.contains("4 attempts are left"), "{word}");
    assert!(status(&kiosk).contains("nobody switched it on"));
    let output = switch_on(&kiosk);
    expect_success(&output);
    let shown = String::from_utf8(output.stdout).unwrap();
    for word in ["Act on Events, article 12", "30 days", &authority.recipient(), &plain(KEPT_ZH)] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert!(status(&kiosk).contains("Switched on by guard 9 and technician 8"));
    assert_eq!(switches(&kiosk), [(9, true), (8, true)]);
    // While the kiosk runs, its database is its own.
    let running = kiosk.store();
    let word = expect_refusal(&kiosk.run_typing(["retention", "off", "--number", "9"], SECOND.1));
    assert!(word.contains("end the kiosk first"), "{word}");
    drop(running);
    let off = kiosk.run_typing(["retention", "off", "--number", "9"], SECOND.1);
    expect_success(&off);
    assert!(status(&kiosk).contains("nobody switched it on"));
}

#[test]
fn c07_a_kiosk_without_terms_for_it_cannot_be_switched_on() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.add_staff("guard", SECOND);
    let word = expect_refusal(&switch_on(&kiosk));
    assert!(word.contains("[retained_evidence]"), "{word}");
    assert!(status(&kiosk).contains("no terms for it"));
    assert_eq!(switches(&kiosk), []);
}

#[tokio::test]
async fn c07_c44_while_it_is_off_visitors_read_that_nothing_is_kept_and_nothing_is() {
    let authority = Authority::new();
    let (kiosk, pack) = authority.kiosk();
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    let text = session.text().await.unwrap();
    assert!(!text.contains(&plain(KEPT_ZH)) && text.contains("立即删除"), "{text}");
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    session.close().await.unwrap();
    assert_eq!(notices(&kiosk), [pack.notice_sha256(Retained::Nothing).unwrap()]);
    assert_eq!(kiosk.store().counts().unwrap().evidence, 0);
    assert_eq!(export(&kiosk), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn c07_c44_while_it_is_on_visitors_read_it_and_only_the_addressee_opens_what_is_kept() {
    let authority = Authority::new();
    let (kiosk, pack) = authority.kiosk();
    expect_success(&switch_on(&kiosk));
    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    let text = session.text().await.unwrap();
    assert!(text.contains(&plain(KEPT_ZH)) && !text.contains("立即删除"), "{text}");
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    // Whoever takes the other way leaves nothing.
    scan(&session, codes::A_AGAIN, "consent").await;
    session.click("other-way").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    session.click("stop").await.unwrap();
    // A non-match leaves evidence as a match does.
    scan(&session, codes::B, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    sign_in(&session).await;
    session.click("technician").await.unwrap();
    wait_text(&session, "现存加密记录 2 份").await;
    assert!(session.text().await.unwrap().contains("已开启"));
    session.close().await.unwrap();

    let kept = pack.notice_sha256(Retained::Evidence).unwrap();
    assert_ne!(kept, pack.notice_sha256(Retained::Nothing).unwrap());
    assert_eq!(notices(&kiosk), [kept; 3]);
    assert_eq!(kiosk.store().counts().unwrap().checkins_face, 1);
    let files = export(&kiosk);
    let mut outcomes = Vec::new();
    for file in &files {
        let (head, picture) = authority.open(file);
        let head: serde_json::Value = serde_json::from_str(&head).unwrap();
        outcomes.push(head["outcome"].as_str().unwrap().to_owned());
        assert_eq!(head.as_object().unwrap().len(), 5, "{head}");
        assert_eq!(picture.width(), 640);
        // A photograph: many colours, not a plain field.
        let colours: std::collections::HashSet<_> = picture.pixels().map(|p| p.0).collect();
        assert!(colours.len() > 1_000, "{}", colours.len());
    }
    outcomes.sort();
    assert_eq!(outcomes, ["match", "non_match"]);
    assert!(status(&kiosk).contains("2 sealed records are held"));
    nothing_here_opens(&kiosk, &files);
    let told: Vec<_> = kiosk.log().into_iter().map(|entry| (entry.by, entry.what)).collect();
    let officer =
        Actor::Staff { number: OFFICER.0, role: Some(audit::Role::DataProtectionOfficer) };
    assert!(told.contains(&(officer, What::EvidenceExported { records: 2 })));
    assert_eq!(told.iter().filter(|(_, what)| *what == What::EvidenceSealed).count(), 2);
}

/// The kiosk's database, opened as whoever has its key would.
pub(crate) fn database(kiosk: &Kiosk) -> rusqlite::Connection {
    let key = fs::read_to_string(kiosk.data_folder().join(KEY_FILE)).unwrap();
    let db = rusqlite::Connection::open(kiosk.data_folder().join(DATABASE_FILE)).unwrap();
    db.execute_batch(&format!("PRAGMA key = \"x'{}'\";", key.trim())).unwrap();
    db
}

/// The hashes of the notices that visitors agreed to or declined.
fn notices(kiosk: &Kiosk) -> Vec<[u8; 32]> {
    let db = database(kiosk);
    let mut statement = db.prepare("SELECT notice_sha256 FROM consent ORDER BY id").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Tries every secret that the kiosk has, and everything of a secret's length that it stores.
fn nothing_here_opens(kiosk: &Kiosk, files: &[PathBuf]) {
    let mut secrets = vec![fs::read_to_string(kiosk.data_folder().join(KEY_FILE)).unwrap()];
    let db = database(kiosk);
    let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut sealed = 0;
    for table in tables {
        let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let (ValueRef::Blob(bytes) | ValueRef::Text(bytes)) = row.get_ref(column).unwrap()
                else {
                    continue;
                };
                let holds = |word: &[u8]| bytes.windows(word.len()).any(|at| at == word);
                assert!(!holds(b"AGE-SECRET-KEY-"), "{table}");
                assert!(!holds(b"postern_evidence"), "{table} has a record in the clear");
                assert!(!bytes.starts_with(&[0xff, 0xd8, 0xff]), "{table} has a picture");
                sealed += u32::from(bytes.starts_with(b"age-encryption.org/v1"));
                if bytes.len() == 32 {
                    secrets.push(HEXLOWER.encode(bytes));
                }
            }
        }
    }
    assert_eq!(sealed as usize, files.len());
    // Pepper, the receipts' key, the badges' second keys, pseudonyms, hashes.
    assert!(secrets.len() > 10, "{}", secrets.len());
    for secret in secrets {
        let identity = identity(secret.trim());
        for file in files {
            assert!(age::decrypt(&identity, &fs::read(file).unwrap()).is_err());
        }
    }
}

/// 32 bytes, in hexadecimal digits, as an X25519 identity.
fn identity(digits: &str) -> age::x25519::Identity {
    let bytes = HEXLOWER.decode(digits.as_bytes()).unwrap();
    let prefix = bech32::Hrp::parse("age-secret-key-").unwrap();
    bech32::encode_upper::<bech32::Bech32>(prefix, &bytes).unwrap().parse().unwrap()
}
