//! Which attendees are gone: cancelled orders, and cancelled positions of others (C35, C36).
//!
//! The server is asked for four fields of each order and nothing else; an older one that sends
//! more is heard as little (C17).

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Pretix;
use crate::RegistrationError;

/// What is asked for. Leaving out the rest spares the server the work as well.
const FIELDS: &str = "include=status&include=last_modified&include=positions.id\
     &include=positions.canceled&include_canceled_positions=true\
     &exclude=fees&exclude=payments&exclude=refunds&exclude=invoice_address&exclude=customer";

/// A change is seen when its transaction ends, which may be so long after its time.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// Pages that may come of changes of one and the same moment. More is no honest answer.
const LONGEST: u32 = 10_000;

/// How far the changes of the orders were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    since: Timestamp,
    page: u32,
}

/// One page of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Numbers of the positions that are cancelled now.
    pub positions: Vec<i64>,
    /// When the server said so, by its own clock if it told that.
    pub at: Timestamp,
    /// Where to go on at once; none at the end.
    pub next: Option<Asked>,
    /// Up to which change everything is known: what to keep over a restart.
    pub until: Timestamp,
}

#[derive(Deserialize)]
struct Orders {
    next: Option<IgnoredAny>,
    results: Vec<Order>,
}

#[derive(Deserialize)]
struct Order {
    status: String,
    last_modified: Timestamp,
    positions: Vec<Position>,
}

#[derive(Deserialize)]
struct Position {
    id: i64,
    canceled: bool,
}

impl Asked {
    /// Begins where the last round ended.
    pub fn from(until: Timestamp) -> Self {
        Self { since: until.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN), page: 1 }
    }
}

impl Pretix {
    /// Asks for the next changes. `now`: no change is believed to be of a later time.
    pub async fn gone(&self, asked: Asked, now: Timestamp) -> Result<Gone, RegistrationError> {
        let Asked { since, page } = asked;
        let path = format!(
            "{}/orders/?modified_since={since}&ordering=last_modified&page_size=50&page={page}&{FIELDS}",
            self.event(),
        );
        let answer = self.server().call(&path, transport::Call::Get).await?;
        let generated = answer.header("x-page-generated").and_then(|text| text.parse().ok());
        let orders: Orders = super::read(&answer, "orders")?;
        sort_out(&orders, asked, generated.unwrap_or(now), now)
    }
}

