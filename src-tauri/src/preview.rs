//! Pictures on their way to the screen: the preview from the worker, past the controller, and the
//! registered photo.

use std::sync::{Arc, Mutex, PoisonError};

use biometrics::Picture;
use biometrics::host::Preview;

/// The preview of the visit that is being captured, if there is one.
#[derive(Clone, Default)]
pub(crate) struct PreviewSlot(Arc<Mutex<Option<Preview>>>);

impl PreviewSlot {
    /// Puts a preview in, or takes it out.
    pub(crate) fn set(&self, preview: Option<Preview>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = preview;
    }

    /// Waits for a frame newer than `after`: its number (u64, little-endian) and its
    /// [`canvas`]. Empty when there is no preview, or no more.
    pub(crate) async fn next_after(&self, after: u64) -> Vec<u8> {
        let preview = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(preview) = preview else { return Vec::new() };
        match preview.next_after(after).await {
            Some((number, picture)) => canvas(&number.to_le_bytes(), &picture),
            None => Vec::new(),
        }
    }
}

/// `head`, and what [`Picture::write_canvas`] writes.
pub(crate) fn canvas(head: &[u8], picture: &Picture) -> Vec<u8> {
    let mut message = Vec::with_capacity(head.len() + picture.canvas_length());
    message.extend_from_slice(head);
    picture.write_canvas(&mut message);
    message
}
