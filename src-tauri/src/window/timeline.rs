//! What was shown and asked for, and when, for whoever watches the kiosk at work: lines of the log
//! (`POSTERN_LOG=timeline=debug`), each one JSON object. No personal data.

use std::time::Duration;

use serde::Serialize;

use crate::view::{GateStep, Screen};

/// One moment.
#[derive(Serialize)]
struct Entry<'a> {
    kind: &'static str,
    name: &'a str,
    detail: &'a str,
    /// Milliseconds since the process began.
    at: f64,
}

fn note(entry: &Entry<'_>) {
    if let Ok(text) = serde_json::to_string(entry) {
        tracing::debug!(target: "timeline", "{text}");
    }
}

/// A screen is seen.
pub(super) fn shown(screen: &Shown, at: Duration) {
    let at = at.as_secs_f64() * 1000.0;
    note(&Entry { kind: "screen", name: &screen.name, detail: &screen.detail, at });
}

/// A screen asked for something; `name` is the command's.
pub(crate) fn asked(name: &str, at: Duration) {
    let at = at.as_secs_f64() * 1000.0;
    note(&Entry { kind: "request", name, detail: "", at });
}

/// What the timeline says of a view.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) revision: u32,
    /// The screen's name on the wire.
    name: String,
    /// The problem of a badge code; `open` when the gate has opened; or empty.
    detail: String,
}

impl Shown {
    pub(super) fn new(revision: u32, screen: &Screen) -> Self {
        let detail = match screen {
            Screen::CodeProblem { problem, .. } => wire(problem, None),
            Screen::Admit { gate: GateStep::Open, .. } => "open".to_owned(),
            _ => String::new(),
        };
        Self { revision, name: wire(screen, Some("name")), detail }
    }
}

/// The text that something is on the wire, or in one field there.
fn wire(value: &impl Serialize, field: Option<&str>) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    let text = field.map_or(Some(&value), |field| value.get(field)).and_then(|text| text.as_str());
    text.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::CodeProblem;

    #[test]
    fn a_view_is_noted_by_the_names_on_the_wire() {
        let problem = Screen::CodeProblem {
            problem: CodeProblem::AlreadyUsed,
            used_at: Some("09:12".to_owned()),
            rights: true,
        };
        for (screen, name, detail) in [
            (Screen::Discard, "discard", ""),
            (problem, "code_problem", "already_used"),
            (Screen::Admit { gate: GateStep::Opening, receipt: None }, "admit", ""),
            (Screen::Admit { gate: GateStep::Open, receipt: None }, "admit", "open"),
        ] {
            let shown = Shown::new(3, &screen);
            assert_eq!((shown.name.as_str(), shown.detail.as_str()), (name, detail));
        }
    }
}
