//! The worker as a real process, from start to exit, on real faces.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

mod setup;

use std::time::{Duration, Instant};

use biometrics::{
    CameraProblem, Guidance, Limits, ModelHash, ModelRefusal, Outcome, ReferenceProblem,
    host::{WorkerEvent, WorkerSpec},
};
use rustix::process::{Pid, Signal, kill_process};
use setup::{Run, Visit, models_dir, photograph, replay, replay_of, worker};
use tokio::time::timeout;

const OBAMA2: &str = "pictures = [\"obama2.jpg\"]\nregion = [0, 0.1, 1, 0.5]\n";
const BIDEN: &str = "pictures = [\"biden.jpg\"]\nregion = [0, 0, 1, 0.4]\n";

#[tokio::test]
async fn c06_the_person_of_the_reference_is_a_match() {
    let run = Visit::of("obama.jpg").in_front_of(&replay(OBAMA2)).run().await;
    run.assert_order(&["Ready", "CameraOpened", "Captured", "Outcome", "Exited"]);
    assert_eq!(run.outcome(), Some(Outcome::Match), "{run:?}");
    assert_eq!(run.exit.code(), Some(0));
    assert!(run.previews > 0, "no preview came");
}

#[tokio::test]
async fn a_picture_of_the_person_is_asked_to_move_and_never_matches() {
    let folder = replay(OBAMA2);
    let mut visit = Visit::of("obama.jpg").in_front_of(&folder);
    visit.limits = Limits { time_limit: Duration::from_secs(4), ..Limits::default() };
    let run = visit.run().await;
    assert!(
        matches!(run.outcome(), Some(Outcome::PoorSamples | Outcome::SuspectedAttack)),
        "{run:?}"
    );
}

#[tokio::test]
async fn c06_l4_another_person_with_that_badge_is_no_match() {
    let run = Visit::of("obama.jpg").in_front_of(&replay(BIDEN)).run().await;
    run.assert_order(&["Ready", "CameraOpened", "Captured", "Outcome", "Exited"]);
    assert_eq!(run.outcome(), Some(Outcome::NonMatch), "{run:?}");
}

#[tokio::test]
async fn c07_ordered_evidence_is_one_picture_that_only_its_recipient_opens() {
    for (badge, script, outcome, word) in [
        ("obama.jpg", OBAMA2, Outcome::Match, "match"),
        ("obama.jpg", BIDEN, Outcome::NonMatch, "non_match"),
    ] {
        let identity = age::x25519::Identity::generate();
        let folder = replay(script);
        let run = Visit::of(badge).in_front_of(&folder).leaving_evidence_for(&identity).run().await;
        run.assert_order(&["Ready", "CameraOpened", "Captured", "Evidence", "Outcome", "Exited"]);
        assert_eq!(run.outcome(), Some(outcome), "{run:?}");
        assert_eq!(run.exit.code(), Some(0));
        let sealed = run.evidence().expect("evidence");
        let other = age::x25519::Identity::generate();
        assert!(age::decrypt(&other, sealed).is_err());
        let record = age::decrypt(&identity, sealed).expect("it opens");
        let end = record.iter().position(|byte| *byte == b'\n').expect("a head");
        let model = ModelHash::FR_FEATURE.to_string();
        let head = format!(
            r#"{{"postern_evidence":1,"outcome":"{word}","at":"2026-11-23T08:15:02Z","model":"{model}","picture":"jpeg"}}"#
        );
        assert_eq!(std::str::from_utf8(&record[..end]).expect("text"), head);
        let picture = image::load_from_memory(&record[end + 1..]).expect("a picture");
        assert_eq!((picture.width(), picture.height()), (640, 480));
        // One frame of a person, no grey field.
        let shown = picture.to_luma8();
        let darkest = shown.iter().min().expect("pixels");
        assert!(shown.iter().max().expect("pixels") - darkest > 100);
    }
}

#[tokio::test]
async fn c07_poor_samples_and_a_stopped_visit_leave_no_evidence() {
    let identity = age::x25519::Identity::generate();
    let folder = replay("pictures = [\"white.png\"]");
    let mut visit = Visit::of("obama.jpg").in_front_of(&folder).leaving_evidence_for(&identity);
    visit.limits.time_limit = Duration::from_secs(1);
    let run = visit.run().await;
    run.assert_order(&["Ready", "CameraOpened", "Captured", "Outcome", "Exited"]);
    assert_eq!(run.outcome(), Some(Outcome::PoorSamples));

    let folder = replay(BIDEN);
    let visit = Visit::of("obama.jpg").in_front_of(&folder).leaving_evidence_for(&identity);
    let (worker, mut events) = worker(&setup::choice(&folder));
    worker.begin(visit.begin()).expect("begun");
    let mut seen = Run::until(&mut events, |event| matches!(event, WorkerEvent::Guidance(_))).await;
    worker.stop();
    seen.finish(&mut events).await;
    assert!(seen.evidence().is_none() && seen.outcome().is_none(), "{seen:?}");
}

