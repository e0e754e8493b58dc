//! The database behind a thread: `SQLite` blocks, the controller does not.

use std::sync::{Arc, Mutex, PoisonError};

use store::Store;

/// A handle to the one [`Store`] of the kiosk.
#[derive(Clone)]
pub(crate) struct Db(Arc<Mutex<Store>>);

impl Db {
    pub(crate) fn new(store: Store) -> Self {
        Self(Arc::new(Mutex::new(store)))
    }

    /// Runs `work` on a thread that may block. `None` when that thread ended early.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> Option<T> {
        let store = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            work(&mut store.lock().unwrap_or_else(PoisonError::into_inner))
        })
        .await
        .ok()
    }
}
