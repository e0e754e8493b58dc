//! This kiosk's place among the kiosks of its venue.

use audit::{Actor, Record, What};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior};
use zeroize::Zeroizing;

use crate::announced;
use crate::expiry::wipe_deleted;
use crate::{Store, StoreError, log};

impl Store {
    /// The account, as [`join_relay`](Self::join_relay) was given it.
    pub fn relay(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.db
            .query_row("SELECT account FROM relay", [], |row| row.get(0))
            .optional()
            .map(|account| account.map(Zeroizing::new))
            .map_err(StoreError::ReadRelay)
    }

    /// Keeps the account, in place of any other, and queues what was admitted here so far for the
    /// other kiosks. `badge_key`: under it locators become the names that they know. Both are
    /// secrets: only this database has them, and the database is encrypted.
    pub fn join_relay(
        &mut self,
        account: &[u8],
        badge_key: &[u8; 32],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut join = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.execute_batch("DELETE FROM announced; DELETE FROM announced_gone;")?;
            tx.execute(
                "INSERT OR REPLACE INTO relay VALUES (1, ?1, ?2)",
                (account, badge_key.as_slice()),
            )?;
            announced::queue_all(&tx, badge_key)?;
            log::append(&tx, &self.signer, &Record::new(at, Actor::Console, What::RelayJoined))?;
            tx.commit()?;
            wipe_deleted(&self.db)
        };
        join().map_err(StoreError::WriteRelay)
    }

    /// Forgets the account, and all that other kiosks announced. False if there was none.
    pub fn leave_relay(&mut self, at: Timestamp) -> Result<bool, StoreError> {
        let mut leave = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if tx.execute("DELETE FROM relay", [])? == 0 {
                return Ok(false);
            }
            tx.execute_batch("DELETE FROM announced; DELETE FROM announced_gone;")?;
            log::append(&tx, &self.signer, &Record::new(at, Actor::Console, What::RelayLeft))?;
            tx.commit()?;
            wipe_deleted(&self.db).map(|()| true)
        };
        leave().map_err(StoreError::WriteRelay)
    }
}
