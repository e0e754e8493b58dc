//! Lists in CSV with one heading line, as spreadsheets write them.

use std::path::Path;

use csv::{ByteRecord, Trim};
use serde::Serialize;

use crate::EvaluationError;

/// A row that is not evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// Its line in the list, from 1.
    pub line: u64,
    /// A stable word for what is wrong.
    pub reason: &'static str,
}

/// What became of the rows of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// Rows under the heading.
    pub rows: u64,
    /// Those that are not evaluated.
    pub refused: Vec<RefusedRow>,
    /// Columns that nothing is made of.
    pub ignored_columns: Vec<String>,
}

/// Reads a list; `columns` are the known ones, the first `needed` of them needed. Each row is
/// turned into what it means, or into the word for what is wrong with it.
pub(crate) fn read<T, const COLUMNS: usize>(
    path: &Path,
    columns: [&'static str; COLUMNS],
    needed: usize,
    mut meaning: impl FnMut(u64, [&str; COLUMNS]) -> Result<T, &'static str>,
) -> Result<(Vec<T>, Rows), EvaluationError> {
    let bytes = std::fs::read(path)
        .map_err(|source| EvaluationError::Read { path: path.to_owned(), source })?;
    let not_csv = |error: csv::Error| EvaluationError::NotCsv {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let mut csv = csv::ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(&bytes[..]);
    let headings: Vec<String> = csv
        .byte_headers()
        .map_err(not_csv)?
        .iter()
        .map(|heading| String::from_utf8_lossy(heading).to_ascii_lowercase())
        .collect();
    let places = columns.map(|column| headings.iter().position(|heading| heading == column));
    for (column, place) in columns.iter().zip(places).take(needed) {
        if place.is_none() {
            return Err(EvaluationError::MissingColumn {
                path: path.to_owned(),
                column,
                needed: columns[..needed].join(", "),
            });
        }
    }
    let mut rows = Rows {
        ignored_columns: headings.into_iter().filter(|h| !columns.contains(&h.as_str())).collect(),
        ..Rows::default()
    };
    let mut usable = Vec::new();
    let mut record = ByteRecord::new();
    while csv.read_byte_record(&mut record).map_err(not_csv)? {
        let line = record.position().map_or(0, |position| line_of(&bytes, position.byte()));
        rows.rows += 1;
        let fields = places.map(|place| place.and_then(|p| record.get(p)).unwrap_or_default());
        let texts = fields.map(std::str::from_utf8);
        let row = if texts.iter().all(Result::is_ok) {
            meaning(line, texts.map(Result::unwrap_or_default))
        } else {
            Err("not_utf8")
        };
        match row {
            Ok(row) => usable.push(row),
            Err(reason) => rows.refused.push(RefusedRow { line, reason }),
        }
    }
    if usable.is_empty() {
        let refused = rows.refused.first().map(|row| (row.line, row.reason));
        return Err(EvaluationError::NoRows { path: path.to_owned(), refused });
    }
    Ok((usable, rows))
}

/// The line of the record whose bytes begin here, or after line breaks that are still to come:
/// the crate's own count is one too low after a carriage return.
fn line_of(bytes: &[u8], begin: u64) -> u64 {
    let (before, record) = bytes.split_at((begin as usize).min(bytes.len()));
    let breaks = record.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let count = before.iter().chain(breaks).filter(|byte| **byte == b'\n').count();
    count as u64 + 1
}
