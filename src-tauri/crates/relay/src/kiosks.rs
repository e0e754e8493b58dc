//! The kiosks of the venue, as they were last heard of. No clock: the time comes in.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::{Heartbeat, KioskName, Service};

/// A kiosk that was not heard of for so long is silent.
pub const SILENT_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// So many are kept: a venue has some hundreds.
const MOST: usize = 2_000;

/// One kiosk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kiosk {
    /// What it said last.
    pub heartbeat: Heartbeat,
    /// When that was, by this kiosk's clock.
    pub heard: Timestamp,
}

impl Kiosk {
    /// True if it should have been heard of since.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        now.duration_since(self.heard) >= SILENT_AFTER
    }
}

/// All kiosks of the venue that were heard of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kiosks(BTreeMap<KioskName, Kiosk>);

impl Kiosks {
    /// A heartbeat came. `kept`: the broker had it from before, and it is as old as it says. One
    /// that is no later than what was heard does not count: nobody can repeat it.
    pub fn hear(&mut self, kiosk: KioskName, heartbeat: Heartbeat, kept: bool, now: Timestamp) {
        let known = self.0.get(&kiosk);
        // A clock that was ahead and was mended: its next word is earlier than its last one.
        let mended = |known: &Kiosk| known.heartbeat.at > now + SILENT_AFTER;
        let old = |known: &Kiosk| heartbeat.order() <= known.heartbeat.order() && !mended(known);
        if known.is_some_and(old) || known.is_none() && self.0.len() >= MOST {
            return;
        }
        let heartbeat = match known {
            // Its end was written at its beginning: what it said last is newer.
            Some(known) if heartbeat.service == Service::Gone => Heartbeat {
                service: Service::Gone,
                since: heartbeat.since,
                ..known.heartbeat.clone()
            },
            _ => heartbeat,
        };
        let heard = if kept { heartbeat.at.min(now) } else { now };
        self.0.insert(kiosk, Kiosk { heartbeat, heard });
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&KioskName, &Kiosk)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::PlatformLink;

    /// 2026-11-05 09:00 UTC.
    const NOW: Timestamp = Timestamp::constant(1_793_869_200, 0);

    fn seconds(n: i64) -> SignedDuration {
        SignedDuration::from_secs(n)
    }

    fn beat(since: i64, at: i64, service: Service) -> Heartbeat {
        Heartbeat {
            service,
            since: NOW + seconds(since),
            at: NOW + seconds(at),
            waiting: 0,
            refused: 0,
            version: "0.1.0".into(),
            link: PlatformLink::None,
        }
    }

    fn last(kiosks: &Kiosks) -> &Kiosk {
        kiosks.iter().next().unwrap().1
    }

    #[test]
    fn a_kiosk_is_silent_after_half_a_minute_and_one_from_before_is_as_old_as_it_says() {
        let gate: KioskName = "gate-1".parse().unwrap();
        let mut kiosks = Kiosks::default();
        kiosks.hear(gate.clone(), beat(0, 0, Service::Serving), false, NOW);
        assert!(!last(&kiosks).is_silent(NOW + seconds(29)));
        assert!(last(&kiosks).is_silent(NOW + seconds(30)));
        // This one's clock is behind; it is not silent.
        kiosks.hear(gate, beat(0, 1, Service::Serving), false, NOW + seconds(600));
        assert!(!last(&kiosks).is_silent(NOW + seconds(610)));
        let mut kiosks = Kiosks::default();
        let kept = beat(-100, -60, Service::Serving);
        kiosks.hear("gate-2".parse().unwrap(), kept, true, NOW);
        assert!(last(&kiosks).is_silent(NOW));
    }

    #[test]
    fn nobody_can_repeat_what_a_kiosk_said_before() {
        let gate: KioskName = "gate-1".parse().unwrap();
        let mut kiosks = Kiosks::default();
        let mut hear = |beat: &Heartbeat, now: i64| {
            let before = kiosks.clone();
            kiosks.hear(gate.clone(), beat.clone(), false, NOW + seconds(now));
            kiosks != before
        };
        let (first, second) = (beat(0, 10, Service::Serving), beat(0, 20, Service::Faulty));
        assert!(hear(&first, 10) && hear(&second, 20));
        assert!(!hear(&first, 30) && !hear(&second, 30), "repeated");
        // The end of this connection, which was written at its beginning.
        let gone = beat(0, 0, Service::Gone);
        assert!(hear(&gone, 40));
        assert!(!hear(&second, 50) && !hear(&gone, 50), "repeated after the end");
        assert!(hear(&beat(60, 60, Service::Serving), 60), "another connection");
        assert!(!hear(&gone, 70), "the end of the one before");
    }

    #[test]
    fn of_a_kiosk_that_is_gone_that_stands_which_it_said_last() {
        let gate: KioskName = "gate-1".parse().unwrap();
        let mut kiosks = Kiosks::default();
        let waiting = Heartbeat { waiting: 12, ..beat(0, 10, Service::Serving) };
        kiosks.hear(gate.clone(), waiting, false, NOW + seconds(10));
        kiosks.hear(gate, beat(0, 0, Service::Gone), false, NOW + seconds(20));
        let kiosk = last(&kiosks);
        assert_eq!((kiosk.heartbeat.service, kiosk.heartbeat.waiting), (Service::Gone, 12));
        assert_eq!(kiosk.heard, NOW + seconds(20));
    }

    #[test]
    fn a_kiosk_whose_clock_was_ahead_is_heard_again_when_it_is_right() {
        let gate: KioskName = "gate-1".parse().unwrap();
        let mut kiosks = Kiosks::default();
        kiosks.hear(gate.clone(), beat(9_000, 9_000, Service::Serving), false, NOW);
        kiosks.hear(gate, beat(10, 10, Service::Faulty), false, NOW + seconds(10));
        assert_eq!(last(&kiosks).heartbeat.service, Service::Faulty);
    }
}
