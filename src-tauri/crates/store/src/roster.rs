//! The roster: loading a new one, and what is loaded.

use audit::{Actor, Record, What};
use jiff::Timestamp;
use note::KioskKey;
use rusqlite::{
    Connection, OptionalExtension, Row, Transaction, TransactionBehavior, named_params,
};
use seal::{CodeFormat, Kind, Locator, RosterSalt};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::attendee::{self, AttendeeRow, is_duplicate};
use crate::columns::{millis, optional_time, time, word};
use crate::erasure::ErasureKey;
use crate::expiry::wipe_deleted;
use crate::{
    Age, BadgeId, BadgeState, NewPolicy, Store, StoreError, log, policies, sync, tombstones,
};

/// When a roster was made that the platform fills: every change at the platform is later.
const FROM_PLATFORM: Timestamp = Timestamp::UNIX_EPOCH;

/// Head of a roster to be loaded.
#[derive(Clone, Debug)]
pub struct NewRoster<'a> {
    /// Id of the roster, chosen by the organiser.
    pub id: &'a str,
    /// Grows with every edition of this roster.
    pub sequence: u32,
    /// Salt of the badge keys.
    pub salt: RosterSalt,
    /// How the badge codes are written.
    pub code_format: CodeFormat,
    /// The policy pack, as it stands in the bundle.
    pub policy: NewPolicy<'a>,
    /// When it was made: what was cancelled later is left out.
    pub made_at: Timestamp,
    /// End of the event: attendees go a day later.
    pub ends_at: Timestamp,
    /// Days for which consents, check-ins and the audit log are kept under the policy in force, 1
    /// to 3650.
    pub retention_days: u16,
}

/// One attendee to be loaded.
#[derive(Clone, Debug)]
pub struct NewAttendee<'a> {
    /// Under this the badge is found.
    pub locator: Locator,
    /// Whether the badge is blocked.
    pub state: BadgeState,
    /// Not valid before.
    pub valid_from: Option<Timestamp>,
    /// Not valid from then on.
    pub valid_until: Option<Timestamp>,
    /// Which side of 14 the holder is on (C40).
    pub age: Age,
    /// The attendee's number at the registration platform, if it is known.
    pub position: Option<i64>,
    /// The sealed record.
    pub sealed_record: &'a [u8],
    /// The sealed photo, or why there is none.
    pub reference: Reference<'a>,
}

/// A reference photo in the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'a> {
    /// Sealed under the badge.
    Sealed(&'a [u8]),
    /// None, with the code of the reason.
    Absent(&'a str),
}

/// Head of the roster that is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterHead {
    /// Id of the roster.
    pub id: String,
    /// Edition of the roster.
    pub sequence: u32,
    /// Salt of the badge keys.
    pub salt: RosterSalt,
    /// How the badge codes are written.
    pub code_format: CodeFormat,
    /// The policy pack, as it stood in the bundle.
    pub policy: Vec<u8>,
    /// Whether the registration platform fills it.
    pub from_platform: bool,
    /// When it was loaded.
    pub imported_at: Timestamp,
    /// End of the event.
    pub ends_at: Timestamp,
    /// Days for which consents, check-ins and the audit log are kept.
    pub retention_days: u16,
    /// Attendees held now, of any age: this is stock, not a statistic.
    pub attendees: u32,
    /// Sealed reference photos held now (L1 asks for this number).
    pub references: u32,
    /// Why the others have none: code and number, the most frequent first.
    pub problems: Vec<(String, u32)>,
}

/// What a roster is called, and how its badges are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterTerms {
    /// Id of the roster.
    pub id: String,
    /// Edition of the roster.
    pub sequence: u32,
    /// Salt of the badge keys.
    pub salt: RosterSalt,
    /// How the badge codes are written.
    pub code_format: CodeFormat,
}

