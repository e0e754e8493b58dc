//! Keys that sign bundles and policy packs, and keys that a kiosk trusts.

use std::ffi::OsString;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use seal::{KeyFileError, RosterSalt, SealError};
use sha2::Sha256;

use super::BundleError;

/// The organiser's Ed25519 key. Wiped on drop; never printed.
pub struct BundleKey(SigningKey);

/// A public key whose bundles a kiosk loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey(VerifyingKey);

impl BundleKey {
    /// Draws a key and writes it to `file` (64 hexadecimal digits, for its owner only), and the
    /// public key to `file` with `.pub` added. Overwrites neither.
    pub fn create_files(file: &Path) -> Result<TrustedKey, BundleError> {
        let public_file = public_file(file);
        if public_file.try_exists().map_err(BundleError::KeyFile)? {
            return Err(BundleError::KeyExists);
        }
        let public = Self(SigningKey::from_bytes(&*seal::create_key_file(file)?)).trusted();
        write_new(&public_file, format!("{}\n", public.to_hex()).as_bytes())?;
        Ok(public)
    }

    /// Reads the file that [`create_files`](Self::create_files) wrote.
    pub fn from_file(file: &Path) -> Result<Self, BundleError> {
        Ok(Self(SigningKey::from_bytes(&*seal::read_key_file(file)?)))
    }

    /// The public key that kiosks need.
    pub fn trusted(&self) -> TrustedKey {
        TrustedKey(self.0.verifying_key())
    }

    /// Salt of a roster: the same for every edition, so that badges keep their pseudonyms and
    /// nobody is admitted twice, and unknown before the first edition is made.
    pub(crate) fn salt(&self, roster: &str) -> Result<RosterSalt, BundleError> {
        let mut salt = [0; 32];
        Hkdf::<Sha256>::new(Some(b"postern/1/roster-salt"), self.0.as_bytes())
            .expand(roster.as_bytes(), &mut salt)
            .map_err(|_| SealError::Derive)?;
        Ok(RosterSalt(salt))
    }

    /// Signs the hash of a file of the kind that `context` names.
    pub(crate) fn sign(&self, context: &[u8], hash: &[u8; 32]) -> [u8; 64] {
        self.0.sign(&[context, hash].concat()).to_bytes()
    }
}

impl fmt::Debug for BundleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BundleKey(..)")
    }
}

impl TrustedKey {
    /// Reads 64 hexadecimal digits, as in the kiosk's settings and the `.pub` file.
    pub fn from_hex(digits: &str) -> Result<Self, BundleError> {
        VerifyingKey::from_bytes(&from_hex(digits.trim().as_bytes())?)
            .map(Self)
            .map_err(|_| BundleError::MalformedKey)
    }

    /// The key as 64 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(self.0.as_bytes())
    }

    pub(crate) fn has_signed(&self, context: &[u8], hash: &[u8; 32], signature: &[u8; 64]) -> bool {
        let signed = [context, hash].concat();
        self.0.verify_strict(&signed, &Signature::from_bytes(signature)).is_ok()
    }
}

fn from_hex(digits: &[u8]) -> Result<[u8; 32], BundleError> {
    let mut bytes = [0; 32];
    if digits.len() != 64 || HEXLOWER_PERMISSIVE.decode_mut(digits, &mut bytes).is_err() {
        return Err(BundleError::MalformedKey);
    }
    Ok(bytes)
}

fn public_file(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".pub");
    name.into()
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), BundleError> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => BundleError::KeyExists,
            _ => BundleError::KeyFile(e),
        })?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(BundleError::KeyFile)
}

impl From<KeyFileError> for BundleError {
    fn from(error: KeyFileError) -> Self {
        match error {
            KeyFileError::Missing => Self::KeyFile(io::ErrorKind::NotFound.into()),
            KeyFileError::Exists => Self::KeyExists,
            KeyFileError::TooOpen => Self::KeyFileTooOpen,
            KeyFileError::Malformed => Self::MalformedKey,
            KeyFileError::Random => Self::Random,
            KeyFileError::Io(error) => Self::KeyFile(error),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::signed::{POLICY, ROSTER};

    #[test]
    fn keys_are_read_back_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("organiser.key");
        let public = BundleKey::create_files(&file).unwrap();
        assert_eq!(BundleKey::from_file(&file).unwrap().trusted(), public);
        let line = fs::read_to_string(folder.path().join("organiser.key.pub")).unwrap();
        assert_eq!(TrustedKey::from_hex(&line).unwrap(), public);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let before = fs::read(&file).unwrap();
        assert!(matches!(BundleKey::create_files(&file), Err(BundleError::KeyExists)));
        fs::remove_file(folder.path().join("organiser.key.pub")).unwrap();
        assert!(matches!(BundleKey::create_files(&file), Err(BundleError::KeyExists)));
        assert_eq!(fs::read(&file).unwrap(), before);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(BundleKey::from_file(&file), Err(BundleError::KeyFileTooOpen)));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for digits in ["", "00", &"g".repeat(64), &"0".repeat(66)] {
            assert!(matches!(TrustedKey::from_hex(digits), Err(BundleError::MalformedKey)));
        }
    }

    #[test]
    fn a_signature_holds_for_its_key_its_hash_and_its_kind_of_file_only() {
        let [one, two] = [1, 2].map(|n| BundleKey(SigningKey::from_bytes(&[n; 32])));
        let (bundle, pack) = (ROSTER.context, POLICY.context);
        let signature = one.sign(bundle, &[7; 32]);
        assert!(one.trusted().has_signed(bundle, &[7; 32], &signature));
        assert!(!two.trusted().has_signed(bundle, &[7; 32], &signature));
        assert!(!one.trusted().has_signed(bundle, &[8; 32], &signature));
        assert!(!one.trusted().has_signed(pack, &[7; 32], &signature));
        let bare = one.0.sign(&[7; 32]).to_bytes();
        assert!(!one.trusted().has_signed(bundle, &[7; 32], &bare));
    }

    #[test]
    fn the_salt_belongs_to_roster_and_key() {
        let [one, two] = [1, 2].map(|n| BundleKey(SigningKey::from_bytes(&[n; 32])));
        let salt = one.salt("expo").unwrap();
        assert_eq!(one.salt("expo").unwrap(), salt);
        assert_ne!(one.salt("expo-2").unwrap(), salt);
        assert_ne!(two.salt("expo").unwrap(), salt);
    }
}
