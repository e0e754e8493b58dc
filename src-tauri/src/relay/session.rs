//! One connection to the broker, and what is said over it.
//!
//! First this kiosk hears what the broker has kept, its own words among it. Its own first heartbeat
//! comes back after all of that: then it knows what the broker has lost, and tells it again.

use std::collections::HashMap;
use std::time::Duration;

use ::relay::{
    Announcement, BadgeHash, BadgeUse, Connection, Event, Heartbeat, KioskName, LongestStay,
    Message, Refused, RelayError, Service,
};
use jiff::Timestamp;
use store::{Announced, AnnouncedState};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

use super::desk::{Desk, Ended};
use super::{Relay, RelayNews};
use crate::controller::Input;
use crate::view::RelayLink;

/// How often a kiosk says that it is there.
const BEAT: Duration = Duration::from_secs(10);
/// When the broker should have sent all that it has kept. A kiosk that may not hear itself goes on
/// without knowing what was lost.
const KEPT_COMES: Duration = Duration::from_mins(1);

/// A connection in use.
pub(super) struct Session<'a> {
    relay: &'a Relay,
    desk: &'a Desk,
    connection: Connection,
    /// When it began.
    since: Timestamp,
    /// When this kiosk's connection before it began.
    before: Option<Timestamp>,
    /// What the broker had kept of this kiosk; none once all of it has come.
    kept: Option<HashMap<[u8; 32], Timestamp>>,
    /// What the broker has yet to acknowledge.
    under_way: HashMap<[u8; 32], Announced>,
    /// A message that does not count was noted.
    noted: Option<Refused>,
}