#[tokio::test]
async fn c07_c12_evidence_that_was_not_ordered_or_not_delivered_ends_the_worker_unheard() {
    let report = |outcome: &str| {
        setup::frame(0x81, format!(r#"{{"report":"outcome","detail":"{outcome}"}}"#).as_bytes())
    };
    let identity = age::x25519::Identity::generate();
    let sealed = age::encrypt(&identity.to_public(), b"a picture").expect("sealed");
    let evidence = || setup::frame(0x84, &sealed);
    let plain = setup::frame(0x84, b"a picture in the clear");
    let cases = [
        ("not ordered", false, vec![evidence(), report("match")]),
        ("not delivered", true, vec![report("match")]),
        ("not delivered", true, vec![report("suspected_attack")]),
        ("of nothing", true, vec![evidence(), report("poor_samples")]),
        ("twice", true, vec![evidence(), evidence(), report("match")]),
        ("not sealed", true, vec![plain, report("match")]),
    ];
    for (what, ordered, frames) in cases {
        // It answers once it has a task, and would stay.
        let (folder, spec) = setup::script(
            "/usr/bin/head -c 5 > /dev/null; /bin/cat \"${0%/*}/says\"; exec /bin/sleep 60",
        );
        std::fs::write(folder.path().join("says"), frames.concat()).expect("written");
        let mut visit = Visit::of("obama.jpg");
        if ordered {
            visit = visit.leaving_evidence_for(&identity);
        }
        let (worker, mut events) = setup::spawn(&spec).await;
        worker.begin(visit.begin()).expect("begun");
        let mut run = Run::default();
        let ended = timeout(Duration::from_secs(5), run.finish(&mut events)).await;
        assert!(ended.is_ok(), "evidence {what}: the process was not ended");
        assert!(run.events.is_empty(), "evidence {what}: {run:?}");
        assert!(!run.exit.success(), "evidence {what}");
    }
}

#[tokio::test]
async fn the_preview_shows_at_most_15_pictures_a_second_of_a_faster_camera() {
    let folder = replay("pictures = [\"obama2.jpg\"]\nregion = [0, 0, 1, 1]\nfps = 30");
    let mut visit = Visit::of("obama.jpg").in_front_of(&folder);
    visit.limits.time_limit = Duration::from_secs(3);
    // Nobody reaches this size, so that the visit takes its whole time.
    visit.limits.quality.inter_eye_min = 500.0;
    let run = visit.run().await;
    assert_eq!(run.outcome(), Some(Outcome::PoorSamples));
    assert!((15..=47).contains(&run.previews), "{run:?}");
}

#[tokio::test]
async fn c21_camera_trouble_is_told_and_ends_the_worker() {
    let cases = [
        ("absent = true", CameraProblem::None, false),
        ("busy = true", CameraProblem::Busy, false),
        ("pictures = [\"white.png\"]\ndisconnect_after = 3", CameraProblem::Lost, true),
        ("pictures = [\"white.png\"]\nstall_after = 2", CameraProblem::Failed, true),
    ];
    for (script, problem, opened) in cases {
        let run = Visit::of("obama.jpg").in_front_of(&replay(script)).run().await;
        assert_eq!(run.camera_problem(), Some(problem), "{script}: {run:?}");
        assert_eq!(run.names().contains(&"CameraOpened"), opened, "{script}: {run:?}");
        assert_eq!(run.outcome(), None);
        assert_eq!(run.exit.code(), Some(0), "{script}");
    }
}

#[tokio::test]
async fn c26_stop_during_capture_ends_the_process_within_a_second() {
    let folder = replay(BIDEN);
    let visit = Visit::of("obama.jpg").in_front_of(&folder);
    let (worker, mut events) = worker(&setup::choice(&folder));
    worker.begin(visit.begin()).expect("begun");
    let mut seen = Run::until(&mut events, |event| matches!(event, WorkerEvent::Guidance(_))).await;
    let preview = worker.preview();
    assert!(preview.next_after(0).await.is_some());
    let stopped = Instant::now();
    worker.stop();
    seen.finish(&mut events).await;
    let took = stopped.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(preview.next_after(0).await.is_none(), "a picture is left");
    assert_eq!(seen.outcome(), None);
    assert_eq!(seen.exit.code(), Some(biometrics::exit_code::STOPPED), "it was killed instead");
}

#[tokio::test]
async fn c07_a_killed_worker_is_seen_to_end() {
    let folder = replay(BIDEN);
    let (worker, mut events) = worker(&setup::choice(&folder));
    worker.begin(Visit::of("obama.jpg").in_front_of(&folder).begin()).expect("begun");
    let mut seen =
        Run::until(&mut events, |event| matches!(event, WorkerEvent::CameraOpened)).await;
    signal(worker.id(), Signal::KILL);
    seen.finish(&mut events).await;
    assert_eq!(seen.outcome(), None);
    assert!(!seen.exit.success());
    assert!(worker.preview().next_after(0).await.is_none());
}

#[tokio::test]
async fn a_worker_that_hangs_is_killed_after_its_time() {
    let folder = replay(BIDEN);
    let mut visit = Visit::of("obama.jpg").in_front_of(&folder);
    visit.limits.time_limit = Duration::from_millis(500);
    let (worker, mut events) = worker(&setup::choice(&folder));
    let mut seen = Run::until(&mut events, |event| matches!(event, WorkerEvent::Ready(_))).await;
    let begun = Instant::now();
    signal(worker.id(), Signal::STOP);
    worker.begin(visit.begin()).expect("begun");
    seen.finish(&mut events).await;
    assert!(!seen.exit.success());
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(5) && took < Duration::from_secs(8), "{took:?}");
}

#[tokio::test]
async fn a_dropped_worker_ends_too() {
    let (worker, mut events) = worker(&setup::nothing());
    let mut seen = Run::until(&mut events, |event| matches!(event, WorkerEvent::Ready(_))).await;
    drop(worker);
    timeout(Duration::from_secs(2), seen.finish(&mut events)).await.expect("it ends");
    assert!(!seen.exit.success());
}

#[tokio::test]
async fn a_worker_has_one_task() {
    let (worker, mut events) = worker(&setup::nothing());
    let visit = Visit::of("obama.jpg");
    worker.begin(visit.begin()).expect("begun");
    assert!(matches!(worker.begin(visit.begin()), Err(biometrics::BiometricsError::AlreadyBegun)));
    worker.kill();
    Run::default().finish(&mut events).await;
    assert!(matches!(worker.read_codes(), Err(biometrics::BiometricsError::AlreadyBegun)));
}

#[tokio::test]
async fn a_wrong_or_missing_model_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in models_dir().read_dir().expect("models") {
        let path = entry.expect("a file").path();
        std::fs::copy(&path, folder.path().join(path.file_name().expect("a name")))
            .expect("copied");
    }
    let spoilt = folder.path().join("fr_feature.onnx");
    let mut bytes = std::fs::read(&spoilt).expect("the model");
    bytes[1000] ^= 1;
    std::fs::write(&spoilt, bytes).expect("written");
    let refused = |run: &Run| {
        run.events.iter().find_map(|event| match event {
            WorkerEvent::ModelsRefused { file, reason } => Some((file.clone(), *reason)),
            _ => None,
        })
    };
    let spec = WorkerSpec { models_dir: folder.path().to_owned(), ..setup::spec() };
    let run = Run::idle(&spec).await;
    assert_eq!(refused(&run), Some(("fr_feature.onnx".into(), ModelRefusal::WrongHash)));
    assert_eq!(run.exit.code(), Some(biometrics::exit_code::MODELS));
    std::fs::remove_file(&spoilt).expect("removed");
    let run = Run::idle(&spec).await;
    assert_eq!(refused(&run), Some(("fr_feature.onnx".into(), ModelRefusal::Missing)));
}

