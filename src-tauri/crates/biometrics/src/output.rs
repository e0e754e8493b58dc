//! The worker's mouth: a thread that writes reports, and the newest preview picture whenever the
//! app has taken the one before.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Write},
    os::fd::AsFd,
    process,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use camera::Frame;

use crate::{
    message::{FromWorker, Report},
    picture::Picture,
    wire,
    worker::exit_code,
};

/// At most 15 preview pictures a second.
const PREVIEW_INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / 15);

/// Takes what is to be written; never waits for the app.
#[derive(Clone)]
pub(crate) struct Output(Arc<Shared>);

#[derive(Default)]
struct Shared {
    pending: Mutex<Pending>,
    changed: Condvar,
}

#[derive(Default)]
struct Pending {
    messages: VecDeque<FromWorker>,
    /// The newest frame, until it is written or replaced.
    preview: Option<Arc<Frame>>,
    previews_over: bool,
    finished: bool,
}

impl Output {
    /// Starts the writing thread on standard output.
    pub(crate) fn start() -> io::Result<(Self, JoinHandle<()>)> {
        // Not `Stdout`: its buffer would keep pieces of pictures.
        let to = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let output = Self(Arc::default());
        let shared = Arc::clone(&output.0);
        let thread = thread::Builder::new().name("output".into()).spawn(move || {
            // Without the app there is nobody to serve.
            if write_all(&shared, to).is_err() {
                process::exit(exit_code::STOPPED);
            }
        })?;
        Ok((output, thread))
    }

    /// Queues a report.
    pub(crate) fn report(&self, report: Report) {
        self.send(FromWorker::Report(report));
    }

    /// Queues a message.
    pub(crate) fn send(&self, message: FromWorker) {
        self.0.pending().messages.push_back(message);
        self.0.changed.notify_one();
    }

    /// Offers a frame for the preview in place of the one before.
    pub(crate) fn show(&self, frame: &Arc<Frame>) {
        let mut pending = self.0.pending();
        if !pending.previews_over {
            pending.preview = Some(Arc::clone(frame));
            self.0.changed.notify_one();
        }
    }

    /// Ends the preview: the waiting frame is dropped and none follows.
    pub(crate) fn end_previews(&self) {
        let mut pending = self.0.pending();
        pending.previews_over = true;
        pending.preview = None;
    }

    /// Lets the thread end once all messages are written.
    pub(crate) fn finish(&self) {
        self.end_previews();
        self.0.pending().finished = true;
        self.0.changed.notify_one();
    }
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for what is to be written next; messages go before pictures.
    fn next(&self, next_preview: Instant) -> Option<Next> {
        let mut pending = self.pending();
        loop {
            if let Some(message) = pending.messages.pop_front() {
                return Some(Next::Message(message));
            }
            let wait = next_preview.saturating_duration_since(Instant::now());
            if wait.is_zero()
                && let Some(frame) = pending.preview.take()
            {
                return Some(Next::Preview(frame));
            }
            if pending.finished {
                return None;
            }
            pending = if pending.preview.is_some() {
                let waited = self.changed.wait_timeout(pending, wait);
                waited.unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.changed.wait(pending).unwrap_or_else(PoisonError::into_inner)
            };
        }
    }
}

enum Next {
    Message(FromWorker),
    Preview(Arc<Frame>),
}

fn write_all(shared: &Shared, mut to: impl Write) -> io::Result<()> {
    let mut next_preview = Instant::now();
    while let Some(next) = shared.next(next_preview) {
        let message = match next {
            Next::Message(message) => message,
            Next::Preview(frame) => {
                // Counted from the last one's due time, so that the rate is 15 and not a little less.
                next_preview = Instant::now().max(next_preview + PREVIEW_INTERVAL);
                FromWorker::Preview(Picture::of_frame(frame.image()))
            }
        };
        if let Some((tag, payload)) = message.encode() {
            to.write_all(&wire::header(tag, payload.len()))?;
            to.write_all(&payload)?;
        }
    }
    Ok(())
}
