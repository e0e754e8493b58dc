//! Whether evidence is kept here by law, and who switched that (C07).

use audit::{Record, What};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior};

use crate::columns::{millis, time};
use crate::{Role, StaffMember, Store, StoreError, log};

/// That evidence is kept: for which terms, and by whose decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionSwitch {
    /// SHA-256 of the terms that both agreed to. For any others nothing is kept.
    pub terms_sha256: [u8; 32],
    /// Number of the guard.
    pub guard: u32,
    /// Number of the technician.
    pub technician: u32,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// The switch, if it is on.
    pub fn retention(&self) -> Result<Option<RetentionSwitch>, StoreError> {
        self.db
            .query_row("SELECT terms_sha256, guard, technician, at FROM retention", [], |row| {
                Ok(RetentionSwitch {
                    terms_sha256: row.get(0)?,
                    guard: row.get(1)?,
                    technician: row.get(2)?,
                    at: time(row, 3)?,
                })
            })
            .optional()
            .map_err(StoreError::ReadRetention)
    }

    /// Switches the keeping of evidence on, for these terms. Takes two people who have both
    /// signed in, one of each role; an act of each is written with it.
    pub fn switch_retention_on(
        &mut self,
        terms_sha256: [u8; 32],
        guard: StaffMember,
        technician: StaffMember,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let roles = (guard.role, technician.role);
        if roles != (Role::Guard, Role::Technician) || guard.number == technician.number {
            return Err(StoreError::TwoRoles);
        }
        let on = What::RetentionOn { terms_sha256: Some(terms_sha256) };
        let records = [guard, technician].map(|m| Record::new(at, m.into(), on.clone()));
        self.switch(
            &records,
            "INSERT OR REPLACE INTO retention VALUES (1, ?1, ?2, ?3, ?4)",
            (terms_sha256, guard.number, technician.number, millis(at)),
        )
        .map(drop)
    }

    /// Switches it off, by one member of staff who has signed in. False if it was off. What is
    /// kept already stays until its time has come.
    pub fn switch_retention_off(
        &mut self,
        member: StaffMember,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let records = [Record::new(at, member.into(), What::RetentionOff)];
        self.switch(&records, "DELETE FROM retention", ())
    }

    /// Changes the one row and writes the entries of the audit log, in one transaction. False, and
    /// no entry, if there was nothing to change.
    fn switch(
        &mut self,
        records: &[Record],
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<bool, StoreError> {
        let write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if tx.execute(sql, parameters)? == 0 {
                return Ok(false);
            }
            for record in records {
                log::append(&tx, &self.signer, record)?;
            }
            tx.commit()?;
            Ok(true)
        };
        write().map_err(StoreError::SwitchRetention)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use audit::Actor;

    use super::*;
    use crate::testing::{self, AT, DAY};

    const TERMS: [u8; 32] = [9; 32];
    const GUARD: StaffMember = StaffMember { number: 7, role: Role::Guard };
    const TECHNICIAN: StaffMember = StaffMember { number: 8, role: Role::Technician };

    /// Who did what, by the audit log.
    fn acts(store: &Store) -> Vec<(Actor, What)> {
        let entries = testing::log(store).into_iter();
        entries.map(|entry| (entry.by, entry.what)).collect()
    }

    #[test]
    fn c07_keeping_evidence_is_off_until_a_guard_and_a_technician_switch_it_on() {
        let (folder, mut store) = testing::store();
        assert_eq!(store.retention().unwrap(), None);
        let guard = |number| StaffMember { number, ..GUARD };
        let technician = |number| StaffMember { number, ..TECHNICIAN };
        for (first, second) in [
            (guard(7), guard(8)),
            (technician(7), technician(8)),
            (technician(8), guard(7)),
            (guard(7), technician(7)),
        ] {
            let refused = store.switch_retention_on(TERMS, first, second, AT);
            assert!(matches!(refused, Err(StoreError::TwoRoles)), "{first:?} {second:?}");
        }
        assert_eq!((store.retention().unwrap(), acts(&store)), (None, Vec::new()));
        store.switch_retention_on(TERMS, GUARD, TECHNICIAN, AT).unwrap();
        drop(store);
        let store = Store::open_folder(folder.path()).unwrap();
        let switch = RetentionSwitch { terms_sha256: TERMS, guard: 7, technician: 8, at: AT };
        assert_eq!(store.retention().unwrap(), Some(switch));
    }

    #[test]
    fn c25_c31_switching_is_written_with_everybody_who_did_it() {
        let (_folder, mut store) = testing::store();
        assert!(!store.switch_retention_off(GUARD, AT).unwrap());
        assert_eq!(acts(&store), []);
        store.switch_retention_on(TERMS, GUARD, TECHNICIAN, AT).unwrap();
        assert!(store.switch_retention_off(GUARD, AT + DAY).unwrap());
        assert!(!store.switch_retention_off(TECHNICIAN, AT + DAY).unwrap());
        let on = What::RetentionOn { terms_sha256: Some(TERMS) };
        let expected = [
            (GUARD.into(), on.clone()),
            (TECHNICIAN.into(), on),
            (GUARD.into(), What::RetentionOff),
        ];
        assert_eq!(acts(&store), expected);
        assert_eq!(store.retention().unwrap(), None);
    }

    #[test]
    fn c07_other_terms_replace_the_ones_before() {
        let (_folder, mut store) = testing::store();
        store.switch_retention_on(TERMS, GUARD, TECHNICIAN, AT).unwrap();
        let other = StaffMember { number: 9, ..GUARD };
        store.switch_retention_on([1; 32], other, TECHNICIAN, AT + DAY).unwrap();
        let switch = store.retention().unwrap().unwrap();
        assert_eq!((switch.terms_sha256, switch.guard, switch.at), ([1; 32], 9, AT + DAY));
    }

    #[test]
    fn c31_a_switch_whose_acts_cannot_be_written_does_not_happen() {
        let (_folder, mut store) = testing::store();
        let refuse = "CREATE TRIGGER full BEFORE INSERT ON audit_entry WHEN NEW.number = 2
                      BEGIN SELECT RAISE(ABORT, 'full'); END";
        store.db.execute_batch(refuse).unwrap();
        let refused = store.switch_retention_on(TERMS, GUARD, TECHNICIAN, AT);
        assert!(matches!(refused, Err(StoreError::SwitchRetention(_))));
        assert_eq!((store.retention().unwrap(), acts(&store)), (None, Vec::new()));
    }
}
