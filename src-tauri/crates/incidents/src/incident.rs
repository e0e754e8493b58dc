//! An incident as it is recorded.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{Advice, Kind, Measure, Note};

/// Why an incident is not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IncidentError {
    /// Discovered in the future.
    #[error("an incident is discovered now or earlier, not in the future")]
    Future,
    /// It began after it was discovered.
    #[error("an incident begins before it is discovered")]
    BeganLater,
}

/// What is known, done and advised. Grows from version to version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Those concerned are to be told within 72 hours. Once it is, it stays.
    pub major: bool,
    /// What was done.
    pub measures: BTreeSet<Measure>,
    /// What those concerned are advised.
    pub advice: BTreeSet<Advice>,
    /// The recorder's note.
    pub note: Option<Note>,
}

/// An incident that is to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIncident {
    kind: Kind,
    discovered: Timestamp,
    since: Timestamp,
    report: Report,
}

impl NewIncident {
    /// An incident discovered at a time, whose data may be affected since another. `report.major`
    /// may be said of any kind, and is true of some by themselves ([`Kind::is_major`]). `now`: the
    /// kiosk's time.
    pub fn new(
        kind: Kind,
        discovered: Timestamp,
        since: Timestamp,
        report: Report,
        now: Timestamp,
    ) -> Result<Self, IncidentError> {
        if discovered > now {
            return Err(IncidentError::Future);
        }
        if since > discovered {
            return Err(IncidentError::BeganLater);
        }
        let report = Report { major: report.major || kind.is_major(), ..report };
        Ok(Self { kind, discovered, since, report })
    }

    /// What has happened.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// When it was discovered.
    pub fn discovered(&self) -> Timestamp {
        self.discovered
    }

    /// Since when data may be affected.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// What is known, done and advised.
    pub fn report(&self) -> &Report {
        &self.report
    }
}

/// What comes to an incident later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What is new in the report. A note takes the place of the one before.
    pub report: Report,
    /// The incident is closed with it.
    pub close: bool,
}

impl Change {
    /// The report with the change.
    pub fn apply(self, report: Report) -> Report {
        Report {
            major: report.major || self.report.major,
            measures: report.measures.union(&self.report.measures).copied().collect(),
            advice: report.advice.union(&self.report.advice).copied().collect(),
            note: self.report.note.or(report.note),
        }
    }
}

/// How much personal data may be affected. Numbers only; children are among them, untold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Badges that the audit log names in the time.
    pub badges: u32,
    /// Attendees that the kiosk held when the incident was recorded.
    pub attendees: u32,
    /// Sealed certificate photos among them.
    pub photos: u32,
}

/// A version of an incident that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Its number on this kiosk, from 1.
    pub number: u32,
    /// Which version of it this is, from 1.
    pub version: u32,
    /// What has happened.
    pub kind: Kind,
    /// When it was discovered.
    pub discovered: Timestamp,
    /// Since when data may be affected.
    pub since: Timestamp,
    /// When this version was recorded.
    pub recorded: Timestamp,
    /// Number of the member of staff who recorded this version.
    pub staff: u32,
    /// The word for their role.
    pub role: String,
    /// How much may be affected.
    pub affected: Affected,
    /// What is known, done and advised.
    pub report: Report,
    /// It is closed.
    pub closed: bool,
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    const AT: Timestamp = Timestamp::constant(1_793_869_200, 0);

    #[test]
    fn c32_some_kinds_are_major_by_themselves_and_every_one_may_be_called_so() {
        for &kind in Kind::ALL {
            for said in [false, true] {
                let report = Report { major: said, ..Report::default() };
                let new = NewIncident::new(kind, AT, AT, report, AT).map(|new| new.report.major);
                assert_eq!(new, Ok(said || kind.is_major()), "{kind:?}");
            }
        }
        assert!(Kind::DeviceLost.is_major() && !Kind::ShownToBystander.is_major());
    }

    #[test]
    fn c32_nothing_is_discovered_in_the_future_or_before_it_began() {
        let hour = SignedDuration::from_hours(1);
        let new = |discovered, since| {
            NewIncident::new(Kind::Other, discovered, since, Report::default(), AT).err()
        };
        assert_eq!(new(AT, AT - hour), None);
        assert_eq!(new(AT - hour, AT - hour), None);
        assert_eq!(new(AT + hour, AT), Some(IncidentError::Future));
        assert_eq!(new(AT - hour, AT), Some(IncidentError::BeganLater));
    }

    fn report() -> impl Strategy<Value = Report> {
        let measures = prop::collection::btree_set(prop::sample::select(Measure::ALL), 0..4);
        let advice = prop::collection::btree_set(prop::sample::select(Advice::ALL), 0..4);
        (any::<bool>(), measures, advice).prop_map(|(major, measures, advice)| Report {
            major,
            measures,
            advice,
            note: None,
        })
    }

    proptest! {
        #[test]
        fn c32_a_change_takes_nothing_away(before in report(), change in report()) {
            let after = Change { report: change.clone(), close: false }.apply(before.clone());
            prop_assert_eq!(after.major, before.major || change.major);
            prop_assert!(after.measures.is_superset(&before.measures));
            prop_assert!(after.measures.is_superset(&change.measures));
            prop_assert!(after.advice.is_superset(&before.advice));
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for &kind in Kind::ALL {
            assert_eq!(Kind::read(kind.word()), Some(kind));
        }
        for &measure in Measure::ALL {
            assert_eq!(Measure::read(measure.word()), Some(measure));
        }
        for &advice in Advice::ALL {
            assert_eq!(Advice::read(advice.word()), Some(advice));
        }
        assert_eq!(Kind::read("earthquake"), None);
    }
}
