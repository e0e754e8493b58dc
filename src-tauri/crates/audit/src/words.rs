//! The closed lists that entries take their details from.

use serde::{Deserialize, Serialize};

/// What an account of this kiosk may do; the app's table of rights says what that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Serves visitors: admits and denies.
    Guard,
    /// As a guard; answers for the kiosk's staff.
    Supervisor,
    /// Looks after the machine. Sees nothing of visitors.
    Technician,
    /// Reads this log and hands over what a law or a person asks for.
    DataProtectionOfficer,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Guard, Self::Supervisor, Self::Technician, Self::DataProtectionOfficer];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Guard => "guard",
            Self::Supervisor => "supervisor",
            Self::Technician => "technician",
            Self::DataProtectionOfficer => "data_protection_officer",
        }
    }

    /// The role of that word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The kiosk, by its rules.
    Kiosk,
    /// The visitor, at the screen.
    Visitor,
    /// Whoever could run the program on this machine, without a PIN.
    Console,
    /// A member of staff.
    Staff {
        /// The number that was typed.
        number: u32,
        /// Unknown where the number did not sign in, and in what older versions wrote.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Role>,
    },
}

/// What a consent is for (C20).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Comparing the face with the badge's certificate photo.
    FaceComparison,
    /// Handing personal data to somebody abroad (C41).
    CrossBorderTransfer,
}

/// What a visitor chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Agreed.
    Given,
    /// Chose the other way.
    Refused,
    /// Agreed and then stopped (C26).
    Withdrawn,
}

/// How a kiosk learned that a badge is gone at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TombstoneSource {
    /// By a list that the organiser signed.
    List,
    /// By asking the platform.
    Platform,
}

impl TombstoneSource {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Platform => "platform",
        }
    }

    /// The source of that word.
    pub fn read(word: &str) -> Option<Self> {
        [Self::List, Self::Platform].into_iter().find(|source| source.word() == word)
    }
}

/// By which lane a visitor was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Comparison on the device.
    Face,
    /// By a member of staff.
    Staff,
}

/// Why a code led no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeProblem {
    /// Not in the roster.
    Unknown,
    /// Not a badge code.
    Malformed,
    /// Admitted before.
    AlreadyUsed,
    /// Validity over.
    Expired,
    /// Validity not begun.
    NotYetValid,
    /// Blocked by the organiser.
    Blocked,
    /// Not paid.
    Unpaid,
    /// Not approved by the organiser yet.
    Unapproved,
    /// For another entrance, or another day.
    WrongProduct,
    /// Replaced by another badge.
    Revoked,
}

