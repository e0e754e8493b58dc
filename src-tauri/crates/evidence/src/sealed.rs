//! Sealing.

use std::fmt;

use zeroize::Zeroizing;

use crate::{Head, Recipient};

/// Largest sealed record in bytes: no picture of 640 pixels a side needs as much.
pub const LARGEST: usize = 2 << 20;

/// How every age file of this version begins, with its one stanza for an X25519 recipient.
const OPENING: &[u8] = b"age-encryption.org/v1\n-> X25519 ";

/// Why a record was not sealed. Nothing of it is in the error.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The head could not be written.
    #[error("the head of a record could not be written")]
    Head,
    /// It could not be sealed.
    #[error("a record could not be sealed")]
    Seal,
    /// It is larger than [`LARGEST`].
    #[error("a sealed record is larger than it may be")]
    TooLarge,
}

/// A sealed record: ciphertext.
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes over what arrived. `None` if it is too large, or no age file for an X25519 recipient.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() <= LARGEST && bytes.starts_with(OPENING)).then_some(Self(bytes))
    }

    /// The bytes of the age file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Seals head and picture (JPEG) to the recipient.
pub fn seal(
    head: &Head<'_>,
    picture: &[u8],
    recipient: &Recipient,
) -> Result<Sealed, EvidenceError> {
    let head = head.line().map_err(|_| EvidenceError::Head)?;
    // Reserved in one piece, so that no copy of the picture stays behind.
    let mut record = Zeroizing::new(Vec::with_capacity(head.len() + 1 + picture.len()));
    record.extend_from_slice(&head);
    record.push(b'\n');
    record.extend_from_slice(picture);
    let sealed = age::encrypt(recipient.key(), &record).map_err(|_| EvidenceError::Seal)?;
    Sealed::from_bytes(sealed).ok_or(EvidenceError::TooLarge)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use age::x25519::Identity;
    use proptest::prelude::*;

    use super::*;

    const HEAD: Head<'_> = Head { outcome: "match", at: "2026-11-23T08:15:02Z", model: "ab" };

    fn recipient(identity: &Identity) -> Recipient {
        identity.to_public().to_string().parse().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn c07_only_the_recipient_opens_a_record_and_finds_head_and_picture(
            picture in proptest::collection::vec(any::<u8>(), 0..200_000),
        ) {
            let (theirs, ours) = (Identity::generate(), Identity::generate());
            let sealed = seal(&HEAD, &picture, &recipient(&theirs)).unwrap();
            let opened = age::decrypt(&theirs, sealed.as_bytes()).unwrap();
            let end = opened.iter().position(|byte| *byte == b'\n').unwrap();
            prop_assert_eq!(&opened[..end], HEAD.line().unwrap());
            prop_assert_eq!(&opened[end + 1..], &picture);
            prop_assert!(age::decrypt(&ours, sealed.as_bytes()).is_err());
        }
    }

    #[test]
    fn a_sealed_record_shows_neither_head_nor_picture() {
        let picture = [0x5a; 4096];
        let sealed = seal(&HEAD, &picture, &recipient(&Identity::generate())).unwrap();
        for needle in [b"match".as_slice(), b"2026", &[0x5a; 8]] {
            assert!(!sealed.as_bytes().windows(needle.len()).any(|at| at == needle));
        }
        assert!(format!("{sealed:?}").len() < 30);
    }

    #[test]
    fn what_is_too_large_or_not_sealed_is_refused() {
        let to = recipient(&Identity::generate());
        let large = seal(&HEAD, &vec![1; LARGEST], &to);
        assert!(matches!(large, Err(EvidenceError::TooLarge)));
        let sealed = seal(&HEAD, &[1; 100], &to).unwrap();
        assert!(Sealed::from_bytes(sealed.as_bytes().to_vec()).is_some());
        let mut long = sealed.as_bytes().to_vec();
        long.resize(LARGEST + 1, 0);
        let jpeg = vec![0xff, 0xd8, 0xff, 0xe0];
        let passphrase = b"age-encryption.org/v1\n-> scrypt AAAA 18\n".to_vec();
        for bytes in [long, jpeg, passphrase, Vec::new()] {
            assert!(Sealed::from_bytes(bytes).is_none());
        }
    }
}
