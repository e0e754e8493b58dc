//! What this kiosk holds of one badge, to be told to whoever has it (C33). Facts, and none of the
//! values that only the badge opens.

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use seal::Locator;

use crate::columns::{optional_time, time, word};
use crate::expiry::retention_days;
use crate::{
    Age, BadgeId, Choice, FiledRequest, Lane, Purpose, Store, StoreError, announced, tombstones,
};

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// What the roster has.
    pub registration: Option<HeldRegistration>,
    /// Consents, refusals and withdrawals, the oldest first.
    pub choices: Vec<HeldChoice>,
    /// Check-ins, the oldest first.
    pub checkins: Vec<HeldCheckin>,
    /// What other kiosks of the venue said of the badge, the oldest first.
    pub elsewhere: Vec<HeldElsewhere>,
    /// Until when a guardian's consent is kept, and since when.
    pub guardian: Option<(Timestamp, Timestamp)>,
    /// How many sealed pictures a law wants kept, and until when the last of them is.
    pub evidence: Option<(u32, Timestamp)>,
    /// Requests, the oldest first.
    pub requests: Vec<FiledRequest>,
    /// Days for which the audit log, which knows the badge by its pseudonym, is kept.
    pub log_days: u16,
}

/// What the roster has of a badge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRegistration {
    /// A sealed record with the name.
    pub record: bool,
    /// A sealed certificate photo.
    pub photo: bool,
    /// What the registration platform tells of the ticket: product, payment, answers that it has,
    /// the last scan.
    pub ticket: bool,
    /// Until when both are kept.
    pub contents_until: Timestamp,
    /// First moment of validity.
    pub valid_from: Option<Timestamp>,
    /// End of validity.
    pub valid_until: Option<Timestamp>,
    /// On which side of 14 years.
    pub age: Age,
    /// Until when validity and age are kept.
    pub until: Timestamp,
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldChoice {
    /// What it was about.
    pub purpose: Purpose,
    /// What was chosen.
    pub choice: Choice,
    /// Under which version of the policy.
    pub policy_version: String,
    /// When.
    pub at: Timestamp,
    /// Until when it is kept.
    pub until: Timestamp,
}

/// One check-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCheckin {
    /// The lane.
    pub lane: Lane,
    /// When.
    pub at: Timestamp,
    /// It was taken back, for nobody passed.
    pub annulled: bool,
    /// Until when it is kept.
    pub until: Timestamp,
}

/// An admission at another kiosk of the venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldElsewhere {
    /// The other kiosk.
    pub kiosk: String,
    /// When.
    pub at: Timestamp,
    /// It was taken back, for nobody passed.
    pub annulled: bool,
    /// Until when it is kept.
    pub until: Timestamp,
}

impl Store {
    /// Says what is held of one badge: nothing that can be asked for, if it is gone at the platform.
    pub fn held(&self, locator: &Locator) -> Result<Holding, StoreError> {
        let badge = BadgeId::of(&self.pepper, locator);
        let read = || {
            let log_days = retention_days(&self.db)?;
            if tombstones::is_gone(&self.db, badge)? {
                return Ok(Holding { log_days, ..Holding::default() });
            }
            Ok(Holding {
                registration: self.held_registration(badge)?,
                choices: self.held_choices(badge)?,
                checkins: self.held_checkins(badge)?,
                elsewhere: announced::held(&self.db, locator)?,
                guardian: self
                    .db
                    .prepare_cached("SELECT at, expires_at FROM guardian_consent WHERE badge = ?1")?
                    .query_row([badge], |row| Ok((time(row, 0)?, time(row, 1)?)))
                    .optional()?,
                evidence: self.held_evidence(badge)?,
                requests: self.requests_of(badge)?,
                log_days,
            })
        };
        read().map_err(StoreError::ReadHeld)
    }

