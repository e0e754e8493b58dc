//! What can be wrong with a key or a note.

use thiserror::Error;

/// Why a text is no verifier key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not a name, eight hexadecimal digits and a key in base64, joined by `+`.
    #[error("a verifier key is a name, 8 hexadecimal digits and base64, joined by +")]
    Malformed,
    /// The key is of another kind.
    #[error("the key is not an Ed25519 key")]
    OtherAlgorithm,
    /// The eight digits are not those of this name and key.
    #[error("the key does not belong to its name: a sign is missing or wrong")]
    WrongHash,
    /// No point of the curve, or one whose signatures prove nothing.
    #[error("the key is not a usable Ed25519 key")]
    Unusable,
}

/// Why a note was not opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Longer than [`LONGEST`](crate::LONGEST).
    #[error("it is longer than any note of a kiosk")]
    TooLong,
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// Lines end with a carriage return.
    #[error("it has carriage returns: its lines must end with a line feed only")]
    CarriageReturn,
    /// A control character other than a line feed.
    #[error("it has a control character")]
    ControlCharacter,
    /// The last line is not ended.
    #[error("its last line is not ended by a line feed")]
    Unterminated,
    /// No empty line before the last line.
    #[error("it has no signature: an empty line and a line that begins with a dash are missing")]
    NoSignature,
    /// More than one line after the empty one.
    #[error("there is something after the signature")]
    AfterSignature,
    /// The last line is not a signature.
    #[error("the line after the empty one is not a signature")]
    MalformedSignature,
    /// Made with another key.
    #[error("it was signed by another kiosk, which calls itself {name}")]
    OtherKey {
        /// The name in the signature.
        name: String,
    },
    /// The signature is not of this text.
    #[error("the signature does not belong to this text: something was changed")]
    WrongSignature,
}
