//! The policy in full, and the two supplements that not every visitor is shown.

use serde::{Deserialize, Serialize};

use super::Text;

/// What the operator promises, by subject. A closed list, so that two versions can be laid side
/// by side. Each entry of a subject is a paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Whom and what the policy is about.
    pub scope: Vec<Text>,
    /// What is collected.
    pub data: Vec<Text>,
    /// What it is used for.
    pub purposes: Vec<Text>,
    /// Who else receives it.
    pub sharing: Vec<Text>,
    /// Where and how long it is kept.
    pub storage: Vec<Text>,
    /// How it is protected, and what follows an incident.
    pub security: Vec<Text>,
    /// The visitor's rights, and by when they are answered.
    pub rights: Vec<Text>,
    /// Children.
    pub children: Vec<Text>,
    /// Transfer across borders.
    pub transfer: Vec<Text>,
    /// How changes are announced.
    pub updates: Vec<Text>,
}

impl Policy {
    /// The subjects with their names, in the order in which they are shown.
    pub fn subjects(&self) -> [(&'static str, &[Text]); 10] {
        [
            ("scope", &self.scope),
            ("data", &self.data),
            ("purposes", &self.purposes),
            ("sharing", &self.sharing),
            ("storage", &self.storage),
            ("security", &self.security),
            ("rights", &self.rights),
            ("children", &self.children),
            ("transfer", &self.transfer),
            ("updates", &self.updates),
        ]
    }
}

/// What visitors from the European Economic Area are told besides (M57).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eea {
    /// Who the controller is.
    pub controller: Text,
    /// Where the data are stored.
    pub storage: Text,
    /// On which legal basis.
    pub legal_basis: Text,
    /// Whether the data must be given.
    pub mandatory: Text,
    /// What follows when they are not.
    pub consequences: Text,
}

impl Eea {
    /// The entries with their names, in the order in which they are shown.
    pub fn entries(&self) -> [(&'static str, &Text); 5] {
        [
            ("controller", &self.controller),
            ("storage", &self.storage),
            ("legal_basis", &self.legal_basis),
            ("mandatory", &self.mandatory),
            ("consequences", &self.consequences),
        ]
    }
}

/// Terms of a transfer abroad, which takes a consent of its own (C41). Without them none is
/// offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// What the visitor's switch says: what would be sent. Off until the visitor turns it.
    pub ask: Text,
    /// Who receives it, and in which country.
    pub recipient: Text,
    /// How to reach the recipient.
    pub contact: Text,
    /// What the recipient uses it for.
    pub purpose: Text,
}

impl Transfer {
    /// The entries with their names, in the order in which they are shown.
    pub fn entries(&self) -> [(&'static str, &Text); 4] {
        [
            ("ask", &self.ask),
            ("recipient", &self.recipient),
            ("contact", &self.contact),
            ("purpose", &self.purpose),
        ]
    }
}
