//! What kiosks of one venue say of badges: which are used, at which kiosk, since when.
//!
//! A badge is named by the venue's hash of its locator: HMAC-SHA256 under a key that the kiosks of
//! the venue share. What this kiosk admits is queued here in the transaction of the check-in; what
//! others announce counts like a check-in of this kiosk's own. Where two kiosks admitted one badge
//! before either could hear of the other, both records stay.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior};
use seal::Locator;
use zeroize::Zeroizing;

use crate::badge::keyed_hash;
use crate::columns::{millis, time, word};
use crate::{BadgeId, HeldElsewhere, Store, StoreError};

/// What is said of a badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnouncedState {
    /// It was admitted.
    Used,
    /// It was, and that was taken back.
    TakenBack,
    /// It is gone at the platform: the broker is to forget it. For this kiosk's own words only.
    Withdrawn,
}

impl AnnouncedState {
    const ALL: [Self; 3] = [Self::Used, Self::TakenBack, Self::Withdrawn];

    fn word(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::TakenBack => "taken_back",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Something said of a badge.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    /// The venue's hash of its locator.
    pub hash: [u8; 32],
    /// What.
    pub state: AnnouncedState,
    /// When it was admitted.
    pub at: Timestamp,
    /// Since when it stands so.
    pub changed: Timestamp,
    /// Until when it counts.
    pub until: Timestamp,
}

impl std::fmt::Debug for Announced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Announced(..)")
    }
}

/// A badge that was admitted here and at another kiosk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// When it was admitted here.
    pub here: Timestamp,
    /// The other kiosk.
    pub kiosk: String,
    /// When it was admitted there.
    pub there: Timestamp,
}

impl Store {
    /// Writes what kiosks said, all at once. `own`: the name of this one, whose words come back
    /// from the broker. An older word of a kiosk never replaces a newer one.
    pub fn hear_announced(
        &mut self,
        heard: &[(String, Announced)],
        own: &str,
    ) -> Result<(), StoreError> {
        let mut hear = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut gone = tx.prepare_cached("SELECT 1 FROM announced_gone WHERE hash = ?1")?;
                let mut mine =
                    tx.prepare_cached("SELECT 1 FROM announced WHERE hash = ?1 AND kiosk = ''")?;
                let mut write = tx.prepare_cached(
                    "INSERT INTO announced VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6)
                     ON CONFLICT DO UPDATE SET state = excluded.state, at = excluded.at,
                       changed_at = excluded.changed_at, expires_at = excluded.expires_at
                     WHERE excluded.changed_at > announced.changed_at",
                )?;
                for (kiosk, said) in heard {
                    // What this database does not know of its own kiosk, the kiosk said before it
                    // got this database.
                    let known = kiosk.as_str() == own && mine.exists([said.hash])?;
                    if known || gone.exists([said.hash])? {
                        continue;
                    }
                    let (at, changed) = (millis(said.at), millis(said.changed));
                    let until = millis(said.until);
                    write.execute((said.hash, kiosk, said.state.word(), at, changed, until))?;
                }
            }
            tx.commit()
        };
        hear().map_err(StoreError::HearAnnounced)
    }

    /// What the other kiosks have yet to hear of this one, the oldest first, so many at most.
    pub fn announced_due(&self, most: usize) -> Result<Vec<Announced>, StoreError> {
        let read = || {
            self.db
                .prepare_cached(
                    "SELECT hash, state, at, changed_at, expires_at FROM announced
                     WHERE kiosk = '' AND told_at IS NULL ORDER BY changed_at LIMIT ?1",
                )?
                .query_map([i64::try_from(most).unwrap_or(i64::MAX)], announced)?
                .collect::<Result<_, _>>()
        };
        read().map_err(StoreError::ReadAnnounced)
    }

    /// The broker keeps this. Nothing changes when the badge has become something else meanwhile.
    pub fn announced_told(&mut self, said: &Announced, now: Timestamp) -> Result<(), StoreError> {
        let write = || {
            if said.state == AnnouncedState::Withdrawn {
                let sql = "DELETE FROM announced
                           WHERE hash = ?1 AND kiosk = '' AND state = 'withdrawn'";
                return self.db.prepare_cached(sql)?.execute([said.hash]);
            }
            self.db
                .prepare_cached(
                    "UPDATE announced SET told_at = ?3
                     WHERE hash = ?1 AND kiosk = '' AND changed_at = ?2 AND state <> 'withdrawn'",
                )?
                .execute((said.hash, millis(said.changed), millis(now)))
        };
        write().map(drop).map_err(StoreError::HearAnnounced)
    }

    /// Queues again what the broker should have and has not: a broker may lose what it kept.
    /// `kept`: what it has of this kiosk, by hash, each with the time since which it stands so.
    /// Returns how many are queued again.
    pub fn announce_missing(
        &mut self,
        kept: &HashMap<[u8; 32], Timestamp>,
    ) -> Result<usize, StoreError> {
        let mut queue = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut again = 0;
            {
                let mut told = tx.prepare_cached(
                    "SELECT hash, changed_at FROM announced
                     WHERE kiosk = '' AND told_at IS NOT NULL",
                )?;
                let told: Vec<([u8; 32], i64)> = told
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect::<Result<_, _>>()?;
                let mut untell = tx.prepare_cached(
                    "UPDATE announced SET told_at = NULL WHERE hash = ?1 AND kiosk = ''",
                )?;
                for (hash, changed) in told {
                    if kept.get(&hash).map(|at| millis(*at)) != Some(changed) {
                        again += untell.execute([hash])?;
                    }
                }
            }
            tx.commit().map(|()| again)
        };
        queue().map_err(StoreError::HearAnnounced)
    }

    /// Badges that were admitted here and elsewhere, the newest first.
    pub fn conflicts(&self) -> Result<Vec<Conflict>, StoreError> {
        let read = || {
            self.db
                .prepare_cached(
                    // The same moment is the same admission, announced under an earlier name.
                    "SELECT mine.at, other.kiosk, other.at FROM announced mine
                     JOIN announced other ON other.hash = mine.hash AND other.kiosk <> ''
                     WHERE mine.kiosk = '' AND mine.state = 'used' AND other.state = 'used'
                     AND other.at <> mine.at ORDER BY max(mine.at, other.at) DESC, other.kiosk",
                )?
                .query_map([], |row| {
                    Ok(Conflict { here: time(row, 0)?, kiosk: row.get(1)?, there: time(row, 2)? })
                })?
                .collect::<Result<_, _>>()
        };
        read().map_err(StoreError::ReadAnnounced)
    }
}

