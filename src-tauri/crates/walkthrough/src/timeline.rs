//! What the window showed and was asked for, and when: what the kiosk's log says of it
//! (`timeline=debug`).
//!
//! Asking the window itself costs a `WebDriver` round trip, misses short screens, and finds nobody
//! while one window takes another's place.

use serde::Deserialize;

/// The word in a line of the log before an entry.
const MARK: &str = "timeline: ";

/// What an entry notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The window shows a view.
    Screen,
    /// The window asked for something: a button was pressed, a code was scanned.
    Request,
}

/// One moment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Entry {
    /// What was noted.
    pub kind: Kind,
    /// The screen, or the command.
    pub name: String,
    /// The problem of a badge code; `open` when the gate has opened; or empty.
    pub detail: String,
    /// Milliseconds since the kiosk began.
    pub at: f64,
}

impl Entry {
    /// True for the first view of the screen `name`.
    pub fn is_screen(&self, name: &str) -> bool {
        self.kind == Kind::Screen && self.name == name
    }

    /// True for the command `name`.
    pub fn is_request(&self, name: &str) -> bool {
        self.kind == Kind::Request && self.name == name
    }
}

/// Entries in the order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    entries: Vec<Entry>,
}

impl Timeline {
    /// From entries in the order of time.
    pub fn new(entries: Vec<Entry>) -> Timeline {
        Timeline { entries }
    }

    /// The entries in a log; other lines, and one that is not whole yet, are passed over.
    pub fn in_log(log: &str) -> Timeline {
        let entries = log.lines().filter_map(|line| {
            let (_, text) = line.split_once(MARK)?;
            serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
        });
        Timeline::new(entries.collect())
    }

    /// What is on the screen now.
    pub fn last_screen(&self) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.kind == Kind::Screen)
    }

    /// All entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries from number `start` on: what happened since an earlier reading of that length.
    #[must_use]
    pub fn since(&self, start: usize) -> Timeline {
        Timeline::new(self.entries.iter().skip(start).cloned().collect())
    }

    /// The screens in the order in which they were shown; a new view of the same screen is not
    /// counted again.
    pub fn screens(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .entries
            .iter()
            .filter(|entry| entry.kind == Kind::Screen)
            .map(|entry| entry.name.as_str())
            .collect();
        names.dedup();
        names
    }

    /// Milliseconds from the first entry that satisfies `from` to the next that satisfies `to`.
    pub fn first_span(
        &self,
        from: impl Fn(&Entry) -> bool,
        to: impl Fn(&Entry) -> bool,
    ) -> Option<f64> {
        let start = self.entries.iter().position(from)?;
        let end = self.entries[start..].iter().find(|entry| to(entry))?;
        Some(end.at - self.entries[start].at)
    }

    /// Milliseconds from the last entry before `to` that satisfies `from`, to the first entry
    /// that satisfies `to`. `None` when either is missing.
    pub fn between(
        &self,
        from: impl Fn(&Entry) -> bool,
        to: impl Fn(&Entry) -> bool,
    ) -> Option<f64> {
        let first = self.entries.iter().position(&from)?;
        let end = first + self.entries[first..].iter().position(&to)?;
        let start = self.entries[..end].iter().rposition(&from)?;
        Some(self.entries[end].at - self.entries[start].at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: Kind, name: &str, at: f64) -> Entry {
        Entry { kind, name: name.to_owned(), detail: String::new(), at }
    }

    fn visit() -> Timeline {
        Timeline::new(vec![
            entry(Kind::Screen, "attract", 0.0),
            entry(Kind::Screen, "identify", 100.0),
            entry(Kind::Request, "submit_code", 150.0),
            entry(Kind::Screen, "identify", 151.0),
            entry(Kind::Screen, "consent", 180.0),
            entry(Kind::Request, "consent", 900.0),
            entry(Kind::Screen, "capture", 1000.0),
        ])
    }

    #[test]
    fn a_span_runs_from_the_last_cause_to_the_first_effect() {
        let visit = visit();
        let scanned = |entry: &Entry| entry.is_request("submit_code");
        assert_eq!(visit.between(scanned, |entry| entry.is_screen("consent")), Some(30.0));
        assert_eq!(
            visit.between(|entry| entry.is_request("consent"), |entry| entry.is_screen("capture")),
            Some(100.0)
        );
        assert_eq!(
            visit.between(|entry| entry.is_screen("identify"), |entry| entry.is_screen("consent")),
            Some(29.0)
        );
        assert_eq!(
            visit.first_span(
                |entry| entry.is_screen("identify"),
                |entry| entry.is_screen("consent")
            ),
            Some(80.0),
            "the first view of a screen that was drawn twice"
        );
        assert_eq!(
            visit.between(|entry| entry.is_screen("capture"), |entry| entry.is_screen("consent")),
            None,
            "an effect before its cause is no span"
        );
    }

    #[test]
    fn a_screen_drawn_twice_in_a_row_is_passed_once() {
        assert_eq!(visit().screens(), ["attract", "identify", "consent", "capture"]);
        assert_eq!(visit().since(4).screens(), ["consent", "capture"]);
    }

    #[test]
    fn entries_are_found_among_other_lines() {
        let log = "12:00 INFO kiosk: started\n\
            12:01 DEBUG timeline: {\"kind\":\"screen\",\"name\":\"attract\",\"detail\":\"\",\"at\":412.5}\n\
            a page's console: timeline: {\"kind\":\"request\",\"name\":\"start\",\"detail\":\"\",\"at\":500} more\n\
            12:02 DEBUG timeline: {\"kind\":\"scr";
        let timeline = Timeline::in_log(log);
        let expected =
            [entry(Kind::Screen, "attract", 412.5), entry(Kind::Request, "start", 500.0)];
        assert_eq!(timeline.entries(), expected);
        assert_eq!(timeline.last_screen(), Some(&expected[0]));
    }
}
