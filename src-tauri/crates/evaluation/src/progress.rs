//! Work on all cores, and how far it is.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How far the evaluation is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Pictures, sequences and videos that are done.
    pub done: usize,
    /// All of them.
    pub total: usize,
    /// How long the rest takes if it goes on as before.
    pub left: Duration,
}

/// Tells of progress; called from several threads.
pub type Watcher<'a> = &'a (dyn Fn(Progress) + Sync);

/// Does `job` for 0..count on all cores. The results are in order, whoever made them.
pub(crate) fn in_parallel<T: Send>(
    count: usize,
    watcher: Watcher<'_>,
    job: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(count.max(1));
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
    let begun = Instant::now();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let result = job(index);
            results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            let left = begun.elapsed().mul_f64((count - done) as f64 / done as f64);
            watcher(Progress { done, total: count, left });
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_and_every_one_is_told() {
        let told = Mutex::new(Vec::new());
        let watcher = |progress: Progress| {
            if let Ok(mut told) = told.lock() {
                told.push((progress.done, progress.total));
            }
        };
        let results = in_parallel(100, &watcher, |index| index * index);
        assert_eq!(results, (0..100).map(|i| i * i).collect::<Vec<_>>());
        let mut told = told.into_inner().unwrap_or_default();
        told.sort_unstable();
        assert_eq!(told, (1..=100).map(|done| (done, 100)).collect::<Vec<_>>());
        assert!(in_parallel(0, &|_| {}, |index| index).is_empty());
    }
}
