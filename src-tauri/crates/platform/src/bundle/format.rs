//! Sections of a bundle, written and read once from front to back.

use std::io::{self, BufRead, Write};

use jiff::Timestamp;
use seal::CodeFormat;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha512_256};

use super::{BundleError, BundleKey, TrustedKey};

pub(crate) const MAGIC: &[u8; 8] = b"POSTERN\n";
pub(crate) const VERSION: u16 = 1;
const ATTENDEE: u8 = b'A';
const TRAILER: u8 = b'Z';

/// Longest sections in bytes.
const MAX_HEADER: u32 = 1 << 20;
const MAX_RECORD: u32 = 16 << 10;
pub(crate) const MAX_PHOTO: u32 = 2 << 20;

/// First section.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) roster: String,
    pub(crate) sequence: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    /// 64 hexadecimal digits.
    pub(crate) salt: String,
    pub(crate) code_format: CodeFormat,
    /// JSON of the policy pack.
    pub(crate) policy: String,
}

/// One attendee: every field that a kiosk receives (C17). Any other is dropped on arrival.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Attendee {
    /// 64 hexadecimal digits.
    pub(crate) locator: String,
    /// Base64.
    pub(crate) record: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) valid_from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) valid_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) blocked: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) under_14: bool,
    /// The attendee's number at the registration platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<i64>,
    /// Why there is no photo; present exactly when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference_problem: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Writes a bundle.
pub(crate) struct Writer<W> {
    out: W,
    hash: Sha512_256,
    bytes: u64,
    attendees: u32,
}

impl<W: Write> Writer<W> {
    pub(crate) fn begin(out: W, header: &Header) -> Result<Self, BundleError> {
        let mut writer = Self { out, hash: Sha512_256::new(), bytes: 0, attendees: 0 };
        writer.put(MAGIC)?;
        writer.put(&VERSION.to_le_bytes())?;
        writer.section("header", MAX_HEADER, &json("header", header)?)?;
        Ok(writer)
    }

    pub(crate) fn attendee(
        &mut self,
        attendee: &Attendee,
        photo: &[u8],
    ) -> Result<(), BundleError> {
        self.put(&[ATTENDEE])?;
        self.section("attendee", MAX_RECORD, &json("attendee", attendee)?)?;
        self.section("photo", MAX_PHOTO, photo)?;
        self.attendees += 1;
        Ok(())
    }

    /// Ends the bundle and returns its length in bytes.
    pub(crate) fn finish(mut self, key: &BundleKey) -> Result<u64, BundleError> {
        self.put(&[TRAILER])?;
        self.put(&self.attendees.to_le_bytes())?;
        let hash: [u8; 32] = self.hash.finalize_reset().into();
        self.put(&hash)?;
        self.put(&key.sign(&hash))?;
        self.out.flush().map_err(BundleError::Write)?;
        Ok(self.bytes)
    }

    fn section(
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

    fn put(&mut self, bytes: &[u8]) -> Result<(), BundleError> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes).map_err(BundleError::Write)
    }
}

/// Reads a bundle. What it yields is believed only when [`Reader::next`] has returned `None`:
/// then the whole file was seen and its signature verified.
pub(crate) struct Reader<'k, R> {
    input: R,
    trusted: &'k [TrustedKey],
    hash: Sha512_256,
    bytes: u64,
    attendees: u32,
    record: Vec<u8>,
    photo: Vec<u8>,
}

impl<'k, R: BufRead> Reader<'k, R> {
    pub(crate) fn begin(
        input: R,
        trusted: &'k [TrustedKey],
    ) -> Result<(Self, Header), BundleError> {
        let mut reader = Self {
            input,
            trusted,
            hash: Sha512_256::new(),
            bytes: 0,
            attendees: 0,
            record: Vec::new(),
            photo: Vec::new(),
        };
        let magic: [u8; 8] = reader.array().map_err(|e| match e {
            BundleError::Truncated => BundleError::NotABundle,
            other => other,
        })?;
        if &magic != MAGIC {
            return Err(BundleError::NotABundle);
        }
        let version = u16::from_le_bytes(reader.array()?);
        if version != VERSION {
            return Err(BundleError::UnknownVersion(version));
        }
        let mut header = Vec::new();
        reader.section("header", MAX_HEADER, &mut header)?;
        let header = from_json("header", &header)?;
        Ok((reader, header))
    }

    /// The next attendee with the sealed photo, or `None` at the verified end.
    pub(crate) fn next(&mut self) -> Result<Option<(Attendee, &[u8])>, BundleError> {
        let [tag] = self.array()?;
        match tag {
            ATTENDEE => {
                let mut record = std::mem::take(&mut self.record);
                let mut photo = std::mem::take(&mut self.photo);
                self.section("attendee", MAX_RECORD, &mut record)?;
                self.section("photo", MAX_PHOTO, &mut photo)?;
                (self.record, self.photo) = (record, photo);
                self.attendees += 1;
                let attendee = from_json("attendee", &self.record)?;
                Ok(Some((attendee, &self.photo)))
            }
            TRAILER => self.verify_end().map(|()| None),
            _ => Err(BundleError::Malformed { section: "sections" }),
        }
    }

    /// Bytes read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn verify_end(&mut self) -> Result<(), BundleError> {
        let attendees = u32::from_le_bytes(self.array()?);
        let hash: [u8; 32] = self.hash.finalize_reset().into();
        let stated: [u8; 32] = self.array()?;
        let signature: [u8; 64] = self.array()?;
        if stated != hash {
            return Err(BundleError::Damaged);
        }
        if !self.trusted.iter().any(|key| key.has_signed(&hash, &signature)) {
            return Err(BundleError::Untrusted);
        }
        if attendees != self.attendees {
            return Err(BundleError::Malformed { section: "trailer" });
        }
        match self.input.fill_buf() {
            Ok([]) => Ok(()),
            Ok(_) => Err(BundleError::TrailingBytes),
            Err(e) => Err(BundleError::Read(e)),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BundleError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn section(
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

fn json<T: Serialize>(section: &'static str, value: &T) -> Result<Vec<u8>, BundleError> {
    serde_json::to_vec(value).map_err(|_| BundleError::Malformed { section })
}

fn from_json<'a, T: Deserialize<'a>>(
    section: &'static str,
    bytes: &'a [u8],
) -> Result<T, BundleError> {
    // The parser's own words could quote what it read.
    serde_json::from_slice(bytes).map_err(|_| BundleError::Malformed { section })
}
