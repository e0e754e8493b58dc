//! Asks the platform before the gate opens, for as long as a visitor does not notice.
//!
//! A check-in is asked about before older entries of other badges are told: the platform judges
//! each badge by itself, and what waits of the same badge goes first in any case
//! ([`store::Store::outbox_of_visit`]). While it is asked about, nobody else tells it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use checkin::{Event, Recording, StaffReason, VisitNonce};
use platform::{Heard, Refusal};
use store::{Checkin, CheckinOutcome, OutboxEntry, Store, StoreError};

use super::Registration;
use super::desk::{Desk, Stopped};
use crate::controller::Input;
use crate::roster::code_problem;
use crate::view::Link;

/// Entries that are being asked about.
#[derive(Clone, Default)]
pub(super) struct Claims(Arc<Mutex<HashSet<i64>>>);

/// One of them, until it is dropped.
pub(super) struct Claim {
    id: i64,
    of: Claims,
}

impl Claims {
    pub(super) fn take(&self, id: i64) -> Claim {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        Claim { id, of: self.clone() }
    }

    pub(super) fn ids(&self) -> Vec<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.of.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// The platform as the gate asks it.
#[derive(Clone)]
pub(crate) struct Online {
    pub(super) registration: Arc<Registration>,
    pub(super) desk: Arc<Desk>,
    /// How long a visitor waits for it.
    pub(super) wait: Duration,
}

/// What the platform says of a check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It counts.
    Accepted,
    /// It does not: another kiosk was first, or the ticket is not good.
    Refused(Refusal),
    /// There is no answer in time. The kiosk's own word counts, and is told later.
    Unheard,
}

impl Online {
    /// Writes a check-in and asks the platform about it. The answers go to the controller. `again`:
    /// the entrance lets the badge in once more.
    pub(crate) async fn check_in(self, visit: VisitNonce, checkin: Checkin, again: bool) {
        let answer = self.decide(checkin, again).await;
        self.desk.tell(Input::Visit(visit, Event::CheckinRecorded(answer))).await.ok();
    }

    pub(super) async fn decide(&self, checkin: Checkin, again: bool) -> Recording {
        let (claims, overrides) = (self.desk.claims.clone(), checkin.overrides);
        let record = move |store: &mut Store| -> Result<_, StoreError> {
            let outcome = store.record_entry(&checkin, again)?;
            let ask = outcome == CheckinOutcome::Recorded && !overrides;
            let entry = if ask { store.outbox_of_visit(&checkin.nonce)? } else { None };
            // On the database's thread, so that nobody tells it between.
            let claimed = entry.map(|entry| (claims.take(entry.id), entry));
            Ok((outcome, claimed))
        };
        let recorded = self.desk.answered(self.desk.db.run(record), "check-in").await;
        let (outcome, claimed) = match recorded {
            Ok(recorded) => recorded,
            Err(Stopped::Ended) => {
                self.desk.tell(Input::DatabaseEnded).await.ok();
                return Recording::Failed;
            }
            Err(_) => return Recording::Failed,
        };
        if let CheckinOutcome::AlreadyAdmitted { .. } = outcome {
            return Recording::AlreadyUsed;
        }
        let verdict = match &claimed {
            Some((_, entry)) => self.ask(entry).await,
            None => Verdict::Unheard,
        };
        let refused = match (verdict, claimed) {
            (Verdict::Refused(refusal), Some((claim, entry))) => {
                let refused = self.desk.refuse(entry.id, refusal).await;
                drop(claim);
                match refused {
                    Ok(()) => Some(refusal),
                    Err(_) => return Recording::Failed,
                }
            }
            (Verdict::Accepted, Some((claim, entry))) => {
                // If that is not written, it is told once more, which does no harm.
                self.desk.heard(entry.id, None).await.ok();
                drop(claim);
                None
            }
            (_, claimed) => {
                drop(claimed);
                self.desk.count().await.ok();
                self.desk.poke.notify_one();
                None
            }
        };
        refused.map_or(Recording::Recorded, |refusal| Recording::Refused(reason(refusal)))
    }

    /// Asks within the time that a visitor waits. Who gets no answer is the last to wait for one,
    /// until the platform has answered again.
    pub(super) async fn ask(&self, entry: &OutboxEntry) -> Verdict {
        let asked = self.registration.ask(&self.desk, entry);
        match tokio::time::timeout(self.wait, asked).await {
            Ok(Ok(Some(Heard::Accepted))) => Verdict::Accepted,
            Ok(Ok(Some(Heard::Refused(refusal)))) => Verdict::Refused(refusal),
            Ok(Ok(None)) => Verdict::Unheard,
            Ok(Err(_)) | Err(_) => {
                self.desk.tell(Input::Link(Link::Lost)).await.ok();
                Verdict::Unheard
            }
        }
    }
}

/// What the visit is told of a refusal: the audit log has the platform's own word.
fn reason(refusal: Refusal) -> StaffReason {
    match (code_problem(refusal, false), refusal) {
        (Some(problem), _) => StaffReason::Code(problem),
        (None, Refusal::Incomplete) => StaffReason::Question,
        (None, Refusal::Ambiguous) => StaffReason::Ambiguous,
        (None, _) => StaffReason::Rules,
    }
}
