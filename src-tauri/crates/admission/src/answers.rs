//! What a visitor has answered, and what is still to be asked.

use std::collections::BTreeMap;

use crate::{CheckinList, Question, QuestionKind, Ticket};

/// More choices than this have no place on a kiosk's screen, and a person asks.
const MOST_CHOICES: usize = 8;

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes or no.
    Boolean(bool),
    /// Numbers of the choices; none: the question was left out.
    Chosen(Vec<i64>),
}

/// The answers of one visit. They are forgotten with it, unless they go to the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<i64, Answer>);

/// How far the questions of a badge are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked<'a> {
    /// Nothing is left to be asked.
    Done,
    /// This comes next.
    Next(&'a Question),
    /// A person asks, or decides on an answer.
    Person,
}

impl Answers {
    /// Takes the answer to a question. False, and nothing taken, for an answer that is none of the
    /// question's: another kind, a choice that it does not have, none where it must be answered.
    #[must_use]
    pub fn give(&mut self, question: &Question, answer: Answer) -> bool {
        let fits = match (&question.kind, &answer) {
            (QuestionKind::Boolean, Answer::Boolean(_)) => true,
            (QuestionKind::Choice(choices), Answer::Chosen(chosen)) => {
                chosen.len() <= 1 && all_among(chosen, choices)
            }
            (QuestionKind::Choices(choices), Answer::Chosen(chosen)) => all_among(chosen, choices),
            _ => false,
        };
        let skipped = answer == Answer::Chosen(Vec::new());
        if !fits || (skipped && question.required) {
            return false;
        }
        self.0.insert(question.id, answer);
        true
    }

    /// True where nothing was answered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The answers as the platform takes them, by the number of the question. A question that was
    /// left out has an empty answer: without one the platform would want it asked again.
    pub fn told(&self, list: &CheckinList, ticket: &Ticket) -> BTreeMap<String, String> {
        let open = list.questions.iter().filter(|question| applies(question, ticket));
        open.map(|question| {
            let answer = match self.0.get(&question.id) {
                Some(Answer::Boolean(yes)) => yes.to_string(),
                Some(Answer::Chosen(chosen)) => {
                    chosen.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
                }
                None => String::new(),
            };
            (question.id.to_string(), answer)
        })
        .collect()
    }

    /// What is to be asked next.
    pub(crate) fn next<'a>(&self, list: &'a CheckinList, ticket: &Ticket) -> Asked<'a> {
        let mut next = None;
        for question in list.questions.iter().filter(|question| applies(question, ticket)) {
            match self.0.get(&question.id) {
                // Only yes will do: whoever says no talks to a person.
                Some(Answer::Boolean(false)) if question.required => return Asked::Person,
                Some(_) => continue,
                None => {}
            }
            if !on_screen(question) {
                return Asked::Person;
            }
            next.get_or_insert(question);
        }
        next.map_or(Asked::Done, Asked::Next)
    }
}

/// True for a question of this product that has no answer at the platform.
fn applies(question: &Question, ticket: &Ticket) -> bool {
    question.items.contains(&ticket.item) && !ticket.answered.contains(&question.id)
}

/// True for a question that a kiosk can ask. pretix asks none at check-in that depends on another.
fn on_screen(question: &Question) -> bool {
    let kind = match &question.kind {
        QuestionKind::Boolean => true,
        QuestionKind::Choice(choices) | QuestionKind::Choices(choices) => {
            (1..=MOST_CHOICES).contains(&choices.len())
        }
        QuestionKind::Person => false,
    };
    kind && question.depends_on.is_none()
}

fn all_among(chosen: &[i64], choices: &[crate::Choice]) -> bool {
    chosen.iter().all(|id| choices.iter().any(|choice| choice.id == *id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{boolean, choice, list, ticket};

    fn yes() -> Answer {
        Answer::Boolean(true)
    }

    #[test]
    fn questions_are_asked_in_order_each_once_and_only_of_their_products() {
        let other = Question { items: vec![99], ..boolean(3) };
        let list = list([boolean(1), other, choice(2, &[(20, "A"), (21, "B")])]);
        let ticket = ticket();
        let mut answers = Answers::default();
        assert_eq!(answers.next(&list, &ticket), Asked::Next(&list.questions[0]));
        assert!(answers.give(&list.questions[0], yes()));
        assert_eq!(answers.next(&list, &ticket), Asked::Next(&list.questions[2]));
        assert!(answers.give(&list.questions[2], Answer::Chosen(vec![21])));
        assert_eq!(answers.next(&list, &ticket), Asked::Done);
        let told = answers.told(&list, &ticket);
        let told: Vec<_> = told.iter().map(|(id, answer)| (id.as_str(), answer.as_str())).collect();
        assert_eq!(told, [("1", "true"), ("2", "21")]);

        let answered = Ticket { answered: vec![1, 2], ..ticket };
        assert_eq!(Answers::default().next(&list, &answered), Asked::Done);
        assert!(Answers::default().told(&list, &answered).is_empty());
    }

    #[test]
    fn an_answer_that_is_none_of_the_questions_is_not_taken() {
        let choices = [(20, "A"), (21, "B")];
        let must = Question { required: true, ..choice(2, &choices) };
        for (question, answer) in [
            (boolean(1), Answer::Chosen(vec![20])),
            (choice(2, &choices), yes()),
            (choice(2, &choices), Answer::Chosen(vec![22])),
            (choice(2, &choices), Answer::Chosen(vec![20, 21])),
            (must, Answer::Chosen(Vec::new())),
            (Question { kind: QuestionKind::Person, ..boolean(1) }, yes()),
        ] {
            let mut answers = Answers::default();
            assert!(!answers.give(&question, answer.clone()), "{question:?} {answer:?}");
            assert!(answers.is_empty());
        }
        let mut answers = Answers::default();
        assert!(answers.give(&choice(2, &choices), Answer::Chosen(Vec::new())));
    }

    #[test]
    fn whoever_says_no_where_only_yes_will_do_comes_to_a_person() {
        for (required, asked) in [(true, Asked::Person), (false, Asked::Done)] {
            let list = list([Question { required, ..boolean(1) }]);
            let mut answers = Answers::default();
            assert!(answers.give(&list.questions[0], Answer::Boolean(false)));
            assert_eq!(answers.next(&list, &ticket()), asked);
        }
    }

    #[test]
    fn a_question_that_a_kiosk_cannot_ask_is_a_persons() {
        for required in [true, false] {
            let text = Question { kind: QuestionKind::Person, required, ..boolean(2) };
            let crowd = choice(2, &[(20, "A"); MOST_CHOICES + 1]);
            let depends_on = Some((1, vec!["True".to_owned()]));
            let dependent = Question { required, depends_on, ..boolean(2) };
            for other in [text, crowd, choice(2, &[]), dependent] {
                let list = list([boolean(1), other]);
                assert_eq!(Answers::default().next(&list, &ticket()), Asked::Person);
            }
        }
    }
}
