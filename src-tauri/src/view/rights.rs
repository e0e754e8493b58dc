//! What is held on the visitor, what they may ask for, and what staff are to answer.

use serde::{Deserialize, Serialize};

/// The visitor's rights at this kiosk (C33 to C39, M58).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RightsPage {
    /// What is held is being read.
    pub(crate) reading: bool,
    /// What is held. Facts; nothing that only the badge opens.
    pub(crate) held: Vec<HeldItem>,
    /// What can be asked for.
    pub(crate) kinds: Vec<RequestKind>,
    /// The request that was filed just now.
    pub(crate) filed: Option<FiledRequest>,
    /// How the check went, in words (C38).
    pub(crate) explanation: Explanation,
    /// The operator and how to reach it (C46).
    pub(crate) contact: String,
}

/// One thing that is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct HeldItem {
    /// What it is.
    pub(crate) what: HeldWhat,
    /// When it happened, local time.
    pub(crate) on: Option<String>,
    /// What it belongs to: a version of the policy, a number of a request, a period, days.
    pub(crate) about: Option<String>,
    /// The day until which it is kept.
    pub(crate) until: Option<String>,
}

/// Kinds of things that are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum HeldWhat {
    /// The name, sealed.
    Name,
    /// The certificate photo, sealed.
    Photo,
    /// What the registration platform tells of the ticket.
    Ticket,
    /// That the badge is registered, valid at any time.
    Registered,
    /// From when to when the badge is valid.
    Validity,
    /// That the holder is below 14.
    AgeUnder14,
    /// That the holder is 14 or over.
    AgeFrom14,
    /// Agreed to the comparison of the face.
    FaceGiven,
    /// Chose the other way.
    FaceRefused,
    /// Took the consent back.
    FaceWithdrawn,
    /// Agreed to a transfer abroad.
    TransferGiven,
    /// Refused one.
    TransferRefused,
    /// Took that back.
    TransferWithdrawn,
    /// Admitted by comparison.
    CheckinFace,
    /// Admitted by staff.
    CheckinStaff,
    /// An admission that was taken back.
    CheckinTakenBack,
    /// Admitted at another kiosk of the venue.
    Elsewhere,
    /// The same, taken back.
    ElsewhereTakenBack,
    /// A guardian's consent.
    Guardian,
    /// Pictures that a law wants kept, sealed.
    Evidence,
    /// A request that waits for its answer.
    RequestOpen,
    /// A request that was answered.
    RequestAnswered,
    /// The log of what happened here, under a pseudonym.
    Log,
}

/// What a visitor may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum RequestKind {
    /// That what is wrong be corrected.
    Correction,
    /// That data be deleted.
    Deletion,
    /// That data be kept but not used.
    Restriction,
    /// That a use of data end.
    Objection,
    /// Data in a form that another system can read.
    Portability,
    /// That a consent be taken back.
    Withdrawal,
    /// How a decision came about.
    Explanation,
    /// A complaint.
    Complaint,
}

/// A request with its number and its due date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct FiledRequest {
    /// The number.
    pub(crate) number: String,
    /// What is asked for.
    pub(crate) kind: RequestKind,
    /// The last day on which it is answered in time, `YYYY-MM-DD`.
    pub(crate) due: String,
    /// It should have been answered before today.
    pub(crate) overdue: bool,
}

/// How the check of this visit went: which automated step ran, and what came of it. A non-match, a
/// suspected attack and poor pictures read the same, and no score is anywhere (C38).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Explanation {
    /// The badge was looked up; no comparison was completed.
    NotCompared,
    /// Comparing gave no result that opens the gate.
    NoResult,
    /// The certificate photo could not be used.
    PhotoUnusable,
    /// The camera did not work.
    CameraUnavailable,
    /// Faces are not compared here, or not of this visitor.
    FaceLaneClosed,
    /// The badge was looked up, and a person has to look at it.
    Badge,
    /// A part of the kiosk failed.
    KioskProblem,
    /// The gate has opened for the visitor.
    Admitted,
    /// A person decided.
    Person,
}

/// What staff are to answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct RequestsDue {
    /// Requests without an answer.
    pub(crate) open: usize,
    /// Of them, those that should have been answered before today.
    pub(crate) overdue: usize,
    /// Requests that nobody has carried to the registration platform yet.
    pub(crate) to_carry: usize,
    /// Those due first.
    pub(crate) next: Vec<FiledRequest>,
}

impl From<RequestKind> for due::RequestKind {
    fn from(kind: RequestKind) -> Self {
        match kind {
            RequestKind::Correction => Self::Correction,
            RequestKind::Deletion => Self::Deletion,
            RequestKind::Restriction => Self::Restriction,
            RequestKind::Objection => Self::Objection,
            RequestKind::Portability => Self::Portability,
            RequestKind::Withdrawal => Self::Withdrawal,
            RequestKind::Explanation => Self::Explanation,
            RequestKind::Complaint => Self::Complaint,
        }
    }
}

impl From<due::RequestKind> for RequestKind {
    fn from(kind: due::RequestKind) -> Self {
        match kind {
            due::RequestKind::Correction => Self::Correction,
            due::RequestKind::Deletion => Self::Deletion,
            due::RequestKind::Restriction => Self::Restriction,
            due::RequestKind::Objection => Self::Objection,
            due::RequestKind::Portability => Self::Portability,
            due::RequestKind::Withdrawal => Self::Withdrawal,
            due::RequestKind::Explanation => Self::Explanation,
            due::RequestKind::Complaint => Self::Complaint,
        }
    }
}
