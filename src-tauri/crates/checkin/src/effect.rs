//! What the app carries out for a visit, each answered by an event.

use due::RequestKind;

use crate::event::{DenialReason, GuardianProof, StaffReason};
use crate::token::GatePass;
use crate::visit::VisitNonce;

/// A request to the app.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open the camera for badge codes only. Only with the setting on.
    OpenCodeReader,
    /// Close it again.
    CloseCodeReader,
    /// Look up the code that the app holds. Answer: `CodeLookedUp`.
    LookUpBadge,
    /// Judge the answers that the app holds. Answer: `AnswersJudged`.
    JudgeAnswers,
    /// Write the visitor's choice. Answer to `Face`: `ConsentRecorded`.
    RecordConsent(Choice),
    /// Write that the visitor agreed to a transfer abroad, or took it back. Without an answer:
    /// nothing depends on it here.
    RecordTransfer(bool),
    /// Keep the badge apart as a child's.
    NoteChild,
    /// Write a guardian's consent. Answer: `GuardianRecorded`.
    RecordGuardian {
        /// Number of the member of staff.
        staff: u32,
        /// What was checked.
        proof: GuardianProof,
    },
    /// Delete a guardian's consent and what was chosen under it.
    RevokeGuardian {
        /// Number of the member of staff.
        staff: u32,
    },
    /// Hand the sealed reference to the worker and let it open the camera.
    BeginCapture,
    /// Ask the worker to end. Answer: `WorkerExited`.
    EndWorker,
    /// Kill the worker. Answer: `WorkerExited`.
    KillWorker,
    /// Write check-in and outbox entry. Answer: `CheckinRecorded`.
    RecordCheckin(Lane),
    /// Take back a check-in whose visitor did not pass.
    AnnulCheckin,
    /// Open the gate. Answer: `GateAnswered`, later `GateTurned` or `GateNotTurned`.
    OpenGate(GatePass),
    /// Check the number and PIN that the app holds. Answer: `SignInChecked`.
    CheckSignIn,
    /// Write an act of a member of staff.
    RecordStaffAct {
        /// Number of the member of staff.
        staff: u32,
        /// What was done.
        act: StaffAct,
    },
    /// Read what is held of the badge. Answer: `HeldRead`.
    ReadHeld,
    /// Write a request under the visitor's rights. Answer: `RequestFiled`.
    FileRequest(RequestKind),
    /// Make the receipt of the visit as it is now, to be shown; in Rights, the copy of what is held.
    IssueReceipt,
    /// Forget everything that the app holds of this visit.
    EndSession(VisitNonce),
    /// Nobody is here: purge what has expired.
    Housekeep,
}

/// The visitor's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Use the face.
    Face,
    /// Use the other way.
    OtherWay,
    /// Withdrawn during capture (C26).
    Withdrawn,
}

/// The lane through which a visitor is admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Comparison on the device.
    Face,
    /// By a member of staff.
    Staff {
        /// Number of the member of staff.
        staff: u32,
        /// Why the visit came to staff.
        reason: StaffReason,
    },
}

/// An act of a member of staff. A sign-in and an admission are written by what carries them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffAct {
    /// Refused entry.
    Denied(DenialReason),
    /// Ended the visit.
    Ended,
    /// Signed out.
    SignedOut,
    /// Was signed out by the kiosk: the time for one visit was over.
    TimedOut,
}
