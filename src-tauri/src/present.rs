//! From the state of the visit to the screen that shows it. Pure.

use checkin::{Desk, GateStep as Gate, IdentifyStep, SignIn, State};

use crate::view::{
    CodeProblem, DenialReason, Explanation, FaultCode, GateStep, Guardian, Guidance, KiosksDue,
    NotAccepted, Notice, QuestionPage, Receipt, RequestsDue, RightsPage, Screen, SignInProblem,
    StaffDetail, StaffReason, Transfer, Trouble,
};

/// What a screen may show besides the state itself.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not states")]
pub(crate) struct Facts<'a> {
    /// Operator's name and sign text in the language of the screen; empty without a roster.
    pub(crate) operator: &'a str,
    pub(crate) sign: String,
    /// Is the face lane offered to anybody?
    pub(crate) face_lane_open: bool,
    /// The setting to read codes with the camera.
    pub(crate) codes_by_camera: bool,
    /// The codes of this roster can be typed on the screen's pad.
    pub(crate) pad: bool,
    /// How to reach the operator.
    pub(crate) contact: String,
    /// What is held on the visitor, while they look at it.
    pub(crate) rights: Option<RightsPage>,
    /// The visitor may look at it.
    pub(crate) offers_rights: bool,
    /// What visitors asked for; given only to whoever may see it.
    pub(crate) requests: Option<RequestsDue>,
    /// What the registration platform did not accept; given only to whoever may see it.
    pub(crate) not_accepted: Option<NotAccepted>,
    /// True when the signed-in member of staff may see the state of the kiosk.
    pub(crate) technician: bool,
    /// True when the signed-in member of staff may see the statistics.
    pub(crate) statistics: bool,
    /// True when the signed-in member of staff may see the visitor and decide.
    pub(crate) serves: bool,
    /// Seconds until the next sign-in, while it is locked.
    pub(crate) locked_for: Option<u32>,
    /// The notice in the language of the screen.
    pub(crate) notice: Option<Notice>,
    /// The switch for a transfer abroad.
    pub(crate) transfer: Option<Transfer>,
    /// The organiser's question.
    pub(crate) question: Option<QuestionPage>,
    /// The open page of the policy in full, or of the inventory.
    pub(crate) page: Option<Screen>,
    /// What staff may do for a child with its guardian.
    pub(crate) guardian: Option<Guardian>,
    /// When the badge was used, local time.
    pub(crate) used_at: Option<String>,
    /// The kiosk at which it was, if another one has announced it.
    pub(crate) used_by: Option<String>,
    /// How the other kiosks of the venue are; given only to whoever may see it.
    pub(crate) kiosks: Option<KiosksDue>,
    /// The registered name; given only while a member of staff is signed in.
    pub(crate) registered_name: Option<String>,
    /// What a technician should mend; shown to signed-in staff only.
    pub(crate) troubles: Vec<Trouble>,
    /// True when there is a registered photo to show.
    pub(crate) has_photo: bool,
    /// The receipt, where one is to be had.
    pub(crate) receipt: Option<Receipt>,
    /// Number of the present incident.
    pub(crate) incident: &'a str,
}

/// In the order in which staff choose from them.
const DENIAL_REASONS: [DenialReason; 4] = [
    DenialReason::NotTheHolder,
    DenialReason::IdentityNotShown,
    DenialReason::BadgeNotValid,
    DenialReason::HouseRules,
];

