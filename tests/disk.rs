//! A disk that is full, read-only or damaged, and a clock that is wrong: people are served by
//! people, staff and technician learn why, and the kiosk goes on by itself when it is mended.
//!
//! The kiosk runs in a mount namespace of its own, with its data on a small file system.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use walkthrough::{Session, SessionSpec};

use crate::retention::database;
use crate::support::{Kiosk, POSTERN, codes, expect_refusal, expect_success};
use crate::visits::{SOON, open, scan, sign_in, wait_text};

/// A kiosk whose data lie on a file system of their own.
struct Mounted {
    session: Session,
    data: PathBuf,
}

impl Mounted {
    /// Copies the kiosk's data to a file system with `spare` KiB left, and starts it there.
    /// `then`: a further command before the kiosk starts.
    async fn open(kiosk: &Kiosk, spare: u64, then: &str) -> Self {
        let data = kiosk.data_folder();
        let used: u64 = fs::read_dir(&data)
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len().div_ceil(4096) * 4)
            .sum();
        let launcher = kiosk.folder().join("launch");
        let script = format!(
            "#!/bin/sh\n[ -n \"$INSIDE\" ] || INSIDE=1 exec unshare {} --mount \"$0\" \"$@\"\n\
             set -e\ncp -a '{data}' '{data}.copy'\n\
             mount -t tmpfs -o size={}k postern-test '{data}'\n\
             cp -a '{data}.copy/.' '{data}/'\n{then}\nexec '{POSTERN}' \"$@\"\n",
            if root() { "" } else { "--user --map-root-user" },
            used + spare,
            data = data.display(),
        );
        fs::write(&launcher, script).unwrap();
        fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755)).unwrap();
        let binary = PathBuf::from(POSTERN);
        let spec = SessionSpec { binary, config: kiosk.config(), size: (1280, 800) };
        let session = Session::start_through(&spec, &launcher).await.unwrap();
        Self { session, data }
    }

    /// The kiosk's data folder, as it sees it.
    fn inside(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.session.app_pid().unwrap()));
        root.join(self.data.strip_prefix("/").unwrap())
    }

    /// Writes until nothing fits any more.
    fn fill(&self) -> PathBuf {
        let path = self.inside().join("fill");
        let file = fs::File::create(&path).unwrap();
        let mut place = 0;
        for size in [64 << 10, 4 << 10, 1] {
            while file.write_all_at(&vec![1; size], place).is_ok() {
                place += size as u64;
            }
        }
        path
    }

    fn remount(&self, option: &str) {
        let pid = self.session.app_pid().unwrap().to_string();
        let status = Command::new("nsenter")
            .args(["--target", &pid])
            .args(if root() { &["--mount"][..] } else { &["--user", "--mount"][..] })
            .args(["--", "mount", "-o", &format!("remount,{option}"), "postern-test"])
            .arg(&self.data)
            .status();
        assert!(status.unwrap().success());
    }
}

fn root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

