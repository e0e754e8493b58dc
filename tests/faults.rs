//! What goes wrong at a kiosk leads to a person, and the technician learns why.

use std::fs;
use std::time::{Duration, Instant};

use walkthrough::Session;

use crate::support::{GUARD, Kiosk, Setup, codes, models};
use crate::visits::{SOON, capture, grey_picture, open, scan, sign_in, wait_text};

/// Signs in and returns what the technician's panel says.
async fn technician(session: &Session) -> String {
    sign_in(session).await;
    session.click("technician").await.unwrap();
    wait_text(session, "0.1.0").await;
    session.text().await.unwrap()
}

#[tokio::test]
async fn c21_a_camera_that_is_absent_busy_or_lost_leads_to_staff_with_a_reason() {
    let kiosk = Kiosk::new("obama2.jpg");
    let session = open(&kiosk).await;
    for (more, word) in [
        ("absent = true", "no camera"),
        ("busy = true", "in use"),
        ("disconnect_after = 3", "disconnected"),
    ] {
        let picture = grey_picture(&kiosk);
        kiosk.replay(&picture, more);
        scan(&session, codes::A, "consent").await;
        session.click("use-face").await.unwrap();
        session.wait_screen("staff", SOON).await.unwrap();
        assert!(session.text().await.unwrap().contains("摄像头"), "words for the visitor");
        let panel = technician(&session).await.to_lowercase();
        assert!(panel.contains(word), "the technician reads {word}: {panel}");
        session.click("end-visit").await.unwrap();
        session.wait_screen("attract", SOON).await.unwrap();
    }
    session.close().await.unwrap();
}

#[tokio::test]
async fn a_worker_that_is_killed_during_capture_leads_to_staff() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.replay(&grey_picture(&kiosk), "");
    let session = open(&kiosk).await;
    for pid in capture(&session, codes::A).await {
        let killed = std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status();
        assert!(killed.unwrap().success());
    }
    session.wait_screen("staff", SOON).await.unwrap();
    // The kiosk has a new worker and serves the next visitor.
    session.click("stop").await.unwrap();
    kiosk.replay("obama2.jpg", "");
    scan(&session, codes::A, "consent").await;
    session.click("use-face").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.close().await.unwrap();
}

