//! This kiosk's account at the registration platform.

use audit::{Actor, Head, Record, What};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Params, TransactionBehavior};
use zeroize::Zeroizing;

use crate::attendee::TABLES;
use crate::columns::{count, days_after, integer, millis, optional_time};
use crate::expiry::{empty_log, wipe_deleted};
use crate::{Store, StoreError, log};

/// The platform gets another head of the audit log after so many entries.
pub const HEAD_EVERY: u64 = 500;

impl Store {
    /// The account, as [`connect`](Self::connect) was given it.
    pub fn registration(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.db
            .query_row("SELECT account FROM registration", [], |row| row.get(0))
            .optional()
            .map(|account| account.map(Zeroizing::new))
            .map_err(StoreError::ReadAccount)
    }

    /// Keeps the account, in place of any other. It holds a key: only this database has it, and
    /// the database is encrypted.
    pub fn connect(&mut self, account: &[u8], at: Timestamp) -> Result<(), StoreError> {
        self.connect_as(account, Actor::Console, at)
    }

    /// The same, by a member of staff at the screen. A kiosk that was locked is unlocked by it.
    pub fn connect_as(
        &mut self,
        account: &[u8],
        by: Actor,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO registration (one, account) VALUES (1, ?1)";
        self.write_registration(sql, [account], Some((by, What::PlatformConnected)), at).map(drop)
    }

    /// Keeps the same account as it is now: a new key is asked for, by whom, or has come. What the
    /// kiosk knows of the platform stays. False if there is no account.
    pub fn keep_account(
        &mut self,
        account: &[u8],
        asks: Option<Actor>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE registration SET account = ?1";
        let told = asks.map(|by| (by, What::PlatformKeyRolled));
        self.write_registration(sql, [account], told, at)
    }

    /// Forgets the account. False if there was none, or if the platform has revoked it: only
    /// another account unlocks the kiosk.
    pub fn disconnect(&mut self, at: Timestamp) -> Result<bool, StoreError> {
        self.disconnect_as(Actor::Console, at)
    }

    /// The same, by a member of staff at the screen.
    pub fn disconnect_as(&mut self, by: Actor, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "DELETE FROM registration WHERE revoked_at IS NULL";
        self.write_registration(sql, [], Some((by, What::PlatformDisconnected)), at)
    }

