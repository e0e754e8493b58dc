//! How long the parts of a visit took.

use crate::timeline::{Entry, Kind, Timeline};

/// Spans of a visit that its table shows, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spans {
    /// From the scanner's Enter to the notice.
    pub code_to_consent: Option<f64>,
    /// From "use my face" to the open camera.
    pub consent_to_camera: Option<f64>,
    /// From the open camera to its end: enough frames.
    pub capture_to_decision: Option<f64>,
    /// From the outcome to the proof that the worker has ended.
    pub decision_to_discarded: Option<f64>,
    /// From the admission to the gate's answer.
    pub gate: Option<f64>,
}

impl Spans {
    /// Measures them in a visit's timeline.
    pub fn of(visit: &Timeline) -> Spans {
        let screen = |name: &'static str| move |entry: &Entry| entry.is_screen(name);
        let asked = |name: &'static str| move |entry: &Entry| entry.is_request(name);
        let closed = |entry: &Entry| {
            entry.kind == Kind::Screen && !matches!(entry.name.as_str(), "capture" | "prepare")
        };
        let after_discard = |entry: &Entry| {
            entry.kind == Kind::Screen && matches!(entry.name.as_str(), "admit" | "staff")
        };
        let opened = visit.entries().iter().position(screen("capture"));
        Spans {
            code_to_consent: visit.between(asked("submit_code"), screen("consent")),
            consent_to_camera: visit.between(asked("consent"), screen("capture")),
            capture_to_decision: opened
                .and_then(|from| visit.since(from).first_span(screen("capture"), closed)),
            decision_to_discarded: visit.between(screen("discard"), after_discard),
            gate: visit.first_span(screen("admit"), |entry| {
                entry.is_screen("admit") && entry.detail == "open"
            }),
        }
    }

    /// The spans with their names, in the order of the visit.
    pub fn named(self) -> [(&'static str, Option<f64>); 5] {
        [
            ("code → consent", self.code_to_consent),
            ("consent → camera", self.consent_to_camera),
            ("capture → decision", self.capture_to_decision),
            ("decision → discarded", self.decision_to_discarded),
            ("admit → gate open", self.gate),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_a_match_are_measured_between_the_right_moments() {
        let entry = |kind, name: &str, detail: &str, at| Entry {
            kind,
            name: name.to_owned(),
            detail: detail.to_owned(),
            at,
        };
        let visit = Timeline::new(vec![
            entry(Kind::Request, "submit_code", "", 10.0),
            entry(Kind::Screen, "identify", "", 11.0),
            entry(Kind::Screen, "consent", "", 40.0),
            entry(Kind::Request, "consent", "", 1000.0),
            entry(Kind::Screen, "prepare", "", 1002.0),
            entry(Kind::Screen, "capture", "", 1100.0),
            entry(Kind::Screen, "capture", "", 1200.0),
            entry(Kind::Screen, "decide", "", 1600.0),
            entry(Kind::Screen, "discard", "", 1700.0),
            entry(Kind::Screen, "admit", "", 1720.0),
            entry(Kind::Screen, "admit", "open", 1750.0),
        ]);
        assert_eq!(
            Spans::of(&visit),
            Spans {
                code_to_consent: Some(30.0),
                consent_to_camera: Some(100.0),
                capture_to_decision: Some(500.0),
                decision_to_discarded: Some(20.0),
                gate: Some(30.0),
            }
        );
        assert_eq!(Spans::of(&Timeline::default()), Spans::default());
    }
}
