//! Texts with emphasis.

use serde::{Deserialize, Serialize};

/// One line of text in which `**two stars**` enclose a sensitive item (C02).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// A text with its marks.
    pub fn new(marked: impl Into<String>) -> Self {
        Self(marked.into())
    }

    /// The text with its marks, as the operator wrote it.
    pub fn marked(&self) -> &str {
        &self.0
    }

    /// The text without marks.
    pub fn plain(&self) -> String {
        self.0.replace("**", "")
    }

    /// Runs of words, and whether each is emphasised. No run is empty.
    pub fn spans(&self) -> Vec<(String, bool)> {
        self.0
            .split("**")
            .enumerate()
            .filter(|(_, words)| !words.is_empty())
            .map(|(index, words)| (words.to_owned(), index % 2 == 1))
            .collect()
    }

    /// True when one line with every `**` closed.
    pub(crate) fn is_well_formed(&self) -> bool {
        !self.0.contains(char::is_control) && self.0.matches("**").count().is_multiple_of(2)
    }

    /// True when anything is emphasised.
    pub(crate) fn emphasises(&self) -> bool {
        self.spans().iter().any(|(_, strong)| *strong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c02_stars_become_strong_spans() {
        let cases: [(&str, &[(&str, bool)]); 5] = [
            ("", &[]),
            ("plain", &[("plain", false)]),
            (
                "本机将**人脸信息**与**证件照**比对",
                &[
                    ("本机将", false),
                    ("人脸信息", true),
                    ("与", false),
                    ("证件照", true),
                    ("比对", false),
                ],
            ),
            ("**all**", &[("all", true)]),
            ("**a****b**", &[("a", true), ("b", true)]),
        ];
        for (marked, spans) in cases {
            let text = Text::new(marked);
            let expected: Vec<_> = spans.iter().map(|(w, s)| ((*w).to_owned(), *s)).collect();
            assert_eq!(text.spans(), expected, "{marked}");
            assert_eq!(
                text.spans().iter().map(|(w, _)| w.as_str()).collect::<String>(),
                text.plain()
            );
        }
    }

    #[test]
    fn open_stars_and_line_breaks_are_not_well_formed() {
        for (marked, fine) in
            [("a **b** c", true), ("a **b c", false), ("a\nb", false), ("a\tb", false), ("", true)]
        {
            assert_eq!(Text::new(marked).is_well_formed(), fine, "{marked}");
        }
    }
}
