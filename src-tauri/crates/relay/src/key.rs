//! The key that the kiosks of a venue share, and what is derived from it.

use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::NoRandom;

/// The name of a badge between the kiosks of a venue: HMAC-SHA256 of its locator under
/// [`VenueKey::badge_key`]. The store computes the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BadgeHash(pub [u8; 32]);

impl fmt::Debug for BadgeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BadgeHash(..)")
    }
}

/// The name of a venue in topics: 16 hexadecimal digits, derived from its key. Public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue(pub(crate) String);

impl fmt::Display for Venue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 32 random bytes that the kiosks of one venue share. Whoever has them can say in a kiosk's name
/// that a badge is used. Wiped when dropped, never printed.
pub struct VenueKey(Zeroizing<[u8; 32]>);

/// A text is not a venue's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a venue's key has 64 hexadecimal digits")]
pub struct NoVenueKey;

impl VenueKey {
    /// Draws a key.
    pub fn draw() -> Result<Self, NoRandom> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(|_| NoRandom)?;
        Ok(Self(key))
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, NoVenueKey> {
        let mut key = Zeroizing::new([0; 32]);
        let digits = text.trim().as_bytes();
        if digits.len() != 64 || HEXLOWER_PERMISSIVE.decode_mut(digits, key.as_mut()).is_err() {
            return Err(NoVenueKey);
        }
        Ok(Self(key))
    }

    /// As 64 hexadecimal digits.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(HEXLOWER.encode(&*self.0))
    }

    /// The venue's name.
    pub fn venue(&self) -> Venue {
        Venue(HEXLOWER.encode(&self.derive(b"venue")[..8]))
    }

    /// The key under which a locator becomes a [`BadgeHash`].
    pub fn badge_key(&self) -> Zeroizing<[u8; 32]> {
        self.derive(b"badge")
    }

    /// The name of a badge between the kiosks, from its locator.
    pub fn badge_hash(&self, locator: &[u8; 32]) -> BadgeHash {
        BadgeHash(hmac(&self.badge_key(), &[locator]).finalize().into_bytes().into())
    }

    /// The code of authentication of a message on a topic.
    pub(crate) fn authenticator(&self, topic: &str, body: &[u8]) -> Hmac<Sha256> {
        // No topic has a line end.
        hmac(&self.derive(b"message"), &[topic.as_bytes(), b"\n", body])
    }

    /// HKDF-SHA256 (RFC 5869), a purpose each.
    fn derive(&self, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        let expanded =
            Hkdf::<Sha256>::new(Some(b"postern/1/relay"), &*self.0).expand(purpose, out.as_mut());
        debug_assert!(expanded.is_ok(), "32 bytes are one block of SHA-256");
        out
    }
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> Hmac<Sha256> {
    // HMAC itself fills a shorter key with zeroes up to its block of 64 bytes (RFC 2104).
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac
}

impl fmt::Debug for VenueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VenueKey(..)")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_key_is_64_hexadecimal_digits_and_comes_back_as_it_was() {
        let key = VenueKey::draw().unwrap();
        let again = VenueKey::parse(&format!(" {}\n", &*key.to_text())).unwrap();
        assert_eq!(*again.to_text(), *key.to_text());
        for wrong in ["", "00", &"g".repeat(64), &"0".repeat(63), &"0".repeat(65)] {
            assert!(VenueKey::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_purpose_and_each_venue_has_another_key() {
        let one = VenueKey(Zeroizing::new([1; 32]));
        let two = VenueKey(Zeroizing::new([2; 32]));
        assert_ne!(one.venue(), two.venue());
        assert_ne!(*one.badge_key(), *two.badge_key());
        let keys = [one.derive(b"venue"), one.derive(b"badge"), one.derive(b"message")];
        assert_ne!(*keys[0], *keys[1]);
        assert_ne!(*keys[1], *keys[2]);
        assert!(keys.iter().all(|key| **key != [1; 32] && **key != [0; 32]));
    }

    #[test]
    fn the_derivation_is_hkdf_as_anybody_computes_it() {
        // Computed with Python's hmac: extract under the salt, then one block of expand.
        let key = VenueKey(Zeroizing::new([7; 32]));
        assert_eq!(HEXLOWER.encode(&*key.badge_key()), include_str!("key/badge_key.txt").trim());
    }

    #[test]
    fn c19_a_key_and_a_hash_are_never_printed() {
        let key = VenueKey(Zeroizing::new([7; 32]));
        assert_eq!(format!("{key:?} {:?}", BadgeHash([9; 32])), "VenueKey(..) BadgeHash(..)");
    }
}
