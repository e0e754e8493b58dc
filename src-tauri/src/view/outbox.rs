//! What the registration platform did not accept, for staff.

use serde::Serialize;

/// Check-ins and annulments that the platform did not accept. No name, and no code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct NotAccepted {
    /// How many there are.
    pub(crate) number: u32,
    /// The newest of them.
    pub(crate) last: Vec<NotAcceptedEntry>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct NotAcceptedEntry {
    /// When it happened at this gate, local time `MM-DD HH:MM`.
    pub(crate) at: String,
    /// Number of the attendee at the platform.
    pub(crate) position: String,
    /// Why.
    pub(crate) why: NotAcceptedWhy,
}

/// Why the platform did not accept it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotAcceptedWhy {
    /// Admitted at another gate as well.
    AlreadyRedeemed,
    /// Not paid.
    Unpaid,
    /// Cancelled.
    Canceled,
    /// Blocked.
    Blocked,
    /// The code was replaced.
    Revoked,
    /// Not approved.
    Unapproved,
    /// Not a ticket for this entrance.
    Product,
    /// Not valid at that time.
    InvalidTime,
    /// Questions without an answer.
    Incomplete,
    /// Not known there.
    Unknown,
    /// A rule of the organiser.
    Rules,
    /// Several tickets.
    Ambiguous,
    /// Nobody passed, and it counts there all the same.
    NotAnnulled,
    /// Another reason.
    Other,
}

impl From<platform::Refusal> for NotAcceptedWhy {
    fn from(refusal: platform::Refusal) -> Self {
        use platform::Refusal;
        match refusal {
            Refusal::AlreadyRedeemed => Self::AlreadyRedeemed,
            Refusal::Unpaid => Self::Unpaid,
            Refusal::Canceled => Self::Canceled,
            Refusal::Blocked => Self::Blocked,
            Refusal::Revoked => Self::Revoked,
            Refusal::Unapproved => Self::Unapproved,
            Refusal::Product => Self::Product,
            Refusal::InvalidTime => Self::InvalidTime,
            Refusal::Incomplete => Self::Incomplete,
            Refusal::Unknown => Self::Unknown,
            Refusal::Rules => Self::Rules,
            Refusal::Ambiguous => Self::Ambiguous,
            Refusal::NotAnnulled => Self::NotAnnulled,
            Refusal::Other => Self::Other,
        }
    }
}
