//! Watches one worker process from start to end, and ends it when it overstays.

use std::{
    future::pending,
    process::ExitStatus,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, ChildStdout},
    sync::mpsc,
    time::{Instant, sleep, sleep_until, timeout},
};
use zeroize::Zeroizing;

use super::{WorkerEvent, preview::PreviewSender};
use crate::{
    message::{FromWorker, Report, ToWorker},
    retained::leaves_evidence,
    wire::{self, HEADER, Received, WireError},
};

/// For loading the models: a fifth of a second on a kiosk. A machine that emulates another takes
/// most of a minute; nobody waits for it, since a visit has limits of its own.
const READY: Duration = Duration::from_mins(2);
/// Beyond the task's own time limit: to make the reference, open the camera and end.
const GRACE: Duration = Duration::from_secs(5);
/// To exit after the last report.
const EXIT: Duration = Duration::from_secs(1);
/// To exit when asked, or after closing the pipe.
const STOP: Duration = Duration::from_millis(500);
/// For the rest of what an exited worker wrote.
const DRAIN: Duration = Duration::from_secs(1);

/// What the app wants of the worker.
pub(super) enum Order {
    /// Do this, within this time.
    Task {
        frame: Zeroizing<Vec<u8>>,
        limit: Duration,
    },
    Stop,
    Kill,
}

/// What the reader tells the supervisor, besides the events for the app.
enum News {
    Ready,
    /// The worker said its last word.
    Last,
    /// The worker closed its pipe.
    Closed,
    /// The worker does not keep to the protocol.
    Misbehaved,
}

/// Runs until the process is gone, then sends `Exited`.
pub(super) async fn supervise(
    mut child: Child,
    mut orders: mpsc::UnboundedReceiver<Order>,
    events: mpsc::Sender<WorkerEvent>,
    pictures: PreviewSender,
    evidence_ordered: Arc<AtomicBool>,
) {
    let (frames, for_writer) = mpsc::unbounded_channel();
    let (tell, mut news) = mpsc::unbounded_channel();
    let writer = child.stdin.take().map(|stdin| tokio::spawn(write(stdin, for_writer)));
    let reader = child
        .stdout
        .take()
        .map(|stdout| tokio::spawn(read(stdout, events.clone(), pictures, evidence_ordered, tell)));
    let mut watch = Watch::new(Instant::now());
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            order = orders.recv() => match order {
                Some(Order::Task { frame, limit }) => {
                    watch.begun(Instant::now(), limit);
                    frames.send(frame).ok();
                }
                Some(Order::Stop) => {
                    watch.within(Instant::now(), STOP);
                    if let Ok(frame) = ToWorker::Stop.encode() {
                        frames.send(frame).ok();
                    }
                }
                Some(Order::Kill) => watch.overdue(),
                // The app dropped the worker. The closed channel stays ready, so this must not
                // turn in a circle.
                None => { child.start_kill().ok(); break child.wait().await }
            },
            Some(news) = news.recv() => match news {
                News::Ready => watch.ready(),
                News::Last => watch.within(Instant::now(), EXIT),
                News::Closed => watch.within(Instant::now(), STOP),
                News::Misbehaved => watch.overdue(),
            },
            () = watch.expired() => {
                // Nothing can be done about an error: the process may just have ended.
                child.start_kill().ok();
                watch.killed();
            }
        }
    };
    if let Some(writer) = writer {
        writer.abort();
    }
    if let Some(mut reader) = reader
        && timeout(DRAIN, &mut reader).await.is_err()
    {
        reader.abort();
        // Until then the reader could still send an event or show a picture.
        reader.await.ok();
    }
    if let Some(status) = seen_to_end(status, &mut child).await {
        events.send(WorkerEvent::Exited(status)).await.ok();
    }
}

