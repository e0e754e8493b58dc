//! The one event loop: requests and answers come in, the visit decides, effects go out, and
//! the view follows.

mod inputs;
mod showing;

pub(crate) use inputs::Input;

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use biometrics::host::WorkerSpec;
use checkin::{Desk, Event, FaultCode, IdentifyStep, Limits, Moment, State, Visit, VisitNonce};
use gate::Gate;
use note::KioskKey;
use seal::BadgeCode;
use store::{BadgeId, FiledRequest};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, Opened, Opener, Unopened};
use crate::effects;
use crate::held::Held;
use crate::incident::Incidents;
use crate::preview::PreviewSlot;
use crate::registration::Telling;
use crate::relay::Relaying;
use crate::request::Request;
use crate::roster::Roster;
use crate::view::{Language, Trouble, View};
use crate::workers::{WorkerInput, Workers};

/// The parts that a kiosk is made of.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) open: Opener,
    pub(crate) worker: WorkerSpec,
    pub(crate) gate: Box<dyn Gate>,
}

/// What carried-out effects and the workers send back.
struct Answers {
    inputs: mpsc::Receiver<Input>,
    workers: mpsc::Receiver<WorkerInput>,
}

/// The controller of one kiosk.
pub(crate) struct Controller {
    pub(crate) config: Config,
    /// The visit's time limits.
    pub(crate) limits: Limits,
    open: Opener,
    pub(crate) db: Option<Db>,
    /// When the database was last tried, while there is none.
    tried: Instant,
    pub(crate) clock: Clock,
    /// What a technician should mend.
    pub(crate) troubles: BTreeSet<Trouble>,
    pub(crate) gate: Arc<Mutex<Box<dyn Gate>>>,
    pub(crate) workers: Workers,
    pub(crate) inputs: mpsc::Sender<Input>,
    pub(crate) held: Held,
    pub(crate) roster: Option<Arc<Roster>>,
    /// What signs receipts.
    pub(crate) receipt_key: Option<KioskKey>,
    pub(crate) language: Language,
    /// Badges whose last comparison here spoke against the visitor, until a member of staff
    /// has looked. In memory only.
    unmatched: HashSet<BadgeId>,
    /// When the present screen was shown first.
    shown: Instant,
    /// When expired rows were last deleted.
    pub(crate) purged: Instant,
    visit: Option<Visit>,
    broken: Option<FaultCode>,
    pub(crate) incidents: Incidents,
    incident: String,
    camera: Option<String>,
    /// What the registration platform has heard.
    pub(crate) telling: Telling,
    /// The other kiosks of the venue.
    pub(crate) relaying: Relaying,
    evidence: u32,
    /// Requests that staff are to answer, or to carry to the platform.
    pub(crate) requests: Vec<FiledRequest>,
    started: Instant,
    last: Option<View>,
    show: Box<dyn Fn(&View) + Send>,
}

/// A decision sooner after its screen was shown was not meant for it.
const READ: Duration = Duration::from_millis(600);
/// How often a database that is not there is tried again.
const REOPEN: Duration = Duration::from_secs(5);
/// How often the view is refreshed while it counts down.
const SECOND: Duration = Duration::from_secs(1);

impl Controller {
    /// Starts the controller and returns when the requests end.
    ///
    /// `show` receives every new view.
    pub(crate) async fn run(
        parts: Parts,
        preview: PreviewSlot,
        requests: mpsc::Receiver<Request>,
        show: Box<dyn Fn(&View) + Send>,
    ) {
        let limits = parts.config.visit_limits();
        let (mut this, answers) = Self::new(parts, limits, preview, show);
        this.load().await;
        this.serve(requests, answers).await;
    }

