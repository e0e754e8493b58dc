//! Kiosks of one venue, each with its database, over a real broker.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]
#![expect(clippy::print_stdout, reason = "figures, for docs/relay.md")]

use std::sync::Mutex;
use std::time::Instant;

use ::relay::{Announcement, BadgeHash, BadgeUse, Connection, Event};
use jiff::{SignedDuration, Timestamp};
use seal::{CodeFormat, Locator, RosterSalt};
use store::{
    Age, BadgeState, Checkin, CheckinOutcome, Lane, NewAttendee, NewPolicy, NewRoster, Reference,
};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use walkthrough::mosquitto::{INTRUDER, Mosquitto};

use super::*;
use crate::clock::Clock;

/// Long enough for a shared machine.
const SOON: Duration = Duration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the controller would be told.
#[derive(Default)]
struct Told {
    link: RelayLink,
    notes: Vec<String>,
    conflicts: Vec<Conflict>,
    kiosks: Kiosks,
}

struct Kiosk {
    _folder: TempDir,
    db: Db,
    poke: Arc<Notify>,
    told: Arc<Mutex<Told>>,
    running: JoinHandle<()>,
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Kiosk {
    /// A kiosk of the venue with so many badges on its roster.
    fn start(broker: &Mosquitto, key: &VenueKey, name: &str, badges: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        let now = Timestamp::now();
        let roster = NewRoster {
            id: "roster",
            sequence: 1,
            salt: RosterSalt([3; 32]),
            code_format: CodeFormat::Crockford,
            policy: NewPolicy { id: "policy", rank: 1, pack: b"policy" },
            made_at: now,
            ends_at: now + DAY * 5,
            retention_days: 10,
        };
        let mut import = store.begin_roster_import(&roster, now).unwrap();
        for n in 0..badges {
            let attendee = NewAttendee {
                locator: locator(n),
                state: BadgeState::Valid,
                valid_from: None,
                valid_until: None,
                age: Age::From14,
                position: None,
                sealed_record: b"sealed record",
                reference: Reference::Sealed(b"sealed photo"),
            };
            import.attendee(&attendee).unwrap();
        }
        import.commit().unwrap();
        let account = Account::new(name.parse().unwrap(), &Mosquitto::password(name), key);
        store.join_relay(&account.to_bytes().unwrap(), &key.badge_key(), now).unwrap();
        let broker = broker.configuration();
        let config =
            format!("data_dir = '{0}'\nmodels_dir = '{0}'\n{broker}", folder.path().display());
        let relay = Relay::of(&toml::from_str(&config).unwrap(), &store).unwrap().unwrap();
        let (inputs, mut heard) = mpsc::channel(64);
        let db = Db::new(store);
        let poke = Arc::<Notify>::default();
        let (service, link) = (Service::Serving, PlatformLink::None);
        let (sender, pulse) = watch::channel(Pulse { service, waiting: 0, refused: 0, link });
        let told = Arc::<Mutex<Told>>::default();
        let desk = Desk {
            db: db.clone(),
            clock: Clock::resume(None),
            inputs,
            poke: Arc::clone(&poke),
            pulse,
        };
        let log = Arc::clone(&told);
        let running = tokio::spawn(async move {
            let hear = async {
                while let Some(input) = heard.recv().await {
                    let mut told = log.lock().unwrap();
                    match input {
                        Input::Relay(RelayNews::Link(link)) => told.link = link,
                        Input::Relay(RelayNews::Conflicts(conflicts)) => told.conflicts = conflicts,
                        Input::Relay(RelayNews::Kiosks(kiosks)) => {
                            for (kiosk, heartbeat, kept) in kiosks {
                                told.kiosks.hear(kiosk, heartbeat, kept, Timestamp::now());
                            }
                        }
                        Input::Incident(note) => told.notes.push(note),
                        _ => {}
                    }
                }
            };
            tokio::join!(run(relay, desk), hear);
            drop(sender);
        });
        Self { _folder: folder, db, poke, told, running }
    }

    async fn admit(&self, n: u32) -> CheckinOutcome {
        let outcome = self.db.run(move |store| {
            let badge = store.badge(&locator(n)).unwrap().unwrap().id;
            let mut nonce = [0; 16];
            getrandom::fill(&mut nonce).unwrap();
            let checkin = Checkin {
                nonce,
                badge,
                lane: Lane::Face,
                staff: None,
                role: None,
                reason: None,
                overrides: false,
                answers: None,
                at: Timestamp::now(),
            };
            store.record_checkin(&checkin).unwrap()
        });
        let outcome = outcome.await.unwrap();
        self.poke.notify_one();
        outcome
    }

    /// How many of the badges up to this one are used, by the kiosk's own word or another's.
    async fn used(&self, badges: u32) -> u32 {
        let count = move |store: &mut Store| {
            let used = |n: &u32| store.badge(&locator(*n)).unwrap().unwrap().admitted_at.is_some();
            u32::try_from((0..badges).filter(used).count()).unwrap()
        };
        self.db.run(count).await.unwrap()
    }

    async fn knows(&self, n: u32) -> bool {
        let look = move |store: &mut Store| store.badge(&locator(n)).unwrap().unwrap().admitted_at;
        self.db.run(look).await.unwrap().is_some()
    }

    /// Nothing waits to be told.
    async fn has_told_all(&self) -> bool {
        self.db.run(|store| store.announced_due(1).unwrap().is_empty()).await.unwrap()
    }

    fn told<T>(&self, look: impl Fn(&Told) -> T) -> T {
        look(&self.told.lock().unwrap())
    }

    async fn is_connected(&self) {
        until(|| async { self.told(|told| told.link == RelayLink::Connected) }).await;
    }
}

fn locator(n: u32) -> Locator {
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&n.to_le_bytes());
    Locator(bytes)
}

