//! The policy pack: what the operator tells visitors, and the terms of its roster.
//!
//! A pack is a folder with `pack.toml` (facts), `zh.toml` and `en.toml` (texts). It travels
//! inside the signed bundle, or signed on its own ([`sign`], [`import`]). The newest version that
//! a kiosk knows is the one in force.

mod archive;
mod check;
mod full;
mod retained;
mod text;
mod version;

use std::io;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use seal::CodeFormat;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use archive::{ImportedPolicy, Known, Policies, import, sign};
pub(crate) use archive::{admissible, entry};
pub use full::{Eea, Policy, Transfer};
pub use retained::{Retained, RetainedEvidence};
pub use text::Text;
pub use version::{Version, VersionError};

/// What is wrong with a policy pack.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file of the pack could not be read.
    #[error("{file} of the policy pack could not be read")]
    Read {
        /// Its name.
        file: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file of the pack is not what it should be: a wrong, missing or unknown entry.
    #[error("{file} of the policy pack is not as it should be")]
    Parse {
        /// Its name.
        file: &'static str,
        /// Where and what.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// The pack in a bundle or in the database could not be read.
    #[error("the policy pack is not readable")]
    Decode(#[source] serde_json::Error),
    /// The pack could not be written.
    #[error("the policy pack could not be written")]
    Encode(#[source] serde_json::Error),
    /// An entry is empty or a placeholder that was never filled in (M60).
    #[error("{entry} of the policy pack is empty or a placeholder")]
    Placeholder {
        /// The entry, for example `zh.contact.phone`.
        entry: String,
    },
    /// An entry has a line break, a control character or an odd number of `**`.
    #[error("{entry} of the policy pack has a line break or an odd number of `**`")]
    Markup {
        /// The entry.
        entry: String,
    },
    /// A part of the texts is there in one language only.
    #[error("{part} is there in one language only")]
    OneLanguage {
        /// The part: `face_notice`, `eea` or `transfer`.
        part: &'static str,
    },
    /// A subject of the policy in full has no paragraph, or not as many in both languages.
    #[error("policy.{subject} needs as many paragraphs in Chinese as in English, and one at least")]
    Paragraphs {
        /// The subject.
        subject: &'static str,
    },
    /// A notice without what visitors from the EEA are to be told (M57).
    #[error("a facial-recognition notice needs [eea] in both languages")]
    NoEea,
    /// A notice emphasises nothing (C02).
    #[error("{entry} of the policy pack has no sensitive item in **bold**")]
    NoEmphasis {
        /// The notice.
        entry: String,
    },
    /// A notice without an impact assessment (L1).
    #[error("a facial-recognition notice needs the reference of its impact assessment")]
    NoImpactAssessment,
    /// The retention is not 1 to 3650 days.
    #[error("retention_days must be 1 to 3650")]
    Retention,
    /// Terms for keeping evidence without a notice that tells of it, or the other way round (C07).
    #[error(
        "retained_evidence in pack.toml and face_notice.retention_kept in both languages belong \
         together: have all three or none"
    )]
    RetainedEvidence,
    /// The days for which evidence is kept are not 1 to 3650.
    #[error("retained_evidence.days must be 1 to 3650")]
    RetainedDays,
    /// The recipient of evidence is none.
    #[error("retained_evidence.recipient")]
    RetainedRecipient(#[source] evidence::RecipientError),
    /// An id is not 1 to 64 letters, digits, dots, dashes or underscores.
    #[error("{entry} must be 1 to 64 letters, digits, dots, dashes or underscores")]
    Id {
        /// `id` or `roster.id`.
        entry: &'static str,
    },
}

/// Everything that the operator decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyPack {
    /// Facts and terms.
    pub facts: Facts,
    /// Chinese texts. They prevail (M59).
    pub zh: Texts,
    /// English texts.
    pub en: Texts,
}

/// What `pack.toml` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Id of the policy: the same for all its versions, whatever the roster.
    pub id: String,
    /// Version of the texts. A consent holds for one version (C43).
    pub version: Version,
    /// Date of the last change, shown to visitors (M56).
    pub last_updated: Date,
    /// Days for which consents, check-ins and staff acts are kept, 1 to 3650 (C08).
    pub retention_days: u16,
    /// Reference of the impact assessment; needed for a facial-recognition notice (L1).
    #[serde(default)]
    pub impact_assessment: Option<String>,
    /// Reference of the filing with the authority, which Chinese law asks of whoever stores the
    /// faces of 100,000 people (L1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<String>,
    /// What a law wants kept of visits through the face lane. Only allows it: each kiosk keeps
    /// nothing until two members of its staff switch it on (C07).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retained_evidence: Option<RetainedEvidence>,
    /// Terms of the roster.
    pub roster: RosterTerms,
}

