//! What both test files need.

use checkin::State;

/// The name of a state.
pub(crate) fn name(state: &State) -> &'static str {
    match state {
        State::Attract => "attract",
        State::Reading => "reading",
        State::Identify(_) => "identify",
        State::Questions(_) => "questions",
        State::Age(_) => "age",
        State::Consent(_) => "consent",
        State::Prepare(_) => "prepare",
        State::Capture(_) => "capture",
        State::Decide(_) => "decide",
        State::Discard(_) => "discard",
        State::Admit(_) => "admit",
        State::Staff(_) => "staff",
        State::Denied(_) => "denied",
        State::Farewell(_) => "farewell",
        State::Rights(_) => "rights",
        State::Fault(_) => "fault",
    }
}
