//! The newest preview picture, for the screen to fetch.

use std::sync::Arc;

use tokio::sync::watch;

use crate::Picture;

/// What the worker's reader and the screen share: one picture, no queue.
pub(super) struct Slot {
    /// Counts the pictures from 1.
    sequence: u64,
    picture: Option<Arc<Picture>>,
    over: bool,
}

/// Where the reader puts pictures. Dropping it ends the preview.
pub(super) struct PreviewSender(watch::Sender<Slot>);

/// The preview of one visit. Clones show the same preview.
#[derive(Clone)]
pub struct Preview(watch::Receiver<Slot>);

pub(super) fn preview() -> (PreviewSender, Preview) {
    let (sender, receiver) = watch::channel(Slot { sequence: 0, picture: None, over: false });
    (PreviewSender(sender), Preview(receiver))
}

impl PreviewSender {
    /// Puts the newest picture in place of the one before, which is wiped when the screen has it.
    pub(super) fn put(&self, picture: Picture) {
        self.0.send_modify(|slot| {
            if !slot.over {
                slot.sequence += 1;
                slot.picture = Some(Arc::new(picture));
            }
        });
    }

    /// Ends the preview and lets go of the last picture.
    pub(super) fn end(&self) {
        self.0.send_modify(|slot| {
            slot.over = true;
            slot.picture = None;
        });
    }
}

impl Drop for PreviewSender {
    fn drop(&mut self) {
        self.end();
    }
}

impl Preview {
    /// The newest picture with its number, once that is greater than `sequence`; begin
    /// with 0. `None` when the preview is over: the camera is closed or the worker ended.
    pub async fn next_after(&self, sequence: u64) -> Option<(u64, Arc<Picture>)> {
        let mut receiver = self.0.clone();
        let newer = |slot: &Slot| slot.over || slot.sequence > sequence;
        let slot = receiver.wait_for(newer).await.ok()?;
        Some((slot.sequence, slot.picture.clone()?))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use std::time::Duration;

    use image::{Rgb, RgbImage};
    use tokio::time::timeout;

    use super::*;

    fn picture(byte: u8) -> Picture {
        Picture::of_frame(&RgbImage::from_pixel(1, 1, Rgb([byte; 3])))
    }

    #[tokio::test]
    async fn the_screen_gets_the_newest_picture_once() {
        let (sender, preview) = preview();
        sender.put(picture(1));
        sender.put(picture(2));
        let (sequence, newest) = preview.next_after(0).await.unwrap();
        assert_eq!((sequence, newest.encode()), (2, picture(2).encode()));
        let waiting = timeout(Duration::from_millis(30), preview.next_after(sequence)).await;
        assert!(waiting.is_err(), "there is no newer one yet");
        sender.put(picture(3));
        assert_eq!(preview.next_after(sequence).await.unwrap().0, 3);
    }

    #[tokio::test]
    async fn c26_nothing_is_left_to_show_after_the_end() {
        let (sender, preview) = preview();
        sender.put(picture(1));
        sender.end();
        sender.put(picture(2));
        assert!(preview.next_after(0).await.is_none());
        assert!(sender.0.borrow().picture.is_none());
        let other = preview.clone();
        drop(sender);
        assert!(other.next_after(7).await.is_none());
    }
}
