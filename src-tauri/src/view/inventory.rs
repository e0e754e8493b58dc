//! What the kiosk is made of.

use serde::{Deserialize, Serialize};

/// The inventory, as visitors and technicians read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct InventoryPage {
    /// Version of the program.
    pub(crate) version: String,
    /// The operator, who answers for all of it.
    pub(crate) operator: String,
    /// The endpoints that the kiosk may speak with; none: it speaks with nobody (C11, C29).
    pub(crate) endpoints: Vec<String>,
    /// Certificate photos that are stored here (L1).
    pub(crate) references: u32,
    /// Everything that is compiled in or loaded, by name.
    pub(crate) components: Vec<Component>,
}

/// One component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Component {
    /// What it is.
    pub(crate) kind: ComponentKind,
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Its licence, as its author wrote it; empty where none is known.
    pub(crate) licence: String,
}

/// What a component is, in the words of `CycloneDX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) enum ComponentKind {
    /// Code.
    #[serde(rename = "library")]
    Library,
    /// A network's weights.
    #[serde(rename = "machine-learning-model")]
    Model,
}
