//! The kiosk's window: what is shown in it, whether it still answers, and its end.
//!
//! What a window has drawn stays in its process, however well the page cleans up, so the process
//! ends ([`front`]). Another window takes its place; the visit goes on.

mod front;
mod timeline;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tauri::window::Color;
use tauri::{
    AppHandle, Emitter as _, LogicalPosition, LogicalSize, Manager as _, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder,
};
use tokio::sync::mpsc;

use self::front::{Act, Front, Limits};
use self::timeline::Shown;
use crate::view::{Receipt, Screen, View};

pub(crate) use self::timeline::asked;

/// What every window's label begins with; a number follows.
const LABEL: &str = "kiosk-";
/// The screens' background (`--paper`), so that a window that has drawn nothing yet looks the same.
const PAPER: Color = Color(0xf6, 0xf2, 0xea, 0xff);
/// A window takes longer to open than to answer.
const OPENING: u32 = 6;
/// How often the time is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Views whose answers may still come.
const VIEWS: usize = 16;

/// What the windows are told and tell.
enum News {
    /// A view was sent.
    View { shown: Shown, own: bool },
    /// A window shows the view of this revision.
    Answer { window: u32, revision: u32, at: Instant },
    /// The process of a window has ended.
    #[cfg(target_os = "linux")]
    Ended { window: u32 },
}

/// The way to the windows.
#[derive(Clone)]
pub(crate) struct Windows {
    app: AppHandle,
    news: mpsc::UnboundedSender<News>,
}

impl Windows {
    /// Opens the first window. `silence`: how long a window may say nothing. `started`: when the
    /// process began. Without a window the app ends.
    pub(crate) fn open(
        app: &AppHandle,
        fullscreen: bool,
        silence: Duration,
        started: Instant,
    ) -> tauri::Result<Self> {
        let (news, coming) = mpsc::unbounded_channel();
        let windows = Self { app: app.clone(), news };
        app.manage(windows.clone());
        let opener = Opener { windows: windows.clone(), fullscreen };
        opener.window(0, true)?;
        let limits = Limits { opening: silence * OPENING, answer: silence };
        tauri::async_runtime::spawn(watch(opener, coming, limits, started));
        Ok(windows)
    }

    /// Shows a view.
    pub(crate) fn show(&self, view: &View) {
        if let Err(error) = self.app.emit("view", view) {
            tracing::error!(%error, "a view did not reach the screen");
        }
        let shown = Shown::new(view.revision, &view.screen);
        self.tell(News::View { shown, own: is_own(&view.screen) });
    }

    /// A window says that it shows the view of this revision.
    pub(crate) fn answered(&self, window: &WebviewWindow, revision: u32) {
        let number = window.label().strip_prefix(LABEL).and_then(|number| number.parse().ok());
        if let Some(window) = number {
            self.tell(News::Answer { window, revision, at: Instant::now() });
        }
    }

    fn tell(&self, news: News) {
        // Without a listener the app is ending.
        self.news.send(news).ok();
    }
}

/// True for a screen with something of a visitor's or a member of staff's own, shown or typed.
fn is_own(screen: &Screen) -> bool {
    match screen {
        Screen::Identify { .. }
        | Screen::CodeProblem { .. }
        | Screen::Question { .. }
        | Screen::Consent { .. }
        | Screen::Prepare
        | Screen::Capture { .. }
        | Screen::Rights { .. }
        | Screen::StaffSignIn { .. }
        | Screen::StaffReview { .. } => true,
        Screen::Admit { receipt, .. }
        | Screen::Staff { receipt, .. }
        | Screen::Denied { receipt, .. }
        | Screen::Farewell { receipt } => matches!(receipt, Some(Receipt::Shown { .. })),
        // The policy is the same for everybody, and so is the question of age.
        Screen::Policy { .. }
        | Screen::Inventory { .. }
        | Screen::Age
        | Screen::Attract { .. }
        | Screen::Decide
        | Screen::Discard
        | Screen::Fault { .. } => false,
    }
}

/// Opens windows.
struct Opener {
    windows: Windows,
    fullscreen: bool,
}

