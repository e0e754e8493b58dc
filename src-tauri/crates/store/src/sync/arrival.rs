//! Writing what a page of changes says of attendees.

use audit::TombstoneSource;
use jiff::Timestamp;
use note::KioskKey;
use rusqlite::{OptionalExtension, Params, Row, Transaction};
use seal::{Kind, Locator};
use zeroize::Zeroizing;

use super::{Arrival, PhotoNews, Void, expiry};
use crate::attendee::{self, AttendeeRow, TABLES};
use crate::columns::{millis, word};
use crate::erasure::ErasureKey;
use crate::{Age, BadgeId, BadgeState, StoreError, tombstones};

/// Why a photo that is to come is not here.
const DUE: &str = "due";

/// Records of what visitors did. They stay with the attendee who gets another code.
const FOLLOW: [&str; 7] = [
    "checkin",
    "consent",
    "consent_under_14",
    "guardian_consent",
    "child",
    "request",
    "request_under_14",
];

/// A page being written.
pub(super) struct Writing<'a> {
    tx: &'a Transaction<'a>,
    signer: &'a KioskKey,
    pepper: &'a Zeroizing<[u8; 32]>,
    /// When the platform said so.
    at: Timestamp,
    now: Timestamp,
    ends_at: Timestamp,
    expires_at: Timestamp,
    /// Badges of codes that were replaced.
    replaced: Vec<BadgeId>,
    /// A ticket goes whose code another one has, who was left out: all is read again.
    anew: bool,
}

/// What is here of a badge already.
struct Known {
    position: Option<i64>,
    /// Why there is no photo.
    problem: Option<String>,
    version: Option<String>,
    is_due: bool,
    changed_at: Option<i64>,
    age: Age,
}

impl Known {
    /// Whether it is what the platform said of that change.
    fn is_of(&self, changed_at: Timestamp) -> bool {
        self.changed_at == Some(millis(changed_at))
    }
}

/// What the row says of the photo. Without a problem, the photo that is here stays.
struct Photo {
    problem: Option<String>,
    version: Option<String>,
    due_at: Option<Timestamp>,
}

impl<'a> Writing<'a> {
    pub(super) fn begin(
        tx: &'a Transaction<'a>,
        signer: &'a KioskKey,
        pepper: &'a Zeroizing<[u8; 32]>,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let (ends_at, expires_at) =
            expiry(tx).map_err(StoreError::Sync)?.ok_or(StoreError::NoRoster)?;
        let replaced = Vec::new();
        Ok(Self { tx, signer, pepper, at, now, ends_at, expires_at, replaced, anew: false })
    }

    /// Whether everything has to be read again, and the badges that were replaced.
    pub(super) fn end(self) -> (bool, Vec<BadgeId>) {
        (self.anew, self.replaced)
    }

    /// An attendee is gone, who is removed elsewhere ([`tombstones`]).
    pub(super) fn leaves(&mut self, position: i64) -> Result<(), StoreError> {
        for badge in self.badges_of(position)? {
            self.frees(badge)?;
        }
        self.is_not_left_out(position)
    }

    /// An attendee's code is none that a kiosk could read.
    pub(super) fn unreadable(&mut self, position: i64) -> Result<(), StoreError> {
        for badge in self.badges_of(position)? {
            self.removes(badge)?;
        }
        self.is_not_left_out(position)?;
        self.leaves_out(position, None)
    }

    /// A code does not count, or counts again.
    pub(super) fn voids(&mut self, locator: &Locator, void: Void) -> Result<(), StoreError> {
        let badge = BadgeId::of(self.pepper, locator);
        match void {
            Void::Revoked => self.void(badge, "revoked"),
            Void::Blocked => self.void(badge, "blocked"),
            Void::Unblocked => self.counts_again(badge, "blocked"),
        }
    }