fn announced(row: &Row<'_>) -> rusqlite::Result<Announced> {
    Ok(Announced {
        hash: row.get(0)?,
        state: word(row, 1, AnnouncedState::read)?,
        at: time(row, 2)?,
        changed: time(row, 3)?,
        until: time(row, 4)?,
    })
}

/// The key of the venue's hashes; none without a relay.
fn key(db: &Connection) -> rusqlite::Result<Option<Zeroizing<[u8; 32]>>> {
    db.prepare_cached("SELECT badge_key FROM relay")?
        .query_row([], |row| row.get(0))
        .optional()
        .map(|key| key.map(Zeroizing::new))
}

/// Where and when another kiosk admitted a badge, if one did.
pub(crate) fn elsewhere(
    db: &Connection,
    locator: &Locator,
) -> rusqlite::Result<Option<(Timestamp, String)>> {
    let Some(key) = key(db)? else { return Ok(None) };
    db.prepare_cached(
        "SELECT at, kiosk FROM announced
         WHERE hash = ?1 AND kiosk <> '' AND state = 'used' ORDER BY at LIMIT 1",
    )?
    .query_row([keyed_hash(&key, &[&locator.0])], |row| Ok((time(row, 0)?, row.get(1)?)))
    .optional()
}

/// What other kiosks said of a badge.
pub(crate) fn held(db: &Connection, locator: &Locator) -> rusqlite::Result<Vec<HeldElsewhere>> {
    let Some(key) = key(db)? else { return Ok(Vec::new()) };
    db.prepare_cached(
        "SELECT kiosk, at, state = 'taken_back', expires_at FROM announced
         WHERE hash = ?1 AND kiosk <> '' ORDER BY at",
    )?
    .query_map([keyed_hash(&key, &[&locator.0])], |row| {
        Ok(HeldElsewhere {
            kiosk: row.get(0)?,
            at: time(row, 1)?,
            annulled: row.get(2)?,
            until: time(row, 3)?,
        })
    })?
    .collect()
}

