//! Badges that are gone at the registration platform (C35, C36), and what has to stay of one for a
//! while (M54).
//!
//! A tombstone stands for a badge from its first transaction on: no question that the kiosk asks
//! finds the badge any more (`schema/quarantine.sql`), no row of it can be written, and no roster
//! that was made before brings it back. Then its rows go. What the platform has yet to hear, what
//! a law keeps, and what a damaged page does not let go stays behind the tombstone, and goes as
//! soon as it may.

use std::collections::HashMap;

use audit::{Actor, Record, TombstoneSource, What};
use jiff::{SignedDuration, Timestamp};
use note::KioskKey;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use seal::Locator;

use crate::columns::{days_after, millis, optional_time, word};
use crate::expiry::{empty_log, retention_days, wipe_deleted};
use crate::{BadgeId, Store, StoreError, announced, log};

/// A badge that is gone, by one of the names that the platform has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buried {
    /// By its locator.
    Badge(Locator),
    /// By the attendee's number at the platform.
    Position(i64),
}

/// A list of tombstones that the organiser has signed.
#[derive(Clone, Copy, Debug)]
pub struct TombstoneList<'a> {
    /// Id of the roster that it belongs to.
    pub roster: &'a str,
    /// Edition of the list; none goes back to an older one.
    pub sequence: u32,
    /// When it was made. A badge that is in a roster made later stays.
    pub made_at: Timestamp,
    /// What is gone.
    pub buried: &'a [Buried],
}

/// Tables with rows about a badge. None takes a row of a badge with a tombstone.
const TABLES: [&str; 15] = [
    "erasure_key",
    "attendee",
    "attendee_under_14",
    "reference",
    "reference_under_14",
    "consent",
    "consent_under_14",
    "guardian_consent",
    "child",
    "checkin",
    "request",
    "request_under_14",
    "void_code",
    "left_out",
    "refused_scan",
];

/// Removes the rows of the badge `?1`, the keys of photo and name first. Evidence that a law keeps
/// is marked before that which tells whose it is goes.
const ERASE: [&str; 15] = [
    "DELETE FROM erasure_key WHERE badge = ?1",
    "UPDATE evidence SET quarantined_at = (SELECT at FROM tombstone WHERE badge = ?1)
     WHERE quarantined_at IS NULL AND nonce IN (
         SELECT nonce FROM consent WHERE badge = ?1
         UNION ALL SELECT nonce FROM consent_under_14 WHERE badge = ?1
         UNION ALL SELECT nonce FROM checkin WHERE badge = ?1)",
    "DELETE FROM attendee WHERE badge = ?1",
    "DELETE FROM attendee_under_14 WHERE badge = ?1",
    "DELETE FROM consent WHERE badge = ?1",
    "DELETE FROM consent_under_14 WHERE badge = ?1",
    "DELETE FROM guardian_consent WHERE badge = ?1",
    "DELETE FROM child WHERE badge = ?1",
    "DELETE FROM void_code WHERE badge = ?1",
    "DELETE FROM left_out WHERE badge = ?1",
    // What a visitor asked for is answered first: it may be this very deletion.
    "DELETE FROM request WHERE badge = ?1 AND answered_at IS NOT NULL",
    "DELETE FROM request_under_14 WHERE badge = ?1 AND answered_at IS NOT NULL",
    "DELETE FROM refused_scan WHERE badge = ?1",
    HEARD,
    TOLD,
];

/// What the platform has heard of a badge.
const HEARD: &str = "DELETE FROM outbox WHERE heard_at IS NOT NULL
     AND checkin IN (SELECT id FROM checkin WHERE badge = ?1)";
/// Check-ins of a badge of which the platform has heard all.
const TOLD: &str = "DELETE FROM checkin WHERE badge = ?1
     AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.checkin = checkin.id)";

/// Whether a check-in waits, of which the platform has yet to hear.
const STAYS: &str = "SELECT EXISTS (SELECT 1 FROM checkin WHERE badge = ?1)";

