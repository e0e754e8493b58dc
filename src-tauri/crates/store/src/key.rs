//! The key of the database, and the file that holds it.

use std::fmt;
use std::path::Path;

use seal::KeyFileError;
use zeroize::Zeroizing;

use crate::StoreError;

/// A raw 256-bit key for `SQLCipher`. Wiped on drop; never printed.
pub struct DatabaseKey(Zeroizing<[u8; 32]>);

impl DatabaseKey {
    /// Reads the key file: 64 hexadecimal digits, readable by its owner only.
    pub fn from_file(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(seal::read_key_file(path)?))
    }

    /// Draws a key and writes its file, readable by its owner only. Never overwrites.
    pub fn create_file(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(seal::create_key_file(path)?))
    }

    /// The same key once more, for the store to open its database again.
    pub(crate) fn copy(&self) -> Self {
        Self(Zeroizing::new(*self.0))
    }

    /// The pragma that hands the key to `SQLCipher` as it is, without key stretching.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        let hex = self.hex();
        Zeroizing::new(["PRAGMA key = \"x'", &hex, "'\";"].concat())
    }

    fn hex(&self) -> Zeroizing<String> {
        // Growing would leave a copy behind.
        let mut hex = Zeroizing::new(String::with_capacity(64));
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                hex.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
            }
        }
        hex
    }
}

impl fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey(..)")
    }
}

impl From<KeyFileError> for StoreError {
    fn from(error: KeyFileError) -> Self {
        match error {
            KeyFileError::Missing => Self::KeyMissing,
            KeyFileError::Exists => Self::KeyExists,
            KeyFileError::TooOpen => Self::KeyFileTooOpen,
            KeyFileError::Malformed => Self::KeyFileMalformed,
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

    #[test]
    fn a_key_file_is_read_back_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("postern.key");
        let key = DatabaseKey::create_file(&path).unwrap();
        assert_eq!(*DatabaseKey::from_file(&path).unwrap().0, *key.0);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let before = fs::read(&path).unwrap();
        assert!(matches!(DatabaseKey::create_file(&path), Err(StoreError::KeyExists)));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn bad_key_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("postern.key");
        assert!(matches!(DatabaseKey::from_file(&path), Err(StoreError::KeyMissing)));
        DatabaseKey::create_file(&path).unwrap();
        for content in ["", "zz", &"a".repeat(63), &"a".repeat(200), &"g".repeat(64)] {
            fs::write(&path, content).unwrap();
            assert!(matches!(DatabaseKey::from_file(&path), Err(StoreError::KeyFileMalformed)));
        }
        fs::write(&path, "a".repeat(64)).unwrap();
        assert!(DatabaseKey::from_file(&path).is_ok());
    }

    #[test]
    fn c31_a_key_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("postern.key");
        DatabaseKey::create_file(&path).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o644] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = DatabaseKey::from_file(&path);
            assert!(matches!(refused, Err(StoreError::KeyFileTooOpen)), "{mode:o}");
        }
    }
}
