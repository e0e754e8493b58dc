//! The values that come from a badge secret, and sealing under them.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::SealError;

const NONCE_LENGTH: usize = 24;
const TAG_LENGTH: usize = 16;

/// Bytes that sealing adds: the nonce in front and the tag behind.
pub const SEALED_OVERHEAD: usize = NONCE_LENGTH + TAG_LENGTH;

/// First byte of the associated data: the way in which bytes are sealed.
const SEAL_VERSION: u8 = 1;

/// What a badge secret opens: the three values derived from it.
#[derive(Debug)]
pub struct BadgeKeys {
    /// Under this the kiosk finds the attendee.
    pub locator: Locator,
    /// Opens the attendee's record (the name).
    pub record: SealingKey,
    /// Opens the attendee's reference photo.
    pub reference: SealingKey,
}

/// A keyed hash of the badge secret: finds the attendee and tells nothing of the code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Locator(pub [u8; 32]);

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Locator(..)")
    }
}

/// What is sealed. Part of the associated data, so that one cannot pass for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The attendee's record.
    Record,
    /// The attendee's reference photo.
    Reference,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Record => 1,
            Self::Reference => 2,
        }
    }
}

/// A 256-bit key of XChaCha20-Poly1305. Wiped on drop; never printed.
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// Takes over the key's bytes.
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The key's bytes, for the pipe to the biometrics worker.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals bytes for one attendee: a random 24-byte nonce, then ciphertext and tag
    /// (XChaCha20-Poly1305, draft-irtf-cfrg-xchacha). Version, kind and locator are associated
    /// data: bytes sealed for one badge or purpose do not open as those of another.
    pub fn seal(&self, plain: &[u8], locator: &Locator, kind: Kind) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LENGTH];
        getrandom::fill(&mut nonce).map_err(|_| SealError::Random)?;
        let payload = Payload { msg: plain, aad: &associated_data(locator, kind) };
        let sealed =
            self.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::Seal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`seal`](Self::seal) made for the same locator and kind.
    pub fn open(
        &self,
        sealed: &[u8],
        locator: &Locator,
        kind: Kind,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LENGTH>().ok_or(SealError::Open)?;
        let payload = Payload { msg: sealed, aad: &associated_data(locator, kind) };
        let plain = self.cipher().decrypt(&XNonce::from(*nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| SealError::Open)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

fn associated_data(locator: &Locator, kind: Kind) -> [u8; 34] {
    let mut data = [0; 34];
    data[0] = SEAL_VERSION;
    data[1] = kind.byte();
    data[2..].copy_from_slice(&locator.0);
    data
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use data_encoding::HEXLOWER_PERMISSIVE;
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> SealingKey {
        SealingKey::from_bytes(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn the_cipher_is_the_one_of_the_draft() {
        // draft-irtf-cfrg-xchacha-03, appendix A.3.1.
        let key = XChaCha20Poly1305::new_from_slice(
            &HEXLOWER_PERMISSIVE
                .decode(b"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")
                .unwrap(),
        )
        .unwrap();
        let nonce: [u8; 24] = HEXLOWER_PERMISSIVE
            .decode(b"404142434445464748494a4b4c4d4e4f5051525354555657")
            .unwrap()
            .try_into()
            .unwrap();
        let aad = HEXLOWER_PERMISSIVE.decode(b"50515253c0c1c2c3c4c5c6c7").unwrap();
        let plain = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let sealed = key
            .encrypt(&XNonce::from(nonce), Payload { msg: plain.as_slice(), aad: &aad })
            .unwrap();
        assert_eq!(
            HEXLOWER_PERMISSIVE.encode(&sealed[sealed.len() - TAG_LENGTH..]),
            "c0875924c1c7987947deafd8780acf49"
        );
    }

    #[test]
    fn l3_only_the_same_badge_and_kind_open() {
        let (mine, other) = (Locator([1; 32]), Locator([2; 32]));
        let sealed = key(3).seal(b"photo", &mine, Kind::Reference).unwrap();
        assert_eq!(&**key(3).open(&sealed, &mine, Kind::Reference).unwrap(), b"photo");
        for (key, locator, kind) in [
            (key(4), mine, Kind::Reference),
            (key(3), other, Kind::Reference),
            (key(3), mine, Kind::Record),
        ] {
            assert_eq!(key.open(&sealed, &locator, kind).err(), Some(SealError::Open));
        }
    }

    #[test]
    fn the_same_bytes_are_sealed_differently_each_time() {
        let locator = Locator([1; 32]);
        let seal = || key(3).seal(b"photo", &locator, Kind::Reference).unwrap();
        assert_ne!(seal(), seal());
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(plain: Vec<u8>, k: [u8; 32], l: [u8; 32]) {
            let (key, locator) = (SealingKey::from_bytes(Zeroizing::new(k)), Locator(l));
            let sealed = key.seal(&plain, &locator, Kind::Record).unwrap();
            prop_assert_eq!(sealed.len(), plain.len() + SEALED_OVERHEAD);
            prop_assert_eq!(key.open(&sealed, &locator, Kind::Record).unwrap().to_vec(), plain);
        }

        #[test]
        fn any_flipped_bit_is_noticed(plain in prop::collection::vec(any::<u8>(), 0..48)) {
            let locator = Locator([5; 32]);
            let sealed = key(6).seal(&plain, &locator, Kind::Reference).unwrap();
            for bit in 0..sealed.len() * 8 {
                let mut altered = sealed.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                prop_assert!(key(6).open(&altered, &locator, Kind::Reference).is_err());
            }
        }

        #[test]
        fn any_cut_is_noticed(plain in prop::collection::vec(any::<u8>(), 0..48)) {
            let locator = Locator([5; 32]);
            let sealed = key(6).seal(&plain, &locator, Kind::Reference).unwrap();
            for end in 0..sealed.len() {
                prop_assert!(key(6).open(&sealed[..end], &locator, Kind::Reference).is_err());
            }
        }
    }
}