/// How many badges, and records of evidence, are in quarantine.
pub(crate) const QUARANTINED: &str = "SELECT (SELECT count(*) FROM tombstone t
         WHERE erased_at IS NULL OR EXISTS (SELECT 1 FROM checkin WHERE badge = t.badge))
     + (SELECT count(*) FROM evidence WHERE quarantined_at IS NOT NULL)";

/// A platform's clock and the organiser's may differ by so much.
const SLACK: SignedDuration = SignedDuration::from_hours(24);

/// Hides the badges with a tombstone from every question, and keeps their rows from being written.
pub(crate) fn quarantine(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(include_str!("schema/quarantine.sql"))?;
    TABLES.iter().try_for_each(|table| {
        db.execute_batch(&format!(
            "CREATE TEMP TRIGGER {table}_of_the_living BEFORE INSERT ON main.{table}
             WHEN NEW.badge IN (SELECT badge FROM main.tombstone)
             BEGIN SELECT RAISE(ABORT, 'the badge is gone'); END;"
        ))
    })
}

impl Store {
    /// Takes a signed list of tombstones in, and removes what is here of its badges. Refuses an
    /// edition older than one that was taken in before; the same one again does no harm. Returns
    /// the badges of which something was removed.
    pub fn bury_list(
        &mut self,
        list: &TombstoneList<'_>,
        now: Timestamp,
    ) -> Result<Vec<BadgeId>, StoreError> {
        let known: Option<u32> = self
            .db
            .query_row(
                "SELECT sequence FROM tombstones_seen WHERE roster = ?1",
                [list.roster],
                |row| row.get(0),
            )
            .optional()
            .map_err(StoreError::Bury)?;
        if let Some(known) = known.filter(|known| list.sequence < *known) {
            return Err(StoreError::OlderTombstones { known, offered: list.sequence });
        }
        let what = What::TombstonesImported {
            sequence: list.sequence,
            tombstones: u32::try_from(list.buried.len()).unwrap_or(u32::MAX),
        };
        let record = Record::new(now, Actor::Console, what);
        let source = TombstoneSource::List;
        self.bury(list.buried, source, list.made_at, now, |tx, signer| {
            tx.execute(
                "INSERT OR REPLACE INTO tombstones_seen VALUES (?1, ?2)",
                (list.roster, list.sequence),
            )
            .and_then(|_| log::append(tx, signer, &record))
            .map_err(StoreError::Bury)
        })
    }

    /// Up to which change the platform was asked, or from which on it is to be asked first; none
    /// while there is no roster.
    pub fn asked_until(&self) -> Result<Option<Timestamp>, StoreError> {
        let asked = self
            .db
            .query_row("SELECT asked_until FROM registration", [], |row| optional_time(row, 0))
            .optional()
            .map_err(StoreError::Bury)?;
        Ok(self.first_change()?.map(|first| asked.flatten().unwrap_or(first)))
    }

    /// From which change on the roster does not know the platform; none while there is no roster.
    /// What was gone a day before the roster was made is not in it.
    pub(crate) fn first_change(&self) -> Result<Option<Timestamp>, StoreError> {
        let made_at = self
            .db
            .query_row("SELECT made_at FROM roster", [], |row| optional_time(row, 0))
            .optional()
            .map_err(StoreError::Bury)?;
        Ok(made_at.map(|made_at| made_at.map_or(Timestamp::UNIX_EPOCH, before)))
    }

