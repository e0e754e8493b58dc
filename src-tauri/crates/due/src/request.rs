//! The closed lists: what can be asked for, and what can be answered.

use serde::{Deserialize, Serialize};

/// What a visitor may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// That what is wrong be corrected (C34).
    Correction,
    /// That data be deleted (C35).
    Deletion,
    /// That data be kept but not used (M58).
    Restriction,
    /// That a use of data end (M58).
    Objection,
    /// Data in a form that another system can read (M58).
    Portability,
    /// That a consent be taken back (C26).
    Withdrawal,
    /// How a decision came about (C38).
    Explanation,
    /// A complaint (C46).
    Complaint,
}

impl RequestKind {
    /// All of them, in the order of the screen.
    pub const ALL: [Self; 8] = [
        Self::Correction,
        Self::Deletion,
        Self::Restriction,
        Self::Objection,
        Self::Portability,
        Self::Withdrawal,
        Self::Explanation,
        Self::Complaint,
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Deletion => "deletion",
            Self::Restriction => "restriction",
            Self::Objection => "objection",
            Self::Portability => "portability",
            Self::Withdrawal => "withdrawal",
            Self::Explanation => "explanation",
            Self::Complaint => "complaint",
        }
    }

    /// The kind of that word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done as it was asked for.
    Granted,
    /// Done in part.
    Partly,
    /// Not done.
    Refused(Refusal),
}

impl Outcome {
    /// As it is written; the reason of a refusal stands beside it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Partly => "partly",
            Self::Refused(_) => "refused",
        }
    }

    /// Why it was refused.
    pub fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Granted | Self::Partly => None,
        }
    }

    /// The outcome of a word and, for a refusal and for nothing else, its reason.
    pub fn read(word: &str, refusal: Option<Refusal>) -> Option<Self> {
        match (word, refusal) {
            ("granted", None) => Some(Self::Granted),
            ("partly", None) => Some(Self::Partly),
            ("refused", Some(refusal)) => Some(Self::Refused(refusal)),
            _ => None,
        }
    }
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Whoever asked could not show who they are.
    IdentityNotShown,
    /// Nothing of the kind is held.
    NothingHeld,
    /// A law demands the opposite.
    RequiredByLaw,
    /// Somebody else's rights stand against it.
    RightsOfOthers,
    /// The same was asked again and again without a reason.
    Excessive,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::IdentityNotShown,
        Self::NothingHeld,
        Self::RequiredByLaw,
        Self::RightsOfOthers,
        Self::Excessive,
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::IdentityNotShown => "identity_not_shown",
            Self::NothingHeld => "nothing_held",
            Self::RequiredByLaw => "required_by_law",
            Self::RightsOfOthers => "rights_of_others",
            Self::Excessive => "excessive",
        }
    }

    /// The reason of that word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_as_the_same() {
        for kind in RequestKind::ALL {
            assert_eq!(RequestKind::read(kind.word()), Some(kind));
        }
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::read(refusal.word()), Some(refusal));
            let refused = Outcome::Refused(refusal);
            assert_eq!(Outcome::read(refused.word(), refused.refusal()), Some(refused));
            assert_eq!(Outcome::read("granted", Some(refusal)), None);
        }
        for outcome in [Outcome::Granted, Outcome::Partly] {
            assert_eq!(Outcome::read(outcome.word(), None), Some(outcome));
        }
        assert_eq!((Outcome::read("refused", None), RequestKind::read("")), (None, None));
    }
}