impl<'a> Session<'a> {
    /// Connects, and goes on until the connection ends. `before`: when the one before it began; it
    /// becomes the beginning of this one. True if the broker let the kiosk in.
    pub(super) async fn run(
        relay: &'a Relay,
        desk: &'a Desk,
        before: &mut Option<Timestamp>,
    ) -> (bool, Ended) {
        let since = to_the_millisecond(desk.clock.now());
        let before = before.replace(since);
        let gone = heartbeat(desk, since, Some(Service::Gone));
        let will = relay.key.beat(&relay.account.kiosk, &gone);
        let opened = Connection::open(&relay.settings, &relay.allow, &relay.account, &will);
        let connection = match opened {
            Ok(connection) => connection,
            Err(error) => return (false, error.into()),
        };
        let (kept, under_way) = (Some(HashMap::new()), HashMap::new());
        let mut session =
            Self { relay, desk, connection, since, before, kept, under_way, noted: None };
        let mut joined = false;
        let ended = match session.serve(&mut joined).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        };
        (joined, ended)
    }

    async fn serve(&mut self, joined: &mut bool) -> Result<std::convert::Infallible, Ended> {
        let mut beat = beats();
        let patience = Instant::now() + KEPT_COMES;
        loop {
            tokio::select! {
                events = self.connection.next() => {
                    for event in self.sort(events?).await? {
                        match event {
                            Sorted::Subscribed => {
                                *joined = true;
                                beat.reset();
                                let first = heartbeat(self.desk, self.since, None);
                                self.beat(&first, true)?;
                                let link = RelayNews::Link(RelayLink::Connected);
                                self.desk.tell(Input::Relay(link)).await?;
                                // Badges that were admitted twice before this start.
                                let own = self.relay.account.kiosk.to_string();
                                self.desk.hear(Vec::new(), own).await?;
                            }
                            Sorted::Came => self.all_came().await?,
                        }
                    }
                    if self.kept.is_none() {
                        self.tell().await?;
                    }
                }
                _ = beat.tick(), if *joined => {
                    let now = heartbeat(self.desk, self.since, None);
                    self.beat(&now, false)?;
                }
                () = self.desk.poke.notified(), if self.kept.is_none() => self.tell().await?,
                () = sleep_until(patience), if !*joined => {
                    return Err(RelayError::Deaf.into());
                }
                () = sleep_until(patience), if *joined && self.kept.is_some() => {
                    self.kept = None;
                    let what = "the relay: this kiosk does not hear itself: see the broker's \
                                access rules";
                    self.desk.tell(Input::Incident(what.to_owned())).await?;
                    self.tell().await?;
                }
            }
        }
    }

    /// Takes in what came, and says what follows from it.
    async fn sort(&mut self, events: Vec<Event>) -> Result<Vec<Sorted>, Ended> {
        let now = self.desk.clock.now();
        let own = &self.relay.account.kiosk;
        let (mut follows, mut badges, mut kiosks) = (Vec::new(), Vec::new(), Vec::new());
        let mut taken = Vec::new();
        for event in events {
            let (topic, payload, was_kept) = match event {
                Event::Subscribed => {
                    follows.push(Sorted::Subscribed);
                    continue;
                }
                Event::Taken(BadgeHash(hash)) => {
                    taken.extend(self.under_way.remove(&hash));
                    continue;
                }
                Event::Heard { topic, payload, kept } => (topic, payload, kept),
            };
            match self.relay.key.open(&topic, &payload, now) {
                Ok(Message::Badge { kiosk, badge, announcement }) => {
                    if let Some(kept) = self.kept.as_mut().filter(|_| kiosk == *own) {
                        kept.insert(badge.0, announcement.changed);
                    }
                    badges.push((kiosk.into(), announced(badge, &announcement)));
                }
                Ok(Message::Kiosk { kiosk, heartbeat }) => {
                    // The word that this connection began with.
                    if kiosk == *own && heartbeat.since == self.since && self.kept.is_some() {
                        follows.push(Sorted::Came);
                    }
                    if kiosk == *own && self.is_anothers(&heartbeat) {
                        return Err(RelayError::NameTaken.into());
                    }
                    kiosks.push((kiosk, heartbeat, was_kept));
                }
                // An end that nobody can prove, and one that has come.
                Err(Refused::Empty | Refused::Over) => {}
                Err(refused) => self.refused(refused).await?,
            }
        }
        if !badges.is_empty() {
            self.desk.hear(badges, own.to_string()).await?;
        }
        if !kiosks.is_empty() {
            self.desk.tell(Input::Relay(RelayNews::Kiosks(kiosks))).await?;
        }
        if !taken.is_empty() {
            self.desk.told(taken).await?;
        }
        Ok(follows)
    }

    /// A word in this kiosk's name of a connection that it never had: a broker need not say that
    /// another kiosk has taken its place.
    fn is_anothers(&self, heartbeat: &Heartbeat) -> bool {
        let after = self.before.is_some_and(|before| heartbeat.since > before);
        after && heartbeat.since != self.since
    }

    /// A message does not count: the technician is told of the first of its kind.
    async fn refused(&mut self, refused: Refused) -> Result<(), Ended> {
        if self.noted == Some(refused) {
            return Ok(());
        }
        self.noted = Some(refused);
        let what = format!("the relay: a message was dropped: {refused}");
        self.desk.tell(Input::Incident(what)).await
    }

    /// All that the broker had kept is here.
    async fn all_came(&mut self) -> Result<(), Ended> {
        let Some(kept) = self.kept.take() else { return Ok(()) };
        let missing = self.desk.missing(kept).await?;
        if missing > 0 {
            tracing::info!("the relay: the broker has lost {missing} announcements of this kiosk");
        }
        Ok(())
    }

    /// Announces what the others have yet to hear, as far as there is room.
    async fn tell(&mut self) -> Result<(), Ended> {
        let room = self.connection.room();
        if room == 0 {
            return Ok(());
        }
        let due = self.desk.due(room + self.under_way.len()).await?;
        let now = self.desk.clock.now();
        let own = &self.relay.account.kiosk;
        for said in due {
            if self.connection.room() == 0 {
                break;
            }
            if self.under_way.contains_key(&said.hash) {
                continue;
            }
            let badge = BadgeHash(said.hash);
            let sealed = match announcement(&said) {
                Some(announcement) => self.relay.key.announce(own, badge, &announcement, now),
                None => self.relay.key.withdraw(own, badge),
            };
            self.connection.announce(badge, sealed)?;
            self.under_way.insert(said.hash, said);
        }
        Ok(())
    }

    fn beat(&mut self, heartbeat: &Heartbeat, first: bool) -> Result<(), Ended> {
        let own: &KioskName = &self.relay.account.kiosk;
        Ok(self.connection.beat(self.relay.key.beat(own, heartbeat), first)?)
    }
}

/// What follows from what came.
enum Sorted {
    /// The broker has let the kiosk in.
    Subscribed,
    /// What it had kept has come.
    Came,
}

/// As a message carries it.
fn to_the_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

fn beats() -> Interval {
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beats
}

fn heartbeat(desk: &Desk, since: Timestamp, service: Option<Service>) -> Heartbeat {
    let pulse = *desk.pulse.borrow();
    Heartbeat {
        service: service.unwrap_or(pulse.service),
        since,
        at: desk.clock.now(),
        waiting: pulse.waiting,
        refused: pulse.refused,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        link: pulse.link,
    }
}

fn announced(badge: BadgeHash, announcement: &Announcement) -> Announced {
    let Announcement { state, at, changed, until } = *announcement;
    let state = match state {
        BadgeUse::Used => AnnouncedState::Used,
        BadgeUse::TakenBack => AnnouncedState::TakenBack,
    };
    Announced { hash: badge.0, state, at, changed, until }
}

/// None for what is to be withdrawn.
fn announcement(said: &Announced) -> Option<Announcement> {
    let Announced { state, at, changed, until, .. } = *said;
    let state = match state {
        AnnouncedState::Used => BadgeUse::Used,
        AnnouncedState::TakenBack => BadgeUse::TakenBack,
        AnnouncedState::Withdrawn => return None,
    };
    Some(Announcement { state, at, changed, until: LongestStay::shorten(until, changed) })
}