/// Queues what became of a badge here. Nothing without a relay.
pub(crate) fn queue(
    tx: &Transaction<'_>,
    locator: [u8; 32],
    state: AnnouncedState,
    (at, changed): (Timestamp, Timestamp),
    expires: Timestamp,
) -> rusqlite::Result<()> {
    match key(tx)? {
        Some(key) => queue_under(tx, &key, locator, state, (at, changed), expires),
        None => Ok(()),
    }
}

fn queue_under(
    tx: &Transaction<'_>,
    key: &[u8; 32],
    locator: [u8; 32],
    state: AnnouncedState,
    (at, changed): (Timestamp, Timestamp),
    expires: Timestamp,
) -> rusqlite::Result<()> {
    let hash = keyed_hash(key, &[&locator]);
    tx.prepare_cached(
        // What is said later must look later, also within one millisecond.
        "INSERT INTO announced VALUES (?1, '', ?2, ?3, ?4, NULL, ?5)
         ON CONFLICT DO UPDATE SET state = excluded.state, at = excluded.at, told_at = NULL,
           changed_at = max(excluded.changed_at, changed_at + 1),
           expires_at = max(expires_at, excluded.expires_at)",
    )?
    .execute((hash, state.word(), millis(at), millis(changed), millis(expires)))
    .map(drop)
}

/// The admission of a check-in was taken back.
pub(crate) fn queue_taken_back(
    tx: &Transaction<'_>,
    checkin: i64,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let told = tx
        .prepare_cached(
            "SELECT locator, queued_at, expires_at FROM outbox
             WHERE checkin = ?1 AND kind = 'checkin'",
        )?
        .query_row([checkin], |row| Ok((row.get(0)?, time(row, 1)?, time(row, 2)?)))
        .optional()?;
    told.map_or(Ok(()), |(locator, at, expires)| {
        queue(tx, locator, AnnouncedState::TakenBack, (at, now.max(at)), expires)
    })
}

/// Queues all check-ins that are still here.
pub(crate) fn queue_all(tx: &Transaction<'_>, key: &[u8; 32]) -> rusqlite::Result<()> {
    let mut standing = tx.prepare(
        "SELECT locator, at, annulled_at, checkin.expires_at FROM known_outbox outbox
         JOIN checkin ON checkin.id = outbox.checkin
         WHERE kind = 'checkin' ORDER BY checkin.id",
    )?;
    let mut rows = standing.query([])?;
    while let Some(row) = rows.next()? {
        let (at, annulled) = (time(row, 1)?, crate::columns::optional_time(row, 2)?);
        let state = annulled.map_or(AnnouncedState::Used, |_| AnnouncedState::TakenBack);
        let changed = annulled.unwrap_or(at).max(at);
        queue_under(tx, key, row.get(0)?, state, (at, changed), time(row, 3)?)?;
    }
    Ok(())
}

/// A badge is gone: what others said of it goes now, and what this kiosk said as soon as the broker
/// has forgotten it. Nothing that is said of it from now on is kept. `named`: its locator, if
/// whoever says that it is gone knows it; that of its rows is found here.
pub(crate) fn forget(
    tx: &Transaction<'_>,
    badge: BadgeId,
    named: Option<&Locator>,
) -> rusqlite::Result<()> {
    let Some(key) = key(tx)? else { return Ok(()) };
    let found: Vec<[u8; 32]> = tx
        .prepare_cached(
            "SELECT locator FROM attendee WHERE badge = ?1
             UNION SELECT locator FROM attendee_under_14 WHERE badge = ?1
             UNION SELECT locator FROM outbox JOIN checkin ON checkin.id = outbox.checkin
               WHERE badge = ?1",
        )?
        .query_map([badge], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for locator in found.iter().chain(named.map(|named| &named.0)) {
        let hash = keyed_hash(&key, &[locator]);
        tx.prepare_cached("DELETE FROM announced WHERE hash = ?1 AND kiosk <> ''")?
            .execute([hash])?;
        tx.prepare_cached(
            "UPDATE announced SET state = 'withdrawn', at = 0, told_at = NULL
             WHERE hash = ?1 AND kiosk = ''",
        )?
        .execute([hash])?;
        tx.prepare_cached("INSERT OR IGNORE INTO announced_gone VALUES (?1, ?2)")?
            .execute((hash, badge))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