/// The screen of a state.
pub(crate) fn screen(state: &State, facts: Facts<'_>) -> Screen {
    match state {
        State::Attract => Screen::Attract {
            operator: facts.operator.to_owned(),
            sign: facts.sign,
            face_lane_open: facts.face_lane_open,
            codes_by_camera: facts.codes_by_camera,
        },
        State::Reading => policy(facts),
        State::Questions(_) => match facts.question {
            Some(page) => Screen::Question { page },
            // The list of questions was changed meanwhile, and this one is gone.
            None => waiting(state, StaffReason::Question, facts),
        },
        State::Age(_) => Screen::Age,
        State::Identify(s) => match s.step() {
            IdentifyStep::Problem(problem) => Screen::CodeProblem {
                problem: code_problem(problem),
                used_at: facts.used_at.filter(|_| problem == checkin::CodeProblem::AlreadyUsed),
                rights: facts.offers_rights,
            },
            step => Screen::Identify {
                looking_up: step == IdentifyStep::LookingUp,
                codes_by_camera: s.reading(),
                pad: facts.pad,
            },
        },
        State::Consent(s) if s.reading() => policy(facts),
        State::Consent(s) => match facts.notice {
            Some(notice) => {
                Screen::Consent { notice, changed: s.changed(), transfer: facts.transfer }
            }
            // The face lane is closed without a notice, so this state is not reached then.
            None => waiting(state, StaffReason::FaceLaneClosed, facts),
        },
        State::Prepare(_) => Screen::Prepare,
        State::Capture(s) => Screen::Capture { guidance: guidance(s.guidance()) },
        State::Decide(_) => Screen::Decide,
        State::Discard(_) => Screen::Discard,
        State::Admit(s) => Screen::Admit {
            gate: match s.step() {
                Gate::Recording | Gate::Opening => GateStep::Opening,
                Gate::Open | Gate::Receipt => GateStep::Open,
            },
            receipt: facts.receipt,
        },
        State::Staff(s) => match s.desk() {
            Desk::Waiting => waiting(state, staff_reason(s.reason()), facts),
            Desk::SigningIn(last) => Screen::StaffSignIn {
                problem: last.and_then(|last| sign_in_problem(last, facts.locked_for)),
            },
            Desk::Reviewing { staff } => Screen::StaffReview {
                staff,
                technician: facts.technician,
                statistics: facts.statistics,
                serves: facts.serves,
                registered_name: facts.registered_name,
                has_photo: facts.serves && facts.has_photo,
                detail: staff_detail(s.reason()),
                may_admit: facts.serves && s.may_admit(),
                used_at: facts.used_at,
                used_by: facts.used_by,
                denial_reasons: if facts.serves { DENIAL_REASONS.to_vec() } else { Vec::new() },
                guardian: facts.guardian,
                troubles: facts.troubles,
                requests: facts.requests,
                not_accepted: facts.not_accepted,
                kiosks: facts.kiosks,
            },
        },
        State::Denied(s) => Screen::Denied {
            reason: s.reason().into(),
            contact: facts.contact,
            rights: facts.offers_rights,
            receipt: facts.receipt,
        },
        State::Rights(_) => match facts.rights {
            Some(page) => Screen::Rights { page, receipt: facts.receipt },
            None => waiting(state, StaffReason::KioskProblem, facts),
        },
        State::Farewell(_) => Screen::Farewell { receipt: facts.receipt },
        State::Fault(s) => {
            Screen::Fault { code: fault(s.code()), incident: facts.incident.to_owned() }
        }
    }
}

fn waiting(state: &State, reason: StaffReason, facts: Facts<'_>) -> Screen {
    Screen::Staff {
        reason,
        explanation: explanation(state),
        contact: facts.contact,
        rights: facts.offers_rights,
        receipt: facts.receipt,
    }
}

/// How the check went that led to this state (C38).
pub(crate) fn explanation(state: &State) -> Explanation {
    match state {
        // Whoever calls after the gate has opened.
        State::Staff(s) if s.admitted() => Explanation::Admitted,
        State::Staff(s) => match staff_reason(s.reason()) {
            StaffReason::YourChoice | StaffReason::Question => Explanation::NotCompared,
            StaffReason::NoResult => Explanation::NoResult,
            StaffReason::PhotoUnusable => Explanation::PhotoUnusable,
            StaffReason::CameraUnavailable => Explanation::CameraUnavailable,
            StaffReason::FaceLaneClosed => Explanation::FaceLaneClosed,
            StaffReason::BadgeProblem => Explanation::Badge,
            StaffReason::KioskProblem => Explanation::KioskProblem,
        },
        State::Identify(_) => Explanation::Badge,
        State::Denied(_) => Explanation::Person,
        _ => Explanation::NotCompared,
    }
}

fn policy(facts: Facts<'_>) -> Screen {
    match facts.page {
        Some(page) => page,
        // Without a roster there is no policy, and the kiosk says that it is out of service.
        None => Screen::Fault { code: FaultCode::NoRoster, incident: facts.incident.to_owned() },
    }
}

fn code_problem(problem: checkin::CodeProblem) -> CodeProblem {
    match problem {
        checkin::CodeProblem::Unknown => CodeProblem::Unknown,
        checkin::CodeProblem::Malformed => CodeProblem::Malformed,
        checkin::CodeProblem::AlreadyUsed => CodeProblem::AlreadyUsed,
        checkin::CodeProblem::Expired => CodeProblem::Expired,
        checkin::CodeProblem::NotYetValid => CodeProblem::NotYetValid,
        checkin::CodeProblem::Blocked => CodeProblem::Blocked,
        checkin::CodeProblem::Unpaid => CodeProblem::Unpaid,
        checkin::CodeProblem::Unapproved => CodeProblem::Unapproved,
        checkin::CodeProblem::WrongProduct => CodeProblem::WrongProduct,
        checkin::CodeProblem::Revoked => CodeProblem::Revoked,
    }
}

