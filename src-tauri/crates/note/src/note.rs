//! Making and opening notes.

use data_encoding::BASE64;

use crate::{KioskKey, NoteError, VerifierKey};

/// Longest note that is read, in bytes.
pub const LONGEST: usize = 1024;

/// What a line with a signature begins with: an em dash and a space.
const DASH: &str = "— ";

/// Adds the signature. `text` ends with a line feed.
pub fn sign(text: &str, key: &KioskKey) -> String {
    let verifier = key.verifier();
    let signature = [&verifier.hash()[..], &key.sign(text)].concat();
    format!("{text}\n{DASH}{} {}\n", verifier.name(), BASE64.encode(&signature))
}

/// The text of a note that this key signed.
pub fn open<'a>(note: &'a [u8], key: &VerifierKey) -> Result<&'a str, NoteError> {
    if note.len() > LONGEST {
        return Err(NoteError::TooLong);
    }
    let note = str::from_utf8(note).map_err(|_| NoteError::NotText)?;
    if note.contains('\r') {
        return Err(NoteError::CarriageReturn);
    }
    if note.contains(|c: char| c.is_control() && c != '\n') {
        return Err(NoteError::ControlCharacter);
    }
    let Some(lines) = note.strip_suffix('\n') else {
        return Err(NoteError::Unterminated);
    };
    let Some((above, below)) = lines.split_once("\n\n") else {
        return Err(NoteError::NoSignature);
    };
    if below.contains('\n') {
        return Err(NoteError::AfterSignature);
    }
    let (name, signature) = below
        .strip_prefix(DASH)
        .and_then(|line| line.split_once(' '))
        .ok_or(NoteError::MalformedSignature)?;
    let signature = BASE64
        .decode(signature.as_bytes())
        .ok()
        .filter(|bytes| bytes.len() == 68)
        .ok_or(NoteError::MalformedSignature)?;
    let Some((hash, signature)) = signature.split_first_chunk::<4>() else {
        return Err(NoteError::MalformedSignature);
    };
    let signature = signature.try_into().map_err(|_| NoteError::MalformedSignature)?;
    if name != key.name() || *hash != key.hash() {
        return Err(NoteError::OtherKey { name: name.to_owned() });
    }
    // With the line feed that ends the text, without the empty line.
    let text = &note[..=above.len()];
    if key.has_signed(text, signature) { Ok(text) } else { Err(NoteError::WrongSignature) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    /// Key and note from the documentation of Go's `golang.org/x/mod/sumdb/note`.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                        then you don't know what your problem is.\n";
    const SIGNATURE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUg\
                             YN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_published_note_opens() {
        let note = format!("{TEXT}\n{SIGNATURE}");
        assert_eq!(open(note.as_bytes(), &KEY.parse().unwrap()).unwrap(), TEXT);
    }

    #[test]
    fn a_note_opens_with_its_own_key_only() {
        let [one, two] = [1, 2].map(|n| KioskKey::from_seed(&[n; 32]));
        let note = sign(TEXT, &one);
        assert_eq!(open(note.as_bytes(), one.verifier()).unwrap(), TEXT);
        let name = one.verifier().name().to_owned();
        assert_eq!(open(note.as_bytes(), two.verifier()), Err(NoteError::OtherKey { name }));
        let renamed = note.replace(one.verifier().name(), two.verifier().name());
        let name = two.verifier().name().to_owned();
        assert_eq!(open(renamed.as_bytes(), two.verifier()), Err(NoteError::OtherKey { name }));
    }

    #[test]
    fn what_is_not_such_a_note_is_refused_with_its_reason() {
        let key: VerifierKey = KEY.parse().unwrap();
        let note = format!("{TEXT}\n{SIGNATURE}");
        let long = "x".repeat(LONGEST + 1);
        for (changed, expected) in [
            (String::new(), NoteError::Unterminated),
            ("\n".into(), NoteError::NoSignature),
            (long, NoteError::TooLong),
            (TEXT.into(), NoteError::NoSignature),
            (note.replace('\n', "\r\n"), NoteError::CarriageReturn),
            (note.replace("you think", "you\tthink"), NoteError::ControlCharacter),
            (note.replace("you think", "you\u{85}think"), NoteError::ControlCharacter),
            (note.trim_end().into(), NoteError::Unterminated),
            (format!("{note}\n"), NoteError::AfterSignature),
            (format!("{note}{SIGNATURE}"), NoteError::AfterSignature),
            (format!("{note}\n{SIGNATURE}"), NoteError::AfterSignature),
            (format!("{TEXT}{SIGNATURE}"), NoteError::NoSignature),
            (format!("{TEXT}\n"), NoteError::NoSignature),
            (format!("{TEXT}\n\n{SIGNATURE}"), NoteError::AfterSignature),
            (note.replace("— ", "- "), NoteError::MalformedSignature),
            (note.replace("AM=", "AM"), NoteError::MalformedSignature),
            // The last bits of base64 that mean nothing are not free either.
            (note.replace("AM=", "AN="), NoteError::MalformedSignature),
            (note.replace("AM=", "AM= "), NoteError::MalformedSignature),
            (note.replace("/ZJku", "/ZJkv"), NoteError::WrongSignature),
            (note.replace("then", "Then"), NoteError::WrongSignature),
        ] {
            assert_eq!(open(changed.as_bytes(), &key), Err(expected), "{changed}");
        }
        assert_eq!(open(b"\xff\n\n\n", &key), Err(NoteError::NotText));
    }
}
