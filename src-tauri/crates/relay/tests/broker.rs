//! Connections to a real broker: who gets in, and what counts of what comes.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use relay::{
    Account, Announcement, BadgeHash, BadgeUse, Connection, Event, Heartbeat, KioskName, Message,
    PlatformLink, Refused, RelayError, Sealed, Service, Settings, VenueKey,
};
use tokio::time::timeout;
use transport::Origin;
use walkthrough::mosquitto::{INTRUDER, Mosquitto};

/// Long enough for a shared machine.
const SOON: Duration = Duration::from_secs(20);
const BADGE: BadgeHash = BadgeHash([9; 32]);

struct Venue {
    broker: Mosquitto,
    key: VenueKey,
}

/// A kiosk with nothing but a connection.
struct Kiosk<'a> {
    venue: &'a Venue,
    connection: Connection,
    /// Came, and not looked at yet.
    come: VecDeque<Event>,
}

impl Venue {
    async fn new() -> Self {
        let broker = Mosquitto::start(&["gate-1", "gate-2"]).await.unwrap();
        Self { broker, key: VenueKey::draw().unwrap() }
    }

    fn settings(&self) -> Settings {
        Settings { broker: self.broker.broker().parse().unwrap(), ca: self.broker.ca() }
    }

    fn open_with(&self, settings: &Settings, name: &str, password: &str) -> Connection {
        let allow: [Origin; 1] = [self.broker.broker().parse().unwrap()];
        let account = Account::new(kiosk(name), password, &self.key);
        let will = self.key.beat(&kiosk(name), &heartbeat(Service::Gone));
        Connection::open(settings, &allow, &account, &will).unwrap()
    }

    /// A kiosk that the broker has let in.
    async fn kiosk(&self, name: &str) -> Kiosk<'_> {
        let password = Mosquitto::password(name);
        let connection = self.open_with(&self.settings(), name, &password);
        let mut kiosk = Kiosk { venue: self, connection, come: VecDeque::new() };
        kiosk.until(|event| matches!(event, Event::Subscribed).then_some(())).await;
        kiosk
    }

    fn announcement(&self, name: &str) -> Sealed {
        self.key.announce(&kiosk(name), BADGE, &used(), Timestamp::now())
    }

    fn topic(&self, name: &str) -> String {
        format!("postern/1/{}/used/{name}/{}", self.key.venue(), "09".repeat(32))
    }
}

impl Venue {
    /// Somebody with every right at the broker publishes on a kiosk's topic of the badge.
    fn broker_says(&self, name: &str, payload: &[u8]) {
        assert!(self.broker.publish(INTRUDER, &self.topic(name), payload).unwrap());
    }
}

impl Kiosk<'_> {
    async fn until<T>(&mut self, wanted: impl Fn(&Event) -> Option<T>) -> T {
        timeout(SOON, async {
            loop {
                while let Some(event) = self.come.pop_front() {
                    if let Some(found) = wanted(&event) {
                        return found;
                    }
                }
                self.come.extend(self.connection.next().await.unwrap());
            }
        })
        .await
        .unwrap()
    }

    /// What comes next on the topic of the badge as this kiosk told it, and what it counts as.
    async fn hears(&mut self, name: &str) -> Result<Message, Refused> {
        let wanted = self.venue.topic(name);
        let key = &self.venue.key;
        self.until(|event| match event {
            Event::Heard { topic, payload, .. } if *topic == wanted => {
                Some(key.open(topic, payload, Timestamp::now()))
            }
            _ => None,
        })
        .await
    }
}

fn kiosk(name: &str) -> KioskName {
    name.parse().unwrap()
}

fn used() -> Announcement {
    let at = Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap();
    let until = at + SignedDuration::from_hours(24);
    Announcement { state: BadgeUse::Used, at, changed: at, until }
}

fn heartbeat(service: Service) -> Heartbeat {
    let at = Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap();
    let version = "0.1.0".to_owned();
    let link = PlatformLink::None;
    Heartbeat { service, since: at, at, waiting: 0, refused: 0, version, link }
}

