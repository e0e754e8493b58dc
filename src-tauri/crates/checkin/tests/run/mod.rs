//! Whole visits from their events.

use checkin::{Effect, Event, Limits, Moment, Visit};

/// Runs events one millisecond apart and returns the visit with all effects.
pub(crate) fn run(events: impl IntoIterator<Item = Event>) -> (Visit, Vec<Effect>) {
    run_with(Limits::default(), events)
}

/// The same with other time limits.
pub(crate) fn run_with(
    limits: Limits,
    events: impl IntoIterator<Item = Event>,
) -> (Visit, Vec<Effect>) {
    let mut visit = Visit::new(limits, Moment(0));
    let mut all = Vec::new();
    let mut now = 0;
    for event in events {
        now = if matches!(event, Event::Elapsed) { visit.deadline().0 } else { now + 1 };
        let (next, effects) = visit.on(event, Moment(now));
        visit = next;
        all.extend(effects);
    }
    (visit, all)
}
