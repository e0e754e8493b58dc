//! The key of the database, and the file that holds it.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use crate::StoreError;

/// A raw 256-bit key for `SQLCipher`. Wiped on drop; never printed.
pub struct DatabaseKey(Zeroizing<[u8; 32]>);

impl DatabaseKey {
    /// Reads the key file: 64 hexadecimal digits, readable by its owner only.
    pub fn from_file(path: &Path) -> Result<Self, StoreError> {
        let mut file = File::open(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => StoreError::KeyMissing,
            _ => StoreError::KeyFile(e),
        })?;
        refuse_if_others_can_read(&file)?;
        let mut text = Zeroizing::new([0; 128]);
        let mut length = 0;
        while length < text.len() {
            match file.read(&mut text[length..]).map_err(StoreError::KeyFile)? {
                0 => break,
                read => length += read,
            }
        }
        let digits = text[..length].trim_ascii();
        let mut key = Zeroizing::new([0; 32]);
        if digits.len() != 64 || HEXLOWER_PERMISSIVE.decode_mut(digits, key.as_mut()).is_err() {
            return Err(StoreError::KeyFileMalformed);
        }
        Ok(Self(key))
    }

    /// Draws a key and writes its file, readable by its owner only. Never overwrites.
    pub fn create_file(path: &Path) -> Result<Self, StoreError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(|_| StoreError::Random)?;
        let key = Self(key);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        owner_only(&mut options);
        let mut file = options.open(path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => StoreError::KeyExists,
            _ => StoreError::KeyFile(e),
        })?;
        let mut line = key.hex();
        line.push('\n');
        file.write_all(line.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(StoreError::KeyFile)?;
        Ok(key)
    }

    /// The pragma that hands the key to `SQLCipher` as it is, without key stretching.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        let hex = self.hex();
        Zeroizing::new(["PRAGMA key = \"x'", &hex, "'\";"].concat())
    }

    fn hex(&self) -> Zeroizing<String> {
        // Room for the line end as well: growing would leave a copy behind.
        let mut hex = Zeroizing::new(String::with_capacity(65));
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

/// New files of the store are for their owner only.
pub(crate) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

fn refuse_if_others_can_read(file: &File) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        let mode =
            std::os::unix::fs::MetadataExt::mode(&file.metadata().map_err(StoreError::KeyFile)?);
        if mode & 0o077 != 0 {
            return Err(StoreError::KeyFileTooOpen);
        }
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
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
