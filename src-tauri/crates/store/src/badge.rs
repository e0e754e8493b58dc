//! Badges: the pseudonym, and what the roster says of one.

use std::fmt;

use admission::{Answers, CheckinList, Doubt, Refusal, Ticket, Verdict};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row};
use seal::{Kind, Locator};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::columns::{optional_time, word};
use crate::erasure::ErasureKey;
use crate::sync::ticket;
use crate::{Store, StoreError, announced};

/// Pseudonym of a badge on this kiosk: HMAC-SHA256 of its locator under the kiosk's pepper.
/// Two kiosks know one badge under different pseudonyms.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BadgeId(pub [u8; 32]);

impl BadgeId {
    pub(crate) fn of(pepper: &[u8; 32], locator: &Locator) -> Self {
        Self(keyed_hash(pepper, &[&locator.0]))
    }
}

impl fmt::Debug for BadgeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BadgeId(..)")
    }
}

impl ToSql for BadgeId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.as_slice().to_sql()
    }
}

impl FromSql for BadgeId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        FromSql::column_result(value).map(Self)
    }
}

/// HMAC-SHA256 over the parts, which must have fixed lengths.
pub(crate) fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC itself fills a shorter key with zeroes up to its block of 64 bytes (RFC 2104).
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether the organiser has blocked a badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadgeState {
    /// Not blocked.
    Valid,
    /// Blocked by the organiser.
    Blocked,
}

impl BadgeState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Blocked => "blocked",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Valid, Self::Blocked].into_iter().find(|s| s.word() == word)
    }
}

/// Which side of 14 years the holder of a badge is on (C40).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Below 14, by the registration or by the visitor's own word.
    Under14,
    /// 14 or over, by the registration.
    From14,
    /// Nobody has said.
    Unknown,
}

impl Age {
    pub(crate) fn read(word: &str) -> Option<Self> {
        match word {
            "under_14" => Some(Self::Under14),
            "from_14" => Some(Self::From14),
            "unknown" => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// What the roster and the check-ins say of one badge.
pub struct BadgeEntry {
    /// Its pseudonym.
    pub id: BadgeId,
    /// Whether it is blocked.
    pub state: BadgeState,
    /// Not valid before.
    pub valid_from: Option<Timestamp>,
    /// Not valid from then on.
    pub valid_until: Option<Timestamp>,
    /// When it was admitted, here or by the word of another kiosk.
    pub admitted_at: Option<Timestamp>,
    /// The other kiosk, if it was not here.
    pub admitted_by: Option<String>,
    /// Which side of 14 the holder is on.
    pub age: Age,
    /// SHA-256 of the notice to which a guardian agreed for the holder.
    pub guardian_notice: Option<[u8; 32]>,
    /// The attendee's number at the registration platform, if it is known.
    pub position: Option<i64>,
    /// What the platform tells of the ticket; none in a roster that came as a file.
    pub ticket: Option<Ticket>,
    /// Why this code does not count, if it does not.
    pub void: Option<Refusal>,
    /// The photo is at the platform and still to come.
    pub photo_due: bool,
    /// The sealed record; none when the badge's validity is over and the contents are deleted.
    pub sealed_record: Option<Vec<u8>>,
    /// Why there is no reference photo: the code given by the bundle or found on arrival, `missing`
    /// for none, `due` for one that is still to come, or `expired` when it is deleted. None: there
    /// is one ([`Store::reference`]).
    pub reference_problem: Option<String>,
}

impl BadgeEntry {
    /// True when there is a reference photo to compare with.
    pub fn has_reference(&self) -> bool {
        self.reference_problem.is_none()
    }

    /// What the platform would say of the badge now; nothing of one that no platform has told of.
    /// `list`: what it asks, if it has told that.
    pub fn judge<'a>(
        &self,
        list: Option<&'a CheckinList>,
        answers: &Answers,
        now: Timestamp,
    ) -> Option<Verdict<'a>> {
        let ticket = self.ticket.as_ref()?;
        let Some(list) = list else { return Some(Verdict::Person(Doubt::Rules)) };
        let badge = admission::Badge {
            ticket,
            blocked: self.state == BadgeState::Blocked,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            void: self.void,
            entered: self.admitted_at,
        };
        Some(admission::judge(list, &badge, answers, now))
    }
}

impl fmt::Debug for BadgeEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BadgeEntry(..)")
    }
}

