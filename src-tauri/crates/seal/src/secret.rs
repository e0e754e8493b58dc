//! The secret in a badge code, and the keys that come from it.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    BadgeCode, BadgeKeys, CodeFormat, Locator, MalformedCode, SealError, SealingKey, crockford,
};

/// Secrets with fewer bits than this are stretched.
pub const WEAK_BELOW_BITS: u32 = 80;

/// argon2id (RFC 9106) for weak secrets: 64 MiB, 3 passes, one lane. RFC 9106 recommends this
/// memory and number of passes where 2 GiB are too much; one lane, since the kiosk has few cores.
const STRETCH_KIB: u32 = 64 * 1024;
const STRETCH_PASSES: u32 = 3;
const STRETCH_LANES: u32 = 1;

const OPAQUE_LENGTH: std::ops::RangeInclusive<usize> = 8..=512;

/// HKDF info strings: one for each value, so that none tells anything of another.
const INFO_LOCATOR: &[u8] = b"postern/1/locator";
const INFO_RECORD: &[u8] = b"postern/1/record";
const INFO_REFERENCE: &[u8] = b"postern/1/reference";

/// Public random value of a roster: the same code gives other keys in another roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterSalt(pub [u8; 32]);

/// The secret of one badge, in canonical spelling. Wiped on drop; never printed.
pub struct BadgeSecret {
    canonical: Zeroizing<Vec<u8>>,
    format: CodeFormat,
}

impl BadgeSecret {
    /// Reads a code of the given format.
    pub fn parse(code: &BadgeCode, format: CodeFormat) -> Result<Self, MalformedCode> {
        let canonical = match format {
            CodeFormat::Crockford => crockford::parse(code.as_str())?,
            CodeFormat::Opaque => {
                let text = code.as_str().trim_ascii();
                if !text.bytes().all(|b| matches!(b, b' '..=b'~')) {
                    return Err(MalformedCode::Symbol);
                }
                if !OPAQUE_LENGTH.contains(&text.len()) {
                    return Err(MalformedCode::Length);
                }
                Zeroizing::new(text.as_bytes().to_vec())
            }
        };
        Ok(Self { canonical, format })
    }

    /// Draws a fresh secret and writes it as a Crockford code, `XXXX-XXXX-XXXX-XXXX-C`.
    ///
    /// Codes whose check symbol would be one of `*~$=` are drawn again: these keys move about
    /// between keyboard layouts, and scanners type. It costs 0.17 of the 80 bits.
    pub fn issue() -> Result<(BadgeCode, Self), SealError> {
        loop {
            let mut random = Zeroizing::new([0; 10]);
            getrandom::fill(random.as_mut()).map_err(|_| SealError::Random)?;
            let canonical = crockford::data_symbols(&random);
            if crockford::check_symbol(&canonical).is_ascii_alphanumeric() {
                let code = BadgeCode::new(crockford::display(&canonical));
                return Ok((code, Self { canonical, format: CodeFormat::Crockford }));
            }
        }
    }

    /// Upper bound of the secret's bits, from its length and the kinds of characters in it.
    pub fn bits(&self) -> u32 {
        let alphabet = match self.format {
            CodeFormat::Crockford => 32,
            CodeFormat::Opaque => opaque_alphabet(&self.canonical),
        };
        (self.canonical.len() as f64 * f64::from(alphabet).log2()).floor() as u32
    }

    /// True when the secret could be guessed offline, so that it must be stretched: fewer than
    /// [`WEAK_BELOW_BITS`].
    pub fn is_weak(&self) -> bool {
        self.bits() < WEAK_BELOW_BITS
    }

    /// Derives the locator and the two keys of this badge in the roster with this salt.
    ///
    /// HKDF-SHA256 (RFC 5869) with the salt and one info string each. A weak secret first goes
    /// through argon2id with the same salt, which takes about a tenth of a second.
    pub fn derive(&self, salt: &RosterSalt) -> Result<BadgeKeys, SealError> {
        let hkdf = if self.is_weak() {
            let stretched = self.stretch(salt)?;
            Hkdf::<Sha256>::new(Some(&salt.0), stretched.as_ref())
        } else {
            Hkdf::<Sha256>::new(Some(&salt.0), &self.canonical)
        };
        let mut locator = [0; 32];
        hkdf.expand(INFO_LOCATOR, &mut locator).map_err(|_| SealError::Derive)?;
        let key = |info| {
            let mut key = Zeroizing::new([0; 32]);
            hkdf.expand(info, key.as_mut()).map_err(|_| SealError::Derive)?;
            Ok(SealingKey::from_bytes(key))
        };
        Ok(BadgeKeys {
            locator: Locator(locator),
            record: key(INFO_RECORD)?,
            reference: key(INFO_REFERENCE)?,
        })
    }

    fn stretch(&self, salt: &RosterSalt) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let params = Params::new(STRETCH_KIB, STRETCH_PASSES, STRETCH_LANES, Some(32))
            .map_err(|_| SealError::Stretch)?;
        let mut stretched = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(&self.canonical, &salt.0, stretched.as_mut())
            .map_err(|_| SealError::Stretch)?;
        Ok(stretched)
    }
}

impl fmt::Debug for BadgeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BadgeSecret(..)")
    }
}

