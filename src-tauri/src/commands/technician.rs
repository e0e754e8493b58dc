//! Commands of the technician's panels.

use tauri::State;
use zeroize::Zeroizing;

use super::Desk;
use crate::platform_desk::PlatformAct;
use crate::request::Request;
use crate::view::{KiosksPage, PlatformPage, StatisticsPage, TechnicianStatus, UiError};

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

/// The kiosk's account at the registration platform.
#[tauri::command]
pub(crate) async fn platform(desk: State<'_, Desk>) -> Result<PlatformPage, UiError> {
    ask(&desk, PlatformAct::Look).await
}

/// Connects the kiosk by the text of a QR code, or by a token and the server's address.
#[tauri::command]
pub(crate) async fn platform_connect(
    desk: State<'_, Desk>,
    text: String,
    address: Option<String>,
) -> Result<PlatformPage, UiError> {
    let text = Zeroizing::new(text);
    ask(&desk, PlatformAct::Connect { text, address }).await
}

/// The check-in lists that can be chosen.
#[tauri::command]
pub(crate) async fn platform_lists(desk: State<'_, Desk>) -> Result<PlatformPage, UiError> {
    ask(&desk, PlatformAct::Lists).await
}

/// Chooses a check-in list.
#[tauri::command]
pub(crate) async fn platform_choose(
    desk: State<'_, Desk>,
    event: String,
    list: u64,
) -> Result<PlatformPage, UiError> {
    ask(&desk, PlatformAct::Choose { event, list }).await
}

/// Asks for a new key.
#[tauri::command]
pub(crate) async fn platform_roll(desk: State<'_, Desk>) -> Result<PlatformPage, UiError> {
    ask(&desk, PlatformAct::Roll).await
}

/// Deletes the account, here and there.
#[tauri::command]
pub(crate) async fn platform_disconnect(desk: State<'_, Desk>) -> Result<PlatformPage, UiError> {
    ask(&desk, PlatformAct::Disconnect).await
}

async fn ask(desk: &Desk, act: PlatformAct) -> Result<PlatformPage, UiError> {
    desk.ask(|reply| Request::Platform { act, reply }).await
}
