//! Children below 14, who are kept apart (C40): that a visitor is one, and what a guardian agreed
//! to for a child.

use audit::{Record, What};
use jiff::Timestamp;
use rusqlite::{TransactionBehavior, named_params};

use crate::attendee;
use crate::columns::{days_after, millis};
use crate::expiry::retention_days;
use crate::{BadgeId, Language, StaffMember, Store, StoreError, log};

/// By what a member of staff saw who the guardian is. A kind of document; its number is written
/// nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardianProof {
    /// An identity card, with the child's name or beside another paper.
    IdentityCard,
    /// A passport.
    Passport,
    /// The register of the household, which names both.
    HouseholdRegister,
    /// The child's birth certificate.
    BirthCertificate,
    /// A court's or an authority's order of guardianship.
    GuardianshipOrder,
}

impl GuardianProof {
    fn word(self) -> &'static str {
        match self {
            Self::IdentityCard => "identity_card",
            Self::Passport => "passport",
            Self::HouseholdRegister => "household_register",
            Self::BirthCertificate => "birth_certificate",
            Self::GuardianshipOrder => "guardianship_order",
        }
    }
}

/// A guardian's consent to the comparison of a child's face.
#[derive(Clone, Debug)]
pub struct GuardianConsent {
    /// Nonce of the visit.
    pub nonce: [u8; 16],
    /// Pseudonym of the child's badge.
    pub badge: BadgeId,
    /// How the guardian's identity was checked.
    pub proof: GuardianProof,
    /// The member of staff who checked it.
    pub staff: StaffMember,
    /// Version of the policy pack.
    pub policy_version: String,
    /// SHA-256 of the notice's Chinese text. For another text it does not hold (C43).
    pub notice_sha256: [u8; 32],
    /// The language on the screen.
    pub language: Language,
    /// When it was given.
    pub at: Timestamp,
}

impl Store {
    /// Keeps a badge apart from now on, because its holder said that they are below 14: what the
    /// roster holds of it, and its earlier choices and requests.
    pub fn note_child(&mut self, badge: BadgeId, at: Timestamp) -> Result<(), StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let expires = millis(days_after(at, retention_days(&tx)?));
            tx.execute("INSERT OR REPLACE INTO child VALUES (?1, ?2)", (badge, expires))?;
            let columns = attendee::COLUMNS.join(", ");
            let copy = format!(
                "INSERT INTO attendee_under_14 ({columns}) SELECT {columns} FROM attendee
                 WHERE badge = ?1"
            );
            tx.execute(&copy, [badge])?;
            attendee::move_reference(&tx, badge, 0, 1)?;
            tx.execute("DELETE FROM attendee WHERE badge = ?1", [badge])?;
            tx.execute(
                "INSERT INTO consent_under_14 (nonce, badge, purpose, choice, policy_version, \
                   notice_sha256, language, at, expires_at)
                 SELECT nonce, badge, purpose, choice, policy_version, notice_sha256, language, \
                   at, expires_at FROM consent WHERE badge = ?1",
                [badge],
            )?;
            tx.execute("DELETE FROM consent WHERE badge = ?1", [badge])?;
            tx.execute(
                "INSERT INTO request_under_14 SELECT * FROM request WHERE badge = ?1",
                [badge],
            )?;
            tx.execute("DELETE FROM request WHERE badge = ?1", [badge])?;
            tx.commit()
        };
        write().map_err(StoreError::NoteChild)
    }

    /// Writes a guardian's consent, in place of an earlier one for the same badge, with the act
    /// of the member of staff.
    pub fn record_guardian_consent(&mut self, consent: &GuardianConsent) -> Result<(), StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let days = retention_days(&tx)?;
            tx.execute(
                "INSERT OR REPLACE INTO guardian_consent VALUES (:badge, :nonce, :checked, \
                   :staff, :version, :notice, :language, :at, :expires_at)",
                named_params! {
                    ":badge": consent.badge,
                    ":nonce": consent.nonce,
                    ":checked": consent.proof.word(),
                    ":staff": consent.staff.number,
                    ":version": consent.policy_version,
                    ":notice": consent.notice_sha256,
                    ":language": consent.language.word(),
                    ":at": millis(consent.at),
                    ":expires_at": millis(days_after(consent.at, days)),
                },
            )?;
            let record = act(What::GuardianConsented, consent.nonce, consent.staff, consent.at);
            log::append(&tx, &self.signer, &record)?;
            tx.commit()
        };
        write().map_err(StoreError::GuardianConsent)
    }

    /// Deletes a guardian's consent and every choice that was made under it, at the guardian's
    /// word, with the act of the member of staff. False, and no act, if there was none.
    pub fn revoke_guardian_consent(
        &mut self,
        badge: BadgeId,
        nonce: [u8; 16],
        staff: StaffMember,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if tx.execute("DELETE FROM guardian_consent WHERE badge = ?1", [badge])? == 0 {
                return Ok(false);
            }
            tx.execute("DELETE FROM consent_under_14 WHERE badge = ?1", [badge])?;
            log::append(&tx, &self.signer, &act(What::GuardianRevoked, nonce, staff, at))?;
            tx.commit().map(|()| true)
        };
        write().map_err(StoreError::GuardianConsent)
    }
}

