//! The roster over the network, from a real pretix: a first load, changes, and what is wrong with
//! an answer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

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
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use transport::{Settings, Transport, Url};
use walkthrough::pretix::{self, Attendee, Event, Ticket};
use zeroize::Zeroizing;

use crate::platform::{connect, on_the_side};
use crate::support::{Kiosk, Setup, expect_success, organiser_key, pictures};
use crate::visits::{SOON, open};

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

/// Takes that pack into a kiosk.
pub(crate) fn import_policy(folder: &Path, store: &mut Store) {
    let (signed, key) = signed_policy(folder);
    policy::import(&signed, &[key], store, Timestamp::now()).unwrap();
}

impl Gate {
    /// Connected to that list, with a roster that has begun.
    pub(crate) async fn at(server: &pretix::Pretix, event: &Event, list: u64) -> Self {
        let device = server.add_device("pretixscan").await.unwrap();
        let settings =
            Settings { allow: vec![server.base().parse().unwrap()], ..Settings::default() };
        let transport = Transport::new(&settings).unwrap();
        let url = Url::parse(server.base()).unwrap();
        let token = Zeroizing::new(device.initialization_token);
        let account = adapter::connect(&transport, &url, &token, Software::THIS).await.unwrap();
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
        let salt = pretix.salt().unwrap();
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
    ];
    let mut gate = Gate::entrance(&server).await;
    gate.read().await;
    let due = |gate: &Gate| tickets.each_ref().map(|t| gate.badge(t).unwrap().photo_due);
    assert_eq!(due(&gate), [true, true, true, false]);
    // On demand.
    let position = i64::try_from(tickets[1].position).unwrap();
    let fetched = gate.pretix.photo(position, &gate.keys(&tickets[1].secret)).await.unwrap();
    gate.keep(position, &fetched);
    // Ahead.
    assert_eq!(gate.photos().await, 2);
    assert_eq!(due(&gate), [false; 4]);
    let entry = |gate: &Gate, n: usize| gate.badge(&tickets[n]).unwrap();
    for n in [0, 1] {
        let keys = gate.keys(&tickets[n].secret);
        let sealed = entry(&gate, n).sealed_reference.unwrap();
        let opened = keys.reference.open(&sealed, &keys.locator, seal::Kind::Reference).unwrap();
        assert_eq!(image::guess_format(&opened).unwrap(), image::ImageFormat::Jpeg);
    }
    assert_eq!(entry(&gate, 2).reference_problem.as_deref(), Some("too_large"));
    assert_eq!(entry(&gate, 3).reference_problem.as_deref(), Some("missing"));
    // Another photo is fetched anew, and one that is gone goes.
    server.set_photo(event, &tickets[0], Some(&jpeg("obama2.jpg"))).await.unwrap();
    server.set_photo(event, &tickets[1], None).await.unwrap();
    let before = entry(&gate, 0).sealed_reference;
    gate.read().await;
    assert_eq!(due(&gate), [true, false, false, false]);
    assert_eq!(entry(&gate, 1).reference_problem.as_deref(), Some("missing"));
    assert_eq!(gate.photos().await, 1);
    let after = entry(&gate, 0).sealed_reference;
    assert!(after.is_some() && after != before);
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

#[tokio::test]
async fn a_kiosk_without_a_roster_is_filled_by_the_platform_and_fetches_a_photo_for_whoever_is_here()
 {
    let server = pretix::fresh().await.unwrap();
    let event = &server.world().random;
    let photo = jpeg("obama.jpg");
    let grown =
        Attendee { birthday: Some("1990-02-28"), photo: Some(&photo), ..Attendee::default() };
    let one = server.add(event, &Attendee { name: "One", ..grown }).await.unwrap();
    let config = format!("[network]\nallow = ['{}']\n", server.base());
    let kiosk = Kiosk::bare(&Setup { config: &config, ..Setup::default() });
    kiosk.replay("obama2.jpg", "");
    kiosk.add_guard();
    let (signed, _) = signed_policy(kiosk.folder());
    expect_success(&kiosk.run(["policy".as_ref(), "import".as_ref(), signed.as_os_str()]));
    connect(&kiosk, &server, server.base()).await;

    let session = open(&kiosk).await;
    session.wait_screen("attract", SOON).await.unwrap();
    // Registered while the kiosk runs: at the latest in the next round it is known, and its photo
    // comes when the badge is here.
    let two = server.add(event, &Attendee { name: "Two", ..grown }).await.unwrap();
    for ticket in [&one, &two] {
        let begun = std::time::Instant::now();
        let screens = ["consent", "code_problem"];
        while session.scan(&ticket.secret, &screens, SOON).await.unwrap() != "consent" {
            assert!(begun.elapsed() < SOON * 4, "{}", session.log());
            session.click("done").await.unwrap();
            session.wait_screen("attract", SOON).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        }
        session.click("use-face").await.unwrap();
        session.wait_screen("attract", SOON).await.unwrap();
    }
    session.close().await.unwrap();
    let head = kiosk.store().roster().unwrap().unwrap();
    assert_eq!((head.attendees, head.references, head.from_platform), (2, 2, true));
    let status = on_the_side(&kiosk, &["platform", "status"], "").await;
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    for line in ["photos to come: 0", "left out: 0", "changes are known up to"] {
        assert!(status.contains(line), "{line}: {status}");
    }
}

/// A server that answers as it was told, by the end of the path.
struct Canned {
    address: String,
    orders: Arc<Mutex<(u16, Vec<u8>, usize)>>,
}

impl Canned {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let orders = Arc::new(Mutex::new((200, Vec::new(), 0)));
        let answers = Arc::clone(&orders);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let answers = Arc::clone(&answers);
                tokio::spawn(async move {
                    let mut asked = vec![0; 16 << 10];
                    while let Ok(length @ 1..) = near.read(&mut asked).await {
                        let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
                        let (status, body, length) = answer(&asked, &answers.lock().unwrap());
                        let head = format!(
                            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\
                             Content-Length: {length}\r\n\r\n"
                        );
                        near.write_all(head.as_bytes()).await.unwrap();
                        near.write_all(&body).await.unwrap();
                    }
                });
            }
        });
        Self { address, orders }
    }

    fn answers(&self, status: u16, body: &str) {
        *self.orders.lock().unwrap() = (status, body.as_bytes().to_vec(), body.len());
    }

    /// A gate that is connected to it.
    fn gate(&self) -> Gate {
        let place = json!({"event": "fair", "list": 2, "list_name": "Entrance"});
        let account = json!({"url": self.address, "organizer": "expo", "name": "kiosk",
                             "place": place, "api_token": "t0ken"});
        let account = adapter::Account::from_bytes(account.to_string().as_bytes()).unwrap();
        let place = account.place.clone().unwrap();
        let allow = vec![self.address.parse().unwrap()];
        let transport = Transport::new(&Settings { allow, ..Settings::default() }).unwrap();
        Gate::with(Pretix { transport, account, place, questions: QuestionNames::default() })
    }
}

