//! Sections of a bundle, written and read once from front to back.

use std::io::{BufRead, Write};

use jiff::Timestamp;
use seal::CodeFormat;
use serde::{Deserialize, Serialize};

use super::{BundleError, BundleKey, TrustedKey};
use crate::signed::{ROSTER, Sink, Source, from_json, json};

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
    /// None where the registration does not say: the visitor is asked (C40).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) under_14: Option<bool>,
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
    sink: Sink<W>,
    attendees: u32,
}

impl<W: Write> Writer<W> {
    pub(crate) fn begin(out: W, header: &Header) -> Result<Self, BundleError> {
        let mut sink = Sink::begin(out, &ROSTER)?;
        sink.section("header", MAX_HEADER, &json("header", header)?)?;
        Ok(Self { sink, attendees: 0 })
    }

    pub(crate) fn attendee(
        &mut self,
        attendee: &Attendee,
        photo: &[u8],
    ) -> Result<(), BundleError> {
        self.sink.put(&[ATTENDEE])?;
        self.sink.section("attendee", MAX_RECORD, &json("attendee", attendee)?)?;
        self.sink.section("photo", MAX_PHOTO, photo)?;
        self.attendees += 1;
        Ok(())
    }

    /// Ends the bundle and returns its length in bytes.
    pub(crate) fn finish(mut self, key: &BundleKey) -> Result<u64, BundleError> {
        self.sink.put(&[TRAILER])?;
        self.sink.put(&self.attendees.to_le_bytes())?;
        self.sink.sign(key)
    }
}

/// Reads a bundle. What it yields is believed only when [`Reader::next`] has returned `None`:
/// then the whole file was seen and its signature verified.
pub(crate) struct Reader<'k, R> {
    source: Source<'k, R>,
    attendees: u32,
    record: Vec<u8>,
    photo: Vec<u8>,
}

impl<'k, R: BufRead> Reader<'k, R> {
    pub(crate) fn begin(
        input: R,
        trusted: &'k [TrustedKey],
    ) -> Result<(Self, Header), BundleError> {
        let mut source = Source::begin(input, &ROSTER, trusted)?;
        let mut header = Vec::new();
        source.section("header", MAX_HEADER, &mut header)?;
        let header = from_json("header", &header)?;
        Ok((Self { source, attendees: 0, record: Vec::new(), photo: Vec::new() }, header))
    }

    /// The next attendee with the sealed photo, or `None` at the verified end.
    pub(crate) fn next(&mut self) -> Result<Option<(Attendee, &[u8])>, BundleError> {
        let [tag] = self.source.array()?;
        match tag {
            ATTENDEE => {
                self.source.section("attendee", MAX_RECORD, &mut self.record)?;
                self.source.section("photo", MAX_PHOTO, &mut self.photo)?;
                self.attendees += 1;
                let attendee = from_json("attendee", &self.record)?;
                Ok(Some((attendee, &self.photo)))
            }
            TRAILER => {
                let attendees = u32::from_le_bytes(self.source.array()?);
                self.source.verify_end()?;
                if attendees == self.attendees {
                    Ok(None)
                } else {
                    Err(BundleError::Malformed { section: "trailer" })
                }
            }
            _ => Err(BundleError::Malformed { section: "sections" }),
        }
    }

    /// Bytes read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.source.bytes()
    }
}
