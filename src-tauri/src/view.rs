//! View models: the only types that the screens see.
//!
//! A screen draws a [`View`] and sends commands; it never decides what comes next.
//! Words are not here: the screens look up each code in `assets/locales`.
//! The TypeScript side (`ui/src/ipc/bindings.ts`) is generated from this file by
//! `cargo xtask bindings`.

mod code;
mod consent;
mod incidents;
mod inventory;
mod kiosks;
mod outbox;
mod platform;
mod policy;
mod question;
mod rights;
mod statistics;
mod sync;

use serde::{Deserialize, Serialize};

pub(crate) use code::CodeProblem;
pub(crate) use consent::{AgeAnswer, Guardian, GuardianProof, Notice, Span, Transfer};
pub(crate) use incidents::{
    IncidentCountdown, IncidentDraft, IncidentRule, IncidentsPage, OpenIncident,
};
pub(crate) use inventory::{Component, ComponentKind, InventoryPage};
pub(crate) use kiosks::{ConflictLine, KioskHealth, KioskLine, KiosksDue, KiosksPage, RelayLink};
pub(crate) use outbox::{NotAccepted, NotAcceptedEntry};
pub(crate) use platform::{PlatformAccount, PlatformList, PlatformPage, PlatformProblem};
pub(crate) use policy::{Change, PolicyPage, Run, Subject, VersionLabel};
pub(crate) use question::{QuestionOption, QuestionPage};
pub(crate) use rights::{
    Explanation, FiledRequest, HeldItem, HeldWhat, RequestKind, RequestsDue, RightsPage,
};
pub(crate) use statistics::{
    LaneFigures, LaneVisits, OutcomeVisits, StatisticsHour, StatisticsPage, Treatment, Visits,
};
pub(crate) use sync::{RosterLine, RosterSync};

/// The language that the visitor reads. Chinese is the first and the prevailing one (M59).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Language {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// Both, the prevailing one first.
    pub(crate) const ALL: [Self; 2] = [Self::Zh, Self::En];
}

/// One state of the kiosk, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct View {
    /// Grows with every change; a screen ignores an older view.
    pub(crate) revision: u32,
    /// The language of the screen.
    pub(crate) language: Language,
    /// Seconds until the present step ends by itself, where the visitor should know.
    pub(crate) seconds_left: Option<u32>,
    /// True for a demonstration with recorded frames: the screens say so.
    pub(crate) demonstration: bool,
    /// What is drawn.
    pub(crate) screen: Screen,
}

