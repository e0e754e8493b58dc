//! Evidence that a law wants kept: sealed to a key that this kiosk does not have (C07).

use audit::{Actor, Record, What};
use jiff::Timestamp;
use rusqlite::{TransactionBehavior, named_params};

use crate::columns::{days_after, millis, optional_time};
use crate::{Store, StoreError, log};

/// Evidence of one visit. What is sealed in it, nothing here can read.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// Nonce of the visit: the same visit leaves one record.
    pub nonce: [u8; 16],
    /// The record as the worker sealed it.
    pub sealed: &'a [u8],
    /// When.
    pub at: Timestamp,
    /// Days after which it is deleted.
    pub days: u16,
}

/// How much evidence is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EvidenceHeld {
    /// Records.
    pub records: u32,
    /// When the next of them is deleted.
    pub next: Option<Timestamp>,
    /// When the last of them is.
    pub last: Option<Timestamp>,
}

impl Store {
    /// Writes evidence. That of the same visit is written once.
    pub fn record_evidence(&mut self, evidence: &Evidence<'_>) -> Result<(), StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let written = tx.execute(
                "INSERT INTO evidence (nonce, sealed, at, expires_at)
                 VALUES (:nonce, :sealed, :at, :expires_at)
                 ON CONFLICT (nonce) DO NOTHING",
                named_params! {
                    ":nonce": evidence.nonce,
                    ":sealed": evidence.sealed,
                    ":at": millis(evidence.at),
                    ":expires_at": millis(days_after(evidence.at, evidence.days)),
                },
            )?;
            if written > 0 {
                let visit = Some(evidence.nonce);
                let record = Record::new(evidence.at, Actor::Kiosk, What::EvidenceSealed);
                log::append(&tx, &self.signer, &Record { visit, ..record })?;
            }
            tx.commit()
        };
        write().map_err(StoreError::RecordEvidence)
    }

    /// Says how much is held.
    pub fn evidence_held(&self) -> Result<EvidenceHeld, StoreError> {
        self.db
            .query_row(
                "SELECT count(*), min(expires_at), max(expires_at) FROM known_evidence",
                [],
                |row| {
                    Ok(EvidenceHeld {
                        records: row.get(0)?,
                        next: optional_time(row, 1)?,
                        last: optional_time(row, 2)?,
                    })
                },
            )
            .map_err(StoreError::ReadEvidence)
    }

    /// Hands every record to `take`, the oldest first, with the nonce of its visit. Those in
    /// quarantine too: they are kept for nobody but the law's addressee.
    pub fn each_evidence<E: From<StoreError>>(
        &self,
        mut take: impl FnMut([u8; 16], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let read = StoreError::ReadEvidence;
        let mut statement =
            self.db.prepare("SELECT nonce, sealed FROM evidence ORDER BY id").map_err(read)?;
        let mut rows = statement.query([]).map_err(read)?;
        while let Some(row) = rows.next().map_err(read)? {
            let nonce = row.get(0).map_err(read)?;
            let sealed = row.get_ref(1).and_then(|sealed| Ok(sealed.as_blob()?)).map_err(read)?;
            take(nonce, sealed)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{self, AT, DAY};

    fn record(nonce: u8, days: u16) -> Evidence<'static> {
        Evidence { nonce: [nonce; 16], sealed: b"ciphertext", at: AT, days }
    }

    fn all(store: &Store) -> Vec<([u8; 16], Vec<u8>)> {
        let mut all = Vec::new();
        store
            .each_evidence(|nonce, sealed| {
                all.push((nonce, sealed.to_vec()));
                Ok::<_, StoreError>(())
            })
            .unwrap();
        all
    }

    #[test]
    fn c07_evidence_is_held_once_a_visit_and_counted() {
        let (_folder, mut store) = testing::store();
        assert_eq!(store.evidence_held().unwrap(), EvidenceHeld::default());
        store.record_evidence(&record(2, 30)).unwrap();
        store.record_evidence(&Evidence { sealed: b"other", ..record(2, 3) }).unwrap();
        store.record_evidence(&record(1, 10)).unwrap();
        let held = store.evidence_held().unwrap();
        assert_eq!((held.records, store.counts().unwrap().evidence), (2, 2));
        assert_eq!((held.next, held.last), (Some(AT + DAY * 10), Some(AT + DAY * 30)));
        let ciphertext = b"ciphertext".to_vec();
        assert_eq!(all(&store), [([2; 16], ciphertext.clone()), ([1; 16], ciphertext)]);
    }

    #[test]
    fn an_export_that_fails_stops_at_once() {
        let (_folder, mut store) = testing::store();
        for nonce in 1..=3 {
            store.record_evidence(&record(nonce, 1)).unwrap();
        }
        let mut seen = 0;
        let stopped = store.each_evidence(|_, _| {
            seen += 1;
            if seen == 2 { Err(StoreError::Random) } else { Ok(()) }
        });
        assert!(matches!(stopped, Err(StoreError::Random)));
        assert_eq!(seen, 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn c07_c08_evidence_is_purged_on_its_day_whatever_the_roster_says(
            days in proptest::collection::vec(1_u16..=3650, 1..6),
            after in 0_i32..3700,
        ) {
            let (_folder, mut store) = testing::store();
            // A roster that keeps everything else for ten days.
            testing::import(&mut store, &testing::roster(1), &[]);
            for (nonce, days) in days.iter().enumerate() {
                store.record_evidence(&record(nonce as u8, *days)).unwrap();
            }
            let mut left = days.clone();
            for now in [DAY * after - SignedDuration::from_millis(1), DAY * after] {
                let due = left.extract_if(.., |days| DAY * i32::from(*days) <= now).count();
                let purged = store.purge_expired(AT + now).unwrap();
                prop_assert_eq!(purged.evidence as usize, due);
                prop_assert_eq!(store.evidence_held().unwrap().records as usize, left.len());
            }
        }
    }
}
