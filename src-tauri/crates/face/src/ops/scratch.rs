//! Memory that the operators of a network work in.

use std::sync::{Mutex, PoisonError};

use zeroize::Zeroize;

/// Buffers that are used again by the next operator and the next frame, and wiped at the end.
#[derive(Debug, Default)]
pub(crate) struct Scratch(Mutex<Vec<Vec<f32>>>);

impl Scratch {
    /// Lends a buffer of any length and content; one for each thread.
    pub(crate) fn lend<T>(&self, work: impl FnOnce(&mut Vec<f32>) -> T) -> T {
        let mut buffer = self.buffers().pop().unwrap_or_default();
        let result = work(&mut buffer);
        self.buffers().push(buffer);
        result
    }

    fn buffers(&self) -> std::sync::MutexGuard<'_, Vec<Vec<f32>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.buffers().iter_mut().for_each(Zeroize::zeroize);
    }
}
