//! The way of preview frames from the worker to the screen, past the controller.

use std::sync::{Arc, Mutex, PoisonError};

use biometrics::host::Preview;

/// The preview of the visit that is being captured, if there is one.
#[derive(Clone, Default)]
pub(crate) struct PreviewSlot(Arc<Mutex<Option<Preview>>>);

impl PreviewSlot {
    /// Puts a preview in, or takes it out.
    pub(crate) fn set(&self, preview: Option<Preview>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = preview;
    }

    /// Waits for a frame newer than `after`. Empty when there is no preview, or no more.
    pub(crate) async fn next_after(&self, after: u64) -> Vec<u8> {
        let preview = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(preview) = preview else { return Vec::new() };
        match preview.next_after(after).await {
            Some((number, jpeg)) => {
                let mut message = Vec::with_capacity(8 + jpeg.len());
                message.extend_from_slice(&number.to_le_bytes());
                message.extend_from_slice(&jpeg);
                message
            }
            None => Vec::new(),
        }
    }
}
