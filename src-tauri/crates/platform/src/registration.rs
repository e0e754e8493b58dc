//! What a registration platform answers, whichever it is.

use transport::TransportError;

/// What became of an entry of the outbox at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It has it.
    Accepted,
    /// It has it, or not, but not as it should be: staff should know.
    Refused(Refusal),
}

/// Why the platform would not have admitted, or has not taken an admission back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another kiosk has admitted the same badge.
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
    Unknown,
    /// Refused by one of the organiser's own rules.
    Rules,
    /// The admission is too old to be taken back, or was never heard of.
    NotAnnulled,
    /// For a reason that this version does not know.
    Other,
}

impl Refusal {
    const ALL: [Self; 13] = [
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
        Self::NotAnnulled,
        Self::Other,
    ];

    /// The word under which it is kept and shown.
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
            Self::NotAnnulled => "not_annulled",
            Self::Other => "other",
        }
    }

    /// The refusal of a word; [`Refusal::Other`] for one that is not known.
    pub fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|refusal| refusal.word() == word).unwrap_or(Self::Other)
    }
}

/// Why the platform has not answered. The entry waits.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// There is no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The one-time token was used before, or never was one.
    #[error("the platform does not accept this token: a token connects one kiosk, once")]
    Token,
    /// The platform does not know this kiosk: its account was revoked.
    #[error("the platform has revoked this kiosk's account")]
    Revoked,
    /// It asks to come later.
    #[error("the platform is busy")]
    Busy,
    /// An answer that makes no sense: an error of the server, or a page of something in between.
    #[error("the platform answered {status}, which is not understood")]
    Unexpected {
        /// HTTP status.
        status: u16,
    },
    /// The answer is not what it should be.
    #[error("{field} is missing or wrong in the platform's answer")]
    Malformed {
        /// The field.
        field: &'static str,
    },
}