/// The screens, each with what it shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "name", rename_all = "snake_case")]
pub(crate) enum Screen {
    /// Waiting for a visitor. No personal data.
    Attract {
        /// Operator's name, from the policy pack.
        operator: String,
        /// Text of the sign on facial recognition (L1), from the policy pack.
        sign: String,
        /// Why the face lane is closed, if it is; the visitor is then served by staff.
        face_lane_open: bool,
        /// True when the camera may read badge codes (a setting, off by default).
        codes_by_camera: bool,
    },
    /// The policy in full, one of its versions, and what changed in it (C44).
    Policy {
        /// The page.
        page: PolicyPage,
    },
    /// What the kiosk is made of, and with whom it speaks (C11, C23).
    Inventory {
        /// The page.
        page: InventoryPage,
    },
    /// What the organiser asks at the entrance.
    Question {
        /// The question.
        page: QuestionPage,
    },
    /// Which side of 14 years the visitor is on (C40).
    Age,
    /// Scan or type the badge code.
    Identify {
        /// A code was given and is being looked up.
        looking_up: bool,
        /// The camera is open and reads codes only: the screen says so.
        codes_by_camera: bool,
        /// The codes of this roster can be typed on the screen's pad.
        pad: bool,
    },
    /// The code cannot be used, and why.
    CodeProblem {
        /// The reason.
        problem: CodeProblem,
        /// When the badge was used, local time `HH:MM`; only for `already_used`.
        used_at: Option<String>,
        /// The badge is known: its holder may see what is held, and ask for something.
        rights: bool,
    },
    /// Purpose, method, retention, effect, and the choice.
    Consent {
        /// The notice in the language of the screen.
        notice: Notice,
        /// The text changed while the visitor was reading: it is asked again (C43).
        changed: bool,
        /// The switch for a transfer abroad, where the policy pack has terms for one (C41).
        transfer: Option<Transfer>,
    },
    /// The camera is being opened.
    Prepare,
    /// The camera is open: preview and guidance.
    Capture {
        /// What the visitor may do to help.
        guidance: Guidance,
    },
    /// The camera is closed; samples are compared.
    Decide,
    /// The comparison is over; the worker is ending and takes the data with it.
    Discard,
    /// The visitor may pass.
    Admit {
        /// How far the gate is.
        gate: GateStep,
        /// The receipt, where one is to be had.
        receipt: Option<Receipt>,
    },
    /// A member of staff will help.
    Staff {
        /// What the visitor is told; never more than they need.
        reason: StaffReason,
        /// How the check went, in words (C38).
        explanation: Explanation,
        /// How to reach the operator (C38, C46).
        contact: String,
        /// The badge is known: its holder may see what is held, and ask for something.
        rights: bool,
        /// The receipt, where one is to be had.
        receipt: Option<Receipt>,
    },
    /// Staff sign in at the kiosk.
    StaffSignIn {
        /// Why the last attempt failed.
        problem: Option<SignInProblem>,
    },
    /// A signed-in member of staff looks at the visit.
    StaffReview {
        /// Number of the member of staff.
        staff: u32,
        /// True when this member of staff may see the technician's panel.
        technician: bool,
        /// True when this member of staff may see the statistics.
        statistics: bool,
        /// True when this member of staff may see the visitor and decide.
        serves: bool,
        /// Registered name, from the badge; absent when no badge was identified.
        registered_name: Option<String>,
        /// True when `staff_photo` returns the registered photo.
        has_photo: bool,
        /// Why the visit came to staff, in full.
        detail: StaffDetail,
        /// True when the badge may be admitted (identified, valid, not used).
        may_admit: bool,
        /// When the badge was used, local time `HH:MM`.
        used_at: Option<String>,
        /// Name of the kiosk at which it was used, if it was not this one.
        used_by: Option<String>,
        /// Reasons for a denial that staff choose from.
        denial_reasons: Vec<DenialReason>,
        /// What staff may do for a child with its guardian.
        guardian: Option<Guardian>,
        /// What is wrong with this kiosk: a technician should know.
        troubles: Vec<Trouble>,
        /// What visitors asked for, for whoever may see it (C39).
        requests: Option<RequestsDue>,
        /// What the registration platform did not accept, for whoever may see it.
        not_accepted: Option<NotAccepted>,
        /// How the kiosks of the venue are, for whoever may see it; absent without a relay.
        kiosks: Option<KiosksDue>,
    },
    /// A member of staff refused entry.
    Denied {
        /// The reason that the member of staff gave.
        reason: DenialReason,
        /// How to reach the operator (C38, C46).
        contact: String,
        /// The badge is known: its holder may see what is held, and ask for something.
        rights: bool,
        /// The receipt, where one is to be had.
        receipt: Option<Receipt>,
    },
    /// What is held on the visitor, and what they may ask for (C33 to C39, M58).
    Rights {
        /// The page.
        page: RightsPage,
        /// The copy of it, where one is to be had (C37).
        receipt: Option<Receipt>,
    },
    /// The visitor has stopped, and the face data are gone. The next visitor may begin.
    Farewell {
        /// The receipt, where one is to be had.
        receipt: Option<Receipt>,
    },
    /// The kiosk cannot go on by itself.
    Fault {
        /// A code for the technician.
        code: FaultCode,
        /// Number to quote; also in the log.
        incident: String,
    },
}

/// What the visitor may do while the camera is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Guidance {
    /// No face in the frame yet.
    LookHere,
    /// More than one face.
    OnePerson,
    /// The face is too small.
    ComeCloser,
    /// The face is too large.
    MoveBack,
    /// The face is cut off by the edge of the frame.
    CentreFace,
    /// Too dark.
    MoreLight,
    /// Too bright.
    LessLight,
    /// One half of the face is much darker than the other.
    FaceLight,
    /// Blurred.
    HoldStill,
    /// Turned away.
    FaceCamera,
    /// Both eyes are closed.
    OpenEyes,
    /// Mouth and nose are covered; the other way stays open (C14).
    Uncover,
    /// A challenge: turn to the visitor's own left, which is the left of the mirrored preview.
    TurnLeft,
    /// A challenge: turn to the visitor's own right.
    TurnRight,
    /// A challenge: bow the head and raise it again.
    Nod,
    /// A challenge: close both eyes and open them again.
    Blink,
    /// Fine: frames are being taken.
    Comparing,
}

