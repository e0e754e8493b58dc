//! The app's side of the worker: start it, give it its task, hear its news, see it end.

mod preview;
mod supervise;

use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use camera::{CameraChoice, CameraFiles, CameraProblem};
use face::{Guidance, Limits, ModelHash, Outcome, ReferenceProblem};
use seal::{BadgeCode, Locator, SealingKey};
use tokio::{process::Command, sync::mpsc};

pub use self::preview::Preview;
use self::supervise::Order;
use crate::{
    BiometricsError, CODE_READING_LIMIT, EvidenceOrder, ModelRefusal, Protection, Sealed,
    message::ToWorker,
};

/// Events that wait for the app at most; a worker that says more waits.
const EVENTS: usize = 64;

/// How a worker is started: `program biometrics models_dir threshold_model camera`.
#[derive(Clone, Debug)]
pub struct WorkerSpec {
    /// The executable; for the app its own.
    pub program: PathBuf,
    /// Folder with the model files.
    pub models_dir: PathBuf,
    /// The template model that the kiosk's threshold is for. A worker that has another is not
    /// ready for anybody.
    pub threshold_model: ModelHash,
    /// Where the frames come from. The worker can open nothing else, so it must know before it
    /// begins.
    pub camera: CameraChoice,
}

/// The task of one visit: compare the face in front of the camera with this one reference
/// (POLICY.md C06).
pub struct Begin {
    /// The certificate photo as the store keeps it, sealed as [`seal::Kind::Reference`].
    pub sealed_reference: Vec<u8>,
    /// The badge's key for it. Wiped here once it is in the pipe.
    pub key: SealingKey,
    /// The badge's locator, to which the seal is bound.
    pub locator: Locator,
    /// Limits of the verification.
    pub limits: Limits,
    /// Evidence that a law wants of this visit. Usually none.
    pub evidence: Option<EvidenceOrder>,
}

/// What happens in a worker, in this order: `Ready`; after [`Worker::begin`] `CameraOpened`, some
/// `Guidance`, `Captured`, `Evidence` if it was ordered, `Outcome`; at the end always `Exited`.
#[derive(Debug)]
pub enum WorkerEvent {
    /// The process has given up what it does not need, and loaded the models; the camera is closed.
    Ready(Protection),
    /// A model is missing or not the listed one, or the threshold is for another: the face lane
    /// stays closed.
    ModelsRefused {
        /// File name of the model.
        file: String,
        /// What is wrong with it.
        reason: ModelRefusal,
    },
    /// The camera delivers frames.
    CameraOpened,
    /// The camera cannot be used, or no longer; it is closed. With the technician's reason.
    CameraFailed(CameraProblem, String),
    /// What the visitor may do to help; sent when it changes.
    Guidance(Guidance),
    /// The camera is closed.
    Captured,
    /// The certificate photo cannot serve as reference; the camera was not opened. A photo that
    /// the badge's key does not open is `NotProcessed`.
    ReferenceUnusable(ReferenceProblem),
    /// What a law wants kept of the visit. Comes exactly if it was ordered and a comparison was
    /// made; a worker that does otherwise is killed, and its outcome is not heard.
    Evidence(Sealed),
    /// How the comparison ended.
    Outcome(Outcome),
    /// A QR code was read (code reading only).
    Code(BadgeCode),
    /// The process is gone, and with it everything it held. Always the last event, exactly once,
    /// however the worker ended. Should the channel close without it, the system lost track of
    /// the process: that is a fault, and no proof of anything.
    Exited(ExitStatus),
}

/// A worker process. Dropping it kills the process.
pub struct Worker {
    orders: mpsc::UnboundedSender<Order>,
    preview: Preview,
    process: Option<u32>,
    begun: AtomicBool,
    /// Whether the worker was asked for evidence.
    evidence_ordered: Arc<AtomicBool>,
    camera: CameraChoice,
    /// What the worker was allowed to open when it started.
    files: CameraFiles,
}

impl Worker {
    /// Starts a worker, which loads its models and then waits with the camera closed. Call it
    /// within a tokio runtime.
    pub fn spawn(
        spec: &WorkerSpec,
    ) -> Result<(Self, mpsc::Receiver<WorkerEvent>), BiometricsError> {
        let files = camera::files(&spec.camera);
        let camera = serde_json::to_string(&spec.camera)
            .map_err(|_| BiometricsError::Unsendable("the camera's path"))?;
        let child = Command::new(&spec.program)
            .arg("biometrics")
            .arg(&spec.models_dir)
            .arg(spec.threshold_model.to_string())
            .arg(camera)
            .env_clear()
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A panic's text could quote what the worker was looking at.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(BiometricsError::Spawn)?;
        let process = child.id();
        let (orders, for_worker) = mpsc::unbounded_channel();
        let (events, receiver) = mpsc::channel(EVENTS);
        let (pictures, preview) = preview::preview();
        let evidence_ordered = Arc::new(AtomicBool::new(false));
        let supervision = supervise::supervise(
            child,
            for_worker,
            events,
            pictures,
            Arc::clone(&evidence_ordered),
        );
        tokio::spawn(supervision);
        let begun = AtomicBool::new(false);
        let camera = spec.camera.clone();
        Ok((Self { orders, preview, process, begun, evidence_ordered, camera, files }, receiver))
    }

    /// Whether the camera is still the one that the worker may open. When one was plugged in since
    /// the worker started, only a new worker can open it.
    pub fn may_open_camera(&self) -> bool {
        self.files == camera::files(&self.camera)
    }

    /// Gives the worker its visit. It is killed unless it ends within the time limit of the
    /// verification and five seconds more.
    pub fn begin(&self, begin: impl Into<Box<Begin>>) -> Result<(), BiometricsError> {
        let begin = begin.into();
        let limit = begin.limits.time_limit;
        let evidence = begin.evidence.is_some();
        self.order(&ToWorker::Begin(begin), limit, evidence)
    }

    /// Lets the worker read one QR code instead of serving a visit: no face is looked for, no
    /// preview is sent. It gives up after [`CODE_READING_LIMIT`].
    pub fn read_codes(&self) -> Result<(), BiometricsError> {
        self.order(&ToWorker::ReadCodes, CODE_READING_LIMIT, false)
    }

    fn order(
        &self,
        task: &ToWorker,
        limit: std::time::Duration,
        evidence: bool,
    ) -> Result<(), BiometricsError> {
        let frame = task.encode()?;
        if self.begun.swap(true, Ordering::Relaxed) {
            return Err(BiometricsError::AlreadyBegun);
        }
        // The reader sees it in time: the worker cannot answer a task that was not sent yet.
        self.evidence_ordered.store(evidence, Ordering::SeqCst);
        self.orders.send(Order::Task { frame, limit }).map_err(|_| BiometricsError::Ended)
    }

    /// Asks the worker to end, and kills it if it is still there after half a second. The proof
    /// comes as [`WorkerEvent::Exited`]; a worker that already ended needs nothing more.
    pub fn stop(&self) {
        self.orders.send(Order::Stop).ok();
    }

    /// Kills the worker now; `Exited` follows.
    pub fn kill(&self) {
        self.orders.send(Order::Kill).ok();
    }

    /// The preview of this worker's visit.
    pub fn preview(&self) -> Preview {
        self.preview.clone()
    }

    /// The process id, for measurements.
    pub fn id(&self) -> Option<u32> {
        self.process
    }
}