fn guidance(guidance: checkin::Guidance) -> Guidance {
    match guidance {
        checkin::Guidance::LookHere => Guidance::LookHere,
        checkin::Guidance::OnePerson => Guidance::OnePerson,
        checkin::Guidance::ComeCloser => Guidance::ComeCloser,
        checkin::Guidance::MoveBack => Guidance::MoveBack,
        checkin::Guidance::CentreFace => Guidance::CentreFace,
        checkin::Guidance::MoreLight => Guidance::MoreLight,
        checkin::Guidance::LessLight => Guidance::LessLight,
        checkin::Guidance::FaceLight => Guidance::FaceLight,
        checkin::Guidance::HoldStill => Guidance::HoldStill,
        checkin::Guidance::FaceCamera => Guidance::FaceCamera,
        checkin::Guidance::OpenEyes => Guidance::OpenEyes,
        checkin::Guidance::Uncover => Guidance::Uncover,
        checkin::Guidance::TurnLeft => Guidance::TurnLeft,
        checkin::Guidance::TurnRight => Guidance::TurnRight,
        checkin::Guidance::Nod => Guidance::Nod,
        checkin::Guidance::Blink => Guidance::Blink,
        checkin::Guidance::Comparing => Guidance::Comparing,
    }
}

/// What the visitor is told. A non-match and a suspected attack read the same.
pub(crate) fn staff_reason(reason: checkin::StaffReason) -> StaffReason {
    use checkin::StaffReason as R;
    match reason {
        R::OtherWay | R::Called => StaffReason::YourChoice,
        R::NonMatch | R::PoorSamples | R::SuspectedAttack => StaffReason::NoResult,
        R::Reference => StaffReason::PhotoUnusable,
        R::CameraUnavailable | R::CameraLost => StaffReason::CameraUnavailable,
        R::FaceLaneClosed | R::UnderAge => StaffReason::FaceLaneClosed,
        R::Code(_) | R::Rules | R::Unpaid | R::Ambiguous | R::NotInRoster => {
            StaffReason::BadgeProblem
        }
        R::Question => StaffReason::Question,
        R::WorkerFailed | R::TimedOut | R::GateFailed | R::RecordFailed | R::AfterFault => {
            StaffReason::KioskProblem
        }
    }
}

/// What the signed-in member of staff sees.
pub(crate) fn staff_detail(reason: checkin::StaffReason) -> StaffDetail {
    use checkin::{CodeProblem as P, StaffReason as R};
    match reason {
        R::OtherWay => StaffDetail::OtherWay,
        R::Called => StaffDetail::AskedForStaff,
        R::NonMatch => StaffDetail::NonMatch,
        R::PoorSamples => StaffDetail::PoorSamples,
        R::SuspectedAttack => StaffDetail::SuspectedAttack,
        R::Reference => StaffDetail::ReferenceUnusable,
        R::CameraUnavailable => StaffDetail::CameraUnavailable,
        R::CameraLost => StaffDetail::CameraLost,
        R::WorkerFailed => StaffDetail::WorkerFailed,
        R::FaceLaneClosed => StaffDetail::FaceLaneClosed,
        R::UnderAge => StaffDetail::UnderAge,
        R::TimedOut => StaffDetail::TimedOut,
        R::Code(P::Unknown) => StaffDetail::CodeUnknown,
        R::Code(P::Malformed) => StaffDetail::CodeMalformed,
        R::Code(P::AlreadyUsed) => StaffDetail::CodeAlreadyUsed,
        R::Code(P::Expired) => StaffDetail::CodeExpired,
        R::Code(P::NotYetValid) => StaffDetail::CodeNotYetValid,
        R::Code(P::Blocked) => StaffDetail::CodeBlocked,
        R::Code(P::Unpaid) => StaffDetail::CodeUnpaid,
        R::Code(P::Unapproved) => StaffDetail::CodeUnapproved,
        R::Code(P::WrongProduct) => StaffDetail::CodeWrongProduct,
        R::Code(P::Revoked) => StaffDetail::CodeRevoked,
        R::Rules => StaffDetail::Rules,
        R::Unpaid => StaffDetail::Unpaid,
        R::Question => StaffDetail::Question,
        R::Ambiguous => StaffDetail::Ambiguous,
        R::NotInRoster => StaffDetail::NotInRoster,
        R::GateFailed => StaffDetail::GateFailed,
        R::RecordFailed => StaffDetail::RecordFailed,
        R::AfterFault => StaffDetail::AfterFault,
    }
}