/// A roster being loaded, in one transaction. Dropped without [`commit`](Self::commit), it
/// leaves the database as it was. Check-ins stay.
pub struct RosterImport<'s> {
    db: &'s Connection,
    tx: Transaction<'s>,
    pepper: &'s Zeroizing<[u8; 32]>,
    signer: &'s KioskKey,
    made_at: Timestamp,
    ends_at: Timestamp,
    at: Timestamp,
    sequence: u32,
    policy_sha256: [u8; 32],
    attendees: u32,
    references: u32,
    buried: u32,
}

impl Store {
    /// Begins to load a roster in place of the present one. Refuses an edition older than one
    /// that was loaded before, and another salt for the same id.
    pub fn begin_roster_import(
        &mut self,
        roster: &NewRoster<'_>,
        now: Timestamp,
    ) -> Result<RosterImport<'_>, StoreError> {
        // Unchecked, for the connection is needed again after the commit; `self` is borrowed
        // mutably as long, so there is no second transaction.
        let tx = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)
            .map_err(StoreError::ImportRoster)?;
        let seen = tx
            .query_row("SELECT sequence, salt FROM roster_seen WHERE id = ?1", [roster.id], |row| {
                Ok((row.get::<_, u32>(0)?, row.get::<_, [u8; 32]>(1)?))
            })
            .optional()
            .map_err(StoreError::ImportRoster)?;
        if let Some((loaded, salt)) = seen {
            if roster.sequence < loaded {
                return Err(StoreError::OlderRoster { loaded, offered: roster.sequence });
            }
            if salt != roster.salt.0 {
                return Err(StoreError::SaltChanged);
            }
        }
        write_head(&tx, roster, now).map_err(StoreError::ImportRoster)?;
        tx.execute(
            "INSERT OR REPLACE INTO roster_seen VALUES (?1, ?2, ?3)",
            (roster.id, roster.sequence, roster.salt.0),
        )
        .map_err(StoreError::ImportRoster)?;
        Ok(RosterImport {
            db: &self.db,
            tx,
            pepper: &self.pepper,
            signer: &self.signer,
            made_at: roster.made_at,
            ends_at: roster.ends_at,
            at: now,
            sequence: roster.sequence,
            policy_sha256: Sha256::digest(roster.policy.pack).into(),
            attendees: 0,
            references: 0,
            buried: 0,
        })
    }

    /// Begins a roster that the registration platform fills, in place of the present one. No
    /// edition and no salt is remembered: a signed file may follow it.
    pub fn begin_roster(
        &mut self,
        roster: &NewRoster<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let roster = NewRoster { made_at: FROM_PLATFORM, ..roster.clone() };
            write_head(&tx, &roster, now)?;
            let what = What::RosterImported {
                sequence: roster.sequence,
                attendees: 0,
                references: 0,
                policy_sha256: Sha256::digest(roster.policy.pack).into(),
            };
            log::append(&tx, &self.signer, &Record::new(now, Actor::Console, what))?;
            tx.commit()?;
            wipe_deleted(&self.db)
        };
        write().map_err(StoreError::ImportRoster)
    }

    /// The roster that is loaded, if any.
    pub fn roster(&self) -> Result<Option<RosterHead>, StoreError> {
        let sql = "SELECT id, sequence, salt, code_format, policy, imported_at, ends_at, \
             retention_days, made_at FROM roster";
        self.db
            .query_row(sql, [], head)
            .optional()
            .and_then(|head| head.map(|head| self.with_counts(head)).transpose())
            .map_err(StoreError::ReadRoster)
    }

    /// What the roster that is loaded is called and how its badges are read, without the counts.
    pub fn roster_terms(&self) -> Result<Option<RosterTerms>, StoreError> {
        let sql = "SELECT id, sequence, salt, code_format FROM roster";
        self.db
            .query_row(sql, [], |row| {
                Ok(RosterTerms {
                    id: row.get(0)?,
                    sequence: row.get(1)?,
                    salt: RosterSalt(row.get(2)?),
                    code_format: word(row, 3, format_of)?,
                })
            })
            .optional()
            .map_err(StoreError::ReadRoster)
    }

    fn with_counts(&self, mut head: RosterHead) -> rusqlite::Result<RosterHead> {
        let mut statement = self.db.prepare_cached(
            // Table by table, each along its index: there may be a million.
            "SELECT reference_problem, sum(part) AS number FROM
               (SELECT reference_problem, count(*) AS part FROM attendee
                  GROUP BY reference_problem
                UNION ALL SELECT reference_problem, count(*) FROM attendee_under_14
                  GROUP BY reference_problem
                UNION ALL SELECT reference_problem, -1 FROM buried_attendee
                UNION ALL SELECT reference_problem, -1 FROM buried_attendee_under_14)
             GROUP BY reference_problem HAVING number > 0
             ORDER BY number DESC, reference_problem",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let number: u32 = row.get(1)?;
            head.attendees += number;
            match row.get(0)? {
                Some(problem) => head.problems.push((problem, number)),
                None => head.references = number,
            }
        }
        Ok(head)
    }
}

