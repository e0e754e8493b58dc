//! The latest time that this kiosk has known, over restarts.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::columns::millis;
use crate::{Store, StoreError};

/// Where it lies in `meta`: milliseconds since 1970-01-01 UTC, eight bytes, big-endian.
const LATEST: &str = "latest_time";

impl Store {
    /// The time that [`keep_time`](Self::keep_time) kept last.
    pub fn kept_time(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        let kept: Option<[u8; 8]> = self
            .db
            .query_row(sql, [LATEST], |row| row.get(0))
            .optional()
            .map_err(StoreError::KeepTime)?;
        // What cannot be a time was kept by no version of this program.
        Ok(kept.and_then(|at| Timestamp::from_millisecond(i64::from_be_bytes(at)).ok()))
    }

    /// Keeps a time, so that a machine whose clock was set back is noticed at the next start.
    pub fn keep_time(&mut self, at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO meta VALUES (?1, ?2)";
        self.db
            .execute(sql, (LATEST, millis(at).to_be_bytes()))
            .map(drop)
            .map_err(StoreError::KeepTime)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::testing::{AT, DAY};

    #[test]
    fn the_time_is_kept_over_a_restart_and_may_be_set_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        assert_eq!(store.kept_time().unwrap(), None);
        for at in [AT, AT + DAY, AT - DAY * 400] {
            store.keep_time(at).unwrap();
            drop(store);
            store = Store::open_folder(folder.path()).unwrap();
            assert_eq!(store.kept_time().unwrap(), Some(at));
        }
    }
}
