//! What the visitor is asked, and what staff may do for a child.

use serde::{Deserialize, Serialize};

/// The notice on facial recognition, as shown before the choice (C03).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Notice {
    /// Version of the policy pack.
    pub(crate) version: String,
    /// Date of the last update, `YYYY-MM-DD` (M56).
    pub(crate) updated: String,
    /// The operator who asks.
    pub(crate) operator: String,
    /// What it is for.
    pub(crate) purpose: Vec<Span>,
    /// How it is done.
    pub(crate) method: Vec<Span>,
    /// How long anything is kept.
    pub(crate) retention: Vec<Span>,
    /// What follows from either choice; says once that the other way may be slower (C14).
    pub(crate) effect: Vec<Span>,
    /// The visitor's rights.
    pub(crate) rights: Vec<Span>,
    /// For visitors from the European Economic Area; for others empty (M57).
    pub(crate) eea: Vec<Span>,
    /// The operator and how to reach it (C46).
    pub(crate) contact: String,
}

/// The switch for a transfer abroad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Transfer {
    /// What would be sent.
    pub(crate) ask: Vec<Span>,
    /// To whom, how they are reached, and what for.
    pub(crate) terms: Vec<Span>,
    /// Off until the visitor turns it.
    pub(crate) on: bool,
}

/// The visitor's answer to the question of age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum AgeAnswer {
    /// Below 14.
    #[serde(rename = "under_14")]
    Under14,
    /// 14 or over.
    #[serde(rename = "from_14")]
    From14,
}

/// What staff may do for a child with its guardian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Guardian {
    /// Where a consent would open the face lane: what staff may look at to know the guardian. No
    /// number is entered anywhere.
    pub(crate) proofs: Vec<GuardianProof>,
    /// A consent is recorded: staff delete it at the guardian's word.
    pub(crate) agreed: bool,
}

/// By what a member of staff saw who the guardian is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum GuardianProof {
    /// An identity card.
    IdentityCard,
    /// A passport.
    Passport,
    /// The register of the household.
    HouseholdRegister,
    /// The child's birth certificate.
    BirthCertificate,
    /// An order of guardianship.
    GuardianshipOrder,
}

/// A run of words; sensitive items are strong (C02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Span {
    /// The words.
    pub(crate) text: String,
    /// Drawn in bold.
    pub(crate) strong: bool,
}

impl From<AgeAnswer> for checkin::Age {
    fn from(answer: AgeAnswer) -> Self {
        match answer {
            AgeAnswer::Under14 => Self::Under14,
            AgeAnswer::From14 => Self::From14,
        }
    }
}

impl GuardianProof {
    /// All of them, in the order of the screen.
    pub(crate) const ALL: [Self; 5] = [
        Self::IdentityCard,
        Self::Passport,
        Self::HouseholdRegister,
        Self::BirthCertificate,
        Self::GuardianshipOrder,
    ];
}

impl From<GuardianProof> for checkin::GuardianProof {
    fn from(proof: GuardianProof) -> Self {
        match proof {
            GuardianProof::IdentityCard => Self::IdentityCard,
            GuardianProof::Passport => Self::Passport,
            GuardianProof::HouseholdRegister => Self::HouseholdRegister,
            GuardianProof::BirthCertificate => Self::BirthCertificate,
            GuardianProof::GuardianshipOrder => Self::GuardianshipOrder,
        }
    }
}
