//! Why a badge may not pass.

use serde::{Deserialize, Serialize};

/// Why the platform would not have admitted, or has not taken an admission back. The same words
/// count here and there: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The same badge was admitted before, here or at another kiosk.
    AlreadyRedeemed,
    /// Not paid.
    Unpaid,
    /// Cancelled.
    Canceled,
    /// Blocked by the organiser.
    Blocked,
    /// The code was replaced by another.
    Revoked,
    /// Waits for the organiser's approval.
    Unapproved,
    /// Not a ticket for this entrance.
    Product,
    /// Not valid at the time of the admission.
    InvalidTime,
    /// Questions that nobody answered.
    Incomplete,
    /// Not known there.
    #[serde(rename = "invalid")]
    Unknown,
    /// Refused by one of the organiser's own rules.
    Rules,
    /// The code belongs to several tickets.
    Ambiguous,
    /// The admission is too old to be taken back, or was never heard of.
    NotAnnulled,
    /// For a reason that this version does not know.
    Other,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::AlreadyRedeemed,
        Self::Unpaid,
        Self::Canceled,
        Self::Blocked,
        Self::Revoked,
        Self::Unapproved,
        Self::Product,
        Self::InvalidTime,
        Self::Incomplete,
        Self::Unknown,
        Self::Rules,
        Self::Ambiguous,
        Self::NotAnnulled,
        Self::Other,
    ];

    /// The word under which it is kept and shown, and which pretix has for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::AlreadyRedeemed => "already_redeemed",
            Self::Unpaid => "unpaid",
            Self::Canceled => "canceled",
            Self::Blocked => "blocked",
            Self::Revoked => "revoked",
            Self::Unapproved => "unapproved",
            Self::Product => "product",
            Self::InvalidTime => "invalid_time",
            Self::Incomplete => "incomplete",
            Self::Unknown => "invalid",
            Self::Rules => "rules",
            Self::Ambiguous => "ambiguous",
            Self::NotAnnulled => "not_annulled",
            Self::Other => "other",
        }
    }

    /// The refusal of a word; [`Refusal::Other`] for one that is not known.
    pub fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|refusal| refusal.word() == word).unwrap_or(Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_the_one_of_its_word() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::of(refusal.word()), refusal);
            assert_eq!(serde_json::to_value(refusal).ok(), Some(refusal.word().into()));
        }
        assert_eq!(Refusal::of("a new reason"), Refusal::Other);
    }
}
