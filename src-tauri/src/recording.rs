//! What the audit log is told besides what the database tells it by itself.

use std::time::Duration;

use audit::{Actor, Fault, Record, Report, What};
use checkin::{CodeProblem, DenialReason, StaffAct, StaffReason, State, VisitNonce};
use store::{Checked, StaffMember, StoreError};

use crate::controller::{Controller, Input};
use crate::db::Db;
use crate::effects::failed;
use crate::view::Trouble;

/// Entries that are checked before anything else: some hours of visits, in a few milliseconds.
const END: u32 = 256;
/// Entries that are checked at a time, about 15 ms, and the pause after them.
const PIECE: u32 = 500;
const BETWEEN: Duration = Duration::from_millis(50);
/// Faults of the log that the technician is told one by one.
const TOLD: usize = 3;

impl Controller {
    /// Records something that happened in this visit.
    pub(crate) fn record(&self, visit: VisitNonce, by: Actor, what: What) {
        let record = Record {
            at: self.clock.now(),
            by,
            visit: Some(visit.0),
            badge: self.held.badge.as_ref().map(|badge| badge.entry.id.0),
            what,
        };
        self.write(record);
    }

    fn write(&self, record: Record) {
        self.with_store(move |store| match store.record(&record) {
            Ok(()) => Vec::new(),
            Err(error) => vec![failed("audit log", &error)],
        });
    }

    /// Records that the kiosk was started, or has its database back.
    pub(crate) fn record_start(&self) {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let started = What::Started { version, configuration_sha256: self.config.sha256 };
        self.write(Record::new(self.clock.now(), Actor::Kiosk, started));
    }

    /// Checks the log that the kiosk has found: its end before anything else is done in the
    /// database, and then all of it, in pieces between which visits go first.
    pub(crate) fn check_log(&self, db: Db) {
        let inputs = self.inputs.clone();
        let end = db.run(|store| store.check_audit_end(END));
        tokio::spawn(async move {
            let found = |checked: Result<Report, StoreError>| match checked {
                Ok(report) if report.faults.is_empty() => None,
                Ok(report) => Some(Input::LogFaults(report.faults)),
                Err(error) => Some(failed("audit log", &error)),
            };
            let Ok(end) = end.await else { return };
            let fault = match found(end) {
                Some(fault) => Some(fault),
                None => whole(&db).await.and_then(found),
            };
            if let Some(fault) = fault {
                inputs.send(fault).await.ok();
            }
        });
    }

    /// Tells the technician that the log is not what was written.
    pub(crate) fn log_faults(&mut self, faults: &[Fault]) {
        for fault in faults.iter().take(TOLD) {
            self.note(&format!("audit log: {fault}"));
        }
        self.troubles.insert(Trouble::AuditLog);
    }

    /// Notes an incident, in the log of the machine and for the technician, and its number in the
    /// audit log. What happens again and again is one entry.
    pub(crate) fn note(&mut self, what: &str) -> String {
        let (number, new) = self.incidents.note(what);
        if new {
            let incident = What::Incident { number: number.clone() };
            let record = Record::new(self.clock.now(), Actor::Kiosk, incident);
            // That the database failed is told already by whoever noted it.
            self.with_store(move |store| {
                store.record(&record).ok();
                Vec::new()
            });
        }
        number
    }

    /// Records that the visit came to staff, if it just did.
    pub(crate) fn record_takeover(&self, was_with_staff: bool) {
        if let (State::Staff(staff), Some(visit), false) =
            (self.state(), self.nonce(), was_with_staff)
        {
            let reason = reason(staff.reason());
            self.record(visit, Actor::Kiosk, What::PassedToStaff { reason });
        }
    }

    /// Records an act of the member of staff with this number, who is or was signed in.
    pub(crate) fn record_act(&self, visit: VisitNonce, staff: u32, act: StaffAct) {
        let what = match act {
            StaffAct::Denied(reason) => What::Denied { reason: denial(reason) },
            StaffAct::Ended => What::VisitEnded,
            StaffAct::SignedOut => What::SignedOut,
            StaffAct::TimedOut => What::SessionTimedOut,
        };
        let signed_in = self.held.member.filter(|member| member.number == staff);
        let role = signed_in.map(|StaffMember { role, .. }| role);
        self.record(visit, Actor::Staff { number: staff, role }, what);
    }
}

