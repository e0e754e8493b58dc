//! What the kiosk tells, and what a real platform makes of it, through a wire that fails.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod cases;
mod races;
mod rosters;
mod scale;
mod schedules;

use std::fs;
use std::path::Path;

use checkin::{Recording, StaffReason};
use jiff::{SignedDuration, Timestamp};
use platform::pretix::{Place, Software, connect};
use seal::{BadgeCode, BadgeKeys, BadgeSecret, CodeFormat, Locator, RosterSalt};
use store::{
    Age, BadgeState, Checkin, Lane, NewAttendee, NewPolicy, NewRoster, OutboxEntry, Reference,
};
use tempfile::TempDir;
use tokio::sync::mpsc;
use transport::Url;
use walkthrough::faults::{Fault, FaultyWire};
use walkthrough::pretix::{Attendee, CheckIn, Pretix as Platform, Ticket};
use zeroize::Zeroizing;

use super::outbox::Patience;
use super::*;
use crate::clock::Clock;
use crate::config::PlatformSettings;

/// How long a visitor waits here.
const WAIT: Duration = Duration::from_millis(400);
/// Of the roster.
const SALT: RosterSalt = RosterSalt([1; 32]);
/// Longer than anything here takes.
const LONG: Duration = Duration::from_mins(1);

/// One kiosk: its database, its account at the platform, and the wire between them.
struct Gate {
    wire: FaultyWire,
    settings: transport::Settings,
    online: Online,
    /// What the controller is told.
    inputs: mpsc::Receiver<Input>,
    /// Number of the device at the platform.
    device: u64,
    locators: Vec<Locator>,
    // Last: the database is closed before its folder goes.
    folder: TempDir,
}

impl Gate {
    /// Connects a new kiosk that knows these badges.
    async fn new(platform: &Platform, tickets: &[Ticket]) -> Self {
        let wire = FaultyWire::to(platform.base()).await.unwrap();
        let settings = allowing(&wire.url());
        let (account, device) = account(platform, &settings, &wire.url()).await;
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        store.connect(&account, Timestamp::now()).unwrap();
        let locators = tickets
            .iter()
            .map(|t| Locator([t.position.to_le_bytes(); 4].concat().try_into().unwrap()));
        let locators: Vec<_> = locators.collect();
        import(&mut store, tickets, &locators);
        let (online, inputs) = open(&settings, store);
        Self { wire, settings, online, inputs, device, locators, folder }
    }

    /// A technician connects it as another device.
    async fn connect_anew(&mut self, platform: &Platform) {
        let (account, device) = account(platform, &self.settings, &self.wire.url()).await;
        self.store(move |store| {
            assert!(store.disconnect(Timestamp::now()).unwrap());
            store.connect(&account, Timestamp::now()).unwrap();
        })
        .await;
        self.device = device;
        self.power_cut();
    }