/// Terms of the roster that the pack belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterTerms {
    /// Id of the roster: the same for all its editions.
    pub id: String,
    /// End of the event. Attendees are deleted a day later.
    pub ends_at: Timestamp,
    /// How the badge codes are written.
    pub code_format: CodeFormat,
}

/// The texts in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Name of the operator.
    pub operator: String,
    /// Text of the sign on the attract screen (L1).
    pub sign: Text,
    /// Whom to ask (C46).
    pub contact: Contact,
    /// The laws and reasons on which the operator relies.
    pub legal_basis: Text,
    /// The policy in full.
    pub policy: Policy,
    /// What visitors from the European Economic Area are told besides (M57).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eea: Option<Eea>,
    /// Terms of a transfer abroad (C41).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Transfer>,
    /// The facial-recognition notice. Without one the face lane stays closed (M47).
    #[serde(default)]
    pub face_notice: Option<FaceNotice>,
}

/// How to reach the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Telephone number.
    pub phone: String,
    /// Mail address.
    pub mail: String,
}

/// The notice on facial recognition that a visitor reads before the choice (C03).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaceNotice {
    /// What it is for.
    pub purpose: Text,
    /// How it is done.
    pub method: Text,
    /// How long anything is kept.
    pub retention: Text,
    /// The same at a kiosk that keeps evidence: what, on which legal basis, for how many days,
    /// and who can open it. Shown there in place of `retention`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_kept: Option<Text>,
    /// What follows from either choice.
    pub effect: Text,
    /// The other way, and that it may be slower (C13, C14).
    pub alternative: Text,
    /// The visitor's rights.
    pub rights: Text,
}

impl FaceNotice {
    /// The sections in the order in which they are shown, with their names.
    pub fn sections(&self, retained: Retained) -> [(&'static str, &Text); 6] {
        [
            ("purpose", &self.purpose),
            ("method", &self.method),
            ("retention", self.retention(retained)),
            ("effect", &self.effect),
            ("alternative", &self.alternative),
            ("rights", &self.rights),
        ]
    }
}

impl FaceNotice {
    /// How long anything is kept, at a kiosk that keeps so much. The check of the pack sees to it
    /// that there are terms for keeping evidence only where there is a text for it.
    pub fn retention(&self, retained: Retained) -> &Text {
        match (retained, &self.retention_kept) {
            (Retained::Evidence, Some(kept)) => kept,
            _ => &self.retention,
        }
    }
}

/// Which form of the notice a visitor is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// What the kiosk keeps.
    pub retained: Retained,
    /// With the block for visitors from the European Economic Area (M57).
    pub eea: bool,
}

impl From<Retained> for Shown {
    fn from(retained: Retained) -> Self {
        Self { retained, eea: false }
    }
}

impl Contact {
    /// Telephone and mail as one line.
    pub fn line(&self) -> String {
        format!("{} · {}", self.phone, self.mail)
    }
}

