//! The roster over the network, from a real pretix: a first load, changes, and what is wrong with
//! an answer.

mod bad_answers;
mod problems;
mod window;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use admission::{OrderState, Refusal, Scanned};
use jiff::{SignedDuration, Timestamp};
use platform::bundle::TrustedKey;
use platform::policy;
use platform::pretix::{self as adapter, Pretix, QuestionNames, Software};
use platform::{
    AttendeeRecord, Begun, Cursor, Loaded, Photo, Pulled, Registration as _, RegistrationError,
    Terms,
};
use reqwest::Method;
use seal::{BadgeCode, BadgeKeys, BadgeSecret, CodeFormat};
use serde_json::json;
use store::{Age, BadgeEntry, BadgeState, FetchedPhoto, ReadFrom, Store};
use tempfile::TempDir;
use transport::{Settings, Transport, Url};
use walkthrough::pretix::{self, Attendee, Event, Ticket};
use zeroize::Zeroizing;

use crate::platform::Wire;
use crate::support::{Kiosk, Setup, expect_success, organiser_key, pictures};

/// A kiosk without a window: its database and the adapter.
pub(crate) struct Gate {
    folder: TempDir,
    pub(crate) store: Store,
    pub(crate) pretix: Pretix,
}

/// A policy pack for the codes of pretix, signed.
fn signed_policy(folder: &Path) -> (PathBuf, TrustedKey) {
    let pack = folder.join("policy");
    std::fs::create_dir(&pack).unwrap();
    for file in ["pack.toml", "zh.toml", "en.toml"] {
        let text = std::fs::read_to_string(crate::support::policy().join(file)).unwrap();
        let text = text.replace("code_format = \"crockford\"", "code_format = \"opaque\"");
        std::fs::write(pack.join(file), text).unwrap();
    }
    let key = platform::bundle::BundleKey::from_file(&organiser_key()).unwrap();
    let signed = folder.join("policy.signed");
    policy::sign(&pack, &key, &signed).unwrap();
    (signed, key.trusted())
}

/// A kiosk with a guard that knows the policy, and nobody's badge.
fn without_roster(config: &str) -> Kiosk {
    let kiosk = Kiosk::bare(&Setup { config, ..Setup::default() });
    kiosk.replay("obama2.jpg", "");
    kiosk.add_guard();
    let (signed, _) = signed_policy(kiosk.folder());
    expect_success(&kiosk.run(["policy".as_ref(), "import".as_ref(), signed.as_os_str()]));
    kiosk
}

/// Takes that pack into a kiosk.
pub(crate) fn import_policy(folder: &Path, store: &mut Store) {
    let (signed, key) = signed_policy(folder);
    policy::import(&signed, &[key], store, Timestamp::now()).unwrap();
}

impl Gate {
    /// Connected to that list, with a roster that has begun.
    pub(crate) async fn at(server: &pretix::Pretix, event: &Event, list: u64) -> Self {
        Self::over(server.base(), server, event, list).await
    }

    /// The same, by another way to the server.
    async fn over(way: &str, server: &pretix::Pretix, event: &Event, list: u64) -> Self {
        let device = server.add_device("pretixscan").await.unwrap();
        let settings = Settings { allow: vec![way.parse().unwrap()], ..Settings::default() };
        let transport = Transport::new(&settings).unwrap();
        let url = Url::parse(way).unwrap();
        let token = Zeroizing::new(device.initialization_token);
        let account = adapter::connect(&transport, &url, &token, Software::THIS, Timestamp::now())
            .await
            .unwrap();
        let places = adapter::places(&transport, &account).await.unwrap();
        let at = |place: &adapter::Place| place.event == event.slug && place.list == list;
        let place = places.into_iter().find(at).unwrap();
        let questions = QuestionNames::default();
        Self::with(Pretix { transport, account, place, questions })
    }