#[tokio::test]
async fn a_model_that_the_threshold_is_not_for_is_named_before_anybody_comes() {
    let spec = WorkerSpec { threshold_model: ModelHash([7; 32]), ..setup::spec() };
    let run = Run::idle(&spec).await;
    let refused = |event: &WorkerEvent| match event {
        WorkerEvent::ModelsRefused { file, reason } => {
            file == "fr_feature.onnx" && *reason == ModelRefusal::ForeignThreshold
        }
        _ => false,
    };
    assert!(run.events.iter().any(refused), "{run:?}");
    run.assert_order(&["ModelsRefused", "Exited"]);
    assert_eq!(run.exit.code(), Some(biometrics::exit_code::MODELS));
}

#[tokio::test]
async fn c16_an_unusable_reference_keeps_the_camera_closed() {
    let nobody = setup::png(&setup::white());
    let two = setup::png(&setup::side_by_side("obama.jpg", "obama.jpg"));
    let cases = [
        (b"no picture".to_vec(), ReferenceProblem::NotAPicture),
        (nobody, ReferenceProblem::NoFace),
        (two, ReferenceProblem::SeveralFaces),
    ];
    for (photo, problem) in cases {
        let run = Visit::with_reference(&photo).run().await;
        assert_eq!(run.reference_problem(), Some(problem), "{run:?}");
        run.assert_order(&["Ready", "ReferenceUnusable", "Exited"]);
        assert_eq!(run.events.len(), 2, "nothing else happens: {run:?}");
    }
}

