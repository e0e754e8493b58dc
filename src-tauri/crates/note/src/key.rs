//! The kiosk's key, and the public half with which its notes are checked.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{SECRET_KEY_LENGTH, Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::KeyError;

/// Ed25519 in the list of algorithms of signed notes.
const ED25519: u8 = 0x01;
/// What the names of kiosks begin with.
const PREFIX: &str = "postern-";

/// First bytes of a hash, which tell keys of the same name apart.
pub(crate) type KeyHash = [u8; 4];

/// The key of one kiosk. Wiped on drop; neither cloned nor printed.
pub struct KioskKey {
    signing: SigningKey,
    verifier: VerifierKey,
}

impl KioskKey {
    /// The key of a seed. The kiosk's name is made of the public half, so that two kiosks never
    /// share one by mistake.
    pub fn from_seed(seed: &[u8; SECRET_KEY_LENGTH]) -> Self {
        let signing = SigningKey::from_bytes(seed);
        let public = signing.verifying_key();
        let name = format!("{PREFIX}{}", HEXLOWER.encode(&Sha256::digest(public.as_bytes())[..4]));
        let hash = hash(&name, &public);
        Self { signing, verifier: VerifierKey { name, hash, public } }
    }

    /// What others need to check a note.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn sign(&self, text: &str) -> [u8; Signature::BYTE_SIZE] {
        self.signing.sign(text.as_bytes()).to_bytes()
    }
}

/// The public half of a kiosk's key with the kiosk's name. As text: `name+hash+key`, as in
/// <https://c2sp.org/signed-note>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    hash: KeyHash,
    public: VerifyingKey,
}

impl VerifierKey {
    /// The kiosk's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn hash(&self) -> KeyHash {
        self.hash
    }

    pub(crate) fn has_signed(&self, text: &str, signature: &[u8; Signature::BYTE_SIZE]) -> bool {
        self.public.verify_strict(text.as_bytes(), &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, hash, public } = self;
        write!(f, "{name}+{}+{}", HEXLOWER.encode(hash), BASE64.encode(&typed(public)))
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // The base64 may have a + of its own.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(digits), Some(encoded)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyError::Malformed);
        };
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        if name.is_empty() || !name.chars().all(plain) {
            return Err(KeyError::Malformed);
        }
        let given: KeyHash = HEXLOWER
            .decode(digits.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(KeyError::Malformed)?;
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| KeyError::Malformed)?;
        let Some((&ED25519, key)) = bytes.split_first() else {
            return Err(KeyError::OtherAlgorithm);
        };
        let key = key.try_into().map_err(|_| KeyError::Malformed)?;
        let public = VerifyingKey::from_bytes(key).map_err(|_| KeyError::Unusable)?;
        if public.is_weak() {
            return Err(KeyError::Unusable);
        }
        let hash = hash(name, &public);
        if hash != given {
            return Err(KeyError::WrongHash);
        }
        Ok(Self { name: name.to_owned(), hash, public })
    }
}

/// The key with its algorithm before it.
fn typed(public: &VerifyingKey) -> [u8; 33] {
    let mut bytes = [ED25519; 33];
    bytes[1..].copy_from_slice(public.as_bytes());
    bytes
}

fn hash(name: &str, public: &VerifyingKey) -> KeyHash {
    let digest = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(typed(public));
    let digest: [u8; 32] = digest.finalize().into();
    [digest[0], digest[1], digest[2], digest[3]]
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn a_published_key_is_read_and_written_as_it_was() {
        let key: VerifierKey = KEY.parse().unwrap();
        assert_eq!(key.name(), "PeterNeumann");
        assert_eq!(key.hash(), [0xc7, 0x4f, 0x20, 0xa3]);
        assert_eq!(key.to_string(), KEY);
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_reason() {
        let ecdsa = KEY.replace("+ARpc", "+AhpC");
        // The neutral element: it would accept a signature of anything.
        let mut neutral = [0; 33];
        (neutral[0], neutral[1]) = (ED25519, 1);
        let neutral = format!("x+00000000+{}", BASE64.encode(&neutral));
        for (text, expected) in [
            ("", KeyError::Malformed),
            ("PeterNeumann", KeyError::Malformed),
            ("PeterNeumann+c74f20a3", KeyError::Malformed),
            (&*KEY.replace("c74f20a3", "c74f20a"), KeyError::Malformed),
            (&KEY.replace("c74f20a3", "C74F20A3"), KeyError::Malformed),
            (&KEY.replace("c74f20a3", "c74f20a4"), KeyError::WrongHash),
            (&KEY.replace("PeterNeumann", "PeterNeumnan"), KeyError::WrongHash),
            (&KEY.replace("PeterNeumann", ""), KeyError::Malformed),
            (&KEY.replace("PeterNeumann", "Peter Neumann"), KeyError::Malformed),
            (&KEY.replace("10TW", "10"), KeyError::Malformed),
            (&format!("{KEY}\n"), KeyError::Malformed),
            (&format!("{KEY}AAAA"), KeyError::Malformed),
            ("PeterNeumann+c74f20a3+", KeyError::OtherAlgorithm),
            (&ecdsa, KeyError::OtherAlgorithm),
            (&neutral, KeyError::Unusable),
        ] {
            assert_eq!(text.parse::<VerifierKey>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn kiosks_have_names_of_their_own() {
        let names = [1, 2].map(|n| KioskKey::from_seed(&[n; 32]).verifier().name().to_owned());
        assert_ne!(names[0], names[1]);
        for name in names {
            assert_eq!(name.len(), "postern-01234567".len(), "{name}");
        }
    }
}
