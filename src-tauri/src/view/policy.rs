//! The policy in full, by version.

use serde::Serialize;

/// A page of the policy in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct PolicyPage {
    /// The operator.
    pub(crate) operator: String,
    /// How to reach the operator (C46).
    pub(crate) contact: String,
    /// All versions, the newest first, which is in force.
    pub(crate) versions: Vec<VersionLabel>,
    /// Which of them is shown.
    pub(crate) shown: usize,
    /// What changed since the version before it is marked.
    pub(crate) changes: bool,
    /// The texts by subject.
    pub(crate) subjects: Vec<Subject>,
}

/// A version of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct VersionLabel {
    /// The version.
    pub(crate) version: String,
    /// Date of the last update, `YYYY-MM-DD` (M56).
    pub(crate) updated: String,
}

/// One subject of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Subject {
    /// Its id; the heading is in `assets/locales`.
    pub(crate) id: &'static str,
    /// Its paragraphs.
    pub(crate) paragraphs: Vec<Vec<Run>>,
}

/// A run of words in the policy in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Run {
    /// The words.
    pub(crate) text: String,
    /// Drawn in bold.
    pub(crate) strong: bool,
    /// What became of them since the version before.
    pub(crate) change: Change,
}

/// What became of words since the version before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// They stood there already.
    Same,
    /// They came.
    Added,
    /// They went.
    Removed,
}
