//! Incident numbers: what a screen shows and a log line carries, so that the two can be joined.

use std::collections::VecDeque;

/// Recent incidents for the technician, newest first. Texts carry no personal data.
#[derive(Debug, Default)]
pub(crate) struct Incidents {
    lines: VecDeque<String>,
}

/// How many lines are kept.
const KEPT: usize = 20;

impl Incidents {
    /// Writes an incident to the log and to the list, and returns its number.
    pub(crate) fn note(&mut self, what: &str) -> String {
        let number = number();
        tracing::error!(incident = %number, "{what}");
        let at = jiff::Zoned::now().strftime("%m-%d %H:%M:%S").to_string();
        self.lines.push_front(format!("{at}  {number}  {what}"));
        self.lines.truncate(KEPT);
        number
    }

    /// The lines, newest first.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }
}

/// A short number that is easy to read out: six digits, random.
pub(crate) fn number() -> String {
    let mut bytes = [0_u8; 4];
    // Without random bytes the number is all zeros, which still joins screen and log.
    getrandom::fill(&mut bytes).ok();
    format!("{:06}", u32::from_le_bytes(bytes) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_incidents_come_first_and_old_ones_go() {
        let mut incidents = Incidents::default();
        for n in 0..=KEPT {
            incidents.note(&format!("number {n}"));
        }
        let lines = incidents.lines();
        assert_eq!(lines.len(), KEPT);
        assert!(lines[0].ends_with(&format!("number {KEPT}")));
    }
}
