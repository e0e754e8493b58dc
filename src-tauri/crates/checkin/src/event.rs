//! What can happen to a visit. No event carries personal data or a secret.

use due::RequestKind;

use crate::token::DiscardToken;
use crate::visit::VisitNonce;

/// An event, from a screen, from the carried-out effects, or from the clock.
#[derive(Debug)]
pub enum Event {
    /// A visitor touched the screen, scanned a code, or staff opened the desk.
    Started {
        /// Fresh and random; names the visit, its check-in and its worker.
        nonce: VisitNonce,
    },
    /// A code was scanned or typed. The app holds the code itself.
    CodeSubmitted,
    /// The answer to [`Effect::LookUpBadge`](crate::Effect::LookUpBadge).
    CodeLookedUp(Lookup),
    /// The visitor wants to try another code.
    Retried,
    /// The visitor has answered one of the organiser's questions. The app holds the answer.
    AnswerGiven,
    /// The answer to [`Effect::JudgeAnswers`](crate::Effect::JudgeAnswers).
    AnswersJudged(Questioned),
    /// The visitor, or whoever is with them, said which side of 14 years they are on (C40).
    AgeGiven(Age),
    /// The visitor agreed to the comparison.
    ConsentGiven,
    /// The visitor turned the switch for a transfer abroad on or off (C41).
    TransferChosen(bool),
    /// What the visitor was asked to agree to is no longer in force (C43). `offered`: there is a
    /// notice in the new version.
    NoticeChanged {
        /// The face lane is still offered.
        offered: bool,
    },
    /// The visitor wants to read the whole policy, or reads on in it.
    PolicyRead,
    /// The answer to [`Effect::RecordConsent`](crate::Effect::RecordConsent): written or not.
    ConsentRecorded(bool),
    /// The consent is written, but no worker process is there to begin.
    WorkerMissing,
    /// The visitor chose the other way.
    OtherWayChosen,
    /// The visitor stops and leaves.
    Stopped,
    /// The visitor, or staff, asks for staff.
    StaffCalled,
    /// The worker opened the camera.
    CameraOpened,
    /// The camera could not be opened, or was lost.
    CameraFailed(CameraTrouble),
    /// The certificate photo cannot be used.
    ReferenceRefused,
    /// What the visitor may do to help.
    GuidanceGiven(Guidance),
    /// Enough samples; the camera is closed.
    Captured,
    /// The worker's outcome.
    Compared(Comparison),
    /// The operating system reported the worker's exit.
    WorkerExited(DiscardToken),
    /// Staff entered number and PIN. The app holds them.
    SignInSubmitted,
    /// The answer to [`Effect::CheckSignIn`](crate::Effect::CheckSignIn).
    SignInChecked(SignIn),
    /// The signed-in member of staff admits.
    StaffAdmitted,
    /// The signed-in member of staff refuses entry.
    StaffDenied(DenialReason),
    /// The signed-in member of staff ends the visit without either.
    StaffEndedVisit,
    /// The signed-in member of staff has checked who the guardian is, and the guardian agrees.
    GuardianAgreed(GuardianProof),
    /// The answer to [`Effect::RecordGuardian`](crate::Effect::RecordGuardian): written, and the
    /// face lane is offered now.
    GuardianRecorded(bool),
    /// The guardian takes the consent back, before the signed-in member of staff.
    GuardianRevoked,
    /// The signed-in member of staff is busy with a panel of the desk: their time begins anew.
    DeskUsed,
    /// The member of staff signs out.
    StaffSignedOut,
    /// The answer to [`Effect::RecordCheckin`](crate::Effect::RecordCheckin).
    CheckinRecorded(Recording),
    /// The gate opened, or not.
    GateAnswered(bool),
    /// The gate turned.
    GateTurned,
    /// The gate is closed again, and nobody passed.
    GateNotTurned,
    /// The visitor wants a receipt. Given where no biometric data of the visit exist.
    ReceiptAsked,
    /// The visitor wants to see what is held on them, and what they may ask for.
    RightsAsked,
    /// The answer to [`Effect::ReadHeld`](crate::Effect::ReadHeld). The app holds it.
    HeldRead,
    /// The visitor asks for this under their rights.
    RequestMade(RequestKind),
    /// The answer to [`Effect::FileRequest`](crate::Effect::FileRequest): it is written. The app
    /// holds its number.
    RequestFiled(RequestKind),
    /// The visitor has read enough.
    Done,
    /// The clock moved. Acts only when the state's time limit is over.
    Elapsed,
    /// A part of the kiosk failed.
    Faulted(FaultCode),
}

/// What the roster says of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Valid and not used.
    Admissible(FaceLane),
    /// The same, once the organiser's questions are answered.
    Asks(FaceLane),
    /// Not to be admitted by this kiosk.
    Refused(CodeProblem),
}

/// How far the organiser's questions are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Questioned {
    /// Another one is to be answered.
    More,
    /// All are answered.
    Done,
    /// A person asks, or decides on an answer.
    Person,
    /// The badge has come to be refused meanwhile.
    Refused(CodeProblem),
}

/// Whether the face lane is offered to this badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceLane {
    /// Offered.
    Open,
    /// Offered to whoever is 14 or over, which the roster does not say.
    AskAge,
    /// Not offered.
    Closed(ClosedReason),
}

/// Which side of 14 years a visitor is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Below 14.
    Under14,
    /// 14 or over.
    From14,
}