    fn held_registration(&self, badge: BadgeId) -> rusqlite::Result<Option<HeldRegistration>> {
        const COLUMNS: &str = "sealed_record IS NOT NULL, reference_problem IS NULL, \
            item IS NOT NULL, contents_expire_at, valid_from, valid_until, expires_at";
        let sql = format!(
            "SELECT {COLUMNS}, CASE age_known WHEN 1 THEN 'from_14' ELSE 'unknown' END
               FROM attendee WHERE badge = ?1
             UNION ALL SELECT {COLUMNS}, 'under_14' FROM attendee_under_14 WHERE badge = ?1"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let registration = statement.query_row([badge], |row| {
            Ok(HeldRegistration {
                record: row.get(0)?,
                photo: row.get(1)?,
                ticket: row.get(2)?,
                contents_until: time(row, 3)?,
                valid_from: optional_time(row, 4)?,
                valid_until: optional_time(row, 5)?,
                until: time(row, 6)?,
                age: word(row, 7, Age::read)?,
            })
        });
        registration.optional()
    }

    fn held_choices(&self, badge: BadgeId) -> rusqlite::Result<Vec<HeldChoice>> {
        const COLUMNS: &str = "purpose, choice, policy_version, at, expires_at";
        let sql = format!(
            "SELECT {COLUMNS} FROM consent WHERE badge = ?1
             UNION ALL SELECT {COLUMNS} FROM consent_under_14 WHERE badge = ?1 ORDER BY at"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let choices = statement.query_map([badge], |row| {
            Ok(HeldChoice {
                purpose: word(row, 0, Purpose::read)?,
                choice: word(row, 1, Choice::read)?,
                policy_version: row.get(2)?,
                at: time(row, 3)?,
                until: time(row, 4)?,
            })
        })?;
        choices.collect()
    }

    fn held_checkins(&self, badge: BadgeId) -> rusqlite::Result<Vec<HeldCheckin>> {
        let mut statement = self.db.prepare_cached(
            "SELECT lane, at, annulled_at IS NOT NULL, expires_at FROM checkin
             WHERE badge = ?1 ORDER BY id",
        )?;
        let checkins = statement.query_map([badge], |row| {
            Ok(HeldCheckin {
                lane: word(row, 0, Lane::read)?,
                at: time(row, 1)?,
                annulled: row.get(2)?,
                until: time(row, 3)?,
            })
        })?;
        checkins.collect()
    }

    /// Evidence knows its visit only; the visit's consent knows the badge.
    fn held_evidence(&self, badge: BadgeId) -> rusqlite::Result<Option<(u32, Timestamp)>> {
        let sql = "SELECT count(*), max(expires_at) FROM evidence WHERE nonce IN
                     (SELECT nonce FROM consent WHERE badge = ?1
                      UNION SELECT nonce FROM consent_under_14 WHERE badge = ?1)";
        self.db.prepare_cached(sql)?.query_row([badge], |row| {
            Ok(optional_time(row, 1)?.zip(row.get(0)?).map(|(until, records)| (records, until)))
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::badge::keyed_hash;
    use crate::testing::{self, AT, DAY, attendee, consent, face, locator, request, roster};
    use crate::{Announced, AnnouncedState, Evidence, NewAttendee};

    #[test]
    fn c33_whoever_has_the_badge_is_told_all_that_is_held_of_it_and_until_when() {
        let (_folder, mut store) = testing::store();
        let until = Some(AT + DAY);
        let both = [
            NewAttendee { valid_until: until, ..attendee(locator(1)) },
            NewAttendee { age: Age::Unknown, ..attendee(locator(2)) },
        ];
        testing::import(&mut store, &roster(1), &both);
        let badge = |store: &Store, n| store.badge(&locator(n)).unwrap().unwrap().id;
        let badge = badge(&store, 1);
        store.record_consent(&consent(1, badge, Choice::Given)).unwrap();
        store.record_checkin(&face(1, badge)).unwrap();
        store
            .record_evidence(&Evidence { nonce: [1; 16], sealed: b"sealed", at: AT, days: 9 })
            .unwrap();
        let filed = store.file_request(&request(1, badge)).unwrap();
        store.join_relay(b"account", &[6; 32], AT).unwrap();
        let said = Announced {
            hash: keyed_hash(&[6; 32], &[&locator(1).0]),
            state: AnnouncedState::Used,
            at: AT + DAY,
            changed: AT + DAY,
            until: AT + DAY * 10,
        };
        store.hear_announced(&[("gate-2".into(), said)], "gate-1").unwrap();
        let expected = Holding {
            registration: Some(HeldRegistration {
                record: true,
                photo: true,
                ticket: false,
                contents_until: AT + DAY * 2,
                valid_from: None,
                valid_until: until,
                age: Age::From14,
                until: AT + DAY * 6,
            }),
            choices: vec![HeldChoice {
                purpose: Purpose::FaceComparison,
                choice: Choice::Given,
                policy_version: "1.0".into(),
                at: AT,
                until: AT + DAY * 10,
            }],
            checkins: vec![HeldCheckin {
                lane: Lane::Face,
                at: AT,
                annulled: false,
                until: AT + DAY * 10,
            }],
            elsewhere: vec![HeldElsewhere {
                kiosk: "gate-2".into(),
                at: AT + DAY,
                annulled: false,
                until: AT + DAY * 10,
            }],
            guardian: None,
            evidence: Some((1, AT + DAY * 9)),
            requests: vec![filed],
            log_days: 10,
        };
        assert_eq!(store.held(&locator(1)).unwrap(), expected);
        let none = store.held(&locator(2)).unwrap();
        assert!(none.choices.is_empty() && none.checkins.is_empty() && none.requests.is_empty());
        assert_eq!((none.registration.unwrap().age, none.evidence), (Age::Unknown, None));
    }

    #[test]
    fn c33_a_childs_holder_is_told_as_well() {
        let (_folder, mut store) = testing::store();
        let child = NewAttendee { age: Age::Under14, ..attendee(locator(1)) };
        testing::import(&mut store, &roster(1), &[child]);
        let badge = store.badge(&locator(1)).unwrap().unwrap().id;
        store.record_guardian_consent(&testing::guardian(1, badge)).unwrap();
        store.record_consent(&consent(1, badge, Choice::Given)).unwrap();
        let held = store.held(&locator(1)).unwrap();
        assert_eq!(held.registration.unwrap().age, Age::Under14);
        assert_eq!((held.choices.len(), held.guardian), (1, Some((AT, AT + DAY * 10))));
    }
}