const COLUMNS: &str = "badge, state, valid_from, valid_until, sealed_record, \
     reference_problem, (SELECT max(at) FROM checkin WHERE checkin.badge = a.badge \
     AND annulled_at IS NULL), \
     (SELECT notice_sha256 FROM guardian_consent g WHERE g.badge = a.badge), \
     (SELECT min(why) FROM void_code v WHERE v.badge = a.badge), \
     position, photo_due_at IS NOT NULL";

impl Store {
    /// Looks up one badge by its locator. There is no other way to ask for an attendee (C06).
    pub fn badge(&self, locator: &Locator) -> Result<Option<BadgeEntry>, StoreError> {
        let id = BadgeId::of(&self.pepper, locator);
        let sql = format!(
            "SELECT {COLUMNS}, CASE age_known WHEN 1 THEN 'from_14' ELSE 'unknown' END, {}
               FROM known_attendee a WHERE badge = ?1
             UNION ALL SELECT {COLUMNS}, 'under_14', {} FROM known_attendee_under_14 a
               WHERE badge = ?1",
            ticket::COLUMNS,
            ticket::COLUMNS
        );
        let found = self
            .db
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([id], entry).optional())
            .map_err(StoreError::ReadBadge)?;
        let Some(mut entry) = found else { return Ok(None) };
        if entry.admitted_at.is_none() {
            let elsewhere =
                announced::elsewhere(&self.db, locator).map_err(StoreError::ReadBadge)?;
            (entry.admitted_at, entry.admitted_by) = elsewhere.unzip();
        }
        self.open_contents(entry, locator).map(Some)
    }

    /// Opens the outer seal of a badge's contents. Without its key they are as good as deleted.
    fn open_contents(
        &self,
        mut entry: BadgeEntry,
        locator: &Locator,
    ) -> Result<BadgeEntry, StoreError> {
        let record = entry.sealed_record.take();
        if let Some(key) = ErasureKey::of(&self.db, entry.id)? {
            let open = |stored: Vec<u8>| key.open(&stored, locator, Kind::Record);
            entry.sealed_record = record.map(open).transpose()?;
        } else {
            entry.reference_problem.get_or_insert_with(|| "expired".to_owned());
        }
        Ok(entry)
    }

    /// Reads the sealed reference photo of a badge that is here, if there is one.
    pub fn reference(&self, locator: &Locator) -> Result<Option<Vec<u8>>, StoreError> {
        let id = BadgeId::of(&self.pepper, locator);
        let sql = "SELECT sealed FROM known_reference WHERE badge = ?1
                   UNION ALL SELECT sealed FROM known_reference_under_14 WHERE badge = ?1";
        let stored: Option<Vec<u8>> = self
            .db
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)).optional())
            .map_err(StoreError::ReadBadge)?;
        let Some(key) = ErasureKey::of(&self.db, id)? else { return Ok(None) };
        stored.map(|stored| key.open(&stored, locator, Kind::Reference)).transpose()
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<BadgeEntry> {
    Ok(BadgeEntry {
        id: row.get(0)?,
        state: word(row, 1, BadgeState::read)?,
        valid_from: optional_time(row, 2)?,
        valid_until: optional_time(row, 3)?,
        sealed_record: row.get(4)?,
        reference_problem: row.get(5)?,
        admitted_at: optional_time(row, 6)?,
        admitted_by: None,
        guardian_notice: row.get(7)?,
        void: row.get::<_, Option<String>>(8)?.as_deref().map(Refusal::of),
        position: row.get(9)?,
        photo_due: row.get(10)?,
        age: word(row, 11, Age::read)?,
        ticket: ticket::read(row, 12)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyed_hash_is_hmac_sha256() {
        // Computed apart from this code, in Python: hmac.new(bytes([5] * 32), b"ab", "sha256").
        let expected = "5dfd3ed9bd861913123345c4514b73e4329e52caa3520998f953fe02b64272f1";
        let hash = keyed_hash(&[5; 32], &[b"a", b"b"]);
        assert_eq!(data_encoding::HEXLOWER.encode(&hash), expected);
    }
}
