//! Checking the log: at once, in pieces, or only its end.

use audit::{Check, Fault, Head, Report};
use rusqlite::{Connection, OptionalExtension};

use super::{Mark, signed};
use crate::columns::{count, integer};
use crate::{Store, StoreError};

/// A check of the whole log that is done in pieces, between other work.
pub struct LogCheck {
    check: Check,
    anchor: Head,
    last: u64,
}

/// How far a check has come.
pub enum Checked {
    /// There is more to read.
    On(Box<LogCheck>),
    /// It is done.
    Done(Report),
}

impl Store {
    /// Checks the whole log. `kept`: heads of it that were kept elsewhere.
    pub fn check_audit(&self, kept: Vec<Head>) -> Result<Report, StoreError> {
        let mut check = self.begin_check(kept)?;
        loop {
            match self.go_on_checking(check, u32::MAX)? {
                Checked::On(on) => check = on,
                Checked::Done(report) => return Ok(report),
            }
        }
    }

    /// Begins to check the whole log.
    pub fn begin_check(&self, kept: Vec<Head>) -> Result<Box<LogCheck>, StoreError> {
        let (anchor, _) = signed(&self.db, Mark::Anchor).map_err(StoreError::ReadAudit)?;
        Ok(Box::new(LogCheck { check: Check::new(anchor, kept), anchor, last: 0 }))
    }

    /// Reads at most so many entries more. What is written meanwhile is checked too; a purge
    /// meanwhile has the check begin anew, without the heads that were kept elsewhere.
    pub fn go_on_checking(&self, on: Box<LogCheck>, rows: u32) -> Result<Checked, StoreError> {
        let go_on = || {
            let (anchor, anchor_note) = signed(&self.db, Mark::Anchor)?;
            let (head, head_note) = signed(&self.db, Mark::Head)?;
            let LogCheck { mut check, last, .. } = if on.anchor == anchor {
                *on
            } else {
                LogCheck { check: Check::new(anchor, Vec::new()), anchor, last: 0 }
            };
            let (read, last) = feed(&self.db, &mut check, last, rows)?;
            if read == rows {
                return Ok(Checked::On(Box::new(LogCheck { check, anchor, last })));
            }
            let mut report = check.end(&head);
            for (mark, note, fault) in [
                (anchor, anchor_note, Fault::AnchorSignature),
                (head, head_note, Fault::HeadSignature),
            ] {
                self.check_signature(mark, &note, fault, &mut report);
            }
            Ok(Checked::Done(report))
        };
        go_on().map_err(StoreError::ReadAudit)
    }

    /// Checks the last entries of the log and its head: what can be done before anybody waits.
    pub fn check_audit_end(&self, entries: u32) -> Result<Report, StoreError> {
        let check = || {
            let (head, note) = signed(&self.db, Mark::Head)?;
            let from = head.size.saturating_sub(u64::from(entries));
            let before = "SELECT number, sha256 FROM audit_entry WHERE number = ?1";
            let before = self
                .db
                .query_row(before, [integer(from)], |row| {
                    Ok(Head { size: count(row, 0)?, hash: row.get(1)?, at: head.at })
                })
                .optional()?;
            let anchor = match before {
                Some(before) => before,
                None => signed(&self.db, Mark::Anchor)?.0,
            };
            let mut check = Check::new(anchor, Vec::new());
            feed(&self.db, &mut check, anchor.size, u32::MAX)?;
            let mut report = check.end(&head);
            // Whether a purge tells of the beginning, only the whole log says.
            report.faults.retain(|fault| !matches!(fault, Fault::Unaccounted { .. }));
            self.check_signature(head, &note, Fault::HeadSignature, &mut report);
            Ok(report)
        };
        check().map_err(StoreError::ReadAudit)
    }

    fn check_signature(&self, mark: Head, note: &str, fault: Fault, report: &mut Report) {
        if Head::open(note.as_bytes(), self.signer.verifier()) != Ok(mark) {
            report.faults.push(fault);
        }
    }
}

/// Hands the check the entries behind `last`. Returns how many, and the last of them.
fn feed(
    db: &Connection,
    check: &mut Check,
    mut last: u64,
    rows: u32,
) -> rusqlite::Result<(u32, u64)> {
    let sql = "SELECT number, line, sha256 FROM audit_entry WHERE number > ?1
               ORDER BY number LIMIT ?2";
    let mut statement = db.prepare_cached(sql)?;
    let mut entries = statement.query((integer(last), rows))?;
    let mut read = 0;
    while let Some(row) = entries.next()? {
        last = count(row, 0)?;
        check.row(last, row.get_ref(1)?.as_bytes()?, row.get_ref(2)?.as_bytes()?);
        read += 1;
    }
    Ok((read, last))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use audit::{Actor, Record, What};

    use super::*;
    use crate::testing::{self, AT, DAY};

    fn write(store: &mut Store, entries: u32) {
        for number in 0..entries {
            let what = What::Incident { number: format!("{number:06}") };
            store.record(&Record::new(AT, Actor::Kiosk, what)).unwrap();
        }
    }

    fn alter(store: &Store, number: u32) {
        let sql =
            "UPDATE audit_entry SET line = replace(line, 'kiosk', 'visitor') WHERE number = ?1";
        assert_eq!(store.db.execute(sql, [number]).unwrap(), 1);
    }

    #[test]
    fn c31_the_end_of_the_log_is_checked_without_reading_the_rest() {
        let (_folder, mut store) = testing::store();
        assert_eq!(store.check_audit_end(4).unwrap().faults, []);
        write(&mut store, 12);
        for entries in [4, 11, 12, 500] {
            assert_eq!(store.check_audit_end(entries).unwrap().faults, [], "{entries}");
        }
        alter(&store, 3);
        assert_eq!(store.check_audit_end(4).unwrap().faults, []);
        assert_eq!(store.check_audit_end(10).unwrap().faults, [Fault::Altered { number: 3 }]);
        store.db.execute("DELETE FROM audit_entry WHERE number > 11", []).unwrap();
        let cut = Fault::CutOff { from: 12, to: 12 };
        assert_eq!(store.check_audit_end(4).unwrap().faults, [cut]);
    }

    #[test]
    fn c31_the_log_is_checked_in_pieces_while_it_grows_and_is_purged() {
        let (_folder, mut store) = testing::store();
        write(&mut store, 30);
        alter(&store, 17);
        let mut check = store.begin_check(Vec::new()).unwrap();
        let mut pieces = 0;
        let report = loop {
            match store.go_on_checking(check, 4).unwrap() {
                Checked::On(on) => check = on,
                Checked::Done(report) => break report,
            }
            pieces += 1;
            if pieces == 2 {
                write(&mut store, 5);
            }
        };
        assert_eq!((pieces, report.last), (8, 35));
        assert_eq!(report.faults, [Fault::Altered { number: 17 }]);

        let check = store.begin_check(Vec::new()).unwrap();
        let Checked::On(check) = store.go_on_checking(check, 4).unwrap() else { panic!() };
        store.purge_expired(AT + DAY * 40).unwrap();
        let Checked::Done(report) = store.go_on_checking(check, 4).unwrap() else { panic!() };
        assert_eq!((report.purged, report.faults), (35, Vec::new()));
    }
}
