//! Workers, visits and replays for the tests.

use std::{
    env, fmt, fs,
    io::{Cursor, ErrorKind},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use biometrics::{
    AttackLimits, BiometricsError, CameraChoice, CameraProblem, ChallengePolicy, EvidenceOrder,
    Limits, ModelHash, Outcome, ReferenceProblem,
    host::{Begin, Worker, WorkerEvent, WorkerSpec},
};
use image::{ImageFormat, Luma, Rgb, RgbImage, imageops};
use qrcode::QrCode;
use seal::{Kind, Locator, SealingKey};
use tempfile::TempDir;
use tokio::{sync::mpsc, time::sleep};
use zeroize::Zeroizing;

const KEY: [u8; 32] = [5; 32];
const LOCATOR: [u8; 32] = [6; 32];

fn cache(variable: &str, folder: &str) -> PathBuf {
    env::var_os(variable).map_or_else(
        || Path::new(&env::var_os("HOME").expect("HOME")).join(".cache/postern").join(folder),
        PathBuf::from,
    )
}

pub(crate) fn models_dir() -> PathBuf {
    cache("POSTERN_MODELS", "models")
}

fn picture(name: &str) -> PathBuf {
    let path = cache("POSTERN_PICTURES", "pictures").join(name);
    assert!(path.is_file(), "the demonstration picture {name} is missing");
    path
}

/// The bytes of a demonstration picture.
pub(crate) fn photograph(name: &str) -> Vec<u8> {
    fs::read(picture(name)).expect("a picture")
}

pub(crate) fn white() -> RgbImage {
    RgbImage::from_pixel(640, 480, Rgb([250, 250, 250]))
}

/// The upper halves of two pictures in one.
pub(crate) fn side_by_side(left: &str, right: &str) -> RgbImage {
    let mut both = RgbImage::new(1280, 640);
    for (name, x) in [(left, 0), (right, 640)] {
        let photo = image::open(picture(name)).expect("a picture").into_rgb8();
        let side = photo.width().min(photo.height());
        let head = imageops::crop_imm(&photo, 0, 0, side, side).to_image();
        let head = imageops::resize(&head, 640, 640, imageops::FilterType::Triangle);
        imageops::replace(&mut both, &head, x, 0);
    }
    both
}

pub(crate) fn qr(text: &str) -> RgbImage {
    let code = QrCode::new(text).expect("a code");
    let code = code.render::<Luma<u8>>().module_dimensions(8, 8).build();
    let code = image::DynamicImage::ImageLuma8(code).into_rgb8();
    let mut frame = white();
    imageops::replace(&mut frame, &code, 200, 100);
    frame
}

pub(crate) fn png(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).expect("encoded");
    bytes.into_inner()
}

/// A replay of demonstration pictures and `white.png`.
pub(crate) fn replay(script: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("replay.toml"), script).expect("written");
    white().save(folder.path().join("white.png")).expect("written");
    for name in ["obama2.jpg", "biden.jpg"] {
        fs::copy(picture(name), folder.path().join(name)).expect("copied");
    }
    folder
}

/// A replay of one made-up picture.
pub(crate) fn replay_of(image: &RgbImage, more: &str) -> TempDir {
    let folder = replay(&format!("pictures = [\"it.png\"]\n{more}"));
    fs::write(folder.path().join("it.png"), png(image)).expect("written");
    folder
}

pub(crate) fn choice(folder: &TempDir) -> CameraChoice {
    CameraChoice::Replay { path: folder.path().to_owned() }
}

/// No camera that could be opened.
pub(crate) fn nothing() -> CameraChoice {
    CameraChoice::Replay { path: "/nonexistent".into() }
}

pub(crate) fn spec() -> WorkerSpec {
    WorkerSpec {
        program: env!("CARGO_BIN_EXE_biometrics-worker").into(),
        models_dir: models_dir(),
        threshold_model: ModelHash::FR_FEATURE,
        camera: nothing(),
    }
}

pub(crate) fn worker(camera: &CameraChoice) -> (Worker, mpsc::Receiver<WorkerEvent>) {
    Worker::spawn(&WorkerSpec { camera: camera.clone(), ..spec() }).expect("a worker")
}

