//! Incidents with personal data (C32). Nothing that was recorded is changed: what becomes of an
//! incident later is another version of it.

use std::collections::BTreeSet;

use audit::{Record, Role, What};
use incidents::{Advice, Affected, Change, Incident, Kind, Measure, NewIncident, Note, Report};
use jiff::Timestamp;
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, named_params};

use crate::columns::{days_after, millis, time, word};
use crate::{StaffMember, Store, StoreError, log};

/// Days for which an incident stays after its last version: three years. So long an impact
/// assessment is to be kept, and an incident is what the next one looks back on.
pub const INCIDENT_DAYS: u16 = 1096;

const VERSIONS: &str =
    "SELECT number, version, kind, discovered_at, since_at, recorded_at, staff, role, \
     badges, attendees, photos, major, measures, advice, note, closed
     FROM incident JOIN incident_version ON incident = number";

impl Store {
    /// Records an incident, with how much may be affected, and its entry in the audit log. Returns
    /// its first version. `now`: the kiosk's time.
    pub fn record_incident(
        &mut self,
        new: &NewIncident,
        by: StaffMember,
        now: Timestamp,
    ) -> Result<Incident, StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let affected = affected(&tx, new.since(), now)?;
            tx.execute(
                "INSERT INTO incident
                   (kind, discovered_at, since_at, badges, attendees, photos)
                 VALUES (:kind, :discovered, :since, :badges, :attendees, :photos)",
                named_params! {
                    ":kind": new.kind().word(),
                    ":discovered": millis(new.discovered()),
                    ":since": millis(new.since()),
                    ":badges": affected.badges,
                    ":attendees": affected.attendees,
                    ":photos": affected.photos,
                },
            )?;
            let number = u32::try_from(tx.last_insert_rowid()).unwrap_or(u32::MAX);
            let incident = Incident {
                number,
                version: 1,
                kind: new.kind(),
                discovered: new.discovered(),
                since: new.since(),
                recorded: now,
                staff: by.number,
                role: by.role.word().to_owned(),
                affected,
                report: new.report().clone(),
                closed: false,
            };
            insert(&tx, &incident)?;
            let what = What::IncidentRecorded { number, major: incident.report.major };
            log::append(&tx, &self.signer, &Record::new(now, by.into(), what))?;
            tx.commit()?;
            Ok(incident)
        };
        write().map_err(StoreError::RecordIncident)
    }

    /// Records another version of an incident, or its end. None, and nothing is written, if there
    /// is no such incident or it is closed.
    pub fn change_incident(
        &mut self,
        number: u32,
        change: Change,
        by: StaffMember,
        now: Timestamp,
    ) -> Result<Option<Incident>, StoreError> {
        let write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let Some(last) = latest(&tx, number)?.filter(|last| !last.closed) else {
                return Ok(None);
            };
            let close = change.close;
            let incident = Incident {
                version: last.version + 1,
                recorded: now,
                staff: by.number,
                role: by.role.word().to_owned(),
                report: change.apply(last.report),
                closed: close,
                ..last
            };
            insert(&tx, &incident)?;
            let what = if close {
                What::IncidentClosed { number }
            } else {
                What::IncidentUpdated { number, major: incident.report.major }
            };
            log::append(&tx, &self.signer, &Record::new(now, by.into(), what))?;
            tx.commit()?;
            Ok(Some(incident))
        };
        write().map_err(StoreError::RecordIncident)
    }

    /// The latest version of every incident, the newest first.
    pub fn incidents(&self) -> Result<Vec<Incident>, StoreError> {
        let sql = format!(
            "{VERSIONS} WHERE version =
               (SELECT max(version) FROM incident_version WHERE incident = number)
             ORDER BY number DESC"
        );
        self.read_incidents(&sql, ())
    }

    /// All versions of one incident, the oldest first; empty if there is none of this number.
    pub fn incident_versions(&self, number: u32) -> Result<Vec<Incident>, StoreError> {
        self.read_incidents(&format!("{VERSIONS} WHERE number = ?1 ORDER BY version"), [number])
    }

    fn read_incidents(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<Incident>, StoreError> {
        let read = || {
            let mut statement = self.db.prepare(sql)?;
            statement.query_map(parameters, incident)?.collect::<Result<_, _>>()
        };
        read().map_err(StoreError::ReadIncidents)
    }
}

