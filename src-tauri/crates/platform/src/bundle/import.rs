//! Loading a bundle into the store.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use seal::{Locator, RosterSalt};
use store::{Age, BadgeState, NewAttendee, NewRoster, Reference, Store};

use super::format::{Attendee, Header, Reader};
use super::{BundleError, TrustedKey};
use crate::PolicyPack;
use crate::policy::{self, Policies};

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
    /// Attendees who were left out, because they were cancelled after the bundle was made (C35).
    pub buried: u32,
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
    let begun = read_policy(&header, store, now).and_then(|(policy, retention_days)| {
        let roster = roster(&header, &policy, retention_days)?;
        Ok(store.begin_roster_import(&roster, now)?)
    });
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
    let buried = import.buried();
    import.commit()?;
    progress(reader.bytes());
    let Header { roster, sequence, .. } = header;
    Ok(Imported { roster, sequence, attendees, references, buried })
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

/// The pack, which must be fit and agree with the versions that are known, and for how many days
/// records are kept under the newest of them all.
fn read_policy(
    header: &Header,
    store: &Store,
    now: Timestamp,
) -> Result<(PolicyPack, u16), BundleError> {
    let pack = PolicyPack::from_json(header.policy.as_bytes())?;
    let terms = &pack.facts.roster;
    if terms.id != header.roster
        || terms.ends_at != header.ends_at
        || terms.code_format != header.code_format
    {
        return Err(BundleError::Malformed { section: "header" });
    }
    if terms.ends_at <= now {
        return Err(BundleError::EventOver(terms.ends_at));
    }
    let known = Policies::of(store, &pack.facts.id)?;
    let (_, newest) = policy::admissible(&pack, &known, now)?;
    let in_force = known.newest().filter(|_| !newest).unwrap_or(&pack);
    let retention_days = in_force.facts.retention_days;
    Ok((pack, retention_days))
}

fn roster<'a>(
    header: &'a Header,
    pack: &'a PolicyPack,
    retention_days: u16,
) -> Result<NewRoster<'a>, BundleError> {
    Ok(NewRoster {
        id: &header.roster,
        sequence: header.sequence,
        salt: RosterSalt(hex(&header.salt, "header")?),
        code_format: header.code_format,
        policy: policy::entry(pack, header.policy.as_bytes()),
        made_at: header.created_at,
        ends_at: header.ends_at,
        retention_days,
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
        age: match attendee.under_14 {
            Some(true) => Age::Under14,
            Some(false) => Age::From14,
            None => Age::Unknown,
        },
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
