//! The roster of a platform: what it is called and how long it lasts stands in the policy pack.

use jiff::Timestamp;
use seal::RosterSalt;
use store::{NewRoster, Store};

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

/// Begins the roster that a platform fills, under the policy that was imported last. A roster that
/// came as a file stays, and takes the platform's changes; one of another event is replaced.
pub fn begin_roster(
    store: &mut Store,
    salt: RosterSalt,
    now: Timestamp,
) -> Result<Begun, BundleError> {
    // A file has an edition.
    if store.roster_terms()?.is_some_and(|terms| terms.sequence > 0 || terms.salt == salt) {
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