async fn until<F: Future<Output = bool>>(there: impl Fn() -> F) {
    let deadline = Instant::now() + SOON;
    while !there().await {
        assert!(Instant::now() < deadline, "it did not come");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_admitted_at_one_kiosk_is_refused_at_the_other_a_moment_later() {
    let broker = Mosquitto::start(&["gate-1", "gate-2"]).await.unwrap();
    let key = VenueKey::draw().unwrap();
    let one = Kiosk::start(&broker, &key, "gate-1", 30);
    let two = Kiosk::start(&broker, &key, "gate-2", 30);
    one.is_connected().await;
    two.is_connected().await;
    let mut times = Vec::new();
    for n in 0..30 {
        let (here, there) = if n % 2 == 0 { (&one, &two) } else { (&two, &one) };
        assert_eq!(here.admit(n).await, CheckinOutcome::Recorded);
        let written = Instant::now();
        until(|| there.knows(n)).await;
        times.push(written.elapsed());
        let refused = there.admit(n).await;
        assert!(matches!(refused, CheckinOutcome::AlreadyAdmitted { .. }), "{refused:?}");
    }
    times.sort_unstable();
    println!("relay_latency: median {:?}, longest {:?} of {}", times[15], times[29], times.len());
    assert!(times[15] < Duration::from_secs(2), "{times:?}");
    assert!(times[29] < Duration::from_secs(20), "{times:?}");
    // And each sees the other.
    until(|| async { one.told(|told| told.kiosks.iter().count()) == 2 }).await;
    drop(two);
    let gone = || async {
        one.told(|told| told.kiosks.iter().any(|(_, k)| k.heartbeat.service == Service::Gone))
    };
    until(gone).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_broker_away_all_goes_on_and_then_each_learns_what_the_other_did() {
    let mut broker = Mosquitto::start(&["gate-1", "gate-2"]).await.unwrap();
    let key = VenueKey::draw().unwrap();
    let one = Kiosk::start(&broker, &key, "gate-1", 10);
    let two = Kiosk::start(&broker, &key, "gate-2", 10);
    one.is_connected().await;
    two.is_connected().await;
    one.admit(0).await;
    until(|| two.knows(0)).await;
    until(|| one.has_told_all()).await;
    // The broker writes to its disk every half hour: what it had kept is lost.
    broker.end();
    until(|| async { one.told(|told| told.link == RelayLink::Lost) }).await;
    assert_eq!(one.admit(1).await, CheckinOutcome::Recorded);
    assert_eq!(two.admit(2).await, CheckinOutcome::Recorded);
    // The same badge at both, while neither can hear of the other.
    assert_eq!(one.admit(3).await, CheckinOutcome::Recorded);
    assert_eq!(two.admit(3).await, CheckinOutcome::Recorded);
    broker.again().await.unwrap();
    until(|| two.knows(1)).await;
    until(|| one.knows(2)).await;
    for kiosk in [&one, &two] {
        until(|| async { kiosk.told(|told| told.conflicts.len()) == 1 }).await;
    }
    assert_eq!(one.told(|told| told.conflicts[0].kiosk.clone()), "gate-2");
    assert_eq!((one.used(10).await, two.used(10).await), (4, 4));
    // Told again, although the broker had acknowledged it before it lost it.
    let kept = || async {
        let kept = broker.kept().unwrap();
        kept.iter().filter(|(topic, _)| topic.contains("/used/")).count() == 5
    };
    until(kept).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_that_joins_learns_ten_thousand_used_badges() {
    const BADGES: u32 = 10_000;
    let broker = Mosquitto::start(&["gate-1", "gate-2"]).await.unwrap();
    let key = VenueKey::draw().unwrap();
    publish(&broker, &key, "gate-1", BADGES).await;
    let late = Kiosk::start(&broker, &key, "gate-2", BADGES);
    let began = Instant::now();
    // Its own first word comes back after all of them.
    until(|| async { late.told(|told| told.kiosks.iter().count()) == 1 }).await;
    let passed = began.elapsed();
    assert_eq!(late.used(BADGES).await, BADGES);
    println!("relay_joining: {BADGES} retained hashes in {passed:?}");
}

/// Announces so many badges as a kiosk does that has admitted them.
async fn publish(broker: &Mosquitto, key: &VenueKey, name: &str, badges: u32) {
    let config: Config =
        toml::from_str(&format!("data_dir = '/a'\nmodels_dir = '/b'\n{}", broker.configuration()))
            .unwrap();
    let kiosk: KioskName = name.parse().unwrap();
    let account = Account::new(kiosk.clone(), &Mosquitto::password(name), key);
    let now = Timestamp::now();
    let will = key.withdraw(&kiosk, BadgeHash([0; 32]));
    let settings = config.relay.unwrap();
    let mut connection =
        Connection::open(&settings, &config.network.allow, &account, &will).unwrap();
    let said = Announcement { state: BadgeUse::Used, at: now, changed: now, until: now + DAY * 10 };
    let (mut next, mut taken) = (0, 0);
    while taken < badges {
        while next < badges && connection.room() > 0 {
            let badge = key.badge_hash(&locator(next).0);
            connection.announce(badge, key.announce(&kiosk, badge, &said, now)).unwrap();
            next += 1;
        }
        let events = connection.next().await.unwrap();
        taken += events.iter().filter(|event| matches!(event, Event::Taken(_))).count() as u32;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_of_the_venue_said_changes_nothing_and_the_technician_hears_of_it() {
    let broker = Mosquitto::start(&["gate-1"]).await.unwrap();
    let key = VenueKey::draw().unwrap();
    let one = Kiosk::start(&broker, &key, "gate-1", 2);
    one.is_connected().await;
    let hash = data_encoding::HEXLOWER.encode(&key.badge_hash(&locator(0).0).0);
    let topic = format!("postern/1/{}/used/gate-2/{hash}", key.venue());
    let body = r#"{"state":"used","at":1,"changed":1,"until":9999999999999}"#;
    let forged = format!("{}\n{body}", "0".repeat(64));
    assert!(broker.publish(INTRUDER, &topic, forged.as_bytes()).unwrap());
    until(|| async { !one.told(|told| told.notes.is_empty()) }).await;
    let notes = one.told(|told| told.notes.clone());
    let expected =
        "the relay: a message was dropped: the message is not from a kiosk of this venue";
    assert_eq!(notes, [expected]);
    assert!(!one.knows(0).await);
    assert_eq!(one.admit(0).await, CheckinOutcome::Recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_once_and_tried_again() {
    let broker = Mosquitto::start(&["gate-1"]).await.unwrap();
    let key = VenueKey::draw().unwrap();
    // The broker does not know it.
    let one = Kiosk::start(&broker, &key, "gate-9", 1);
    until(|| async { !one.told(|told| told.notes.is_empty()) }).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let notes = one.told(|told| told.notes.clone());
    assert_eq!(notes, ["the relay: the broker does not accept this kiosk's user and password"]);
    assert_eq!(one.admit(0).await, CheckinOutcome::Recorded);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_kiosks_of_one_name_are_told_that_they_are() {
    let broker = Mosquitto::start(&["gate-1"]).await.unwrap();
    let key = VenueKey::draw().unwrap();
    let one = Kiosk::start(&broker, &key, "gate-1", 1);
    one.is_connected().await;
    let _two = Kiosk::start(&broker, &key, "gate-1", 1);
    let expected = "the relay: another kiosk is connected under this kiosk's name";
    until(|| async { one.told(|told| told.notes.iter().any(|note| note == expected)) }).await;
}
