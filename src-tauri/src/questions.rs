//! The organiser's questions at the screen: which one is asked, and what was answered.
//!
//! Answers are held with the visit. They go to the platform with its check-in, and are forgotten
//! otherwise.

use std::collections::{BTreeMap, BTreeSet};

use admission::{Answer, Answers, Choice, Question, QuestionKind, Verdict};
use checkin::{Event, Questioned, State, VisitNonce};

use crate::controller::Controller;
use crate::roster;
use crate::view::{Language, QuestionOption, QuestionPage};

/// The questions of one visit.
#[derive(Default)]
pub(crate) struct Asking {
    /// Number of the question on the screen.
    question: Option<i64>,
    /// Places of what is chosen there.
    chosen: BTreeSet<usize>,
    /// What was answered before.
    pub(crate) answers: Answers,
}

impl Asking {
    /// Begins with this question.
    pub(crate) fn begin(question: i64) -> Self {
        Self { question: Some(question), ..Self::default() }
    }

    /// What is chosen as an answer; none where nothing is, and something has to be.
    fn answer(&self, question: &Question) -> Option<Answer> {
        let places = || self.chosen.iter();
        match &question.kind {
            QuestionKind::Boolean => places().next().map(|place| Answer::Boolean(*place == 0)),
            QuestionKind::Choice(choices) | QuestionKind::Choices(choices) => {
                if self.chosen.is_empty() && question.required {
                    return None;
                }
                let chosen = places().filter_map(|place| choices.get(*place));
                Some(Answer::Chosen(chosen.map(|choice| choice.id).collect()))
            }
            QuestionKind::Person => None,
        }
    }

    fn choose(&mut self, question: &Question, place: usize) {
        let (places, many) = match &question.kind {
            QuestionKind::Boolean => (2, false),
            QuestionKind::Choice(choices) => (choices.len(), false),
            QuestionKind::Choices(choices) => (choices.len(), true),
            QuestionKind::Person => return,
        };
        if place >= places || self.chosen.remove(&place) {
            return;
        }
        if !many {
            self.chosen.clear();
        }
        self.chosen.insert(place);
    }

    fn page(&self, question: &Question, language: Language) -> QuestionPage {
        let of = |choices: &[Choice]| -> Vec<String> {
            choices.iter().map(|choice| words(&choice.words, language)).collect()
        };
        let (yes_or_no, many, options) = match &question.kind {
            QuestionKind::Choice(choices) => (false, false, of(choices)),
            QuestionKind::Choices(choices) => (false, true, of(choices)),
            QuestionKind::Boolean => (true, false, vec![String::new(); 2]),
            QuestionKind::Person => (false, false, Vec::new()),
        };
        let chosen = |place| self.chosen.contains(&place);
        let option = |(place, words)| QuestionOption { words, chosen: chosen(place) };
        QuestionPage {
            words: words(&question.words, language),
            yes_or_no,
            many,
            options: options.into_iter().enumerate().map(option).collect(),
            may_skip: !question.required && !yes_or_no,
            ready: self.answer(question).is_some(),
        }
    }
}

impl Controller {
    /// The question on the screen.
    fn question(&self) -> Option<&Question> {
        let asked = self.held.asking.question?;
        let list = self.roster.as_ref()?.list.as_ref()?;
        list.questions.iter().find(|question| question.id == asked)
    }

    /// The question as the screen shows it, while one is asked.
    pub(crate) fn question_page(&self) -> Option<QuestionPage> {
        if !matches!(self.state(), State::Questions(_)) {
            return None;
        }
        Some(self.held.asking.page(self.question()?, self.language))
    }

    /// The visitor touches one of the answers.
    pub(crate) fn choose(&mut self, place: usize) {
        if !matches!(self.state(), State::Questions(s) if !s.judging()) {
            return;
        }
        if let Some(question) = self.question().cloned() {
            self.held.asking.choose(&question, place);
        }
    }

    /// The visitor has chosen, or leaves the question out.
    pub(crate) fn answer_question(&mut self) {
        if !matches!(self.state(), State::Questions(s) if !s.judging()) {
            return;
        }
        let Some(question) = self.question().cloned() else { return };
        let asking = &mut self.held.asking;
        let taken =
            asking.answer(&question).is_some_and(|answer| asking.answers.give(&question, answer));
        if taken {
            asking.chosen.clear();
            self.on(Event::AnswerGiven);
        }
    }

