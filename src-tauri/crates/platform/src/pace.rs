//! How soon a kiosk asks its platform for changes and photos again: at once while the platform has
//! time, and rarely while it has not. A visitor at some gate waits for the platform's word; nobody
//! waits for a page of changes.
//!
//! The signal is how much later than usual the platform answers a greeting, as in LEDBAT (RFC 6817):
//! the delay is the others' queue. Who finds one reads nothing, and doubles its pause, as in Ethernet
//! (IEEE 802.3, truncated binary exponential backoff); without one the pause shrinks slowly: many
//! kiosks find a moment without a queue, and must not all use it.

use std::time::{Duration, Instant};

/// An answer that is later than the quickest by so much has waited for others (LEDBAT's target).
const QUEUE: Duration = Duration::from_millis(100);
/// The pause when there is a queue: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(3));
/// A kiosk that found nothing but queues for so long reads a page all the same. 500 such kiosks ask
/// for one and a half in a second.
const STARVED: Duration = Duration::from_mins(5);
/// After so many greetings, none of which was quick, the quickest counts as nearly three times
/// slower: the way to the platform is another one.
const MEMORY: u32 = 64;

/// The pace of one kiosk's reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// The quickest answer, rising slowly.
    quickest: Option<Duration>,
    pause: Duration,
    /// When it was last allowed to read, or began to ask.
    allowed: Option<Instant>,
}

impl Pace {
    /// The platform has answered a greeting now, after so long. True when a page may be read.
    pub fn greeted(&mut self, took: Duration, now: Instant) -> bool {
        let quickest =
            self.quickest.map_or(took, |quickest| took.min(quickest + quickest / MEMORY));
        self.quickest = Some(quickest);
        let queue = took > quickest + QUEUE;
        if queue {
            self.refused();
        } else {
            let shorter = self.pause / 8 * 7;
            self.pause = Some(shorter).filter(|pause| *pause >= PAUSES.0).unwrap_or_default();
        }
        let since = now.saturating_duration_since(*self.allowed.get_or_insert(now));
        let allowed = !queue || since >= STARVED;
        if allowed {
            self.allowed = Some(now);
        }
        allowed
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
        let (mut pace, now) = (Pace::default(), Instant::now());
        for took in greetings {
            pace.greeted(Duration::from_millis(*took), now);
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
        let (mut pace, now) = (after(&[10]), Instant::now());
        let mut pauses = Vec::new();
        for took in [300, 300, 20, 20, 20, 20, 20, 20, 20] {
            let reads = pace.greeted(Duration::from_millis(took), now);
            assert_eq!(reads, took == 20);
            pauses.push(pace.pause().as_secs());
        }
        assert_eq!(pauses, [5, 10, 8, 7, 6, 5, 5, 0, 0]);
        assert!(pace.is_free());
    }

    #[test]
    fn who_finds_nothing_but_queues_reads_a_page_in_five_minutes() {
        let (mut pace, begin) = (after(&[10]), Instant::now());
        let mut reads = Vec::new();
        for minute in 0..=12 {
            let now = begin + Duration::from_mins(minute);
            if pace.greeted(Duration::from_secs(2), now) {
                reads.push(minute);
            }
        }
        assert_eq!(reads, [5, 10]);
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