impl RosterImport<'_> {
    /// Adds one attendee, unless the badge was cancelled at the platform after the roster was made.
    pub fn attendee(&mut self, attendee: &NewAttendee<'_>) -> Result<(), StoreError> {
        let badge = BadgeId::of(self.pepper, &attendee.locator);
        if tombstones::stays_buried(&self.tx, badge, attendee.position, self.made_at)
            .map_err(StoreError::ImportRoster)?
        {
            self.buried += 1;
            return Ok(());
        }
        let key = match ErasureKey::draw(&self.tx, badge) {
            Err(StoreError::ErasureKey(e)) if is_duplicate(&e) => {
                return Err(StoreError::DuplicateBadge);
            }
            key => key?,
        };
        let (reference, problem) = match attendee.reference {
            Reference::Sealed(sealed) => {
                (Some(key.seal(sealed, &attendee.locator, Kind::Reference)?), None)
            }
            Reference::Absent(code) => (None, Some(code)),
        };
        let row = AttendeeRow {
            badge,
            locator: attendee.locator,
            state: attendee.state,
            valid_from: attendee.valid_from,
            valid_until: attendee.valid_until,
            age: attendee::age(&self.tx, badge, attendee.age)?,
            position: attendee.position,
            record: &key.seal(attendee.sealed_record, &attendee.locator, Kind::Record)?,
            problem,
            ticket: None,
            changed_at: None,
            photo_version: None,
            photo_due_at: None,
        };
        let written = row.insert(&self.tx, self.ends_at).and_then(|()| match &reference {
            Some(sealed) => {
                attendee::keep_reference(&self.tx, attendee::table(row.age), badge, sealed)
            }
            None => Ok(()),
        });
        match written {
            Ok(()) => {
                self.attendees += 1;
                self.references += u32::from(reference.is_some());
                Ok(())
            }
            Err(e) if is_duplicate(&e) => Err(StoreError::DuplicateBadge),
            Err(e) => Err(StoreError::ImportRoster(e)),
        }
    }

    /// How many were left out, because they were cancelled after the roster was made.
    pub fn buried(&self) -> u32 {
        self.buried
    }

    /// Replaces the present roster by this one.
    pub fn commit(self) -> Result<(), StoreError> {
        let in_both: bool = self
            .tx
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM attendee_under_14 JOIN attendee USING (badge))",
                [],
                |row| row.get(0),
            )
            .map_err(StoreError::ImportRoster)?;
        if in_both {
            return Err(StoreError::DuplicateBadge);
        }
        // Whoever imports need not be known: the organiser's signature is what counts.
        let what = What::RosterImported {
            sequence: self.sequence,
            attendees: self.attendees,
            references: self.references,
            policy_sha256: self.policy_sha256,
        };
        log::append(&self.tx, self.signer, &Record::new(self.at, Actor::Console, what))
            // Badges that were known by their numbers until now.
            .and_then(|()| tombstones::erase(&self.tx, self.signer, self.at))
            .and_then(|_| self.tx.commit())
            .map_err(StoreError::ImportRoster)?;
        wipe_deleted(self.db).map_err(StoreError::WipeDeleted)
    }
}

