//! What every registration platform has to keep, asked of each adapter (docs/adapters.md).
//!
//! A new adapter implements [`Platform`] and calls [`conforms`].

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use platform::bundle::{self, BundleKey, SignedFolder, TrustedKey};
use platform::{
    AttendeeRecord, Cursor, Heard, Loaded, Photo, Pulled, Refusal, Registration, RegistrationError,
    Terms,
};
use seal::{BadgeCode, BadgeKeys, BadgeSecret, Kind};
use store::{BadgeState, Checkin, FetchedPhoto, Lane, OutboxKind, ReadFrom, RosterTerms, Store};
use tempfile::TempDir;
use walkthrough::pretix::{self, Attendee, Ticket};

use crate::support::{organiser_key, pictures, policy};
use crate::sync::{Gate, account_of};
use crate::tombstones::pages;

/// A platform with a roster that a test can change.
trait Platform {
    /// The adapter.
    fn adapter(&self) -> &dyn Registration;
    /// Makes a kiosk's store ready for this platform.
    fn prepare(&self, store: &mut Store);
    /// Whose bundles the kiosk believes.
    fn trusted(&self) -> Vec<TrustedKey>;
    /// Registers somebody with that name and a photo; returns the code of the badge.
    async fn add(&mut self, name: &str) -> String;
    /// Gives the badge with that code another name.
    async fn rename(&mut self, code: &str, name: &str);
    /// Blocks the badge with that code.
    async fn block(&mut self, code: &str);
    /// Cancels the badge with that code.
    async fn cancel(&mut self, code: &str);
    /// The changes are complete.
    async fn publish(&mut self) {}
    /// The words for which the platform knows that the badge with that code was refused; none
    /// where there is no line to tell anything over.
    async fn refusals(&self, code: &str) -> Option<Vec<String>>;

    /// Whether it has a line to tell check-ins over.
    fn has_network(&self) -> bool;
}

/// How many attendees there are: more than a page.
const MANY: usize = 53;

struct Kiosk {
    folder: TempDir,
    store: Store,
}

impl Kiosk {
    fn of(platform: &impl Platform) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        platform.prepare(&mut store);
        Self { folder, store }
    }

    fn loaded(&self) -> Option<Loaded> {
        let terms = self.store.roster_terms().unwrap();
        terms.map(|RosterTerms { id, sequence, salt, code_format }| Loaded {
            id,
            sequence,
            terms: Terms { salt, code_format },
        })
    }

    fn cursor(&self, adapter: &dyn Registration) -> Cursor {
        match self.store.read_from().unwrap() {
            None => Cursor::default(),
            Some(ReadFrom::Change(at)) => adapter.since(at),
            Some(ReadFrom::Cursor(cursor)) => Cursor(cursor),
        }
    }

    /// Reads everything. Each page is asked for twice, as after a crash before it was applied.
    async fn read(&mut self, platform: &impl Platform) {
        let adapter = platform.adapter();
        loop {
            let (cursor, loaded, now) = (self.cursor(adapter), self.loaded(), Timestamp::now());
            let pulled = adapter.pull(&cursor, loaded.as_ref(), now).await.unwrap();
            match pulled {
                Pulled::Nothing => return,
                Pulled::Bundle(path) => {
                    let (trusted, store) = (platform.trusted(), &mut self.store);
                    bundle::import(&path, &trusted, store, now, &mut |_, _| ()).unwrap();
                }
                Pulled::Changes(_) => {
                    let again = adapter.pull(&cursor, loaded.as_ref(), now).await.unwrap();
                    let Pulled::Changes(changes) = again else { unreachable!() };
                    self.store.apply(&changes, now).unwrap();
                    if !changes.more {
                        return;
                    }
                }
            }
        }
    }

    async fn photos(&mut self, adapter: &dyn Registration) {
        loop {
            let due = self.store.photos_due(23).unwrap();
            let Some(first) = due.first() else { return };
            let terms = self.loaded().unwrap().terms;
            let photos = adapter.photos(&due, &terms).await.unwrap();
            assert!(photos.iter().any(|(position, _)| *position == first.position));
            for (position, photo) in photos {
                let photo = match &photo {
                    Photo::Sealed { locator, sealed } => FetchedPhoto::Sealed { locator, sealed },
                    Photo::Absent(code) => FetchedPhoto::Absent(code),
                };
                assert!(self.store.keep_photo(position, &photo).unwrap());
            }
        }
    }

    fn keys(&self, code: &str) -> BadgeKeys {
        let terms = self.loaded().unwrap().terms;
        let code = BadgeCode::new(code.to_owned());
        BadgeSecret::parse(&code, terms.code_format).unwrap().derive(&terms.salt).unwrap()
    }

    fn name(&self, code: &str) -> Option<String> {
        let keys = self.keys(code);
        let entry = self.store.badge(&keys.locator).unwrap()?;
        let record = AttendeeRecord::open(&entry.sealed_record.unwrap(), &keys).unwrap();
        Some(record.name.clone())
    }
}