    /// An attendee is new, or changed.
    pub(super) fn arrives(&mut self, arrival: &Arrival) -> Result<(), StoreError> {
        let badge = BadgeId::of(self.pepper, &arrival.locator);
        let position = arrival.position;
        // Who comes back comes without what is still being removed of them.
        if tombstones::is_gone(self.tx, badge).map_err(StoreError::Sync)? {
            let erased = tombstones::erase(self.tx, self.signer, self.now);
            self.replaced.extend(erased.map_err(StoreError::Sync)?);
        }
        // The platform's word is about a ticket: another one may have the same code.
        let of_another = "DELETE FROM tombstone WHERE badge = ?1 AND source = ?3
             AND NOT EXISTS (SELECT 1 FROM tombstone_position WHERE position = ?2)";
        self.execute(of_another, (badge, position, TombstoneSource::Platform.word()))?;
        let changed_at = arrival.changed_at;
        if tombstones::stays_buried(self.tx, badge, Some(position), changed_at)
            .map_err(StoreError::Sync)?
        {
            return Ok(());
        }
        self.is_not_left_out(position)?;
        let known = self.known(badge)?;
        let others = known.as_ref().and_then(|known| known.position);
        if others.is_some_and(|other| other != position) {
            for badge in self.badges_of(position)? {
                self.removes(badge)?;
            }
            self.leaves_out(position, Some(badge))?;
            return self.void(badge, "ambiguous");
        }
        // The platform tells the last changes more than once. What was deleted since is wanted anew.
        let same = others.is_some() && known.as_ref().is_some_and(|known| known.is_of(changed_at));
        if same && ErasureKey::of(self.tx, badge)?.is_some() {
            return Ok(());
        }
        for earlier in self.badges_of(position)? {
            if earlier != badge {
                self.follow(earlier, badge, &arrival.locator)?;
                self.removes(earlier)?;
            }
        }
        self.write(badge, arrival, known)
    }

    fn write(
        &mut self,
        badge: BadgeId,
        arrival: &Arrival,
        known: Option<Known>,
    ) -> Result<(), StoreError> {
        let (tx, locator) = (self.tx, &arrival.locator);
        let (key, known) = match ErasureKey::of(tx, badge)? {
            Some(key) => (key, known),
            None => (ErasureKey::draw(tx, badge)?, None),
        };
        // What the platform does not know, a file may have said.
        let registered = match (arrival.age, &known) {
            (Age::Unknown, Some(known)) => known.age,
            (age, _) => age,
        };
        let photo = self.photo(arrival, known);
        let age = attendee::age(tx, badge, registered)?;
        // Whoever was here before the platform told of them.
        let waits = "UPDATE outbox SET position = ?2 WHERE locator = ?1 AND position IS NULL";
        self.execute(waits, (locator.0, arrival.position))?;
        AttendeeRow {
            badge,
            locator: *locator,
            state: if arrival.blocked { BadgeState::Blocked } else { BadgeState::Valid },
            valid_from: arrival.valid_from,
            valid_until: arrival.valid_until,
            age,
            position: Some(arrival.position),
            record: &key.seal(&arrival.sealed_record, locator, Kind::Record)?,
            problem: photo.problem.as_deref(),
            ticket: Some(&arrival.ticket),
            changed_at: Some(arrival.changed_at),
            photo_version: photo.version.as_deref(),
            photo_due_at: photo.due_at,
        }
        .replace(tx, self.ends_at)
        .and_then(|()| match photo.problem {
            Some(_) => attendee::delete_reference(tx, attendee::table(age), badge),
            None => Ok(()),
        })
        .map_err(StoreError::Sync)
    }

    /// A photo that is here and was not changed stays; another one is due.
    fn photo(&self, arrival: &Arrival, known: Option<Known>) -> Photo {
        let due = |version| Photo {
            problem: Some(DUE.to_owned()),
            version,
            due_at: Some(arrival.valid_from.unwrap_or(self.at)),
        };
        let here = known.filter(|known| !known.is_due);
        let keep =
            |known: Known| Photo { problem: known.problem, version: known.version, due_at: None };
        match (&arrival.photo, here) {
            // The photo of a file, at a platform that has none of anybody.
            (PhotoNews::Absent, Some(known)) if known.version.is_none() => keep(known),
            (PhotoNews::Absent, _) => {
                let problem = Some("missing".to_owned());
                Photo { problem, version: None, due_at: None }
            }
            (PhotoNews::Named(name), Some(known)) if known.version.as_ref() == Some(name) => {
                keep(known)
            }
            (PhotoNews::Named(name), _) => due(Some(name.clone())),
            // Whoever had no photo has one now.
            (PhotoNews::Same, Some(known))
                if known.problem.is_none() || known.version.is_some() =>
            {
                keep(known)
            }
            (PhotoNews::Same, _) => due(None),
        }
    }

