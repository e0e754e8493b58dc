//! Reference photos that are still to come.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, TransactionBehavior};
use seal::{Kind, Locator};

use crate::attendee::{TABLES, delete_reference, keep_reference};
use crate::columns::{millis, time};
use crate::erasure::ErasureKey;
use crate::{BadgeId, Store, StoreError};

/// What cannot be fetched goes so far back in the line.
const PUT_OFF: SignedDuration = SignedDuration::from_hours(24);

/// A photo as it was fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchedPhoto<'a> {
    /// Sealed under the badge.
    Sealed {
        /// The badge that it is for.
        locator: &'a Locator,
        /// The sealed photo.
        sealed: &'a [u8],
    },
    /// There is none that can be used, with the code of the reason.
    Absent(&'a str),
}

/// A photo that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhotoDue {
    /// The attendee's number at the platform.
    pub position: i64,
    /// When the attendee was changed last there.
    pub changed_at: Timestamp,
}

/// Photos that are due in one of the tables.
pub(super) fn due_in(table: &str) -> String {
    format!(
        "SELECT position, changed_at, photo_due_at FROM known_{table}
         WHERE photo_due_at IS NOT NULL AND position IS NOT NULL AND changed_at IS NOT NULL"
    )
}

impl Store {
    /// Photos that are to be fetched next: the most urgent one, and after it at most `most` whose
    /// attendees stand next to it at the platform, which answers for neighbours together.
    pub fn photos_due(&self, most: u32) -> Result<Vec<PhotoDue>, StoreError> {
        let read = || {
            // Table by table, so that an index gives the first ones without a look at all.
            let mut urgent = Vec::new();
            for table in TABLES {
                let sql = format!("{} ORDER BY photo_due_at, position LIMIT 1", due_in(table));
                let first = self
                    .db
                    .prepare_cached(&sql)?
                    .query_row([], |row| Ok((row.get::<_, i64>(2)?, due(row)?)))
                    .optional()?;
                urgent.extend(first);
            }
            let first = urgent.into_iter().min_by_key(|(at, due)| (*at, due.position));
            let Some((_, first)) = first else { return Ok(Vec::new()) };
            let mut photos = Vec::new();
            for table in TABLES {
                let sql = format!(
                    "{} AND changed_at >= ?1 AND position <> ?2 ORDER BY changed_at, position
                     LIMIT ?3",
                    due_in(table)
                );
                let mut neighbours = self.db.prepare_cached(&sql)?;
                let at = millis(first.changed_at);
                for due in neighbours.query_map((at, first.position, most), due)? {
                    photos.push(due?);
                }
            }
            photos.sort_unstable_by_key(|due| (due.changed_at, due.position));
            photos.truncate(most as usize);
            photos.insert(0, first);
            Ok(photos)
        };
        read().map_err(StoreError::Sync)
    }

    /// Keeps the photo that was fetched for an attendee, or why there is none. False if the badge
    /// has gone or changed its attendee meanwhile: nothing is kept then.
    pub fn keep_photo(
        &mut self,
        position: i64,
        photo: &FetchedPhoto<'_>,
    ) -> Result<bool, StoreError> {
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::Sync)?;
        let mut kept = false;
        let (sealed, problem) = match photo {
            FetchedPhoto::Sealed { locator, sealed } => {
                let badge = BadgeId::of(&self.pepper, locator);
                let Some(key) = ErasureKey::of(&tx, badge)? else { return Ok(false) };
                (Some((badge, key.seal(sealed, locator, Kind::Reference)?)), None)
            }
            FetchedPhoto::Absent(code) => (None, Some(code)),
        };
        for (table, name) in TABLES.into_iter().enumerate() {
            let set = format!(
                "UPDATE {name} SET reference_problem = ?2, photo_due_at = NULL,
                   photo_version = ifnull(photo_version, '')
                 WHERE position = ?1 AND sealed_record IS NOT NULL
                   AND badge = ifnull(?3, badge) RETURNING badge"
            );
            let of = sealed.as_ref().map(|(badge, _)| *badge);
            let write = || {
                let badges: Vec<BadgeId> = tx
                    .prepare_cached(&set)?
                    .query_map((position, problem, of), |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                for badge in &badges {
                    match &sealed {
                        Some((_, sealed)) => keep_reference(&tx, table, *badge, sealed)?,
                        None => delete_reference(&tx, table, *badge)?,
                    }
                }
                Ok(!badges.is_empty())
            };
            kept |= write().map_err(StoreError::Sync)?;
        }
        tx.commit().map_err(StoreError::Sync)?;
        Ok(kept)
    }

    /// A photo could not be fetched now: the others come first.
    pub fn put_photo_off(&mut self, position: i64) -> Result<(), StoreError> {
        for table in TABLES {
            let sql = format!(
                "UPDATE {table} SET photo_due_at = photo_due_at + ?2
                 WHERE position = ?1 AND photo_due_at IS NOT NULL"
            );
            let later = PUT_OFF.as_millis() as i64;
            self.db.execute(&sql, (position, later)).map_err(StoreError::Sync)?;
        }
        Ok(())
    }
}

fn due(row: &Row<'_>) -> rusqlite::Result<PhotoDue> {
    Ok(PhotoDue { position: row.get(0)?, changed_at: time(row, 1)? })
}
