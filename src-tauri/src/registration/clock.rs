//! What time it is at the server, and whether this kiosk's clock was set.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use transport::ServerTime;

use crate::controller::Controller;
use crate::effects::failed;
use crate::view::Trouble;

/// Only answers that came sooner say what time it is.
const FAST: Duration = Duration::from_millis(1500);
/// So many of the last answers count.
const KEPT: usize = 5;
/// An older answer does not count once there is a newer one.
const OLD: Duration = Duration::from_hours(1);
/// An offset below it is not told apart from none: the server's header has whole seconds, and a
/// fast answer another second and a half.
const UNCERTAIN: SignedDuration = SignedDuration::from_secs(2);
/// A clock that is off by more needs a technician.
const ALARM: SignedDuration = SignedDuration::from_mins(2);

/// The server's clock, by its last answers. Counted on with a clock that nobody sets, so that
/// setting this kiosk's clock changes nothing of it.
#[derive(Debug, Default)]
pub(super) struct ServerClock(VecDeque<ServerTime>);

impl ServerClock {
    /// An answer told the time.
    pub(super) fn hear(&mut self, time: ServerTime) {
        if time.took > FAST || self.0.back().is_some_and(|last| last.middle >= time.middle) {
            return;
        }
        self.0.retain(|kept| time.middle.saturating_duration_since(kept.middle) < OLD);
        self.0.push_back(time);
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    /// The server's time: the median of what the answers say. None before a fast answer.
    pub(super) fn now(&self, now: Instant) -> Option<Timestamp> {
        let counted = |time: &ServerTime| {
            let passed = now.saturating_duration_since(time.middle);
            time.at.checked_add(passed).ok()
        };
        let mut times: Vec<_> = self.0.iter().filter_map(counted).collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied()
    }

    /// A time of this kiosk's clock as the server's clock showed it, and never later than now.
    /// `kiosk` is this kiosk's time at `now`.
    pub(super) fn correct(&self, at: Timestamp, kiosk: Timestamp, now: Instant) -> Timestamp {
        let Some(server) = self.now(now) else { return at };
        let offset = server.duration_since(kiosk);
        let corrected = if offset.abs() > UNCERTAIN { at.checked_add(offset) } else { Ok(at) };
        corrected.unwrap_or(at).min(server)
    }
}

/// Notices when this kiosk's clock is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockWatch {
    kiosk: Timestamp,
    steady: Instant,
}

impl ClockWatch {
    pub(crate) fn new(kiosk: Timestamp, steady: Instant) -> Self {
        Self { kiosk, steady }
    }

    /// By how much it was set since it was looked at last, if it was.
    fn look(&mut self, kiosk: Timestamp, steady: Instant) -> Option<SignedDuration> {
        let passed = SignedDuration::try_from(steady.saturating_duration_since(self.steady));
        let set = kiosk.duration_since(self.kiosk) - passed.unwrap_or_default();
        *self = Self { kiosk, steady };
        (set.abs() > UNCERTAIN).then_some(set)
    }
}

impl Controller {
    /// Looks whether the clock was set. What waits was written by the clock of before: it is moved
    /// along, so that all that waits is by the clock of now. To be asked before anything is
    /// written that has a time and waits.
    pub(crate) fn watch_clock(&mut self) {
        let (kiosk, steady) = (self.clock.now(), Instant::now());
        let watch = &mut self.telling.watch;
        let set = watch.get_or_insert_with(|| ClockWatch::new(kiosk, steady)).look(kiosk, steady);
        if let Some(set) = set {
            self.note(&format!("the clock was set by {} seconds", set.as_secs()));
            self.with_store(move |store| match store.outbox_shift(set) {
                Ok(()) => Vec::new(),
                Err(error) => vec![failed("outbox", &error)],
            });
        }
    }

    /// The platform's clock and this kiosk's differ by so much.
    pub(crate) fn clock_compared(&mut self, offset: SignedDuration) {
        if offset.abs() <= ALARM {
            self.troubles.remove(&Trouble::ClockOff);
        } else if self.troubles.insert(Trouble::ClockOff) {
            let (way, seconds) =
                if offset.is_positive() { ("behind", offset) } else { ("ahead", -offset) };
            let seconds = seconds.as_secs();
            self.note(&format!("the clock is {seconds} seconds {way} of the platform's: set it"));
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    const AT: Timestamp = Timestamp::constant(1_793_869_200, 0);

    fn answer(begun: Instant, after: u64, offset: i64, took: u64) -> ServerTime {
        let middle = begun + Duration::from_secs(after);
        let at = AT + SignedDuration::from_secs(offset + i64::try_from(after).unwrap());
        ServerTime { at, middle, took: Duration::from_millis(took) }
    }

    #[test]
    fn the_median_of_the_last_fast_answers_counts_and_a_slow_one_does_not() {
        let (mut clock, begun) = (ServerClock::default(), Instant::now());
        assert_eq!(clock.now(begun), None);
        for (after, offset, took) in
            [(0, 9000, 1501), (1, 60, 20), (2, 60, 1500), (3, 700, 20), (4, 61, 20), (5, 59, 20)]
        {
            clock.hear(answer(begun, after, offset, took));
        }
        let later = begun + Duration::from_secs(100);
        assert_eq!(clock.now(later), Some(AT + SignedDuration::from_secs(160)));
        // The same answer counts once.
        for _ in 0..9 {
            clock.hear(answer(begun, 5, 7000, 20));
        }
        assert_eq!(clock.now(later), Some(AT + SignedDuration::from_secs(160)));
        // A day later what was heard before no longer counts.
        clock.hear(answer(begun, 86_400, -5, 20));
        let next = begun + Duration::from_hours(24);
        assert_eq!(clock.now(next), Some(AT + SignedDuration::from_secs(86_395)));
    }

    #[test]
    fn times_are_told_in_the_servers_time_and_never_in_its_future() {
        let begun = Instant::now();
        for (offset, at, told) in [
            (0, -60, -60),
            (2, -60, -60),
            (3, -60, -57),
            (600, -60, 540),
            (-600, -60, -660),
            // A time that is still to come, by either clock.
            (0, 30, 0),
            (600, 30, 600),
            (-1, 0, -1),
        ] {
            let mut clock = ServerClock::default();
            clock.hear(answer(begun, 0, offset, 20));
            let seconds = SignedDuration::from_secs;
            let corrected = clock.correct(AT + seconds(at), AT, begun);
            assert_eq!(corrected, AT + seconds(told), "{offset} {at}");
        }
        let none = ServerClock::default();
        assert_eq!(none.correct(AT, AT, begun), AT);
    }

    #[test]
    fn a_clock_that_is_set_is_noticed_and_one_that_runs_is_not() {
        let (begun, mut now) = (Instant::now(), Duration::ZERO);
        let mut watch = ClockWatch::new(AT, begun);
        let mut wall = AT;
        for (passed, set, noticed) in [
            (1_000, 0, None),
            (60_000, 1_900, None),
            (1_000, -600_000, Some(-600_000)),
            (1_000, 0, None),
            (0, 90_000_000, Some(90_000_000)),
        ] {
            now += Duration::from_millis(passed);
            wall += SignedDuration::from_millis(i64::try_from(passed).unwrap() + set);
            let noticed = noticed.map(SignedDuration::from_millis);
            assert_eq!(watch.look(wall, begun + now), noticed);
        }
    }
}
