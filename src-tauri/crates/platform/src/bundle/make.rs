//! Making a bundle on the organiser's machine.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read};
use std::path::{Component, Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use seal::{BadgeCode, BadgeSecret, CodeFormat, Kind, Locator, RosterSalt, SEALED_OVERHEAD};
use zeroize::Zeroizing;

use super::format::{Attendee, Header, MAX_PHOTO, Writer};
use super::sheet::{Entry, Row, Sheet};
use super::{BundleError, BundleKey};
use crate::{AttendeeRecord, PolicyPack, photo};

/// Longest photo file that is read, in bytes.
const MAX_PHOTO_FILE: u64 = 20 << 20;

const WRITE_BUFFER: usize = 256 * 1024;

/// What to make a bundle of.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The list of attendees (CSV).
    pub sheet: &'a Path,
    /// Folder of the photos that the list names.
    pub photos: &'a Path,
    /// Folder of the policy pack.
    pub policy: &'a Path,
    /// The organiser's key.
    pub key: &'a BundleKey,
    /// The bundle to write. An earlier one of this name is replaced once the new one is whole.
    pub out: &'a Path,
    /// Edition of the roster, higher than the last one; without it, `now` in seconds.
    pub sequence: Option<u32>,
    /// The time.
    pub now: Timestamp,
}

/// What was made, and what was left out. Lines are those of the list; no names, no codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Id of the roster.
    pub roster: String,
    /// Its edition.
    pub sequence: u32,
    /// Attendees in the bundle.
    pub attendees: u32,
    /// Usable reference photos among them.
    pub references: u32,
    /// Badge codes that could be guessed and were stretched.
    pub weak_codes: u32,
    /// Columns of the list that were dropped.
    pub ignored_columns: Vec<String>,
    /// Rows that are not in the bundle.
    pub refused: Vec<Refused>,
    /// Attendees who are in the bundle without a photo and will be served by staff.
    pub flagged: Vec<Flagged>,
    /// Length of the bundle in bytes.
    pub bytes: u64,
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Line in the list.
    pub line: u64,
    /// `no_code`, `malformed_code`, `duplicate_code`, `no_name`, `bad_name`, `bad_time`,
    /// `bad_flag`, `bad_position` or `not_utf8`.
    pub reason: &'static str,
}

/// A photo that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flagged {
    /// Line in the list.
    pub line: u64,
    /// The file as the list names it; none when it names none.
    pub file: Option<String>,
    /// `missing`, `bad_file_name`, `not_a_picture`, `too_large`, or a code of the assessment.
    pub reason: &'static str,
}

/// Makes a bundle, one attendee at a time; for each it keeps 32 bytes, to notice duplicates.
///
/// Every photo is decoded, turned upright, made at most 640 pixels a side and written anew
/// without metadata; then `assess` says of the given file and of the new one whether it can
/// serve as a reference, or the code of why not. `progress` hears of rows done.
///
/// A weak code costs a tenth of a second, other codes nothing that counts.
pub fn make(
    order: &Order<'_>,
    assess: &dyn Fn(&[u8]) -> Result<(), &'static str>,
    progress: &mut dyn FnMut(u64),
) -> Result<Made, BundleError> {
    let policy = PolicyPack::from_folder(order.policy)?;
    let sheet = File::open(order.sheet).map_err(BundleError::ReadSheet)?;
    let mut sheet = Sheet::begin(BufReader::new(sheet))?;
    let terms = &policy.facts.roster;
    let salt = order.key.salt(&terms.id)?;
    let sequence = order.sequence.unwrap_or_else(|| order.now.as_second().max(0) as u32);
    let header = Header {
        roster: terms.id.clone(),
        sequence,
        created_at: order.now,
        ends_at: terms.ends_at,
        salt: HEXLOWER.encode(&salt.0),
        code_format: terms.code_format,
        policy: String::from_utf8_lossy(&policy.to_json()?).into_owned(),
    };
    let part = Part::beside(order.out)?;
    let out = BufWriter::with_capacity(WRITE_BUFFER, &part.file);
    let mut writer = Writer::begin(out, &header)?;
    let mut made = Made {
        roster: header.roster,
        sequence,
        ignored_columns: sheet.ignored().to_vec(),
        ..Made::default()
    };
    let mut sealing = Sealing {
        photos: order.photos,
        format: terms.code_format,
        salt,
        assess,
        seen: HashSet::new(),
    };
    let mut rows = 0;
    while let Some(Row { line, entry }) = sheet.next()? {
        match entry {
            Ok(entry) => sealing.write(line, &entry, &mut writer, &mut made)?,
            Err(reason) => made.refused.push(Refused { line, reason }),
        }
        rows += 1;
        progress(rows);
    }
    if made.attendees == 0 {
        return Err(BundleError::NoAttendees);
    }
    made.bytes = writer.finish(order.key)?;
    part.keep(order.out)?;
    Ok(made)
}

