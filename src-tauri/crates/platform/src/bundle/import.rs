//! Loading a bundle into the store.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use seal::{Locator, RosterSalt};
use store::{BadgeState, NewAttendee, NewRoster, Reference, Store};

use super::format::{Attendee, Header, Reader};
use super::{BundleError, TrustedKey};
use crate::PolicyPack;

const READ_BUFFER: usize = 256 * 1024;

/// What was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Id of the roster.
    pub roster: String,
    /// Its edition.
    pub sequence: u32,
    /// Attendees.
    pub attendees: u32,
    /// Sealed reference photos among them.
    pub references: u32,
}

/// Loads the bundle in `file`, in one pass and one transaction: attendees go into the store
/// while the file is hashed, and the transaction is committed only after the end of the file
/// was seen and a trusted key's signature verified. On any error the store is as it was.
///
/// `progress` hears of bytes done and bytes in all, after each attendee.
pub fn import(
    file: &Path,
    trusted: &[TrustedKey],
    store: &mut Store,
    now: Timestamp,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Imported, BundleError> {
    let file = File::open(file).map_err(BundleError::Read)?;
    let total = file.metadata().map_err(BundleError::Read)?.len();
    let input = BufReader::with_capacity(READ_BUFFER, file);
    import_from(input, trusted, store, now, &mut |done| progress(done, total))
}

pub(super) fn import_from(
    input: impl BufRead,
    trusted: &[TrustedKey],
    store: &mut Store,
    now: Timestamp,
    progress: &mut dyn FnMut(u64),
) -> Result<Imported, BundleError> {
    let (mut reader, header) = Reader::begin(input, trusted)?;
    let begun = roster(&header)
        .and_then(|roster| store.begin_roster_import(&roster, now).map_err(BundleError::from));
    let mut import = match begun {
        Ok(import) => import,
        Err(refusal) => return Err(if_trusted(reader, refusal)),
    };
    let (mut attendees, mut references) = (0, 0);
    loop {
        let Some((attendee, photo)) = reader.next()? else { break };
        let sealed_record = BASE64
            .decode(attendee.record.as_bytes())
            .map_err(|_| BundleError::Malformed { section: "attendee" })?;
        let attendee = row(&attendee, photo, &sealed_record)?;
        import.attendee(&attendee)?;
        attendees += 1;
        references += u32::from(matches!(attendee.reference, Reference::Sealed(_)));
        progress(reader.bytes());
    }
    import.commit()?;
    progress(reader.bytes());
    Ok(Imported { roster: header.roster, sequence: header.sequence, attendees, references })
}

/// A refusal for what the header says counts only if the header is to be believed: reads on to
/// the signature, and returns what is wrong with the file, if anything is.
fn if_trusted<R: BufRead>(mut reader: Reader<'_, R>, refusal: BundleError) -> BundleError {
    loop {
        match reader.next() {
            Ok(Some(_)) => (),
            Ok(None) => return refusal,
            Err(fault) => return fault,
        }
    }
}

/// The pack must be fit, and the header must say of the roster what the pack says.
fn roster(header: &Header) -> Result<NewRoster<'_>, BundleError> {
    let policy = PolicyPack::from_json(header.policy.as_bytes())?;
    let terms = &policy.facts.roster;
    if terms.id != header.roster
        || terms.ends_at != header.ends_at
        || terms.code_format != header.code_format
    {
        return Err(BundleError::Malformed { section: "header" });
    }
    Ok(NewRoster {
        id: &header.roster,
        sequence: header.sequence,
        salt: RosterSalt(hex(&header.salt, "header")?),
        code_format: header.code_format,
        policy: header.policy.as_bytes(),
        ends_at: header.ends_at,
        retention_days: policy.facts.retention_days,
    })
}

fn row<'a>(
    attendee: &'a Attendee,
    photo: &'a [u8],
    sealed_record: &'a [u8],
) -> Result<NewAttendee<'a>, BundleError> {
    let reference = match (&attendee.reference_problem, photo) {
        (None, [_, ..]) => Reference::Sealed(photo),
        (Some(code), []) if is_code(code) => Reference::Absent(code),
        _ => return Err(BundleError::Malformed { section: "attendee" }),
    };
    Ok(NewAttendee {
        locator: Locator(hex(&attendee.locator, "attendee")?),
        state: if attendee.blocked { BadgeState::Blocked } else { BadgeState::Valid },
        valid_from: attendee.valid_from,
        valid_until: attendee.valid_until,
        under_14: attendee.under_14,
        position: attendee.position,
        sealed_record,
        reference,
    })
}

/// Reasons are short codes, never free text.
fn is_code(code: &str) -> bool {
    (1..=32).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn hex(digits: &str, section: &'static str) -> Result<[u8; 32], BundleError> {
    let mut bytes = [0; 32];
    if digits.len() == 64 && HEXLOWER.decode_mut(digits.as_bytes(), &mut bytes).is_ok() {
        Ok(bytes)
    } else {
        Err(BundleError::Malformed { section })
    }
}