    fn new(
        parts: Parts,
        limits: Limits,
        preview: PreviewSlot,
        show: Box<dyn Fn(&View) + Send>,
    ) -> (Self, Answers) {
        let (inputs, answers) = mpsc::channel(64);
        let (worker_inputs, worker_answers) = mpsc::channel(64);
        let this = Self {
            workers: Workers::new(parts.worker, worker_inputs, preview),
            config: parts.config,
            limits,
            open: parts.open,
            db: None,
            tried: Instant::now(),
            clock: Clock::resume(None),
            troubles: BTreeSet::new(),
            gate: Arc::new(Mutex::new(parts.gate)),
            inputs,
            held: Held::default(),
            roster: None,
            receipt_key: None,
            language: Language::default(),
            unmatched: HashSet::new(),
            shown: Instant::now(),
            purged: Instant::now(),
            visit: Some(Visit::new(limits, Moment(0))),
            broken: None,
            incidents: Incidents::default(),
            incident: String::new(),
            camera: None,
            telling: Telling::default(),
            relaying: Relaying::default(),
            evidence: 0,
            requests: Vec::new(),
            started: Instant::now(),
            last: None,
            show,
        };
        (this, Answers { inputs: answers, workers: worker_answers })
    }

    /// Shows the first screen. Nobody is served before the roster is there.
    async fn load(&mut self) {
        let open = Arc::clone(&self.open);
        match tokio::task::spawn_blocking(move || open()).await {
            Ok(opened) => self.opened(opened),
            Err(_) => self.broken = Some(FaultCode::Internal),
        }
        if let Some(loaded) = self.db.as_ref().map(|db| db.run(|store| Roster::load(store))) {
            self.on_input(match loaded.await {
                Ok(roster) => effects::loaded(roster),
                Err(_) => Input::DatabaseEnded,
            });
            self.housekeep();
        }
        self.workers.warm_up(false);
        self.settle();
    }

    /// Keeps what a technician should mend. A database that has met a damaged page answers
    /// nothing more until it is opened again.
    fn troubled(&mut self, trouble: Option<store::Trouble>) {
        if trouble == Some(store::Trouble::Damaged) {
            self.reopen_store();
        }
        self.troubles.extend(trouble.map(Trouble::from));
    }

    /// Takes over a database that was opened, or notes why it was not.
    fn opened(&mut self, opened: Result<Box<Opened>, Unopened>) {
        match opened {
            Ok(opened) => {
                let Opened { db, clock, receipt_key, registration, relay } = *opened;
                self.db = Some(db.clone());
                self.clock = clock;
                self.receipt_key = Some(receipt_key);
                self.check_log(db.clone());
                self.record_start();
                self.watch_folder(db.clone());
                self.connect(registration, db.clone());
                self.join(relay, db);
            }
            Err(Unopened { reason, trouble }) => {
                self.note(&reason);
                self.troubles.insert(trouble.map_or(Trouble::Database, Trouble::from));
                self.broken = Some(FaultCode::Store);
            }
        }
    }

    /// Tries again to open a database that is not there: a full disk is emptied, a missing one
    /// is mounted, and nobody should have to start the kiosk anew.
    fn reopen(&mut self) {
        if self.db.is_some() || self.tried.elapsed() < REOPEN {
            return;
        }
        self.tried = Instant::now();
        let (open, inputs) = (Arc::clone(&self.open), self.inputs.clone());
        tokio::task::spawn_blocking(move || inputs.blocking_send(Input::Opened(open())).ok());
    }

