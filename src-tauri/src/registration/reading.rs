//! When changes and photos are asked for: check-ins go first, here and at the platform.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use platform::Pace;

use super::desk::Desk;
use super::spread;

/// Somebody whose code nobody knows may have been registered a moment ago: changes are asked for
/// early, but not more often than this, and each time in vain half as often.
const HURRY: Duration = Duration::from_secs(10);
/// How long somebody waits for that. With the photo's time it is less than a look-up may take.
const NEWS: Duration = Duration::from_millis(1500);

/// Asks for changes early, for somebody who is here.
pub(crate) struct News(pub(super) Arc<Desk>);

impl News {
    /// Waits for the changes, if they may be asked for now, but not for long. True if it is worth
    /// looking again.
    pub(crate) async fn wait(&self) -> bool {
        let Self(desk) = self;
        let mut read = pin!(desk.changes_read.notified());
        read.as_mut().enable();
        if !desk.reading().hurry(Instant::now()) {
            return false;
        }
        desk.poke.notify_one();
        tokio::time::timeout(NEWS, read).await.ok();
        true
    }

    /// Whether they brought the one who waits.
    pub(crate) fn were_good(&self, for_something: bool) {
        self.0.reading().hurried(for_something);
    }
}

/// When this kiosk reads.
pub(super) struct Reading {
    /// Between two turns when there is nothing more.
    every: Duration,
    pace: Pace,
    /// A turn is going on.
    turn: bool,
    next: Option<Instant>,
    /// Another turn is wanted after the one that is going on.
    again: bool,
    hurried: Option<Instant>,
    /// How often in a row that was in vain.
    in_vain: u32,
}

impl Reading {
    pub(super) fn new(every: Duration) -> Self {
        Self {
            every,
            pace: Pace::default(),
            turn: false,
            next: None,
            again: false,
            hurried: None,
            in_vain: 0,
        }
    }

    /// The platform has answered a greeting now, after so long. True when a page may be read.
    pub(super) fn greeted(&mut self, took: Duration, now: Instant) -> bool {
        self.pace.greeted(took, now)
    }

    /// True when the next page may follow at once.
    pub(super) fn is_free(&self) -> bool {
        self.pace.is_free()
    }

    /// Somebody waits for changes while photos are fetched.
    pub(super) fn is_wanted(&self) -> bool {
        self.again
    }

    /// True if a turn is due, which begins with that.
    pub(super) fn begin(&mut self, now: Instant) -> bool {
        let due = self.next.is_none_or(|next| next <= now);
        if due {
            (self.turn, self.again) = (true, false);
            self.hurried.get_or_insert(now);
        }
        due
    }

    /// A turn has ended. `more`: there is more to read; none: the platform had no answer.
    pub(super) fn ended(&mut self, more: Option<bool>, now: Instant) {
        if more.is_none() {
            self.pace.refused();
        }
        let pause = self.pace.pause();
        let pause = if more == Some(false) { pause.max(self.every) } else { pause };
        let again = std::mem::take(&mut self.again) && more.is_some();
        self.next = Some(if again { now } else { now + spread(pause) });
        self.turn = false;
    }

    /// How long until the next turn.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        self.next.map_or(Duration::ZERO, |next| next.saturating_duration_since(now))
    }

    /// Someone is here who may be new. True if changes are asked for because of that.
    pub(super) fn hurry(&mut self, now: Instant) -> bool {
        let least = HURRY * (1 << self.in_vain.min(5));
        let soon = self.hurried.is_some_and(|then| now.saturating_duration_since(then) < least);
        if soon || !self.is_free() {
            return false;
        }
        self.hurried = Some(now);
        if self.turn {
            self.again = true;
        } else {
            self.next = None;
        }
        true
    }

    /// Whether that was good for something.
    pub(super) fn hurried(&mut self, for_something: bool) {
        self.in_vain = if for_something { 0 } else { self.in_vain.saturating_add(1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn after(begin: Instant, seconds: u64) -> Instant {
        begin + Duration::from_secs(seconds)
    }

    #[test]
    fn an_unknown_code_brings_the_next_turn_forward_but_less_often_each_time_in_vain() {
        let (mut reading, begin) = (Reading::new(MINUTE), Instant::now());
        assert!(reading.begin(begin), "the first turn is due");
        reading.ended(Some(false), begin);
        assert!(!reading.begin(after(begin, 20)));
        assert!(!reading.hurry(after(begin, 9)));
        assert!(reading.hurry(after(begin, 11)));
        assert!(reading.begin(after(begin, 11)));
        reading.ended(Some(false), after(begin, 11));
        reading.hurried(false);
        assert!(!reading.hurry(after(begin, 22)), "once in vain: half as often");
        assert!(reading.hurry(after(begin, 32)));
        reading.hurried(true);
        assert!(reading.hurry(after(begin, 43)));
    }

    #[test]
    fn who_comes_while_a_turn_goes_on_gets_another_one() {
        let (mut reading, begin) = (Reading::new(MINUTE), Instant::now());
        assert!(reading.begin(begin));
        assert!(reading.hurry(after(begin, 15)) && reading.is_wanted());
        assert!(!reading.hurry(after(begin, 16)), "not for each scan");
        reading.ended(Some(true), after(begin, 20));
        assert!(reading.begin(after(begin, 20)));
        assert!(!reading.is_wanted());
    }

    #[test]
    fn while_others_wait_for_the_platform_nobody_hurries() {
        let (mut reading, begin) = (Reading::new(MINUTE), Instant::now());
        assert!(reading.begin(begin));
        assert!(reading.greeted(Duration::from_millis(5), begin));
        assert!(!reading.greeted(Duration::from_secs(1), begin));
        assert!(!reading.is_free());
        reading.ended(Some(true), begin);
        assert!(reading.wait(begin) >= Duration::from_millis(3750));
        assert!(!reading.hurry(begin + MINUTE));
    }

    #[test]
    fn a_platform_that_does_not_answer_is_asked_less_often_each_time() {
        let (mut reading, mut now) = (Reading::new(MINUTE), Instant::now());
        let mut waits = Vec::new();
        for _ in 0..4 {
            assert!(reading.begin(now));
            reading.ended(None, now);
            waits.push(reading.wait(now));
            now += reading.wait(now);
        }
        for (wait, seconds) in waits.into_iter().zip([5, 10, 20, 40]) {
            let usual = Duration::from_secs(seconds);
            assert!(wait >= usual.mul_f64(0.75) && wait <= usual.mul_f64(1.25), "{wait:?}");
        }
    }
}
