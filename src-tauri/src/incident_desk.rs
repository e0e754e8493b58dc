//! Recording an incident with personal data at the screen (C32).

use incidents::{
    Advice, Countdown, Incident, Kind, Measure, NewIncident, Report, countdown, deadline,
};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use store::{Store, StoreError};
use tokio::sync::oneshot;

use crate::controller::Controller;
use crate::effects::failed;
use crate::view::{IncidentCountdown, IncidentDraft, IncidentRule, IncidentsPage, OpenIncident};

/// Minutes ago that can be chosen: now, an hour, four, a day, a week.
const AGO: [u32; 5] = [0, 60, 240, 1_440, 10_080];

impl Controller {
    /// Shows the incidents to whoever asked for them.
    pub(crate) fn show_incidents(&self, reply: oneshot::Sender<IncidentsPage>) {
        let now = self.clock.now();
        self.with_store(move |store| match page(store, None, now) {
            Ok(page) => {
                reply.send(page).ok();
                Vec::new()
            }
            Err(error) => vec![failed("incidents", &error)],
        });
    }

    /// Says what follows from a draft. None of whatever is not on the lists.
    pub(crate) fn judge_incident(&self, draft: &IncidentDraft) -> Option<IncidentRule> {
        let new = new_incident(draft, self.clock.now())?;
        let major = new.report().major;
        Some(IncidentRule {
            major,
            by_kind: new.kind().is_major(),
            deadline: major.then(|| local(deadline(new.discovered()))),
        })
    }

    /// Records an incident in the name of the member of staff who is signed in.
    pub(crate) fn record_incident(
        &self,
        draft: &IncidentDraft,
        reply: oneshot::Sender<IncidentsPage>,
    ) {
        let now = self.clock.now();
        let (Some(new), Some(by)) = (new_incident(draft, now), self.signed_in()) else { return };
        self.with_store(move |store| {
            let recorded = store
                .record_incident(&new, by, now)
                .and_then(|incident| page(store, Some(incident.number), now));
            match recorded {
                Ok(page) => {
                    reply.send(page).ok();
                    Vec::new()
                }
                Err(error) => vec![failed("incident", &error)],
            }
        });
    }
}

fn page(store: &Store, recorded: Option<u32>, now: Timestamp) -> Result<IncidentsPage, StoreError> {
    let open = store.incidents()?.into_iter().filter(|incident| !incident.closed);
    Ok(IncidentsPage {
        kinds: Kind::ALL.iter().map(|kind| kind.word()).collect(),
        ago: AGO.to_vec(),
        measures: Measure::ALL.iter().map(|measure| measure.word()).collect(),
        advice: Advice::ALL.iter().map(|advice| advice.word()).collect(),
        open: open.map(|incident| shown(&incident, now)).collect(),
        recorded,
    })
}

fn shown(incident: &Incident, now: Timestamp) -> OpenIncident {
    OpenIncident {
        number: incident.number,
        kind: incident.kind.word(),
        discovered: local(incident.discovered),
        countdown: incident.report.major.then(|| left(countdown(incident.discovered, now))),
        badges: incident.affected.badges,
        attendees: incident.affected.attendees,
    }
}

fn left(countdown: Countdown) -> IncidentCountdown {
    let (overdue, time) = match countdown {
        Countdown::Left(time) => (false, time),
        Countdown::Overdue(time) => (true, time),
    };
    let minutes = u32::try_from(time.as_mins()).unwrap_or(u32::MAX);
    IncidentCountdown { overdue, hours: minutes / 60, minutes: minutes % 60 }
}

fn new_incident(draft: &IncidentDraft, now: Timestamp) -> Option<NewIncident> {
    let ago = |minutes: u32| SignedDuration::from_mins(i64::from(minutes));
    let discovered = now - ago(draft.discovered_ago.min(AGO[4]));
    let report = Report {
        major: draft.major,
        measures: draft.measures.iter().map(|word| Measure::read(word)).collect::<Option<_>>()?,
        advice: draft.advice.iter().map(|word| Advice::read(word)).collect::<Option<_>>()?,
        note: None,
    };
    let since = discovered - ago(draft.since_ago.min(AGO[4]));
    NewIncident::new(Kind::read(&draft.kind)?, discovered, since, report, now).ok()
}

