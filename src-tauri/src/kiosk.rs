//! The kiosk: window, controller, worker.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use biometrics::host::WorkerSpec;
use gate::LoggingGate;
use store::{Store, StoreError};
use tokio::sync::mpsc;

use crate::commands::{self, Desk};
use crate::config::{Config, Window};
use crate::controller::{Controller, Parts};
use crate::db::{Opened, Opener, Unopened};
use crate::preview::PreviewSlot;
use crate::view::View;
use crate::window::Windows;

/// Opens the window and serves visitors until the window closes.
pub(crate) fn run(config: Config, started: Instant) -> anyhow::Result<()> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    crate::heap::wipe().context("the program cannot start itself anew")?;
    // WebKit's processes inherit it: a crash leaves no picture of anybody on the disk.
    biometrics::forbid_core_dumps().context("core dumps cannot be switched off")?;
    let open = opener(&config);
    let worker = WorkerSpec {
        program: std::env::current_exe().context("the program's own file is not known")?,
        models_dir: config.models_dir.clone(),
        threshold_model: config.face_limits().threshold_model,
        camera: config.camera.clone(),
    };
    let Window { fullscreen, silence_max } = config.window;
    let silence = Duration::from_secs(silence_max);
    let preview = PreviewSlot::default();
    let (requests, inbox) = mpsc::channel(32);
    let desk = Desk::new(requests, preview.clone(), started);
    let parts = Parts { config, open, worker, gate: Box::new(LoggingGate::default()) };
    tauri::Builder::default()
        .manage(desk)
        .invoke_handler(tauri::generate_handler![
            commands::visitor::current_view,
            commands::visitor::start,
            commands::visitor::submit_code,
            commands::visitor::read_policy,
            commands::visitor::read_inventory,
            commands::visitor::choose,
            commands::visitor::answer,
            commands::visitor::age,
            commands::visitor::set_transfer,
            commands::visitor::consent,
            commands::visitor::other_way,
            commands::visitor::stop,
            commands::visitor::call_staff,
            commands::visitor::open_rights,
            commands::visitor::file_request,
            commands::visitor::receipt,
            commands::visitor::done,
            commands::visitor::set_language,
            commands::visitor::painted,
            commands::visitor::shown,
            commands::visitor::next_frame,
            commands::staff::staff_open,
            commands::staff::staff_sign_in,
            commands::staff::staff_photo,
            commands::staff::staff_admit,
            commands::staff::staff_deny,
            commands::staff::staff_end_visit,
            commands::staff::staff_guardian,
            commands::staff::staff_revoke_guardian,
            commands::staff::staff_sign_out,
            commands::staff::staff_incidents,
            commands::staff::staff_incident_draft,
            commands::staff::staff_record_incident,
            commands::technician::technician_status,
            commands::technician::statistics,
            commands::technician::kiosks,
            commands::technician::platform,
            commands::technician::platform_connect,
            commands::technician::platform_lists,
            commands::technician::platform_choose,
            commands::technician::platform_roll,
            commands::technician::platform_disconnect,
        ])
        .setup(move |app| {
            let windows = Windows::open(app.handle(), fullscreen, silence, started)?;
            let show = Box::new(move |view: &View| windows.show(view));
            let handle = app.handle().clone();
            let controller = tauri::async_runtime::spawn(async move {
                Controller::run(parts, preview, inbox, show).await;
            });
            tauri::async_runtime::spawn(async move {
                // However it ended: without a controller the window has no use, and what it
                // shows last may be somebody's.
                controller.await.ok();
                handle.exit(1);
            });
            Ok(())
        })
        .run(tauri::generate_context!())
        .context("the window could not be opened")
}

fn opener(config: &Config) -> Opener {
    let config = config.clone();
    Arc::new(move || {
        let opened =
            open_database(&config).and_then(|store| Ok(Box::new(Opened::new(store, &config)?)));
        opened.map_err(|error| Unopened {
            trouble: error.downcast_ref::<StoreError>().and_then(StoreError::trouble),
            reason: format!("{error:#}"),
        })
    })
}

/// Opens the kiosk's database, or makes it with its key when there is neither.
pub(crate) fn open_database(config: &Config) -> anyhow::Result<Store> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("cannot create {}", config.data_dir.display()))?;
    Store::open_folder(&config.data_dir)
        .with_context(|| format!("database in {}", config.data_dir.display()))
}