impl PolicyPack {
    /// Reads and checks the pack in a folder.
    pub fn from_folder(folder: &Path) -> Result<Self, PolicyError> {
        let pack = Self {
            facts: read(folder, "pack.toml")?,
            zh: read(folder, "zh.toml")?,
            en: read(folder, "en.toml")?,
        };
        pack.check()?;
        Ok(pack)
    }

    /// Reads and checks the pack as it stands in a bundle and in the database (JSON).
    pub fn from_json(bytes: &[u8]) -> Result<Self, PolicyError> {
        let pack: Self = serde_json::from_slice(bytes).map_err(PolicyError::Decode)?;
        pack.check()?;
        Ok(pack)
    }

    /// Writes the pack as [`from_json`](Self::from_json) reads it.
    pub fn to_json(&self) -> Result<Vec<u8>, PolicyError> {
        serde_json::to_vec(self).map_err(PolicyError::Encode)
    }

    /// Reads a pack that was in force once, whatever today's rules ask of a new one (C44).
    pub fn archived(bytes: &[u8]) -> Result<Self, PolicyError> {
        serde_json::from_slice(bytes).map_err(PolicyError::Decode)
    }

    /// The text that [`notice_sha256`](Self::notice_sha256) hashes: what a visitor reads in
    /// Chinese, with the marks of emphasis. A first line with the form's version, then lines of
    /// name, colon, space and text, each ended by a line feed, in UTF-8: `version`, `updated`,
    /// `operator`, the sections of the notice in their order, for visitors from the EEA `eea_`
    /// and the name of each entry of that block, `contact`.
    pub fn canonical_notice(&self, shown: impl Into<Shown>) -> Option<String> {
        let Shown { retained, eea } = shown.into();
        let notice = self.zh.face_notice.as_ref()?;
        let updated = self.facts.last_updated.to_string();
        let contact = self.zh.contact.line();
        let before = [
            ("version", self.facts.version.as_str()),
            ("updated", &updated),
            ("operator", &self.zh.operator),
        ];
        let sections = notice.sections(retained).map(|(name, text)| (name, text.marked()));
        let eea = self.zh.eea.as_ref().filter(|_| eea).map(Eea::entries);
        let mut canonical = String::from("postern face notice 1\n");
        for (name, text) in before.into_iter().chain(sections) {
            canonical.extend([name, ": ", text, "\n"]);
        }
        for (name, text) in eea.into_iter().flatten() {
            canonical.extend(["eea_", name, ": ", text.marked(), "\n"]);
        }
        canonical.extend(["contact: ", &contact, "\n"]);
        Some(canonical)
    }

    /// SHA-256 of the Chinese terms of a transfer abroad, for consent records: lines as in
    /// [`canonical_notice`](Self::canonical_notice). None without such terms.
    pub fn transfer_sha256(&self) -> Option<[u8; 32]> {
        let terms = self.zh.transfer.as_ref()?;
        let version = [("version", self.facts.version.as_str())];
        let entries = terms.entries().map(|(name, text)| (name, text.marked()));
        let mut canonical = String::from("postern transfer abroad 1\n");
        for (name, text) in version.into_iter().chain(entries) {
            canonical.extend([name, ": ", text, "\n"]);
        }
        Some(Sha256::digest(canonical).into())
    }

    /// SHA-256 of [`canonical_notice`](Self::canonical_notice), for consent records (C44, M59).
    /// None without a notice.
    pub fn notice_sha256(&self, shown: impl Into<Shown>) -> Option<[u8; 32]> {
        self.canonical_notice(shown).map(|text| Sha256::digest(text).into())
    }
}

fn read<T: serde::de::DeserializeOwned>(
    folder: &Path,
    file: &'static str,
) -> Result<T, PolicyError> {
    let text = std::fs::read_to_string(folder.join(file))
        .map_err(|source| PolicyError::Read { file, source })?;
    toml::from_str(&text).map_err(|e| PolicyError::Parse { file, source: Box::new(e) })
}

#[cfg(test)]
pub(crate) mod tests;