fn sort_out(
    orders: &Orders,
    asked: Asked,
    at: Timestamp,
    now: Timestamp,
) -> Result<Gone, RegistrationError> {
    let gone = |order: &Order, position: &Position| order.status == "c" || position.canceled;
    let positions = orders.results.iter().flat_map(|order| {
        order.positions.iter().filter(|p| gone(order, p)).map(|position| position.id)
    });
    let positions = positions.collect();
    let last = orders.results.iter().map(|order| order.last_modified.min(now)).max();
    let until = last.unwrap_or(asked.since).max(asked.since);
    // Pages move when an order changes meanwhile; a moment does not. Only where more than a page
    // was changed in the same moment, it is read page by page.
    let next = match orders.next {
        None => None,
        Some(IgnoredAny) if until > asked.since => Some(Asked { since: until, page: 1 }),
        Some(IgnoredAny) => Some(Asked { page: asked.page + 1, ..asked }),
    };
    if next.is_some_and(|next| next.page > LONGEST) {
        return Err(RegistrationError::Malformed { field: "orders" });
    }
    Ok(Gone { positions, at, next, until })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_793_869_200, 0);

    fn orders(json: &str) -> Orders {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn c35_cancelled_orders_and_cancelled_positions_are_gone_and_nothing_else_is_heard() {
        let orders = orders(
            r#"{"count": 3, "next": null, "previous": null, "results": [
                {"status": "c", "last_modified": "2026-11-05T16:00:00+08:00", "email": "a@b.test",
                 "positions": [{"id": 1, "canceled": false, "attendee_name": "A"}]},
                {"status": "p", "last_modified": "2026-11-05T08:30:00.5Z",
                 "positions": [{"id": 2, "canceled": true}, {"id": 3, "canceled": false}]},
                {"status": "n", "last_modified": "2026-11-05T08:40:00Z",
                 "positions": [{"id": 4, "canceled": false}]}]}"#,
        );
        let asked = Asked::from("2026-11-05T08:10:00Z".parse().unwrap());
        let gone = sort_out(&orders, asked, NOW, NOW).unwrap();
        assert_eq!((gone.positions, gone.next), (vec![1, 2], None));
        assert_eq!(gone.until, "2026-11-05T08:40:00Z".parse().unwrap());
    }

    #[test]
    fn a_server_whose_clock_is_ahead_does_not_take_the_kiosk_past_its_own_time() {
        let far = r#"{"next": "x", "results": [
            {"status": "p", "last_modified": "9999-01-01T00:00:00Z", "positions": []}]}"#;
        let gone = sort_out(&orders(far), Asked::from(NOW), NOW, NOW).unwrap();
        assert_eq!(gone.until, NOW);
        // And one that goes on for ever is left.
        let mut asked = Asked { since: NOW, page: 1 };
        let mut pages = 0;
        while let Ok(gone) = sort_out(&orders(far), asked, NOW, NOW) {
            asked = gone.next.unwrap();
            pages += 1;
        }
        assert!(pages < LONGEST);
    }

    #[test]
    fn answers_that_are_none_are_refused() {
        for garbage in [
            "",
            "[]",
            "<html>",
            r#"{"results": [{"status": "c"}]}"#,
            r#"{"results": [{"status": 3, "last_modified": "x", "positions": []}]}"#,
            r#"{"results": [{"status": "c", "last_modified": "2026-11-05T08:00:00Z",
                "positions": [{"id": "1", "canceled": false}]}]}"#,
        ] {
            assert!(serde_json::from_str::<Orders>(garbage).is_err(), "{garbage}");
        }
    }

    /// Reads all changes from a server whose orders were changed at these times, `touch` changing
    /// some between two pages. Returns how many orders were heard of.
    fn read_all(
        start: Timestamp,
        mut changed: Vec<Timestamp>,
        mut touch: impl FnMut(usize, &mut Vec<Timestamp>),
    ) -> usize {
        let (mut heard, mut round) = (BTreeSet::new(), 0);
        let mut asked = Some(Asked::from(start));
        while let Some(here) = asked {
            let mut rows: Vec<_> =
                (0_i64..).zip(&changed).filter(|(_, at)| **at >= here.since).collect();
            rows.sort_by_key(|(id, at)| (**at, *id));
            let from = (here.page as usize - 1) * 50;
            let order = |(id, at): &(i64, &Timestamp)| Order {
                status: "c".into(),
                last_modified: **at,
                positions: vec![Position { id: *id, canceled: false }],
            };
            let results = rows.iter().skip(from).take(50).map(order).collect();
            let next = (rows.len() > from + 50).then_some(IgnoredAny);
            let gone = sort_out(&Orders { next, results }, here, NOW, NOW).unwrap();
            heard.extend(gone.positions);
            asked = gone.next;
            touch(round, &mut changed);
            round += 1;
        }
        heard.len()
    }

    #[test]
    fn c35_orders_that_were_changed_in_one_moment_are_all_read() {
        let start = NOW - SignedDuration::from_mins(5);
        assert_eq!(read_all(start, vec![start; 333], |_, _| ()), 333);
    }

    proptest! {
        #[test]
        fn c35_no_cancelled_order_is_missed_however_the_pages_move(
            seconds in prop::collection::btree_set(0_i32..3000, 0..200),
            touched in prop::collection::vec((0_usize..200, 0_usize..5), 0..40),
        ) {
            let second = SignedDuration::from_secs(1);
            let start = NOW - second * 6000;
            let changed: Vec<_> = seconds.iter().map(|s| start + second * *s).collect();
            let number = changed.len();
            let mut later = 3000;
            let heard = read_all(start, changed, |round, changed| {
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
