//! What the organiser asks at the entrance.

use serde::Serialize;

/// One question with the answers to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not states")]
pub(crate) struct QuestionPage {
    /// The organiser's words, in the language of the screen if there are any.
    pub(crate) words: String,
    /// Yes or no: the screen has words and signs of its own for the two.
    pub(crate) yes_or_no: bool,
    /// More than one may be chosen.
    pub(crate) many: bool,
    /// What can be chosen.
    pub(crate) options: Vec<QuestionOption>,
    /// The question may be left out.
    pub(crate) may_skip: bool,
    /// The answer can be given as it is.
    pub(crate) ready: bool,
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct QuestionOption {
    /// The organiser's words; empty for yes and for no.
    pub(crate) words: String,
    /// It is chosen.
    pub(crate) chosen: bool,
}
