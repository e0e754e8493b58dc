//! Signed files: sections with their lengths, then a hash over all of it and the organiser's
//! signature. Written and read once from front to back.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha512_256};

use crate::bundle::{BundleError, BundleKey, TrustedKey};

/// What a file is. None can be taken for another: beginning and signature differ.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The first eight bytes.
    pub(crate) magic: &'static [u8; 8],
    /// Version of the format.
    pub(crate) version: u16,
    /// Separates its signatures from any other use of the key.
    pub(crate) context: &'static [u8],
    /// What it is called.
    name: &'static str,
    /// The command that loads it.
    load: &'static str,
}

/// A roster bundle.
pub(crate) const ROSTER: Kind = Kind {
    magic: b"POSTERN\n",
    version: 1,
    context: b"postern roster bundle 1",
    name: "a roster bundle",
    load: "postern import",
};

/// A policy pack on its own.
pub(crate) const POLICY: Kind = Kind {
    magic: b"POSTERNP",
    version: 1,
    context: b"postern policy pack 1",
    name: "a signed policy pack",
    load: "postern policy import",
};

/// A list of tombstones.
pub(crate) const TOMBSTONES: Kind = Kind {
    magic: b"POSTERNT",
    version: 1,
    context: b"postern tombstones 1",
    name: "a signed list of tombstones",
    load: "postern tombstones import",
};

/// Writes a signed file.
pub(crate) struct Sink<W> {
    out: W,
    kind: &'static Kind,
    hash: Sha512_256,
    bytes: u64,
}

impl<W: Write> Sink<W> {
    pub(crate) fn begin(out: W, kind: &'static Kind) -> Result<Self, BundleError> {
        let mut sink = Self { out, kind, hash: Sha512_256::new(), bytes: 0 };
        sink.put(kind.magic)?;
        sink.put(&kind.version.to_le_bytes())?;
        Ok(sink)
    }

    pub(crate) fn section(
        &mut self,
        section: &'static str,
        max: u32,
        bytes: &[u8],
    ) -> Result<(), BundleError> {
        let length = u32::try_from(bytes.len()).ok().filter(|l| *l <= max);
        let length = length.ok_or(BundleError::TooLong { section })?;
        self.put(&length.to_le_bytes())?;
        self.put(bytes)
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), BundleError> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes).map_err(BundleError::Write)
    }

    /// Ends the file and returns its length in bytes.
    pub(crate) fn sign(mut self, key: &BundleKey) -> Result<u64, BundleError> {
        let hash: [u8; 32] = self.hash.finalize_reset().into();
        self.put(&hash)?;
        self.put(&key.sign(self.kind.context, &hash))?;
        self.out.flush().map_err(BundleError::Write)?;
        Ok(self.bytes)
    }
}

/// Reads a signed file. What it yields is believed only after [`verify_end`](Self::verify_end).
pub(crate) struct Source<'k, R> {
    input: R,
    kind: &'static Kind,
    trusted: &'k [TrustedKey],
    hash: Sha512_256,
    bytes: u64,
}

impl<'k, R: BufRead> Source<'k, R> {
    pub(crate) fn begin(
        input: R,
        kind: &'static Kind,
        trusted: &'k [TrustedKey],
    ) -> Result<Self, BundleError> {
        let mut source = Self { input, kind, trusted, hash: Sha512_256::new(), bytes: 0 };
        let other = |found: &[u8; 8]| {
            let known = [ROSTER, POLICY, TOMBSTONES].into_iter().find(|k| k.magic == found);
            known.map_or(BundleError::IsNot { wanted: kind.name }, |Kind { name, load, .. }| {
                BundleError::IsAnother { name, load }
            })
        };
        let magic: [u8; 8] = source.array().map_err(|e| match e {
            BundleError::Truncated => other(&[0; 8]),
            error => error,
        })?;
        if &magic != kind.magic {
            return Err(other(&magic));
        }
        let version = u16::from_le_bytes(source.array()?);
        if version != kind.version {
            return Err(BundleError::UnknownVersion(version));
        }
        Ok(source)
    }

    /// Bytes read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn section(
        &mut self,
        section: &'static str,
        max: u32,
        into: &mut Vec<u8>,
    ) -> Result<(), BundleError> {
        let length = u32::from_le_bytes(self.array()?);
        if length > max {
            return Err(BundleError::TooLong { section });
        }
        into.resize(length as usize, 0);
        self.fill(into)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], BundleError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// The hash fits, a trusted key has signed it, and nothing follows.
    pub(crate) fn verify_end(&mut self) -> Result<(), BundleError> {
        let hash: [u8; 32] = self.hash.finalize_reset().into();
        let stated: [u8; 32] = self.array()?;
        let signature: [u8; 64] = self.array()?;
        if stated != hash {
            return Err(BundleError::Damaged);
        }
        let context = self.kind.context;
        if !self.trusted.iter().any(|key| key.has_signed(context, &hash, &signature)) {
            return Err(BundleError::Untrusted);
        }
        match self.input.fill_buf() {
            Ok([]) => Ok(()),
            Ok(_) => Err(BundleError::TrailingBytes),
            Err(e) => Err(BundleError::Read(e)),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), BundleError> {
        self.input.read_exact(bytes).map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof => BundleError::Truncated,
            _ => BundleError::Read(e),
        })?;
        self.hash.update(&*bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

pub(crate) fn json<T: Serialize>(section: &'static str, value: &T) -> Result<Vec<u8>, BundleError> {
    serde_json::to_vec(value).map_err(|_| BundleError::Malformed { section })
}

pub(crate) fn from_json<'a, T: Deserialize<'a>>(
    section: &'static str,
    bytes: &'a [u8],
) -> Result<T, BundleError> {
    // The parser's own words could quote what it read.
    serde_json::from_slice(bytes).map_err(|_| BundleError::Malformed { section })
}
