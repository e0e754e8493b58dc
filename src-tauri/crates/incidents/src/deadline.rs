//! Until when those concerned are to be told of a major incident.

use jiff::{SignedDuration, Timestamp};

/// Hours after its discovery by which a major incident is told (C32).
pub const MAJOR_HOURS: i64 = 72;

/// The deadline of a major incident.
pub fn deadline(discovered: Timestamp) -> Timestamp {
    discovered.saturating_add(SignedDuration::from_hours(MAJOR_HOURS)).unwrap_or(Timestamp::MAX)
}

/// How much time is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countdown {
    /// So much, 72 hours at most.
    Left(SignedDuration),
    /// None; the deadline was so long ago.
    Overdue(SignedDuration),
}

/// The time left at `now`, by the kiosk's clock. That clock goes on when the machine's is set
/// back by more than a day; where a technician had it accept an earlier time, nobody gets more than the 72 hours.
pub fn countdown(discovered: Timestamp, now: Timestamp) -> Countdown {
    let left = deadline(discovered).duration_since(now);
    if left.is_positive() {
        Countdown::Left(left.min(SignedDuration::from_hours(MAJOR_HOURS)))
    } else {
        Countdown::Overdue(left.abs())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AT: Timestamp = Timestamp::constant(1_793_869_200, 0);

    #[test]
    fn c32_a_major_incident_is_told_within_72_hours_of_its_discovery() {
        let hours = SignedDuration::from_hours;
        let minute = SignedDuration::from_mins(1);
        for (passed, expected) in [
            (hours(0), Countdown::Left(hours(72))),
            (minute, Countdown::Left(hours(72) - minute)),
            (hours(71), Countdown::Left(hours(1))),
            (hours(72) - minute, Countdown::Left(minute)),
            (hours(72), Countdown::Overdue(hours(0))),
            (hours(73), Countdown::Overdue(hours(1))),
            (hours(24 * 30), Countdown::Overdue(hours(24 * 30 - 72))),
            // The kiosk's clock was set back, with a technician's word.
            (hours(-5), Countdown::Left(hours(72))),
            (hours(-24 * 400), Countdown::Left(hours(72))),
        ] {
            assert_eq!(countdown(AT, AT + passed), expected, "{passed}");
        }
        assert_eq!(deadline(AT).to_string(), "2026-11-08T09:00:00Z");
    }

    proptest! {
        #[test]
        fn c32_no_clock_gives_more_than_72_hours(discovered: i32, now: i32) {
            let at = |seconds: i32| AT + SignedDuration::from_secs(i64::from(seconds));
            match countdown(at(discovered), at(now)) {
                Countdown::Left(left) => prop_assert!(
                    left.is_positive() && left <= SignedDuration::from_hours(72)
                ),
                Countdown::Overdue(since) => prop_assert!(
                    !since.is_negative() && at(now) >= deadline(at(discovered))
                ),
            }
        }
    }
}
