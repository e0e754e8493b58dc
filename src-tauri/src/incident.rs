//! Incident numbers: what a screen shows and a log line carries, so that the two can be joined.

use std::collections::VecDeque;

/// Recent incidents for the technician, newest first. Texts carry no personal data.
#[derive(Debug, Default)]
pub(crate) struct Incidents {
    kept: VecDeque<Incident>,
}

/// What happened, when last, and how often.
#[derive(Debug)]
struct Incident {
    at: String,
    number: String,
    what: String,
    times: u32,
}

/// How many are kept.
const KEPT: usize = 20;

impl Incidents {
    /// Writes an incident to the log and to the list, and returns its number, and whether it
    /// is a new one. What happens again takes no second line: it would push out what explains it.
    pub(crate) fn note(&mut self, what: &str) -> (String, bool) {
        let number = number();
        tracing::error!(incident = %number, "{what}");
        let earlier = self.kept.iter().position(|incident| incident.what == what);
        let times = earlier.and_then(|place| self.kept.remove(place)).map_or(0, |e| e.times) + 1;
        let at = jiff::Zoned::now().strftime("%m-%d %H:%M:%S").to_string();
        let what = what.to_owned();
        self.kept.push_front(Incident { at, number: number.clone(), what, times });
        self.kept.truncate(KEPT);
        (number, times == 1)
    }

    /// The lines, newest first.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |Incident { at, number, what, times }: &Incident| match times {
            1 => format!("{at}  {number}  {what}"),
            _ => format!("{at}  {number}  {what}  ×{times}"),
        };
        self.kept.iter().map(line).collect()
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

    #[test]
    fn what_happens_again_and_again_pushes_nothing_out() {
        let mut incidents = Incidents::default();
        incidents.note("the cause");
        for _ in 0..KEPT {
            incidents.note("what follows from it");
        }
        let lines = incidents.lines();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with("what follows from it  ×20"));
        assert!(lines[1].ends_with("the cause"));
    }
}