fn sign_in_problem(sign_in: SignIn, locked_for: Option<u32>) -> Option<SignInProblem> {
    match sign_in {
        SignIn::Accepted { .. } => None,
        SignIn::Refused { left } => Some(SignInProblem::Wrong { left }),
        SignIn::Locked { .. } => locked_for.map(|seconds| SignInProblem::Locked { seconds }),
        SignIn::Failed => Some(SignInProblem::Unavailable),
    }
}

fn fault(code: checkin::FaultCode) -> FaultCode {
    match code {
        checkin::FaultCode::Store => FaultCode::Store,
        checkin::FaultCode::NoRoster => FaultCode::NoRoster,
        checkin::FaultCode::Internal => FaultCode::Internal,
        checkin::FaultCode::Revoked => FaultCode::Revoked,
    }
}

impl From<checkin::DenialReason> for DenialReason {
    fn from(reason: checkin::DenialReason) -> Self {
        match reason {
            checkin::DenialReason::NotTheHolder => Self::NotTheHolder,
            checkin::DenialReason::BadgeNotValid => Self::BadgeNotValid,
            checkin::DenialReason::IdentityNotShown => Self::IdentityNotShown,
            checkin::DenialReason::HouseRules => Self::HouseRules,
        }
    }
}

impl From<DenialReason> for checkin::DenialReason {
    fn from(reason: DenialReason) -> Self {
        match reason {
            DenialReason::NotTheHolder => Self::NotTheHolder,
            DenialReason::BadgeNotValid => Self::BadgeNotValid,
            DenialReason::IdentityNotShown => Self::IdentityNotShown,
            DenialReason::HouseRules => Self::HouseRules,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c38_the_visitor_is_told_the_same_of_a_non_match_and_a_suspected_attack() {
        assert_eq!(
            staff_reason(checkin::StaffReason::SuspectedAttack),
            staff_reason(checkin::StaffReason::NonMatch)
        );
        assert_ne!(
            staff_detail(checkin::StaffReason::SuspectedAttack),
            staff_detail(checkin::StaffReason::NonMatch)
        );
    }

    #[test]
    fn c38_the_explanation_says_what_happened_in_this_visit() {
        use checkin::{
            Event, FaceLane, Limits, Lookup, Moment, Recording, SignIn, Visit, VisitNonce,
        };
        let explained = |events: Vec<Event>| {
            let begin = [Event::Started { nonce: VisitNonce([1; 16]) }, Event::CodeSubmitted];
            let mut visit = Visit::new(Limits::default(), Moment(0));
            for event in begin.into_iter().chain(events) {
                visit = visit.on(event, Moment(1)).0;
            }
            explanation(visit.state())
        };
        let found = |lane| Event::CodeLookedUp(Lookup::Admissible(lane));
        let refused = Event::CodeLookedUp(Lookup::Refused(checkin::CodeProblem::AlreadyUsed));
        let closed = FaceLane::Closed(checkin::ClosedReason::Earlier);
        let signed_in = Event::SignInChecked(SignIn::Accepted { staff: 5 });
        let admitted = vec![
            found(FaceLane::Open),
            Event::OtherWayChosen,
            Event::StaffCalled,
            signed_in,
            Event::StaffAdmitted,
            Event::CheckinRecorded(Recording::Recorded),
            Event::GateAnswered(true),
            Event::StaffCalled,
        ];
        for (events, expected) in [
            (vec![found(FaceLane::Open)], Explanation::NotCompared),
            (vec![found(FaceLane::Open), Event::OtherWayChosen], Explanation::NotCompared),
            (vec![found(closed)], Explanation::NoResult),
            (vec![refused], Explanation::Badge),
            (admitted, Explanation::Admitted),
        ] {
            assert_eq!(explained(events), expected);
        }
    }

    #[test]
    fn c28_no_screen_of_the_visitor_shows_a_name() {
        let facts = Facts {
            operator: "operator",
            sign: "sign".into(),
            face_lane_open: true,
            codes_by_camera: false,
            pad: true,
            contact: String::new(),
            rights: None,
            offers_rights: false,
            requests: None,
            not_accepted: None,
            technician: false,
            statistics: false,
            serves: true,
            locked_for: None,
            notice: None,
            transfer: None,
            question: None,
            page: None,
            guardian: None,
            used_at: Some("09:12".into()),
            used_by: None,
            kiosks: None,
            registered_name: Some("A Name".into()),
            has_photo: true,
            troubles: Vec::new(),
            receipt: None,
            incident: "000001",
        };
        assert!(!format!("{:?}", screen(&State::Attract, facts)).contains("A Name"));
    }
}
