//! The text of a badge code, as it comes from a scanner or the pad.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A badge code as scanned or typed. Wiped on drop; never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct BadgeCode(String);

impl BadgeCode {
    /// Takes over the text, so that no other copy stays behind.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text. Whoever copies it must wipe the copy.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BadgeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BadgeCode(..)")
    }
}

/// How the codes of a roster are written. One roster has one format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeFormat {
    /// Crockford's base 32: 16 data symbols (80 bits) and one check symbol (modulo 37).
    /// Dashes and spaces are ignored, case does not matter, I and L read as 1, O as 0.
    Crockford,
    /// Printable ASCII of 8 to 512 characters, case-sensitive, as the secrets of pretix.
    /// White space around it is ignored.
    Opaque,
}

/// Why a text is no badge code. Says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedCode {
    /// Too short or too long.
    #[error("a badge code has another length")]
    Length,
    /// A character that no code of this format has.
    #[error("a badge code has no such character")]
    Symbol,
    /// The check symbol does not fit: mistyped or misread.
    #[error("the check symbol does not fit: mistyped or misread")]
    Check,
}