/// How far the gate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum GateStep {
    /// The check-in is being written, the gate asked to open.
    Opening,
    /// The gate answered: walk through.
    Open,
}

/// The receipt of the visit (C37).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "step", rename_all = "snake_case")]
pub(crate) enum Receipt {
    /// To be had for the asking.
    Offered,
    /// Shown as a QR code.
    Shown {
        /// The code from top to bottom, a sign a module: `1` is dark.
        rows: Vec<String>,
    },
}

/// What a visitor is told when staff take over. Non-match and suspected attack read the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum StaffReason {
    /// The visitor chose the other way, or asked for help.
    YourChoice,
    /// The comparison gave no result that lets the kiosk open the gate.
    NoResult,
    /// The certificate photo cannot be used (C16).
    PhotoUnusable,
    /// The camera does not work here (C21).
    CameraUnavailable,
    /// Facial recognition is not offered at this kiosk now.
    FaceLaneClosed,
    /// The badge code needs a person.
    BadgeProblem,
    /// A person asks something for the organiser.
    Question,
    /// Something at the kiosk failed; the visitor did nothing wrong.
    KioskProblem,
}

/// Why the visit came to staff, in full; only on the signed-in screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum StaffDetail {
    /// The visitor chose the other way before or during capture.
    OtherWay,
    /// The visitor, or staff, asked for staff.
    AskedForStaff,
    /// The face did not match the certificate photo.
    NonMatch,
    /// No frame was good enough in time.
    PoorSamples,
    /// Signs of an attack presentation: look closely.
    SuspectedAttack,
    /// The certificate photo is missing or unusable.
    ReferenceUnusable,
    /// No camera was found, or it is busy or failed to open.
    CameraUnavailable,
    /// The camera was lost during capture.
    CameraLost,
    /// The worker hung or crashed and was ended.
    WorkerFailed,
    /// The face lane is closed (policy pack, models, or age).
    FaceLaneClosed,
    /// Below 14 without a guardian's recorded consent (C40).
    UnderAge,
    /// The step took longer than its time limit.
    TimedOut,
    /// The code is unknown.
    CodeUnknown,
    /// The code is malformed.
    CodeMalformed,
    /// The badge was already used.
    CodeAlreadyUsed,
    /// The badge has expired.
    CodeExpired,
    /// The badge is not valid yet.
    CodeNotYetValid,
    /// The badge is blocked.
    CodeBlocked,
    /// The ticket is not paid.
    CodeUnpaid,
    /// The organiser has not approved the ticket.
    CodeUnapproved,
    /// The ticket is for another entrance, or another day.
    CodeWrongProduct,
    /// The badge was replaced by another.
    CodeRevoked,
    /// One of the organiser's rules speaks against it, or cannot be judged here.
    Rules,
    /// Not paid, where a person may admit all the same.
    Unpaid,
    /// The organiser asks something that a person has to ask, or to decide on.
    Question,
    /// The code is on several tickets.
    Ambiguous,
    /// The organiser's signature is good, and the roster does not have the badge yet.
    NotInRoster,
    /// The gate did not answer.
    GateFailed,
    /// The check-in could not be written.
    RecordFailed,
    /// The kiosk came out of a fault.
    AfterFault,
}

/// Reasons that staff choose from when they refuse entry (C09).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum DenialReason {
    /// The person is not the registered one.
    NotTheHolder,
    /// The badge is not valid for this entry.
    BadgeNotValid,
    /// The person could not show who they are.
    IdentityNotShown,
    /// House rules or security.
    HouseRules,
}