    /// The platform has revoked the account: from now on the kiosk is locked. In the same
    /// transaction the keys of all names and photos go; the rows that they sealed go right after
    /// (C18, C35). What waits for the platform stays. False if it was known, or there is no account.
    pub fn revoke_account(&mut self, at: Timestamp) -> Result<bool, StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let sql = "UPDATE registration SET revoked_at = ?1 WHERE revoked_at IS NULL";
            if tx.execute(sql, [millis(at)])? == 0 {
                return Ok(false);
            }
            tx.execute("DELETE FROM erasure_key", [])?;
            for table in TABLES {
                let sql = format!(
                    "UPDATE {table} SET contents_expire_at = ?1 WHERE contents_expire_at > ?1"
                );
                tx.execute(&sql, [millis(at)])?;
            }
            let entry = Record::new(at, Actor::Kiosk, What::PlatformRevoked);
            log::append(&tx, &self.signer, &entry)?;
            tx.commit()?;
            empty_log(&self.db).map(|()| true)
        };
        let revoked = write().map_err(StoreError::WriteAccount)?;
        if revoked {
            self.purge_expired(at)?;
        }
        Ok(revoked)
    }

    /// Since when the account is known to be revoked.
    pub fn revoked_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.db
            .query_row("SELECT revoked_at FROM registration", [], |row| optional_time(row, 0))
            .optional()
            .map(Option::flatten)
            .map_err(StoreError::ReadAccount)
    }

    /// The head of the audit log, signed, if the platform should have it now: it never had one, its
    /// last is a day old, or the log has grown by [`HEAD_EVERY`] entries since. `at_once`: for any
    /// new entry. None without an account.
    pub fn head_to_tell(
        &self,
        at_once: bool,
        now: Timestamp,
    ) -> Result<Option<(Head, String)>, StoreError> {
        let (head, note) = log::head(&self.db).map_err(StoreError::ReadAudit)?;
        let told = self
            .db
            .query_row("SELECT head_size, head_at FROM registration", [], |row| {
                Ok(count(row, 0).ok().zip(optional_time(row, 1)?))
            })
            .optional()
            .map_err(StoreError::ReadAccount)?;
        let due = told.is_some_and(|told| {
            told.is_none_or(|(size, at)| {
                let (new, day) = (head.size.saturating_sub(size), days_after(at, 1));
                new >= HEAD_EVERY || new > 0 && (at_once || now >= day)
            })
        });
        Ok(due.then_some((head, note)))
    }

    /// The platform has that head.
    pub fn head_told(&mut self, size: u64, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE registration SET head_size = ?1, head_at = ?2";
        self.db
            .execute(sql, [integer(size), millis(now)])
            .map(drop)
            .map_err(StoreError::WriteAccount)
    }

    /// Whoever connects a kiosk at the console need not be known: the organiser's token is what
    /// counts.
    fn write_registration(
        &mut self,
        sql: &str,
        parameters: impl Params,
        told: Option<(Actor, What)>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if tx.execute(sql, parameters)? == 0 {
                return Ok(false);
            }
            if let Some((by, what)) = told {
                log::append(&tx, &self.signer, &Record::new(at, by, what))?;
            }
            tx.commit()?;
            wipe_deleted(&self.db).map(|()| true)
        };
        write().map_err(StoreError::WriteAccount)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use jiff::SignedDuration;

    use super::*;
    use crate::testing::{self, AT};

    #[test]
    fn c31_the_platform_gets_a_head_at_first_after_a_day_and_after_many_entries() {
        let (_folder, mut store) = testing::store();
        let incident = Record::new(AT, Actor::Kiosk, What::Incident { number: "000001".into() });
        let due = |store: &Store, at_once, hours| {
            let now = AT + SignedDuration::from_hours(hours);
            store.head_to_tell(at_once, now).unwrap().map(|(head, _)| head.size)
        };
        store.record(&incident).unwrap();
        assert_eq!(due(&store, true, 0), None, "there is no platform");
        store.connect(b"account", AT).unwrap();
        assert_eq!(due(&store, false, 0), Some(2));
        store.head_told(2, AT).unwrap();
        assert_eq!((due(&store, false, 23), due(&store, true, 48)), (None, None), "nothing is new");
        store.record(&incident).unwrap();
        assert_eq!((due(&store, false, 23), due(&store, false, 24)), (None, Some(3)));
        assert_eq!(due(&store, true, 0), Some(3));
        for _ in 3..2 + HEAD_EVERY {
            store.record(&incident).unwrap();
        }
        assert_eq!(due(&store, false, 0), Some(2 + HEAD_EVERY));
        // Another device knows nothing yet.
        store.head_told(2 + HEAD_EVERY, AT).unwrap();
        store.connect(b"another account", AT).unwrap();
        assert!(due(&store, false, 0).is_some());
    }

    /// What is held of one attendee: a key, a record, a photo.
    fn contents(store: &Store) -> (u32, u32, u32) {
        let count = |sql: &str| store.db.query_row(sql, [], |row| row.get(0)).unwrap();
        (
            count("SELECT count(*) FROM erasure_key"),
            count("SELECT count(sealed_record) FROM attendee"),
            count("SELECT count(*) FROM reference"),
        )
    }

    #[test]
    fn c18_c35_l3_a_revoked_kiosk_keeps_no_name_and_no_photo_and_loses_no_check_in() {
        let (folder, mut store) = testing::store();
        testing::import_one(&mut store, testing::locator(1), None);
        let badge = store.badge(&testing::locator(1)).unwrap().unwrap().id;
        store.record_checkin(&testing::face(1, badge)).unwrap();
        assert!(!store.revoke_account(AT).unwrap(), "there is no account");
        assert_eq!(contents(&store), (1, 1, 1));
        store.connect(b"account", AT).unwrap();
        assert!(store.revoke_account(AT).unwrap());
        assert!(!store.revoke_account(AT + testing::DAY).unwrap(), "it is known");
        assert_eq!(contents(&store), (0, 0, 0));
        assert_eq!(store.counts().unwrap().outbox, 1);
        assert!(store.badge(&testing::locator(1)).unwrap().is_some(), "the badge itself stays");
        let log: Vec<_> = testing::log(&store).into_iter().map(|entry| entry.what).collect();
        assert!(log.contains(&What::PlatformRevoked));
        // Neither a restart nor a disconnection unlocks it.
        drop(store);
        let mut store = Store::open_folder(folder.path()).unwrap();
        assert!(!store.disconnect(AT).unwrap());
        assert_eq!(store.revoked_at().unwrap(), Some(AT));
        // Another account does, and the same roster fills it again.
        store.connect(b"another account", AT).unwrap();
        assert_eq!((store.revoked_at().unwrap(), store.counts().unwrap().outbox), (None, 1));
        testing::import_one(&mut store, testing::locator(1), None);
        assert_eq!(contents(&store), (1, 1, 1));
    }

    #[test]
    fn c31_a_new_key_replaces_the_old_one_and_the_log_tells_who_asked_for_it() {
        let (folder, mut store) = testing::store();
        assert!(!store.keep_account(b"account", None, AT).unwrap());
        let by = Actor::Staff { number: 8, role: Some(crate::Role::Technician) };
        store.connect_as(b"the account with its old key", by, AT).unwrap();
        store.head_told(1, AT).unwrap();
        assert!(store.keep_account(b"the account, which asks", Some(by), AT).unwrap());
        assert!(store.keep_account(b"the account with its new key", None, AT).unwrap());
        let account = store.registration().unwrap().unwrap();
        assert_eq!(account.as_slice(), b"the account with its new key");
        assert!(!crate::pages::holds(folder.path(), b"its old key"));
        let log: Vec<_> = testing::log(&store).into_iter().map(|e| (e.by, e.what)).collect();
        assert_eq!(log, [(by, What::PlatformConnected), (by, What::PlatformKeyRolled)]);
    }

    #[test]
    fn there_is_one_account_or_none() {
        let (folder, mut store) = testing::store();
        assert_eq!((store.registration().unwrap(), store.disconnect(AT).unwrap()), (None, false));
        store.connect(b"the first account of this kiosk", AT).unwrap();
        store.connect(b"the second account of this kiosk", AT).unwrap();
        let account = store.registration().unwrap().unwrap();
        assert_eq!(account.as_slice(), b"the second account of this kiosk");
        assert!(store.disconnect(AT).unwrap() && store.registration().unwrap().is_none());
        let log: Vec<_> = testing::log(&store).into_iter().map(|entry| entry.what).collect();
        let connected = What::PlatformConnected;
        assert_eq!(log, [connected.clone(), connected, What::PlatformDisconnected]);
        for account in ["first", "second"] {
            let text = format!("the {account} account of this kiosk");
            assert!(!crate::pages::holds(folder.path(), text.as_bytes()), "{account}");
        }
    }
}