async fn end(mut connection: Connection) -> RelayError {
    timeout(SOON, async {
        loop {
            if let Err(error) = connection.next().await {
                return error;
            }
        }
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn what_one_kiosk_announces_the_others_hear_and_whoever_comes_later_too() {
    let venue = Venue::new().await;
    let mut listener = venue.kiosk("gate-2").await;
    let mut speaker = venue.kiosk("gate-1").await;
    speaker.connection.announce(BADGE, venue.announcement("gate-1")).unwrap();
    speaker.until(|event| matches!(event, Event::Taken(BADGE)).then_some(())).await;
    let heard = listener.hears("gate-1").await.unwrap();
    assert!(matches!(heard, Message::Badge { badge: BADGE, .. }));
    drop(listener);
    let mut late = venue.kiosk("gate-2").await;
    assert_eq!(late.hears("gate-1").await.unwrap(), heard);
    // Withdrawn: the broker keeps nothing of it.
    speaker.connection.announce(BADGE, venue.key.withdraw(&kiosk("gate-1"), BADGE)).unwrap();
    assert_eq!(late.hears("gate-1").await, Err(Refused::Empty));
    assert!(venue.broker.kept().unwrap().iter().all(|(topic, _)| !topic.contains("/used/")));
}

#[tokio::test]
async fn c29_a_wrong_password_a_wrong_certificate_and_a_broker_that_is_away_are_told_apart() {
    let mut venue = Venue::new().await;
    let wrong = venue.open_with(&venue.settings(), "gate-1", "guessed");
    assert!(matches!(end(wrong).await, RelayError::Credentials));
    let unknown = venue.open_with(&venue.settings(), "gate-9", &Mosquitto::password("gate-9"));
    assert!(matches!(end(unknown).await, RelayError::Credentials));
    let trusting = Settings { ca: venue.broker.other_ca(), ..venue.settings() };
    let stranger = venue.open_with(&trusting, "gate-1", &Mosquitto::password("gate-1"));
    assert!(matches!(end(stranger).await, RelayError::Certificate));
    venue.broker.end();
    let away = venue.open_with(&venue.settings(), "gate-1", &Mosquitto::password("gate-1"));
    assert!(matches!(end(away).await, RelayError::Unreachable));
}

#[tokio::test]
async fn whoever_has_the_broker_cannot_mark_a_badge_as_used_or_make_up_a_kiosk() {
    let venue = Venue::new().await;
    let mut listener = venue.kiosk("gate-2").await;
    // Somebody with every right at the broker, and without the venue's key.
    venue.broker_says("gate-1", b"used");
    venue.broker_says("gate-1", &[b'0'; 400]);
    assert_eq!(listener.hears("gate-1").await, Err(Refused::NoCode));
    assert_eq!(listener.hears("gate-1").await, Err(Refused::NoCode));
    let body = br#"{"state":"used","at":1,"changed":1,"until":9999999999999}"#;
    let forged = [&[b'0'; 64][..], b"\n", body].concat();
    venue.broker_says("gate-1", &forged);
    assert_eq!(listener.hears("gate-1").await, Err(Refused::Forged));
    // A true word of one kiosk, put into the mouth of another.
    let mut speaker = venue.kiosk("gate-1").await;
    speaker.connection.announce(BADGE, venue.announcement("gate-1")).unwrap();
    listener.hears("gate-1").await.unwrap();
    let kept = venue.broker.kept().unwrap();
    let (_, word) = kept.iter().find(|(topic, _)| topic.contains("/used/gate-1/")).unwrap();
    venue.broker_says("gate-3", word);
    assert_eq!(listener.hears("gate-3").await, Err(Refused::Forged));
}

#[tokio::test]
async fn a_message_of_a_megabyte_never_reaches_a_kiosk_and_disturbs_nobody() {
    let venue = Venue::new().await;
    let mut listener = venue.kiosk("gate-2").await;
    venue.broker_says("gate-1", &vec![b'x'; 1 << 20]);
    let mut speaker = venue.kiosk("gate-1").await;
    speaker.connection.announce(BADGE, venue.announcement("gate-1")).unwrap();
    assert!(listener.hears("gate-1").await.is_ok(), "the first that it hears on this topic");
    drop(listener);
    // Also one that lies there when a kiosk comes.
    venue.broker_says("gate-3", &vec![b'x'; 1 << 20]);
    let mut late = venue.kiosk("gate-2").await;
    assert!(late.hears("gate-1").await.is_ok());
}

#[tokio::test]
async fn a_kiosk_speaks_in_its_own_name_only() {
    let venue = Venue::new().await;
    let mut hostile = venue.kiosk("gate-2").await;
    // It has the venue's key: its word would count.
    hostile.connection.announce(BADGE, venue.announcement("gate-1")).unwrap();
    let ended = end(hostile.connection).await;
    assert!(matches!(ended, RelayError::Forbidden), "{ended:?}");
    assert!(venue.broker.kept().unwrap().iter().all(|(topic, _)| !topic.contains("/used/")));
}

#[tokio::test]
async fn the_others_hear_that_a_kiosk_is_gone_and_a_second_one_of_its_name_takes_its_place() {
    let venue = Venue::new().await;
    let mut listener = venue.kiosk("gate-2").await;
    let first = venue.kiosk("gate-1").await;
    let second = venue.kiosk("gate-1").await;
    let ended = end(first.connection).await;
    // mosquitto 2.0.11 does not tell why.
    assert!(matches!(ended, RelayError::NameTaken | RelayError::Broken), "{ended:?}");
    drop(second);
    let key = &venue.key;
    let gone = listener
        .until(|event| match event {
            Event::Heard { topic, payload, .. } => match key.open(topic, payload, Timestamp::now())
            {
                Ok(Message::Kiosk { heartbeat, .. }) => Some(heartbeat.service),
                _ => None,
            },
            _ => None,
        })
        .await;
    assert_eq!(gone, Service::Gone);
}
