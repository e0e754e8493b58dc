//! This kiosk's account at the registration platform.

use audit::{Actor, Record, What};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Params, TransactionBehavior};
use zeroize::Zeroizing;

use crate::expiry::wipe_deleted;
use crate::{Store, StoreError, log};

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

    use audit::What;

    use crate::testing::{self, AT};

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
