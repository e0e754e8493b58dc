//! What the platform did not accept, for staff: two gates that admitted one badge, above all.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::Refusal;
use store::{OutboxEntry, StoreError};

use crate::controller::{Controller, Input};
use crate::effects::failed;
use crate::rights::Action;
use crate::view::{NotAccepted, NotAcceptedEntry};

/// How many a panel shows: as many as fit a screen.
const LAST: usize = 5;

/// What stands of one: who, when and why, and no name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conflict {
    at: Timestamp,
    position: Option<i64>,
    why: Refusal,
}

impl Conflict {
    fn of((entry, word): &(OutboxEntry, String)) -> Self {
        Self { at: entry.at, position: entry.position, why: Refusal::of(word) }
    }

    fn shown(&self) -> NotAcceptedEntry {
        NotAcceptedEntry {
            at: self.at.to_zoned(TimeZone::system()).strftime("%m-%d %H:%M").to_string(),
            position: self.position.map(|position| position.to_string()).unwrap_or_default(),
            why: self.why.into(),
        }
    }
}

impl Controller {
    /// Reads the newest of what the platform did not accept.
    pub(crate) fn read_conflicts(&self) {
        self.with_store(|store| {
            let read = store.outbox_refused();
            let newest = |refused: Vec<_>| refused.iter().take(LAST).map(Conflict::of).collect();
            let told = |error: StoreError| failed("outbox", &error);
            vec![read.map(newest).map_or_else(told, Input::Conflicts)]
        });
    }

    /// The same for whoever may see it; none where there is nothing.
    pub(crate) fn not_accepted(&self) -> Option<NotAccepted> {
        let number = self.telling.refused;
        (number > 0 && self.may(Action::SeeNotAccepted)).then(|| NotAccepted {
            number,
            last: self.telling.conflicts.iter().map(Conflict::shown).collect(),
        })
    }
}
