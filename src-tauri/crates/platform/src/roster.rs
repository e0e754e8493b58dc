//! The roster of a platform: what it is called and how long it lasts stands in the policy pack.

use jiff::Timestamp;
use seal::RosterSalt;
use store::{NewRoster, Store, StoreError};

use crate::bundle::BundleError;
use crate::policy::{self, Policies};

/// Whether a roster was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// There is a new one, and nobody in it yet.
    Now,
    /// There is one that the changes belong to.
    Before,
    /// No policy pack was imported that would say what roster it is.
    NoPolicy,
}

/// True while check-ins wait that belong to another event than the one with that salt: its platform
/// would not know their numbers, or take them for somebody else's.
pub fn waits_for_another(store: &Store, salt: &RosterSalt) -> Result<bool, StoreError> {
    let roster = store.roster()?;
    let another = roster.is_some_and(|head| head.from_platform && head.salt != *salt);
    Ok(another && store.outbox_counts()?.waiting > 0)
}

/// Begins the roster that a platform fills, under the policy that was imported last. A roster that
/// came as a file stays, and takes the platform's changes; one of another event is replaced.
pub fn begin_roster(
    store: &mut Store,
    salt: RosterSalt,
    now: Timestamp,
) -> Result<Begun, BundleError> {
    if store.roster()?.is_some_and(|head| !head.from_platform || head.salt == salt) {
        return Ok(Begun::Before);
    }
    let policies = Policies::latest(store)?;
    let Some(pack) = policies.newest() else { return Ok(Begun::NoPolicy) };
    let (terms, json) = (&pack.facts.roster, pack.to_json()?);
    if terms.ends_at <= now {
        return Err(BundleError::EventOver(terms.ends_at));
    }
    let roster = NewRoster {
        id: &terms.id,
        sequence: 0,
        salt,
        code_format: terms.code_format,
        policy: policy::entry(pack, &json),
        made_at: now,
        ends_at: terms.ends_at,
        retention_days: pack.facts.retention_days,
    };
    store.begin_roster(&roster, now)?;
    Ok(Begun::Now)
}
