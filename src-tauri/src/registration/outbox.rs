//! Tells the platform what waits: of each badge in order, and nothing holds up the rest for ever.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use platform::{Heard, RegistrationError};
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

/// What is told, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Told {
    /// An entry of the outbox.
    Entry(i64),
    /// A refused scan.
    Scan(i64),
}

/// What failed, in memory only: after a restart each is tried at once.
#[derive(Default)]
pub(super) struct Failures(HashMap<Told, Failure>);

#[derive(Default)]
struct Failure {
    times: u32,
    /// Set aside until then.
    until: Option<Instant>,
}

impl Failures {
    /// What is not to be told now.
    pub(super) fn aside(&self, now: Instant) -> Vec<Told> {
        let waits = |failure: &Failure| failure.until.is_some_and(|until| now < until);
        self.0.iter().filter(|(_, failure)| waits(failure)).map(|(told, _)| *told).collect()
    }

    /// It failed once more. True when it has had its attempts.
    fn failed(&mut self, told: Told, patience: Patience) -> bool {
        let failure = self.0.entry(told).or_default();
        failure.times += 1;
        failure.times >= patience.failures
    }

    /// Sets it aside, each time for longer. Returns how long.
    fn set_aside(&mut self, told: Told, patience: Patience, now: Instant) -> Duration {
        let failure = self.0.entry(told).or_default();
        let doublings = failure.times.saturating_sub(patience.failures).min(10);
        let pause = (patience.aside.0 * (1 << doublings)).min(patience.aside.1);
        let pause = spread(pause);
        failure.until = Some(now + pause);
        pause
    }

    fn forget(&mut self, told: Told) {
        self.0.remove(&told);
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
                desk.failures().forget(Told::Entry(id));
                match heard {
                    Heard::Accepted => desk.heard(id, None).await,
                    Heard::Refused(refusal) => desk.refused(entry, refusal).await,
                }
            }
            Err(Stopped::Unanswered(error)) => {
                let kind = match entry.kind {
                    OutboxKind::Checkin => "check-in",
                    OutboxKind::Annulment => "annulment",
                };
                self.unanswered(desk, Told::Entry(id), kind, entry.position, error).await
            }
            Err(error) => Err(error),
        }
    }

    /// There is no answer. After some failures it is set aside, if the platform answers otherwise.
    async fn unanswered(
        &self,
        desk: &Desk,
        told: Told,
        kind: &str,
        position: Option<i64>,
        error: RegistrationError,
    ) -> Result<(), Stopped> {
        if !blames_entry(&error) || !desk.failures().failed(told, desk.patience) {
            return Err(error.into());
        }
        // Is it the entry, or does nothing work?
        self.platform.greet().await?;
        let pause = desk.failures().set_aside(told, desk.patience, Instant::now());
        let (position, minutes) = (position.unwrap_or_default(), pause.as_secs().div_ceil(60));
        desk.tell(Input::Incident(format!(
            "the platform does not take a {kind} of position {position} ({error}); it is kept, \
             and tried again in {minutes} minutes"
        )))
        .await
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
        let heard = self.platform.push(&told).await;
        desk.hear_time(self.platform.server_time());
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
        let heard = self.platform.report_refused(&told).await;
        desk.hear_time(self.platform.server_time());
        let heard = match heard {
            Ok(heard) => heard,
            Err(error) => {
                let (scan, position) = (Told::Scan(told.id), Some(told.position));
                return self.unanswered(desk, scan, "refused scan", position, error).await;
            }
        };
        desk.failures().forget(Told::Scan(told.id));
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
        assert_eq!(
            [(); 3].map(|()| failures.failed(Told::Entry(7), patience)),
            [false, false, true]
        );
        let mut last = Duration::ZERO;
        for minutes in [5, 10, 20, 40, 60, 60] {
            let pause = failures.set_aside(Told::Entry(7), patience, now);
            let usual = Duration::from_mins(minutes);
            assert!(pause >= usual.mul_f64(0.75) && pause <= usual.mul_f64(1.25), "{pause:?}");
            assert_eq!(failures.aside(now), [Told::Entry(7)]);
            assert!(failures.aside(now + pause).is_empty(), "it is tried again");
            assert!(failures.failed(Told::Entry(7), patience), "once is enough then");
            last = pause;
        }
        assert!(last > Duration::from_mins(40));
        failures.forget(Told::Entry(7));
        assert!(!failures.failed(Told::Entry(7), patience));
    }
}
