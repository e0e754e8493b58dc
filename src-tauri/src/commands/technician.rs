//! Commands of the technician's panels.

use tauri::State;

use super::Desk;
use crate::request::Request;
use crate::view::{KiosksPage, StatisticsPage, TechnicianStatus, UiError};

/// The kiosk's state. No personal data.
#[tauri::command]
pub(crate) async fn technician_status(desk: State<'_, Desk>) -> Result<TechnicianStatus, UiError> {
    desk.ask(Request::TechnicianStatus).await
}

/// The statistics of the day at this place, 0 for the newest.
#[tauri::command]
pub(crate) async fn statistics(
    desk: State<'_, Desk>,
    day: usize,
) -> Result<StatisticsPage, UiError> {
    desk.ask(|reply| Request::Statistics { day, reply }).await
}

/// The kiosks of the venue. No personal data.
#[tauri::command]
pub(crate) async fn kiosks(desk: State<'_, Desk>) -> Result<KiosksPage, UiError> {
    desk.ask(Request::Kiosks).await
}
