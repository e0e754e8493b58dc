//! The controller with a real database and without a worker process: staff serve everybody.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod consents;
mod holding;
mod passage;
mod receipts;
mod revoked;
mod rights;
mod tombstones;

use std::path::{Path, PathBuf};

use audit::Actor;
use checkin::{FaceLane, GateStep, Lookup, StaffReason};
use gate::{GateError, LoggingGate, Passage};
use jiff::{SignedDuration, Timestamp};
use platform::bundle::{self, BundleKey, Order, TrustedKey};
use seal::{BadgeSecret, CodeFormat, RosterSalt};
use store::{NewPolicy, NewRoster, Pin, Role, StaffMember, Store};
use tempfile::TempDir;
use tokio::time::timeout;

use super::*;
use crate::retention;
use crate::view::{Link, RetentionStatus, Screen};

/// Long enough for a shared machine.
const SOON: Duration = Duration::from_secs(20);

const GUARD: (u32, &str) = (7, "246810");

/// The organiser's bundle of two attendees without photos.
pub(crate) struct Organiser {
    pub(crate) bundle: PathBuf,
    pub(crate) key: TrustedKey,
    codes: [String; 2],
}

impl Organiser {
    pub(crate) fn new(folder: &Path) -> Self {
        let codes = [(); 2].map(|()| BadgeSecret::issue().unwrap().0.as_str().to_owned());
        Self::of(folder, codes, [None; 2])
    }

    /// With these codes, and the numbers that the attendees have at the platform.
    fn of(folder: &Path, codes: [String; 2], positions: [Option<u64>; 2]) -> Self {
        let [key, sheet, bundle] = ["key", "attendees.csv", "bundle"].map(|name| folder.join(name));
        BundleKey::create_files(&key).unwrap();
        let key = BundleKey::from_file(&key).unwrap();
        let mut lines = "code,name,position\n".to_owned();
        for (code, position) in codes.iter().zip(positions) {
            let position = position.map(|position| position.to_string()).unwrap_or_default();
            lines += &[code.as_str(), ",Visitor,", &position, "\n"].concat();
        }
        std::fs::write(&sheet, lines).unwrap();
        let order = Order {
            sheet: &sheet,
            photos: folder,
            policy: &crate::policy::tests::sample_folder(),
            key: &key,
            out: &bundle,
            sequence: Some(1),
            now: Timestamp::now(),
        };
        bundle::make(&order, &|_| Ok(()), &mut |_| ()).unwrap();
        Self { bundle, key: key.trusted(), codes }
    }

    /// Loads the roster, as `postern import` does.
    async fn import(&self, db: &Db) {
        let (bundle, key) = (self.bundle.clone(), self.key.clone());
        let work = move |store: &mut Store| {
            bundle::import(&bundle, &[key], store, Timestamp::now(), &mut |_, _| ()).unwrap();
        };
        db.run(work).await.unwrap();
    }
}

/// Leaves a roster in the database whose policy pack cannot be read.
async fn spoil(db: &Db) {
    let work = |store: &mut Store| {
        let now = Timestamp::now();
        let roster = NewRoster {
            id: "spoilt",
            sequence: 1,
            salt: RosterSalt([1; 32]),
            code_format: CodeFormat::Crockford,
            policy: NewPolicy { id: "spoilt", rank: 1, pack: b"{}" },
            made_at: now,
            ends_at: now + SignedDuration::from_hours(24),
            retention_days: 1,
        };
        store.begin_roster_import(&roster, now).unwrap().commit().unwrap();
    };
    db.run(work).await.unwrap();
}

/// Opens a database that is open already.
fn opener(db: &Db) -> Opener {
    let db = db.clone();
    Arc::new(move || {
        let receipt_key = note::KioskKey::from_seed(&[7; 32]);
        Ok(Box::new(Opened {
            db: db.clone(),
            clock: Clock::resume(None),
            receipt_key,
            registration: Ok(None),
            relay: Ok(None),
        }))
    })
}

