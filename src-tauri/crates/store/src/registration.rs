//! This kiosk's account at the registration platform.

use rusqlite::OptionalExtension;
use zeroize::Zeroizing;

use crate::expiry::wipe_deleted;
use crate::{Store, StoreError};

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
    pub fn connect(&mut self, account: &[u8]) -> Result<(), StoreError> {
        self.db
            .execute("INSERT OR REPLACE INTO registration VALUES (1, ?1)", [account])
            .and_then(|_| wipe_deleted(&self.db))
            .map_err(StoreError::WriteAccount)
    }

    /// Forgets the account. False if there was none.
    pub fn disconnect(&mut self) -> Result<bool, StoreError> {
        let deleted = self.db.execute("DELETE FROM registration", []);
        deleted
            .and_then(|rows| wipe_deleted(&self.db).map(|()| rows > 0))
            .map_err(StoreError::WriteAccount)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use crate::testing;

    #[test]
    fn there_is_one_account_or_none() {
        let (folder, mut store) = testing::store();
        assert_eq!((store.registration().unwrap(), store.disconnect().unwrap()), (None, false));
        store.connect(b"the first account of this kiosk").unwrap();
        store.connect(b"the second account of this kiosk").unwrap();
        let account = store.registration().unwrap().unwrap();
        assert_eq!(account.as_slice(), b"the second account of this kiosk");
        assert!(store.disconnect().unwrap() && store.registration().unwrap().is_none());
        for account in ["first", "second"] {
            let text = format!("the {account} account of this kiosk");
            assert!(!crate::pages::holds(folder.path(), text.as_bytes()), "{account}");
        }
    }
}
