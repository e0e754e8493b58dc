//! What visitors chose.

use jiff::Timestamp;
use rusqlite::{TransactionBehavior, named_params};

use crate::columns::{days_after, millis};
use crate::expiry::retention_days;
use crate::{BadgeId, Store, StoreError, log};

/// What a consent is for. A closed list: a new purpose needs a new variant, a new schema and
/// the visitor's prior consent (C20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Comparing the face in front of the kiosk with the badge's certificate photo.
    FaceComparison,
    /// Sending what the pack's terms name to a recipient abroad (C41).
    CrossBorderTransfer,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::FaceComparison => "face_comparison",
            Self::CrossBorderTransfer => "cross_border_transfer",
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        let all = [Self::FaceComparison, Self::CrossBorderTransfer];
        all.into_iter().find(|purpose| purpose.word() == word)
    }
}

/// What the visitor chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Agreed.
    Given,
    /// Chose the other way.
    Refused,
    /// Agreed and then stopped (C26).
    Withdrawn,
}

impl Choice {
    fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        let all = [Self::Given, Self::Refused, Self::Withdrawn];
        all.into_iter().find(|choice| choice.word() == word)
    }
}

/// The language in which the notice was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

/// One choice of one visitor.
#[derive(Clone, Debug)]
pub struct ConsentRecord {
    /// Nonce of the visit.
    pub nonce: [u8; 16],
    /// Pseudonym of the badge.
    pub badge: BadgeId,
    /// What it was about.
    pub purpose: Purpose,
    /// What was chosen.
    pub choice: Choice,
    /// Version of the policy pack.
    pub policy_version: String,
    /// SHA-256 of the Chinese text that was shown, which prevails (M59, C44): the notice, or the
    /// terms of the transfer.
    pub notice_sha256: [u8; 32],
    /// The language on the screen.
    pub language: Language,
    /// When it was chosen.
    pub at: Timestamp,
}

impl ConsentRecord {
    /// For the audit log.
    fn record(&self) -> audit::Record {
        let purpose = match self.purpose {
            Purpose::FaceComparison => audit::Purpose::FaceComparison,
            Purpose::CrossBorderTransfer => audit::Purpose::CrossBorderTransfer,
        };
        let choice = match self.choice {
            Choice::Given => audit::Choice::Given,
            Choice::Refused => audit::Choice::Refused,
            Choice::Withdrawn => audit::Choice::Withdrawn,
        };
        audit::Record {
            at: self.at,
            by: audit::Actor::Visitor,
            visit: Some(self.nonce),
            badge: Some(self.badge.0),
            what: audit::What::Consent { purpose, choice },
        }
    }
}

impl Store {
    /// Writes a choice, a child's in a table of its own (C40). The same choice of the same visit
    /// under the same version is written once.
    pub fn record_consent(&mut self, consent: &ConsentRecord) -> Result<(), StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let expires = days_after(consent.at, retention_days(&tx)?);
            let child = "SELECT EXISTS (SELECT 1 FROM attendee_under_14 WHERE badge = ?1)";
            let child = tx.query_row(child, [consent.badge], |row| row.get(0))?;
            let table = if child { "consent_under_14" } else { "consent" };
            let written = tx.execute(
                &format!(
                    "INSERT INTO {table} (nonce, badge, purpose, choice, policy_version, \
                       notice_sha256, language, at, expires_at)
                     VALUES (:nonce, :badge, :purpose, :choice, :version, :notice, :language, \
                       :at, :expires_at)
                     ON CONFLICT (nonce, purpose, choice, policy_version) DO NOTHING"
                ),
                named_params! {
                    ":nonce": consent.nonce,
                    ":badge": consent.badge,
                    ":purpose": consent.purpose.word(),
                    ":choice": consent.choice.word(),
                    ":version": consent.policy_version,
                    ":notice": consent.notice_sha256,
                    ":language": consent.language.word(),
                    ":at": millis(consent.at),
                    ":expires_at": millis(expires),
                },
            )?;
            if written > 0 {
                log::append(&tx, &self.signer, &consent.record())?;
            }
            tx.commit()
        };
        write().map_err(StoreError::RecordConsent)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::testing::{self, consent, locator};

    #[test]
    fn c44_m59_a_consent_names_the_version_and_the_hash_of_the_chinese_text() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        store.record_consent(&consent(1, badge, Choice::Given)).unwrap();
        let (version, notice, language): (String, [u8; 32], String) = store
            .db
            .query_row("SELECT policy_version, notice_sha256, language FROM consent", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .unwrap();
        assert_eq!((version.as_str(), notice, language.as_str()), ("1.0", [4; 32], "en"));
    }

    #[test]
    fn c26_a_withdrawal_is_written_beside_the_consent_and_each_once() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        for choice in [Choice::Given, Choice::Given, Choice::Withdrawn, Choice::Withdrawn] {
            store.record_consent(&consent(1, badge, choice)).unwrap();
        }
        assert_eq!(store.counts().unwrap().consents, 2);
    }

    #[test]
    fn c43_a_visitor_who_agrees_again_to_a_new_version_is_written_for_both() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        for version in ["1.0", "1.1", "1.1"] {
            let given = consent(1, badge, Choice::Given);
            store
                .record_consent(&ConsentRecord { policy_version: version.into(), ..given })
                .unwrap();
        }
        assert_eq!(store.counts().unwrap().consents, 2);
    }

    #[test]
    fn c41_each_purpose_has_its_own_consent() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        store.record_consent(&consent(1, badge, Choice::Given)).unwrap();
        let transfer = ConsentRecord {
            purpose: Purpose::CrossBorderTransfer,
            ..consent(1, badge, Choice::Given)
        };
        store.record_consent(&transfer).unwrap();
        let purposes: Vec<String> = store
            .db
            .prepare("SELECT purpose FROM consent ORDER BY id")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(purposes, ["face_comparison", "cross_border_transfer"]);
    }

    #[test]
    fn c20_m51_the_database_takes_no_other_purpose() {
        let (_folder, store) = testing::store();
        let refused = store.db.execute(
            "INSERT INTO consent VALUES (1, zeroblob(16), zeroblob(32), 'advertising', 'given', \
             '1', zeroblob(32), 'zh', 0, 0)",
            [],
        );
        let text = refused.unwrap_err().to_string();
        assert!(text.contains("purpose"), "{text}");
    }
}