    /// A gate with that adapter, and a roster that has begun.
    fn with(pretix: Pretix) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        store.connect(&pretix.account.to_bytes().unwrap(), Timestamp::now()).unwrap();
        import_policy(folder.path(), &mut store);
        let salt = pretix.salt().unwrap().unwrap();
        let begun = platform::begin_roster(&mut store, salt, Timestamp::now()).unwrap();
        assert_eq!(begun, Begun::Now);
        Self { folder, store, pretix }
    }

    pub(crate) async fn entrance(server: &pretix::Pretix) -> Self {
        let event = &server.world().random;
        Self::at(server, event, event.entrance).await
    }

    fn loaded(&self) -> Loaded {
        let loaded = self.store.roster_terms().unwrap().unwrap();
        let store::RosterTerms { id, sequence, salt, code_format } = loaded;
        Loaded { id, sequence, terms: Terms { salt, code_format } }
    }

    fn terms(&self) -> Terms {
        self.loaded().terms
    }

    fn cursor(&self) -> Cursor {
        match self.store.read_from().unwrap().unwrap() {
            ReadFrom::Change(at) => self.pretix.since(at),
            ReadFrom::Cursor(cursor) => Cursor(cursor),
        }
    }

    /// Reads one page. True when there are more.
    pub(crate) async fn page(&mut self) -> Result<bool, RegistrationError> {
        let now = Timestamp::now();
        let pulled = self.pretix.pull(&self.cursor(), Some(&self.loaded()), now).await?;
        let Pulled::Changes(changes) = pulled else { return Ok(false) };
        self.store.apply(&changes, now).unwrap();
        Ok(changes.more)
    }

    /// Reads everything; how many pages that took.
    pub(crate) async fn read(&mut self) -> usize {
        let mut pages = 1;
        while self.page().await.unwrap() {
            pages += 1;
        }
        pages
    }

    /// Fetches all photos; how many.
    async fn photos(&mut self) -> usize {
        let mut fetched = 0;
        loop {
            let due = self.store.photos_due(23).unwrap();
            let photos = self.pretix.photos(&due, &self.terms()).await.unwrap();
            if photos.is_empty() {
                return fetched;
            }
            for (position, photo) in photos {
                fetched += 1;
                self.keep(position, &photo);
            }
        }
    }

    fn keep(&mut self, position: i64, photo: &Photo) {
        let photo = match photo {
            Photo::Sealed { locator, sealed } => FetchedPhoto::Sealed { locator, sealed },
            Photo::Absent(code) => FetchedPhoto::Absent(code),
        };
        assert!(self.store.keep_photo(position, &photo).unwrap());
    }

    pub(crate) fn keys(&self, code: &str) -> BadgeKeys {
        let secret = BadgeSecret::parse(&BadgeCode::new(code.to_owned()), CodeFormat::Opaque);
        secret.unwrap().derive(&self.terms().salt).unwrap()
    }

    pub(crate) fn badge(&self, ticket: &Ticket) -> Option<BadgeEntry> {
        self.store.badge(&self.keys(&ticket.secret).locator).unwrap()
    }

    fn name(&self, ticket: &Ticket) -> String {
        let sealed = self.badge(ticket).unwrap().sealed_record.unwrap();
        let record = AttendeeRecord::open(&sealed, &self.keys(&ticket.secret)).unwrap();
        record.name.clone()
    }

    /// What the store holds of these tickets, without times of this kiosk.
    fn held(&self, tickets: &[Ticket]) -> BTreeMap<u64, Option<String>> {
        let held = |ticket: &Ticket| {
            self.badge(ticket).map(|e| {
                let (ticket, state) = (e.ticket, e.state);
                format!("{:?} {ticket:?} {state:?} {:?} {:?}", e.position, e.age, e.photo_due)
            })
        };
        tickets.iter().map(|ticket| (ticket.position, held(ticket))).collect()
    }

    fn reopen(&mut self) {
        let folder = self.folder.path();
        // The lock is exclusive: the old connection has to go first.
        let other = tempfile::tempdir().unwrap();
        self.store = Store::open_folder(other.path()).unwrap();
        self.store = Store::open_folder(folder).unwrap();
    }
}

/// The account, to be used by another kiosk of the test.
pub(crate) fn account_of(gate: &Gate) -> Zeroizing<Vec<u8>> {
    gate.pretix.account.to_bytes().unwrap()
}

/// Orders with one position each, many at a time.
pub(crate) async fn add_many(server: &pretix::Pretix, number: usize) -> Vec<Ticket> {
    let event = &server.world().random;
    let mut tickets = Vec::new();
    for n in 0..number {
        let name = format!("Visitor {n}");
        tickets.push(
            server.add(event, &Attendee { name: &name, ..Attendee::default() }).await.unwrap(),
        );
    }
    tickets
}

