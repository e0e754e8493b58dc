//! The organiser's list of attendees: CSV with one heading line.
//!
//! Columns: `code`, `name`, `photo`, `valid_from`, `valid_until`, `blocked`, `under_14`, `eea`,
//! `position`, in any order; `code` and `name` are needed. Times are RFC 3339 with an offset, such
//! as `2026-11-05T08:00:00+08:00`; flags are `yes` or `no`. Without `under_14` the visitor is asked;
//! `eea` says that the attendee lives in the European Economic Area (M57); `position` is the
//! attendee's number at the registration platform. Every other column is dropped (C17).

use std::io::{self, Read};

use csv::{ByteRecord, Position, Trim};
use jiff::Timestamp;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::BundleError;
use crate::name;

const COLUMNS: [&str; 9] = [
    "code",
    "name",
    "photo",
    "valid_from",
    "valid_until",
    "blocked",
    "under_14",
    "eea",
    "position",
];

/// One attendee as the organiser wrote it. Wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Entry {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) photo: Option<String>,
    #[zeroize(skip)]
    pub(crate) valid_from: Option<Timestamp>,
    #[zeroize(skip)]
    pub(crate) valid_until: Option<Timestamp>,
    #[zeroize(skip)]
    pub(crate) blocked: bool,
    #[zeroize(skip)]
    pub(crate) under_14: Option<bool>,
    #[zeroize(skip)]
    pub(crate) eea: bool,
    /// The attendee's number at the registration platform.
    #[zeroize(skip)]
    pub(crate) position: Option<i64>,
}

/// One row of the list.
pub(crate) struct Row {
    pub(crate) line: u64,
    /// The attendee, or the code of what is wrong with the row.
    pub(crate) entry: Result<Entry, &'static str>,
}

/// The list, row by row.
pub(crate) struct Sheet<R> {
    csv: csv::Reader<R>,
    row: ByteRecord,
    /// Where each of [`COLUMNS`] stands.
    places: [Option<usize>; COLUMNS.len()],
    ignored: Vec<String>,
}

impl<R: Read> Sheet<R> {
    pub(crate) fn begin(input: R) -> Result<Self, BundleError> {
        let mut csv = csv::ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(input);
        let headings = csv.byte_headers().map_err(read_error)?;
        let headings: Vec<String> =
            headings.iter().map(|h| String::from_utf8_lossy(h).to_ascii_lowercase()).collect();
        let places = COLUMNS.map(|column| headings.iter().position(|h| h == column));
        for (column, place) in COLUMNS.iter().zip(places).take(2) {
            if place.is_none() {
                return Err(BundleError::MissingColumn(column));
            }
        }
        let ignored = headings.into_iter().filter(|h| !COLUMNS.contains(&h.as_str())).collect();
        Ok(Self { csv, row: ByteRecord::new(), places, ignored })
    }

    /// Headings of the columns that are dropped.
    pub(crate) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// The next row.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, BundleError> {
        if !self.csv.read_byte_record(&mut self.row).map_err(read_error)? {
            return Ok(None);
        }
        let line = self.row.position().map_or(0, Position::line);
        Ok(Some(Row { line, entry: self.entry() }))
    }

    fn entry(&self) -> Result<Entry, &'static str> {
        Ok(Entry {
            code: self.needed(0, "no_code")?,
            name: self.needed(1, "no_name").and_then(checked_name)?,
            photo: Some(self.text(2)?).filter(|p| !p.is_empty()),
            valid_from: self.time(3)?,
            valid_until: self.time(4)?,
            blocked: self.flag(5)?.unwrap_or(false),
            under_14: self.flag(6)?,
            eea: self.flag(7)?.unwrap_or(false),
            position: self.number(8)?,
        })
    }

    fn text(&self, column: usize) -> Result<String, &'static str> {
        let field = self.places[column].and_then(|place| self.row.get(place)).unwrap_or_default();
        std::str::from_utf8(field).map(str::to_owned).map_err(|_| "not_utf8")
    }

    fn needed(&self, column: usize, problem: &'static str) -> Result<String, &'static str> {
        self.text(column).and_then(|text| if text.is_empty() { Err(problem) } else { Ok(text) })
    }

    fn time(&self, column: usize) -> Result<Option<Timestamp>, &'static str> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| "bad_time")
    }

    fn number(&self, column: usize) -> Result<Option<i64>, &'static str> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().ok().filter(|number| *number > 0).map(Some).ok_or("bad_position")
    }

    /// None where nothing is said.
    fn flag(&self, column: usize) -> Result<Option<bool>, &'static str> {
        match self.text(column)?.to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "no" | "false" | "0" => Ok(Some(false)),
            "yes" | "true" | "1" => Ok(Some(true)),
            _ => Err("bad_flag"),
        }
    }
}