impl Opener {
    /// Opens a window; one that is to take another's place is not seen yet, but as large.
    fn window(&self, number: u32, first: bool) -> tauri::Result<()> {
        // Nothing that the web process sees may reach the disk, hence incognito. WebKit's
        // automation does not reach an ephemeral context, so the tests go without.
        let automated = std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some();
        let app = &self.windows.app;
        let mut builder = WebviewWindowBuilder::new(app, label(number), WebviewUrl::default())
            .title("Postern")
            .inner_size(1280.0, 800.0)
            .fullscreen(self.fullscreen)
            .background_color(PAPER)
            .incognito(!automated)
            .visible(first)
            .on_navigation(|url| {
                url.scheme() == "tauri"
                    || url.host_str() == Some("tauri.localhost")
                    || tauri::is_dev()
            });
        // Of a window that is being closed nothing can be asked.
        if let Some((size, place)) = app.webview_windows().values().find_map(|w| bounds(w).ok()) {
            builder = builder.inner_size(size.width, size.height).position(place.x, place.y);
        }
        let window = builder.build()?;
        #[cfg(target_os = "linux")]
        self.tend(&window, number)?;
        #[cfg(not(target_os = "linux"))]
        drop(window);
        Ok(())
    }

    /// Switches off the engine's cache of processes, and hears of the end of this window's.
    #[cfg(target_os = "linux")]
    fn tend(&self, window: &WebviewWindow, number: u32) -> tauri::Result<()> {
        use webkit2gtk::{CacheModel, WebContextExt as _, WebViewExt as _};
        let windows = self.windows.clone();
        window.with_webview(move |webview| {
            let view = webview.inner();
            if let Some(context) = view.context() {
                context.set_cache_model(CacheModel::DocumentViewer);
            }
            view.connect_web_process_terminated(move |_, _| {
                windows.tell(News::Ended { window: number });
            });
        })
    }

    fn carry_out(&self, act: Act) -> tauri::Result<()> {
        let app = &self.windows.app;
        let find = |number| app.get_webview_window(&label(number));
        match act {
            Act::Open(number) => self.window(number, false),
            Act::Replace(number, old) => {
                if let Some(window) = find(number) {
                    window.show()?;
                    window.set_focus()?;
                }
                find(old).map_or(Ok(()), |window| window.destroy())
            }
            Act::Close(number) => find(number).map_or(Ok(()), |window| window.destroy()),
            Act::GiveUp => {
                tracing::error!("no window opens");
                app.exit(1);
                Ok(())
            }
        }
    }
}

/// Size and place of a window, inside and outside.
fn bounds(window: &WebviewWindow) -> tauri::Result<(LogicalSize<f64>, LogicalPosition<f64>)> {
    let scale = window.scale_factor()?;
    Ok((window.inner_size()?.to_logical(scale), window.outer_position()?.to_logical(scale)))
}

fn label(number: u32) -> String {
    format!("{LABEL}{number}")
}

/// Follows the windows until the app ends.
async fn watch(
    opener: Opener,
    mut news: mpsc::UnboundedReceiver<News>,
    limits: Limits,
    started: Instant,
) {
    let mut front = Front::new(limits, Instant::now());
    let mut views: VecDeque<Shown> = VecDeque::with_capacity(VIEWS);
    let mut seen = 0;
    let mut look = tokio::time::interval(LOOK);
    loop {
        let acts = tokio::select! {
            news = news.recv() => match news {
                None => return,
                Some(News::View { shown, own }) => {
                    let revision = shown.revision;
                    views.truncate(VIEWS - 1);
                    views.push_front(shown);
                    front.on_view(revision, own, Instant::now())
                }
                Some(News::Answer { window, revision, at }) => {
                    let acts = front.on_answer(window, revision, at);
                    if front.is_present(window) && revision > seen {
                        seen = revision;
                        if let Some(shown) = views.iter().find(|view| view.revision == revision) {
                            timeline::shown(shown, at.saturating_duration_since(started));
                        }
                    }
                    acts
                }
                #[cfg(target_os = "linux")]
                Some(News::Ended { window }) => {
                    tracing::warn!(window, "the process of a window has ended");
                    front.on_end(window, Instant::now())
                }
            },
            _ = look.tick() => front.on_time(Instant::now()),
        };
        for act in acts {
            tracing::info!(?act, "windows");
            if let Err(error) = opener.carry_out(act) {
                tracing::error!(%error, ?act, "a window did not do what it was to do");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Explanation, GateStep, StaffReason};

    #[test]
    fn a_shown_receipt_is_the_visitors_own_and_the_offer_is_not() {
        let shown = || Some(Receipt::Shown { rows: vec!["1".to_owned()] });
        for (receipt, own) in [(None, false), (Some(Receipt::Offered), false), (shown(), true)] {
            let admit = Screen::Admit { gate: GateStep::Open, receipt: receipt.clone() };
            let staff = Screen::Staff {
                reason: StaffReason::NoResult,
                explanation: Explanation::NoResult,
                contact: String::new(),
                rights: true,
                receipt,
            };
            assert_eq!((is_own(&admit), is_own(&staff)), (own, own));
        }
    }
}
