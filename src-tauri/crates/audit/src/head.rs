//! Heads: the number and hash of the last entry, signed.

use data_encoding::BASE64;
use jiff::Timestamp;
use note::{KioskKey, NoteError, VerifierKey};
use thiserror::Error;

use crate::Hash;
use crate::hash::of_line;

/// How far a log had come. As text it is a checkpoint (<https://c2sp.org/tlog-checkpoint>) of a
/// chain instead of a tree: the log's name, the number of entries, the hash in base64, and the
/// time of the last entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the last entry.
    pub size: u64,
    /// SHA-256 of its line.
    pub hash: Hash,
    /// When it was written.
    pub at: Timestamp,
}

/// Why a text is no head of this kiosk's log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeadError {
    /// Not a note of this kiosk.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The kiosk signed something else.
    #[error("it is no head of an audit log")]
    NotAHead,
}

impl Head {
    /// The head of a log without entries.
    pub fn empty(kiosk: &str) -> Self {
        Self { size: 0, hash: of_line(name(kiosk).as_bytes()), at: Timestamp::UNIX_EPOCH }
    }

    /// The head as a signed note.
    pub fn sign(&self, key: &KioskKey) -> String {
        note::sign(&self.text(key.verifier().name()), key)
    }

    /// Reads a note that the kiosk of this key signed.
    pub fn open(note: &[u8], key: &VerifierKey) -> Result<Self, HeadError> {
        let text = note::open(note, key)?;
        let head = parse(text).ok_or(HeadError::NotAHead)?;
        if head.text(key.name()) == text { Ok(head) } else { Err(HeadError::NotAHead) }
    }

    fn text(&self, kiosk: &str) -> String {
        let Self { size, hash, at } = self;
        format!("{}\n{size}\n{}\n{at}\n", name(kiosk), BASE64.encode(hash))
    }
}

/// The name of a kiosk's log.
fn name(kiosk: &str) -> String {
    format!("{kiosk}/audit")
}

fn parse(text: &str) -> Option<Head> {
    let mut lines = text.lines().skip(1);
    let size = lines.next()?.parse().ok()?;
    let hash = BASE64.decode(lines.next()?.as_bytes()).ok()?.try_into().ok()?;
    Some(Head { size, hash, at: lines.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_head_opens_with_the_key_of_its_kiosk_only() {
        let [one, two] = [1, 2].map(|n| KioskKey::from_seed(&[n; 32]));
        let head = Head { size: 12, hash: [3; 32], at: "2026-11-05T09:00:00.5Z".parse().unwrap() };
        let note = head.sign(&one);
        let name = one.verifier().name();
        let lines: Vec<_> = note.lines().collect();
        let hash = BASE64.encode(&[3; 32]);
        assert_eq!(lines[..4], [&*format!("{name}/audit"), "12", &hash, "2026-11-05T09:00:00.5Z"]);
        assert_eq!(Head::open(note.as_bytes(), one.verifier()), Ok(head));
        let other = Head::open(note.as_bytes(), two.verifier());
        assert!(matches!(other, Err(HeadError::Note(NoteError::OtherKey { .. }))));
    }

    #[test]
    fn nothing_else_that_a_kiosk_signed_passes_for_a_head() {
        let key = KioskKey::from_seed(&[1; 32]);
        let text = Head::empty(key.verifier().name()).text(key.verifier().name());
        for changed in [
            "Postern 回执 receipt 1\n".to_owned(),
            text.replace("/audit", "/other"),
            text.replace("\n0\n", "\n00\n"),
            text.replace("\n0\n", "\n-1\n"),
            format!("{text}more\n"),
        ] {
            let note = note::sign(&changed, &key);
            let opened = Head::open(note.as_bytes(), key.verifier());
            assert_eq!(opened, Err(HeadError::NotAHead), "{changed}");
        }
        assert!(Head::open(note::sign(&text, &key).as_bytes(), key.verifier()).is_ok());
    }
}