    /// Judges the badge with what was answered so far.
    pub(crate) fn judge_answers(&mut self, nonce: VisitNonce) {
        let now = self.clock.now();
        let judged =
            self.roster.as_ref().zip(self.held.badge.as_ref()).and_then(|(roster, badge)| {
                let verdict = roster.judge(&badge.entry, &self.held.asking.answers, now)?;
                Some(match verdict {
                    Verdict::Asks(question) => (Some(question.id), Questioned::More),
                    Verdict::Pass => (None, Questioned::Done),
                    Verdict::Person(_) => (None, Questioned::Person),
                    Verdict::Refused(refusal) => (
                        None,
                        roster::problem(refusal, &badge.entry, now)
                            .map_or(Questioned::Person, Questioned::Refused),
                    ),
                })
            });
        // The badge or its list is gone meanwhile.
        let (question, questioned) = judged.unwrap_or((None, Questioned::Person));
        self.held.asking.question = question;
        self.show_anew();
        self.answer(nonce, Event::AnswersJudged(questioned));
    }

    /// The visitor's answers for the platform, once all are given.
    pub(crate) fn answers(&self) -> Option<String> {
        let answers = &self.held.asking.answers;
        if answers.is_empty() || self.held.asking.question.is_some() {
            return None;
        }
        let ticket = self.held.badge.as_ref()?.entry.ticket.as_ref()?;
        let list = self.roster.as_ref()?.list.as_ref()?;
        serde_json::to_string(&answers.told(list, ticket)).ok()
    }
}

/// The organiser's words in the language of the screen, or else in Chinese, in English, or in
/// whatever language there is. A language may come with its script or its country.
fn words(words: &BTreeMap<String, String>, language: Language) -> String {
    let first = match language {
        Language::Zh => ["zh", "en"],
        Language::En => ["en", "zh"],
    };
    let of = |code: &str| {
        let exact = words.get(code);
        let variant = || words.iter().find(|(key, _)| key.split(['-', '_']).next() == Some(code));
        exact.or_else(|| variant().map(|(_, text)| text)).filter(|text| !text.is_empty())
    };
    let found = first.into_iter().find_map(of).or_else(|| words.values().next());
    found.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
        texts.iter().map(|(code, text)| ((*code).to_owned(), (*text).to_owned())).collect()
    }

    fn question(kind: QuestionKind, required: bool) -> Question {
        let words = texts(&[("en", "Lunch?"), ("zh-hans", "午餐？")]);
        Question { id: 7, items: vec![1], words, kind, required, depends_on: None }
    }

    fn choices() -> Vec<Choice> {
        let choice = |(id, name): (i64, &str)| Choice {
            id,
            identifier: name.to_owned(),
            words: texts(&[("en", name)]),
        };
        [(30, "Rice"), (31, "Noodles"), (32, "None")].map(choice).into()
    }

    #[test]
    fn words_come_in_the_language_of_the_screen_or_in_another_one() {
        for (given, zh, en) in [
            (&[("en", "a"), ("zh-hans", "b")][..], "b", "a"),
            (&[("en", "a"), ("zh", "b"), ("zh-hant", "c")], "b", "a"),
            (&[("en-gb", "a"), ("de", "d")], "a", "a"),
            (&[("en", ""), ("zh-hans", "b")], "b", "b"),
            (&[("de", "d")], "d", "d"),
            (&[], "", ""),
        ] {
            let given = texts(given);
            assert_eq!(words(&given, Language::Zh), zh, "{given:?}");
            assert_eq!(words(&given, Language::En), en, "{given:?}");
        }
    }

    #[test]
    fn one_answer_takes_the_place_of_another_and_several_stand_together() {
        for (kind, chosen) in [
            (QuestionKind::Choice(choices()), vec![32]),
            (QuestionKind::Choices(choices()), vec![30, 32]),
        ] {
            let question = question(kind, true);
            let mut asking = Asking::begin(7);
            assert_eq!(asking.answer(&question), None, "it has to be answered");
            for place in [0, 1, 1, 2, 9] {
                asking.choose(&question, place);
            }
            assert_eq!(asking.answer(&question), Some(Answer::Chosen(chosen)));
        }
    }

    #[test]
    fn yes_and_no_are_two_places_and_neither_is_a_default() {
        let question = question(QuestionKind::Boolean, false);
        let mut asking = Asking::begin(7);
        let page = asking.page(&question, Language::Zh);
        assert!(page.yes_or_no && !page.ready && !page.may_skip && page.words == "午餐？");
        assert!(page.options.len() == 2 && page.options.iter().all(|option| !option.chosen));
        for (place, yes) in [(1, false), (0, true)] {
            asking.choose(&question, place);
            assert_eq!(asking.answer(&question), Some(Answer::Boolean(yes)));
        }
    }

    #[test]
    fn what_nobody_has_to_answer_can_be_left_out() {
        let question = question(QuestionKind::Choices(choices()), false);
        let asking = Asking::begin(7);
        let page = asking.page(&question, Language::En);
        assert!(page.may_skip && page.ready && page.many);
        assert_eq!(page.options[1].words, "Noodles");
        assert_eq!(asking.answer(&question), Some(Answer::Chosen(Vec::new())));
    }
}
