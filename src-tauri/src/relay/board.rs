//! All kiosks of the venue, as a member of staff sees them.

use ::relay::{Kiosk, PlatformLink, Service};
use jiff::Timestamp;

use crate::controller::Controller;
use crate::rights::Action;
use crate::view::{ConflictLine, KioskHealth, KioskLine, KiosksDue, KiosksPage, Link, RelayLink};

/// So many conflicts are shown.
const CONFLICTS: usize = 20;
/// Minutes by which a clock may be wrong.
const CLOCK: i64 = 2;

impl Controller {
    /// The kiosks of the venue.
    pub(crate) fn kiosks(&self) -> KiosksPage {
        let now = self.clock.now();
        let relaying = &self.relaying;
        let mut kiosks: Vec<KioskLine> = relaying
            .kiosks
            .iter()
            .map(|(name, kiosk)| KioskLine {
                name: name.to_string(),
                own: relaying.own.as_ref() == Some(name),
                ..line(kiosk, now)
            })
            .collect();
        // By name within each: the order in which they came is kept.
        kiosks.sort_by_key(|kiosk| kiosk.health);
        let conflicts = relaying.conflicts.iter().take(CONFLICTS);
        KiosksPage {
            link: relaying.link,
            kiosks,
            troubled: self.kiosks_troubled(),
            conflicts: conflicts
                .map(|conflict| ConflictLine {
                    here: local(conflict.here),
                    kiosk: conflict.kiosk.clone(),
                    there: local(conflict.there),
                })
                .collect(),
        }
    }

    /// Whether there is a reason to look at them; for whoever may.
    pub(crate) fn kiosks_due(&self) -> Option<KiosksDue> {
        let relaying = &self.relaying;
        if relaying.link == RelayLink::None || !self.may(Action::SeeKiosks) {
            return None;
        }
        let conflicts = u32::try_from(relaying.conflicts.len()).unwrap_or(u32::MAX);
        Some(KiosksDue { troubled: self.kiosks_troubled(), conflicts })
    }

    fn kiosks_troubled(&self) -> u32 {
        let now = self.clock.now();
        let all = self.relaying.kiosks.iter();
        let troubled = all.filter(|(_, kiosk)| health(kiosk, now) != KioskHealth::Serving);
        u32::try_from(troubled.count()).unwrap_or(u32::MAX)
    }
}

fn health(kiosk: &Kiosk, now: Timestamp) -> KioskHealth {
    match kiosk.heartbeat.service {
        Service::Gone => KioskHealth::Gone,
        _ if kiosk.is_silent(now) => KioskHealth::Silent,
        Service::Faulty => KioskHealth::Faulty,
        Service::Serving => KioskHealth::Serving,
    }
}

fn line(kiosk: &Kiosk, now: Timestamp) -> KioskLine {
    let beat = &kiosk.heartbeat;
    // What it said when it was heard: nothing is known of a clock that was heard of from before.
    let off = beat.at.duration_since(kiosk.heard).as_mins();
    KioskLine {
        name: String::new(),
        own: false,
        health: health(kiosk, now),
        ago: u32::try_from(now.duration_since(kiosk.heard).as_secs().max(0)).unwrap_or(u32::MAX),
        waiting: beat.waiting,
        refused: beat.refused,
        version: beat.version.clone(),
        link: match beat.link {
            PlatformLink::None => Link::None,
            PlatformLink::Connected => Link::Connected,
            PlatformLink::Lost => Link::Lost,
            PlatformLink::Revoked => Link::Revoked,
        },
        clock_off: (beat.service != Service::Gone && off.abs() >= CLOCK)
            .then(|| i32::try_from(off).unwrap_or(i32::MAX)),
    }
}

fn local(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%m-%d %H:%M").to_string()
}