/// Names the visit and the member of staff, and not the child.
fn act(what: What, visit: [u8; 16], by: StaffMember, at: Timestamp) -> Record {
    Record { visit: Some(visit), ..Record::new(at, by.into(), what) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::testing::{self, AT, DAY, attendee, consent, face, guardian, locator, roster};
    use crate::{Age, Choice, Counts, NewAttendee, Role};

    fn rows(store: &Store, table: &str) -> u32 {
        store.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)).unwrap()
    }

    /// What the log says of guardians.
    fn acts(store: &Store) -> Vec<What> {
        let entries = testing::log(store).into_iter();
        let of_guardians = [What::GuardianConsented, What::GuardianRevoked];
        entries
            .inspect(|entry| assert!(entry.badge.is_none() || !of_guardians.contains(&entry.what)))
            .map(|entry| entry.what)
            .filter(|what| of_guardians.contains(what))
            .collect()
    }

    /// One attendee whose age the roster does not say.
    fn unknown(store: &mut Store, sequence: u32) -> BadgeId {
        let attendee = NewAttendee { age: Age::Unknown, ..attendee(locator(1)) };
        testing::import(store, &roster(sequence), &[attendee]);
        store.badge(&locator(1)).unwrap().unwrap().id
    }

    fn child(store: &mut Store) -> BadgeId {
        let child = NewAttendee { age: Age::Under14, ..attendee(locator(1)) };
        testing::import(store, &roster(1), &[child]);
        store.badge(&locator(1)).unwrap().unwrap().id
    }

    #[test]
    fn c40_whoever_says_to_be_below_14_is_kept_apart_and_in_no_count() {
        let (_folder, mut store) = testing::store();
        let badge = unknown(&mut store, 1);
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().age, Age::Unknown);
        store.record_consent(&consent(1, badge, Choice::Refused)).unwrap();
        store.record_checkin(&face(2, badge)).unwrap();
        store.note_child(badge, AT).unwrap();
        store.note_child(badge, AT).unwrap();
        let entry = store.badge(&locator(1)).unwrap().unwrap();
        assert_eq!((entry.age, entry.sealed_record.is_some()), (Age::Under14, true));
        for (table, number) in
            [("attendee", 0), ("attendee_under_14", 1), ("consent", 0), ("consent_under_14", 1)]
        {
            assert_eq!(rows(&store, table), number, "{table}");
        }
        assert_eq!(store.counts().unwrap(), Counts { outbox: 1, ..Counts::default() });
        // A new edition that does not say either does not ask the child again.
        unknown(&mut store, 2);
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().age, Age::Under14);
        // One that does is believed.
        testing::import(&mut store, &roster(3), &[attendee(locator(1))]);
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().age, Age::From14);
    }

    #[test]
    fn c40_a_childs_choices_are_in_a_table_of_their_own_and_in_no_count() {
        let (_folder, mut store) = testing::store();
        let badge = child(&mut store);
        store.record_consent(&consent(1, badge, Choice::Given)).unwrap();
        assert_eq!((rows(&store, "consent"), rows(&store, "consent_under_14")), (0, 1));
        assert_eq!(store.counts().unwrap(), Counts::default());
    }

    #[test]
    fn c40_a_guardians_consent_is_for_one_badge_and_one_text_and_names_who_checked() {
        let (_folder, mut store) = testing::store();
        let badge = child(&mut store);
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().guardian_notice, None);
        store.record_guardian_consent(&guardian(1, badge)).unwrap();
        let newer = GuardianConsent { notice_sha256: [5; 32], ..guardian(2, badge) };
        store.record_guardian_consent(&newer).unwrap();
        let entry = store.badge(&locator(1)).unwrap().unwrap();
        assert_eq!(entry.guardian_notice, Some([5; 32]));
        assert_eq!(rows(&store, "guardian_consent"), 1);
        assert_eq!(acts(&store), [What::GuardianConsented, What::GuardianConsented]);
    }

    #[test]
    fn c40_a_guardian_who_revokes_leaves_neither_consent_nor_choices() {
        let (_folder, mut store) = testing::store();
        let badge = child(&mut store);
        let staff = StaffMember { number: 8, role: Role::Supervisor };
        assert!(!store.revoke_guardian_consent(badge, [3; 16], staff, AT).unwrap());
        store.record_guardian_consent(&guardian(1, badge)).unwrap();
        store.record_consent(&consent(1, badge, Choice::Given)).unwrap();
        assert!(store.revoke_guardian_consent(badge, [3; 16], staff, AT + DAY).unwrap());
        assert!(!store.revoke_guardian_consent(badge, [3; 16], staff, AT + DAY).unwrap());
        assert_eq!((rows(&store, "guardian_consent"), rows(&store, "consent_under_14")), (0, 0));
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().guardian_notice, None);
        assert_eq!(acts(&store), [What::GuardianConsented, What::GuardianRevoked]);
    }

    #[test]
    fn c31_a_guardians_consent_whose_act_cannot_be_written_is_not_there() {
        let (_folder, mut store) = testing::store();
        let badge = child(&mut store);
        let full = "CREATE TRIGGER full BEFORE INSERT ON audit_entry
                    BEGIN SELECT RAISE(ABORT, 'full'); END";
        store.db.execute_batch(full).unwrap();
        let refused = store.record_guardian_consent(&guardian(1, badge));
        assert!(matches!(refused, Err(StoreError::GuardianConsent(_))));
        assert_eq!(store.badge(&locator(1)).unwrap().unwrap().guardian_notice, None);
    }

    #[test]
    fn c40_no_column_can_hold_a_document_number_or_a_name() {
        let (_folder, mut store) = testing::store();
        let badge = child(&mut store);
        store.record_guardian_consent(&guardian(1, badge)).unwrap();
        let refused = store.db.execute("UPDATE guardian_consent SET checked = 'E12345678'", []);
        assert!(refused.unwrap_err().to_string().contains("checked"));
    }
}
