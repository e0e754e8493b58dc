//! Whether evidence is kept here by law, and who switched that (C07).

use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior};

use crate::columns::{millis, time};
use crate::staff::insert_act;
use crate::{Act, Role, StaffAct, StaffMember, Store, StoreError};

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
        let acts = [guard, technician].map(|member| (member.number, Act::RetentionOn));
        self.switch(
            &acts,
            at,
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
        let acts = [(member.number, Act::RetentionOff)];
        self.switch(&acts, at, "DELETE FROM retention", ())
    }

    /// Changes the one row and writes the acts, in one transaction. False, and no act, if there
    /// was nothing to change.
    fn switch(
        &mut self,
        acts: &[(u32, Act)],
        at: Timestamp,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<bool, StoreError> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| StoreError::Random)?;
        let days = self.retention_days().map_err(StoreError::SwitchRetention)?;
        let write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if tx.execute(sql, parameters)? == 0 {
                return Ok(false);
            }
            for &(staff, act) in acts {
                let act = StaffAct { nonce, staff, badge: None, act, reason: None, at };
                insert_act(&tx, &act, days)?;
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

    use super::*;
    use crate::testing::{self, AT, DAY};

    const TERMS: [u8; 32] = [9; 32];
    const GUARD: StaffMember = StaffMember { number: 7, role: Role::Guard };
    const TECHNICIAN: StaffMember = StaffMember { number: 8, role: Role::Technician };

    fn acts(store: &Store) -> Vec<(u32, String)> {
        let mut statement =
            store.db.prepare("SELECT staff, act FROM staff_act ORDER BY id").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
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
    fn c31_switching_is_written_with_everybody_who_did_it() {
        let (_folder, mut store) = testing::store();
        assert!(!store.switch_retention_off(GUARD, AT).unwrap());
        assert_eq!(acts(&store), []);
        store.switch_retention_on(TERMS, GUARD, TECHNICIAN, AT).unwrap();
        assert!(store.switch_retention_off(GUARD, AT + DAY).unwrap());
        assert!(!store.switch_retention_off(TECHNICIAN, AT + DAY).unwrap());
        let on = |number| (number, "retention_on".to_owned());
        assert_eq!(acts(&store), [on(7), on(8), (7, "retention_off".to_owned())]);
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
        let refuse = "CREATE TRIGGER full BEFORE INSERT ON staff_act WHEN NEW.staff = 8
                      BEGIN SELECT RAISE(ABORT, 'full'); END";
        store.db.execute_batch(refuse).unwrap();
        let refused = store.switch_retention_on(TERMS, GUARD, TECHNICIAN, AT);
        assert!(matches!(refused, Err(StoreError::SwitchRetention(_))));
        assert_eq!((store.retention().unwrap(), acts(&store)), (None, Vec::new()));
    }
}
