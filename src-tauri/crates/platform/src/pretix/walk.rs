//! How the changes of the orders are walked: by the time of each order's last change, the oldest
//! first. A first load and a later change are the same walk.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::OVERLAP;
use crate::{Cursor, RegistrationError};

/// Orders on a page, as many as the server gives.
const PAGE: u32 = 50;

/// Pages that may come of changes of one and the same moment. More is no honest answer.
const LONGEST: u32 = 10_000;

/// How far the changes were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Walk {
    /// Changes of that time and later ones.
    pub(super) since: Timestamp,
    /// Which page of them.
    pub(super) page: u32,
    /// Orders on a page.
    pub(super) size: u32,
    /// When the list and what belongs to it was asked for last, by the server's clock.
    pub(super) listed_at: Option<Timestamp>,
    /// The day on which the event begins, as it was told then.
    pub(super) begins_on: Option<Date>,
}

/// What a page says of the way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The latest change on it.
    pub(super) last: Option<Timestamp>,
    /// There are more pages behind it.
    pub(super) more: bool,
    /// The server's time, or the kiosk's: no change is believed to be of a later time.
    pub(super) at: Timestamp,
}

impl Walk {
    /// Begins with the changes of that time.
    pub(super) fn since(at: Timestamp) -> Self {
        let since = overlapping(at);
        Self { since, page: 1, size: PAGE, listed_at: None, begins_on: None }
    }

    pub(super) fn read(cursor: &Cursor) -> Result<Self, RegistrationError> {
        serde_json::from_str(&cursor.0).map_err(|_| RegistrationError::field("the cursor"))
    }

    /// As it is kept. Times and numbers: there is nothing in it that JSON could not hold.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }

    /// The same way, one order at a time: for a page that is too long. None if it is that already.
    pub(super) fn narrow(self) -> Option<Self> {
        let page = (self.page - 1) * self.size + 1;
        (self.size > 1).then_some(Self { page, size: 1, ..self })
    }

    /// Where to go on after a page, and up to which change everything is known then.
    pub(super) fn on(self, step: Step) -> Result<(Self, Timestamp), RegistrationError> {
        let last = step.last.map_or(self.since, |last| last.min(step.at));
        let until = last.max(self.since);
        let begin = |since| Self { since, page: 1, size: PAGE, ..self };
        // Pages move when an order changes meanwhile; a moment does not. Only where more than a
        // page was changed in the same moment, it is read page by page.
        let next = if !step.more {
            begin(overlapping(until))
        } else if until > self.since {
            begin(until)
        } else {
            Self { page: self.page + 1, ..self }
        };
        if next.page > LONGEST * PAGE / self.size {
            return Err(RegistrationError::field("orders"));
        }
        Ok((next, until))
    }
}

fn overlapping(at: Timestamp) -> Timestamp {
    at.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_793_869_200, 0);

    fn far(walk: Walk) -> Result<(Walk, Timestamp), RegistrationError> {
        walk.on(Step { last: Some("9999-01-01T00:00:00Z".parse().unwrap()), more: true, at: NOW })
    }

    #[test]
    fn a_server_whose_clock_is_ahead_does_not_take_the_kiosk_past_its_own_time() {
        let (mut walk, until) = far(Walk::since(NOW)).unwrap();
        assert_eq!(until, NOW);
        // And one that goes on for ever is left.
        let mut pages = 0;
        while let Ok((next, _)) = far(walk) {
            walk = next;
            pages += 1;
        }
        assert!(pages <= LONGEST);
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_anything_else_is_named() {
        let walk = Walk { listed_at: Some(NOW), ..Walk::since(NOW) };
        assert_eq!(Walk::read(&walk.cursor()).unwrap(), walk);
        for cursor in ["", "{}", "5"] {
            let error = Walk::read(&Cursor(cursor.to_owned())).unwrap_err();
            assert!(error.to_string().contains("the cursor"), "{error}");
        }
    }

    #[test]
    fn a_page_that_is_too_long_is_read_order_by_order() {
        let walk = Walk { page: 3, ..Walk::since(NOW) };
        let narrow = walk.narrow().unwrap();
        assert_eq!((narrow.page, narrow.size, narrow.since), (101, 1, walk.since));
        assert_eq!(narrow.narrow(), None);
        let later = Step { last: Some(NOW), more: true, at: NOW };
        assert_eq!(narrow.on(later).unwrap().0.size, PAGE);
    }

    /// Reads all changes from a server whose orders were changed at these times, `touch` changing
    /// some between two pages. Pages of more than `bearable` orders are too long. Returns how many
    /// orders were heard of.
    fn read_all(
        start: Timestamp,
        mut changed: Vec<Timestamp>,
        bearable: usize,
        mut touch: impl FnMut(usize, &mut Vec<Timestamp>),
    ) -> usize {
        let (mut heard, mut round, mut walk) = (BTreeSet::new(), 0, Walk::since(start));
        loop {
            let mut rows: Vec<_> =
                (0_i64..).zip(&changed).filter(|(_, at)| **at >= walk.since).collect();
            rows.sort_by_key(|(id, at)| (**at, *id));
            let from = (walk.page as usize - 1) * walk.size as usize;
            let page: Vec<_> = rows.iter().skip(from).take(walk.size as usize).collect();
            if page.len() > bearable {
                walk = walk.narrow().unwrap();
                continue;
            }
            heard.extend(page.iter().map(|(id, _)| *id));
            let last = page.iter().map(|(_, at)| **at).max();
            let more = rows.len() > from + walk.size as usize;
            walk = walk.on(Step { last, more, at: NOW }).unwrap().0;
            if !more {
                return heard.len();
            }
            touch(round, &mut changed);
            round += 1;
        }
    }

    #[test]
    fn c35_orders_that_were_changed_in_one_moment_are_all_read() {
        let start = NOW - SignedDuration::from_mins(5);
        for bearable in [50, 20] {
            assert_eq!(read_all(start, vec![start; 333], bearable, |_, _| ()), 333);
        }
    }

    proptest! {
        #[test]
        fn c35_no_change_is_missed_however_the_pages_move(
            seconds in prop::collection::btree_set(0_i32..3000, 0..200),
            touched in prop::collection::vec((0_usize..200, 0_usize..5), 0..40),
            bearable in prop::sample::select(vec![1_usize, 20, 50]),
        ) {
            let second = SignedDuration::from_secs(1);
            let start = NOW - second * 6000;
            let changed: Vec<_> = seconds.iter().map(|s| start + second * *s).collect();
            let number = changed.len();
            let mut later = 3000;
            let heard = read_all(start, changed, bearable, |round, changed| {
                for (order, when) in &touched {
                    if *when == round && *order < number {
                        later += 1;
                        changed[*order] = start + second * later;
                    }
                }
            });
            prop_assert_eq!(heard, number);
        }
    }
}
