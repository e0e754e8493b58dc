//! What can be wrong with a receipt.

use note::NoteError;
use thiserror::Error;

/// Why a receipt was not made or not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// Not a note of this key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The policy's version does not fit on a line of a receipt.
    #[error("the policy's version is empty, longer than 128 bytes, or not one line of text")]
    PolicyVersion,
    /// The kiosk signed something else.
    #[error("it is no receipt of a visit")]
    NotAReceipt,
    /// Made by a later program.
    #[error("it is a receipt of another version; a newer program may read it")]
    OtherVersion,
    /// A line is missing.
    #[error("the line `{line}` is missing")]
    Missing {
        /// What it begins with.
        line: &'static str,
    },
    /// A line is there twice.
    #[error("the line `{line}` is there more than once")]
    Doubled {
        /// What it begins with.
        line: &'static str,
    },
    /// A line that no receipt has.
    #[error("line {number} does not belong into a receipt")]
    Unknown {
        /// Counted from one.
        number: usize,
    },
    /// A line stands where another should.
    #[error("line {number} is not in its place")]
    Order {
        /// Counted from one.
        number: usize,
    },
    /// A line says what it cannot say.
    #[error("the line `{line}` says what a receipt cannot say")]
    Value {
        /// What it begins with.
        line: &'static str,
    },
    /// The text names another kiosk than the key.
    #[error("it names another kiosk than the one that signed it")]
    OtherKiosk,
}