/// The exit as the system reported it. Where it could not be asked, it is asked again for a
/// while; it is never made up.
async fn seen_to_end(first: std::io::Result<ExitStatus>, child: &mut Child) -> Option<ExitStatus> {
    let mut status = first;
    for _ in 0..50 {
        match status {
            Ok(status) => return Some(status),
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
        child.start_kill().ok();
        status = child.wait().await;
    }
    status.ok()
}

/// Until when the worker must have moved on.
struct Watch {
    /// For loading the models; `None` once it is ready.
    loading: Option<Instant>,
    /// For what it was last told or said.
    due: Option<Instant>,
    killed: bool,
}

impl Watch {
    fn new(now: Instant) -> Self {
        Self { loading: Some(now + READY), due: None, killed: false }
    }

    fn ready(&mut self) {
        self.loading = None;
    }

    /// A task given while the models still load begins when they are there.
    fn begun(&mut self, now: Instant, limit: Duration) {
        self.due = Some(self.loading.unwrap_or(now) + limit + GRACE);
    }

    /// Shortens the time that is left.
    fn within(&mut self, now: Instant, limit: Duration) {
        let new = now + limit;
        self.due = Some(self.due.map_or(new, |due| due.min(new)));
    }

    fn overdue(&mut self) {
        self.within(Instant::now(), Duration::ZERO);
    }

    fn killed(&mut self) {
        self.killed = true;
    }

    fn deadline(&self) -> Option<Instant> {
        if self.killed {
            return None;
        }
        match (self.loading, self.due) {
            (Some(loading), Some(due)) => Some(loading.min(due)),
            (loading, due) => loading.or(due),
        }
    }

    async fn expired(&self) {
        match self.deadline() {
            Some(deadline) => sleep_until(deadline).await,
            None => pending().await,
        }
    }
}

/// Writes frames as they come; each is wiped once it is written.
async fn write(mut to: ChildStdin, mut frames: mpsc::UnboundedReceiver<Zeroizing<Vec<u8>>>) {
    while let Some(frame) = frames.recv().await {
        // A worker that no longer reads is ending; its exit tells.
        if to.write_all(&frame).await.is_err() {
            return;
        }
    }
}

/// Turns what the worker writes into events and pictures, until it closes its pipe.
async fn read(
    mut from: ChildStdout,
    events: mpsc::Sender<WorkerEvent>,
    pictures: PreviewSender,
    evidence_ordered: Arc<AtomicBool>,
    tell: mpsc::UnboundedSender<News>,
) {
    let mut evidence = None;
    let end = loop {
        match receive(&mut from).await {
            Ok(FromWorker::Preview(picture)) => pictures.put(picture),
            // What was not ordered is not taken, and nothing is taken twice. It waits for the
            // outcome: a visit that is stopped before leaves nothing.
            Ok(FromWorker::Evidence(sealed))
                if evidence_ordered.load(Ordering::SeqCst) && evidence.is_none() =>
            {
                evidence = Some(sealed);
            }
            Ok(FromWorker::Report(report)) => {
                if let Report::Outcome(outcome) = &report {
                    let owed = evidence_ordered.load(Ordering::SeqCst) && leaves_evidence(*outcome);
                    if owed != evidence.is_some() {
                        break News::Misbehaved;
                    }
                    if let Some(sealed) = evidence.take() {
                        events.send(WorkerEvent::Evidence(sealed)).await.ok();
                    }
                }
                match &report {
                    Report::Ready(_) => drop(tell.send(News::Ready)),
                    Report::Captured => pictures.end(),
                    Report::ModelsRefused { .. }
                    | Report::CameraFailed { .. }
                    | Report::ReferenceUnusable(_)
                    | Report::Outcome(_) => {
                        pictures.end();
                        drop(tell.send(News::Last));
                    }
                    Report::CameraOpened | Report::Guidance(_) => {}
                }
                events.send(event(report)).await.ok();
            }
            Ok(FromWorker::Code(code)) => {
                tell.send(News::Last).ok();
                events.send(WorkerEvent::Code(code)).await.ok();
            }
            Err(WireError::Closed) => break News::Closed,
            Ok(FromWorker::Evidence(_)) | Err(_) => break News::Misbehaved,
        }
    };
    pictures.end();
    tell.send(end).ok();
}

async fn receive(from: &mut ChildStdout) -> Result<FromWorker, WireError> {
    let mut head = [0; HEADER];
    if from.read(&mut head[..1]).await.map_err(|_| WireError::Broken)? == 0 {
        return Err(WireError::Closed);
    }
    from.read_exact(&mut head[1..]).await.map_err(|_| WireError::Broken)?;
    let (tag, length) = wire::parse_header(head, wire::FROM_WORKER)?;
    let mut payload = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut payload).await.map_err(|_| WireError::Broken)?;
    FromWorker::decode(&Received { tag, payload })
}

fn event(report: Report) -> WorkerEvent {
    match report {
        Report::Ready(protection) => WorkerEvent::Ready(protection),
        Report::ModelsRefused { file, reason } => WorkerEvent::ModelsRefused { file, reason },
        Report::CameraOpened => WorkerEvent::CameraOpened,
        Report::CameraFailed { problem, reason } => WorkerEvent::CameraFailed(problem, reason),
        Report::Guidance(guidance) => WorkerEvent::Guidance(guidance),
        Report::Captured => WorkerEvent::Captured,
        Report::ReferenceUnusable(problem) => WorkerEvent::ReferenceUnusable(problem),
        Report::Outcome(outcome) => WorkerEvent::Outcome(outcome),
    }
}