/// A load that is killed after any page goes on, and ends equal.
async fn goes_on_after_a_kill(
    server: &pretix::Pretix,
    pages: usize,
    expected: &BTreeMap<u64, Option<String>>,
    tickets: &[Ticket],
) {
    for killed in 0..pages {
        let mut gate = Gate::entrance(server).await;
        for _ in 0..killed {
            gate.page().await.unwrap();
        }
        // The next page is asked for, and the kiosk ends before it is applied.
        let (cursor, loaded) = (gate.cursor(), gate.loaded());
        gate.pretix.pull(&cursor, Some(&loaded), Timestamp::now()).await.unwrap();
        gate.reopen();
        gate.read().await;
        assert_eq!(&gate.held(tickets), expected, "killed after page {killed}");
    }
}

fn jpeg(name: &str) -> Vec<u8> {
    std::fs::read(pictures().join(name)).unwrap()
}

#[tokio::test]
async fn c17_c40_a_roster_comes_page_by_page_and_then_its_changes() {
    let server = pretix::fresh().await.unwrap();
    let event = &server.world().random;
    let mut tickets = add_many(&server, 55).await;
    let long = "👩‍👩‍👧‍👦 עברית 欧阳".repeat(30);
    for attendee in [
        Attendee { name: &long[..long.len() / 2 / 12 * 12], ..Attendee::default() },
        Attendee { name: "Child", birthday: Some("2020-02-29"), ..Attendee::default() },
        Attendee { name: "Grown", birthday: Some("1990-02-28"), ..Attendee::default() },
        Attendee { name: "Unpaid", unpaid: true, ..Attendee::default() },
        Attendee { name: "Unapproved", unapproved: true, ..Attendee::default() },
        Attendee { name: "Other", product: Some(event.catering), ..Attendee::default() },
    ] {
        tickets.push(server.add(event, &attendee).await.unwrap());
    }
    let mut gate = Gate::entrance(&server).await;
    let pages = gate.read().await;
    assert!(pages >= 2, "61 orders are more than a page");
    goes_on_after_a_kill(&server, pages, &gate.held(&tickets), &tickets).await;
    for ticket in &tickets {
        let entry = gate.badge(ticket).unwrap();
        assert_eq!(entry.position, Some(i64::try_from(ticket.position).unwrap()));
    }
    assert_eq!(gate.name(&tickets[3]), "Visitor 3");
    let ages = [55, 56, 57].map(|n| gate.badge(&tickets[n]).unwrap().age);
    assert_eq!(ages, [Age::Unknown, Age::Under14, Age::From14]);
    let of = |gate: &Gate, n: usize| gate.badge(&tickets[n]).unwrap().ticket.unwrap();
    let states = [58, 59, 60].map(|n| of(&gate, n).order);
    assert_eq!(states, [OrderState::Pending, OrderState::Unapproved, OrderState::Paid]);
    assert_eq!(of(&gate, 60).item, i64::try_from(event.catering).unwrap());
    let list = gate.store.checkin_list().unwrap().unwrap();
    assert_eq!(list.items, Some(vec![i64::try_from(event.visitor).unwrap()]));
    assert_eq!((list.entry_after_exit, list.time_zone.as_str()), (true, "Asia/Shanghai"));
    assert_eq!(gate.store.roster().unwrap().unwrap().attendees, 61);

    // Changes.
    server.cancel(&tickets[0]).await.unwrap();
    server.block(&tickets[1]).await.unwrap();
    server.rename(&tickets[2], "观众").await.unwrap();
    let new_code = server.regenerate(&tickets[3]).await.unwrap();
    server.mark_unpaid(&tickets[4]).await.unwrap();
    let until = Timestamp::from_second(1_999_999_999).unwrap();
    server.set_validity(&tickets[5], None, Some(until)).await.unwrap();
    let scan = json!({"lists": [event.entrance], "secret": tickets[6].secret, "type": "entry",
                      "source_type": "barcode", "force": false});
    server.call(Method::POST, "/organizers/expo/checkinrpc/redeem/", Some(&scan)).await.unwrap();
    let new = server.add(event, &Attendee { name: "New", ..Attendee::default() }).await.unwrap();
    gate.read().await;
    assert!(gate.badge(&tickets[0]).is_none());
    assert_eq!(gate.badge(&tickets[1]).unwrap().state, BadgeState::Blocked);
    assert_eq!(gate.name(&tickets[2]), "观众");
    assert!(gate.badge(&tickets[3]).is_none());
    assert_eq!(gate.name(&new_code), "Visitor 3");
    assert_eq!(of(&gate, 4).order, OrderState::Pending);
    assert_eq!(gate.badge(&tickets[5]).unwrap().valid_until, Some(until));
    assert!(matches!(of(&gate, 6).scanned, Some(Scanned::Inside(_))));
    assert_eq!(gate.name(&new), "New");
    // And back.
    server.unblock(&tickets[1]).await.unwrap();
    let path = format!("/organizers/expo/events/random/orders/{}/reactivate/", tickets[0].order);
    server.call(Method::POST, &path, Some(&json!({}))).await.unwrap();
    gate.read().await;
    assert_eq!(gate.badge(&tickets[1]).unwrap().state, BadgeState::Valid);
    assert_eq!(gate.name(&tickets[0]), "Visitor 0");
}

