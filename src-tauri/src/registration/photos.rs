//! Fetches reference photos: ahead of the visits, and for a badge that is in front of the kiosk.

use std::time::{Duration, Instant};

use platform::{Photo, RegistrationError};

use super::Registration;
use super::desk::{Desk, Stopped};
use crate::held::HeldBadge;

/// How long photos are fetched before changes are asked for again.
const TURN: Duration = Duration::from_secs(45);
/// How many photos are asked for together.
const TOGETHER: u32 = 23;
/// How long a visitor waits for a photo.
const VISIT: Duration = Duration::from_secs(3);

impl Registration {
    /// Fetches photos ahead of the visits for a while, and while the platform has time for that.
    /// True when there are more.
    pub(super) async fn fetch_photos(&self, desk: &Desk) -> Result<bool, Stopped> {
        let begun = Instant::now();
        let (mut fetched, mut more) = (false, true);
        while more && begun.elapsed() < TURN {
            let Some((terms, due)) = desk.photos_due(TOGETHER).await? else {
                return Ok(false);
            };
            let Some(first) = due.first().copied() else {
                more = false;
                break;
            };
            let photos = match self.platform.photos(&due, &terms).await {
                // The platform's trouble with these photos stops no check-in.
                Err(RegistrationError::Unexpected { status }) => {
                    tracing::info!("photos: the platform answered {status}");
                    Vec::new()
                }
                photos => photos?,
            };
            if !photos.iter().any(|(position, _)| *position == first.position) {
                desk.put_photo_off(first.position).await?;
                // What cannot be had now is tried again in the next round.
                more = !photos.is_empty();
            }
            fetched |= !photos.is_empty();
            for (position, photo) in photos {
                if !desk.keep_photo(position, photo).await? {
                    desk.put_photo_off(position).await?;
                }
            }
            desk.show_progress().await?;
            if desk.reading().is_wanted() || !self.has_time(desk).await? {
                break;
            }
        }
        if fetched {
            desk.show_roster().await?;
        }
        Ok(more)
    }

    /// Fetches the photo of a badge that is here, if it is still to come: as long as a visitor
    /// does not mind. None: the staff lane is open.
    pub(crate) async fn photo_of(&self, badge: &HeldBadge) -> Option<(i64, Photo)> {
        let position = badge.entry.position.filter(|_| badge.entry.photo_due)?;
        let asked = tokio::time::timeout(VISIT, self.platform.photo(position, &badge.keys)).await;
        match asked {
            Ok(Ok(photo)) => Some((position, photo)),
            Ok(Err(error)) => {
                tracing::info!("the photo of a badge: {error}");
                None
            }
            Err(_) => {
                tracing::info!("the photo of a badge: not within {} s", VISIT.as_secs());
                None
            }
        }
    }
}
