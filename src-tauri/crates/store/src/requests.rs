//! What visitors ask for under their rights: each with a number and a day until which it is
//! answered, kept until the answer has had its time.

use audit::{Actor, Record, What};
use due::{Outcome, Refusal, RequestKind};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior};
use rusqlite::{named_params, params};
use seal::Locator;

use crate::columns::{count, days_after, integer, millis, optional_time, time, word};
use crate::expiry::retention_days;
use crate::{BadgeId, StaffMember, Store, StoreError, log};

/// Days for which a request is kept after its due date at least, so that an answer can be asked
/// about.
const DAYS_AFTER_DUE: u16 = 30;

/// A request to be filed.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// Nonce of the visit: a kind is filed once in it.
    pub nonce: [u8; 16],
    /// Pseudonym of the badge.
    pub badge: BadgeId,
    /// The badge, as the platform can compute it from the code and the roster's salt.
    pub locator: Locator,
    /// What is asked for.
    pub kind: RequestKind,
    /// When.
    pub at: Timestamp,
    /// The last day on which it is answered in time.
    pub due: Date,
}

/// A request that was filed. No name and no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiledRequest {
    /// The number that the visitor was given: the kiosk's, and a running one.
    pub number: String,
    /// What was asked for.
    pub kind: RequestKind,
    /// When.
    pub filed_at: Timestamp,
    /// The last day on which it is answered in time.
    pub due: Date,
    /// The badge, as the platform can compute it.
    pub locator: Locator,
    /// The attendee's number at the platform, if the roster had it.
    pub position: Option<i64>,
    /// When it was written out for the platform.
    pub carried_at: Option<Timestamp>,
    /// What became of it, and when.
    pub answer: Option<(Outcome, Timestamp)>,
    /// Until when it is kept.
    pub until: Timestamp,
}

impl FiledRequest {
    /// True when it should have been answered before this day.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.answer.is_none() && self.due < today
    }
}

/// What became of an answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Written.
    Now,
    /// The request was answered before; nothing was changed.
    Before,
    /// No such request.
    Unknown,
}

impl Store {
    /// Files a request and gives it a number, a child's in a table of its own (C40). The same kind
    /// in the same visit is the same request.
    pub fn file_request(&mut self, request: &NewRequest) -> Result<FiledRequest, StoreError> {
        let kiosk = self.request_prefix();
        let mut file = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if let Some(filed) = filed_before(&tx, request, &kiosk)? {
                return Ok(filed);
            }
            let number = insert(&tx, request)?;
            let what = What::RequestFiled { number, kind: request.kind };
            let visit = Some(request.nonce);
            let record = Record { visit, ..Record::new(request.at, Actor::Visitor, what) };
            log::append(&tx, &self.signer, &record)?;
            let filed = one(&tx, number, &kiosk)?;
            tx.commit()?;
            filed.ok_or(rusqlite::Error::QueryReturnedNoRows)
        };
        file().map_err(StoreError::FileRequest)
    }

    /// Every request: those that wait for an answer, the first due first, then the others.
    pub fn requests(&self) -> Result<Vec<FiledRequest>, StoreError> {
        let order = "1 ORDER BY answered_at IS NOT NULL, due_on, number";
        let kiosk = self.request_prefix();
        select(&self.db, order, [], &kiosk).map_err(StoreError::ReadRequests)
    }

    /// The requests of one badge, the oldest first.
    pub(crate) fn requests_of(&self, badge: BadgeId) -> rusqlite::Result<Vec<FiledRequest>> {
        select(&self.db, "badge = ?1 ORDER BY number", [badge], &self.request_prefix())
    }

    /// Writes what became of a request, with the act of the member of staff.
    pub fn answer_request(
        &mut self,
        number: &str,
        outcome: Outcome,
        by: StaffMember,
        at: Timestamp,
    ) -> Result<Answered, StoreError> {
        let kiosk = self.request_prefix();
        let Some(number) = running(number, &kiosk) else { return Ok(Answered::Unknown) };
        let mut answer = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let Some(request) = one(&tx, number, &kiosk)? else { return Ok(Answered::Unknown) };
            if request.answer.is_some() {
                return Ok(Answered::Before);
            }
            for table in TABLES {
                tx.execute(
                    &format!(
                        "UPDATE {table} SET answered_at = ?2, answered_by = ?3, outcome = ?4, \
                           refusal = ?5 WHERE number = ?1"
                    ),
                    params![
                        integer(number),
                        millis(at),
                        by.number,
                        outcome.word(),
                        outcome.refusal().map(Refusal::word)
                    ],
                )?;
            }
            let what = What::RequestAnswered { number, kind: request.kind };
            log::append(&tx, &self.signer, &Record::new(at, by.into(), what))?;
            tx.commit()?;
            Ok(Answered::Now)
        };
        answer().map_err(StoreError::AnswerRequest)
    }

    /// Notes that these requests were written out for the platform, with the act of the member of
    /// staff who carries them there.
    pub fn requests_carried(
        &mut self,
        requests: &[FiledRequest],
        by: StaffMember,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let kiosk = self.request_prefix();
        let mut carry = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for number in requests.iter().filter_map(|filed| running(&filed.number, &kiosk)) {
                for table in TABLES {
                    let sql = format!(
                        "UPDATE {table} SET carried_at = ?2 WHERE number = ?1 AND carried_at IS NULL"
                    );
                    tx.execute(&sql, (integer(number), millis(at)))?;
                }
            }
            let what = What::RequestsExported { requests: requests.len() as u32 };
            log::append(&tx, &self.signer, &Record::new(at, by.into(), what))?;
            tx.commit()
        };
        carry().map_err(StoreError::CarryRequests)
    }

    /// What the numbers of this kiosk's requests begin with, so that no two kiosks give the same.
    fn request_prefix(&self) -> String {
        let name = self.signer.verifier().name();
        name.strip_prefix("postern-").unwrap_or(name).to_uppercase()
    }
}

