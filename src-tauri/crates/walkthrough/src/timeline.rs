//! What the window did and when, noted inside the page itself.
//!
//! Asking for the screen from outside costs a `WebDriver` round trip and misses short screens. An
//! observer in the page notes every change of `main[data-screen]` and every visitor input with
//! `performance.now()`, all by one clock.

use serde::Deserialize;

/// Installs the observer once; later calls change nothing.
pub(crate) const INSTALL: &str = r"
if (!window.__walkthrough) {
    const entries = [];
    let last = '';
    const note = () => {
        const main = document.querySelector('main[data-screen]');
        if (!main) return;
        const screen = main.dataset.screen;
        // The open gate is the admitted screen with its button.
        const open = screen === 'admit' && main.querySelector('[data-action=done]') ? 'open' : '';
        const detail = main.dataset.problem ?? open;
        const now = screen + '\n' + detail + '\n' + (main.dataset.revision ?? '');
        if (now === last) return;
        last = now;
        entries.push({ kind: 'screen', name: screen, detail, at: performance.now() });
    };
    const attributes = ['data-screen', 'data-revision', 'data-problem'];
    new MutationObserver(note).observe(document.documentElement,
        { subtree: true, childList: true, attributes: true, attributeFilter: attributes });
    document.addEventListener('click', event => {
        const button = event.target.closest?.('[data-action]');
        if (button) entries.push({ kind: 'click', name: button.dataset.action, detail: '', at: performance.now() });
    }, true);
    document.addEventListener('keydown', event => {
        if (event.key === 'Enter') entries.push({ kind: 'key', name: 'Enter', detail: '', at: performance.now() });
    }, true);
    window.__walkthrough = entries;
    note();
}
";

/// Returns the entries as JSON text.
pub(crate) const READ: &str = "return JSON.stringify(window.__walkthrough ?? []);";

/// What an entry notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The window shows a view.
    Screen,
    /// A button with `data-action` was pressed.
    Click,
    /// A key that ends an input was pressed.
    Key,
}

/// One moment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Entry {
    /// What was noted.
    pub kind: Kind,
    /// Screen, action or key.
    pub name: String,
    /// The screen's `data-problem`; `open` when the gate has opened; or empty.
    pub detail: String,
    /// Milliseconds since the page began to load.
    pub at: f64,
}

impl Entry {
    /// True for the first view of the screen `name`.
    pub fn is_screen(&self, name: &str) -> bool {
        self.kind == Kind::Screen && self.name == name
    }

    /// True for a press of the button `action`.
    pub fn is_click(&self, action: &str) -> bool {
        self.kind == Kind::Click && self.name == action
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
            entry(Kind::Key, "Enter", 150.0),
            entry(Kind::Screen, "identify", 151.0),
            entry(Kind::Screen, "consent", 180.0),
            entry(Kind::Click, "use-face", 900.0),
            entry(Kind::Screen, "capture", 1000.0),
        ])
    }

    #[test]
    fn a_span_runs_from_the_last_cause_to_the_first_effect() {
        let visit = visit();
        let enter = |entry: &Entry| entry.kind == Kind::Key;
        assert_eq!(visit.between(enter, |entry| entry.is_screen("consent")), Some(30.0));
        assert_eq!(
            visit.between(|entry| entry.is_click("use-face"), |entry| entry.is_screen("capture")),
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
}
