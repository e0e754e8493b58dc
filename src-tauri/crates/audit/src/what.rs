//! What can stand in an entry. All of it is closed: a new thing to be recorded is a new variant.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Hash;
use crate::hash::{hex, optional_hex};

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
    /// The gate did not answer.
    GateFailed,
    /// A record could not be written.
    RecordFailed,
    /// The kiosk came out of a fault.
    AfterFault,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 21] = [
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

/// What a purge deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purged {
    /// Badges whose record and photo were deleted.
    pub contents: u32,
    /// Attendees.
    pub attendees: u32,
    /// Consents.
    pub consents: u32,
    /// Check-ins.
    pub checkins: u32,
    /// Outbox entries that the platform never heard of.
    pub undelivered: u32,
    /// Staff accounts.
    pub staff: u32,
    /// Sealed evidence.
    pub evidence: u32,
    /// Entries of this log.
    pub entries: u32,
}

impl Purged {
    /// True when nothing was deleted.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A visitor chose.
    Consent {
        /// What it is for.
        purpose: Purpose,
        /// What was chosen.
        choice: Choice,
    },
    /// A code led no further.
    CodeRefused {
        /// Why.
        problem: CodeProblem,
    },
    /// The worker of this visit is gone, as the operating system reported, and with it all face
    /// data.
    FaceDataDiscarded,
    /// A picture of this visit was sealed because a law wants it kept (C07).
    EvidenceSealed,
    /// The visit came to staff.
    PassedToStaff {
        /// Why.
        reason: Reason,
    },
    /// The visitor was admitted.
    Admitted {
        /// By which lane.
        lane: Lane,
        /// Why the visit had come to staff.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// The badge had been admitted in another visit meanwhile; the gate stayed closed.
    NotAdmitted,
    /// The admission is taken back: the visitor did not pass.
    AdmissionTakenBack,
    /// A person refused entry.
    Denied {
        /// Why.
        reason: Denial,
    },
    /// A member of staff ended the visit without either.
    VisitEnded,
    /// A member of staff signed in.
    SignedIn,
    /// Number and PIN did not belong together.
    SignInRefused,
    /// The same, and the number is locked now.
    SignInLocked {
        /// For so many minutes.
        minutes: u32,
    },
    /// A member of staff signed out.
    SignedOut,
    /// A member of staff was signed out because the time for one visit was over.
    SessionTimedOut,
    /// An account was made.
    StaffAdded {
        /// Its number.
        number: u32,
        /// Its role.
        role: Role,
    },
    /// An account was deleted.
    StaffRemoved {
        /// Its number.
        number: u32,
    },
    /// A roster and its policy pack were loaded.
    RosterImported {
        /// Edition.
        sequence: u32,
        /// Attendees in it, of any age.
        attendees: u32,
        /// Sealed reference photos in it.
        references: u32,
        /// SHA-256 of the policy pack.
        #[serde(with = "hex")]
        policy_sha256: Hash,
    },
    /// Keeping evidence was switched on; an entry for each of the two.
    RetentionOn {
        /// SHA-256 of the terms. Unknown in what older versions wrote.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hex")]
        terms_sha256: Option<Hash>,
    },
    /// Keeping evidence was switched off.
    RetentionOff,
    /// Sealed evidence was written to a folder.
    EvidenceExported {
        /// Records.
        records: u32,
    },
    /// This log was written out.
    LogExported {
        /// The last entry before this one.
        through: u64,
    },
    /// The machine's clock was taken for the true one.
    ClockAccepted {
        /// The kiosk's time before.
        from: Timestamp,
    },
    /// The kiosk was started, or got its database back.
    Started {
        /// Version of the program.
        version: String,
        /// SHA-256 of the configuration file.
        #[serde(with = "hex")]
        configuration_sha256: Hash,
    },
    /// Something went wrong; the machine's log tells what, under this number.
    Incident {
        /// Six digits.
        number: String,
    },
    /// Rows were deleted because their time had come.
    Purged {
        /// How many.
        rows: Purged,
        /// All entries of this log up to this one are gone; 0 if none ever went.
        through: u64,
    },
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
