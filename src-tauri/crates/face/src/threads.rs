//! The engine's threads: a picture's work is done on them and on no others.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::FaceError;

/// Most threads of an engine. A visit keeps two busy; an evaluation as many as there are.
const MOST: usize = 8;

/// How many cores there are to work on, at most [`MOST`].
pub(crate) fn cores() -> usize {
    available_parallelism().map_or(1, usize::from).min(MOST)
}

/// One thread for each core.
pub(crate) fn pool() -> Result<ThreadPool, FaceError> {
    let pool = ThreadPoolBuilder::new().num_threads(cores()).build();
    pool.map_err(|error| FaceError::Threads(error.to_string()))
}

/// Does work whose halves go to another thread of the same pool again and again, while that thread
/// stays awake for them: it takes longer to wake than most halves take to compute.
pub(crate) fn in_company<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    struct Over<'a>(&'a AtomicBool);
    impl Drop for Over<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Release);
        }
    }
    let over = AtomicBool::new(false);
    let (result, ()) = rayon::join(
        || {
            // Also if the work panics.
            let _over = Over(&over);
            work()
        },
        || {
            while !over.load(Ordering::Acquire) {
                if rayon::yield_now() != Some(rayon::Yield::Executed) {
                    std::hint::spin_loop();
                }
            }
        },
    );
    result
}
