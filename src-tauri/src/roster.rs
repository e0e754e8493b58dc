//! The roster as the kiosk uses it: its head, the policy pack, and the answer to a code.

use admission::{Answers, CheckinList, Doubt, Refusal, SignedTicket, Verdict};
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
    /// What the entrance asks of a ticket, if the registration platform has told.
    pub(crate) list: Option<CheckinList>,
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
    /// Number of the question that comes first, if one does.
    pub(crate) asks: Option<i64>,
}

impl Roster {
    /// Reads the roster that the database holds; `None` before the first import.
    pub(crate) fn load(store: &Store) -> Result<Option<Self>, RosterError> {
        let Some(head) = store.roster()? else { return Ok(None) };
        let Some((policy, older)) = Policies::in_force(store, &head.policy)?.split() else {
            return Ok(None);
        };
        let keeping = Keeping::of(store, &policy)?;
        Ok(Some(Self { head, policy, older, keeping, list: store.checkin_list()? }))
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

    /// Looks up one code. `lane_open`: whether the kiosk offers the face lane at all. A stranger with
    /// a signed code is taken into the roster, so that what is done for them is recorded.
    pub(crate) fn look_up(
        &self,
        store: &mut Store,
        code: &BadgeCode,
        lane_open: bool,
        now: Timestamp,
    ) -> Result<Found, RosterError> {
        let Ok(secret) = BadgeSecret::parse(code, self.head.code_format) else {
            return Ok(Found::nobody(Lookup::Refused(CodeProblem::Malformed)));
        };
        let keys = secret.derive(&self.head.salt)?;
        if let Some(entry) = store.badge(&keys.locator)? {
            let lane = self.lane(&entry, lane_open);
            let (lookup, asks) = match self.judge(&entry, &Answers::default(), now) {
                Some(verdict) => looked_up(&verdict, &entry, lane, now),
                None => (of_file(&entry, lane, now), None),
            };
            return Ok(Found { lookup, badge: Some(HeldBadge { entry, keys }), asks });
        }
        let void = store.void_code(&keys.locator)?;
        let (lookup, signed) = self.stranger(code, void, now);
        if let (Lookup::Admissible(_), Some(signed)) = (lookup, signed) {
            store.enlist(&keys.locator, &signed)?;
            if let Some(entry) = store.badge(&keys.locator)? {
                return Ok(Found { lookup, badge: Some(HeldBadge { entry, keys }), asks: None });
            }
        }
        let lookup = match lookup {
            Lookup::Refused(_) => lookup,
            Lookup::Admissible(_) | Lookup::Asks(_) => Lookup::Refused(CodeProblem::Unknown),
        };
        Ok(Found::nobody(lookup))
    }

    /// What the platform would say of a badge; nothing of one that no platform has told of.
    pub(crate) fn judge(
        &self,
        entry: &BadgeEntry,
        answers: &Answers,
        now: Timestamp,
    ) -> Option<Verdict<'_>> {
        entry.judge(self.list.as_ref(), answers, now)
    }

    /// Which lane is offered to a badge that may be admitted.
    fn lane(&self, entry: &BadgeEntry, lane_open: bool) -> FaceLane {
        if entry.age == Age::Under14 && !self.guardian_agreed(entry) {
            FaceLane::Closed(ClosedReason::UnderAge)
        } else if !lane_open {
            FaceLane::Closed(ClosedReason::Kiosk)
        } else if !entry.has_reference() {
            FaceLane::Closed(ClosedReason::Reference)
        } else if entry.age == Age::Unknown {
            FaceLane::AskAge
        } else {
            FaceLane::Open
        }
    }

    /// A badge that the roster does not have. A code that the organiser has signed comes to a
    /// person.
    fn stranger(
        &self,
        code: &BadgeCode,
        void: Option<Refusal>,
        now: Timestamp,
    ) -> (Lookup, Option<SignedTicket>) {
        let Some(list) = &self.list else { return (Lookup::Refused(CodeProblem::Unknown), None) };
        let code = code.as_str().trim_ascii();
        let signed = SignedTicket::verify(code, &list.keys).ok();
        let lookup = match admission::judge_stranger(list, code, void, now) {
            Verdict::Refused(refusal) => {
                let from = signed.and_then(|signed| signed.valid_from);
                let early = from.is_some_and(|from| from > now);
                let problem = code_problem(refusal, early).unwrap_or(CodeProblem::Unknown);
                Lookup::Refused(problem)
            }
            Verdict::Pass | Verdict::Asks(_) | Verdict::Person(_) => NOT_IN_ROSTER,
        };
        (lookup, signed)
    }
}

/// A code that the organiser has signed, of a badge of which the platform has not told.
const NOT_IN_ROSTER: Lookup = Lookup::Admissible(FaceLane::Closed(ClosedReason::NotInRoster));

