//! The closed lists that visits are counted by.

use serde::Serialize;

/// What the visitor chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// The comparison of faces.
    Face,
    /// The other way.
    OtherWay,
    /// The comparison first, and then not (C26).
    Withdrawn,
    /// There was nothing to choose, or nothing was chosen.
    NotAsked,
}

impl Lane {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Face, Self::OtherWay, Self::Withdrawn, Self::NotAsked];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::OtherWay => "other_way",
            Self::Withdrawn => "withdrawn",
            Self::NotAsked => "not_asked",
        }
    }

    /// The lane of that word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.word() == word)
    }
}

/// How a visit ended. Where staff admitted, why the visit had come to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Admitted by the comparison.
    Matched,
    /// Admitted by staff: the visitor chose the other way.
    OtherWay,
    /// Admitted by staff: the visitor asked for help.
    AskedForStaff,
    /// Admitted by staff: the face did not match.
    NonMatch,
    /// Admitted by staff: too few usable samples.
    PoorSamples,
    /// Admitted by staff: signs of an attack presentation.
    SuspectedAttack,
    /// Admitted by staff: no usable certificate photo.
    Photo,
    /// Admitted by staff: the camera.
    Camera,
    /// Admitted by staff: the face lane was closed.
    LaneClosed,
    /// Admitted by staff: a part of the kiosk failed, or took too long.
    Kiosk,
    /// Refused entry by a person.
    Denied,
    /// The badge could not be admitted here.
    Badge,
    /// Over without a decision: the visitor left, or staff ended the visit.
    Left,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Matched,
        Self::OtherWay,
        Self::AskedForStaff,
        Self::NonMatch,
        Self::PoorSamples,
        Self::SuspectedAttack,
        Self::Photo,
        Self::Camera,
        Self::LaneClosed,
        Self::Kiosk,
        Self::Denied,
        Self::Badge,
        Self::Left,
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::OtherWay => "other_way",
            Self::AskedForStaff => "asked_for_staff",
            Self::NonMatch => "non_match",
            Self::PoorSamples => "poor_samples",
            Self::SuspectedAttack => "suspected_attack",
            Self::Photo => "photo",
            Self::Camera => "camera",
            Self::LaneClosed => "lane_closed",
            Self::Kiosk => "kiosk",
            Self::Denied => "denied",
            Self::Badge => "badge",
            Self::Left => "left",
        }
    }

    /// The outcome of that word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// True when somebody, or the comparison, decided.
    pub fn is_decided(self) -> bool {
        !matches!(self, Self::Badge | Self::Left)
    }
}
