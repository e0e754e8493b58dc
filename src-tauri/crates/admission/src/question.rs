//! Questions that an organiser has asked at the entrance.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its number at the platform.
    pub id: i64,
    /// Products that are asked.
    pub items: Vec<i64>,
    /// The words, by language code.
    pub words: BTreeMap<String, String>,
    /// What an answer looks like.
    pub kind: QuestionKind,
    /// It has to be answered.
    pub required: bool,
    /// Asked only where that question has one of those answers.
    pub depends_on: Option<(i64, Vec<String>)>,
}

/// What an answer looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Yes or no; where it is required, only yes will do.
    Boolean,
    /// One of these.
    Choice(Vec<Choice>),
    /// Some of these.
    Choices(Vec<Choice>),
    /// What a kiosk cannot ask, such as a text or a file: a person does.
    Person,
}

/// One of the answers to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its number at the platform.
    pub id: i64,
    /// Its identifier, which other questions depend on.
    pub identifier: String,
    /// The words, by language code.
    pub words: BTreeMap<String, String>,
}