/// What the server says besides orders is as it should be.
fn answer(asked: &str, orders: &(u16, Vec<u8>, usize)) -> (u16, Vec<u8>, usize) {
    let path = asked.split(' ').nth(1).unwrap_or_default().to_owned();
    let list = |entries: serde_json::Value| json!({"count": 1, "next": null, "results": entries});
    let body = if path.contains("/orders/") {
        return orders.clone();
    } else if path.contains("/checkinlists/") {
        list(json!([{"id": 2, "name": "Entrance", "all_products": true, "limit_products": [],
                     "subevent": null, "include_pending": false, "allow_multiple_entries": false,
                     "allow_entry_after_exit": false, "rules": {}}]))
    } else if path.contains("/events/fair/?") || path.ends_with("/events/fair/") {
        json!({"date_from": "2026-11-05T09:00:00+08:00", "timezone": "Asia/Shanghai",
               "valid_keys": {"pretix_sig1": []}})
    } else {
        list(json!([]))
    };
    let body = body.to_string().into_bytes();
    let length = body.len();
    (200, body, length)
}

/// One order with one position.
fn order(secret: &str) -> serde_json::Value {
    json!({
        "status": "p", "require_approval": false, "valid_if_pending": false,
        "last_modified": "2026-11-05T08:30:00Z",
        "positions": [{
            "id": 7, "secret": secret, "item": 1, "variation": null, "subevent": null,
            "attendee_name": "A", "country": null, "valid_from": null, "valid_until": null,
            "blocked": null, "canceled": false, "checkins": [], "answers": [],
        }],
    })
}