fn write_head(
    tx: &Transaction<'_>,
    roster: &NewRoster<'_>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    tx.execute_batch(
        "DELETE FROM erasure_key; DELETE FROM reference; DELETE FROM reference_under_14;
         DELETE FROM attendee; DELETE FROM attendee_under_14;
         DELETE FROM roster;",
    )?;
    // Whoever's clock is ahead must not keep the platform from being asked.
    let made_at = roster.made_at.min(now);
    tx.execute(
        "INSERT INTO roster VALUES (1, :id, :sequence, :salt, :code_format, :policy, \
         :imported_at, :ends_at, :retention_days, :made_at)",
        named_params! {
            ":id": roster.id,
            ":sequence": roster.sequence,
            ":salt": roster.salt.0,
            ":code_format": format_word(roster.code_format),
            ":policy": roster.policy.pack,
            ":imported_at": millis(now),
            ":ends_at": millis(roster.ends_at),
            ":retention_days": roster.retention_days,
            ":made_at": millis(made_at),
        },
    )?;
    tombstones::ask_again(tx, made_at)?;
    sync::read_anew(tx)?;
    policies::insert(tx, &roster.policy, now)
}

fn head(row: &Row<'_>) -> rusqlite::Result<RosterHead> {
    Ok(RosterHead {
        id: row.get(0)?,
        sequence: row.get(1)?,
        salt: RosterSalt(row.get(2)?),
        code_format: word(row, 3, format_of)?,
        policy: row.get(4)?,
        from_platform: optional_time(row, 8)? == Some(FROM_PLATFORM),
        imported_at: time(row, 5)?,
        ends_at: time(row, 6)?,
        retention_days: row.get(7)?,
        attendees: 0,
        references: 0,
        problems: Vec::new(),
    })
}

fn format_of(word: &str) -> Option<CodeFormat> {
    [CodeFormat::Crockford, CodeFormat::Opaque].into_iter().find(|f| format_word(*f) == word)
}

