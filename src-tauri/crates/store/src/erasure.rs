//! The second key of a badge's contents: deleting it makes them unreadable for good.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction};
use seal::{Kind, Locator, SealError, SealingKey};
use zeroize::Zeroizing;

use crate::columns::millis;
use crate::{BadgeId, StoreError};

/// The second key of one badge. It seals what the badge's own key has sealed already.
pub(crate) struct ErasureKey(SealingKey);

impl ErasureKey {
    /// Draws the key of a badge and stores it.
    pub(crate) fn draw(db: &Connection, badge: BadgeId) -> Result<Self, StoreError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(|_| StoreError::Random)?;
        db.prepare_cached("INSERT INTO erasure_key VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute((badge, key.as_slice())))
            .map_err(StoreError::ErasureKey)?;
        Ok(Self(SealingKey::from_bytes(key)))
    }

    /// The key of a badge. None once its contents are deleted, or are being deleted.
    pub(crate) fn of(db: &Connection, badge: BadgeId) -> Result<Option<Self>, StoreError> {
        db.prepare_cached("SELECT key FROM erasure_key WHERE badge = ?1")
            .and_then(|mut s| s.query_row([badge], |row| row.get(0)).optional())
            .map(|key| key.map(|key| Self(SealingKey::from_bytes(Zeroizing::new(key)))))
            .map_err(StoreError::ErasureKey)
    }

    /// Seals once more.
    pub(crate) fn seal(
        &self,
        sealed: &[u8],
        locator: &Locator,
        kind: Kind,
    ) -> Result<Vec<u8>, StoreError> {
        self.0.seal(sealed, locator, kind).map_err(|error| match error {
            SealError::Random => StoreError::Random,
            _ => StoreError::Contents,
        })
    }

    /// Gives back what [`seal`](Self::seal) took.
    pub(crate) fn open(
        &self,
        stored: &[u8],
        locator: &Locator,
        kind: Kind,
    ) -> Result<Vec<u8>, StoreError> {
        let mut sealed = self.0.open(stored, locator, kind).map_err(|_| StoreError::Contents)?;
        Ok(std::mem::take(&mut *sealed))
    }
}

/// Deletes the keys of all contents whose time has come, and keys without contents.
pub(crate) fn delete_expired(db: &Connection, now: Timestamp) -> rusqlite::Result<usize> {
    db.execute(
        "DELETE FROM erasure_key WHERE badge IN (
             SELECT badge FROM attendee
             WHERE contents_expire_at <= ?1 AND sealed_record IS NOT NULL
             UNION ALL SELECT badge FROM attendee_under_14
             WHERE contents_expire_at <= ?1 AND sealed_record IS NOT NULL)",
        [millis(now)],
    )
}

/// Seals the contents of every badge once more, for a database that was made without.
pub(crate) fn seal_all(tx: &Transaction<'_>) -> Result<(), StoreError> {
    for table in ["attendee", "attendee_under_14"] {
        let badges: Vec<(BadgeId, [u8; 32])> = tx
            .prepare(&format!("SELECT badge, locator FROM {table} WHERE sealed_record IS NOT NULL"))
            .and_then(|mut s| s.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .map_err(StoreError::Migrate)?;
        for (badge, locator) in badges {
            let locator = Locator(locator);
            let key = ErasureKey::draw(tx, badge)?;
            for (column, kind) in
                [("sealed_record", Kind::Record), ("sealed_reference", Kind::Reference)]
            {
                let sealed: Option<Vec<u8>> = tx
                    .query_row(
                        &format!("SELECT {column} FROM {table} WHERE badge = ?1"),
                        [badge],
                        |row| row.get(0),
                    )
                    .map_err(StoreError::Migrate)?;
                if let Some(sealed) = sealed {
                    tx.execute(
                        &format!("UPDATE {table} SET {column} = ?2 WHERE badge = ?1"),
                        (badge, key.seal(&sealed, &locator, kind)?),
                    )
                    .map_err(StoreError::Migrate)?;
                }
            }
        }
    }
    Ok(())
}
