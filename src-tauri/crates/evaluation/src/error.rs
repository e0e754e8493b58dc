//! What ends an evaluation. A picture that gives no template does not: it is counted.

use std::path::PathBuf;

use thiserror::Error;

/// Why there is no report.
#[derive(Debug, Error)]
pub enum EvaluationError {
    /// Neither pairs nor a folder nor attacks.
    #[error("nothing to evaluate: give --pairs, --folder or --attacks")]
    NothingToDo,
    /// The wanted false match rate is no rate.
    #[error("the wanted false match rate must be above 0 and below 1, such as 1e-3")]
    NotARate,
    /// A list or folder cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The list or folder.
        path: PathBuf,
        /// Cause from the operating system.
        source: std::io::Error,
    },
    /// A list is not CSV.
    #[error("{path} is not a list in CSV: {reason}")]
    NotCsv {
        /// The list.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A list lacks a column.
    #[error("{path} has no column {column}: the first line must name {needed}")]
    MissingColumn {
        /// The list.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// All that are needed.
        needed: String,
    },
    /// A list has no usable row.
    #[error("{path} has no usable row{}", first_reason(*.refused))]
    NoRows {
        /// The list.
        path: PathBuf,
        /// The first row that was refused: its line and why.
        refused: Option<(u64, &'static str)>,
    },
    /// A folder of persons makes no pair.
    #[error("{path} makes no pair: it needs one folder for each person, with pictures inside")]
    NoPairs {
        /// The folder.
        path: PathBuf,
    },
    /// More pairs than are held in memory.
    #[error("{pairs} pairs are more than {limit}: take fewer pictures, or choose pairs in a list")]
    TooManyPairs {
        /// How many.
        pairs: u64,
        /// How many there may be.
        limit: u64,
    },
    /// A video is listed and the program that decodes videos does not run.
    #[error(
        "a video is listed, and {program} does not run: {source}. Install ffmpeg (Debian: apt \
         install ffmpeg), or name it with --ffmpeg, or list folders of frames instead"
    )]
    NoVideoDecoder {
        /// The program.
        program: PathBuf,
        /// Cause from the operating system.
        source: std::io::Error,
    },
    /// The engine does not load.
    #[error("the engine does not load: {0}")]
    Engine(#[from] face::FaceError),
}

fn first_reason(refused: Option<(u64, &'static str)>) -> String {
    refused.map_or_else(String::new, |(line, reason)| format!(" (line {line}: {reason})"))
}