#[tokio::test]
async fn c16_c18_photos_come_ahead_and_on_demand_sealed_and_without_metadata() {
    let server = pretix::fresh().await.unwrap();
    let event = &server.world().random;
    let photo = jpeg("obama.jpg");
    let mut wide = Vec::new();
    image::DynamicImage::new_rgb8(6500, 10)
        .write_to(&mut std::io::Cursor::new(&mut wide), image::ImageFormat::Jpeg)
        .unwrap();
    let with = |name, photo| Attendee { name, photo: Some(photo), ..Attendee::default() };
    let tickets = [
        server.add(event, &with("A", &photo)).await.unwrap(),
        server.add(event, &with("B", &photo)).await.unwrap(),
        server.add(event, &with("C", &wide)).await.unwrap(),
        server.add(event, &Attendee { name: "D", ..Attendee::default() }).await.unwrap(),
        server.add(event, &with("E", b"%PDF-1.4 no photo at all")).await.unwrap(),
    ];
    let mut gate = Gate::entrance(&server).await;
    gate.read().await;
    let due = |gate: &Gate| tickets.each_ref().map(|t| gate.badge(t).unwrap().photo_due);
    assert_eq!(due(&gate), [true, true, true, false, true]);
    // On demand.
    let position = i64::try_from(tickets[1].position).unwrap();
    let fetched = gate.pretix.photo(position, &gate.keys(&tickets[1].secret)).await.unwrap();
    gate.keep(position, &fetched);
    // Ahead.
    assert_eq!(gate.photos().await, 3);
    assert_eq!(due(&gate), [false; 5]);
    let entry = |gate: &Gate, n: usize| gate.badge(&tickets[n]).unwrap();
    for n in [0, 1] {
        let keys = gate.keys(&tickets[n].secret);
        let sealed = gate.store.reference(&keys.locator).unwrap().unwrap();
        let opened = keys.reference.open(&sealed, &keys.locator, seal::Kind::Reference).unwrap();
        assert_eq!(image::guess_format(&opened).unwrap(), image::ImageFormat::Jpeg);
    }
    assert_eq!(entry(&gate, 2).reference_problem.as_deref(), Some("too_large"));
    assert_eq!(entry(&gate, 3).reference_problem.as_deref(), Some("missing"));
    // Of a file that is no picture the server says that there is none.
    assert_eq!(entry(&gate, 4).reference_problem.as_deref(), Some("missing"));
    // Another photo is fetched anew, and one that is gone goes.
    server.set_photo(event, &tickets[0], Some(&jpeg("obama2.jpg"))).await.unwrap();
    server.set_photo(event, &tickets[1], None).await.unwrap();
    let locator = gate.keys(&tickets[0].secret).locator;
    let before = gate.store.reference(&locator).unwrap();
    gate.read().await;
    assert_eq!(due(&gate), [true, false, false, false, false]);
    assert_eq!(entry(&gate, 1).reference_problem.as_deref(), Some("missing"));
    assert_eq!(gate.photos().await, 1);
    let after = gate.store.reference(&locator).unwrap();
    assert!(after.is_some() && after != before);
}