/// Counts what may be affected of a time: badges that the log names in it, and what is held now.
/// Children are in it: an incident is no statistic, and each of them is concerned.
fn affected(db: &Connection, since: Timestamp, until: Timestamp) -> rusqlite::Result<Affected> {
    let badges = db.query_row(
        "SELECT count(DISTINCT line ->> '$.badge') FROM audit_entry
         WHERE unixepoch(line ->> '$.at', 'subsec') BETWEEN ?1 / 1000.0 AND ?2 / 1000.0",
        [millis(since), millis(until)],
        |row| row.get(0),
    )?;
    let number = |sql: &str| db.query_row(sql, [], |row| row.get(0));
    Ok(Affected {
        badges,
        attendees: number(
            "SELECT (SELECT count(*) FROM attendee) + (SELECT count(*) FROM attendee_under_14)",
        )?,
        photos: number(
            "SELECT (SELECT count(*) FROM attendee WHERE reference_problem IS NULL)
               + (SELECT count(*) FROM attendee_under_14 WHERE reference_problem IS NULL)",
        )?,
    })
}

fn insert(db: &Connection, incident: &Incident) -> rusqlite::Result<()> {
    let Report { major, measures, advice, note } = &incident.report;
    db.execute(
        "INSERT INTO incident_version VALUES (:incident, :version, :recorded, :staff, :role, :major, \
           :measures, :advice, :note, :closed, :expires_at)",
        named_params! {
            ":incident": incident.number,
            ":version": incident.version,
            ":recorded": millis(incident.recorded),
            ":staff": incident.staff,
            ":role": incident.role,
            ":major": major,
            ":measures": written(measures.iter().map(|measure| measure.word())),
            ":advice": written(advice.iter().map(|advice| advice.word())),
            ":note": note.as_ref().map(Note::text),
            ":closed": incident.closed,
            ":expires_at": millis(days_after(incident.recorded, INCIDENT_DAYS)),
        },
    )
    .map(drop)
}

fn latest(db: &Connection, number: u32) -> rusqlite::Result<Option<Incident>> {
    db.query_row(
        &format!("{VERSIONS} WHERE number = ?1 ORDER BY version DESC LIMIT 1"),
        [number],
        incident,
    )
    .optional()
}

/// Words with a space between them.
fn written<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

fn listed<T: Ord>(
    row: &Row<'_>,
    column: usize,
    read: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<BTreeSet<T>> {
    word(row, column, |words| words.split_whitespace().map(read).collect())
}

fn incident(row: &Row<'_>) -> rusqlite::Result<Incident> {
    let note: Option<String> = row.get(14)?;
    let note = note.as_deref().map(Note::new).transpose().map_err(|_| {
        let why = Box::new(FromSqlError::InvalidType);
        rusqlite::Error::FromSqlConversionFailure(14, Type::Text, why)
    })?;
    Ok(Incident {
        number: row.get(0)?,
        version: row.get(1)?,
        kind: word(row, 2, Kind::read)?,
        discovered: time(row, 3)?,
        since: time(row, 4)?,
        recorded: time(row, 5)?,
        staff: row.get(6)?,
        role: word(row, 7, Role::read)?.word().to_owned(),
        affected: Affected { badges: row.get(8)?, attendees: row.get(9)?, photos: row.get(10)? },
        report: Report {
            major: row.get(11)?,
            measures: listed(row, 12, Measure::read)?,
            advice: listed(row, 13, Advice::read)?,
            note: note.flatten(),
        },
        closed: row.get(15)?,
    })
}

#[cfg(test)]
mod tests;