/// Why a visit came to staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Chosen by the visitor.
    OtherWay,
    /// Asked for.
    AskedForStaff,
    /// The face did not match.
    NonMatch,
    /// Too few usable samples.
    PoorSamples,
    /// Signs of an attack presentation.
    SuspectedAttack,
    /// No usable certificate photo.
    ReferenceUnusable,
    /// Camera not available.
    CameraUnavailable,
    /// Camera lost.
    CameraLost,
    /// The worker crashed or hung.
    WorkerFailed,
    /// Face lane closed.
    FaceLaneClosed,
    /// Below 14.
    UnderAge,
    /// A step took too long.
    TimedOut,
    /// Code not in the roster.
    CodeUnknown,
    /// Not a badge code.
    CodeMalformed,
    /// Badge used before.
    CodeAlreadyUsed,
    /// Badge expired.
    CodeExpired,
    /// Badge not yet valid.
    CodeNotYetValid,
    /// Badge blocked.
    CodeBlocked,
    /// Ticket not paid.
    CodeUnpaid,
    /// Ticket not approved.
    CodeUnapproved,
    /// Ticket for another entrance.
    CodeWrongProduct,
    /// Badge replaced by another.
    CodeRevoked,
    /// A rule of the organiser's.
    Rules,
    /// Not paid, where a person may admit all the same.
    Unpaid,
    /// A question of the organiser's.
    Question,
    /// A code on several tickets.
    Ambiguous,
    /// Signed by the organiser, and not in the roster.
    NotInRoster,
    /// The gate did not answer.
    GateFailed,
    /// A record could not be written.
    RecordFailed,
    /// The kiosk came out of a fault.
    AfterFault,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 30] = [
        Self::OtherWay,
        Self::AskedForStaff,
        Self::NonMatch,
        Self::PoorSamples,
        Self::SuspectedAttack,
        Self::ReferenceUnusable,
        Self::CameraUnavailable,
        Self::CameraLost,
        Self::WorkerFailed,
        Self::FaceLaneClosed,
        Self::UnderAge,
        Self::TimedOut,
        Self::CodeUnknown,
        Self::CodeMalformed,
        Self::CodeAlreadyUsed,
        Self::CodeExpired,
        Self::CodeNotYetValid,
        Self::CodeBlocked,
        Self::CodeUnpaid,
        Self::CodeUnapproved,
        Self::CodeWrongProduct,
        Self::CodeRevoked,
        Self::Rules,
        Self::Unpaid,
        Self::Question,
        Self::Ambiguous,
        Self::NotInRoster,
        Self::GateFailed,
        Self::RecordFailed,
        Self::AfterFault,
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::OtherWay => "other_way",
            Self::AskedForStaff => "asked_for_staff",
            Self::NonMatch => "non_match",
            Self::PoorSamples => "poor_samples",
            Self::SuspectedAttack => "suspected_attack",
            Self::ReferenceUnusable => "reference_unusable",
            Self::CameraUnavailable => "camera_unavailable",
            Self::CameraLost => "camera_lost",
            Self::WorkerFailed => "worker_failed",
            Self::FaceLaneClosed => "face_lane_closed",
            Self::UnderAge => "under_age",
            Self::TimedOut => "timed_out",
            Self::CodeUnknown => "code_unknown",
            Self::CodeMalformed => "code_malformed",
            Self::CodeAlreadyUsed => "code_already_used",
            Self::CodeExpired => "code_expired",
            Self::CodeNotYetValid => "code_not_yet_valid",
            Self::CodeBlocked => "code_blocked",
            Self::CodeUnpaid => "code_unpaid",
            Self::CodeUnapproved => "code_unapproved",
            Self::CodeWrongProduct => "code_wrong_product",
            Self::CodeRevoked => "code_revoked",
            Self::Rules => "rules",
            Self::Unpaid => "unpaid",
            Self::Question => "question",
            Self::Ambiguous => "ambiguous",
            Self::NotInRoster => "not_in_roster",
            Self::GateFailed => "gate_failed",
            Self::RecordFailed => "record_failed",
            Self::AfterFault => "after_fault",
        }
    }

    /// The reason of that word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

/// Why a member of staff refused entry (C09).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// Not the registered person.
    NotTheHolder,
    /// The badge is not valid for this entry.
    BadgeNotValid,
    /// The person could not show who they are.
    IdentityNotShown,
    /// House rules or security.
    HouseRules,
}

impl Denial {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::NotTheHolder, Self::BadgeNotValid, Self::IdentityNotShown, Self::HouseRules];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotTheHolder => "not_the_holder",
            Self::BadgeNotValid => "badge_not_valid",
            Self::IdentityNotShown => "identity_not_shown",
            Self::HouseRules => "house_rules",
        }
    }

    /// The reason of that word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn words_are_the_ones_that_entries_have() {
        fn written(value: impl Serialize) -> String {
            serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
        }
        for role in Role::ALL {
            assert_eq!(written(role), role.word());
            assert_eq!(Role::read(role.word()), Some(role));
        }
        for reason in Reason::ALL {
            assert_eq!(written(reason), reason.word());
            assert_eq!(Reason::read(reason.word()), Some(reason));
        }
        for denial in Denial::ALL {
            assert_eq!(written(denial), denial.word());
            assert_eq!(Denial::read(denial.word()), Some(denial));
        }
        assert_eq!(Role::read("visitor"), None);
    }
}