    /// Removes what is here of these badges. `besides` writes in the transaction of their
    /// tombstones.
    pub(crate) fn bury(
        &mut self,
        buried: &[Buried],
        source: TombstoneSource,
        at: Timestamp,
        now: Timestamp,
        besides: impl FnOnce(&Transaction<'_>, &KioskKey) -> Result<(), StoreError>,
    ) -> Result<Vec<BadgeId>, StoreError> {
        let badges = self.badges_of(buried, source, at).map_err(StoreError::Bury)?;
        // The keys are gone for good before anything else is tried.
        if delete_keys(&self.db, &badges).map_err(StoreError::Bury)? > 0 {
            empty_log(&self.db).map_err(StoreError::WipeDeleted)?;
        }
        let named: HashMap<BadgeId, &Locator> = buried
            .iter()
            .filter_map(|buried| match buried {
                Buried::Badge(locator) => Some((BadgeId::of(&self.pepper, locator), locator)),
                Buried::Position(_) => None,
            })
            .collect();
        let mark = |tx: &Transaction<'_>| {
            let expires = expiry(tx, now)?;
            for position in buried.iter().filter_map(Buried::position) {
                tx.prepare_cached(
                    "INSERT INTO tombstone_position VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET at = max(at, excluded.at),
                       expires_at = max(expires_at, excluded.expires_at)",
                )?
                .execute((position, millis(at), millis(expires)))?;
            }
            badges.iter().try_for_each(|badge| {
                raise(tx, *badge, source, at, expires)?;
                announced::forget(tx, *badge, named.get(badge).copied())
            })
        };
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::Bury)?;
        mark(&tx).map_err(StoreError::Bury)?;
        besides(&tx, &self.signer)?;
        tx.commit().map_err(StoreError::Bury)?;
        let mut failed = None;
        let erased = self.erase_pending(now, &mut failed);
        if !erased.is_empty() {
            self.purge_step(&mut failed, |db| wipe_deleted(db).map(|()| 0));
        }
        failed.map_or(Ok(erased), Err)
    }

    /// The badges that are meant. The organiser's list says nothing against a roster of a later
    /// hour; the platform speaks of the present.
    fn badges_of(
        &self,
        buried: &[Buried],
        source: TombstoneSource,
        at: Timestamp,
    ) -> rusqlite::Result<Vec<BadgeId>> {
        let made_at: Option<i64> = self
            .db
            .query_row("SELECT made_at FROM roster", [], |row| row.get(0))
            .optional()?
            .flatten();
        let later =
            source == TombstoneSource::List && made_at.is_some_and(|made| made > millis(at));
        let mut listed = self.db.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM attendee WHERE badge = ?1
             UNION ALL SELECT 1 FROM attendee_under_14 WHERE badge = ?1)",
        )?;
        let mut numbered = self.db.prepare_cached(
            "SELECT badge FROM attendee WHERE position = ?1
             UNION SELECT badge FROM attendee_under_14 WHERE position = ?1
             UNION SELECT badge FROM outbox JOIN checkin ON checkin.id = outbox.checkin
               WHERE position = ?1",
        )?;
        let mut badges = Vec::new();
        for buried in buried {
            let found = match buried {
                Buried::Badge(locator) => vec![BadgeId::of(&self.pepper, locator)],
                Buried::Position(position) => {
                    numbered.query_map([position], |row| row.get(0))?.collect::<Result<_, _>>()?
                }
            };
            for badge in found {
                if !(later && listed.query_row([badge], |row| row.get(0))?) {
                    badges.push(badge);
                }
            }
        }
        Ok(badges)
    }

    /// Removes what is left of badges with a tombstone: all of it, or, where a damaged page is in
    /// the way, what can be. Returns the badges of which something was removed.
    pub(crate) fn erase_pending(
        &mut self,
        now: Timestamp,
        failed: &mut Option<StoreError>,
    ) -> Vec<BadgeId> {
        let pending = match pending(&self.db).map_err(StoreError::Purge) {
            Ok(pending) => pending,
            Err(error) => {
                self.purge_failed(failed, error);
                return Vec::new();
            }
        };
        if pending.is_empty() {
            return pending.into_iter().map(|(badge, _)| badge).collect();
        }
        match self.erase_at_once(now).map_err(StoreError::Purge) {
            Ok(erased) => erased,
            Err(error) => {
                self.purge_failed(failed, error);
                self.erase_by_table(&pending, now, failed)
            }
        }
    }

    fn erase_at_once(&mut self, now: Timestamp) -> rusqlite::Result<Vec<BadgeId>> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let erased = erase(&tx, &self.signer, now)?;
        tx.commit().map(|()| erased)
    }

    fn erase_by_table(
        &mut self,
        pending: &[(BadgeId, TombstoneSource)],
        now: Timestamp,
        failed: &mut Option<StoreError>,
    ) -> Vec<BadgeId> {
        let mut erased = Vec::new();
        for (badge, source) in pending {
            let (mut rows, mut stays) = ([0; ERASE.len()], None);
            for (rows, sql) in rows.iter_mut().zip(ERASE) {
                *rows = self.purge_step(&mut stays, |db| db.execute(sql, [badge]));
            }
            if rows != [0; ERASE.len()] {
                erased.push(*badge);
            }
            if stays.is_none() {
                let mut tell = || {
                    let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                    finish(&tx, &self.signer, *badge, *source, rows, now)?;
                    tx.commit()
                };
                stays = tell().map_err(StoreError::Purge).err();
            }
            if let Some(error) = stays {
                failed.get_or_insert(error);
            }
        }
        erased
    }
}

