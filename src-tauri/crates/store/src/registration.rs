//! This kiosk's account at the registration platform.

use audit::{Actor, Head, Record, What};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Params, TransactionBehavior};
use zeroize::Zeroizing;

use crate::columns::{count, days_after, integer, millis, optional_time};
use crate::expiry::wipe_deleted;
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
        let sql = "INSERT OR REPLACE INTO registration (one, account) VALUES (1, ?1)";
        self.write_registration(sql, [account], What::PlatformConnected, at).map(drop)
    }

    /// Forgets the account. False if there was none.
    pub fn disconnect(&mut self, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "DELETE FROM registration";
        self.write_registration(sql, [], What::PlatformDisconnected, at)
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

    /// Whoever connects a kiosk need not be known: the organiser's token is what counts.
    fn write_registration(
        &mut self,
        sql: &str,
        parameters: impl Params,
        what: What,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if tx.execute(sql, parameters)? == 0 {
                return Ok(false);
            }
            log::append(&tx, &self.signer, &Record::new(at, Actor::Console, what))?;
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
