//! Files that hold one secret 256-bit key: 64 hexadecimal digits and a line end, for their owner
//! only.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

/// Why a key file was not read or made.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is none.
    #[error("there is no key file")]
    Missing,
    /// There is one already; nothing was overwritten.
    #[error("there is a key file already; nothing was overwritten")]
    Exists,
    /// Other users can read it.
    #[error("the key file can be read by other users; run chmod 600 on it")]
    TooOpen,
    /// It does not hold 64 hexadecimal digits.
    #[error("a key file holds 64 hexadecimal digits")]
    Malformed,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
    /// The file could not be read or written.
    #[error("the key file could not be read or written")]
    Io(#[source] io::Error),
}

/// Reads a key file.
pub fn read_key_file(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let mut file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing,
        _ => KeyFileError::Io(error),
    })?;
    refuse_if_others_can_read(&file)?;
    let mut text = Zeroizing::new([0; 128]);
    let mut length = 0;
    while length < text.len() {
        match file.read(&mut text[length..]).map_err(KeyFileError::Io)? {
            0 => break,
            read => length += read,
        }
    }
    let digits = text[..length].trim_ascii();
    let mut key = Zeroizing::new([0; 32]);
    if digits.len() != 64 || HEXLOWER_PERMISSIVE.decode_mut(digits, key.as_mut()).is_err() {
        return Err(KeyFileError::Malformed);
    }
    Ok(key)
}

/// Draws a key and writes its file. Never overwrites.
pub fn create_key_file(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(key.as_mut()).map_err(|_| KeyFileError::Random)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    owner_only(&mut options);
    let mut file = options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists,
        _ => KeyFileError::Io(error),
    })?;
    let mut line = Zeroizing::new([b'\n'; 65]);
    HEXLOWER.encode_mut(key.as_ref(), &mut line[..64]);
    file.write_all(line.as_ref()).and_then(|()| file.sync_all()).map_err(KeyFileError::Io)?;
    Ok(key)
}

/// A new file is for its owner only.
pub fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

fn refuse_if_others_can_read(file: &File) -> Result<(), KeyFileError> {
    #[cfg(unix)]
    {
        let metadata = file.metadata().map_err(KeyFileError::Io)?;
        if std::os::unix::fs::MetadataExt::mode(&metadata) & 0o077 != 0 {
            return Err(KeyFileError::TooOpen);
        }
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}
