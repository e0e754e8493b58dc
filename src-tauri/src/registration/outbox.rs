//! Tells the platform what waits: of each badge in order, and nothing holds up the rest for ever.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use platform::{Heard, Refusal, RegistrationError};
use store::{OutboxEntry, OutboxKind, RefusedScan};
use transport::TransportError;

use super::desk::{Desk, Stopped};
use super::{Registration, spread};
use crate::controller::Input;

/// How patiently an entry is told that the platform does not answer, although it answers others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// After so many failures it is set aside.
    pub(super) failures: u32,
    /// For so long at first, and at most.
    pub(super) aside: (Duration, Duration),
}

impl Default for Patience {
    fn default() -> Self {
        Self { failures: 4, aside: (Duration::from_mins(5), Duration::from_hours(1)) }
    }
}

/// Entries that failed, in memory only: after a restart each is tried at once.
#[derive(Default)]
pub(super) struct Failures(HashMap<i64, Failure>);

#[derive(Default)]
struct Failure {
    times: u32,
    /// Set aside until then.
    until: Option<Instant>,
}

impl Failures {
    /// Entries that are not to be told now.
    pub(super) fn aside(&self, now: Instant) -> Vec<i64> {
        let waits = |failure: &Failure| failure.until.is_some_and(|until| now < until);
        self.0.iter().filter(|(_, failure)| waits(failure)).map(|(id, _)| *id).collect()
    }

    /// It failed once more. True when it has had its attempts.
    fn failed(&mut self, id: i64, patience: Patience) -> bool {
        let failure = self.0.entry(id).or_default();
        failure.times += 1;
        failure.times >= patience.failures
    }

    /// Sets it aside, each time for longer. Returns how long.
    fn set_aside(&mut self, id: i64, patience: Patience, now: Instant) -> Duration {
        let failure = self.0.entry(id).or_default();
        let doublings = failure.times.saturating_sub(patience.failures).min(10);
        let pause = (patience.aside.0 * (1 << doublings)).min(patience.aside.1);
        let pause = spread(pause);
        failure.until = Some(now + pause);
        pause
    }

    fn forget(&mut self, id: i64) {
        self.0.remove(&id);
    }
}

impl Registration {
    /// Tells what waits, oldest first. Stops at the first failure, unless the entry is to blame.
    pub(super) async fn tell_all(&self, desk: &Desk) -> Result<(), Stopped> {
        while let Some(entry) = desk.next().await? {
            self.tell(desk, &entry).await?;
        }
        while let Some(scan) = desk.next_refused_scan().await? {
            self.tell_refused_scan(desk, scan).await?;
        }
        Ok(())
    }

    async fn tell(&self, desk: &Desk, entry: &OutboxEntry) -> Result<(), Stopped> {
        let id = entry.id;
        match self.ask(desk, entry).await {
            Ok(None) => Ok(()),
            Ok(Some(heard)) => {
                desk.failures().forget(id);
                match heard {
                    Heard::Accepted => desk.heard(id, None).await,
                    Heard::Refused(refusal) => desk.refused(entry, refusal).await,
                }
            }
            Err(Stopped::Unanswered(error)) if blames_entry(&error) => {
                if !desk.failures().failed(id, desk.patience) {
                    return Err(error.into());
                }
                // Is it the entry, or does nothing work?
                self.pretix.server().greet().await?;
                let pause = desk.failures().set_aside(id, desk.patience, Instant::now());
                let kind = match entry.kind {
                    OutboxKind::Checkin => "check-in",
                    OutboxKind::Annulment => "annulment",
                };
                let position = entry.position.unwrap_or_default();
                let minutes = pause.as_secs().div_ceil(60);
                desk.tell(Input::Incident(format!(
                    "the platform does not take a {kind} of position {position} ({error}); it is \
                     kept, and tried again in {minutes} minutes"
                )))
                .await
            }
            Err(error) => Err(error),
        }
    }

    /// Tells one entry, in the server's time. None: there was nothing more to tell.
    pub(super) async fn ask(
        &self,
        desk: &Desk,
        entry: &OutboxEntry,
    ) -> Result<Option<Heard>, Stopped> {
        if !desk.begin(entry.id).await? {
            return Ok(None);
        }
        let told = OutboxEntry { at: desk.in_server_time(entry.at), ..entry.clone() };
        let heard = self.pretix.tell(&told).await;
        desk.hear_time(self.pretix.transport.server_time());
        if let Err(RegistrationError::Transport(error)) = &heard
            && never_left(error)
        {
            desk.unsent(entry.id).await?;
        }
        Ok(Some(heard?))
    }

    /// Tells that a badge was refused here. What the platform cannot use is dropped: it changes
    /// nothing for anybody.
    async fn tell_refused_scan(&self, desk: &Desk, scan: RefusedScan) -> Result<(), Stopped> {
        let told = RefusedScan { at: desk.in_server_time(scan.at), ..scan };
        let heard = self.pretix.report_refused(&told).await;
        desk.hear_time(self.pretix.transport.server_time());
        let heard = match heard {
            Err(error @ RegistrationError::Unexpected { .. }) => {
                self.pretix.server().greet().await?;
                desk.tell(Input::Incident(format!("a refused scan was not told: {error}"))).await?;
                Heard::Refused(Refusal::Other)
            }
            heard => heard?,
        };
        if let Heard::Refused(refusal) = heard {
            tracing::info!("the platform did not take a refused scan: {}", refusal.word());
        }
        desk.refused_scan_told(told.id).await
    }
}

/// Whether another entry might fare better.
fn blames_entry(error: &RegistrationError) -> bool {
    match error {
        RegistrationError::Transport(error) => !never_left(error),
        RegistrationError::Busy
        | RegistrationError::Unexpected { .. }
        | RegistrationError::Malformed { .. } => true,
        RegistrationError::Token
        | RegistrationError::Revoked
        | RegistrationError::KeyUnknown
        | RegistrationError::Cursor
        | RegistrationError::NoNetwork
        | RegistrationError::Folder(_)
        | RegistrationError::Seal(_) => false,
    }
}

/// Whether the server has certainly heard nothing.
fn never_left(error: &TransportError) -> bool {
    matches!(
        error,
        TransportError::NotAllowed | TransportError::Authorization | TransportError::Connect(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_fails_again_and_again_is_set_aside_for_longer_each_time() {
        let patience =
            Patience { failures: 3, aside: (Duration::from_mins(5), Duration::from_hours(1)) };
        let (mut failures, now) = (Failures::default(), Instant::now());
        assert_eq!([(); 3].map(|()| failures.failed(7, patience)), [false, false, true]);
        let mut last = Duration::ZERO;
        for minutes in [5, 10, 20, 40, 60, 60] {
            let pause = failures.set_aside(7, patience, now);
            let usual = Duration::from_mins(minutes);
            assert!(pause >= usual.mul_f64(0.75) && pause <= usual.mul_f64(1.25), "{pause:?}");
            assert_eq!(failures.aside(now), [7]);
            assert!(failures.aside(now + pause).is_empty(), "it is tried again");
            assert!(failures.failed(7, patience), "once is enough then");
            last = pause;
        }
        assert!(last > Duration::from_mins(40));
        failures.forget(7);
        assert!(!failures.failed(7, patience));
    }
}
