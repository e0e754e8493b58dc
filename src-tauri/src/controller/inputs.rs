//! What comes back from carried-out effects and from the workers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::{Actor, Fault, What};
use checkin::{
    ClosedReason, Comparison, Event, FaceLane, FaultCode, IdentifyStep, Lookup, State, VisitNonce,
};
use jiff::SignedDuration;

use store::{BadgeId, FiledRequest, Holding, Progress, StaffMember};

use super::Controller;
use crate::db::{Opened, Unopened};
use crate::held::HeldBadge;
use crate::questions::Asking;
use crate::recording;
use crate::registration::{Conflict, NoRegistration, Registration};
use crate::relay::RelayNews;
use crate::retention;
use crate::roster::{Found, Roster};
use crate::view::Link;
use crate::workers::{Happening, WorkerInput};

/// What carried-out effects send back.
pub(crate) enum Input {
    /// An event of this visit. Answers to a visit that is over are dropped.
    Visit(VisitNonce, Event),
    /// The answer to a look-up, with the badge.
    Found(VisitNonce, Box<Found>),
    /// The sealed photo for the comparison; `None` where there is none any more.
    Reference(VisitNonce, Option<Vec<u8>>),
    /// The roster was read again; `None` without one.
    Roster(Option<Arc<Roster>>),
    /// A sign-in was checked; who it is, if it was accepted.
    SignedIn(VisitNonce, checkin::SignIn, Option<StaffMember>),
    /// The database failed in a way that stops the kiosk until it works again.
    Broken {
        /// What went wrong.
        what: String,
        /// A cause that lasts.
        trouble: Option<store::Trouble>,
    },
    /// The database was opened, or not.
    Opened(Result<Box<Opened>, Unopened>),
    /// The database's thread has ended.
    DatabaseEnded,
    /// The database did not do what it was asked to.
    StoreFailed {
        /// What it was, and what went wrong.
        what: String,
        /// A cause that lasts.
        trouble: Option<store::Trouble>,
    },
    /// What has expired is deleted; the database works.
    Purged,
    /// For the technician's list.
    Incident(String),
    /// What the platform has yet to hear, and what it did not accept.
    Outbox {
        /// How many check-ins and annulments wait.
        waiting: u32,
        /// How many it did not accept.
        refused: u32,
        /// What stays here for a while of badges that are gone there.
        quarantined: u32,
    },
    /// The newest of what the platform did not accept.
    Conflicts(Vec<Conflict>),
    /// These badges are gone at the platform, and here.
    Erased(Vec<BadgeId>),
    /// How far the roster is that the platform fills.
    Progress(Progress),
    /// Whether the platform answers.
    Link(Link),
    /// The platform's clock is ahead of this kiosk's by so much.
    ServerClock(SignedDuration),
    /// Nobody passed the open gate of this visit.
    NotTurned(VisitNonce),
    /// What came from the other kiosks of the venue.
    Relay(RelayNews),
    /// The platform has revoked this kiosk.
    Revoked,
    /// The account at the platform is not what it was.
    AccountChanged,
    /// The platform as the account has it now.
    Registration(Box<Result<Option<Registration>, NoRegistration>>),
    /// How much evidence is held.
    Evidence(u32),
    /// What is held of the visitor's badge.
    Held(VisitNonce, Box<Holding>),
    /// A request of the visitor is written.
    Filed(VisitNonce, Box<FiledRequest>),
    /// The requests that staff are to answer or to carry to the platform.
    Requests(Vec<FiledRequest>),
    /// The audit log is not what was written, and where.
    LogFaults(Vec<Fault>),
}

impl Controller {
    pub(super) fn on_input(&mut self, input: Input) {
        match input {
            Input::Visit(visit, event) => self.on_answer(visit, event),
            Input::Found(visit, found) => self.on_found(visit, *found),
            Input::Reference(visit, sealed) => self.compare(visit, sealed),
            Input::SignedIn(visit, sign_in, member) => self.on_signed_in(visit, sign_in, member),
            Input::Roster(roster) => {
                let was_broken = self.broken.is_some();
                self.broken = roster.is_none().then_some(FaultCode::NoRoster);
                if retention::lapses(self.roster.as_deref(), roster.as_deref()) {
                    self.note(retention::LAPSED);
                }
                let asked = self.asked();
                self.roster = roster;
                self.ask_again(asked);
                let idle = matches!(self.state(), State::Fault(_)) && self.nonce().is_none();
                if was_broken && self.broken.is_none() && idle {
                    // What was tried again works: the fault is over now, not after its time.
                    self.on(Event::Done);
                }
            }
            Input::Opened(opened) => {
                let there = opened.is_ok();
                self.opened(opened);
                if there {
                    self.read_roster();
                    self.housekeep();
                }
            }
            Input::DatabaseEnded => {
                self.db = None;
                self.broken = Some(FaultCode::Store);
                self.fail(FaultCode::Store, "the database's thread has ended");
            }
            Input::StoreFailed { what, trouble } => {
                self.incident = self.note(&what);
                self.troubled(trouble);
            }
            Input::Purged => self.troubles.retain(|trouble| trouble.outlasts_a_purge()),
            Input::Broken { what, trouble } => {
                self.broken = Some(FaultCode::Store);
                self.troubled(trouble);
                self.fail(FaultCode::Store, &what);
            }
            Input::Incident(what) => self.incident = self.note(&what),
            Input::Outbox { waiting, refused, quarantined } => {
                let before = self.telling.refused;
                self.telling.outbox(waiting, refused, quarantined);
                if refused != before {
                    self.read_conflicts();
                }
                self.relaying.poke();
            }
            Input::Conflicts(conflicts) => self.telling.conflicts = conflicts,
            Input::Erased(badges) => {
                self.erased(&badges);
                self.relaying.poke();
            }
            Input::Progress(progress) => self.telling.progress = progress,
            Input::Link(link) => self.linked(link),
            Input::ServerClock(offset) => self.clock_compared(offset),
            Input::NotTurned(visit) => self.not_turned(visit),
            Input::Relay(news) => self.relayed(news),
            Input::Revoked => self.revoked(),
            Input::AccountChanged => self.account_changed(),
            Input::Registration(found) => {
                if let Some(db) = self.db.clone() {
                    self.connect(*found, db);
                }
            }
            Input::Evidence(held) => self.evidence = held,
            Input::Held(visit, holding) => self.on_held(visit, *holding),
            Input::Filed(visit, filed) => self.on_filed(visit, *filed),
            Input::Requests(requests) => self.requests = requests,
            Input::LogFaults(faults) => self.log_faults(&faults),
        }
    }

