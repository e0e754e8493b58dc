//! The roster as the kiosk uses it: its head, the policy pack, and the answer to a code.

use checkin::{ClosedReason, CodeProblem, FaceLane, Lookup};
use jiff::Timestamp;
use platform::bundle::BundleError;
use platform::{Policies, PolicyPack};
use seal::{BadgeCode, BadgeSecret};
use store::{Age, BadgeEntry, BadgeState, RosterHead, Store, StoreError};
use thiserror::Error;

use crate::held::HeldBadge;
use crate::retention::Keeping;

/// Whoever stores the faces of so many people files with the authority within 30 working days
/// (Measures on the Application of Facial Recognition Technology, article 15).
const FILING: u32 = 100_000;

/// The loaded roster.
#[derive(Debug)]
pub(crate) struct Roster {
    /// Id, salt, code format and counts.
    pub(crate) head: RosterHead,
    /// The version of the operator's policy that is in force.
    pub(crate) policy: PolicyPack,
    /// The other versions that this kiosk knows, the newer ones first (C44).
    pub(crate) older: Vec<PolicyPack>,
    /// Whether evidence is kept under it.
    pub(crate) keeping: Keeping,
}

/// Why a roster cannot be used.
#[derive(Debug, Error)]
pub(crate) enum RosterError {
    /// The database.
    #[error("the roster cannot be read: {0}")]
    Store(#[from] StoreError),
    /// The policy pack in the database.
    #[error("the policy pack in the database cannot be read: {0}")]
    Policy(#[from] BundleError),
    /// The code's keys.
    #[error("the badge's keys cannot be derived: {0}")]
    Keys(#[from] seal::SealError),
}

/// The answer to one code.
pub(crate) struct Found {
    /// What the visit is told.
    pub(crate) lookup: Lookup,
    /// The badge, if the roster has it.
    pub(crate) badge: Option<HeldBadge>,
}

impl Roster {
    /// Reads the roster that the database holds; `None` before the first import.
    pub(crate) fn load(store: &Store) -> Result<Option<Self>, RosterError> {
        let Some(head) = store.roster()? else { return Ok(None) };
        let Some((policy, older)) = Policies::in_force(store, &head.policy)?.split() else {
            return Ok(None);
        };
        let keeping = Keeping::of(store, &policy)?;
        Ok(Some(Self { head, policy, older, keeping }))
    }

    /// True when the policy pack has a notice on facial recognition (M47).
    pub(crate) fn has_face_notice(&self) -> bool {
        self.policy.zh.face_notice.is_some()
    }

    /// True when so many faces are stored that Chinese law wants a filing, and none is named (L1).
    pub(crate) fn lacks_filing(&self) -> bool {
        lacks_filing(self.head.references, self.policy.facts.filing.as_deref())
    }

    /// True when a guardian agreed to the notice that is in force now (C40, C43).
    fn guardian_agreed(&self, entry: &BadgeEntry) -> bool {
        let notice = self.policy.notice_sha256(self.keeping.retained());
        entry.guardian_notice.is_some() && entry.guardian_notice == notice
    }

    /// Looks up one code. `lane_open`: whether the kiosk offers the face lane at all.
    pub(crate) fn look_up(
        &self,
        store: &Store,
        code: &BadgeCode,
        lane_open: bool,
        now: Timestamp,
    ) -> Result<Found, RosterError> {
        let refused = |problem| Found { lookup: Lookup::Refused(problem), badge: None };
        let Ok(secret) = BadgeSecret::parse(code, self.head.code_format) else {
            return Ok(refused(CodeProblem::Malformed));
        };
        let keys = secret.derive(&self.head.salt)?;
        let Some(entry) = store.badge(&keys.locator)? else {
            return Ok(refused(CodeProblem::Unknown));
        };
        let lookup = if entry.state == BadgeState::Blocked {
            Lookup::Refused(CodeProblem::Blocked)
        } else if entry.admitted_at.is_some() {
            Lookup::Refused(CodeProblem::AlreadyUsed)
        } else if entry.valid_until.is_some_and(|until| now >= until) {
            Lookup::Refused(CodeProblem::Expired)
        } else if entry.valid_from.is_some_and(|from| now < from) {
            Lookup::Refused(CodeProblem::NotYetValid)
        } else if entry.age == Age::Under14 && !self.guardian_agreed(&entry) {
            Lookup::Admissible(FaceLane::Closed(ClosedReason::UnderAge))
        } else if !lane_open {
            Lookup::Admissible(FaceLane::Closed(ClosedReason::Kiosk))
        } else if entry.sealed_reference.is_none() {
            Lookup::Admissible(FaceLane::Closed(ClosedReason::Reference))
        } else if entry.age == Age::Unknown {
            Lookup::Admissible(FaceLane::AskAge)
        } else {
            Lookup::Admissible(FaceLane::Open)
        };
        Ok(Found { lookup, badge: Some(HeldBadge { entry, keys }) })
    }
}

fn lacks_filing(references: u32, filing: Option<&str>) -> bool {
    references >= FILING && filing.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l1_from_100_000_stored_faces_on_the_lane_needs_the_reference_of_a_filing() {
        for (references, filing, lacks) in [
            (0, None, false),
            (99_999, None, false),
            (100_000, None, true),
            (400_000, None, true),
            (400_000, Some("CAC 2026-17"), false),
        ] {
            assert_eq!(lacks_filing(references, filing), lacks, "{references} {filing:?}");
        }
    }
}
