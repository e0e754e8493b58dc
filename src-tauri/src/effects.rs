//! Carries out the effects of a visit; every answer comes back as an event.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use checkin::{Effect, Event, GatePass, Lane, Recording, SignIn, StaffReason, VisitNonce};
use gate::Passage;
use jiff::Timestamp;
use platform::bundle::BundleError;
use store::{Checkin, CheckinOutcome, Jump, Store, StoreError};

use crate::controller::{Controller, Input};
use crate::holding;
use crate::recording;
use crate::retention;
use crate::roster::{Roster, RosterError};
use crate::view::Trouble;

/// How long the gate stays open for one person.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often what has expired is deleted at a busy gate (C08).
const PURGE_EVERY: Duration = Duration::from_mins(10);

impl Controller {
    /// Carries out one effect of the visit named `nonce`.
    pub(crate) fn carry_out(&mut self, effect: Effect, nonce: Option<VisitNonce>) {
        let Some(nonce) = nonce else {
            if effect == Effect::Housekeep {
                self.housekeep();
                self.read_roster();
                self.workers.warm_up(true);
            }
            return;
        };
        match effect {
            Effect::OpenCodeReader => self.workers.read_codes(nonce),
            Effect::CloseCodeReader => self.workers.stop_reading(),
            Effect::LookUpBadge => {
                // A camera plugged in meanwhile needs a new worker; it loads while the visitor reads.
                self.workers.warm_up(false);
                self.look_up(nonce);
            }
            Effect::JudgeAnswers => self.judge_answers(nonce),
            Effect::RecordConsent(choice) => self.record_consent(nonce, choice),
            Effect::RecordTransfer(on) => self.record_transfer(nonce, on),
            Effect::NoteChild => self.note_child(),
            Effect::RecordGuardian { staff, proof } => self.record_guardian(nonce, staff, proof),
            Effect::RevokeGuardian { staff } => self.revoke_guardian(nonce, staff),
            Effect::BeginCapture => self.begin_capture(nonce),
            Effect::EndWorker => self.workers.end_capture(),
            Effect::KillWorker => self.workers.kill_capture(),
            Effect::RecordCheckin(lane) => self.record_checkin(nonce, lane),
            Effect::AnnulCheckin => self.annul_checkin(nonce),
            Effect::OpenGate(pass) => self.open_gate(pass),
            Effect::CheckSignIn => self.check_sign_in(nonce),
            Effect::RecordStaffAct { staff, act } => self.record_act(nonce, staff, act),
            Effect::ReadHeld => self.read_held(nonce),
            Effect::FileRequest(kind) => self.file_request(nonce, kind),
            Effect::IssueReceipt => self.issue_receipt(),
            Effect::EndSession(_) => {
                self.count_visit();
                self.forget();
                self.read_roster();
                // At a busy gate nobody ever leaves the kiosk alone.
                let due = self.purged.elapsed() >= PURGE_EVERY;
                if due {
                    self.housekeep();
                }
                self.workers.warm_up(due);
            }
            Effect::Housekeep => self.housekeep(),
        }
    }

    /// Runs `work` on the database and sends what it makes of the answer.
    pub(crate) fn with_store(&self, work: impl FnOnce(&mut Store) -> Vec<Input> + Send + 'static) {
        let Some(db) = &self.db else { return };
        let answers = db.run(work);
        let inputs = self.inputs.clone();
        tokio::spawn(async move {
            let answers = answers.await.unwrap_or_else(|_| vec![Input::DatabaseEnded]);
            for answer in answers {
                inputs.send(answer).await.ok();
            }
        });
    }

    /// Answers an effect that cannot be carried out.
    pub(crate) fn answer(&self, nonce: VisitNonce, event: Event) {
        self.inputs.try_send(Input::Visit(nonce, event)).ok();
    }

    fn record_checkin(&mut self, nonce: VisitNonce, lane: Lane) {
        self.watch_clock();
        let Some(badge) = &self.held.badge else {
            return self.answer(nonce, Event::CheckinRecorded(Recording::Failed));
        };
        // The visit has come here because the entrance lets such a badge in again.
        let again = badge.entry.ticket.is_some() && badge.entry.admitted_at.is_some();
        let badge = badge.entry.id;
        // A person who admits for a reason of the code has seen it, and decides against it (C25).
        let overrides = matches!(lane, Lane::Staff { reason: StaffReason::Code(_), .. });
        let (lane, staff, reason) = match lane {
            Lane::Face => (store::Lane::Face, None, None),
            Lane::Staff { staff, reason } => {
                (store::Lane::Staff, Some(staff), Some(recording::reason(reason)))
            }
        };
        let checkin = Checkin {
            nonce: nonce.0,
            badge,
            lane,
            staff,
            role: self.held.member.filter(|m| Some(m.number) == staff).map(|m| m.role),
            reason,
            overrides,
            answers: self.answers(),
            at: self.clock.now(),
        };
        if let Some(online) = self.telling.answers() {
            tokio::spawn(online.check_in(nonce, checkin, again));
            return;
        }
        self.with_store(move |store| {
            let answer = |recording| Input::Visit(nonce, Event::CheckinRecorded(recording));
            match store.record_entry(&checkin, again) {
                Ok(CheckinOutcome::Recorded | CheckinOutcome::AlreadyRecorded) => {
                    vec![answer(Recording::Recorded), outbox(store)]
                }
                Ok(CheckinOutcome::AlreadyAdmitted { .. }) => vec![answer(Recording::AlreadyUsed)],
                Err(error) => {
                    vec![failed("check-in", &error), answer(Recording::Failed)]
                }
            }
        });
    }

