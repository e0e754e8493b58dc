//! Commands of the visitor's screens.

use seal::BadgeCode;
use tauri::ipc::Response;
use tauri::{State, WebviewWindow};

use super::Desk;
use crate::policy::Page;
use crate::request::Request;
use crate::view::{AgeAnswer, Language, RequestKind, UiError, View};
use crate::window::Windows;

/// The present view.
#[tauri::command]
pub(crate) async fn current_view(desk: State<'_, Desk>) -> Result<View, UiError> {
    desk.ask(Request::CurrentView).await
}

/// A visitor touched the screen, or wants to try another code.
#[tauri::command]
pub(crate) async fn start(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::Start).await
}

/// A badge code was scanned or typed.
#[tauri::command]
pub(crate) async fn submit_code(desk: State<'_, Desk>, code: String) -> Result<(), UiError> {
    desk.send(Request::SubmitCode(BadgeCode::new(code))).await
}

/// Opens the policy in full at a version, 0 for the one in force, or turns to it. `changes`: with
/// what changed since the version before it.
#[tauri::command]
pub(crate) async fn read_policy(
    desk: State<'_, Desk>,
    version: usize,
    changes: bool,
) -> Result<(), UiError> {
    desk.send(Request::ReadPolicy(Page::Version { version, changes })).await
}

/// Opens the list of what the kiosk is made of.
#[tauri::command]
pub(crate) async fn read_inventory(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::ReadPolicy(Page::Inventory)).await
}

/// The visitor chooses the answer at this place, or no longer.
#[tauri::command]
pub(crate) async fn choose(desk: State<'_, Desk>, option: usize) -> Result<(), UiError> {
    desk.send(Request::Choose(option)).await
}

/// The visitor has answered the question, or leaves it out.
#[tauri::command]
pub(crate) async fn answer(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::Answer).await
}

/// The visitor says on which side of 14 they are.
#[tauri::command]
pub(crate) async fn age(desk: State<'_, Desk>, answer: AgeAnswer) -> Result<(), UiError> {
    desk.send(Request::Age(answer)).await
}

/// The visitor turns the switch for a transfer abroad.
#[tauri::command]
pub(crate) async fn set_transfer(desk: State<'_, Desk>, on: bool) -> Result<(), UiError> {
    desk.send(Request::SetTransfer(on)).await
}

/// The visitor agrees to the comparison.
#[tauri::command]
pub(crate) async fn consent(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::Consent).await
}

/// The visitor chooses the other way.
#[tauri::command]
pub(crate) async fn other_way(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::OtherWay).await
}

/// The visitor stops.
#[tauri::command]
pub(crate) async fn stop(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::Stop).await
}

/// The visitor asks for staff.
#[tauri::command]
pub(crate) async fn call_staff(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::CallStaff).await
}

/// The visitor wants to see what is held on them, and what they may ask for.
#[tauri::command]
pub(crate) async fn open_rights(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::OpenRights).await
}

/// The visitor asks for this under their rights.
#[tauri::command]
pub(crate) async fn file_request(desk: State<'_, Desk>, kind: RequestKind) -> Result<(), UiError> {
    desk.send(Request::AskFor(kind)).await
}

/// The visitor wants a receipt.
#[tauri::command]
pub(crate) async fn receipt(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::Receipt).await
}

/// The visitor has read enough.
#[tauri::command]
pub(crate) async fn done(desk: State<'_, Desk>) -> Result<(), UiError> {
    desk.send(Request::Done).await
}

/// The visitor changes the language.
#[tauri::command]
pub(crate) async fn set_language(desk: State<'_, Desk>, language: Language) -> Result<(), UiError> {
    desk.send(Request::SetLanguage(language)).await
}

/// The first frame of a window was painted. The log line on the first window's is what the bench
/// reads.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "tauri hands the state over by value")]
pub(crate) fn painted(desk: State<'_, Desk>) {
    desk.painted.call_once(|| {
        let attract_painted_ms = desk.started.elapsed().as_millis();
        tracing::info!(attract_painted_ms, "screens painted");
    });
}

/// The window shows the view of this revision. It says so for each view and once a second: one
/// that falls silent is replaced.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "tauri hands window and state over by value")]
pub(crate) fn shown(window: WebviewWindow, windows: State<'_, Windows>, revision: u32) {
    windows.answered(&window, revision);
}

/// The next preview frame after number `after`: see [`crate::preview::PreviewSlot::next_after`].
#[tauri::command]
pub(crate) async fn next_frame(desk: State<'_, Desk>, after: u64) -> Result<Response, UiError> {
    Ok(Response::new(desk.preview.next_after(after).await))
}