/// Checks the whole log. None if the database has ended.
async fn whole(db: &Db) -> Option<Result<Report, StoreError>> {
    let mut on = db.run(|store| store.begin_check(Vec::new())).await.ok()?;
    loop {
        let check = match on {
            Ok(check) => check,
            Err(error) => return Some(Err(error)),
        };
        match db.run(move |store| store.go_on_checking(check, PIECE)).await.ok()? {
            Ok(Checked::On(check)) => on = Ok(check),
            Ok(Checked::Done(report)) => return Some(Ok(report)),
            Err(error) => return Some(Err(error)),
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Why a visit came to staff, as the log has it.
pub(crate) fn reason(reason: StaffReason) -> audit::Reason {
    use audit::Reason;
    match reason {
        StaffReason::OtherWay => Reason::OtherWay,
        StaffReason::Called => Reason::AskedForStaff,
        StaffReason::NonMatch => Reason::NonMatch,
        StaffReason::PoorSamples => Reason::PoorSamples,
        StaffReason::SuspectedAttack => Reason::SuspectedAttack,
        StaffReason::Reference => Reason::ReferenceUnusable,
        StaffReason::CameraUnavailable => Reason::CameraUnavailable,
        StaffReason::CameraLost => Reason::CameraLost,
        StaffReason::WorkerFailed => Reason::WorkerFailed,
        StaffReason::FaceLaneClosed => Reason::FaceLaneClosed,
        StaffReason::UnderAge => Reason::UnderAge,
        StaffReason::TimedOut => Reason::TimedOut,
        StaffReason::Code(CodeProblem::Unknown) => Reason::CodeUnknown,
        StaffReason::Code(CodeProblem::Malformed) => Reason::CodeMalformed,
        StaffReason::Code(CodeProblem::AlreadyUsed) => Reason::CodeAlreadyUsed,
        StaffReason::Code(CodeProblem::Expired) => Reason::CodeExpired,
        StaffReason::Code(CodeProblem::NotYetValid) => Reason::CodeNotYetValid,
        StaffReason::Code(CodeProblem::Blocked) => Reason::CodeBlocked,
        StaffReason::Code(CodeProblem::Unpaid) => Reason::CodeUnpaid,
        StaffReason::Code(CodeProblem::Unapproved) => Reason::CodeUnapproved,
        StaffReason::Code(CodeProblem::WrongProduct) => Reason::CodeWrongProduct,
        StaffReason::Code(CodeProblem::Revoked) => Reason::CodeRevoked,
        StaffReason::Rules => Reason::Rules,
        StaffReason::Unpaid => Reason::Unpaid,
        StaffReason::Question => Reason::Question,
        StaffReason::Ambiguous => Reason::Ambiguous,
        StaffReason::NotInRoster => Reason::NotInRoster,
        StaffReason::GateFailed => Reason::GateFailed,
        StaffReason::RecordFailed => Reason::RecordFailed,
        StaffReason::AfterFault => Reason::AfterFault,
    }
}

/// Why a code led no further, as the log has it.
pub(crate) fn problem(problem: CodeProblem) -> audit::CodeProblem {
    match problem {
        CodeProblem::Unknown => audit::CodeProblem::Unknown,
        CodeProblem::Malformed => audit::CodeProblem::Malformed,
        CodeProblem::AlreadyUsed => audit::CodeProblem::AlreadyUsed,
        CodeProblem::Expired => audit::CodeProblem::Expired,
        CodeProblem::NotYetValid => audit::CodeProblem::NotYetValid,
        CodeProblem::Blocked => audit::CodeProblem::Blocked,
        CodeProblem::Unpaid => audit::CodeProblem::Unpaid,
        CodeProblem::Unapproved => audit::CodeProblem::Unapproved,
        CodeProblem::WrongProduct => audit::CodeProblem::WrongProduct,
        CodeProblem::Revoked => audit::CodeProblem::Revoked,
    }
}

fn denial(reason: DenialReason) -> audit::Denial {
    match reason {
        DenialReason::NotTheHolder => audit::Denial::NotTheHolder,
        DenialReason::BadgeNotValid => audit::Denial::BadgeNotValid,
        DenialReason::IdentityNotShown => audit::Denial::IdentityNotShown,
        DenialReason::HouseRules => audit::Denial::HouseRules,
    }
}
