//! How the changes of the orders are walked: by the time of each order's last change, the oldest
//! first. A first load and a later change are the same walk.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::OVERLAP;
use crate::{Cursor, RegistrationError};

/// Orders on a page, as many as the server gives.
const PAGE: u32 = 50;

/// Orders on a page where 50 are too long. With two there is a step to the next.
const NARROW: u32 = 2;

/// Pages that may come of changes of one and the same moment. More is no honest answer.
const LONGEST: u64 = 1_000_000;

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
    /// Reading the pages from the last to the first, which began at that time.
    pub(super) down: Option<Timestamp>,
    /// When the list and what belongs to it was asked for last, by the server's clock.
    pub(super) listed_at: Option<Timestamp>,
    /// The same by the kiosk's clock, which may be another.
    pub(super) asked_at: Option<Timestamp>,
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
    /// Orders on all pages.
    pub(super) count: u64,
    /// The server's time, or the kiosk's: no change is believed to be of a later time.
    pub(super) at: Timestamp,
}

/// The way after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) next: Walk,
    /// Up to which change everything is known.
    pub(super) until: Timestamp,
    /// There is more to read now.
    pub(super) more: bool,
    /// Orders that are still to be read.
    pub(super) left: u64,
}

impl Walk {
    /// Begins with the changes of that time.
    pub(super) fn since(at: Timestamp) -> Self {
        let since = overlapping(at);
        Self {
            since,
            page: 1,
            size: PAGE,
            down: None,
            listed_at: None,
            asked_at: None,
            begins_on: None,
        }
    }

    pub(super) fn read(cursor: &Cursor) -> Result<Self, RegistrationError> {
        serde_json::from_str(&cursor.0).map_err(|_| RegistrationError::Cursor)
    }

    /// As it is kept. Times and numbers: there is nothing in it that JSON could not hold.
    pub(super) fn cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }

    /// The same way in smaller steps: for a page that is too long. None if they are small already.
    pub(super) fn narrow(self) -> Option<Self> {
        // Downwards, the last of the small pages comes first.
        let page = if self.down.is_some() { self.page * (PAGE / NARROW) } else { 1 };
        (self.size > NARROW).then_some(Self { page, size: NARROW, ..self })
    }

    /// Where to go on after a page.
    ///
    /// Always the first page from the last change on: pages move when an order changes meanwhile,
    /// a moment does not. Only where a whole page was changed in the same moment, page numbers
    /// count, and then downwards: an order that changes goes to the end, and those behind it move
    /// up, to where they are read once more and not passed over. What went to the end meanwhile is
    /// read after that.
    pub(super) fn on(self, step: Step) -> Way {
        let begin = |since| Self { since, page: 1, size: PAGE, down: None, ..self };
        let behind = |page: u32| u64::from(page.saturating_sub(1)) * u64::from(self.size);
        if let Some(began) = self.down {
            let next = match self.page {
                ..=1 => begin(overlapping(began)),
                page => Self { page: page - 1, ..self },
            };
            return Way { next, until: self.since, more: true, left: behind(self.page) };
        }
        let last = step.last.map_or(self.since, |last| last.min(step.at));
        let until = last.max(self.since);
        let next = if !step.more {
            begin(overlapping(until))
        } else if until > self.since {
            begin(until)
        } else {
            let pages = step.count.div_ceil(u64::from(self.size));
            let pages = u32::try_from(pages.clamp(2, LONGEST)).unwrap_or(u32::MAX);
            Self { page: pages, down: Some(step.at), ..self }
        };
        let left = step.count.saturating_sub(u64::from(self.size));
        Way { next, until, more: step.more, left }
    }
}

