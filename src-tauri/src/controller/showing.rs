//! What the screens are given: the view of the present state, and the technician's status.

use std::time::Instant;

use checkin::State;
use tokio::sync::oneshot;

use super::Controller;
use crate::effects::failed;
use crate::figures::Figures;
use crate::held::HeldBadge;
use crate::policy::Page;
use crate::present::{self, Facts};
use crate::rights::Action;
use crate::roster::Roster;
use crate::view::{Screen, StatisticsPage, TechnicianStatus, View};

impl Controller {
    /// The present view. Its revision grows whenever anything that is drawn has changed.
    pub(super) fn view(&self) -> View {
        let revision = self.last.as_ref().map_or(1, |last| last.revision);
        let view = View {
            revision,
            language: self.language,
            seconds_left: self.seconds_left(),
            demonstration: self.config.demonstration,
            screen: present::screen(self.state(), self.facts()),
        };
        match &self.last {
            Some(last) if *last != view => View { revision: revision + 1, ..view },
            _ => view,
        }
    }

    fn facts(&self) -> Facts<'_> {
        let policy = self.roster.as_ref().map(|r| &r.policy);
        let language = self.language;
        let badge = self.held.badge.as_ref();
        let serves = self.may(Action::SeeVisitor);
        Facts {
            operator: policy.map_or("", |p| language.of(p).operator.as_str()),
            sign: policy.map(|p| language.of(p).sign.plain()).unwrap_or_default(),
            face_lane_open: self.lane_closed().is_none(),
            codes_by_camera: self.config.codes.camera,
            pad: self
                .roster
                .as_ref()
                .is_some_and(|r| r.head.code_format == seal::CodeFormat::Crockford),
            rights: self
                .rights_page(policy.map(|p| language.of(p).contact.line()).unwrap_or_default()),
            offers_rights: self.state().offers_rights(),
            requests: self.requests_due(),
            not_accepted: self.not_accepted(),
            contact: policy.map(|p| language.of(p).contact.line()).unwrap_or_default(),
            technician: self.may(Action::SeeStatus),
            statistics: self.may(Action::SeeStatistics),
            serves,
            kiosks: self.kiosks_due(),
            locked_for: self.held.locked_until.and_then(|until| {
                let left = until.saturating_duration_since(Instant::now()).as_secs();
                u32::try_from(left).ok().filter(|&seconds| seconds > 0)
            }),
            notice: policy.and_then(|p| crate::notice::notice(p, language, self.shown_notice())),
            transfer: policy
                .zip(self.transfer())
                .and_then(|(p, on)| crate::notice::transfer(p, language, on)),
            question: self.question_page(),
            page: self.roster.as_ref().filter(|_| self.reading()).map(|roster| self.page(roster)),
            guardian: self.guardian(),
            used_at: badge.and_then(HeldBadge::used_at).map(local_time),
            used_by: badge.and_then(|b| b.entry.admitted_by.clone()),
            registered_name: badge
                .filter(|_| serves)
                .and_then(HeldBadge::name)
                .map(|name| name.to_string()),
            troubles: self.troubles.iter().copied().collect(),
            has_photo: badge.is_some_and(|b| b.entry.has_reference()),
            receipt: self.receipt(),
            incident: &self.incident,
        }
    }

    /// What is open while the visitor reads.
    fn page(&self, roster: &Roster) -> Screen {
        match self.held.page {
            Page::Version { version, changes } => Screen::Policy {
                page: crate::policy::page(roster, self.language, version, changes),
            },
            Page::Inventory => Screen::Inventory {
                page: crate::inventory::page(roster, self.language, &self.config.network),
            },
        }
    }

    /// True while the policy in full is open.
    fn reading(&self) -> bool {
        match self.state() {
            State::Reading => true,
            State::Consent(s) => s.reading(),
            _ => false,
        }
    }

    /// The switch for a transfer abroad, while the visitor is asked.
    fn transfer(&self) -> Option<bool> {
        match self.state() {
            State::Consent(s) => Some(s.transfer()),
            _ => None,
        }
    }

    /// Seconds until the present step ends, where the visitor should know.
    fn seconds_left(&self) -> Option<u32> {
        let visit = self.visit.as_ref()?;
        let left = visit.deadline().0.saturating_sub(self.now().0).div_ceil(1_000);
        let left = u32::try_from(left).ok()?;
        let short = |limit| (left <= limit).then_some(left);
        match visit.state() {
            // The state's limit leaves the worker four seconds to end by itself.
            State::Capture(_) => Some(left.saturating_sub(4)),
            State::Questions(_)
            | State::Age(_)
            | State::Consent(_)
            | State::Reading
            | State::Rights(_)
            | State::Staff(_) => short(20),
            State::Identify(_) => short(10),
            State::Admit(_) | State::Denied(_) | State::Farewell(_) => {
                (visit.state().receipt() == Some(checkin::Receipt::Shown)).then_some(left)
            }
            _ => None,
        }
    }

    /// Publishes the statistics of a day to whoever asked for them.
    pub(super) fn show_statistics(&self, day: usize, reply: oneshot::Sender<StatisticsPage>) {
        let (threshold, now) = (self.config.statistics.threshold, self.clock.now());
        self.with_store(move |store| match Figures::of(store, threshold, None, None, now) {
            Ok(figures) => {
                reply.send(figures.page(day)).ok();
                Vec::new()
            }
            Err(error) => vec![failed("statistics", &error)],
        });
    }

    pub(super) fn status(&self) -> TechnicianStatus {
        TechnicianStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data_dir: self.config.data_dir.display().to_string(),
            face_lane: self.lane_closed().map(str::to_owned),
            camera: self.camera.clone(),
            roster: self.roster.as_ref().map(|roster| (&roster.head).into()),
            sync: self.telling.progress.into(),
            outbox: self.telling.waiting,
            refused: self.telling.refused,
            quarantined: self.telling.quarantined,
            link: self.telling.link,
            troubles: self.troubles.iter().copied().collect(),
            retention: self.keeping().into(),
            evidence: self.evidence,
            incidents: self.incidents.lines(),
        }
    }
}

fn local_time(at: jiff::Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M").to_string()
}