    pub(crate) fn annul_checkin(&mut self, nonce: VisitNonce) {
        self.watch_clock();
        let now = self.clock.now();
        self.with_store(move |store| match store.annul_checkin(&nonce.0, now) {
            Ok(_) => vec![outbox(store)],
            Err(error) => vec![failed("annulment", &error)],
        });
    }

    #[expect(clippy::needless_pass_by_value, reason = "a pass opens the gate once and is used up")]
    fn open_gate(&mut self, pass: GatePass) {
        let gate = Arc::clone(&self.gate);
        let inputs = self.inputs.clone();
        let nonce = pass.visit();
        let until = Instant::now() + Duration::from_millis(self.limits.gate);
        tokio::task::spawn_blocking(move || {
            let mut gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
            let send = |event| {
                inputs.blocking_send(Input::Visit(nonce, event)).ok();
            };
            let note = |what: String| {
                inputs.blocking_send(Input::Incident(what)).ok();
            };
            if Instant::now() >= until {
                // The visit has gone to staff; a gate that opens now opens for nobody.
                return;
            }
            if let Err(error) = gate.open(nonce.0) {
                note(error.to_string());
                send(Event::GateAnswered(false));
                return;
            }
            send(Event::GateAnswered(true));
            match gate.turned(PATIENCE) {
                Ok(Passage::Turned) => send(Event::GateTurned),
                Ok(Passage::NotTurned) => drop(inputs.blocking_send(Input::NotTurned(nonce))),
                // Without a sensor nobody can say that they did not pass.
                Ok(Passage::Unknown) => {}
                Err(error) => note(error.to_string()),
            }
        });
    }

    fn check_sign_in(&mut self, nonce: VisitNonce) {
        let Some((number, pin)) = self.held.sign_in.take() else { return };
        if self.db.is_none() {
            self.inputs.try_send(Input::SignedIn(nonce, SignIn::Failed, None)).ok();
            return;
        }
        let now = self.clock.now();
        self.with_store(move |store| {
            let answer = |sign_in| Input::SignedIn(nonce, sign_in, None);
            match store.sign_in(number, &pin, Some(nonce.0), now) {
                Ok(store::SignIn::Accepted(member)) => {
                    let accepted = SignIn::Accepted { staff: member.number };
                    vec![Input::SignedIn(nonce, accepted, Some(member))]
                }
                Ok(store::SignIn::Refused { left }) => vec![answer(SignIn::Refused { left })],
                Ok(store::SignIn::Locked { until }) => {
                    let seconds = until.duration_since(now).as_secs().max(1);
                    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
                    vec![answer(SignIn::Locked { seconds })]
                }
                Err(error) => {
                    vec![failed("sign-in", &error), answer(SignIn::Failed)]
                }
            }
        });
    }

    /// Deletes what has expired, and keeps the time by which it has.
    pub(crate) fn housekeep(&mut self) {
        self.purged = Instant::now();
        let kept = self.look_at_clock();
        let now = self.clock.now();
        self.with_store(move |store| {
            match store.purge_expired(now).and_then(|_| store.keep_time(kept)) {
                Ok(()) => {
                    vec![
                        Input::Purged,
                        outbox(store),
                        retention::held(store),
                        holding::requests(store),
                    ]
                }
                Err(error) => vec![failed("purge", &error)],
            }
        });
    }

    /// Counts on from the machine's clock and tells the technician if that was set. Returns the
    /// time to keep.
    fn look_at_clock(&mut self) -> Timestamp {
        let (kept, jump) = self.clock.advance();
        let before = self.troubles.remove(&Trouble::ClockBehind);
        match jump {
            Some(Jump::Behind(days)) => {
                if !before {
                    self.note(&format!(
                        "the machine's clock is {days} days behind; the kiosk goes on with its own"
                    ));
                }
                self.troubles.insert(Trouble::ClockBehind);
            }
            Some(Jump::Ahead(days)) => {
                self.note(&format!("the machine's clock went ahead by {days} days"));
                self.troubles.insert(Trouble::ClockAhead);
            }
            None => {}
        }
        kept
    }

    /// Opens the database again.
    pub(crate) fn reopen_store(&self) {
        self.with_store(|store| match store.reopen() {
            Ok(()) => Vec::new(),
            Err(_) => vec![Input::DatabaseEnded],
        });
    }

    /// Reads the roster's head and policy pack again: an import may have replaced them.
    pub(crate) fn read_roster(&self) {
        self.with_store(|store| vec![loaded(Roster::load(store))]);
    }
}

/// What becomes of a roster that was read.
pub(crate) fn loaded(roster: Result<Option<Roster>, RosterError>) -> Input {
    match roster {
        Ok(roster) => Input::Roster(roster.map(Arc::new)),
        Err(error) => Input::Broken {
            what: error.to_string(),
            trouble: match &error {
                RosterError::Store(error) | RosterError::Policy(BundleError::Store(error)) => {
                    error.trouble()
                }
                RosterError::Policy(_) | RosterError::Keys(_) => None,
            },
        },
    }
}

/// Tells the technician what the database did not do, and why.
pub(crate) fn failed(what: &str, error: &StoreError) -> Input {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    let what = format!("{what}: {error}{}", cause.unwrap_or_default());
    Input::StoreFailed { what, trouble: error.trouble() }
}

/// What the outbox holds.
pub(crate) fn outbox_of(counts: store::OutboxCounts) -> Input {
    let store::OutboxCounts { waiting, refused, quarantined } = counts;
    Input::Outbox { waiting, refused, quarantined }
}

fn outbox(store: &mut Store) -> Input {
    match store.outbox_counts() {
        Ok(counts) => outbox_of(counts),
        Err(error) => failed("outbox", &error),
    }
}
