//! The recorder's note.

/// Most characters of a note.
pub const NOTE_LENGTH: usize = 200;

/// What the recorder adds in own words: never a name, a number of a person, an address. What looks
/// like one is refused; that a note has no names only its writer can see to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(String);

/// Why a text is no note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Too long.
    #[error("a note has {NOTE_LENGTH} characters at most")]
    TooLong,
    /// A line break or another control character.
    #[error("a note is one line")]
    Control,
    /// It has a number or an address that looks like a person's.
    #[error("a note names nobody: it has a long number or a mail address in it")]
    Personal,
}

/// Digits in a row from which they are taken for a person's number.
const DIGITS: usize = 5;

impl Note {
    /// Takes a text. None if it is empty.
    pub fn new(text: &str) -> Result<Option<Self>, NoteError> {
        let text = text.trim();
        if text.chars().count() > NOTE_LENGTH {
            return Err(NoteError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(NoteError::Control);
        }
        // Digits of any script, however they are grouped.
        let plain = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '\u{a0}'));
        let mut row = 0;
        for letter in plain {
            row = if letter.is_numeric() { row + 1 } else { 0 };
            if row >= DIGITS || letter == '@' || letter == '＠' {
                return Err(NoteError::Personal);
            }
        }
        Ok((!text.is_empty()).then(|| Self(text.to_owned())))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c19_a_note_takes_no_number_and_no_address_of_a_person() {
        let fine = |text: &str| Ok(Some(Note(text.to_owned())));
        for (text, expected) in [
            ("", Ok(None)),
            ("  ", Ok(None)),
            (" The side door was open. ", fine("The side door was open.")),
            ("闸机3号门在14:30被打开", fine("闸机3号门在14:30被打开")),
            ("call 13800138000", Err(NoteError::Personal)),
            ("138 0013 8000", Err(NoteError::Personal)),
            ("一三八 １３８００", Err(NoteError::Personal)),
            ("a@example.org", Err(NoteError::Personal)),
            ("two\nlines", Err(NoteError::Control)),
        ] {
            assert_eq!(Note::new(text), expected, "{text}");
        }
        assert!(Note::new(&"字".repeat(NOTE_LENGTH)).is_ok());
        assert_eq!(Note::new(&"字".repeat(NOTE_LENGTH + 1)), Err(NoteError::TooLong));
    }
}
