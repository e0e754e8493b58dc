//! Commands of the screens, one file per role. A command forwards a request, nothing else.

pub(crate) mod staff;
pub(crate) mod technician;
pub(crate) mod visitor;

use std::sync::Once;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use crate::preview::PreviewSlot;
use crate::request::Request;
use crate::view::{UiError, UiErrorCode};
use crate::window;

/// The screens' way to the controller.
pub(crate) struct Desk {
    requests: mpsc::Sender<Request>,
    preview: PreviewSlot,
    started: Instant,
    painted: Once,
}

impl Desk {
    pub(crate) fn new(
        requests: mpsc::Sender<Request>,
        preview: PreviewSlot,
        started: Instant,
    ) -> Self {
        Self { requests, preview, started, painted: Once::new() }
    }

    async fn send(&self, request: Request) -> Result<(), UiError> {
        if let Some(name) = request.name() {
            window::asked(name, self.started.elapsed());
        }
        self.requests.send(request).await.map_err(|_| error(UiErrorCode::Stopped))
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<T>) -> Request,
    ) -> Result<T, UiError> {
        let (reply, answer) = oneshot::channel();
        self.send(request(reply)).await?;
        // Whoever may not ask gets no answer.
        answer.await.map_err(|_| error(UiErrorCode::NotNow))
    }
}

fn error(code: UiErrorCode) -> UiError {
    let incident_id = crate::incident::number();
    tracing::warn!(incident = %incident_id, ?code, "a command was refused");
    UiError { code, incident_id }
}