#[tokio::test]
async fn on_a_full_disk_staff_serve_and_the_kiosk_goes_on_when_there_is_room() {
    let kiosk = Kiosk::new("obama2.jpg");
    let mounted = Mounted::open(&kiosk, 600, "").await;
    let session = &mounted.session;
    scan(session, codes::A, "consent").await;
    let fill = mounted.fill();
    session.click("use-face").await.unwrap();
    // A consent that is not written opens no camera.
    session.wait_screen("staff", SOON).await.unwrap();
    assert!(!session.log().contains("\"capture\""), "{}", session.log());
    sign_in(session).await;
    wait_text(session, "磁盘已满").await;
    session.click("admit").await.unwrap();
    // Nobody is admitted without a record, not even by staff: the gate is theirs to open by hand.
    session.wait_screen("staff", SOON).await.unwrap();
    assert!(!session.log().contains("gate open"), "{}", session.log());
    session.click("stop").await.unwrap();

    fs::remove_file(fill).unwrap();
    scan(session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
}

#[tokio::test]
async fn on_a_disk_that_is_read_only_at_the_start_the_kiosk_waits_and_then_serves_by_itself() {
    let kiosk = Kiosk::new("obama2.jpg");
    let data = kiosk.data_folder();
    let read_only = format!("mount -o remount,ro postern-test '{}'", data.display());
    let mounted = Mounted::open(&kiosk, 600, &read_only).await;
    let session = &mounted.session;
    session.wait_screen("fault", SOON).await.unwrap();
    let log = session.log();
    assert!(log.contains("readonly") || log.contains("read-only"), "{log}");
    mounted.remount("rw");
    session.wait_screen("attract", SOON).await.unwrap();
    scan(session, codes::A, "consent").await;
}

/// Flips one byte in the middle of each page of this part of the database.
fn damage(database: &Path, pages: impl IntoIterator<Item = u64>) {
    let file = OpenOptions::new().read(true).write(true).open(database).unwrap();
    for page in pages {
        let (mut byte, place) = ([0], page.max(1) * 4096 + 2000);
        file.read_exact_at(&mut byte, place).unwrap();
        file.write_all_at(&[byte[0] ^ 0x10], place).unwrap();
    }
}

#[tokio::test]
async fn a_damaged_page_sends_to_staff_who_learn_that_the_database_is_damaged() {
    let kiosk = Kiosk::new("obama2.jpg");
    // All pages that hold nothing but certificate photos.
    let photos: Vec<u64> = {
        let (db, sql) = (
            database(&kiosk),
            "SELECT pageno - 1 FROM dbstat WHERE pagetype = 'overflow' AND name = 'reference'",
        );
        let mut pages = db.prepare(sql).unwrap();
        let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).map(i64::unsigned_abs);
        pages.query_map([], number).unwrap().map(Result::unwrap).collect()
    };
    assert!(photos.len() > 20);
    damage(&kiosk.data_folder().join("postern.db"), photos);
    let session = open(&kiosk).await;
    for code in [codes::A, codes::A_AGAIN] {
        scan(&session, code, "consent").await;
        session.click("use-face").await.unwrap();
        session.wait_screen("staff", SOON).await.unwrap();
        sign_in(&session).await;
        wait_text(&session, "损坏").await;
        session.click("technician").await.unwrap();
        wait_text(&session, "photo").await;
        session.click("end-visit").await.unwrap();
    }
}

#[tokio::test]
async fn a_database_that_is_damaged_at_its_root_is_a_fault_and_nothing_opens() {
    let kiosk = Kiosk::new("obama2.jpg");
    let path = kiosk.data_folder().join("postern.db");
    let pages = fs::metadata(&path).unwrap().len() / 4096;
    damage(&path, 1..pages);
    let session = open(&kiosk).await;
    session.wait_screen("fault", SOON).await.unwrap();
    assert!(session.log().contains("malformed") || session.log().contains("not a database"));
}

#[tokio::test]
async fn c08_a_clock_that_was_set_back_a_year_changes_nothing_for_visitors_and_is_told() {
    let kiosk = Kiosk::new("obama2.jpg");
    let ahead = Timestamp::now() + SignedDuration::from_hours(24 * 365 + 1);
    let mut store = kiosk.store();
    store.keep_time(ahead).unwrap();
    // The guard of last year has no account any more.
    store.purge_expired(ahead).unwrap();
    drop(store);
    kiosk.add_guard();
    let refusal = expect_refusal(&kiosk.run(["clock"]));
    assert!(refusal.contains("365 days behind"), "{refusal}");

    let session = open(&kiosk).await;
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.wait_screen("attract", SOON).await.unwrap();
    scan(&session, codes::A, "code_problem").await;
    session.click("stop").await.unwrap();
    sign_in(&session).await;
    wait_text(&session, "时钟").await;
    session.close().await.unwrap();
    let badge = kiosk.store().outbox_pending().unwrap();
    assert!(badge[0].at >= ahead, "recorded in the kiosk's own time");

    let technician = (8, "864209");
    kiosk.add_staff("technician", technician);
    let by_nobody = kiosk.run_typing(["clock", "--accept", "7"], crate::support::GUARD.1);
    assert!(expect_refusal(&by_nobody).contains("not a technician"));
    expect_success(&kiosk.run_typing(["clock", "--accept", "8"], technician.1));
    expect_success(&kiosk.run(["clock"]));
}
