//! What can stand in an entry. All of it is closed: a new thing to be recorded is a new variant.

use admission::Refusal;
use due::RequestKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hash::{hex, optional_hex};
use crate::{Choice, CodeProblem, Denial, Hash, Lane, Purpose, Reason, Role, TombstoneSource};

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
    /// Visitors' requests. Not there in what older versions wrote.
    #[serde(default, skip_serializing_if = "is_none")]
    pub requests: u32,
    /// Incidents with personal data. Not in what older versions wrote.
    #[serde(default, skip_serializing_if = "is_none")]
    pub incidents: u32,
    /// Entries of this log.
    pub entries: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_none(rows: &u32) -> bool {
    *rows == 0
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
    /// The registration platform refused before anybody passed; the gate stayed closed.
    RefusedByPlatform {
        /// Why.
        refusal: Refusal,
    },
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
    /// A guardian's consent for a child was recorded. Of the child the entry says nothing (C40).
    GuardianConsented,
    /// A guardian's consent for a child was taken back.
    GuardianRevoked,
    /// A visitor filed a request under their rights (C39).
    RequestFiled {
        /// Its running number.
        number: u64,
        /// What was asked for.
        kind: RequestKind,
    },
    /// A request was answered.
    RequestAnswered {
        /// Its running number.
        number: u64,
        /// What had been asked for.
        kind: RequestKind,
    },
    /// Requests were written out for the registration platform.
    RequestsExported {
        /// How many.
        requests: u32,
    },
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
    /// A version of the policy pack was given to the kiosk by itself.
    PolicyImported {
        /// Place of its version among those of the policy: higher is newer.
        rank: i64,
        /// SHA-256 of the pack.
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
    /// The kiosk got an account at the registration platform, or another check-in list there.
    PlatformConnected,
    /// A new key was asked for in place of the account's; the old one counts no more.
    PlatformKeyRolled,
    /// The platform has revoked the account: the kiosk is locked, and names and photos are deleted.
    PlatformRevoked,
    /// The account and its key were deleted.
    PlatformDisconnected,
    /// The kiosk joined the relay of its venue.
    RelayJoined,
    /// It left it.
    RelayLeft,
    /// A signed list of tombstones was loaded.
    TombstonesImported {
        /// Edition.
        sequence: u32,
        /// Badges in it.
        tombstones: u32,
    },
    /// Everything here about a badge was removed, because it is gone at the platform (C35, C36).
    Erased {
        /// How the kiosk learned of it.
        source: TombstoneSource,
        /// Something has to stay for a while, and is kept apart until it may go (M54).
        quarantined: bool,
    },
    /// What had stayed of an erased badge was removed.
    QuarantineEnded,
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
    /// An incident with personal data was recorded (C32). What it is stands in its own table, for
    /// longer than this log.
    IncidentRecorded {
        /// Its number on this kiosk.
        number: u32,
        /// Those concerned are to be told within 72 hours.
        major: bool,
    },
    /// Another version of it was recorded.
    IncidentUpdated {
        /// Its number.
        number: u32,
        /// As above, by now.
        major: bool,
    },
    /// It was closed.
    IncidentClosed {
        /// Its number.
        number: u32,
    },
    /// The report on it was written out.
    IncidentExported {
        /// Its number.
        number: u32,
    },
    /// Rows were deleted because their time had come.
    Purged {
        /// How many.
        rows: Purged,
        /// All entries of this log up to this one are gone; 0 if none ever went.
        through: u64,
    },
}
