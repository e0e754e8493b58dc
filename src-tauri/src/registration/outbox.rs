//! Tells the platform what waits.

use super::Registration;
use super::desk::{Desk, Stopped};

impl Registration {
    /// Tells what waits, oldest first.
    pub(super) async fn tell_all(&self, desk: &Desk) -> Result<(), Stopped> {
        while let Some(entry) = desk.next().await? {
            let heard = self.pretix.tell(&entry).await?;
            desk.heard(entry.id, heard).await?;
        }
        Ok(())
    }
}
