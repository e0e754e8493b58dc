//! The relay: the kiosks of one venue tell each other which badges were used, over a broker that
//! exists, and how they are.
//!
//! No visit waits for it. What was admitted while the broker was away is told when it is back, and
//! what others admitted is learned then. With no broker all is as it was without a relay.

mod board;
mod desk;
mod session;

use std::sync::Arc;
use std::time::Duration;

use ::relay::{
    Account, Heartbeat, KioskName, Kiosks, PlatformLink, RelayError, Service, Unreadable, VenueKey,
};
use store::{Conflict, Store, StoreError};
use thiserror::Error;
use tokio::sync::{Notify, watch};
use transport::Origin;

use crate::config::Config;
use crate::controller::{Controller, Input};
use crate::db::Db;
use crate::view::{Link, RelayLink};
use desk::{Desk, Ended};
use session::Session;

/// Pauses after failures: the first, and the longest. The broker is near and has few to serve.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The relay of one kiosk.
pub(crate) struct Relay {
    settings: ::relay::Settings,
    allow: Vec<Origin>,
    account: Account,
    key: VenueKey,
}

/// Why there is no relay although there should be one.
#[derive(Debug, Error)]
pub(crate) enum NoRelay {
    /// The database.
    #[error("the account at the relay cannot be read: {0}")]
    Store(#[from] StoreError),
    /// What the database holds.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The configuration.
    #[error("this kiosk has joined a relay, and the configuration has no [relay]")]
    NoBroker,
}

impl Relay {
    /// The relay that this kiosk has joined; none without an account.
    pub(crate) fn of(config: &Config, store: &Store) -> Result<Option<Self>, NoRelay> {
        let Some(account) = store.relay()? else { return Ok(None) };
        let account = Account::from_bytes(&account)?;
        let key = account.venue_key()?;
        let settings = config.relay.clone().ok_or(NoRelay::NoBroker)?;
        Ok(Some(Self { settings, allow: config.network.allow.clone(), account, key }))
    }
}

/// What comes from the other kiosks.
pub(crate) enum RelayNews {
    /// Whether there is a way to them.
    Link(RelayLink),
    /// How they are; `true`: the broker had it from before.
    Kiosks(Vec<(KioskName, Heartbeat, bool)>),
    /// Badges that were admitted here and elsewhere: all of them.
    Conflicts(Vec<Conflict>),
}

/// How this kiosk is, for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pulse {
    service: Service,
    waiting: u32,
    refused: u32,
    link: PlatformLink,
}

/// What the controller knows of the other kiosks.
pub(crate) struct Relaying {
    link: RelayLink,
    own: Option<KioskName>,
    kiosks: Kiosks,
    conflicts: Vec<Conflict>,
    pulse: watch::Sender<Pulse>,
    poke: Arc<Notify>,
}

impl Default for Relaying {
    fn default() -> Self {
        let (service, link) = (Service::Faulty, PlatformLink::None);
        let pulse = watch::Sender::new(Pulse { service, waiting: 0, refused: 0, link });
        Self {
            link: RelayLink::None,
            own: None,
            kiosks: Kiosks::default(),
            conflicts: Vec::new(),
            pulse,
            poke: Arc::default(),
        }
    }
}

impl Relaying {
    /// Something may have been admitted, taken back or erased.
    pub(crate) fn poke(&self) {
        self.poke.notify_one();
    }
}

impl Controller {
    /// Begins to tell the other kiosks what happens here, and to hear them.
    pub(crate) fn join(&mut self, found: Result<Option<Relay>, NoRelay>, db: Db) {
        match found {
            Ok(None) => self.relaying.link = RelayLink::None,
            Ok(Some(relay)) => {
                self.relaying.link = RelayLink::Lost;
                self.relaying.own = Some(relay.account.kiosk.clone());
                let (inputs, poke) = (self.inputs.clone(), Arc::clone(&self.relaying.poke));
                let pulse = self.relaying.pulse.subscribe();
                tokio::spawn(run(
                    relay,
                    Desk { db, clock: self.clock.clone(), inputs, poke, pulse },
                ));
            }
            Err(error) => {
                self.relaying.link = RelayLink::Lost;
                self.note(&error.to_string());
            }
        }
    }

    /// Something came from the other kiosks.
    pub(crate) fn relayed(&mut self, news: RelayNews) {
        let now = self.clock.now();
        match news {
            RelayNews::Link(link) => self.relaying.link = link,
            RelayNews::Kiosks(heard) => {
                for (kiosk, heartbeat, kept) in heard {
                    self.relaying.kiosks.hear(kiosk, heartbeat, kept, now);
                }
            }
            RelayNews::Conflicts(conflicts) => {
                if conflicts.len() > self.relaying.conflicts.len() {
                    self.note("a badge was admitted here and at another kiosk: see the kiosks");
                }
                self.relaying.conflicts = conflicts;
            }
        }
    }

    /// Says how this kiosk is now.
    pub(crate) fn feel_pulse(&self, serves: bool) {
        let service = if serves { Service::Serving } else { Service::Faulty };
        let (waiting, refused) = (self.telling.waiting, self.telling.refused);
        let link = match self.telling.link {
            Link::None => PlatformLink::None,
            Link::Connected => PlatformLink::Connected,
            Link::Lost | Link::KeyUnknown => PlatformLink::Lost,
            Link::Revoked => PlatformLink::Revoked,
        };
        let now = Pulse { service, waiting, refused, link };
        self.relaying.pulse.send_if_modified(|pulse| std::mem::replace(pulse, now) != now);
    }
}

/// Goes on until the database is closed, or the controller ends.
async fn run(relay: Relay, desk: Desk) {
    let mut pause = PAUSES.0;
    let (mut told, mut before) = (None, None);
    loop {
        let (joined, ended) = Session::run(&relay, &desk, &mut before).await;
        // Two kiosks of one name would throw each other out as quickly as they can.
        let joined = joined && !matches!(ended, Ended::Relay(RelayError::NameTaken));
        let error = match ended {
            Ended::Kiosk => return,
            Ended::Store => None,
            Ended::Relay(error) => Some(error),
        };
        if desk.tell(Input::Relay(RelayNews::Link(RelayLink::Lost))).await.is_err() {
            return;
        }
        if joined {
            (pause, told) = (PAUSES.0, None);
        }
        if let Some(error) = error.as_ref().map(described) {
            tracing::info!("the relay: {error}");
            // Once for each cause: the broker may be away for hours.
            if told.as_ref() != Some(&error) {
                if desk.tell(Input::Incident(format!("the relay: {error}"))).await.is_err() {
                    return;
                }
                told = Some(error);
            }
        }
        tokio::time::sleep(desk::spread(pause)).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

fn described(error: &RelayError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

#[cfg(test)]
mod tests;