/// Why a sign-in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "code", rename_all = "snake_case")]
pub(crate) enum SignInProblem {
    /// Wrong number or PIN; so many attempts are left.
    Wrong {
        /// Attempts before the lock-out.
        left: u32,
    },
    /// Locked for so many seconds.
    Locked {
        /// Seconds until the next attempt.
        seconds: u32,
    },
    /// The check itself failed; the technician sees why.
    Unavailable,
}

/// Faults: the kiosk shows the way to staff and the gate stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultCode {
    /// The database failed.
    Store,
    /// No roster has been imported.
    NoRoster,
    /// A part of the program failed.
    Internal,
    /// The registration platform has revoked this kiosk; nothing is broken.
    Revoked,
}

/// What lasts until a technician mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trouble {
    /// The disk is full: no check-in can be written.
    DiskFull,
    /// The disk cannot be written to.
    DiskReadOnly,
    /// The disk cannot be read or written.
    Disk,
    /// A part of the database is damaged.
    DatabaseDamaged,
    /// The database cannot be opened.
    Database,
    /// The machine's clock is more than a day behind.
    ClockBehind,
    /// The machine's clock went ahead by more than a day.
    ClockAhead,
    /// The audit log is not what was written.
    AuditLog,
    /// The clock differs from the registration platform's by more than two minutes.
    ClockOff,
    /// The registration platform has revoked this kiosk: it is locked.
    Revoked,
}

impl Trouble {
    /// True for what a database that works does not disprove.
    pub(crate) fn outlasts_a_purge(self) -> bool {
        matches!(
            self,
            Self::DatabaseDamaged
                | Self::ClockBehind
                | Self::ClockAhead
                | Self::AuditLog
                | Self::ClockOff
                | Self::Revoked
        )
    }
}

impl From<store::Trouble> for Trouble {
    fn from(trouble: store::Trouble) -> Self {
        match trouble {
            store::Trouble::DiskFull => Self::DiskFull,
            store::Trouble::ReadOnly => Self::DiskReadOnly,
            store::Trouble::Disk => Self::Disk,
            store::Trouble::Damaged => Self::DatabaseDamaged,
        }
    }
}

/// What a technician sees after signing in. No personal data.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct TechnicianStatus {
    /// Version of the program.
    pub(crate) version: String,
    /// Kiosk's data folder.
    pub(crate) data_dir: String,
    /// Why the face lane is closed, or empty.
    pub(crate) face_lane: Option<String>,
    /// The last camera problem with its reason, or empty.
    pub(crate) camera: Option<String>,
    /// The roster that is loaded, or empty.
    pub(crate) roster: Option<RosterLine>,
    /// How far the roster is that the platform fills.
    pub(crate) sync: RosterSync,
    /// Check-ins that wait for the platform.
    pub(crate) outbox: u32,
    /// What the platform did not accept.
    pub(crate) refused: u32,
    /// What stays here for a while of badges that are gone at the platform (M54).
    pub(crate) quarantined: u32,
    /// Whether the platform answers.
    pub(crate) link: Link,
    /// What lasts until it is mended.
    pub(crate) troubles: Vec<Trouble>,
    /// Whether evidence is kept by law (C07).
    pub(crate) retention: RetentionStatus,
    /// Records of it that are held.
    pub(crate) evidence: u32,
    /// Lines on recent faults, newest first, each with its incident number.
    pub(crate) incidents: Vec<String>,
}

/// The registration platform, as it was last heard of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Link {
    /// This kiosk is connected to none.
    #[default]
    None,
    /// It answers.
    Connected,
    /// It does not, or has not yet.
    Lost,
    /// It has revoked this kiosk's account.
    Revoked,
    /// It does not know the account's key any more.
    KeyUnknown,
}

/// Whether evidence of visits is kept by law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum RetentionStatus {
    /// It is not.
    Off,
    /// It is: two members of staff switched it on.
    On,
    /// They did, for terms that are no longer those of the policy pack: it is not.
    Lapsed,
}

/// An error of a command. The words are in `assets/locales`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct UiError {
    /// Which command group refused.
    pub(crate) code: UiErrorCode,
    /// Number to quote; also in the log.
    pub(crate) incident_id: String,
}

/// Kinds of command errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum UiErrorCode {
    /// The command does not belong to the present screen or role.
    NotNow,
    /// The controller has ended.
    Stopped,
}

#[cfg(test)]
mod tests;
