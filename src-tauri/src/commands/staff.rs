//! Commands of the staff's screens. The controller carries them out only for a member of
//! staff who is signed in.

use store::Pin;
use tauri::State;
use tauri::ipc::Response;

use super::{Desk, error};
use crate::request::Request;
use crate::view::{DenialReason, UiError, UiErrorCode};

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

/// The registered photo, JPEG or PNG; empty when there is none.
#[tauri::command]
pub(crate) async fn staff_photo(desk: State<'_, Desk>) -> Result<Response, UiError> {
    let photo = desk.ask(Request::StaffPhoto).await?;
    Ok(Response::new(photo.map(|p| p.to_vec()).unwrap_or_default()))
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

/// Signs out, or leaves the sign-in.
#[tauri::command]
pub(crate) async fn staff_sign_out(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::StaffSignOut).await
}

/// Refuses what only a signed-in member of staff may see.
pub(super) fn for_staff<T>(answer: Option<T>) -> Result<T, UiError> {
    answer.ok_or_else(|| error(UiErrorCode::NotNow))
}