/// A kiosk, and all that the test needs to change under it.
struct Kiosk {
    folder: TempDir,
    db: Db,
    controller: Controller,
    answers: Answers,
    views: mpsc::UnboundedReceiver<View>,
}

impl Kiosk {
    fn new(limits: Limits, gate: Box<dyn Gate>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        let pin = Pin::new(GUARD.1.to_owned());
        store.add_staff(GUARD.0, &pin, Role::Guard, Actor::Console, Timestamp::now()).unwrap();
        let db = Db::new(store);
        let config = format!("data_dir = '{0}'\nmodels_dir = '{0}'", folder.path().display());
        let parts = Parts {
            config: toml::from_str(&config).unwrap(),
            open: opener(&db),
            worker: WorkerSpec {
                program: folder.path().join("no-such-program"),
                models_dir: folder.path().to_owned(),
                threshold_model: biometrics::Limits::default().threshold_model,
                camera: biometrics::CameraChoice::any(),
            },
            gate,
        };
        let (shown, views) = mpsc::unbounded_channel();
        let show = Box::new(move |view: &View| drop(shown.send(view.clone())));
        let (controller, answers) = Controller::new(parts, limits, PreviewSlot::default(), show);
        Self { folder, db, controller, answers, views }
    }

    fn organiser(&self) -> Organiser {
        Organiser::new(self.folder.path())
    }

    /// A request, and the view that follows.
    fn ask(&mut self, request: Request) {
        self.controller.on_request(request);
        self.controller.settle();
    }

    /// The next answer of database or gate.
    async fn answer(&mut self) -> Input {
        timeout(SOON, self.answers.inputs.recv()).await.unwrap().unwrap()
    }

    /// Hands in answers until the visit is in such a state.
    async fn until(&mut self, wanted: impl Fn(&State) -> bool) {
        let started = Instant::now();
        while !wanted(self.controller.state()) {
            assert!(started.elapsed() < SOON, "still {:?}", self.controller.state());
            let input = self.answer().await;
            self.controller.on_input(input);
            self.controller.settle();
        }
    }

    /// Scans a code and takes the answer to its look-up without handing it in.
    async fn found(&mut self, code: &str) -> Input {
        self.ask(Request::SubmitCode(BadgeCode::new(code.to_owned())));
        loop {
            match self.answer().await {
                found @ Input::Found(..) => return found,
                input => self.controller.on_input(input),
            }
        }
    }

    /// Lets the present state's time pass.
    async fn expire(&mut self) {
        tokio::time::sleep_until(self.controller.deadline().into()).await;
        self.controller.on(Event::Elapsed);
        self.controller.settle();
    }

    /// A member of staff signs in and admits whoever has this badge; the check-in is written and
    /// the gate is asked to open.
    async fn admit(&mut self, code: &str) {
        self.ask(Request::SubmitCode(BadgeCode::new(code.to_owned())));
        self.until(|state| matches!(state, State::Staff(_))).await;
        self.ask(Request::StaffOpen);
        self.ask(Request::StaffSignIn { number: GUARD.0, pin: Pin::new(GUARD.1.to_owned()) });
        self.until(|state| matches!(state, State::Staff(s) if s.may_admit() && s.desk() == Desk::Reviewing { staff: GUARD.0 }))
            .await;
        // The member of staff has looked.
        self.controller.shown -= READ;
        self.ask(Request::StaffAdmit);
        self.until(|state| matches!(state, State::Admit(s) if s.step() != GateStep::Recording))
            .await;
    }
}

/// Waits for a view of this kind.
async fn shows(views: &mut mpsc::UnboundedReceiver<View>, wanted: impl Fn(&Screen) -> bool) {
    let mut last = None;
    let shown = async {
        while !last.as_ref().is_some_and(&wanted) {
            last = Some(views.recv().await.unwrap().screen);
        }
    };
    assert!(timeout(SOON, shown).await.is_ok(), "still {last:?}");
}

