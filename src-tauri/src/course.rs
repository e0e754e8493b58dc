//! The course of a visit, as far as it is counted (C40): what was chosen, how it ended, how long
//! it took. Forgotten with the visit; a count of it stays.

use std::time::Duration;

use checkin::{
    Age, Choice, Effect, Event, GateStep, IdentifyStep, Lane as Admitted, Moment, Session,
    StaffReason, State,
};
use jiff::tz::TimeZone;
use statistics::{EndedVisit, Hour, Lane, Outcome, TimeClass};

use crate::controller::Controller;
use crate::effects::failed;

/// What the present visit has come to so far.
#[derive(Debug, Default)]
pub(crate) struct Course {
    /// When the badge was identified.
    identified: Option<Moment>,
    /// The badge may be admitted here.
    usable: bool,
    lane: Option<Lane>,
    decision: Option<(Outcome, Moment)>,
    /// A visitor whose registration does not say it said that they are 14 or over.
    from_14: bool,
    /// A guardian is asked, or staff serve a child: the visit is in no statistic (C40).
    child: bool,
}

impl Course {
    /// Takes note of what happens, before the visit does.
    pub(crate) fn hear(&mut self, event: &Event) {
        match event {
            Event::AgeGiven(Age::From14) => self.from_14 = true,
            Event::AgeGiven(Age::Under14) => self.child = true,
            _ => {}
        }
    }

    /// Takes note of what the visit asks for.
    pub(crate) fn watch(&mut self, effect: &Effect) {
        match effect {
            Effect::RecordConsent(choice) => {
                self.lane = Some(match choice {
                    Choice::Face => Lane::Face,
                    Choice::OtherWay => Lane::OtherWay,
                    Choice::Withdrawn => Lane::Withdrawn,
                });
            }
            Effect::NoteChild | Effect::RecordGuardian { .. } | Effect::RevokeGuardian { .. } => {
                self.child = true;
            }
            // Another code may be another badge.
            Effect::LookUpBadge => (self.identified, self.usable) = (None, false),
            _ => {}
        }
    }

    /// Takes note of where the visit is. An admission is the last word; a refusal is, unless
    /// somebody admits the visitor after all.
    pub(crate) fn see(&mut self, state: &State, now: Moment) {
        let admissible = state.session().is_some_and(Session::admissible);
        let problem =
            matches!(state, State::Identify(s) if matches!(s.step(), IdentifyStep::Problem(_)));
        if admissible || problem {
            self.identified.get_or_insert(now);
            self.usable |= admissible;
        }
        let admitted = self.decision.is_some_and(|(outcome, _)| outcome != Outcome::Denied);
        match state {
            State::Staff(s) if s.reason() == StaffReason::UnderAge => self.child = true,
            State::Admit(s) if !admitted && matches!(s.step(), GateStep::Open) => {
                self.decision = Some((admission(s.lane()), now));
            }
            State::Denied(_) if self.decision.is_none() => {
                self.decision = Some((Outcome::Denied, now));
            }
            _ => {}
        }
    }

    /// The visit as it is counted; none in which no badge was identified, and no child's. `of_age`:
    /// the registration says that the holder is 14 or over.
    fn ended(&self, of_age: bool, hour: Hour, now: Moment) -> Option<EndedVisit> {
        let begun = self.identified?;
        if self.child || !(of_age || self.from_14) {
            return None;
        }
        let undecided = if self.usable { Outcome::Left } else { Outcome::Badge };
        let (outcome, decided) = self.decision.unwrap_or((undecided, now));
        Some(EndedVisit {
            hour,
            lane: self.lane.unwrap_or(Lane::NotAsked),
            outcome,
            time: TimeClass::of(Duration::from_millis(decided.0.saturating_sub(begun.0))),
        })
    }
}

fn admission(lane: Admitted) -> Outcome {
    let Admitted::Staff { reason, .. } = lane else { return Outcome::Matched };
    match reason {
        StaffReason::OtherWay => Outcome::OtherWay,
        StaffReason::Called => Outcome::AskedForStaff,
        StaffReason::NonMatch => Outcome::NonMatch,
        StaffReason::PoorSamples => Outcome::PoorSamples,
        StaffReason::SuspectedAttack => Outcome::SuspectedAttack,
        StaffReason::Reference => Outcome::Photo,
        StaffReason::CameraUnavailable | StaffReason::CameraLost => Outcome::Camera,
        StaffReason::FaceLaneClosed | StaffReason::UnderAge => Outcome::LaneClosed,
        StaffReason::WorkerFailed
        | StaffReason::TimedOut
        | StaffReason::GateFailed
        | StaffReason::RecordFailed
        | StaffReason::AfterFault => Outcome::Kiosk,
        StaffReason::Code(_)
        | StaffReason::Rules
        | StaffReason::Unpaid
        | StaffReason::Question
        | StaffReason::Ambiguous
        | StaffReason::NotInRoster => Outcome::Badge,
    }
}

impl Controller {
    /// Counts the visit, which is over.
    pub(crate) fn count_visit(&mut self) {
        let course = std::mem::take(&mut self.held.course);
        let Some(badge) = &self.held.badge else { return };
        let of_age = badge.entry.age == store::Age::From14;
        let hour = self.clock.now().to_zoned(TimeZone::system()).datetime().into();
        let Some(visit) = course.ended(of_age, hour, self.now()) else { return };
        self.with_store(move |store| match store.count_visit(&visit) {
            Ok(()) => Vec::new(),
            Err(error) => vec![failed("statistics", &error)],
        });
    }
}

#[cfg(test)]
mod tests;
