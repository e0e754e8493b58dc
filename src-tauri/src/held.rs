//! What the app holds of one visit, and forgets with it: the code, the badge's keys, a PIN.
//!
//! Nothing here is cloned, printed or sent; every secret is zeroed when it is dropped.

use admission::Scanned;
use jiff::Timestamp;
use seal::{BadgeCode, BadgeKeys};
use store::{Age, BadgeEntry, FiledRequest, Holding, Pin, StaffMember};
use zeroize::Zeroizing;

use crate::course::Course;
use crate::policy::Page;
use crate::questions::Asking;

/// The secrets of the present visit.
#[derive(Default)]
pub(crate) struct Held {
    /// A code that waits to be looked up.
    pub(crate) code: Option<BadgeCode>,
    /// Number and PIN that wait to be checked.
    pub(crate) sign_in: Option<(u32, Pin)>,
    /// Until when the sign-in is locked.
    pub(crate) locked_until: Option<std::time::Instant>,
    /// Who signed in last. What they may do counts while they look at the visit.
    pub(crate) member: Option<StaffMember>,
    /// The badge, once it was found.
    pub(crate) badge: Option<HeldBadge>,
    /// The organiser's questions to it, and what was answered.
    pub(crate) asking: Asking,
    /// The badge's record says that the visitor lives in the European Economic Area.
    pub(crate) eea: bool,
    /// The page of the policy that is open.
    pub(crate) page: Page,
    /// When the end of the worker that had face data was reported.
    pub(crate) discarded: Option<Timestamp>,
    /// A picture was sealed because a law wants it kept.
    pub(crate) sealed: bool,
    /// What is held of the badge, once the visitor has asked to see it.
    pub(crate) holding: Option<Holding>,
    /// The request that was filed last.
    pub(crate) filed: Option<FiledRequest>,
    /// What of the visit is counted.
    pub(crate) course: Course,
    /// The receipt that was asked for last, as rows of a QR code.
    pub(crate) receipt: Option<Vec<String>>,
}

/// A badge that was found in the roster, with the keys that its code gave.
pub(crate) struct HeldBadge {
    /// The roster's entry.
    pub(crate) entry: BadgeEntry,
    /// Locator and keys.
    pub(crate) keys: BadgeKeys,
}

impl HeldBadge {
    /// The registered name, opened now. `None` when the record does not open or read.
    pub(crate) fn name(&self) -> Option<Zeroizing<String>> {
        let sealed = self.entry.sealed_record.as_ref()?;
        let record = platform::AttendeeRecord::open(sealed, &self.keys).ok()?;
        Some(Zeroizing::new(record.name.clone()))
    }

    /// True when the record says that the visitor lives in the European Economic Area (M57).
    pub(crate) fn eea(&self) -> bool {
        let record = self.entry.sealed_record.as_ref();
        record
            .and_then(|sealed| platform::AttendeeRecord::open(sealed, &self.keys).ok())
            .is_some_and(|record| record.eea)
    }

    /// When it was used, here or at another entrance.
    pub(crate) fn used_at(&self) -> Option<Timestamp> {
        let scanned = self.entry.ticket.as_ref().and_then(|ticket| ticket.scanned);
        self.entry.admitted_at.or(match scanned {
            Some(Scanned::Inside(at)) => Some(at),
            Some(Scanned::Left(_)) | None => None,
        })
    }

    /// True for a child's badge.
    pub(crate) fn child(&self) -> bool {
        self.entry.age == Age::Under14
    }
}
