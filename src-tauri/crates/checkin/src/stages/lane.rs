//! The lane of an admissible badge: to the choice, or to a person.

use super::age::AgeQuestion;
use super::consent::Consent;
use super::staff::Staff;
use crate::event::{ClosedReason, FaceLane, StaffReason};
use crate::token::Clear;
use crate::visit::{Next, Session};

/// Goes on with a badge that may be admitted.
pub(crate) fn enter(session: Session, clear: Clear, lane: FaceLane) -> Next {
    let reason = match lane {
        FaceLane::Open => return Consent::enter(session, clear),
        FaceLane::AskAge => return AgeQuestion::enter(session, clear),
        FaceLane::Closed(ClosedReason::Kiosk) => StaffReason::FaceLaneClosed,
        FaceLane::Closed(ClosedReason::UnderAge) => StaffReason::UnderAge,
        FaceLane::Closed(ClosedReason::Reference) => StaffReason::Reference,
        FaceLane::Closed(ClosedReason::Earlier) => StaffReason::NonMatch,
        FaceLane::Closed(ClosedReason::Rules) => StaffReason::Rules,
        FaceLane::Closed(ClosedReason::Unpaid) => StaffReason::Unpaid,
        FaceLane::Closed(ClosedReason::Question) => StaffReason::Question,
        FaceLane::Closed(ClosedReason::Ambiguous) => StaffReason::Ambiguous,
        FaceLane::Closed(ClosedReason::NotInRoster) => StaffReason::NotInRoster,
    };
    Staff::enter(session, Some(clear), reason)
}