impl Found {
    /// Without a badge of the roster.
    fn nobody(lookup: Lookup) -> Self {
        Self { lookup, badge: None, asks: None }
    }
}

/// The visit's answer to the platform's rules.
fn looked_up(
    verdict: &Verdict<'_>,
    entry: &BadgeEntry,
    lane: FaceLane,
    now: Timestamp,
) -> (Lookup, Option<i64>) {
    let closed = |reason| Lookup::Admissible(FaceLane::Closed(reason));
    match verdict {
        Verdict::Pass | Verdict::Asks(_) | Verdict::Person(_) if entry.position.is_none() => {
            (NOT_IN_ROSTER, None)
        }
        Verdict::Pass => (Lookup::Admissible(lane), None),
        Verdict::Asks(question) => (Lookup::Asks(lane), Some(question.id)),
        Verdict::Person(doubt) => (
            closed(match doubt {
                Doubt::Rules => ClosedReason::Rules,
                Doubt::Unpaid => ClosedReason::Unpaid,
                Doubt::Question => ClosedReason::Question,
                Doubt::Ambiguous => ClosedReason::Ambiguous,
                Doubt::NotInRoster => ClosedReason::NotInRoster,
            }),
            None,
        ),
        Verdict::Refused(refusal) => match problem(*refusal, entry, now) {
            Some(problem) => (Lookup::Refused(problem), None),
            None => (closed(ClosedReason::Rules), None),
        },
    }
}

/// A refusal as a visitor is told of it; nothing for one that a person decides on.
pub(crate) fn problem(refusal: Refusal, entry: &BadgeEntry, now: Timestamp) -> Option<CodeProblem> {
    code_problem(refusal, entry.valid_from.is_some_and(|from| from > now))
}

/// The same; `early`: its validity has not begun.
pub(crate) fn code_problem(refusal: Refusal, early: bool) -> Option<CodeProblem> {
    Some(match refusal {
        Refusal::AlreadyRedeemed => CodeProblem::AlreadyUsed,
        Refusal::Unpaid => CodeProblem::Unpaid,
        Refusal::Blocked => CodeProblem::Blocked,
        Refusal::Revoked => CodeProblem::Revoked,
        Refusal::Unapproved => CodeProblem::Unapproved,
        Refusal::Product => CodeProblem::WrongProduct,
        Refusal::InvalidTime if early => CodeProblem::NotYetValid,
        Refusal::InvalidTime => CodeProblem::Expired,
        Refusal::Canceled | Refusal::Unknown => CodeProblem::Unknown,
        Refusal::Incomplete
        | Refusal::Rules
        | Refusal::Ambiguous
        | Refusal::NotAnnulled
        | Refusal::Other => return None,
    })
}

/// The rules of a roster that came as a file: no platform has told of a ticket.
fn of_file(entry: &BadgeEntry, lane: FaceLane, now: Timestamp) -> Lookup {
    if entry.state == BadgeState::Blocked {
        Lookup::Refused(CodeProblem::Blocked)
    } else if entry.admitted_at.is_some() {
        Lookup::Refused(CodeProblem::AlreadyUsed)
    } else if entry.valid_until.is_some_and(|until| now >= until) {
        Lookup::Refused(CodeProblem::Expired)
    } else if entry.valid_from.is_some_and(|from| now < from) {
        Lookup::Refused(CodeProblem::NotYetValid)
    } else {
        Lookup::Admissible(lane)
    }
}

fn lacks_filing(references: u32, filing: Option<&str>) -> bool {
    references >= FILING && filing.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_told_to_the_visitor_as_what_it_is_or_comes_to_a_person() {
        use CodeProblem as P;
        for (refusal, early, late) in [
            (Refusal::AlreadyRedeemed, Some(P::AlreadyUsed), Some(P::AlreadyUsed)),
            (Refusal::Unpaid, Some(P::Unpaid), Some(P::Unpaid)),
            (Refusal::Canceled, Some(P::Unknown), Some(P::Unknown)),
            (Refusal::Blocked, Some(P::Blocked), Some(P::Blocked)),
            (Refusal::Revoked, Some(P::Revoked), Some(P::Revoked)),
            (Refusal::Unapproved, Some(P::Unapproved), Some(P::Unapproved)),
            (Refusal::Product, Some(P::WrongProduct), Some(P::WrongProduct)),
            (Refusal::InvalidTime, Some(P::NotYetValid), Some(P::Expired)),
            (Refusal::Unknown, Some(P::Unknown), Some(P::Unknown)),
            (Refusal::Rules, None, None),
            (Refusal::Ambiguous, None, None),
        ] {
            assert_eq!(code_problem(refusal, true), early, "{refusal:?}");
            assert_eq!(code_problem(refusal, false), late, "{refusal:?}");
        }
    }

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