fn local(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use std::time::Duration;

    use store::{Count, Reading};

    use super::*;
    use crate::view::Language;
    use crate::words::words;

    const NOW: Timestamp = Timestamp::constant(1_793_869_200, 0);

    fn draft(kind: &str) -> IncidentDraft {
        IncidentDraft {
            kind: kind.to_owned(),
            major: false,
            discovered_ago: 60,
            since_ago: 240,
            measures: vec!["secured".to_owned()],
            advice: vec!["keep_badge".to_owned()],
        }
    }

    #[test]
    fn c32_a_draft_becomes_an_incident_and_what_is_not_on_the_lists_does_not() {
        let new = new_incident(&draft("device_lost"), NOW).unwrap();
        assert_eq!(new.discovered(), NOW - SignedDuration::from_hours(1));
        assert_eq!(new.since(), NOW - SignedDuration::from_hours(5));
        assert!(new.report().major);
        assert_eq!(new_incident(&draft("flood"), NOW), None);
        let measures = vec!["prayed".to_owned()];
        assert_eq!(new_incident(&IncidentDraft { measures, ..draft("other") }, NOW), None);
        let last_year =
            IncidentDraft { discovered_ago: u32::MAX, since_ago: u32::MAX, ..draft("other") };
        let new = new_incident(&last_year, NOW).unwrap();
        assert_eq!(new.since(), NOW - SignedDuration::from_hours(24 * 14));
    }

    #[test]
    fn c32_every_choice_has_its_words_in_both_languages() {
        let ids = Kind::ALL
            .iter()
            .flat_map(|kind| {
                [String::new(), ".impact".to_owned()]
                    .map(|part| format!("incident-kind-{}{part}", kind.word()))
            })
            .chain(
                Measure::ALL.iter().map(|measure| format!("incident-measure-{}", measure.word())),
            )
            .chain(Advice::ALL.iter().map(|advice| format!("incident-advice-{}", advice.word())))
            .chain(AGO.iter().map(|minutes| format!("incident-ago-{minutes}")))
            .chain(
                statistics::Lane::ALL.iter().map(|lane| format!("statistics-lane-{}", lane.word())),
            )
            .chain(
                statistics::Outcome::ALL
                    .iter()
                    .map(|outcome| format!("statistics-outcome-{}", outcome.word())),
            );
        for id in ids {
            for language in [Language::Zh, Language::En] {
                assert_ne!(words(language, &id), "", "{id} {language:?}");
            }
        }
    }

    #[test]
    fn c32_the_countdown_goes_on_when_the_machines_clock_is_set_back() {
        let hours = SignedDuration::from_hours;
        let reading = |wall, steady| Reading { wall, steady: Duration::from_hours(steady) };
        for (wall, steady, expected) in [
            (NOW + hours(5), 5, (67, 0)),
            // Set back by a year while the kiosk runs.
            (NOW - hours(24 * 365), 5, (67, 0)),
            // Less than a day is a correction.
            (NOW + hours(4), 5, (68, 0)),
            // Set ahead: too early rather than too late.
            (NOW + hours(70), 5, (2, 0)),
        ] {
            let clock = Count::resume(Some(NOW), reading(NOW, 0));
            let found = left(countdown(NOW, clock.now(reading(wall, steady))));
            assert_eq!((found.hours, found.minutes), expected, "{wall}");
        }
        // Set back while the kiosk was off: it goes on from the time that it has kept.
        let clock = Count::resume(Some(NOW + hours(30)), reading(NOW - hours(1_000), 0));
        let found = left(countdown(NOW, clock.now(reading(NOW - hours(1_000), 0))));
        assert_eq!((found.hours, found.overdue), (42, false));
    }

    #[test]
    fn c32_the_countdown_is_hours_and_minutes_and_then_overdue() {
        let hours = SignedDuration::from_hours;
        for (passed, overdue, expected) in [
            (SignedDuration::ZERO, false, (72, 0)),
            (hours(71) + SignedDuration::from_mins(30), false, (0, 30)),
            (hours(75) + SignedDuration::from_mins(5), true, (3, 5)),
        ] {
            let found = left(countdown(NOW, NOW + passed));
            assert_eq!((found.overdue, (found.hours, found.minutes)), (overdue, expected));
        }
    }
}