/// A shell script in the place of the worker.
pub(crate) fn script(text: &str) -> (TempDir, WorkerSpec) {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("worker.sh");
    fs::write(&program, format!("#!/bin/sh\n{text}\n")).expect("written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("executable");
    (folder, WorkerSpec { program, ..spec() })
}

/// Starts a worker, or a script in its place.
pub(crate) async fn spawn(spec: &WorkerSpec) -> (Worker, mpsc::Receiver<WorkerEvent>) {
    loop {
        match Worker::spawn(spec) {
            // Another test forked while the script was being written and still has it open.
            Err(BiometricsError::Spawn(error)) if error.kind() == ErrorKind::ExecutableFileBusy => {
                sleep(Duration::from_millis(10)).await;
            }
            spawned => return spawned.expect("a process"),
        }
    }
}

/// What a worker writes: a frame of the wire.
pub(crate) fn frame(tag: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_le_bytes();
    [&length[..], &[tag], payload].concat()
}

/// A visitor's badge and what stands before the camera.
pub(crate) struct Visit {
    pub(crate) camera: CameraChoice,
    pub(crate) sealed: Vec<u8>,
    pub(crate) key: [u8; 32],
    pub(crate) limits: Limits,
    pub(crate) evidence: Option<EvidenceOrder>,
}

impl Visit {
    /// A badge with that demonstration picture, nobody before the camera.
    pub(crate) fn of(name: &str) -> Self {
        Self::with_reference(&photograph(name))
    }

    pub(crate) fn with_reference(photo: &[u8]) -> Self {
        let key = SealingKey::from_bytes(Zeroizing::new(KEY));
        let sealed = key.seal(photo, &Locator(LOCATOR), Kind::Reference).expect("sealed");
        // The pictures of a replay cannot answer a challenge.
        let attack = AttackLimits { challenge: ChallengePolicy::Never, ..AttackLimits::default() };
        let limits = Limits { attack, ..Limits::default() };
        Self { camera: nothing(), sealed, key: KEY, limits, evidence: None }
    }

    pub(crate) fn in_front_of(mut self, folder: &TempDir) -> Self {
        self.camera = choice(folder);
        self
    }

    pub(crate) fn leaving_evidence_for(mut self, whom: &age::x25519::Identity) -> Self {
        let recipient = whom.to_public().to_string();
        let at = "2026-11-23T08:15:02Z".to_owned();
        self.evidence = Some(EvidenceOrder::new(&recipient, at).expect("an order"));
        self
    }

    pub(crate) fn begin(&self) -> Begin {
        Begin {
            sealed_reference: self.sealed.clone(),
            key: SealingKey::from_bytes(Zeroizing::new(self.key)),
            locator: Locator(LOCATOR),
            limits: self.limits,
            evidence: self.evidence.clone(),
        }
    }

    /// Begins once the worker is ready, watches the preview, and waits for the exit.
    pub(crate) async fn run(self) -> Run {
        let (worker, mut events) = worker(&self.camera);
        let mut run = Run::until(&mut events, |event| matches!(event, WorkerEvent::Ready(_))).await;
        let preview = worker.preview();
        let watching = tokio::spawn(async move {
            let (mut last, mut count) = (0, 0);
            while let Some((sequence, picture)) = preview.next_after(last).await {
                assert_eq!(picture.canvas_length(), 8 + 640 * 480 * 4);
                assert!(sequence > last);
                (last, count) = (sequence, count + 1);
            }
            count
        });
        worker.begin(self.begin()).expect("begun");
        run.finish(&mut events).await;
        run.previews = watching.await.expect("previews");
        run
    }
}

/// What a worker did.
#[derive(Default)]
pub(crate) struct Run {
    /// All events but `Exited`.
    pub(crate) events: Vec<WorkerEvent>,
    /// Only meaningful after the end.
    pub(crate) exit: ExitStatus,
    pub(crate) previews: u32,
}

impl Run {
    /// A worker without a task.
    pub(crate) async fn idle(spec: &WorkerSpec) -> Self {
        let (_worker, mut events) = spawn(spec).await;
        let mut run = Self::default();
        run.finish(&mut events).await;
        run
    }

    pub(crate) async fn until(
        events: &mut mpsc::Receiver<WorkerEvent>,
        wanted: impl Fn(&WorkerEvent) -> bool,
    ) -> Self {
        let mut run = Self::default();
        loop {
            let event = events.recv().await.expect("an event");
            assert!(!matches!(event, WorkerEvent::Exited(_)), "ended early: {run:?}");
            let found = wanted(&event);
            run.events.push(event);
            if found {
                return run;
            }
        }
    }

    /// Takes all events; `Exited` must come, once, and be the last.
    pub(crate) async fn finish(&mut self, events: &mut mpsc::Receiver<WorkerEvent>) {
        let mut exits = Vec::new();
        while let Some(event) = events.recv().await {
            assert!(exits.is_empty(), "{event:?} after the exit");
            match event {
                WorkerEvent::Exited(status) => exits.push(status),
                event => self.events.push(event),
            }
        }
        assert_eq!(exits.len(), 1, "the exit must be seen once: {self:?}");
        self.exit = exits[0];
    }

    /// The kinds of events in their order, guidance left out, with the exit.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.events.iter().map(name).collect();
        names.retain(|name| *name != "Guidance");
        names.push("Exited");
        names
    }

    pub(crate) fn assert_order(&self, names: &[&str]) {
        assert_eq!(self.names(), names, "{self:?}");
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.events.iter().find_map(|event| match event {
            WorkerEvent::Outcome(outcome) => Some(*outcome),
            _ => None,
        })
    }

    pub(crate) fn evidence(&self) -> Option<&[u8]> {
        self.events.iter().find_map(|event| match event {
            WorkerEvent::Evidence(sealed) => Some(sealed.as_bytes()),
            _ => None,
        })
    }

    pub(crate) fn camera_problem(&self) -> Option<CameraProblem> {
        self.events.iter().find_map(|event| match event {
            WorkerEvent::CameraFailed(problem, _) => Some(*problem),
            _ => None,
        })
    }

    pub(crate) fn reference_problem(&self) -> Option<ReferenceProblem> {
        self.events.iter().find_map(|event| match event {
            WorkerEvent::ReferenceUnusable(problem) => Some(*problem),
            _ => None,
        })
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {} previews, {:?}", self.events, self.previews, self.exit)
    }
}

fn name(event: &WorkerEvent) -> &'static str {
    match event {
        WorkerEvent::Ready(_) => "Ready",
        WorkerEvent::ModelsRefused { .. } => "ModelsRefused",
        WorkerEvent::CameraOpened => "CameraOpened",
        WorkerEvent::CameraFailed(..) => "CameraFailed",
        WorkerEvent::Guidance(_) => "Guidance",
        WorkerEvent::Captured => "Captured",
        WorkerEvent::ReferenceUnusable(_) => "ReferenceUnusable",
        WorkerEvent::Evidence(_) => "Evidence",
        WorkerEvent::Outcome(_) => "Outcome",
        WorkerEvent::Code(_) => "Code",
        WorkerEvent::Exited(_) => "Exited",
    }
}
