//! The versions of a policy that a kiosk knows, and packs that are signed on their own.
//!
//! ```text
//! magic      8 bytes  "POSTERNP"
//! version    u16      1
//! pack       u32 length (at most 1 MiB), JSON as in a bundle's header
//! trailer    32 bytes SHA-512/256 of every byte before,
//!            64 bytes Ed25519 signature of "postern policy pack 1" and that hash
//! ```

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use store::{NewPolicy, Store};

use super::{PolicyError, PolicyPack, RosterTerms};
use crate::bundle::{BundleError, BundleKey, Part, TrustedKey};
use crate::signed::{POLICY, Sink, Source};

/// Longest pack in bytes.
const MAX_PACK: u32 = 1 << 20;

/// Zones are up to 14 hours ahead of UTC: a pack that was updated tomorrow may be today's.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Every version of one policy that a kiosk knows (C44), the newest first, which is in force.
#[derive(Debug)]
pub struct Policies(Vec<PolicyPack>);

/// What became of a pack that was given to a kiosk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedPolicy {
    /// Its version.
    pub offered: String,
    /// The version in force from now on.
    pub in_force: String,
    /// Whether the kiosk knew it before.
    pub known: Known,
}

/// Whether a version is new to a kiosk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The same pack had come before; nothing was changed.
    Before,
    /// It is readable from now on.
    Now,
}

/// Signs the pack in a folder on its own, as the file `out`.
pub fn sign(folder: &Path, key: &BundleKey, out: &Path) -> Result<PolicyPack, BundleError> {
    let pack = PolicyPack::from_folder(folder)?;
    let part = Part::beside(out)?;
    let mut sink = Sink::begin(BufWriter::new(part.file()), &POLICY)?;
    sink.section("policy pack", MAX_PACK, &pack.to_json()?)?;
    sink.sign(key)?;
    part.keep(out)?;
    Ok(pack)
}

/// Takes a signed pack into the kiosk's archive. It is in force if it is the newest. On any error
/// the store is as it was.
pub fn import(
    file: &Path,
    trusted: &[TrustedKey],
    store: &mut Store,
    now: Timestamp,
) -> Result<ImportedPolicy, BundleError> {
    let file = File::open(file).map_err(BundleError::Read)?;
    let mut source = Source::begin(BufReader::new(file), &POLICY, trusted)?;
    let mut json = Vec::new();
    source.section("policy pack", MAX_PACK, &mut json)?;
    source.verify_end()?;
    let pack = PolicyPack::from_json(&json)?;
    // Without a roster the pack waits for the one that the platform fills.
    if let Some(head) = store.roster()? {
        let loaded = PolicyPack::archived(&head.policy)?.facts.id;
        if loaded != pack.facts.id {
            return Err(BundleError::OtherPolicy { offered: pack.facts.id, loaded });
        }
    }
    let known = Policies::of(store, &pack.facts.id)?;
    let offered = pack.facts.version.to_string();
    let (known, newest) = admissible(&pack, &known, now)?;
    if newest && pack.facts.roster.ends_at <= now {
        return Err(BundleError::EventOver(pack.facts.roster.ends_at));
    }
    if known == Known::Now {
        let days = newest.then_some(pack.facts.retention_days);
        store.add_policy(&entry(&pack, &json), days, now)?;
    }
    let in_force = Policies::of(store, &pack.facts.id)?.0.swap_remove(0);
    Ok(ImportedPolicy { offered, in_force: in_force.facts.version.to_string(), known })
}

/// A pack as the store keeps it.
pub(crate) fn entry<'a>(pack: &'a PolicyPack, json: &'a [u8]) -> NewPolicy<'a> {
    NewPolicy { id: &pack.facts.id, rank: pack.facts.version.rank(), pack: json }
}

/// Whether a pack may join those that are known, and whether it is the newest of them then.
pub(crate) fn admissible(
    pack: &PolicyPack,
    known: &Policies,
    now: Timestamp,
) -> Result<(Known, bool), BundleError> {
    let (version, updated) = (&pack.facts.version, pack.facts.last_updated);
    let tomorrow = (now + DAY).to_zoned(TimeZone::UTC).date();
    if updated > tomorrow {
        let today = now.to_zoned(TimeZone::UTC).date();
        return Err(BundleError::FromTheFuture { updated, today });
    }
    let newest = known.0.iter().all(|other| other.facts.version.rank() <= version.rank());
    for other in &known.0 {
        let (newer, older) = match other.facts.version.rank().cmp(&version.rank()) {
            std::cmp::Ordering::Equal if says_the_same(other, pack) => {
                return Ok((Known::Before, newest));
            }
            std::cmp::Ordering::Equal => {
                return Err(BundleError::VersionTaken(version.to_string()));
            }
            std::cmp::Ordering::Less => (pack, other),
            std::cmp::Ordering::Greater => (other, pack),
        };
        if newer.facts.last_updated < older.facts.last_updated {
            return Err(BundleError::DatesCross {
                newer: newer.facts.version.to_string(),
                older: older.facts.version.to_string(),
            });
        }
    }
    Ok((Known::Now, newest))
}

/// True when two packs differ in nothing but the terms of their rosters.
fn says_the_same(one: &PolicyPack, other: &PolicyPack) -> bool {
    let without = |pack: &PolicyPack, roster: &RosterTerms| {
        let mut pack = pack.clone();
        pack.facts.roster = roster.clone();
        pack
    };
    without(one, &other.facts.roster) == *other
}

impl Policies {
    /// The versions of the policy `id` in the archive; none before the first import.
    pub(crate) fn of(store: &Store, id: &str) -> Result<Self, BundleError> {
        let archive = store.policies(id)?;
        let packs: Result<_, PolicyError> =
            archive.iter().map(|json| PolicyPack::archived(json)).collect();
        Ok(Self(packs?))
    }

    /// The versions of the policy that was given to this kiosk last.
    pub(crate) fn latest(store: &Store) -> Result<Self, BundleError> {
        let Some(id) = store.latest_policy()? else { return Ok(Self(Vec::new())) };
        Self::of(store, &id)
    }

    /// The versions of the policy that the loaded roster belongs to. `carried`: the pack that
    /// came with the roster, as the store keeps it.
    pub fn in_force(store: &Store, carried: &[u8]) -> Result<Self, BundleError> {
        let carried = PolicyPack::from_json(carried)?;
        let archive = store.policies(&carried.facts.id)?;
        let mut packs = archive.iter();
        let newest = packs.next().map_or(Ok(carried), |json| PolicyPack::from_json(json))?;
        // What a later program cannot read any more must not stop the kiosk.
        let older = packs.filter_map(|json| PolicyPack::archived(json).ok());
        Ok(Self(std::iter::once(newest).chain(older).collect()))
    }

    /// The newest version, by which the kiosk acts.
    pub fn newest(&self) -> Option<&PolicyPack> {
        self.0.first()
    }

    /// The newest version, and the others, the newer ones first.
    pub fn split(self) -> Option<(PolicyPack, Vec<PolicyPack>)> {
        let mut packs = self.0.into_iter();
        packs.next().map(|newest| (newest, packs.collect()))
    }

    /// All versions, the newest first.
    pub fn all(&self) -> &[PolicyPack] {
        &self.0
    }
}

#[cfg(test)]
mod tests;
