//! Asking for the next changes.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use store::Changes;
use tokio::task::spawn_blocking;
use transport::{Call, TransportError};

use super::orders::{FIELDS, Orders, Reading};
use super::walk::{Step, Walk};
use super::{Pretix, read};
use crate::registration::Terms;
use crate::{Cursor, RegistrationError};

/// Longest page of orders, in bytes.
const LONGEST: usize = 32 << 20;

/// How often the list and what belongs to it is asked for.
const LIST_EVERY: SignedDuration = SignedDuration::from_mins(10);

impl Pretix {
    /// The next changes.
    pub(super) async fn changes(
        &self,
        from: &Cursor,
        terms: &Terms,
        now: Timestamp,
    ) -> Result<Changes, RegistrationError> {
        let mut walk = Walk::read(from)?;
        let due = walk.asked_at.is_none_or(|at| now.duration_since(at).abs() >= LIST_EVERY);
        let head = if due { Some(self.head(walk.listed_at, terms).await?) } else { None };
        if let Some(head) = &head {
            walk.begins_on = Some(head.begins_on);
        }
        let answer = loop {
            match self.page(&walk).await {
                Err(RegistrationError::Transport(TransportError::TooLong { .. })) => {
                    let longest =
                        RegistrationError::from(TransportError::TooLong { longest: LONGEST });
                    walk = walk.narrow().ok_or(longest)?;
                }
                answer => break answer?,
            }
        };
        let generated = answer.header("x-page-generated").and_then(|text| text.parse().ok());
        let at = generated.unwrap_or(now);
        if head.is_some() {
            (walk.listed_at, walk.asked_at) = (Some(at), Some(now));
        }
        let today = now.to_zoned(TimeZone::UTC).date();
        let day = walk.begins_on.map_or(today, |begins_on| begins_on.max(today));
        let (terms, questions, list) = (*terms, self.questions.clone(), self.place.list);
        // Deriving keys and sealing take time: a weak code a tenth of a second.
        let work = spawn_blocking(move || {
            // A page behind the end: its orders were changed meanwhile, and come later.
            let orders: Orders = if answer.status == 404 && walk.page > 1 {
                Orders { count: 0, next: None, results: Vec::new() }
            } else {
                read(&answer, "orders")?
            };
            let way = walk.on(Step {
                last: orders.results.iter().map(|order| order.last_modified).max(),
                more: orders.next.is_some(),
                count: orders.count,
                at,
            });
            let count = orders.results.len() as u64;
            let reading = Reading { terms: &terms, questions: &questions, list, day };
            let read = reading.read(orders.results)?;
            Ok::<_, RegistrationError>(Changes {
                list: None,
                arrivals: read.arrivals,
                gone: read.gone,
                unreadable: read.unreadable,
                void: Vec::new(),
                at,
                until: way.until,
                next: way.next.cursor().0,
                more: way.more,
                read: count,
                left: Some(way.left),
            })
        });
        let mut changes = work.await.map_err(|_| RegistrationError::field("orders"))??;
        if let Some(head) = head {
            (changes.list, changes.void) = (Some(head.list), head.void);
        }
        Ok(changes)
    }

    async fn page(&self, walk: &Walk) -> Result<transport::Answer, RegistrationError> {
        let Walk { since, page, size, .. } = walk;
        let path = format!(
            "{}/orders/?modified_since={since}&ordering=last_modified&page_size={size}\
             &page={page}&{FIELDS}",
            self.event(),
        );
        self.server().call_up_to(&path, Call::Get, LONGEST).await
    }
}
