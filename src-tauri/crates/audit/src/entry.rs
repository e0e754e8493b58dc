//! One entry, and the line that it is written as.

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};

use crate::hash::{hex, of_line, optional_hex};
use crate::{Actor, Hash, Head, What};

/// What is to be recorded, before it has its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When. An entry tells milliseconds.
    pub at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// Nonce of the visit, if it belongs to one.
    pub visit: Option<[u8; 16]>,
    /// Pseudonym of the badge, if there is one.
    pub badge: Option<[u8; 32]>,
    /// What happened.
    pub what: What,
}

impl Record {
    /// Something that belongs to no visit.
    pub fn new(at: Timestamp, by: Actor, what: What) -> Self {
        Self { at, by, visit: None, badge: None, what }
    }
}

/// One entry of the log. Its line is canonical: the same entry always gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Counted from 1, without gaps, for the life of the kiosk.
    pub number: u64,
    /// SHA-256 of the line before, with its line feed; before the first, of the log's name.
    #[serde(with = "hex")]
    pub previous: Hash,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// Nonce of the visit.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hex")]
    pub visit: Option<[u8; 16]>,
    /// Pseudonym of the badge.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hex")]
    pub badge: Option<[u8; 32]>,
    /// What happened.
    pub what: What,
}

/// The bytes are no entry that this program would have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no entry of an audit log")]
pub struct Malformed;

impl Entry {
    /// Puts a record behind the head. Returns its line, without a line feed, and the new head.
    pub fn append(head: &Head, record: &Record) -> Result<(String, Head), Malformed> {
        let at = record.at.round(Unit::Millisecond).map_err(|_| Malformed)?;
        let entry = Self {
            number: head.size + 1,
            previous: head.hash,
            at,
            by: record.by,
            visit: record.visit,
            badge: record.badge,
            what: record.what.clone(),
        };
        let line = entry.line()?;
        let head = Head { size: entry.number, hash: of_line(line.as_bytes()), at };
        Ok((line, head))
    }

    /// Reads a line without its line feed.
    pub fn read(line: &[u8]) -> Result<Self, Malformed> {
        let entry: Self = serde_json::from_slice(line).map_err(|_| Malformed)?;
        if entry.line()?.as_bytes() == line { Ok(entry) } else { Err(Malformed) }
    }

    fn line(&self) -> Result<String, Malformed> {
        serde_json::to_string(self).map_err(|_| Malformed)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::{Lane, Purged, Reason, Role};

    const AT: Timestamp = Timestamp::constant(1_793_869_200, 0);

    fn record() -> Record {
        Record {
            at: AT,
            by: Actor::Staff { number: 7, role: Some(Role::Guard) },
            visit: Some([1; 16]),
            badge: Some([2; 32]),
            what: What::Admitted { lane: Lane::Staff, reason: Some(Reason::OtherWay) },
        }
    }

    #[test]
    fn a_line_reads_as_it_is_documented() {
        let (line, head) = Entry::append(&Head::empty("postern-0"), &record()).unwrap();
        // `printf 'postern-0/audit\n' | sha256sum`
        let previous = "7168959b0281800baa9fcfd04efd03f048ffc8913bba508b4c029dc1a926698f";
        let expected = format!(
            "{{\"number\":1,\"previous\":\"{previous}\",\"at\":\"2026-11-05T09:00:00Z\",\
             \"by\":{{\"staff\":{{\"number\":7,\"role\":\"guard\"}}}},\"visit\":\"{}\",\
             \"badge\":\"{}\",\"what\":{{\"admitted\":{{\"lane\":\"staff\",\"reason\":\
             \"other_way\"}}}}}}",
            "01".repeat(16),
            "02".repeat(32),
        );
        assert_eq!(line, expected);
        assert_eq!(head.size, 1);
        let entry = Entry::read(line.as_bytes()).unwrap();
        assert_eq!((entry.number, &entry.what), (1, &record().what));
    }

    #[test]
    fn a_purge_reads_as_it_did_before_there_were_incidents_to_purge() {
        let line = |incidents| {
            let rows = Purged { incidents, ..Purged::default() };
            let purged = Record::new(AT, Actor::Kiosk, What::Purged { rows, through: 3 });
            Entry::append(&Head::empty("postern-0"), &purged).unwrap().0
        };
        assert!(!line(0).contains("incidents") && line(2).contains("\"incidents\":2"));
        for incidents in [0, 2] {
            assert!(Entry::read(line(incidents).as_bytes()).is_ok());
        }
    }

    #[test]
    fn whatever_else_says_the_same_is_no_entry() {
        let (line, _) = Entry::append(&Head::empty("postern-0"), &record()).unwrap();
        for changed in [
            format!(" {line}"),
            line.replace("\"number\":1,", "\"number\": 1,"),
            line.replace("\"number\":1,", "\"number\":1,\"name\":\"A\","),
            line.replace(",\"visit\":", ",\"visit\":null,\"visit\":"),
            line.replace("\"role\":\"guard\"", "\"role\":null"),
            line.replace("2026-11-05T09:00:00Z", "2026-11-05T10:00:00+01:00"),
            line.replace("0202", "2"),
            line.replace("other_way", "the visitor said so"),
            String::new(),
        ] {
            assert_eq!(Entry::read(changed.as_bytes()), Err(Malformed), "{changed}");
        }
    }
}
