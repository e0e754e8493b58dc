//! Commands of the technician's screen.

use tauri::State;

use super::Desk;
use crate::request::Request;
use crate::view::{TechnicianStatus, UiError};

/// The kiosk's state. No personal data.
#[tauri::command]
pub(crate) async fn technician_status(desk: State<'_, Desk>) -> Result<TechnicianStatus, UiError> {
    desk.ask(Request::TechnicianStatus).await
}
