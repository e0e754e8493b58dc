//! The policy in full, as the screen shows it: any version that the kiosk knows, offline, and what
//! changed in it since the one before (C44).

use std::ops::Range;

use platform::{PolicyPack, Retained, Text};
use similar::{Algorithm, DiffOp, capture_diff_slices, diff_ratio};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::roster::Roster;
use crate::view::{Change, Language, PolicyPage, Run, Subject, VersionLabel};

/// Paragraphs that have less than this in common are shown whole, one after the other: word by
/// word nobody could read them.
const ALIKE: f32 = 0.5;

/// The page that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// The policy.
    Version {
        /// Which version, 0 for the one in force.
        version: usize,
        /// With what changed since the version before it.
        changes: bool,
    },
    /// What the kiosk is made of (C23).
    Inventory,
}

impl Default for Page {
    fn default() -> Self {
        Self::Version { version: 0, changes: false }
    }
}

/// A word, and whether it is emphasised.
type Word<'t> = (&'t str, bool);

/// The texts of one pack by subject.
type Texts<'p> = Vec<(&'static str, Vec<&'p Text>)>;

/// The policy in one of its versions; one that is not there is the oldest one. `changes`: with what
/// changed since the version before it.
pub(crate) fn page(
    roster: &Roster,
    language: Language,
    version: usize,
    changes: bool,
) -> PolicyPage {
    let packs: Vec<&PolicyPack> =
        std::iter::once(&roster.policy).chain(roster.older.iter()).collect();
    let shown = version.min(packs.len() - 1);
    let retained = roster.keeping.retained();
    let before = packs.get(shown + 1).filter(|_| changes);
    let now = texts(packs[shown], language, retained);
    let words = language.of(packs[shown]);
    PolicyPage {
        operator: words.operator.clone(),
        contact: words.contact.line(),
        versions: packs
            .iter()
            .map(|pack| VersionLabel {
                version: pack.facts.version.to_string(),
                updated: pack.facts.last_updated.to_string(),
            })
            .collect(),
        shown,
        changes: before.is_some(),
        subjects: match before {
            None => now
                .into_iter()
                .map(|(id, paragraphs)| Subject {
                    id,
                    paragraphs: paragraphs.into_iter().map(|t| whole(t, Change::Same)).collect(),
                })
                .collect(),
            Some(before) => changed(&texts(before, language, retained), &now),
        },
    }
}

/// Everything that a pack says, by subject, in the order of the screen.
fn texts(pack: &PolicyPack, language: Language, retained: Retained) -> Texts<'_> {
    let words = language.of(pack);
    let face = words.face_notice.iter().map(|notice| {
        ("face", notice.sections(retained).into_iter().map(|(_, text)| text).collect())
    });
    let basis = [("legal_basis", vec![&words.legal_basis])];
    let subjects =
        words.policy.subjects().map(|(id, paragraphs)| (id, paragraphs.iter().collect()));
    let eea = words
        .eea
        .iter()
        .map(|eea| ("eea", eea.entries().into_iter().map(|(_, text)| text).collect()));
    let transfer = words
        .transfer
        .iter()
        .map(|terms| ("transfer_terms", terms.entries().into_iter().map(|(_, t)| t).collect()));
    face.chain(basis).chain(subjects).chain(eea).chain(transfer).collect()
}

/// Two versions, subject by subject. Subjects have the same order in both.
fn changed(before: &Texts<'_>, now: &Texts<'_>) -> Vec<Subject> {
    let gone = before.iter().filter(|(id, _)| now.iter().all(|(other, _)| other != id));
    let ids = now.iter().chain(gone).map(|(id, _)| *id);
    ids.map(|id| Subject { id, paragraphs: changed_paragraphs(on(before, id), on(now, id)) })
        .collect()
}

/// The paragraphs on one subject.
fn on<'t>(texts: &'t Texts<'t>, id: &str) -> &'t [&'t Text] {
    texts.iter().find(|(other, _)| *other == id).map_or(&[], |(_, paragraphs)| paragraphs)
}

fn changed_paragraphs(before: &[&Text], now: &[&Text]) -> Vec<Vec<Run>> {
    let marked = |texts: &[&Text]| -> Vec<String> {
        texts.iter().map(|text| text.marked().to_owned()).collect()
    };
    let ops = capture_diff_slices(Algorithm::Myers, &marked(before), &marked(now));
    let all = |texts: &[&Text], range: Range<usize>, change| -> Vec<Vec<Run>> {
        texts[range].iter().map(|text| whole(text, change)).collect()
    };
    ops.into_iter()
        .flat_map(|op| match op {
            DiffOp::Equal { new_index, len, .. } => {
                all(now, new_index..new_index + len, Change::Same)
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                all(before, old_index..old_index + old_len, Change::Removed)
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                all(now, new_index..new_index + new_len, Change::Added)
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                let both = old_len.min(new_len);
                let pairs = (0..both)
                    .flat_map(|n| changed_words(before[old_index + n], now[new_index + n]));
                pairs
                    .chain(all(before, old_index + both..old_index + old_len, Change::Removed))
                    .chain(all(now, new_index + both..new_index + new_len, Change::Added))
                    .collect()
            }
        })
        .collect()
}

/// One paragraph with its changes in it, or two where it was written anew.
fn changed_words(before: &Text, now: &Text) -> Vec<Vec<Run>> {
    let (old_spans, new_spans) = (before.spans(), now.spans());
    let (old, new) = (words(&old_spans), words(&new_spans));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    if diff_ratio(&ops, old.len(), new.len()) < ALIKE {
        return vec![whole(before, Change::Removed), whole(now, Change::Added)];
    }
    let mut runs = Vec::new();
    for op in ops {
        let (tag, old_range, new_range) = op.as_tag_tuple();
        if tag == similar::DiffTag::Equal {
            push(&mut runs, &new[new_range], Change::Same);
        } else {
            push(&mut runs, &old[old_range], Change::Removed);
            push(&mut runs, &new[new_range], Change::Added);
        }
    }
    vec![runs]
}

fn words(spans: &[(String, bool)]) -> Vec<Word<'_>> {
    spans
        .iter()
        .flat_map(|(text, strong)| text.split_word_bounds().map(|word| (word, *strong)))
        .collect()
}

fn whole(text: &Text, change: Change) -> Vec<Run> {
    text.spans().into_iter().map(|(text, strong)| Run { text, strong, change }).collect()
}

/// Adds words to the runs, each run as long as it can be.
fn push(runs: &mut Vec<Run>, words: &[Word<'_>], change: Change) {
    for &(word, strong) in words {
        match runs.last_mut() {
            Some(last) if last.strong == strong && last.change == change => {
                last.text.push_str(word);
            }
            _ => runs.push(Run { text: word.to_owned(), strong, change }),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