/// Asks everything of a platform that nobody is registered at.
async fn conforms(mut platform: impl Platform) {
    let mut codes = Vec::new();
    for n in 0..MANY {
        codes.push(platform.add(&format!("Visitor {n} of the suite")).await);
    }
    platform.publish().await;
    let mut kiosk = Kiosk::of(&platform);

    // Everybody arrives, whole, and only the badge opens what is theirs.
    kiosk.read(&platform).await;
    kiosk.photos(platform.adapter()).await;
    assert_eq!(kiosk.store.roster().unwrap().unwrap().attendees as usize, MANY);
    for (n, code) in codes.iter().enumerate() {
        assert_eq!(kiosk.name(code).unwrap(), format!("Visitor {n} of the suite"));
    }
    let keys = kiosk.keys(&codes[0]);
    let photo = kiosk.store.reference(&keys.locator).unwrap().unwrap();
    let opened = keys.reference.open(&photo, &keys.locator, Kind::Reference).unwrap();
    assert_eq!(image::guess_format(&opened).unwrap(), image::ImageFormat::Jpeg);
    // At the gate, of the badge that is here.
    let position = kiosk.store.badge(&keys.locator).unwrap().unwrap().position.unwrap();
    let on_demand = platform.adapter().photo(position, &keys).await.unwrap();
    assert_eq!(matches!(on_demand, Photo::Sealed { .. }), platform.has_network());
    let other = kiosk.keys(&codes[1]);
    assert!(other.reference.open(&photo, &keys.locator, Kind::Reference).is_err());
    for secret in ["of the suite", &codes[0]] {
        let folder = kiosk.folder.path();
        assert!(!pages::holds(folder, secret.as_bytes()), "{secret} is in the database");
    }

    // To ask again changes nothing.
    let before = kiosk.store.roster().unwrap();
    kiosk.read(&platform).await;
    let counts = |head: Option<store::RosterHead>| head.map(|h| (h.attendees, h.references));
    assert_eq!(counts(kiosk.store.roster().unwrap()), counts(before));

    // Changes arrive, and nothing else changes.
    platform.rename(&codes[2], "Renamed").await;
    platform.block(&codes[3]).await;
    platform.cancel(&codes[4]).await;
    let new = platform.add("Late").await;
    platform.publish().await;
    kiosk.read(&platform).await;
    assert_eq!(kiosk.name(&codes[2]).unwrap(), "Renamed");
    let state = |kiosk: &Kiosk, code: &str| {
        kiosk.store.badge(&kiosk.keys(code).locator).unwrap().map(|entry| entry.state)
    };
    assert_eq!(state(&kiosk, &codes[3]), Some(BadgeState::Blocked));
    assert_eq!(state(&kiosk, &codes[4]), None);
    assert_eq!(state(&kiosk, &codes[5]), Some(BadgeState::Valid));
    assert_eq!(kiosk.name(&new).unwrap(), "Late");
    assert_eq!(kiosk.store.roster().unwrap().unwrap().attendees as usize, MANY);

    // A check-in is heard once however often it is told, or waits.
    let badge = kiosk.store.badge(&kiosk.keys(&codes[6]).locator).unwrap().unwrap().id;
    let at = Timestamp::now();
    let (lane, staff, role, reason) = (Lane::Face, None, None, None);
    let (overrides, answers) = (false, None);
    let checkin =
        Checkin { nonce: [6; 16], badge, lane, staff, role, reason, overrides, answers, at };
    kiosk.store.record_checkin(&checkin).unwrap();
    for _ in 0..2 {
        let entry = kiosk.store.outbox_pending().unwrap().remove(0);
        assert!(kiosk.store.outbox_begin(entry.id).unwrap());
        match platform.adapter().push(&entry).await {
            Ok(heard) => {
                assert!(platform.has_network());
                assert_eq!(heard, Heard::Accepted);
            }
            Err(error) => {
                assert!(!platform.has_network());
                assert!(matches!(error, RegistrationError::NoNetwork), "{error}");
                kiosk.store.outbox_unsent(entry.id).unwrap();
            }
        }
    }
    kiosk.store.annul_checkin(&[6; 16], Timestamp::now()).unwrap();
    // What was never told is not taken back either.
    let pending = kiosk.store.outbox_pending().unwrap();
    let annulment = pending.iter().find(|entry| entry.kind == OutboxKind::Annulment);
    assert_eq!(annulment.is_some(), platform.has_network());
    if let Some(annulment) = annulment {
        assert_eq!(platform.adapter().push(annulment).await.unwrap(), Heard::Accepted);
    }

    // A badge that was refused here: the platform hears of it once, however often it is told.
    let badge = kiosk.store.badge(&kiosk.keys(&codes[3]).locator).unwrap().unwrap().id;
    let word = Refusal::Blocked.word();
    assert!(kiosk.store.refuse_scan([7; 16], badge, word, Timestamp::now()).unwrap());
    let scan = kiosk.store.refused_scan_next().unwrap().unwrap();
    for _ in 0..2 {
        match platform.adapter().report_refused(&scan).await {
            Ok(heard) => assert_eq!((heard, platform.has_network()), (Heard::Accepted, true)),
            Err(error) => assert!(matches!(error, RegistrationError::NoNetwork), "{error}"),
        }
    }
    let heard = platform.refusals(&codes[3]).await;
    assert_eq!(heard, platform.has_network().then(|| vec![word.to_owned()]));
    assert_eq!(platform.adapter().greet().await.is_ok(), platform.has_network());
    assert_eq!(platform.adapter().server_time().is_some(), platform.has_network());
}

