//! Commands of the staff's screens. The controller carries them out only for a member of
//! staff who is signed in and may.

use biometrics::Picture;
use store::Pin;
use tauri::State;
use tauri::ipc::Response;

use super::Desk;
use crate::preview::canvas;
use crate::request::Request;
use crate::view::{
    DenialReason, GuardianProof, IncidentDraft, IncidentRule, IncidentsPage, UiError,
};

/// Opens the sign-in.
#[tauri::command]
pub(crate) async fn staff_open(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::StaffOpen).await
}

/// Signs in.
#[tauri::command]
pub(crate) async fn staff_sign_in(
    desk: State<'_, Desk>,
    number: u32,
    pin: String,
) -> Result<(), UiError> {
    desk.send(Request::StaffSignIn { number, pin: Pin::new(pin) }).await
}

/// The registered photo as a canvas takes it ([`canvas`]); empty when there is none, or one that
/// cannot be read.
#[tauri::command]
pub(crate) async fn staff_photo(desk: State<'_, Desk>) -> Result<Response, UiError> {
    let photo = desk.ask(Request::StaffPhoto).await?;
    let picture = photo.and_then(|photo| Picture::of_photo(&photo).ok());
    Ok(Response::new(picture.map(|picture| canvas(&[], &picture)).unwrap_or_default()))
}

/// Admits the visitor.
#[tauri::command]
pub(crate) async fn staff_admit(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::StaffAdmit).await
}

/// Refuses entry, with a reason.
#[tauri::command]
pub(crate) async fn staff_deny(desk: State<'_, Desk>, reason: DenialReason) -> Result<(), UiError> {
    desk.send(Request::StaffDeny(reason)).await
}

/// Ends the visit without admitting or denying.
#[tauri::command]
pub(crate) async fn staff_end_visit(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::StaffEndVisit).await
}

/// Records that a guardian agreed, and what was looked at to know the guardian.
#[tauri::command]
pub(crate) async fn staff_guardian(
    desk: State<'_, Desk>,
    proof: GuardianProof,
) -> Result<(), UiError> {
    desk.send(Request::StaffGuardian(proof)).await
}

/// Deletes a guardian's consent at the guardian's word.
#[tauri::command]
pub(crate) async fn staff_revoke_guardian(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::StaffRevokeGuardian).await
}

/// Signs out, or leaves the sign-in.
#[tauri::command]
pub(crate) async fn staff_sign_out(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::StaffSignOut).await
}

/// The incidents that are not closed, and what one can be recorded from.
#[tauri::command]
pub(crate) async fn staff_incidents(desk: State<'_, Desk>) -> Result<IncidentsPage, UiError> {
    desk.ask(Request::StaffIncidents).await
}

/// What follows from an incident as it is put together.
#[tauri::command]
pub(crate) async fn staff_incident_draft(
    desk: State<'_, Desk>,
    draft: IncidentDraft,
) -> Result<IncidentRule, UiError> {
    desk.ask(|reply| Request::StaffIncidentDraft { draft, reply }).await
}

/// Records an incident; answers with those that are not closed.
#[tauri::command]
pub(crate) async fn staff_record_incident(
    desk: State<'_, Desk>,
    draft: IncidentDraft,
) -> Result<IncidentsPage, UiError> {
    desk.ask(|reply| Request::StaffRecordIncident { draft, reply }).await
}
