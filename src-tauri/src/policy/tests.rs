//! Pages of the sample pack and of versions made from it.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::{Path, PathBuf};

use super::*;

fn text(marked: &str) -> Text {
    Text::new(marked)
}

/// The runs of one changed paragraph: `-` removed, `+` added, `*` strong.
fn shown(before: &str, now: &str) -> Vec<String> {
    changed_words(&text(before), &text(now))
        .into_iter()
        .map(|runs| {
            let sign = |run: &Run| {
                let change = match run.change {
                    Change::Same => "",
                    Change::Added => "+",
                    Change::Removed => "-",
                };
                format!("[{change}{}{}]", if run.strong { "*" } else { "" }, run.text)
            };
            runs.iter().map(sign).collect()
        })
        .collect()
}

/// The folder of the sample pack.
pub(crate) fn sample_folder() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("assets/policy/ciie-sample")
}

/// The sample pack.
pub(crate) fn sample() -> PolicyPack {
    PolicyPack::from_folder(&sample_folder()).unwrap()
}

#[test]
fn c44_a_change_is_shown_by_words_in_both_languages() {
    for (before, now, runs) in [
        ("保存30天后删除。", "保存60天后删除。", "[保存][-30][+60][天后删除。]"),
        ("kept 30 days", "kept 30 working days", "[kept 30 ][+working ][days]"),
        (
            "your **face** is not kept",
            "your face is not kept",
            "[your ][-*face][+face][ is not kept]",
        ),
        ("the same", "the same", "[the same]"),
    ] {
        assert_eq!(shown(before, now), [runs]);
    }
}

#[test]
fn c44_a_paragraph_that_was_written_anew_is_shown_whole_twice() {
    let runs = shown("Everything stays in China.", "We will ask before sending.");
    assert_eq!(runs, ["[-Everything stays in China.]", "[+We will ask before sending.]"]);
}

#[test]
fn c44_paragraphs_that_came_or_went_are_whole_and_the_others_as_they_were() {
    let before = [text("one one one"), text("two two two")];
    let now = [text("zero"), text("one one one"), text("two two 2")];
    let refs = |texts: &[Text]| texts.to_vec();
    let (before, now) = (refs(&before), refs(&now));
    let paragraphs =
        changed_paragraphs(&before.iter().collect::<Vec<_>>(), &now.iter().collect::<Vec<_>>());
    let changes: Vec<Vec<Change>> =
        paragraphs.iter().map(|runs| runs.iter().map(|run| run.change).collect()).collect();
    assert_eq!(changes[..2], [vec![Change::Added], vec![Change::Same]]);
    assert_eq!(changes[2], [Change::Same, Change::Removed, Change::Added]);
}

#[test]
fn c44_both_versions_can_be_read_back_from_what_is_shown_as_changed() {
    let older = sample();
    let mut newer = sample();
    newer.zh.policy.storage[2] = text("选择与签到记录保存60天后删除。");
    newer.zh.policy.rights.pop();
    newer.zh.face_notice.as_mut().unwrap().purpose = text("只用于在入口核验您的身份，不作他用。");
    newer.zh.eea = None;
    let [old, new] = [&older, &newer].map(|pack| texts(pack, Language::Zh, Retained::Nothing));
    let subjects = changed(&old, &new);
    let read = |kept: Change| -> String {
        subjects
            .iter()
            .flat_map(|subject| subject.paragraphs.iter().flatten())
            .filter(|run| run.change == Change::Same || run.change == kept)
            .map(|run| run.text.as_str())
            .collect()
    };
    let plain = |texts: &Texts<'_>| -> String {
        texts.iter().flat_map(|(_, paragraphs)| paragraphs).map(|text| text.plain()).collect()
    };
    assert_eq!(read(Change::Added), plain(&new));
    assert_eq!(read(Change::Removed), plain(&old));
}

#[test]
fn c44_every_text_of_a_pack_is_on_its_page() {
    let pack = sample();
    for language in [Language::Zh, Language::En] {
        let shown = texts(&pack, language, Retained::Nothing);
        let words = language.of(&pack);
        let notice = words.face_notice.as_ref().unwrap();
        let all = notice.sections(Retained::Nothing).into_iter().map(|(_, text)| text);
        let all = all.chain(words.policy.subjects().into_iter().flat_map(|(_, texts)| texts));
        let all = all.chain(words.eea.as_ref().unwrap().entries().into_iter().map(|(_, t)| t));
        let all: Vec<&Text> = all.chain([&words.legal_basis]).collect();
        let on_page: Vec<&Text> = shown.iter().flat_map(|(_, texts)| texts).copied().collect();
        assert!(all.iter().all(|text| on_page.contains(text)) && all.len() == on_page.len());
    }
}