fn fault(code: crate::view::FaultCode) -> impl Fn(&Screen) -> bool {
    move |screen| matches!(screen, Screen::Fault { code: shown, .. } if *shown == code)
}

fn attract(screen: &Screen) -> bool {
    matches!(screen, Screen::Attract { operator, .. } if !operator.is_empty())
}

/// A fault is tried again soon.
fn impatient() -> Limits {
    Limits { fault: 100, ..Limits::default() }
}

#[tokio::test]
async fn a_kiosk_without_a_roster_serves_by_itself_once_there_is_one() {
    let mut kiosk = Kiosk::new(impatient(), Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    kiosk.controller.load().await;
    let (_requests, inbox) = mpsc::channel(1);
    tokio::spawn(kiosk.controller.serve(inbox, kiosk.answers));
    shows(&mut kiosk.views, fault(crate::view::FaultCode::NoRoster)).await;
    organiser.import(&kiosk.db).await;
    shows(&mut kiosk.views, attract).await;
}

#[tokio::test]
async fn a_kiosk_whose_database_breaks_shows_it_and_serves_by_itself_once_it_works() {
    let mut kiosk = Kiosk::new(impatient(), Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    organiser.import(&kiosk.db).await;
    kiosk.controller.load().await;
    let (requests, inbox) = mpsc::channel(1);
    tokio::spawn(kiosk.controller.serve(inbox, kiosk.answers));
    shows(&mut kiosk.views, attract).await;
    spoil(&kiosk.db).await;
    // The database is looked at between two visits.
    for request in [Request::Start, Request::Stop] {
        requests.send(request).await.unwrap();
    }
    shows(&mut kiosk.views, fault(crate::view::FaultCode::Store)).await;
    organiser.import(&kiosk.db).await;
    shows(&mut kiosk.views, attract).await;
}

#[tokio::test]
async fn a_kiosk_that_starts_with_a_broken_database_never_shows_attract() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    spoil(&kiosk.db).await;
    kiosk.controller.load().await;
    let first = kiosk.views.recv().await.unwrap();
    assert!(fault(crate::view::FaultCode::Store)(&first.screen), "{first:?}");
}

#[tokio::test]
async fn a_fault_ends_as_soon_as_what_was_tried_again_works() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    kiosk.controller.load().await;
    kiosk.organiser().import(&kiosk.db).await;
    // The fault's time is over.
    kiosk.controller.on(Event::Done);
    kiosk.controller.settle();
    assert!(matches!(kiosk.controller.state(), State::Fault(_)), "nothing was read yet");
    kiosk.until(|state| matches!(state, State::Attract)).await;
}

#[tokio::test]
async fn a_database_whose_thread_has_ended_is_a_fault() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    kiosk.organiser().import(&kiosk.db).await;
    kiosk.controller.load().await;
    assert!(kiosk.db.run(|_| std::panic::resume_unwind(Box::new(()))).await.is_err());
    kiosk.ask(Request::Start);
    kiosk.ask(Request::Stop);
    kiosk.until(|state| matches!(state, State::Fault(f) if f.code() == FaultCode::Store)).await;
}

#[tokio::test]
async fn an_answer_that_comes_when_the_look_up_is_over_hands_over_no_badge() {
    let limits = Limits { look_up: 0, ..Limits::default() };
    let mut kiosk = Kiosk::new(limits, Box::new(LoggingGate::default()));
    let organiser = kiosk.organiser();
    organiser.import(&kiosk.db).await;
    kiosk.controller.load().await;

    let late = kiosk.found(&organiser.codes[0]).await;
    kiosk.expire().await;
    let timed_out = |state: &State| matches!(state, State::Staff(s) if s.reason() == StaffReason::TimedOut && !s.may_admit());
    assert!(timed_out(kiosk.controller.state()));
    kiosk.controller.on_input(late);
    assert!(timed_out(kiosk.controller.state()));
    assert!(kiosk.controller.held.badge.is_none(), "after the time was over");
    kiosk.ask(Request::Stop);

    let late = kiosk.found(&organiser.codes[0]).await;
    kiosk.ask(Request::Stop);
    let own = kiosk.found(&organiser.codes[1]).await;
    kiosk.controller.on_input(late);
    assert!(kiosk.controller.held.badge.is_none(), "after another visit had begun");
    assert!(matches!(kiosk.controller.state(), State::Identify(_)));
    kiosk.controller.on_input(own);
    assert!(kiosk.controller.held.badge.is_some(), "the answer to this visit's look-up");
    assert!(matches!(kiosk.controller.state(), State::Staff(s) if s.may_admit()));
}

