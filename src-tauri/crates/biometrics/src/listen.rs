//! The worker's ear: a thread that reads what the app says, also while a network runs.

use std::{fs::File, io, os::fd::AsFd, process, sync::mpsc, thread};

use crate::{
    message::ToWorker,
    wire::{self, WireError},
    worker::exit_code,
};

/// Starts to listen. The app's task comes through the channel; its word to stop, or the end of
/// the pipe, ends the process at once, whatever it is doing (POLICY.md C26).
pub(crate) fn listen() -> io::Result<mpsc::Receiver<ToWorker>> {
    // Not `Stdin`: its buffer would keep the badge's key.
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (tasks, inbox) = mpsc::channel();
    thread::Builder::new().name("listen".into()).spawn(move || {
        loop {
            let frame = match wire::read(&mut input, wire::TO_WORKER) {
                Ok(frame) => frame,
                Err(WireError::Closed) => process::exit(exit_code::STOPPED),
                Err(_) => process::exit(exit_code::MISUNDERSTOOD),
            };
            match ToWorker::decode(&frame) {
                Ok(ToWorker::Stop) => process::exit(exit_code::STOPPED),
                // The main thread takes one task; a second one changes nothing.
                Ok(task) => drop(tasks.send(task)),
                Err(_) => process::exit(exit_code::MISUNDERSTOOD),
            }
        }
    })?;
    Ok(inbox)
}