/// A request is in one of them.
const TABLES: [&str; 2] = ["request", "request_under_14"];

fn filed_before(
    db: &Connection,
    request: &NewRequest,
    kiosk: &str,
) -> rusqlite::Result<Option<FiledRequest>> {
    let before = params![request.nonce, request.kind.word()];
    Ok(select(db, "nonce = ?1 AND kind = ?2", before, kiosk)?.pop())
}

fn one(db: &Connection, number: u64, kiosk: &str) -> rusqlite::Result<Option<FiledRequest>> {
    Ok(select(db, "number = ?1", [integer(number)], kiosk)?.pop())
}

fn insert(tx: &Transaction<'_>, request: &NewRequest) -> rusqlite::Result<u64> {
    let next = "UPDATE request_number SET last = last + 1 RETURNING last";
    let number = tx.query_row(next, [], |row| count(row, 0))?;
    let child = "SELECT EXISTS (SELECT 1 FROM attendee_under_14 WHERE badge = ?1)";
    let child: bool = tx.query_row(child, [request.badge], |row| row.get(0))?;
    let position = "SELECT position FROM attendee WHERE badge = ?1
                    UNION ALL SELECT position FROM attendee_under_14 WHERE badge = ?1";
    let position: Option<Option<i64>> =
        tx.query_row(position, [request.badge], |row| row.get(0)).optional()?;
    let expires = days_after(due::end_of(request.due), DAYS_AFTER_DUE)
        .max(days_after(request.at, retention_days(tx)?));
    tx.execute(
        &format!(
            "INSERT INTO {} (number, nonce, badge, locator, position, kind, filed_at, due_on, \
               expires_at)
             VALUES (:number, :nonce, :badge, :locator, :position, :kind, :at, :due, :expires_at)",
            TABLES[usize::from(child)]
        ),
        named_params! {
            ":number": integer(number),
            ":nonce": request.nonce,
            ":badge": request.badge,
            ":locator": request.locator.0,
            ":position": position.flatten(),
            ":kind": request.kind.word(),
            ":at": millis(request.at),
            ":due": request.due.to_string(),
            ":expires_at": millis(expires),
        },
    )?;
    Ok(number)
}

fn select(
    db: &Connection,
    which: &str,
    parameters: impl rusqlite::Params,
    kiosk: &str,
) -> rusqlite::Result<Vec<FiledRequest>> {
    let sql = format!(
        "SELECT number, kind, filed_at, due_on, locator, position, carried_at, answered_at, \
           outcome, refusal, expires_at
         FROM any_request WHERE {which}"
    );
    let mut statement = db.prepare_cached(&sql)?;
    statement.query_map(parameters, |row| read(row, kiosk))?.collect()
}

fn read(row: &Row<'_>, kiosk: &str) -> rusqlite::Result<FiledRequest> {
    let answer = match optional_time(row, 7)? {
        None => None,
        Some(at) => {
            let refusal: Option<String> = row.get(9)?;
            let refusal = refusal.as_deref().and_then(Refusal::read);
            Some((word(row, 8, |outcome| Outcome::read(outcome, refusal))?, at))
        }
    };
    Ok(FiledRequest {
        number: format!("{kiosk}-{:04}", count(row, 0)?),
        kind: word(row, 1, RequestKind::read)?,
        filed_at: time(row, 2)?,
        due: word(row, 3, |day| day.parse().ok())?,
        locator: Locator(row.get(4)?),
        position: row.get(5)?,
        carried_at: optional_time(row, 6)?,
        answer,
        until: time(row, 10)?,
    })
}

/// The running part of a number, which may be given alone.
fn running(number: &str, kiosk: &str) -> Option<u64> {
    let (prefix, running) = number.rsplit_once('-').unwrap_or((kiosk, number));
    prefix.eq_ignore_ascii_case(kiosk).then(|| running.parse().ok())?
}

#[cfg(test)]
mod tests;