/// A gate that takes for its first opening until it is told to go on.
struct Slow {
    opened: Arc<Mutex<Vec<[u8; 16]>>>,
    go_on: Option<std::sync::mpsc::Receiver<()>>,
}

impl Gate for Slow {
    fn open(&mut self, passage: [u8; 16]) -> Result<(), GateError> {
        self.opened.lock().unwrap().push(passage);
        if let Some(go_on) = self.go_on.take() {
            go_on.recv().ok();
        }
        Ok(())
    }

    fn turned(&mut self, _: Duration) -> Result<Passage, GateError> {
        Ok(Passage::Unknown)
    }
}

#[tokio::test]
async fn a_gate_that_is_free_too_late_opens_for_no_visit_that_has_gone_to_staff() {
    let opened = Arc::default();
    let (go_on, waits) = std::sync::mpsc::channel();
    let slow = Slow { opened: Arc::clone(&opened), go_on: Some(waits) };
    let mut kiosk = Kiosk::new(Limits { gate: 50, ..Limits::default() }, Box::new(slow));
    let organiser = kiosk.organiser();
    organiser.import(&kiosk.db).await;
    kiosk.controller.load().await;

    let mut visits = Vec::new();
    for code in &organiser.codes {
        kiosk.admit(code).await;
        visits.push(kiosk.controller.nonce().unwrap().0);
        while opened.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        kiosk.expire().await;
        assert!(
            matches!(kiosk.controller.state(), State::Staff(s) if s.reason() == StaffReason::GateFailed)
        );
        kiosk.ask(Request::Stop);
    }
    go_on.send(()).unwrap();
    // Each order to the gate holds it until it is carried out, or given up.
    let freed = async {
        while Arc::strong_count(&kiosk.controller.gate) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(SOON, freed).await.unwrap();
    assert_eq!(*opened.lock().unwrap(), visits[..1], "opened for the first visit only");

    // In time it opens again; the check-in of the visitor who left was taken back.
    kiosk.controller.limits.gate = 60_000;
    kiosk.admit(&organiser.codes[1]).await;
    kiosk.until(|state| matches!(state, State::Admit(s) if s.step() == GateStep::Open)).await;
    assert_eq!(opened.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn c07_a_switch_for_other_terms_keeps_nothing_and_the_technician_is_told_once() {
    let mut kiosk = Kiosk::new(Limits::default(), Box::new(LoggingGate::default()));
    kiosk.organiser().import(&kiosk.db).await;
    let switch = |store: &mut Store| {
        let [guard, technician] = [(7, Role::Guard), (8, Role::Technician)]
            .map(|(number, role)| StaffMember { number, role });
        store.switch_retention_on([1; 32], guard, technician, Timestamp::now()).unwrap();
    };
    kiosk.db.run(switch).await.unwrap();
    kiosk.controller.load().await;
    for _ in 0..2 {
        let status = kiosk.controller.status();
        assert_eq!(status.retention, RetentionStatus::Lapsed);
        let told = status.incidents.iter().filter(|line| line.contains(retention::LAPSED)).count();
        assert_eq!(told, 1, "{:?}", status.incidents);
        assert_eq!(kiosk.controller.evidence_order().unwrap(), None);
        let read = kiosk.db.run(|store| Roster::load(store)).await.unwrap();
        kiosk.controller.on_input(effects::loaded(read));
    }
}