impl Buried {
    fn position(&self) -> Option<i64> {
        match self {
            Self::Badge(_) => None,
            Self::Position(position) => Some(*position),
        }
    }
}

/// Tombstones whose badges are not removed yet.
fn pending(db: &Connection) -> rusqlite::Result<Vec<(BadgeId, TombstoneSource)>> {
    db.prepare_cached("SELECT badge, source FROM tombstone WHERE erased_at IS NULL")?
        .query_map([], |row| Ok((row.get(0)?, word(row, 1, TombstoneSource::read)?)))?
        .collect()
}

/// Removes what may go of each of them. Returns those of which something was there.
pub(crate) fn erase(
    tx: &Transaction<'_>,
    signer: &KioskKey,
    now: Timestamp,
) -> rusqlite::Result<Vec<BadgeId>> {
    let mut erased = Vec::new();
    for (badge, source) in pending(tx)? {
        let mut rows = [0; ERASE.len()];
        announced::forget(tx, badge, None)?;
        for (rows, sql) in rows.iter_mut().zip(ERASE) {
            *rows = tx.prepare_cached(sql)?.execute([badge])?;
        }
        finish(tx, signer, badge, source, rows, now)?;
        if rows != [0; ERASE.len()] {
            erased.push(badge);
        }
    }
    Ok(erased)
}

/// Whether a badge has a tombstone.
pub(crate) fn is_gone(db: &Connection, badge: BadgeId) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM tombstone WHERE badge = ?1)")?
        .query_row([badge], |row| row.get(0))
}

fn delete_keys(db: &Connection, badges: &[BadgeId]) -> rusqlite::Result<usize> {
    let tx = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
    let mut deleted = 0;
    for badge in badges {
        deleted += tx.prepare_cached(ERASE[0])?.execute([badge])?;
    }
    tx.commit().map(|()| deleted)
}

/// Sets a tombstone, or sets it anew.
fn raise(
    tx: &Transaction<'_>,
    badge: BadgeId,
    source: TombstoneSource,
    at: Timestamp,
    expires: Timestamp,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO tombstone VALUES (?1, ?2, ?3, NULL, ?4)
         ON CONFLICT DO UPDATE SET at = max(at, excluded.at), erased_at = NULL,
           expires_at = max(expires_at, excluded.expires_at)",
    )?
    .execute((badge, source.word(), millis(at), millis(expires)))
    .map(drop)
}