#[tokio::test]
async fn bad_answers_are_named_by_their_field_and_leave_the_roster_as_it_was() {
    let server = Canned::start().await;
    let mut gate = server.gate();
    let code = "z3fsn8jyufm5kpk768q69gkbyr5f4h6w";
    let page = |order: serde_json::Value| {
        json!({"count": 1, "next": null, "results": [order]}).to_string()
    };
    server.answers(200, &page(order(code)));
    gate.read().await;
    let ticket = Ticket {
        event: "fair".to_owned(),
        order: String::new(),
        position: 7,
        secret: code.to_owned(),
    };
    let changed = |change: fn(&mut serde_json::Value)| {
        let mut order = order("another-code-of-24-letters");
        change(&mut order);
        page(order)
    };
    let cursor = gate.cursor();
    for (status, body, expected) in [
        (200, changed(|o| o["positions"][0]["item"] = json!("x")), "results[0].positions[0].item"),
        (200, changed(|o| o["positions"][0]["id"] = json!(null)), "results[0].positions[0].id"),
        (200, changed(|o| o["last_modified"] = json!("today")), "results[0].last_modified"),
        (200, changed(|o| o["status"] = json!("on hold")), "orders: status"),
        (200, "[]".to_owned(), "orders"),
        (200, String::new(), "orders"),
        (200, "{\"results\": [".to_owned(), "orders"),
        (500, "<html>Internal error</html>".to_owned(), "answered 500"),
        (302, String::new(), "answered 302"),
        (404, "{\"detail\": \"Not found.\"}".to_owned(), "answered 404"),
        (429, String::new(), "busy"),
        (401, String::new(), "revoked"),
    ] {
        server.answers(status, &body);
        let error = gate.page().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        assert!(!error.contains("another-code") && !error.contains("t0ken"), "{error}");
        assert!(gate.badge(&ticket).is_some());
        assert_eq!(
            (gate.cursor(), gate.store.roster().unwrap().unwrap().attendees),
            (cursor.clone(), 1)
        );
    }
    // One code on two tickets, which pretix itself does not allow: it goes to a person.
    let mut twice = order(code);
    let mut second = twice["positions"][0].clone();
    second["id"] = json!(8);
    twice["positions"].as_array_mut().unwrap().push(second);
    twice["last_modified"] = json!("2026-11-05T08:31:00Z");
    server.answers(200, &page(twice));
    gate.read().await;
    assert_eq!(gate.badge(&ticket).unwrap().void, Some(Refusal::Ambiguous));
    assert_eq!(gate.store.progress().unwrap().ambiguous, 1);
    // 100 MB are not even begun.
    *server.orders.lock().unwrap() = (200, Vec::new(), 100 << 20);
    let error = gate.page().await.unwrap_err();
    assert!(matches!(error, RegistrationError::Transport(_)), "{error}");
    let mut replaced = order("another-code-of-24-letters");
    replaced["last_modified"] = json!("2026-11-05T08:32:00Z");
    server.answers(200, &page(replaced));
    gate.read().await;
    assert!(gate.badge(&ticket).is_none());
}