struct Sealing<'a> {
    photos: &'a Path,
    format: CodeFormat,
    salt: RosterSalt,
    assess: &'a dyn Fn(&[u8]) -> Result<(), &'static str>,
    seen: HashSet<Locator>,
}

impl Sealing<'_> {
    fn write<W: io::Write>(
        &mut self,
        line: u64,
        entry: &Entry,
        writer: &mut Writer<W>,
        made: &mut Made,
    ) -> Result<(), BundleError> {
        let code = BadgeCode::new(entry.code.clone());
        let Ok(secret) = BadgeSecret::parse(&code, self.format) else {
            made.refused.push(Refused { line, reason: "malformed_code" });
            return Ok(());
        };
        let keys = secret.derive(&self.salt)?;
        if !self.seen.insert(keys.locator) {
            made.refused.push(Refused { line, reason: "duplicate_code" });
            return Ok(());
        }
        let photo = self.photo(line, entry)?;
        let sealed_photo = match &photo {
            Ok(jpeg) => keys.reference.seal(jpeg, &keys.locator, Kind::Reference)?,
            Err(_) => Vec::new(),
        };
        let attendee = Attendee {
            locator: HEXLOWER.encode(&keys.locator.0),
            record: BASE64
                .encode(&AttendeeRecord { name: entry.name.clone(), eea: entry.eea }.seal(&keys)?),
            valid_from: entry.valid_from,
            valid_until: entry.valid_until,
            blocked: entry.blocked,
            under_14: entry.under_14,
            position: entry.position,
            reference_problem: photo.as_ref().err().map(|reason| (*reason).to_owned()),
        };
        writer.attendee(&attendee, &sealed_photo)?;
        made.attendees += 1;
        made.weak_codes += u32::from(secret.is_weak());
        match photo {
            Ok(_) => made.references += 1,
            Err(reason) => {
                made.flagged.push(Flagged { line, file: entry.photo.clone(), reason });
            }
        }
        Ok(())
    }

    /// The photo as it goes into the bundle, or the code of why there is none.
    fn photo(
        &self,
        line: u64,
        entry: &Entry,
    ) -> Result<Result<Zeroizing<Vec<u8>>, &'static str>, BundleError> {
        let Some(name) = &entry.photo else { return Ok(Err("missing")) };
        if !Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
            return Ok(Err("bad_file_name"));
        }
        let bytes = match read_photo(&self.photos.join(name)) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Err("too_large")),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Err("missing")),
            Err(source) => return Err(BundleError::ReadPhoto { line, source }),
        };
        let jpeg = match photo::rewrite(&bytes) {
            Ok(jpeg) if jpeg.len() + SEALED_OVERHEAD <= MAX_PHOTO as usize => jpeg,
            Ok(_) => return Ok(Err("too_large")),
            Err(problem) => return Ok(Err(problem.code())),
        };
        // The given file too: once rewritten, a cut-off picture looks whole.
        Ok((self.assess)(&bytes).and_then(|()| (self.assess)(&jpeg)).map(|()| jpeg))
    }
}

/// The file's bytes; none when it is longer than [`MAX_PHOTO_FILE`].
fn read_photo(path: &Path) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > MAX_PHOTO_FILE {
        return Ok(None);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(length as usize + 1));
    file.take(MAX_PHOTO_FILE).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// A file while it is being written, beside its place; deleted unless kept.
pub(crate) struct Part {
    file: File,
    path: PathBuf,
}

impl Part {
    pub(crate) fn beside(out: &Path) -> Result<Self, BundleError> {
        let mut path = OsString::from(out);
        path.push(".part");
        let path = PathBuf::from(path);
        let file = File::create(&path).map_err(BundleError::Write)?;
        Ok(Self { file, path })
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Puts the whole file in its place.
    pub(crate) fn keep(self, out: &Path) -> Result<(), BundleError> {
        self.file.sync_all().map_err(BundleError::Write)?;
        fs::rename(&self.path, out).map_err(BundleError::Write)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After `keep` there is nothing at this path any more.
        let _gone = fs::remove_file(&self.path);
    }
}