#[tokio::test]
async fn c18_another_badges_key_opens_no_reference() {
    let mut visit = Visit::of("obama.jpg");
    visit.key = [9; 32];
    let run = visit.run().await;
    assert_eq!(run.reference_problem(), Some(ReferenceProblem::NotProcessed));
    assert!(!run.names().contains(&"CameraOpened"));
    let mut visit = Visit::of("obama.jpg");
    visit.sealed.truncate(10);
    assert_eq!(visit.run().await.reference_problem(), Some(ReferenceProblem::NotProcessed));
}

#[tokio::test]
async fn two_faces_before_the_camera_are_not_compared() {
    let folder = replay_of(&setup::side_by_side("obama.jpg", "obama.jpg"), "");
    let mut visit = Visit::of("obama.jpg").in_front_of(&folder);
    visit.limits.time_limit = Duration::from_secs(2);
    let run = visit.run().await;
    let guidance = run.events.iter().any(|event| {
        matches!(event, WorkerEvent::Guidance(Guidance::SeveralFaces | Guidance::ComeCloser))
    });
    assert!(guidance, "{run:?}");
    assert_eq!(run.outcome(), Some(Outcome::PoorSamples), "{run:?}");
}

#[tokio::test]
async fn a_qr_code_is_read_without_a_preview_and_without_a_face_search() {
    let text = "7K3M-Q9ZD-04XW-R5TC-J";
    let folder = replay_of(&setup::qr(text), "");
    let (worker, mut events) = worker(&setup::choice(&folder));
    worker.read_codes().expect("begun");
    let mut run = Run::default();
    run.finish(&mut events).await;
    run.assert_order(&["Ready", "CameraOpened", "Captured", "Code", "Exited"]);
    let read = run.events.iter().find_map(|event| match event {
        WorkerEvent::Code(code) => Some(code.as_str()),
        _ => None,
    });
    assert_eq!(read, Some(text));
    assert!(worker.preview().next_after(0).await.is_none());
    assert_eq!(run.exit.code(), Some(0));
}

#[tokio::test]
async fn c04_c24_the_worker_cannot_dump_core_write_files_or_be_read_by_others() {
    let (worker, mut events) = worker(&setup::nothing());
    let mut seen = Run::until(&mut events, |event| matches!(event, WorkerEvent::Ready(_))).await;
    let process = format!("/proc/{}", worker.id().expect("it runs"));
    let limits = std::fs::read_to_string(format!("{process}/limits")).expect("limits");
    for limit in ["Max core file size", "Max file size"] {
        let line = limits.lines().find(|line| line.starts_with(limit)).expect("the limit");
        let values: Vec<&str> = line[limit.len()..].split_whitespace().take(2).collect();
        assert_eq!(values, ["0", "0"], "{line}");
    }
    // What a process that is not dumpable has open, only root can see.
    match std::fs::read_dir(format!("{process}/fd")) {
        Ok(open) => assert!(open.count() <= 8, "more files are open than pipes and the models"),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied),
    }
    let environment = std::fs::read_to_string(format!("{process}/environ"));
    if let Ok(environment) = environment {
        assert_eq!(environment, "RUST_BACKTRACE=0\0");
    }
    worker.stop();
    seen.finish(&mut events).await;
}

#[tokio::test]
async fn processes_that_are_no_worker_are_ended() {
    let scripts = [
        ("closes its pipe and lives on", "exec 1>&-; exec /bin/sleep 60"),
        ("writes garbage", "printf 'garbage garbage'; exec /bin/sleep 60"),
        ("writes without end", "exec /bin/cat /dev/zero"),
        ("claims a frame of 4 GiB", r"printf '\377\377\377\377\201'; exec /bin/sleep 60"),
        ("dies at once", "exit 7"),
        ("dies within a frame", r"printf '\020\0\0'"),
    ];
    for (name, script) in scripts {
        let spec = setup::script(script);
        let run = timeout(Duration::from_secs(5), Run::idle(&spec.1)).await;
        let run = run.unwrap_or_else(|_| panic!("a process that {name} was not ended"));
        assert!(run.events.is_empty(), "{name}: {run:?}");
    }
}

#[test]
fn c16_photos_are_assessed_as_at_the_visit() {
    let assessor = biometrics::ReferenceAssessor::load(&models_dir()).expect("models");
    assert_eq!(assessor.assess(&photograph("obama.jpg")), Ok(()));
    let two = setup::png(&setup::side_by_side("obama.jpg", "obama.jpg"));
    assert_eq!(assessor.assess(&two), Err(ReferenceProblem::SeveralFaces));
    assert_eq!(assessor.assess(b"text"), Err(ReferenceProblem::NotAPicture));
}

fn signal(process: Option<u32>, signal: Signal) {
    let id = process.and_then(|id| Pid::from_raw(id.cast_signed())).expect("a process");
    kill_process(id, signal).expect("signalled");
}