#[tokio::test]
async fn c17_the_platform_is_asked_for_listed_fields_only_and_tells_no_others() {
    let server = pretix::fresh().await.unwrap();
    let event = &server.world().random;
    let photo = jpeg("obama.jpg");
    let visitor = Attendee { name: "Listed", photo: Some(&photo), ..Attendee::default() };
    let ticket = server.add(event, &visitor).await.unwrap();
    let order = json!({"email": "planted@example.org", "phone": "+8613812345678",
                       "comment": "planted comment"});
    let path = format!("{}orders/{}/", event.path(), ticket.order);
    server.call(Method::PATCH, &path, Some(&order)).await.unwrap();
    let position = json!({"attendee_email": "attendee-planted@example.org",
                          "company": "Planted Imports", "street": "17 Planted Road",
                          "zipcode": "201702", "city": "Qingpu"});
    let path = format!("/organizers/expo/events/random/orderpositions/{}/", ticket.position);
    let changed = server.call(Method::PATCH, &path, Some(&position)).await.unwrap();
    assert_eq!(changed["company"], "Planted Imports");
    let wire = Wire::to(server.base()).await;
    let mut gate = Gate::over(&wire.url(), &server, event, event.entrance).await;
    gate.read().await;
    assert_eq!((gate.photos().await, gate.name(&ticket)), (1, "Listed".to_owned()));
    let answered = String::from_utf8_lossy(&wire.answered()).into_owned();
    assert!(answered.contains("\"attendee_name\":\"Listed\""), "the answers can be read");
    let others = ["lanted", "+8613812345678", "201702", "Qingpu"];
    let fields = [
        "\"email\"",
        "\"phone\"",
        "\"company\"",
        "\"street\"",
        "\"invoice_address\"",
        "\"payments\"",
        "\"comment\"",
        "\"attendee_email\"",
        "\"price\"",
    ];
    for other in others.iter().chain(&fields) {
        assert!(!answered.contains(other), "{other}");
    }
}

#[tokio::test]
async fn codes_that_were_revoked_or_blocked_are_known_and_one_that_cannot_be_read_stops_nobody_else()
 {
    let server = pretix::fresh().await.unwrap();
    let signed = &server.world().signed;
    let ticket = |name| Attendee { name, ..Attendee::default() };
    let [one, two] = [
        server.add(signed, &ticket("A")).await.unwrap(),
        server.add(signed, &ticket("B")).await.unwrap(),
    ];
    let new_code = server.regenerate(&one).await.unwrap();
    server.block(&two).await.unwrap();
    let mut gate = Gate::at(&server, signed, signed.entrance).await;
    gate.read().await;
    assert!(gate.badge(&one).is_none() && gate.badge(&new_code).is_some());
    let void =
        |gate: &Gate, t: &Ticket| gate.store.void_code(&gate.keys(&t.secret).locator).unwrap();
    assert_eq!(void(&gate, &one), Some(Refusal::Revoked));
    assert_eq!(gate.badge(&two).unwrap().state, BadgeState::Blocked);
    assert_eq!(gate.store.checkin_list().unwrap().unwrap().keys.len(), 1);

    let random = &server.world().random;
    let bad = Attendee { name: "F", secret: Some("short"), ..Attendee::default() };
    server.add(random, &bad).await.unwrap();
    let alone = server.add(random, &ticket("G")).await.unwrap();
    let mut gate = Gate::at(&server, random, random.entrance).await;
    gate.read().await;
    assert!(gate.badge(&alone).is_some());
    let progress = gate.store.progress().unwrap();
    assert_eq!((progress.ambiguous, progress.unreadable), (0, 1));
}

#[tokio::test]
async fn every_page_of_the_check_in_lists_is_read() {
    let server = pretix::fresh().await.unwrap();
    let event = &server.world().random;
    for n in 0..49 {
        let list = json!({"name": format!("List {n}"), "all_products": true, "limit_products": []});
        let path = format!("{}checkinlists/", event.path());
        server.call(Method::POST, &path, Some(&list)).await.unwrap();
    }
    let gate = Gate::entrance(&server).await;
    let places = adapter::places(&gate.pretix.transport, &gate.pretix.account).await.unwrap();
    assert_eq!(places.iter().filter(|place| place.event == event.slug).count(), 51);
}

#[tokio::test]
async fn the_salt_is_the_same_for_every_kiosk_of_an_event_and_another_for_another() {
    let server = pretix::fresh().await.unwrap();
    let (random, signed) = (&server.world().random, &server.world().signed);
    let one = Gate::at(&server, random, random.entrance).await;
    let two = Gate::at(&server, random, random.hall).await;
    let other = Gate::at(&server, signed, signed.entrance).await;
    let salt = |gate: &Gate| gate.store.roster().unwrap().unwrap().salt;
    assert_eq!(salt(&one), salt(&two));
    assert_ne!(salt(&one), salt(&other));
    let ends = one.store.roster().unwrap().unwrap().ends_at;
    assert!(ends > Timestamp::now() + SignedDuration::from_hours(24));
}
