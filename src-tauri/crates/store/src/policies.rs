//! The versions of the operator's policy that this kiosk has been given. They are about nobody,
//! so they have no expiry: every version stays readable (C44).

use audit::{Actor, Record, What};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use sha2::{Digest, Sha256};

use crate::columns::millis;
use crate::{Store, StoreError, log};

/// A version of a policy.
#[derive(Clone, Copy, Debug)]
pub struct NewPolicy<'a> {
    /// Id of the policy: the same for all its versions.
    pub id: &'a str,
    /// Its place among them: higher is newer.
    pub rank: i64,
    /// The policy pack, as the platform reads it.
    pub pack: &'a [u8],
}

impl Store {
    /// The packs of all versions of one policy, the newest first.
    pub fn policies(&self, id: &str) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT pack FROM policy WHERE id = ?1 ORDER BY rank DESC";
        self.db
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map([id], |row| row.get(0))?.collect())
            .map_err(StoreError::ReadPolicies)
    }

    /// Id of the policy of which a version came last, if any has come.
    pub fn latest_policy(&self) -> Result<Option<String>, StoreError> {
        let sql = "SELECT id FROM policy ORDER BY first_seen DESC, rank DESC LIMIT 1";
        self.db.query_row(sql, [], |row| row.get(0)).optional().map_err(StoreError::ReadPolicies)
    }

    /// Keeps a version that came without a roster. `retention_days`: for how many days records
    /// are kept from now on, if that changes. A version that is known stays as it is.
    pub fn add_policy(
        &mut self,
        policy: &NewPolicy<'_>,
        retention_days: Option<u16>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let policy_sha256 = Sha256::digest(policy.pack).into();
        let what = What::PolicyImported { rank: policy.rank, policy_sha256 };
        let write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            insert(&tx, policy, now)?;
            if let Some(days) = retention_days {
                tx.execute("UPDATE roster SET retention_days = ?1", [days])?;
            }
            // As with a roster, the organiser's signature is what counts.
            log::append(&tx, &self.signer, &Record::new(now, Actor::Console, what))?;
            tx.commit()
        };
        write().map_err(StoreError::AddPolicy)
    }
}

pub(crate) fn insert(
    db: &Connection,
    policy: &NewPolicy<'_>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO policy VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id, rank) DO NOTHING",
        (policy.id, policy.rank, policy.pack, millis(now)),
    )
    .map(drop)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::testing::{self, AT, DAY, attendee, locator, roster};
    use crate::{NewRoster, STAFF_ACCOUNT_DAYS};

    fn version(rank: i64, pack: &[u8]) -> NewPolicy<'_> {
        NewPolicy { id: "policy", rank, pack }
    }

    #[test]
    fn c44_every_version_stays_readable_newest_first_whatever_expires() {
        let (folder, mut store) = testing::store();
        testing::import(&mut store, &roster(1), &[attendee(locator(1))]);
        store.add_policy(&version(30, b"three"), None, AT).unwrap();
        store.add_policy(&version(20, b"two"), None, AT + DAY).unwrap();
        store.add_policy(&NewPolicy { id: "other", ..version(40, b"four") }, None, AT).unwrap();
        let next = NewRoster { policy: version(31, b"and more"), ..roster(2) };
        testing::import(&mut store, &next, &[]);
        store.purge_expired(AT + DAY * i32::from(STAFF_ACCOUNT_DAYS) * 2).unwrap();
        drop(store);
        let store = Store::open_folder(folder.path()).unwrap();
        let known = [&b"and more"[..], b"three", b"two", b"policy"];
        assert_eq!(store.policies("policy").unwrap(), known);
    }

    #[test]
    fn c44_a_version_that_is_known_is_never_overwritten() {
        let (_folder, mut store) = testing::store();
        store.add_policy(&version(1, b"first"), None, AT).unwrap();
        store.add_policy(&version(1, b"other"), None, AT).unwrap();
        assert_eq!(store.policies("policy").unwrap(), [b"first"]);
    }

    #[test]
    fn c08_the_retention_of_the_version_in_force_counts_for_what_is_written_from_then_on() {
        let (_folder, mut store) = testing::store();
        testing::import(&mut store, &roster(1), &[]);
        store.add_policy(&version(2, b"two"), Some(3), AT).unwrap();
        assert_eq!(store.roster().unwrap().unwrap().retention_days, 3);
        store.add_policy(&version(1, b"one"), None, AT).unwrap();
        assert_eq!(store.roster().unwrap().unwrap().retention_days, 3);
    }

    #[test]
    fn c44_an_import_that_is_dropped_leaves_no_version() {
        let (_folder, mut store) = testing::store();
        drop(store.begin_roster_import(&roster(1), AT).unwrap());
        assert_eq!(store.policies("policy").unwrap(), Vec::<Vec<u8>>::new());
    }
}
