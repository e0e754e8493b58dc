//! Fetches frames on a thread of its own, so that preview and comparison each take the newest one
//! at their own pace.

use std::{
    io,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use camera::{CameraError, Frame, FrameSource};

/// A camera that delivers into a slot of one frame. Dropping it closes the camera.
pub(crate) struct Pump {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What waiting for a frame led to.
pub(crate) enum Pumped {
    Frame(Arc<Frame>),
    Failed(CameraError),
    TimeUp,
}

#[derive(Default)]
struct Shared {
    newest: Mutex<Option<Result<Arc<Frame>, CameraError>>>,
    arrived: Condvar,
    closing: AtomicBool,
}

impl Shared {
    fn newest(&self) -> MutexGuard<'_, Option<Result<Arc<Frame>, CameraError>>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pump {
    /// Starts to fetch frames; `also` sees every one of them.
    pub(crate) fn start(
        mut source: Box<dyn FrameSource>,
        also: impl Fn(&Arc<Frame>) + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let for_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("pump".into()).spawn(move || {
            while !for_thread.closing.load(Ordering::Relaxed) {
                let frame = source.next_frame().map(Arc::new);
                let failed = frame.is_err();
                if let Ok(frame) = &frame {
                    also(frame);
                }
                if failed {
                    // Closed before anybody hears of the failure.
                    drop(source);
                    *for_thread.newest() = Some(frame);
                    for_thread.arrived.notify_one();
                    return;
                }
                *for_thread.newest() = Some(frame);
                for_thread.arrived.notify_one();
            }
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The newest frame, waiting for one until `deadline`. After a failure there are no more.
    pub(crate) fn next(&self, deadline: Instant) -> Pumped {
        let mut newest = self.shared.newest();
        loop {
            match newest.take() {
                Some(Ok(frame)) => return Pumped::Frame(frame),
                Some(Err(error)) => return Pumped::Failed(error),
                None => {}
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Pumped::TimeUp;
            }
            let waited = self.shared.arrived.wait_timeout(newest, left.min(Duration::from_secs(1)));
            newest = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Closes the camera and wipes the frame that nobody took.
    pub(crate) fn close(mut self) {
        self.shutdown();
    }

    fn shutdown(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic there means that the camera is closed as well.
            thread.join().ok();
        }
        *self.shared.newest() = None;
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.shutdown();
    }
}