fn format_word(format: CodeFormat) -> &'static str {
    match format {
        CodeFormat::Crockford => "crockford",
        CodeFormat::Opaque => "opaque",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::testing::{self, AT, DAY, attendee, locator, roster};

    #[test]
    fn a_roster_dropped_before_its_end_changes_nothing() {
        let (_folder, mut store) = testing::store();
        testing::import_one(&mut store, locator(1), None);
        let before = store.roster().unwrap();
        let mut import = store.begin_roster_import(&roster(9), AT).unwrap();
        import.attendee(&attendee(locator(2))).unwrap();
        drop(import);
        assert_eq!(store.roster().unwrap(), before);
        assert!(store.badge(&locator(1)).unwrap().is_some());
        assert!(store.badge(&locator(2)).unwrap().is_none());
    }

    #[test]
    fn a_new_edition_replaces_attendees_and_keeps_checkins() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        store.record_checkin(&testing::face(1, badge)).unwrap();
        let mut import = store.begin_roster_import(&roster(2), AT).unwrap();
        import.attendee(&attendee(locator(1))).unwrap();
        import.attendee(&attendee(locator(3))).unwrap();
        import.commit().unwrap();
        let entry = store.badge(&locator(1)).unwrap().unwrap();
        assert_eq!((entry.id, entry.admitted_at), (badge, Some(AT)));
        assert_eq!(store.roster().unwrap().unwrap().attendees, 2);
    }

    #[test]
    fn an_older_edition_is_refused_even_after_another_roster() {
        let (_folder, mut store) = testing::store();
        testing::import(&mut store, &roster(5), &[attendee(locator(1))]);
        let other = NewRoster { id: "other", ..roster(1) };
        testing::import(&mut store, &other, &[attendee(locator(2))]);
        let refused = store.begin_roster_import(&roster(4), AT).err().unwrap();
        assert!(matches!(refused, StoreError::OlderRoster { loaded: 5, offered: 4 }));
        assert_eq!(store.roster().unwrap().unwrap().id, "other");
        testing::import(&mut store, &roster(5), &[attendee(locator(1))]);
        assert_eq!(store.roster().unwrap().unwrap().id, "roster");
    }

    #[test]
    fn another_salt_for_the_same_roster_is_refused() {
        let (_folder, mut store) = testing::store();
        testing::import(&mut store, &roster(1), &[]);
        let salted = NewRoster { salt: RosterSalt([9; 32]), ..roster(2) };
        let refused = store.begin_roster_import(&salted, AT).err().unwrap();
        assert!(matches!(refused, StoreError::SaltChanged));
    }

    #[test]
    fn a_badge_that_comes_twice_is_refused_and_nothing_changes() {
        let child = NewAttendee { age: Age::Under14, ..attendee(locator(2)) };
        for pair in [[attendee(locator(2)), attendee(locator(2))], [attendee(locator(2)), child]] {
            let (_folder, mut store) = testing::store();
            testing::import_one(&mut store, locator(1), None);
            let before = store.roster().unwrap();
            let mut import = store.begin_roster_import(&roster(9), AT).unwrap();
            let refused = pair
                .iter()
                .try_for_each(|attendee| import.attendee(attendee))
                .and_then(|()| import.commit());
            assert!(matches!(refused, Err(StoreError::DuplicateBadge)));
            assert_eq!(store.roster().unwrap(), before);
        }
    }

    #[test]
    fn the_head_says_what_is_held() {
        let (_folder, mut store) = testing::store();
        let absent =
            |n, code| NewAttendee { reference: Reference::Absent(code), ..attendee(locator(n)) };
        let child = NewAttendee { age: Age::Under14, ..attendee(locator(5)) };
        testing::import(
            &mut store,
            &roster(3),
            &[
                attendee(locator(1)),
                absent(2, "missing"),
                absent(3, "no_face"),
                absent(4, "no_face"),
                child,
            ],
        );
        let head = store.roster().unwrap().unwrap();
        assert_eq!((head.attendees, head.references, head.sequence), (5, 2, 3));
        assert_eq!(head.problems, [("no_face".into(), 2), ("missing".into(), 1)]);
        assert_eq!(head.policy, b"policy");
        assert_eq!(head.imported_at, AT);
    }

    #[test]
    fn c40_children_below_14_are_in_a_table_of_their_own() {
        let (_folder, mut store) = testing::store();
        let child = NewAttendee { age: Age::Under14, ..attendee(locator(1)) };
        testing::import(&mut store, &roster(1), &[child, attendee(locator(2))]);
        let age = |n| store.badge(&locator(n)).unwrap().unwrap().age;
        assert_eq!((age(1), age(2)), (Age::Under14, Age::From14));
        let rows = |table: &str| -> u32 {
            store.db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)).unwrap()
        };
        assert_eq!((rows("attendee"), rows("attendee_under_14")), (1, 1));
    }

    #[test]
    fn c19_two_kiosks_know_a_badge_under_different_pseudonyms() {
        let (_folder, mut one) = testing::store();
        let (_folder, mut two) = testing::store();
        let a = testing::import_one(&mut one, locator(1), Some(AT + DAY));
        let b = testing::import_one(&mut two, locator(1), Some(AT + DAY));
        assert_ne!(a, b);
        assert_ne!(a.0, locator(1).0);
    }
}
