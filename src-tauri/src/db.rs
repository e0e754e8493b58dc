//! The database behind a thread of its own: `SQLite` blocks, the controller does not. Work is
//! done in the order in which it was handed in.

use std::sync::mpsc;

use store::Store;
use tokio::sync::oneshot;

type Work = Box<dyn FnOnce(&mut Store) + Send>;

/// A handle to the one [`Store`] of the kiosk.
#[derive(Clone)]
pub(crate) struct Db(mpsc::Sender<Work>);

impl Db {
    /// Gives the store to a thread, which ends with the last handle.
    pub(crate) fn new(mut store: Store) -> Self {
        let (sender, work) = mpsc::channel::<Work>();
        std::thread::spawn(move || {
            for work in work {
                work(&mut store);
            }
        });
        Self(sender)
    }

    /// Hands in `work` now. The answer does not come when the database's thread has ended.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (reply, answer) = oneshot::channel();
        // A thread that has ended drops the work, and with it the reply.
        self.0.send(Box::new(move |store| drop(reply.send(work(store))))).ok();
        answer
    }
}