    /// The power goes, and the kiosk goes on with what lies on its disk.
    fn power_cut(&mut self) {
        let next = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, next.path().join(path.file_name().unwrap())).unwrap();
        }
        self.reopen(next.path());
        self.folder = next;
    }

    fn reopen(&mut self, folder: &Path) {
        let store = Store::open_folder(folder).unwrap();
        (self.online, self.inputs) = open(&self.settings, store);
    }

    fn checkin(
        &self,
        badge: usize,
        visit: [u8; 16],
        at: Timestamp,
    ) -> impl FnOnce(&mut Store) -> Checkin + Send + use<> {
        let locator = self.locators[badge];
        move |store| Checkin {
            nonce: visit,
            badge: store.badge(&locator).unwrap().unwrap().id,
            lane: Lane::Face,
            staff: None,
            role: None,
            reason: None,
            overrides: false,
            answers: None,
            at,
        }
    }

    async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> T {
        self.online.desk.db.run(work).await.unwrap()
    }

    /// A visitor passes the check, and the platform is asked.
    async fn admit(&mut self, badge: usize, visit: [u8; 16]) -> Recording {
        let checkin = self.store(self.checkin(badge, visit, Timestamp::now())).await;
        let answer = self.online.decide(checkin, false).await;
        self.hear();
        answer
    }

    /// The same while the platform is known to be away. True if the badge was not used here.
    async fn admit_alone(&self, badge: usize, visit: [u8; 16], at: Timestamp) -> bool {
        let checkin = self.checkin(badge, visit, at);
        let record = |store: &mut Store| {
            let checkin = checkin(store);
            store.record_checkin(&checkin).unwrap() == store::CheckinOutcome::Recorded
        };
        self.store(record).await
    }

    /// Nobody passed.
    async fn annul(&self, visit: [u8; 16], at: Timestamp) {
        self.store(move |store| store.annul_checkin(&visit, at).unwrap()).await;
    }

    /// Tells what waits, for so long at most: then the telling is cut off where it is.
    async fn tell(&mut self, most: Duration) -> bool {
        let Online { registration, desk, .. } = &self.online;
        let told = tokio::time::timeout(most, registration.tell_all(desk)).await;
        self.hear();
        matches!(told, Ok(Ok(())))
    }

    /// Tells until nothing waits.
    async fn drain(&mut self) {
        let begun = std::time::Instant::now();
        while !(self.tell(LONG).await && self.waiting().await.is_empty()) {
            assert!(begun.elapsed() < LONG, "{:?}", self.waiting().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn waiting(&self) -> Vec<OutboxEntry> {
        self.store(|store| store.outbox_pending().unwrap()).await
    }

    /// The platform's words for what it did not accept.
    async fn refused(&self) -> Vec<String> {
        let refused = self.store(|store| store.outbox_refused().unwrap()).await;
        refused.into_iter().map(|(_, word)| word).collect()
    }

    /// Which badges are admitted here.
    async fn standing(&self) -> Vec<bool> {
        let locators = self.locators.clone();
        let stands = move |store: &mut Store, l: &Locator| {
            store.badge(l).unwrap().unwrap().admitted_at.is_some()
        };
        self.store(move |store| locators.iter().map(|l| stands(store, l)).collect()).await
    }

    /// What the controller was told meanwhile: incidents.
    fn hear(&mut self) -> Vec<String> {
        let mut incidents = Vec::new();
        while let Ok(input) = self.inputs.try_recv() {
            match input {
                Input::Incident(what) => incidents.push(what),
                Input::StoreFailed { what, .. } => panic!("{what}"),
                _ => {}
            }
        }
        incidents
    }
}

/// Settings that allow one way to a server, and no other.
pub(crate) fn allowing(way: &str) -> transport::Settings {
    transport::Settings { allow: vec![way.parse().unwrap()], ..transport::Settings::default() }
}

/// A number that the environment sets.
fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// The keys of a badge, in the roster of these tests.
fn keys(ticket: &Ticket) -> BadgeKeys {
    let code = BadgeCode::new(ticket.secret.clone());
    BadgeSecret::parse(&code, CodeFormat::Opaque).unwrap().derive(&SALT).unwrap()
}

/// A new account by that way to the platform, and the number of its device.
pub(crate) async fn account(
    platform: &Platform,
    settings: &transport::Settings,
    way: &str,
) -> (Zeroizing<Vec<u8>>, u64) {
    let device = platform.add_device("pretixscan").await.unwrap();
    let token = Zeroizing::new(device.initialization_token);
    let (transport, url) = (Transport::new(settings).unwrap(), Url::parse(way).unwrap());
    let now = Timestamp::now();
    let mut account = connect(&transport, &url, &token, Software::THIS, now).await.unwrap();
    account.place = Some(Place {
        event: platform.world().random.slug.clone(),
        list: platform.world().random.entrance,
        list_name: "entrance".to_owned(),
    });
    (account.to_bytes().unwrap(), device.device_id)
}

/// The first request of this kind meets a fault, and no other does.
fn once(part: &'static str, fault: Fault) -> impl FnMut(&str) -> Fault {
    let mut left = Some(fault);
    move |line| if line.contains(part) { left.take().unwrap_or(Fault::None) } else { Fault::None }
}

fn open(settings: &transport::Settings, store: Store) -> (Online, mpsc::Receiver<Input>) {
    let registration = Registration::of(settings, &store).unwrap().unwrap();
    let clock = Clock::of(&store).unwrap();
    // Room for a day: nobody listens while it is told.
    let (inputs, told) = mpsc::channel(1 << 20);
    let settings = PlatformSettings { roll_days: 0, ..PlatformSettings::default() };
    let mut desk = Desk::new(Db::new(store), clock, inputs, Arc::default(), settings, Vec::new());
    let aside = (Duration::from_millis(20), Duration::from_millis(50));
    desk.patience = Patience { failures: 2, aside };
    let online = Online { registration: Arc::new(registration), desk: Arc::new(desk), wait: WAIT };
    (online, told)
}

fn import(store: &mut Store, tickets: &[Ticket], locators: &[Locator]) {
    let now = Timestamp::now();
    let roster = NewRoster {
        id: "outbox",
        sequence: 1,
        salt: SALT,
        code_format: CodeFormat::Opaque,
        policy: NewPolicy { id: "policy", rank: 1, pack: b"{}" },
        made_at: now,
        ends_at: now + SignedDuration::from_hours(24),
        retention_days: 2,
    };
    let mut import = store.begin_roster_import(&roster, now).unwrap();
    for (ticket, locator) in tickets.iter().zip(locators) {
        import
            .attendee(&NewAttendee {
                locator: *locator,
                state: BadgeState::Valid,
                valid_from: None,
                valid_until: None,
                age: Age::From14,
                position: Some(i64::try_from(ticket.position).unwrap()),
                sealed_record: b"record",
                reference: Reference::Sealed(b"photo"),
            })
            .unwrap();
    }
    import.commit().unwrap();
}

/// So many visitors, registered at the platform.
async fn register(platform: &Platform, number: usize) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    for _ in 0..number {
        let visitor = Attendee { name: "Visitor", ..Attendee::default() };
        tickets.push(platform.add(&platform.world().random, &visitor).await.unwrap());
    }
    tickets
}

/// The scans that the platform holds of a ticket, the first one first.
async fn held(platform: &Platform, ticket: &Ticket) -> Vec<CheckIn> {
    let mut held = platform.check_ins(&platform.world().random).await.unwrap();
    held.retain(|scan| scan.position == Some(ticket.position));
    held
}

/// Whether each stands, and what is said against it.
fn words(held: &[CheckIn]) -> Vec<(bool, Option<&str>)> {
    held.iter().map(|scan| (scan.successful, scan.error_reason.as_deref())).collect()
}