fn overlapping(at: Timestamp) -> Timestamp {
    at.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::collections::BTreeMap;

    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_793_869_200, 0);

    #[test]
    fn a_server_whose_clock_is_ahead_does_not_take_the_kiosk_past_its_own_time() {
        let last = Some("9999-01-01T00:00:00Z".parse().unwrap());
        let step = Step { last, more: true, count: 999, at: NOW };
        let mut walk = Walk::since(NOW);
        let mut pages = 0;
        while walk.since < NOW && pages < 50 {
            walk = walk.on(step).next;
            pages += 1;
        }
        assert_eq!((walk.since, pages), (NOW, 1));
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_anything_else_is_refused() {
        let walk = Walk { listed_at: Some(NOW), ..Walk::since(NOW) };
        assert_eq!(Walk::read(&walk.cursor()).unwrap(), walk);
        for cursor in ["", "{}", "5"] {
            let error = Walk::read(&Cursor(cursor.to_owned())).unwrap_err();
            assert!(matches!(error, RegistrationError::Cursor), "{error}");
        }
    }

    #[test]
    fn a_page_that_is_too_long_is_read_in_small_steps() {
        let walk = Walk::since(NOW);
        let narrow = walk.narrow().unwrap();
        assert_eq!((narrow.page, narrow.size, narrow.since), (1, NARROW, walk.since));
        assert_eq!(narrow.narrow(), None);
        let later = Step { last: Some(NOW), more: true, count: 3, at: NOW };
        assert_eq!(narrow.on(later).next.size, PAGE);
        let down = Walk { page: 3, down: Some(NOW), ..walk };
        assert_eq!(down.narrow().unwrap().page, 75, "orders 101 to 150 are pages 51 to 75");
    }

    /// Reads all changes from a server whose orders were changed at these seconds, `touch` changing
    /// some between two pages. Pages of more than `bearable` orders are too long. Returns how many
    /// orders were heard of as they are at the end.
    fn read_all(
        mut changed: Vec<i32>,
        bearable: usize,
        mut touch: impl FnMut(usize, &mut dyn FnMut(usize)),
    ) -> usize {
        let at = |seconds: i32| NOW + SignedDuration::from_secs(1) * seconds;
        let mut clock = changed.iter().copied().max().unwrap_or(0) + 1000;
        let (mut heard, mut walk) = (BTreeMap::new(), Walk::since(NOW));
        for round in 0.. {
            let mut rows: Vec<_> = (0_usize..)
                .zip(&changed)
                .map(|(id, seconds)| (at(*seconds), id))
                .filter(|(at, _)| *at >= walk.since)
                .collect();
            rows.sort_unstable();
            let from = (walk.page as usize - 1) * walk.size as usize;
            let page: Vec<_> = rows.iter().skip(from).take(walk.size as usize).collect();
            if page.len() > bearable {
                walk = walk.narrow().unwrap();
                continue;
            }
            heard.extend(page.iter().map(|(at, id)| (*id, *at)));
            let last = page.iter().map(|(at, _)| *at).max();
            let more = rows.len() > from + walk.size as usize;
            let step = Step { last, more, count: rows.len() as u64, at: at(clock) };
            let way = walk.on(step);
            walk = way.next;
            if !way.more {
                let now = |(id, seen): (&usize, &Timestamp)| at(changed[*id]) == *seen;
                return heard.iter().filter(|heard| now(*heard)).count();
            }
            assert!(round < 100_000, "it does not end");
            touch(round, &mut |order| {
                clock += 1;
                changed[order] = clock;
            });
        }
        unreachable!()
    }

    #[test]
    fn c35_orders_that_were_changed_in_one_moment_are_all_read() {
        for bearable in [50, 20, 2] {
            assert_eq!(read_all(vec![0; 333], bearable, |_, _| ()), 333);
        }
    }

    proptest! {
        #[test]
        fn c35_no_change_is_missed_however_the_pages_move(
            // Few seconds: many orders share one.
            changed in prop::collection::vec(0_i32..6, 0..260),
            touched in prop::collection::vec((0_usize..260, 0_usize..30), 0..60),
            bearable in prop::sample::select(vec![2_usize, 20, 50]),
        ) {
            let number = changed.len();
            let heard = read_all(changed, bearable, |round, change| {
                for (order, when) in &touched {
                    if *when == round && *order < number {
                        change(*order);
                    }
                }
            });
            prop_assert_eq!(heard, number);
        }
    }
}
