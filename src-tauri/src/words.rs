//! Words of `assets/locales` for pages that the program writes itself: the same that the screens
//! have. Messages with something to fill in are not among them.

use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_syntax::ast::{Entry, Pattern, PatternElement};
use fluent_syntax::parser::parse_runtime;

use crate::view::Language;

type Words = HashMap<String, String>;

static ZH: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../assets/locales/zh.ftl")));
static EN: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../assets/locales/en.ftl")));

/// The words of a Fluent id; `id.attribute` for an attribute. Empty if there are none: a test of
/// each user sees to it that there are.
pub(crate) fn words(language: Language, id: &str) -> &'static str {
    let words = match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    };
    words.get(id).map_or("", String::as_str)
}

fn read(source: &str) -> Words {
    // What cannot be read is left out; the rest of the file is fine.
    let resource = parse_runtime(source).unwrap_or_else(|(resource, _)| resource);
    let mut words = Words::new();
    for entry in resource.body {
        let Entry::Message(message) = entry else { continue };
        let id = message.id.name;
        let attributes =
            message.attributes.iter().map(|a| (format!("{id}.{}", a.id.name), &a.value));
        let value = message.value.iter().map(|value| (id.to_owned(), value));
        words
            .extend(value.chain(attributes).filter_map(|(id, pattern)| Some((id, text(pattern)?))));
    }
    words
}

fn text(pattern: &Pattern<&str>) -> Option<String> {
    let parts = pattern.elements.iter().map(|element| match element {
        PatternElement::TextElement { value } => Some(*value),
        PatternElement::Placeable { .. } => None,
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_screens() {
        assert_eq!(words(Language::Zh, "stop"), "停止");
        assert_eq!(
            words(Language::En, "code-problem-expired.todo"),
            "Our staff can tell you what to do next"
        );
        assert_eq!(words(Language::En, "seconds-left"), "", "there is something to fill in");
    }
}
