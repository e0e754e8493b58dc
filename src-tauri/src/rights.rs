//! Who may do what: the one table of rights, at the screen and at the command line.

use checkin::{Desk, State};
use store::{Role, StaffMember};

use crate::controller::Controller;

/// Something that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// A visitor's step, or what every screen needs.
    Visit,
    /// Open the sign-in, sign in, and leave it again.
    SignIn,
    /// See the visitor's name and certificate photo (C18).
    SeeVisitor,
    /// Admit the visitor.
    Admit,
    /// Refuse the visitor entry (C09).
    Deny,
    /// Record a guardian's consent for a child, or take it back (C40).
    ServeGuardian,
    /// End the visit.
    EndVisit,
    /// See the state of the kiosk.
    SeeStatus,
    /// Connect the kiosk to the registration platform, choose its check-in list, ask for a new key.
    ConnectPlatform,
    /// Delete the account there.
    DisconnectPlatform,
    /// See the statistics, which tell of nobody.
    SeeStatistics,
    /// See how the kiosks of the venue are, and badges that two of them have admitted.
    SeeKiosks,
    /// Record an incident with personal data, and what comes to it; see those that are open (C32).
    RecordIncident,
    /// Close an incident, and hand out its report.
    CloseIncident,
    /// Be the guard of the two who switch the keeping of evidence on.
    SwitchRetentionOnAsGuard,
    /// Be the technician of the two.
    SwitchRetentionOnAsTechnician,
    /// Switch it off.
    SwitchRetentionOff,
    /// Hand out sealed evidence.
    ExportEvidence,
    /// Write out the audit log.
    ExportLog,
    /// Take the machine's clock for the true one.
    AcceptClock,
    /// See what visitors asked for under their rights, and until when it is to be answered (C39).
    SeeRequests,
    /// See what the registration platform did not accept: numbers, and no name.
    SeeNotAccepted,
    /// Answer these requests, and write them out for the registration platform.
    AnswerRequests,
    /// Make and delete accounts.
    ManageStaff,
}

/// Whether somebody with this role may; `None` is a visitor, or whoever has not signed in.
pub(crate) fn may(role: Option<Role>, action: Action) -> bool {
    use Role::{DataProtectionOfficer, Guard, Supervisor, Technician};
    let of = |roles: &[Role]| role.is_some_and(|role| roles.contains(&role));
    match action {
        Action::Visit | Action::SignIn => true,
        Action::SeeVisitor | Action::Admit | Action::Deny | Action::ServeGuardian => {
            of(&[Guard, Supervisor])
        }
        Action::EndVisit | Action::SwitchRetentionOff | Action::RecordIncident => of(&Role::ALL),
        Action::SeeStatus | Action::DisconnectPlatform => of(&[Supervisor, Technician]),
        Action::AnswerRequests | Action::CloseIncident => of(&[Supervisor, DataProtectionOfficer]),
        Action::SeeRequests | Action::SeeStatistics => {
            of(&[Supervisor, Technician, DataProtectionOfficer])
        }
        Action::SeeKiosks | Action::SeeNotAccepted => of(&[Guard, Supervisor, Technician]),
        Action::SwitchRetentionOnAsGuard => of(&[Guard]),
        Action::SwitchRetentionOnAsTechnician | Action::AcceptClock | Action::ConnectPlatform => {
            of(&[Technician])
        }
        Action::ExportEvidence | Action::ExportLog => of(&[DataProtectionOfficer]),
        Action::ManageStaff => of(&[Supervisor]),
    }
}

impl Controller {
    /// Whether whoever stands at the screen may: the member of staff who looks at the visit, or
    /// anybody.
    pub(crate) fn may(&self, action: Action) -> bool {
        use Action::{Admit, Deny, SeeVisitor, ServeGuardian};
        // A kiosk that the platform has revoked has nothing to say about anybody.
        if self.telling.locked && matches!(action, SeeVisitor | Admit | Deny | ServeGuardian) {
            return false;
        }
        may(self.signed_in().map(|member| member.role), action)
    }

    /// The member of staff who is signed in.
    pub(crate) fn signed_in(&self) -> Option<StaffMember> {
        match self.state() {
            State::Staff(s) => match s.desk() {
                Desk::Reviewing { staff } => self.held.member.filter(|m| m.number == staff),
                Desk::Waiting | Desk::SigningIn(_) => None,
            },
            _ => None,
        }
    }
}