    /// Serves visitors until the requests end.
    async fn serve(mut self, mut requests: mpsc::Receiver<Request>, mut answers: Answers) {
        let mut second = tokio::time::interval(SECOND);
        loop {
            let deadline = self.deadline();
            tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.on_request(request),
                    None => break,
                },
                Some(input) = answers.inputs.recv() => self.on_input(input),
                Some(input) = answers.workers.recv() => self.on_worker(input),
                () = tokio::time::sleep_until(deadline.into()) => self.on(Event::Elapsed),
                _ = second.tick() => {
                    self.watch_clock();
                    self.reopen();
                }
            }
            self.settle();
        }
    }

    pub(crate) fn now(&self) -> Moment {
        Moment(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn deadline(&self) -> Instant {
        let deadline = self.visit.as_ref().map_or(Moment(0), Visit::deadline);
        // One millisecond later, so that rounding never makes an early tick.
        self.started + Duration::from_millis(deadline.0 + 1)
    }

    /// The state of the present visit.
    pub(crate) fn state(&self) -> &State {
        self.visit.as_ref().map_or(&State::Attract, Visit::state)
    }

    /// The visit's name, or none in Attract.
    pub(crate) fn nonce(&self) -> Option<VisitNonce> {
        self.state().session().map(checkin::Session::nonce)
    }

    /// Hands one event to the visit and carries out what follows.
    pub(crate) fn on(&mut self, event: Event) {
        let Some(visit) = self.visit.take() else { return };
        let nonce = visit.state().session().map(checkin::Session::nonce);
        let with_staff = matches!(visit.state(), State::Staff(_));
        let now = self.now();
        self.held.course.hear(&event);
        let (visit, effects) = visit.on(event, now);
        let nonce = visit.state().session().map(checkin::Session::nonce).or(nonce);
        self.visit = Some(visit);
        for effect in effects {
            self.held.course.watch(&effect);
            self.carry_out(effect, nonce);
        }
        if let Some(visit) = &self.visit {
            self.held.course.see(visit.state(), now);
        }
        self.record_takeover(with_staff);
    }

    /// Why nobody can be served here, if so.
    fn out_of_service(&self) -> Option<FaultCode> {
        if self.telling.locked { Some(FaultCode::Revoked) } else { self.broken }
    }

    /// Begins a visit. Without random bytes there is none. At a locked kiosk only staff begin one,
    /// from its own screen.
    fn begin(&mut self) {
        if self.telling.locked && !matches!(self.state(), State::Fault(_)) {
            return self.on(Event::Done);
        }
        let mut nonce = [0; 16];
        match getrandom::fill(&mut nonce) {
            Ok(()) => self.on(Event::Started { nonce: VisitNonce(nonce) }),
            Err(_) => self.fail(FaultCode::Internal, "no random bytes"),
        }
    }

    /// What is drawn from now on is a new screen, although it may look like the last one.
    pub(crate) fn show_anew(&mut self) {
        self.shown = Instant::now();
    }

    /// Notes a fault and hands it to the visit.
    pub(crate) fn fail(&mut self, code: FaultCode, what: &str) {
        self.incident = self.note(what);
        self.on(Event::Faulted(code));
    }

    fn on_request(&mut self, request: Request) {
        // Whoever may not gets no answer; so does whoever taps too soon.
        if !self.may(request.action()) || self.too_soon(&request) {
            return;
        }
        match request {
            Request::CurrentView(reply) => {
                reply.send(self.view()).ok();
            }
            Request::Start => match self.state() {
                State::Attract | State::Reading | State::Farewell(_) => self.begin(),
                _ => self.on(Event::Retried),
            },
            Request::SubmitCode(code) => {
                if matches!(self.state(), State::Attract | State::Reading | State::Farewell(_)) {
                    self.begin();
                }
                self.submit(code);
            }
            Request::ReadPolicy(page) => {
                self.held.page = page;
                self.on(Event::PolicyRead);
            }
            Request::Choose(option) => self.choose(option),
            Request::Answer => self.answer_question(),
            Request::Age(answer) => self.on(Event::AgeGiven(answer.into())),
            Request::SetTransfer(on) => self.on(Event::TransferChosen(on)),
            Request::Consent => self.on(Event::ConsentGiven),
            Request::OtherWay => self.on(Event::OtherWayChosen),
            Request::Stop => match self.state() {
                State::Staff(s) if s.desk() != Desk::Waiting => self.on(Event::StaffSignedOut),
                _ => self.on(Event::Stopped),
            },
            Request::CallStaff => {
                if !matches!(self.state(), State::Staff(_)) {
                    self.on(Event::StaffCalled);
                }
            }
            Request::OpenRights => self.on(Event::RightsAsked),
            Request::AskFor(kind) => self.on(Event::RequestMade(kind.into())),
            Request::Receipt => self.on(Event::ReceiptAsked),
            Request::Done => self.on(Event::Done),
            Request::SetLanguage(language) => self.language = language,
            Request::StaffOpen => self.open_desk(),
            Request::StaffSignIn { number, pin } => {
                if matches!(self.state(), State::Staff(s) if matches!(s.desk(), Desk::SigningIn(_)))
                {
                    self.held.sign_in = Some((number, pin));
                    self.on(Event::SignInSubmitted);
                }
            }
            Request::StaffPhoto(reply) => self.show_reference(reply),
            Request::StaffAdmit => self.on(Event::StaffAdmitted),
            Request::StaffDeny(reason) => self.on(Event::StaffDenied(reason.into())),
            Request::StaffEndVisit => self.on(Event::StaffEndedVisit),
            Request::StaffGuardian(proof) => self.on(Event::GuardianAgreed(proof.into())),
            Request::StaffRevokeGuardian => self.on(Event::GuardianRevoked),
            Request::StaffSignOut => self.on(Event::StaffSignedOut),
            Request::StaffIncidents(reply) => {
                self.on(Event::DeskUsed);
                self.show_incidents(reply);
            }
            Request::StaffIncidentDraft { draft, reply } => {
                self.on(Event::DeskUsed);
                self.judge_incident(&draft).map(|rule| reply.send(rule).ok());
            }
            Request::StaffRecordIncident { draft, reply } => {
                self.on(Event::DeskUsed);
                self.record_incident(&draft, reply);
            }
            Request::Statistics { day, reply } => {
                self.on(Event::DeskUsed);
                self.show_statistics(day, reply);
            }
            Request::Platform { act, reply } => {
                if act.is_act() {
                    self.on(Event::DeskUsed);
                }
                self.at_platform_desk(act, reply);
            }
            Request::TechnicianStatus(reply) => {
                reply.send(self.status()).ok();
            }
            Request::Kiosks(reply) => {
                reply.send(self.kiosks()).ok();
            }
        }
    }

    /// Takes a code in Identify. A scan on any other screen is not for this visit.
    fn submit(&mut self, code: BadgeCode) {
        if matches!(self.state(), State::Identify(s) if s.step() != IdentifyStep::LookingUp) {
            self.held.code = Some(code);
            self.on(Event::CodeSubmitted);
        }
    }

    /// True when a decision comes too soon after its screen: a second tap on a button that is
    /// now another one. Leaving, or stopping a capture, is never too soon.
    fn too_soon(&self, request: &Request) -> bool {
        let decides = match request {
            Request::Consent | Request::OtherWay => matches!(self.state(), State::Consent(_)),
            Request::Answer
            | Request::Age(_)
            | Request::AskFor(_)
            | Request::StaffAdmit
            | Request::StaffDeny(_)
            | Request::StaffEndVisit
            | Request::StaffGuardian(_)
            | Request::StaffRevokeGuardian => true,
            _ => false,
        };
        decides && self.shown.elapsed() < READ
    }

    /// Staff open the sign-in: from Attract or a fault this begins a visit without a badge.
    fn open_desk(&mut self) {
        if self.state().session().is_none() {
            self.begin();
        }
        for _ in 0..2 {
            if !matches!(self.state(), State::Staff(s) if s.desk() != Desk::Waiting) {
                self.on(Event::StaffCalled);
            }
        }
    }

    /// After every turn: a kiosk that cannot serve shows it, and the view is sent if it changed.
    fn settle(&mut self) {
        if let (State::Attract, Some(code)) = (self.state(), self.out_of_service()) {
            if self.incident.is_empty() {
                self.incident = self.note(match code {
                    FaultCode::NoRoster => "no roster was imported",
                    FaultCode::Store | FaultCode::Internal => "the kiosk cannot serve",
                    FaultCode::Revoked => "the registration platform has revoked this kiosk",
                });
            }
            self.on(Event::Faulted(code));
        }
        self.feel_pulse(self.broken.is_none());
        let view = self.view();
        if self.last.as_ref() != Some(&view) {
            let drawn = self.last.as_ref().map(|last| std::mem::discriminant(&last.screen));
            if drawn != Some(std::mem::discriminant(&view.screen)) {
                self.shown = Instant::now();
            }
            (self.show)(&view);
            self.last = Some(view);
        }
    }

    /// Why the face lane is closed for everybody, or `None`.
    pub(crate) fn lane_closed(&self) -> Option<&str> {
        match &self.roster {
            Some(roster) if !roster.has_face_notice() => {
                Some("the policy pack has no notice on facial recognition")
            }
            Some(roster) if roster.lacks_filing() => {
                Some("100,000 certificate photos or more, and the policy pack names no filing")
            }
            _ => self.workers.closed(),
        }
    }

    /// Forgets what the app holds of the visit.
    pub(crate) fn forget(&mut self) {
        self.held = Held::default();
        self.language = Language::default();
        self.incident.clear();
    }
}

#[cfg(test)]
pub(crate) mod tests;
