//! The database behind a thread of its own: `SQLite` blocks, the controller does not. Work is
//! done in the order in which it was handed in.

use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use note::KioskKey;
use store::{Store, StoreError};
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::config::Config;
use crate::registration::{NoRegistration, Registration};
use crate::relay::{NoRelay, Relay};

type Work = Box<dyn FnOnce(&mut Store) + Send>;

/// Opens the database, as often as it takes.
pub(crate) type Opener = Arc<dyn Fn() -> Result<Box<Opened>, Unopened> + Send + Sync>;

/// An open database, and what it has kept for the whole kiosk.
pub(crate) struct Opened {
    pub(crate) db: Db,
    /// The time that goes on from the kept one.
    pub(crate) clock: Clock,
    /// Signs receipts.
    pub(crate) receipt_key: KioskKey,
    /// The registration platform, if the kiosk is connected to one.
    pub(crate) registration: Result<Option<Registration>, NoRegistration>,
    /// The other kiosks of the venue, if this one has joined them.
    pub(crate) relay: Result<Option<Relay>, NoRelay>,
}

impl Opened {
    /// Takes over an open store.
    pub(crate) fn new(store: Store, config: &Config) -> Result<Self, StoreError> {
        let clock = Clock::of(&store)?;
        let receipt_key = kiosk_key(&store)?;
        let registration = Registration::of(&config.network, &store);
        let relay = Relay::of(config, &store);
        Ok(Self { db: Db::new(store), clock, receipt_key, registration, relay })
    }
}

/// The key with which this kiosk signs receipts and the heads of its audit log.
pub(crate) fn kiosk_key(store: &Store) -> Result<KioskKey, StoreError> {
    store.receipt_seed().map(|seed| KioskKey::from_seed(&seed))
}

/// Why there is no open database.
pub(crate) struct Unopened {
    /// With the name of the folder, for the technician.
    pub(crate) reason: String,
    pub(crate) trouble: Option<store::Trouble>,
}

/// A handle to the one [`Store`] of the kiosk.
#[derive(Clone)]
pub(crate) struct Db(Arc<Worker>);

/// The thread and the way to it.
struct Worker {
    work: Option<mpsc::Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The thread does what was handed in and ends. It is waited for: a process that ends
        // under it would take the cipher's library away while it is in use.
        drop(self.work.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            thread.join().ok(); // a panic was told where its answer is missing
        }
    }
}

impl Db {
    /// Gives the store to a thread, which ends with the last handle.
    pub(crate) fn new(mut store: Store) -> Self {
        let (sender, work) = mpsc::channel::<Work>();
        let thread = thread::spawn(move || {
            for work in work {
                work(&mut store);
            }
        });
        Self(Arc::new(Worker { work: Some(sender), thread: Some(thread) }))
    }

    /// Hands in `work` now. The answer does not come when the database's thread has ended.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (reply, answer) = oneshot::channel();
        // A thread that has ended drops the work, and with it the reply.
        if let Some(sender) = &self.0.work {
            sender.send(Box::new(move |store| drop(reply.send(work(store))))).ok();
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn work_is_done_in_the_order_in_which_it_was_handed_in() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::new(Store::open_folder(folder.path()).unwrap());
        let (done, order) = mpsc::channel();
        let mut last = None;
        for n in 0..64 {
            let done = done.clone();
            // Of all but the last nobody awaits the answer.
            last = Some(db.run(move |_| {
                if n == 0 {
                    std::thread::sleep(Duration::from_millis(50));
                }
                done.send(n).unwrap();
            }));
        }
        last.unwrap().await.unwrap();
        assert!(order.try_iter().eq(0..64));
    }

    #[tokio::test]
    async fn when_its_thread_has_ended_an_answer_is_an_error_and_not_a_wait() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::new(Store::open_folder(folder.path()).unwrap());
        assert!(db.run(|_| std::panic::resume_unwind(Box::new(()))).await.is_err());
        assert!(db.run(|_| ()).await.is_err());
    }
}
