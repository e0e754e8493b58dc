//! How soon a kiosk asks its platform for changes and photos again: at once while the platform has
//! time, and rarely while it has not. A visitor at some gate waits for the platform's word; nobody
//! waits for a page of changes.
//!
//! The signal is how much later than usual the platform answers a greeting, as in LEDBAT (RFC 6817):
//! the delay is the others' queue. Who reads doubles its pause while there is one, and shortens it by
//! a quarter when it is gone: many kiosks find a moment without a queue, and must not all use it.

use std::time::Duration;

/// An answer that is later than the quickest by so much has waited for others (LEDBAT's target).
const QUEUE: Duration = Duration::from_millis(100);
/// The pause when there is a queue: the first, and the longest. With the longest, 500 kiosks ask for
/// three pages in a second.
const PAUSES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(3));
/// After so many greetings, none of which was quick, the quickest counts as nearly three times
/// slower: the way to the platform is another one.
const MEMORY: u32 = 64;

/// The pace of one kiosk's reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// The quickest answer, rising slowly.
    quickest: Option<Duration>,
    pause: Duration,
}

impl Pace {
    /// The platform has answered a greeting after so long.
    pub fn greeted(&mut self, took: Duration) {
        let quickest =
            self.quickest.map_or(took, |quickest| took.min(quickest + quickest / MEMORY));
        self.quickest = Some(quickest);
        if took > quickest + QUEUE {
            self.refused();
        } else {
            let shorter = self.pause / 4 * 3;
            self.pause = Some(shorter).filter(|pause| *pause >= PAUSES.0).unwrap_or_default();
        }
    }

    /// The platform has no time: it has not answered, or has said so.
    pub fn refused(&mut self) {
        self.pause = (self.pause * 2).clamp(PAUSES.0, PAUSES.1);
    }

    /// True when the next page may be asked for at once.
    pub fn is_free(&self) -> bool {
        self.pause.is_zero()
    }

    /// How long to wait before more is read.
    pub fn pause(&self) -> Duration {
        self.pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(greetings: &[u64]) -> Pace {
        let mut pace = Pace::default();
        for took in greetings {
            pace.greeted(Duration::from_millis(*took));
        }
        pace
    }

    #[test]
    fn a_platform_that_answers_as_usual_is_read_without_a_pause() {
        for usual in [1, 10, 700] {
            let pace = after(&[usual, usual + 80, usual, usual + 99]);
            assert!(pace.is_free(), "{usual} ms");
            assert_eq!(pace.pause(), Duration::ZERO);
        }
    }

    #[test]
    fn while_others_wait_the_pause_doubles_and_after_that_it_shrinks() {
        let mut pace = after(&[10]);
        let mut pauses = Vec::new();
        for took in [300, 300, 300, 20, 20, 20, 20, 20, 20] {
            pace.greeted(Duration::from_millis(took));
            pauses.push(pace.pause().as_secs());
        }
        assert_eq!(pauses, [5, 10, 20, 15, 11, 8, 6, 0, 0]);
        assert!(pace.is_free());
    }

    #[test]
    fn no_pause_is_longer_than_three_minutes() {
        let pace = after(&[[10].as_slice(), &[5_000; 40]].concat());
        assert_eq!(pace.pause(), PAUSES.1);
    }

    #[test]
    fn a_way_that_is_slower_from_now_on_becomes_the_usual_one() {
        let pace = after(&[[100].as_slice(), &[300; 30]].concat());
        assert!(!pace.is_free());
        let pace = after(&[[100].as_slice(), &[300; 90]].concat());
        assert!(pace.is_free());
    }
}
