//! A log for a database that had none.

use audit::{Actor, Denial, Head, Lane, Reason, Record, What};
use jiff::Timestamp;
use note::KioskKey;
use rusqlite::{Connection, Row};

use super::{Mark, append_until, set};
use crate::columns::time;

/// Begins the log and moves the acts of staff into it, each with its own time and expiry.
pub(crate) fn begin(db: &Connection, key: &KioskKey) -> rusqlite::Result<()> {
    let empty = Head::empty(key.verifier().name());
    set(db, key, Mark::Anchor, &empty)?;
    set(db, key, Mark::Head, &empty)?;
    let acts: Vec<(Record, Timestamp)> = db
        .prepare(
            "SELECT nonce, staff, badge, act, reason, at, expires_at FROM staff_act ORDER BY id",
        )?
        .query_map([], |row| Ok((record(row)?, time(row, 6)?)))?
        .collect::<Result<_, _>>()?;
    for (record, expires) in acts {
        append_until(db, key, &record, expires)?;
    }
    db.execute_batch("DROP TABLE staff_act")
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let (act, reason): (String, Option<String>) = (row.get(3)?, row.get(4)?);
    let reason = reason.as_deref();
    let what = match act.as_str() {
        "sign_in" => What::SignedIn,
        "sign_in_refused" => What::SignInRefused,
        "admit" => What::Admitted { lane: Lane::Staff, reason: reason.and_then(Reason::read) },
        "deny" => {
            What::Denied { reason: reason.and_then(Denial::read).unwrap_or(Denial::HouseRules) }
        }
        "end_visit" => What::VisitEnded,
        "retention_on" => What::RetentionOn { terms_sha256: None },
        "retention_off" => What::RetentionOff,
        _ => What::SignedOut,
    };
    Ok(Record {
        at: time(row, 5)?,
        by: Actor::Staff { number: row.get(1)?, role: None },
        visit: Some(row.get(0)?),
        badge: row.get(2)?,
        what,
    })
}
