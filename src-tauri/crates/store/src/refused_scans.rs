//! Badges that the kiosk has refused, as the platform is to hear of it.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior, named_params};

use crate::columns::{days_after, millis, time};
use crate::expiry::{retention_days, wipe_deleted};
use crate::{BadgeId, Store, StoreError};

/// One scan of a known badge that was refused here. No name and no code (C12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedScan {
    /// Grows with each.
    pub id: i64,
    /// Makes a retry safe.
    pub nonce: [u8; 16],
    /// The attendee's number at the platform.
    pub position: i64,
    /// The platform's word for the reason.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Keeps that a badge was refused, with the platform's word for the reason, until the platform
    /// has heard of it. False where there is nothing to tell: the badge has no number there, or it
    /// is gone.
    pub fn refuse_scan(
        &mut self,
        nonce: [u8; 16],
        badge: BadgeId,
        reason: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let position: Option<i64> = tx
                .query_row(
                    "SELECT position FROM known_attendee WHERE badge = ?1 AND position IS NOT NULL
                     UNION ALL SELECT position FROM known_attendee_under_14
                     WHERE badge = ?1 AND position IS NOT NULL",
                    [badge],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(position) = position else { return Ok(false) };
            let expires = days_after(at, retention_days(&tx)?);
            tx.execute(
                "INSERT INTO refused_scan (nonce, badge, position, reason, at, expires_at)
                 VALUES (:nonce, :badge, :position, :reason, :at, :expires_at)",
                named_params! {
                    ":nonce": nonce,
                    ":badge": badge,
                    ":position": position,
                    ":reason": reason,
                    ":at": millis(at),
                    ":expires_at": millis(expires),
                },
            )?;
            tx.commit()?;
            Ok(true)
        };
        write().map_err(StoreError::RefuseScan)
    }

    /// The oldest of them.
    pub fn refused_scan_next(&self) -> Result<Option<RefusedScan>, StoreError> {
        self.db
            .query_row(
                "SELECT id, nonce, position, reason, at FROM refused_scan ORDER BY id LIMIT 1",
                [],
                |row| {
                    Ok(RefusedScan {
                        id: row.get(0)?,
                        nonce: row.get(1)?,
                        position: row.get(2)?,
                        reason: row.get(3)?,
                        at: time(row, 4)?,
                    })
                },
            )
            .optional()
            .map_err(StoreError::RefuseScan)
    }

    /// The platform has answered: nothing is kept of it here.
    pub fn refused_scan_told(&mut self, id: i64) -> Result<(), StoreError> {
        self.db
            .execute("DELETE FROM refused_scan WHERE id = ?1", [id])
            .and_then(|_| wipe_deleted(&self.db))
            .map_err(StoreError::RefuseScan)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::testing::{self, AT, DAY, attendee, locator, roster};
    use crate::{Buried, NewAttendee, TombstoneList};

    fn store() -> (tempfile::TempDir, Store, [BadgeId; 2]) {
        let (folder, mut store) = testing::store();
        let numbered = NewAttendee { position: Some(101), ..attendee(locator(1)) };
        testing::import(&mut store, &roster(1), &[numbered, attendee(locator(2))]);
        let badges = [1, 2].map(|n| store.badge(&locator(n)).unwrap().unwrap().id);
        (folder, store, badges)
    }

    #[test]
    fn a_refused_badge_is_told_once_and_one_without_a_number_not_at_all() {
        let (_folder, mut store, [one, two]) = store();
        assert!(store.refuse_scan([1; 16], one, "blocked", AT).unwrap());
        assert!(store.refuse_scan([2; 16], one, "invalid_time", AT).unwrap());
        assert!(!store.refuse_scan([3; 16], two, "blocked", AT).unwrap());
        let mut told = Vec::new();
        while let Some(scan) = store.refused_scan_next().unwrap() {
            store.refused_scan_told(scan.id).unwrap();
            told.push((scan.nonce, scan.position, scan.reason));
        }
        let scan = |n, reason: &str| ([n; 16], 101, reason.to_owned());
        assert_eq!(told, [scan(1, "blocked"), scan(2, "invalid_time")]);
    }

    #[test]
    fn c08_c35_nothing_is_told_of_a_badge_that_is_gone_or_after_its_time() {
        let (_folder, mut store, [one, _]) = store();
        store.refuse_scan([1; 16], one, "blocked", AT).unwrap();
        store.purge_expired(AT + DAY * 10).unwrap();
        assert_eq!(store.refused_scan_next().unwrap(), None);
        let (_folder, mut store, [one, _]) = self::store();
        store.refuse_scan([1; 16], one, "blocked", AT).unwrap();
        let gone = [Buried::Badge(locator(1))];
        let list =
            TombstoneList { roster: "roster", sequence: 1, made_at: AT + DAY, buried: &gone };
        store.bury_list(&list, AT + DAY).unwrap();
        assert_eq!(store.refused_scan_next().unwrap(), None);
        assert!(!store.refuse_scan([2; 16], one, "blocked", AT + DAY).unwrap());
    }
}
