//! A badge code that cannot be used.

use serde::Serialize;

/// Why a badge code leads no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum CodeProblem {
    /// Not in the roster.
    Unknown,
    /// Not a badge code at all, or mistyped.
    Malformed,
    /// This badge has been admitted before.
    AlreadyUsed,
    /// Its validity is over.
    Expired,
    /// Its validity has not begun.
    NotYetValid,
    /// Blocked by the organiser.
    Blocked,
    /// Not paid.
    Unpaid,
    /// Not approved by the organiser yet.
    Unapproved,
    /// For another entrance, or another day.
    WrongProduct,
    /// Replaced by another badge.
    Revoked,
}