fn opaque_alphabet(secret: &[u8]) -> u32 {
    let size_if = |kind: fn(&u8) -> bool, size| if secret.iter().any(kind) { size } else { 0 };
    size_if(u8::is_ascii_digit, 10)
        + size_if(u8::is_ascii_lowercase, 26)
        + size_if(u8::is_ascii_uppercase, 26)
        + size_if(|b| !b.is_ascii_alphanumeric(), 33)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use data_encoding::HEXLOWER;
    use proptest::prelude::*;

    use super::*;

    const SALT: RosterSalt = RosterSalt([7; 32]);

    fn secret(text: &str, format: CodeFormat) -> BadgeSecret {
        BadgeSecret::parse(&BadgeCode::new(text.into()), format).unwrap()
    }

    // The fixed values were computed apart from this code: hmac and hashlib of Python, argon2-cffi.

    #[test]
    fn a_fixed_code_gives_fixed_keys() {
        let keys = secret("0123-4567-89AB-CDEF-K", CodeFormat::Crockford).derive(&SALT).unwrap();
        assert_eq!(
            HEXLOWER.encode(&keys.locator.0),
            "74402f2fda18294abad4c2693a55df077e93bba5e2e5cf0a8a000464636a80c2"
        );
        assert_eq!(
            HEXLOWER.encode(keys.record.as_bytes()),
            "b54ca689970dd796bb06c3a43ac28e992ece74127b5ea157309573ea74c5cece"
        );
        assert_eq!(
            HEXLOWER.encode(keys.reference.as_bytes()),
            "0eaf7811d6465f091704e731799b1e24434662b7b19b1a51dd77ea5ca47d753c"
        );
    }

    #[test]
    fn a_fixed_weak_secret_gives_a_fixed_stretched_locator() {
        let keys = secret("12345678", CodeFormat::Opaque).derive(&SALT).unwrap();
        assert_eq!(
            HEXLOWER.encode(&keys.locator.0),
            "d9e34c7e23dd1ec95a2e2a1a6f84b6de8be31b50cba3388246d28275039f9c99"
        );
    }

    #[test]
    fn l3_the_three_values_of_a_badge_are_independent_and_bound_to_the_roster() {
        let secret = secret("0123-4567-89AB-CDEF-K", CodeFormat::Crockford);
        let keys = secret.derive(&SALT).unwrap();
        let other = secret.derive(&RosterSalt([8; 32])).unwrap();
        let values = [
            keys.locator.0,
            *keys.record.as_bytes(),
            *keys.reference.as_bytes(),
            other.locator.0,
            *other.record.as_bytes(),
            *other.reference.as_bytes(),
        ];
        for (i, a) in values.iter().enumerate() {
            assert!(values[i + 1..].iter().all(|b| a != b), "value {i} comes twice");
        }
    }

    #[test]
    fn opaque_codes_keep_their_case_and_lose_only_the_white_space_around() {
        let derive = |text| secret(text, CodeFormat::Opaque).derive(&SALT).unwrap().locator.0;
        let plain = derive("z3fsn8jyufm5kpk768q69gkbyr5f4h6w");
        assert_eq!(plain, derive(" z3fsn8jyufm5kpk768q69gkbyr5f4h6w\r\n"));
        assert_ne!(plain, derive("Z3fsn8jyufm5kpk768q69gkbyr5f4h6w"));
    }

    #[test]
    fn bad_opaque_codes_are_told_apart() {
        for (text, problem) in [
            ("1234567".to_owned(), MalformedCode::Length),
            ("x".repeat(513), MalformedCode::Length),
            ("12345678\u{7}9".into(), MalformedCode::Symbol),
            ("1234567é".into(), MalformedCode::Symbol),
        ] {
            let code = BadgeCode::new(text);
            assert_eq!(BadgeSecret::parse(&code, CodeFormat::Opaque).err(), Some(problem));
        }
    }

    #[test]
    fn bits_are_bounded_by_length_and_alphabet() {
        for (text, format, bits, weak) in [
            ("0123-4567-89AB-CDEF-K", CodeFormat::Crockford, 80, false),
            ("12345678", CodeFormat::Opaque, 26, true),
            ("abcdefgh", CodeFormat::Opaque, 37, true),
            ("Ab1-Ab1-Ab1-", CodeFormat::Opaque, 78, true),
            ("z3fsn8jyufm5kpk768q69gkbyr5f4h6w", CodeFormat::Opaque, 165, false),
        ] {
            let secret = secret(text, format);
            assert_eq!((secret.bits(), secret.is_weak()), (bits, weak), "{text}");
        }
    }

    #[test]
    fn issued_codes_are_strong_differ_and_can_be_typed_on_any_keyboard() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..500 {
            let (code, issued) = BadgeSecret::issue().unwrap();
            let read = BadgeSecret::parse(&code, CodeFormat::Crockford).unwrap();
            assert_eq!(read.canonical, issued.canonical);
            assert!(!issued.is_weak());
            let text = code.as_str();
            assert_eq!(text.len(), 21);
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
            assert!(seen.insert(text.to_owned()));
        }
    }

    #[test]
    fn c19_debug_output_holds_nothing_of_the_secret() {
        let code = BadgeCode::new("0123-4567-89AB-CDEF-K".into());
        let secret = BadgeSecret::parse(&code, CodeFormat::Crockford).unwrap();
        let keys = secret.derive(&SALT).unwrap();
        assert_eq!(format!("{code:?} {secret:?}"), "BadgeCode(..) BadgeSecret(..)");
        assert_eq!(format!("{:?} {:?}", keys.locator, keys.record), "Locator(..) SealingKey(..)");
    }

    proptest! {
        #[test]
        fn different_codes_give_different_locators(a in "[!-~]{20,40}", b in "[!-~]{20,40}") {
            prop_assume!(a != b);
            let locator = |text: &str| secret(text, CodeFormat::Opaque).derive(&SALT).unwrap().locator;
            prop_assert!(locator(&a) != locator(&b));
        }
    }
}