/// `WebDriver` takes a killed window for the end of its session, so the log has to tell.
#[tokio::test]
async fn a_window_that_is_killed_or_hangs_is_replaced_and_the_visit_goes_on() {
    for signal in ["-KILL", "-STOP"] {
        let setup = Setup { window_silence: Some(3), ..Setup::default() };
        let kiosk = Kiosk::with("obama2.jpg", &setup);
        kiosk.replay(&grey_picture(&kiosk), "");
        let session = open(&kiosk).await;
        capture(&session, codes::A).await;
        let pages = session.processes().into_iter().filter(|process| {
            process.executable().is_some_and(|path| path.ends_with("WebKitWebProcess"))
        });
        let pages: Vec<_> = pages.collect();
        assert_eq!(pages.len(), 1);
        let pid = pages[0].pid.to_string();
        let killed = std::process::Command::new("kill").args([signal, &pid]).status();
        assert!(killed.unwrap().success());
        // Five seconds on an idle machine.
        let since = Instant::now();
        while !session.log().contains("Replace(1, 0)") {
            assert!(since.elapsed() < SOON, "{signal}: {}", session.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // The visit is over in its own time, and the next visitor finds the attract screen.
        session.wait_screen("staff", SOON).await.unwrap();
    }
}

#[tokio::test]
async fn a_worker_that_hangs_during_capture_is_ended_and_leads_to_staff() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.replay(&grey_picture(&kiosk), "");
    let session = open(&kiosk).await;
    let worker = capture(&session, codes::A).await;
    for pid in &worker {
        let stopped = std::process::Command::new("kill").args(["-STOP", &pid.to_string()]).status();
        assert!(stopped.unwrap().success());
    }
    session.wait_screen("staff", SOON).await.unwrap();
    assert!(!session.worker_pids().iter().any(|pid| worker.contains(pid)), "it was killed");
    session.close().await.unwrap();
}

#[tokio::test]
async fn a_model_with_a_wrong_hash_closes_the_face_lane_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(models()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let file = folder.path().join("fr_feature.onnx");
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    let kiosk =
        Kiosk::with("obama2.jpg", &Setup { models: Some(folder.path()), ..Setup::default() });
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    // The worker says so a moment after the window opens.
    tokio::time::sleep(Duration::from_secs(2)).await;
    scan(&session, codes::A, "staff").await;
    let panel = technician(&session).await;
    assert!(panel.contains("fr_feature.onnx"), "{panel}");
    session.click("admit").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.close().await.unwrap();
    assert_eq!(kiosk.store().counts().unwrap().consents, 0);
}

#[tokio::test]
async fn a_threshold_for_another_model_closes_the_face_lane_and_is_named() {
    let config = format!("[comparison]\nthreshold = 0.4\nthreshold_model = '{}'", "0".repeat(64));
    let kiosk = Kiosk::with("obama2.jpg", &Setup { config: &config, ..Setup::default() });
    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    // The worker says so a moment after the window opens.
    tokio::time::sleep(Duration::from_secs(2)).await;
    scan(&session, codes::A, "staff").await;
    let panel = technician(&session).await;
    assert!(panel.contains("fr_feature.onnx") && panel.contains("[comparison]"), "{panel}");
    session.click("admit").await.unwrap();
    session.wait_screen("admit", SOON).await.unwrap();
    session.close().await.unwrap();
    assert_eq!(kiosk.store().counts().unwrap().consents, 0);
}

#[tokio::test]
async fn a_missing_or_wrong_database_key_is_a_fault_and_nothing_is_overwritten() {
    let kiosk = Kiosk::new("obama2.jpg");
    let (key, database) =
        (kiosk.data_folder().join("postern.key"), kiosk.data_folder().join("postern.db"));
    let good = fs::read(&key).unwrap();
    let before = fs::read(&database).unwrap();
    for missing in [true, false] {
        if missing {
            fs::remove_file(&key).unwrap();
        } else {
            fs::write(&key, "0".repeat(64)).unwrap();
            let mut only_owner = fs::metadata(&key).unwrap().permissions();
            std::os::unix::fs::PermissionsExt::set_mode(&mut only_owner, 0o600);
            fs::set_permissions(&key, only_owner).unwrap();
        }
        let session = open(&kiosk).await;
        session.wait_screen("fault", SOON).await.unwrap();
        assert!(session.log().contains("key"), "the log names the key: {}", session.log());
        session.close().await.unwrap();
        assert_eq!(fs::read(&database).unwrap(), before);
        assert_eq!(key.exists(), !missing, "no new key is made beside a database");
    }
    fs::write(&key, good).unwrap();
    assert!(kiosk.store().counts().unwrap().attendees > 0, "the right key opens it again");
}

#[tokio::test]
async fn a_kiosk_without_a_roster_says_so() {
    let kiosk = Kiosk::bare(&Setup::default());
    kiosk.replay("obama2.jpg", "");
    let session = open(&kiosk).await;
    session.wait_screen("fault", SOON).await.unwrap();
    session.close().await.unwrap();
}

#[tokio::test]
async fn staff_who_sign_in_without_a_database_are_told_that_it_cannot_be_checked() {
    let kiosk = Kiosk::new("obama2.jpg");
    fs::remove_file(kiosk.data_folder().join("postern.key")).unwrap();
    let session = open(&kiosk).await;
    session.wait_screen("fault", SOON).await.unwrap();
    session.click("staff-open").await.unwrap();
    session.wait_screen("staff_sign_in", SOON).await.unwrap();
    session.sign_in(GUARD.0, GUARD.1).await.unwrap();
    wait_text(&session, "暂时无法验证").await;
    assert_eq!(session.screen().unwrap(), "staff_sign_in");
    let text = session.text().await.unwrap();
    assert!(!text.contains("不正确"), "nothing is said of the PIN: {text}");
    // Back to the fault, from which the next member of staff can try.
    session.click("stop").await.unwrap();
    session.wait_screen("staff", SOON).await.unwrap();
    session.click("stop").await.unwrap();
    session.wait_screen("fault", SOON).await.unwrap();
    session.close().await.unwrap();
}

#[tokio::test]
async fn c24_no_process_of_a_kiosk_can_leave_a_core_dump() {
    let kiosk = Kiosk::new("obama2.jpg");
    kiosk.replay(&grey_picture(&kiosk), "");
    let session = open(&kiosk).await;
    let worker = capture(&session, codes::A).await;
    let processes = session.processes();
    let runs = |pid: &u32| processes.iter().any(|process| process.pid == *pid);
    assert!(runs(&session.app_pid().unwrap()) && !worker.is_empty() && worker.iter().all(runs));
    for name in ["WebKitWebProcess", "WebKitNetworkProcess"] {
        let runs = processes.iter().any(|process| process.arguments()[0].ends_with(name));
        assert!(runs, "{name} in {processes:?}");
    }
    for process in processes {
        let limits = fs::read_to_string(format!("/proc/{}/limits", process.pid)).unwrap();
        let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
        let core: Vec<&str> = core.unwrap().split_whitespace().take(2).collect();
        assert_eq!(core, ["0", "0"], "{:?}", process.arguments());
    }
    session.close().await.unwrap();
}
