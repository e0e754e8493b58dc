//! A list, a ticket and questions for the tests.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{CheckinList, Choice, OrderState, Question, QuestionKind, Ticket};

/// 2026-11-05 17:00 in Shanghai, a Thursday.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_793_869_200, 0);

pub(crate) fn list<const N: usize>(questions: [Question; N]) -> CheckinList {
    CheckinList {
        questions: questions.into(),
        time_zone: "Asia/Shanghai".to_owned(),
        ..CheckinList::default()
    }
}

/// A paid ticket of product 1.
pub(crate) fn ticket() -> Ticket {
    Ticket {
        item: 1,
        variation: None,
        subevent: None,
        order: OrderState::Paid,
        answered: Vec::new(),
        scanned: None,
    }
}

/// A question of product 1 that nobody has to answer.
pub(crate) fn boolean(id: i64) -> Question {
    Question {
        id,
        items: vec![1],
        words: BTreeMap::from([("en".to_owned(), "?".to_owned())]),
        kind: QuestionKind::Boolean,
        required: false,
        depends_on: None,
    }
}

pub(crate) fn choice(id: i64, choices: &[(i64, &str)]) -> Question {
    let choices = choices.iter().map(|(id, identifier)| Choice {
        id: *id,
        identifier: (*identifier).to_owned(),
        words: BTreeMap::new(),
    });
    Question { kind: QuestionKind::Choice(choices.collect()), ..boolean(id) }
}