/// A badge is removed, but for what has to stay. The log tells of it if something was here; `rows`:
/// how many each statement of [`ERASE`] has found.
fn finish(
    tx: &Transaction<'_>,
    signer: &KioskKey,
    badge: BadgeId,
    source: TombstoneSource,
    rows: [usize; ERASE.len()],
    now: Timestamp,
) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE tombstone SET erased_at = ?2 WHERE badge = ?1")?
        .execute((badge, millis(now)))?;
    if rows != [0; ERASE.len()] {
        let waits: bool = tx.query_row(STAYS, [badge], |row| row.get(0))?;
        let quarantined = waits || rows[1] > 0;
        log::append(tx, signer, &told(badge, What::Erased { source, quarantined }, now))?;
    }
    Ok(())
}

/// Removes what stayed of an erased badge for the sake of an entry of the outbox that was heard
/// now. True if that was something.
pub(crate) fn release(
    tx: &Transaction<'_>,
    signer: &KioskKey,
    outbox: i64,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let badge: Option<BadgeId> = tx
        .prepare_cached(
            "SELECT badge FROM outbox JOIN checkin ON checkin.id = outbox.checkin
             WHERE outbox.id = ?1 AND badge IN (SELECT badge FROM tombstone)",
        )?
        .query_row([outbox], |row| row.get(0))
        .optional()?;
    let Some(badge) = badge else { return Ok(false) };
    tx.execute(HEARD, [badge])?;
    tx.execute(TOLD, [badge])?;
    if !tx.query_row(STAYS, [badge], |row| row.get(0))? {
        log::append(tx, signer, &told(badge, What::QuarantineEnded, now))?;
    }
    Ok(true)
}

fn told(badge: BadgeId, what: What, now: Timestamp) -> Record {
    Record { badge: Some(badge.0), ..Record::new(now, Actor::Kiosk, what) }
}

/// Whether a badge of a roster stays out, because it was gone after the roster was made. A later
/// roster takes its tombstone away.
pub(crate) fn stays_buried(
    tx: &Transaction<'_>,
    badge: BadgeId,
    position: Option<i64>,
    made_at: Timestamp,
) -> rusqlite::Result<bool> {
    let at: Option<i64> = tx
        .prepare_cached(
            "SELECT max(at) FROM (SELECT at FROM tombstone WHERE badge = ?1
             UNION ALL SELECT at FROM tombstone_position WHERE position = ?2)",
        )?
        .query_row((badge, position), |row| row.get(0))?;
    let Some(at) = at else { return Ok(false) };
    if at < millis(made_at) {
        tx.execute("DELETE FROM tombstone WHERE badge = ?1", [badge])?;
        tx.execute("DELETE FROM tombstone_position WHERE position = ?1", [position])?;
        return Ok(false);
    }
    // Known by its number until now; from here on as a badge.
    tx.execute(
        "INSERT OR IGNORE INTO tombstone
         SELECT ?1, ?3, at, NULL, expires_at FROM tombstone_position WHERE position = ?2",
        (badge, position, TombstoneSource::Platform.word()),
    )?;
    Ok(true)
}

/// After another roster the platform is asked again for what has changed since it was made.
pub(crate) fn ask_again(tx: &Transaction<'_>, made_at: Timestamp) -> rusqlite::Result<()> {
    let sql = "UPDATE registration SET asked_until = min(asked_until, ?1)";
    tx.execute(sql, [millis(before(made_at))]).map(drop)
}

fn before(made_at: Timestamp) -> Timestamp {
    made_at.saturating_sub(SLACK).unwrap_or(Timestamp::MIN)
}

/// How long a tombstone stands: as long as a roster of this event can be loaded, and as long as
/// records are kept.
fn expiry(db: &Connection, now: Timestamp) -> rusqlite::Result<Timestamp> {
    let end = db
        .query_row("SELECT ends_at FROM roster", [], |row| optional_time(row, 0))
        .optional()?
        .flatten();
    let kept = days_after(now, retention_days(db)?);
    Ok(end.map_or(kept, |end| days_after(end, 1).max(kept)))
}

#[cfg(test)]
mod tests;