struct OfPretix<'a> {
    server: &'a pretix::Pretix,
    gate: Gate,
    tickets: BTreeMap<String, Ticket>,
    photo: Vec<u8>,
}

impl Platform for OfPretix<'_> {
    fn adapter(&self) -> &dyn Registration {
        &self.gate.pretix
    }

    fn prepare(&self, store: &mut Store) {
        store.connect(&account_of(&self.gate), Timestamp::now()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        crate::sync::import_policy(folder.path(), store);
        let salt = self.gate.pretix.salt().unwrap().unwrap();
        platform::begin_roster(store, salt, Timestamp::now()).unwrap();
    }

    fn trusted(&self) -> Vec<TrustedKey> {
        Vec::new()
    }

    async fn add(&mut self, name: &str) -> String {
        // One upload serves those whose photo is looked at.
        let photo = (self.tickets.len() < 2).then_some(self.photo.as_slice());
        let attendee = Attendee { name, photo, ..Attendee::default() };
        let ticket = self.server.add(&self.server.world().random, &attendee).await.unwrap();
        let code = ticket.secret.clone();
        self.tickets.insert(code.clone(), ticket);
        code
    }

    async fn rename(&mut self, code: &str, name: &str) {
        self.server.rename(&self.tickets[code], name).await.unwrap();
    }

    async fn block(&mut self, code: &str) {
        self.server.block(&self.tickets[code]).await.unwrap();
    }

    async fn cancel(&mut self, code: &str) {
        self.server.cancel(&self.tickets[code]).await.unwrap();
    }

    async fn refusals(&self, code: &str) -> Option<Vec<String>> {
        let position = self.tickets[code].position;
        let mut scans = self.server.check_ins(&self.server.world().random).await.unwrap();
        scans.retain(|scan| scan.position == Some(position) && !scan.successful);
        Some(scans.into_iter().filter_map(|scan| scan.error_reason).collect())
    }

    fn has_network(&self) -> bool {
        true
    }
}