    /// A code was looked up.
    fn on_found(&mut self, visit: VisitNonce, mut found: Found) {
        let waiting = matches!(
            self.state(),
            State::Identify(s) if s.step() == IdentifyStep::LookingUp
        );
        if self.nonce() == Some(visit) && waiting {
            let badge = found.badge.as_ref().map(|b| b.entry.id);
            if let Lookup::Admissible(lane) | Lookup::Asks(lane) = &mut found.lookup
                && *lane == FaceLane::Open
                && badge.is_some_and(|badge| self.unmatched.contains(&badge))
            {
                *lane = FaceLane::Closed(ClosedReason::Earlier);
            }
            self.held.eea = found.badge.as_ref().is_some_and(HeldBadge::eea);
            self.held.badge = found.badge;
            self.held.asking = found.asks.map(Asking::begin).unwrap_or_default();
            if let Lookup::Refused(problem) = found.lookup {
                self.report_refused(visit, problem);
                let problem = recording::problem(problem);
                self.record(visit, Actor::Kiosk, What::CodeRefused { problem });
            }
            self.on(Event::CodeLookedUp(found.lookup));
        }
    }

    fn on_signed_in(
        &mut self,
        visit: VisitNonce,
        sign_in: checkin::SignIn,
        member: Option<StaffMember>,
    ) {
        if self.nonce() == Some(visit) {
            self.held.member = member;
            if let (checkin::SignIn::Accepted { .. }, Some(badge)) = (sign_in, &self.held.badge) {
                // A person is looking now.
                self.unmatched.remove(&badge.entry.id);
            }
            if let checkin::SignIn::Locked { seconds } = sign_in {
                let locked = Duration::from_secs(u64::from(seconds));
                self.held.locked_until = Some(Instant::now() + locked);
            }
            self.on(Event::SignInChecked(sign_in));
        }
    }

    fn on_answer(&mut self, visit: VisitNonce, event: Event) {
        if self.nonce() != Some(visit) {
            return;
        }
        if let (Event::Compared(Comparison::NonMatch | Comparison::SuspectedAttack), Some(badge)) =
            (&event, &self.held.badge)
        {
            self.unmatched.insert(badge.entry.id);
        }
        if matches!(event, Event::WorkerExited(_)) {
            self.held.discarded = Some(self.clock.now());
            self.record(visit, Actor::Kiosk, What::FaceDataDiscarded);
        }
        match event {
            // The camera is promised only when there is a process to open it.
            Event::ConsentRecorded(true) if !self.workers.has_spare() => {
                self.on(Event::WorkerMissing);
            }
            event => self.on(event),
        }
    }

    pub(super) fn on_worker(&mut self, input: WorkerInput) {
        for happening in self.workers.on(input) {
            match happening {
                Happening::Visit(visit, event) => self.on_answer(visit, event),
                Happening::Code(visit, code) => {
                    if self.nonce() == Some(visit) {
                        self.submit(code);
                    }
                }
                Happening::Evidence(visit, sealed) => {
                    // A visit that was stopped meanwhile leaves nothing.
                    if self.nonce() == Some(visit) && matches!(self.state(), State::Decide(_)) {
                        self.keep_evidence(visit, sealed);
                    }
                }
                Happening::Camera(reason) => {
                    self.note(&format!("camera: {reason}"));
                    self.camera = Some(reason);
                }
                Happening::Weakness(text) => drop(self.note(text)),
                Happening::LaneClosed(reason) => {
                    self.note(&format!("face lane closed: {reason}"));
                }
            }
        }
        if matches!(self.state(), State::Capture(_)) {
            self.camera = None;
        }
    }
}