/// By what a member of staff saw who a guardian is. A kind of document, never its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardianProof {
    /// An identity card.
    IdentityCard,
    /// A passport.
    Passport,
    /// The register of the household.
    HouseholdRegister,
    /// The child's birth certificate.
    BirthCertificate,
    /// An order of guardianship.
    GuardianshipOrder,
}

/// Why the face lane is closed for this badge or for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedReason {
    /// By the policy pack, by the models, or because no worker could be started.
    Kiosk,
    /// Below 14 without a recorded guardian's consent (C40).
    UnderAge,
    /// No usable certificate photo (C16).
    Reference,
    /// This badge's last comparison at this kiosk did not match, and nobody has looked since.
    Earlier,
    /// Against one of the organiser's rules, or under one that cannot be judged here.
    Rules,
    /// Not paid, where a person may admit all the same.
    Unpaid,
    /// A question that a person asks.
    Question,
    /// The code is on several tickets.
    Ambiguous,
    /// Signed by the organiser, and not in the roster: sold since the roster was last read.
    NotInRoster,
}

/// Why a code leads no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// Not in the roster.
    Unknown,
    /// Not a badge code.
    Malformed,
    /// Admitted before.
    AlreadyUsed,
    /// Validity over.
    Expired,
    /// Validity not begun.
    NotYetValid,
    /// Blocked by the organiser.
    Blocked,
    /// Not paid.
    Unpaid,
    /// Not approved by the organiser yet.
    Unapproved,
    /// For another entrance, or another day.
    WrongProduct,
    /// Replaced by another badge.
    Revoked,
}

/// Camera problems that a visit distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraTrouble {
    /// None found, busy, denied, or failed to open.
    Unavailable,
    /// Lost during capture.
    Lost,
}

/// What the visitor may do while the camera is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guidance {
    /// No face in the frame.
    LookHere,
    /// More than one face.
    OnePerson,
    /// Face too small.
    ComeCloser,
    /// Face too large.
    MoveBack,
    /// Face cut off by the frame's edge.
    CentreFace,
    /// Too dark.
    MoreLight,
    /// Too bright.
    LessLight,
    /// One half of the face is much darker than the other.
    FaceLight,
    /// Blurred.
    HoldStill,
    /// Turned away.
    FaceCamera,
    /// Both eyes are closed.
    OpenEyes,
    /// Mouth and nose are covered; the other way stays open (C14).
    Uncover,
    /// A challenge: turn to the visitor's own left, which is the left of the mirrored preview.
    TurnLeft,
    /// A challenge: turn to the visitor's own right.
    TurnRight,
    /// A challenge: bow the head and raise it again.
    Nod,
    /// A challenge: close both eyes and open them again.
    Blink,
    /// Fine.
    Comparing,
}

/// The worker's outcome. It carries no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The probe matches the reference.
    Match,
    /// It does not.
    NonMatch,
    /// Too few usable samples in time.
    PoorSamples,
    /// Signs of an attack presentation.
    SuspectedAttack,
}

/// The outcome of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Accepted, with the number of the member of staff.
    Accepted {
        /// Number of the member of staff.
        staff: u32,
    },
    /// Wrong number or PIN.
    Refused {
        /// Attempts before the lock-out.
        left: u32,
    },
    /// Locked out.
    Locked {
        /// Seconds until the next attempt.
        seconds: u32,
    },
    /// The check itself failed.
    Failed,
}

/// Reasons for a denial; only a person gives one (C09).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DenialReason {
    /// Not the registered person.
    NotTheHolder,
    /// The badge is not valid for this entry.
    BadgeNotValid,
    /// The person could not show who they are.
    IdentityNotShown,
    /// House rules or security.
    HouseRules,
}

/// The outcome of writing a check-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recording {
    /// Written, now or before under the same nonce.
    Recorded,
    /// The badge was admitted under another nonce.
    AlreadyUsed,
    /// The registration platform has refused, and the check-in is taken back: a person decides.
    Refused(StaffReason),
    /// Not written.
    Failed,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// The database.
    Store,
    /// No roster was imported.
    NoRoster,
    /// A part of the program, or a worker that does not end.
    Internal,
    /// The registration platform has revoked this kiosk. Nothing is broken: no visit begins, and
    /// one that runs goes to a person.
    Revoked,
}

/// Why a visit came to staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffReason {
    /// Chosen by the visitor.
    OtherWay,
    /// Asked for.
    Called,
    /// The face did not match.
    NonMatch,
    /// Too few usable samples.
    PoorSamples,
    /// Signs of an attack presentation.
    SuspectedAttack,
    /// No usable certificate photo.
    Reference,
    /// Camera not available.
    CameraUnavailable,
    /// Camera lost.
    CameraLost,
    /// The worker crashed or hung.
    WorkerFailed,
    /// Face lane closed at this kiosk.
    FaceLaneClosed,
    /// Below 14.
    UnderAge,
    /// A step took too long.
    TimedOut,
    /// The code.
    Code(CodeProblem),
    /// One of the organiser's rules.
    Rules,
    /// Not paid, where a person may admit all the same.
    Unpaid,
    /// One of the organiser's questions.
    Question,
    /// The code is on several tickets.
    Ambiguous,
    /// Signed by the organiser, and not in the roster.
    NotInRoster,
    /// The gate did not answer.
    GateFailed,
    /// A record could not be written.
    RecordFailed,
    /// The kiosk came out of a fault.
    AfterFault,
}
