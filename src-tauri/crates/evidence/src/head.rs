//! The line of JSON before the picture.

use serde::Serialize;

/// Version of the form.
const VERSION: u8 = 1;

/// What a record says beside its picture.
#[derive(Debug)]
pub struct Head<'a> {
    /// How the comparison ended, in the word of the worker's report.
    pub outcome: &'a str,
    /// When the visit was, RFC 3339.
    pub at: &'a str,
    /// SHA-256 of the template model that compared, in hexadecimal digits.
    pub model: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    postern_evidence: u8,
    outcome: &'a str,
    at: &'a str,
    model: &'a str,
    picture: &'a str,
}

impl Head<'_> {
    /// The line without its line feed. JSON has none inside.
    pub(crate) fn line(&self) -> Result<Vec<u8>, serde_json::Error> {
        let Self { outcome, at, model } = *self;
        serde_json::to_vec(&Line { postern_evidence: VERSION, outcome, at, model, picture: "jpeg" })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn c07_a_record_says_outcome_time_and_model_and_nothing_else() {
        let head = Head { outcome: "non_match", at: "2026-11-23T08:15:02Z", model: "ab" };
        assert_eq!(
            String::from_utf8(head.line().unwrap()).unwrap(),
            r#"{"postern_evidence":1,"outcome":"non_match","at":"2026-11-23T08:15:02Z","model":"ab","picture":"jpeg"}"#
        );
    }

    #[test]
    fn nothing_in_a_head_makes_a_second_line() {
        let head = Head { outcome: "a\nb", at: "\r\n", model: "" };
        assert!(!head.line().unwrap().contains(&b'\n'));
    }
}