fn checked_name(name: String) -> Result<String, &'static str> {
    if name::fits(&name) { Ok(name) } else { Err("bad_name") }
}

fn read_error(error: csv::Error) -> BundleError {
    BundleError::ReadSheet(match error.into_kind() {
        csv::ErrorKind::Io(e) => e,
        _ => io::ErrorKind::InvalidData.into(),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn rows(sheet: &[u8]) -> Vec<Row> {
        let mut sheet = Sheet::begin(sheet).unwrap();
        std::iter::from_fn(|| sheet.next().unwrap()).collect()
    }

    #[test]
    fn rows_are_read_as_spreadsheets_write_them() {
        let sheet = "\u{feff}Name, CODE ,photo,valid_until,blocked,under_14,EEA\r\n\
                     \"观众, 甲\",c1,a.jpg,2026-11-05T08:00:00+08:00,YES,no,Yes\r\n\
                     B,c2\r\n";
        let rows = rows(sheet.as_bytes());
        let first = rows[0].entry.as_ref().unwrap();
        assert_eq!((first.name.as_str(), first.code.as_str()), ("观众, 甲", "c1"));
        assert_eq!(first.photo.as_deref(), Some("a.jpg"));
        assert_eq!(first.valid_until, Some("2026-11-05T00:00:00Z".parse().unwrap()));
        assert_eq!((first.blocked, first.under_14, first.eea), (true, Some(false), true));
        let second = rows[1].entry.as_ref().unwrap();
        assert_eq!((second.name.as_str(), &second.photo), ("B", &None));
        assert_eq!((second.blocked, second.under_14, second.eea), (false, None, false));
    }

    #[test]
    fn bad_rows_are_told_with_line_and_reason() {
        let long = "n".repeat(201);
        let sheet = [
            b"code,name,valid_from,blocked\n,A,,\nc,,,\nc,B,05.11.2026,\nc,C,,perhaps\nc,"
                .as_slice(),
            &[0xb9, 0xdb],
            format!(",,\nc,{long},,\nc,D,2026-11-05T08:00:00,\nc,E,,\n").as_bytes(),
        ]
        .concat();
        let problems: Vec<_> =
            rows(&sheet).into_iter().map(|row| (row.line, row.entry.err())).collect();
        assert_eq!(
            problems,
            [
                (2, Some("no_code")),
                (3, Some("no_name")),
                (4, Some("bad_time")),
                (5, Some("bad_flag")),
                (6, Some("not_utf8")),
                (7, Some("bad_name")),
                (8, Some("bad_time")),
                (9, None),
            ]
        );
    }

    #[test]
    fn c17_columns_that_are_not_on_the_list_are_dropped() {
        let sheet = Sheet::begin("code,passport,name,Phone\n".as_bytes()).unwrap();
        assert_eq!(sheet.ignored(), ["passport", "phone"]);
    }

    #[test]
    fn a_list_without_codes_or_names_is_refused() {
        for (headings, missing) in [("", "code"), ("name,photo", "code"), ("code,photo", "name")] {
            let refused = Sheet::begin(headings.as_bytes()).err().unwrap();
            assert!(matches!(refused, BundleError::MissingColumn(c) if c == missing), "{headings}");
        }
    }
}
