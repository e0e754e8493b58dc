//! What a screen may ask of the controller.

use seal::BadgeCode;
use store::Pin;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::platform_desk::PlatformAct;
use crate::policy::Page;
use crate::rights::Action;
use crate::view::{
    AgeAnswer, DenialReason, GuardianProof, IncidentDraft, IncidentRule, IncidentsPage, KiosksPage,
    Language, PlatformPage, RequestKind, StatisticsPage, TechnicianStatus, View,
};

/// One request. No logic: the controller turns it into events of the visit.
pub(crate) enum Request {
    /// The present view.
    CurrentView(oneshot::Sender<View>),
    /// A visitor touched the screen, or tries another code.
    Start,
    /// A code was scanned or typed.
    SubmitCode(BadgeCode),
    /// Opens the policy in full, or turns to another page of it.
    ReadPolicy(Page),
    /// The visitor chooses one of the answers to a question, by its place, or no longer.
    Choose(usize),
    /// The visitor has answered the question, or leaves it out.
    Answer,
    /// The visitor says on which side of 14 they are.
    Age(AgeAnswer),
    /// The visitor turns the switch for a transfer abroad.
    SetTransfer(bool),
    /// The visitor agrees to the comparison.
    Consent,
    /// The visitor chooses the other way.
    OtherWay,
    /// The visitor stops.
    Stop,
    /// The visitor asks for staff.
    CallStaff,
    /// The visitor wants to see what is held on them, and what they may ask for.
    OpenRights,
    /// The visitor asks for this.
    AskFor(RequestKind),
    /// The visitor wants a receipt.
    Receipt,
    /// The visitor has read enough.
    Done,
    /// The visitor changes the language.
    SetLanguage(Language),
    /// Staff open the sign-in.
    StaffOpen,
    /// Staff sign in.
    StaffSignIn {
        /// Number of the member of staff.
        number: u32,
        /// PIN.
        pin: Pin,
    },
    /// The registered photo, for the signed-in member of staff.
    StaffPhoto(oneshot::Sender<Option<Zeroizing<Vec<u8>>>>),
    /// The signed-in member of staff admits.
    StaffAdmit,
    /// The signed-in member of staff refuses entry.
    StaffDeny(DenialReason),
    /// The signed-in member of staff ends the visit.
    StaffEndVisit,
    /// A guardian agrees, whose identity the signed-in member of staff has checked.
    StaffGuardian(GuardianProof),
    /// A guardian takes the consent back, before the signed-in member of staff.
    StaffRevokeGuardian,
    /// The member of staff signs out, or leaves the sign-in.
    StaffSignOut,
    /// The incidents that are not closed, and what one can be recorded from.
    StaffIncidents(oneshot::Sender<IncidentsPage>),
    /// What follows from an incident as it is put together.
    StaffIncidentDraft {
        /// So far.
        draft: IncidentDraft,
        /// Takes what follows.
        reply: oneshot::Sender<IncidentRule>,
    },
    /// The signed-in member of staff records an incident.
    StaffRecordIncident {
        /// The incident.
        draft: IncidentDraft,
        /// Takes the incidents with it.
        reply: oneshot::Sender<IncidentsPage>,
    },
    /// The statistics of a day, for whoever may see them.
    Statistics {
        /// Its place, 0 for the newest.
        day: usize,
        /// Takes the page.
        reply: oneshot::Sender<StatisticsPage>,
    },
    /// The kiosks of the venue, for whoever may see them.
    Kiosks(oneshot::Sender<KiosksPage>),
    /// The registration platform on the technician's panel.
    Platform {
        /// What to do there.
        act: PlatformAct,
        /// Takes the page as it is then.
        reply: oneshot::Sender<PlatformPage>,
    },
    /// The kiosk's state, for whoever may see it.
    TechnicianStatus(oneshot::Sender<TechnicianStatus>),
}

impl Request {
    /// What is asked for, as the table of rights has it.
    pub(crate) fn action(&self) -> Action {
        match self {
            Self::CurrentView(_)
            | Self::Start
            | Self::SubmitCode(_)
            | Self::ReadPolicy(_)
            | Self::Choose(_)
            | Self::Answer
            | Self::Age(_)
            | Self::SetTransfer(_)
            | Self::Consent
            | Self::OtherWay
            | Self::Stop
            | Self::CallStaff
            | Self::OpenRights
            | Self::AskFor(_)
            | Self::Receipt
            | Self::Done
            | Self::SetLanguage(_) => Action::Visit,
            Self::StaffOpen | Self::StaffSignIn { .. } | Self::StaffSignOut => Action::SignIn,
            Self::StaffPhoto(_) => Action::SeeVisitor,
            Self::StaffAdmit => Action::Admit,
            Self::StaffDeny(_) => Action::Deny,
            Self::StaffEndVisit => Action::EndVisit,
            Self::StaffGuardian(_) | Self::StaffRevokeGuardian => Action::ServeGuardian,
            Self::StaffIncidents(_)
            | Self::StaffIncidentDraft { .. }
            | Self::StaffRecordIncident { .. } => Action::RecordIncident,
            Self::Statistics { .. } => Action::SeeStatistics,
            Self::Kiosks(_) => Action::SeeKiosks,
            Self::TechnicianStatus(_) => Action::SeeStatus,
            Self::Platform { act, .. } => act.action(),
        }
    }

    /// The name of the command that asks for something to happen; none for mere questions.
    pub(crate) fn name(&self) -> Option<&'static str> {
        Some(match self {
            Self::CurrentView(_)
            | Self::StaffPhoto(_)
            | Self::StaffIncidents(_)
            | Self::StaffIncidentDraft { .. }
            | Self::Statistics { .. }
            | Self::Kiosks(_)
            | Self::TechnicianStatus(_) => return None,
            Self::Platform { act, .. } => return act.name(),
            Self::Start => "start",
            Self::SubmitCode(_) => "submit_code",
            Self::ReadPolicy(_) => "read_policy",
            Self::Choose(_) => "choose",
            Self::Answer => "answer",
            Self::Age(_) => "age",
            Self::SetTransfer(_) => "set_transfer",
            Self::Consent => "consent",
            Self::OtherWay => "other_way",
            Self::Stop => "stop",
            Self::CallStaff => "call_staff",
            Self::OpenRights => "open_rights",
            Self::AskFor(_) => "file_request",
            Self::Receipt => "receipt",
            Self::Done => "done",
            Self::SetLanguage(_) => "set_language",
            Self::StaffOpen => "staff_open",
            Self::StaffSignIn { .. } => "staff_sign_in",
            Self::StaffAdmit => "staff_admit",
            Self::StaffDeny(_) => "staff_deny",
            Self::StaffEndVisit => "staff_end_visit",
            Self::StaffGuardian(_) => "staff_guardian",
            Self::StaffRevokeGuardian => "staff_revoke_guardian",
            Self::StaffRecordIncident { .. } => "staff_record_incident",
            Self::StaffSignOut => "staff_sign_out",
        })
    }
}
