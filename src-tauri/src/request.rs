//! What a screen may ask of the controller.

use seal::BadgeCode;
use store::Pin;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::view::{DenialReason, Language, TechnicianStatus, View};

/// One request. No logic: the controller turns it into events of the visit.
pub(crate) enum Request {
    /// The present view.
    CurrentView(oneshot::Sender<View>),
    /// A visitor touched the screen, or tries another code.
    Start,
    /// A code was scanned or typed.
    SubmitCode(BadgeCode),
    /// The visitor agrees to the comparison.
    Consent,
    /// The visitor chooses the other way.
    OtherWay,
    /// The visitor stops.
    Stop,
    /// The visitor asks for staff.
    CallStaff,
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
    /// The member of staff signs out, or leaves the sign-in.
    StaffSignOut,
    /// The kiosk's state, for a signed-in member of staff.
    TechnicianStatus(oneshot::Sender<Option<TechnicianStatus>>),
}