    /// What an attendee did here stays with them under the new code.
    fn follow(&self, from: BadgeId, to: BadgeId, locator: &Locator) -> Result<(), StoreError> {
        for table in FOLLOW {
            let sql = format!("UPDATE OR IGNORE {table} SET badge = ?2 WHERE badge = ?1");
            self.execute(&sql, (from, to))?;
        }
        for table in ["request", "request_under_14"] {
            let sql = format!("UPDATE {table} SET locator = ?2 WHERE badge = ?1");
            self.execute(&sql, (to, locator.0))?;
        }
        Ok(())
    }

    /// A code is nobody's any more.
    fn removes(&mut self, badge: BadgeId) -> Result<(), StoreError> {
        self.execute("DELETE FROM erasure_key WHERE badge = ?1", [badge])?;
        for table in TABLES {
            self.execute(&format!("DELETE FROM {table} WHERE badge = ?1"), [badge])?;
        }
        self.replaced.push(badge);
        self.frees(badge)
    }

    /// A ticket lets go of a code. Whoever was left out because of it is read again.
    fn frees(&mut self, badge: BadgeId) -> Result<(), StoreError> {
        let waits = "SELECT EXISTS (SELECT 1 FROM left_out WHERE badge = ?1)";
        let waits: bool = self
            .tx
            .prepare_cached(waits)
            .and_then(|mut statement| statement.query_row([badge], |row| row.get(0)))
            .map_err(StoreError::Sync)?;
        self.anew |= waits;
        Ok(())
    }

    fn leaves_out(&self, position: i64, same_as: Option<BadgeId>) -> Result<(), StoreError> {
        let why = if same_as.is_some() { "ambiguous" } else { "bad_code" };
        let sql = "INSERT OR REPLACE INTO left_out VALUES (?1, ?2, ?3, ?4)";
        self.execute(sql, (position, why, same_as, millis(self.expires_at))).map(drop)
    }

    /// Nothing stands against an attendee. A code that only they had twice counts again.
    fn is_not_left_out(&self, position: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM left_out WHERE position = ?1 RETURNING badge";
        let badge: Option<Option<BadgeId>> = self
            .tx
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row([position], |row| row.get(0)).optional())
            .map_err(StoreError::Sync)?;
        match badge.flatten() {
            Some(badge) => self.counts_again(badge, "ambiguous"),
            None => Ok(()),
        }
    }

    fn void(&self, badge: BadgeId, why: &str) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO void_code SELECT ?1, ?2, ?3
                   WHERE NOT EXISTS (SELECT 1 FROM tombstone WHERE badge = ?1)";
        self.execute(sql, (badge, why, millis(self.expires_at))).map(drop)
    }

    fn counts_again(&self, badge: BadgeId, why: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM void_code WHERE badge = ?1 AND why = ?2
                   AND NOT EXISTS (SELECT 1 FROM left_out WHERE badge = ?1 AND why = ?2)";
        self.execute(sql, (badge, why)).map(drop)
    }

    fn badges_of(&self, position: i64) -> Result<Vec<BadgeId>, StoreError> {
        let sql = "SELECT badge FROM attendee WHERE position = ?1
                   UNION SELECT badge FROM attendee_under_14 WHERE position = ?1";
        self.tx
            .prepare_cached(sql)
            .and_then(|mut s| s.query_map([position], |row| row.get(0))?.collect())
            .map_err(StoreError::Sync)
    }

    fn known(&self, badge: BadgeId) -> Result<Option<Known>, StoreError> {
        let columns = "position, reference_problem, photo_version, photo_due_at IS NOT NULL, \
                       changed_at";
        let sql = format!(
            "SELECT {columns}, CASE age_known WHEN 1 THEN 'from_14' ELSE 'unknown' END
               FROM attendee WHERE badge = ?1
             UNION ALL SELECT {columns}, 'under_14' FROM attendee_under_14 WHERE badge = ?1"
        );
        self.tx
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([badge], known).optional())
            .map_err(StoreError::Sync)
    }

    fn execute(&self, sql: &str, parameters: impl Params) -> Result<usize, StoreError> {
        self.tx
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(parameters))
            .map_err(StoreError::Sync)
    }
}

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    Ok(Known {
        position: row.get(0)?,
        problem: row.get(1)?,
        version: row.get(2)?,
        is_due: row.get(3)?,
        changed_at: row.get(4)?,
        age: word(row, 5, Age::read)?,
    })
}