/// Signed files on a stick.
struct OfFiles {
    stick: TempDir,
    key: BundleKey,
    adapter: SignedFolder,
    /// Code, name, and whether it is blocked.
    attendees: Vec<(String, String, bool)>,
    edition: u32,
}

impl OfFiles {
    fn new() -> Self {
        let stick = tempfile::tempdir().unwrap();
        let key = BundleKey::from_file(&organiser_key()).unwrap();
        let adapter = SignedFolder::new(stick.path().to_owned(), vec![key.trusted()]);
        Self { stick, key, adapter, attendees: Vec::new(), edition: 0 }
    }

    fn of(&mut self, code: &str) -> &mut (String, String, bool) {
        self.attendees.iter_mut().find(|(other, ..)| other == code).unwrap()
    }
}

impl Platform for OfFiles {
    fn adapter(&self) -> &dyn Registration {
        &self.adapter
    }

    fn prepare(&self, _: &mut Store) {}

    fn trusted(&self) -> Vec<TrustedKey> {
        vec![self.key.trusted()]
    }

    async fn add(&mut self, name: &str) -> String {
        let code = BadgeSecret::issue().unwrap().0.as_str().to_owned();
        self.attendees.push((code.clone(), name.to_owned(), false));
        code
    }

    async fn rename(&mut self, code: &str, name: &str) {
        name.clone_into(&mut self.of(code).1);
    }

    async fn block(&mut self, code: &str) {
        self.of(code).2 = true;
    }

    async fn cancel(&mut self, code: &str) {
        self.attendees.retain(|(other, ..)| other != code);
    }

    async fn publish(&mut self) {
        self.edition += 1;
        let work = tempfile::tempdir().unwrap();
        let sheet: PathBuf = work.path().join("attendees.csv");
        let mut csv = String::from("code,name,photo,blocked,position\n");
        for (n, (code, name, blocked)) in self.attendees.iter().enumerate() {
            let (photo, blocked) =
                (if n < 2 { "obama.jpg" } else { "" }, if *blocked { "yes" } else { "" });
            let position = (n + 1).to_string();
            csv += &[code, name.as_str(), photo, blocked, &position].join(",");
            csv.push('\n');
        }
        fs::write(&sheet, csv).unwrap();
        let order = bundle::Order {
            sheet: &sheet,
            photos: &pictures(),
            policy: &policy(),
            key: &self.key,
            out: &self.stick.path().join(format!("{}.bundle", self.edition)),
            sequence: Some(self.edition),
            now: Timestamp::now(),
        };
        bundle::make(&order, &|_| Ok(()), &mut |_| ()).unwrap();
    }

    async fn refusals(&self, _: &str) -> Option<Vec<String>> {
        None
    }

    fn has_network(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn pretix_conforms() {
    let server = pretix::fresh().await.unwrap();
    let gate = Gate::entrance(&server).await;
    let photo = fs::read(pictures().join("obama.jpg")).unwrap();
    conforms(OfPretix { server: &server, gate, tickets: BTreeMap::new(), photo }).await;
}

#[tokio::test]
async fn signed_files_conform() {
    conforms(OfFiles::new()).await;
}
