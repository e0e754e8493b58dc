//! When changes and photos are asked for: check-ins go first, here and at the platform.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use platform::Pace;

use super::desk::Desk;
use super::spread;

/// Somebody whose code nobody knows may have been registered a moment ago: changes are asked for
/// early, but not more often than this.
const HURRY: Duration = Duration::from_secs(10);

/// How long somebody waits for that.
const NEWS: Duration = Duration::from_millis(2500);

/// Asks for changes early, for somebody who is here.
pub(crate) struct News(pub(super) Arc<Desk>);

impl News {
    /// Waits for a turn of reading, if one may begin now, but not for long. True if it has ended.
    pub(crate) async fn wait(&self) -> bool {
        let Self(desk) = self;
        let mut turned = pin!(desk.turned.notified());
        turned.as_mut().enable();
        if !desk.reading().hurry(Instant::now()) {
            return false;
        }
        desk.poke.notify_one();
        tokio::time::timeout(NEWS, turned).await.is_ok()
    }
}

/// When this kiosk reads.
pub(super) struct Reading {
    /// Between two turns when there is nothing more.
    every: Duration,
    pace: Pace,
    begun: Option<Instant>,
    next: Option<Instant>,
}

impl Reading {
    pub(super) fn new(every: Duration) -> Self {
        Self { every, pace: Pace::default(), begun: None, next: None }
    }

    /// The platform has answered a greeting after so long.
    pub(super) fn greeted(&mut self, took: Duration) {
        self.pace.greeted(took);
    }

    /// True when the next page may follow at once.
    pub(super) fn is_free(&self) -> bool {
        self.pace.is_free()
    }

    /// True if a turn is due, which begins with that.
    pub(super) fn begin(&mut self, now: Instant) -> bool {
        let due = self.next.is_none_or(|next| next <= now);
        if due {
            self.begun = Some(now);
        }
        due
    }

    /// A turn has ended. `more`: there is more to read.
    pub(super) fn ended(&mut self, more: bool, now: Instant) {
        let pause = self.pace.pause();
        let pause = if more { pause } else { pause.max(self.every) };
        self.next = Some(now + spread(pause));
    }

    /// How long until the next turn.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        self.next.map_or(Duration::ZERO, |next| next.saturating_duration_since(now))
    }

    /// Someone is here who may be new. True if the next turn is due now because of that.
    pub(super) fn hurry(&mut self, now: Instant) -> bool {
        let soon = self.begun.is_some_and(|begun| now.saturating_duration_since(begun) < HURRY);
        if soon || !self.is_free() {
            return false;
        }
        self.next = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn an_unknown_code_brings_the_next_turn_forward_but_not_again_and_again() {
        let (mut reading, begin) = (Reading::new(MINUTE), Instant::now());
        assert!(reading.begin(begin), "the first turn is due");
        reading.ended(false, begin);
        let after = |seconds| begin + Duration::from_secs(seconds);
        assert!(!reading.begin(after(20)));
        assert!(!reading.hurry(after(9)));
        assert!(reading.hurry(after(11)));
        assert!(reading.begin(after(11)));
        reading.ended(false, after(11));
        assert!(!reading.hurry(after(20)));
        assert!(reading.begin(after(11 + 76)), "a minute, and a quarter of it at most");
    }

    #[test]
    fn while_others_wait_for_the_platform_nobody_hurries() {
        let (mut reading, begin) = (Reading::new(MINUTE), Instant::now());
        reading.greeted(Duration::from_millis(5));
        reading.greeted(Duration::from_secs(1));
        assert!(reading.begin(begin), "one page in each turn, however busy it is");
        assert!(!reading.is_free());
        reading.ended(true, begin);
        assert!(reading.wait(begin) >= Duration::from_millis(750));
        assert!(!reading.hurry(begin + MINUTE));
    }
}
