//! What this kiosk holds on the visitor, and what visitors ask for under their rights: between the
//! visit, the database and the screens.

use checkin::{Event, FaultCode, RightsStep, State, VisitNonce};
use due::{Calendar, RequestKind};
use jiff::Timestamp;
use jiff::civil::Date;
use store::{Choice, FiledRequest, HeldCheckin, Holding, Lane, NewRequest, Purpose, Store};

use crate::controller::{Controller, Input};
use crate::effects::failed;
use crate::held::HeldBadge;
use crate::present;
use crate::rights::Action;
use crate::view::{self, HeldItem, HeldWhat, RequestsDue, RightsPage};

/// How many requests a panel shows: as many as fit a screen.
const NEXT: usize = 5;

impl Controller {
    /// Reads what is held of the present visitor's badge.
    pub(crate) fn read_held(&self, nonce: VisitNonce) {
        let Some(locator) = self.held.badge.as_ref().map(|badge| badge.keys.locator) else {
            return self.answer(nonce, Event::Faulted(FaultCode::Internal));
        };
        if self.db.is_none() {
            return self.answer(nonce, Event::Faulted(FaultCode::Store));
        }
        self.with_store(move |store| match store.held(&locator) {
            Ok(holding) => vec![Input::Held(nonce, Box::new(holding))],
            Err(error) => {
                vec![
                    failed("what is held", &error),
                    Input::Visit(nonce, Event::Faulted(FaultCode::Store)),
                ]
            }
        });
    }

    /// Writes a request of the present visitor, with the day until which it is answered.
    pub(crate) fn file_request(&self, nonce: VisitNonce, kind: RequestKind) {
        let Some(HeldBadge { entry, keys }) = &self.held.badge else {
            return self.answer(nonce, Event::Faulted(FaultCode::Internal));
        };
        if self.db.is_none() {
            return self.answer(nonce, Event::Faulted(FaultCode::Store));
        }
        let at = self.clock.now();
        let due = Calendar::mainland_china().due(due::today(at));
        let request =
            NewRequest { nonce: nonce.0, badge: entry.id, locator: keys.locator, kind, at, due };
        self.with_store(move |store| {
            let filed = store.file_request(&request);
            match filed.and_then(|filed| Ok((filed, store.held(&request.locator)?))) {
                Ok((filed, holding)) => {
                    vec![
                        requests(store),
                        Input::Held(nonce, Box::new(holding)),
                        Input::Filed(nonce, Box::new(filed)),
                    ]
                }
                Err(error) => vec![
                    failed("a visitor's request", &error),
                    Input::Visit(nonce, Event::Faulted(FaultCode::Store)),
                ],
            }
        });
    }

    /// The database has said what is held.
    pub(crate) fn on_held(&mut self, visit: VisitNonce, holding: Holding) {
        if self.nonce() == Some(visit) {
            self.held.holding = Some(holding);
            self.on(Event::HeldRead);
        }
    }

    /// The database has written a request.
    pub(crate) fn on_filed(&mut self, visit: VisitNonce, filed: FiledRequest) {
        if self.nonce() == Some(visit) {
            let kind = filed.kind;
            self.held.filed = Some(filed);
            self.on(Event::RequestFiled(kind));
        }
    }

    /// What the visitor sees of their rights, while they are open.
    pub(crate) fn rights_page(&self, contact: String) -> Option<RightsPage> {
        let State::Rights(rights) = self.state() else { return None };
        let today = due::today(self.clock.now());
        let filed = match rights.step() {
            RightsStep::Filed(kind) => self.held.filed.as_ref().filter(|filed| filed.kind == kind),
            _ => None,
        };
        Some(RightsPage {
            reading: rights.step() == RightsStep::Reading,
            held: self.held.holding.as_ref().map(items).unwrap_or_default(),
            kinds: RequestKind::ALL.map(view::RequestKind::from).to_vec(),
            filed: filed.map(|filed| shown(filed, today)),
            explanation: present::explanation(rights.from()),
            contact,
        })
    }

    /// What staff are to answer, for whoever may see it.
    pub(crate) fn requests_due(&self) -> Option<RequestsDue> {
        if !self.may(Action::SeeRequests) {
            return None;
        }
        let today = due::today(self.clock.now());
        let open = || self.requests.iter().filter(|request| request.answer.is_none());
        Some(RequestsDue {
            open: open().count(),
            overdue: open().filter(|request| request.is_overdue(today)).count(),
            to_carry: self.requests.iter().filter(|r| r.carried_at.is_none()).count(),
            next: open().take(NEXT).map(|request| shown(request, today)).collect(),
        })
    }
}

/// The requests that staff are to answer or to carry to the platform.
pub(crate) fn requests(store: &mut Store) -> Input {
    match store.requests() {
        Ok(mut requests) => {
            requests.retain(|request| request.answer.is_none() || request.carried_at.is_none());
            Input::Requests(requests)
        }
        Err(error) => failed("requests", &error),
    }
}

fn shown(request: &FiledRequest, today: Date) -> view::FiledRequest {
    view::FiledRequest {
        number: request.number.clone(),
        kind: request.kind.into(),
        due: request.due.to_string(),
        overdue: request.is_overdue(today),
    }
}

/// What is held, in the order of the screen: what was registered, what happened, what was asked.
pub(crate) fn items(holding: &Holding) -> Vec<HeldItem> {
    let mut items = registration(holding);
    items.extend(holding.guardian.map(|(at, until)| item(HeldWhat::Guardian, at, None, until)));
    items.extend(holding.choices.iter().map(|held| {
        let what = choice(held.purpose, held.choice);
        item(what, held.at, Some(held.policy_version.clone()), held.until)
    }));
    items
        .extend(holding.checkins.iter().map(|held| item(checkin(held), held.at, None, held.until)));
    items.extend(holding.elsewhere.iter().map(|held| {
        let what = if held.annulled { HeldWhat::ElsewhereTakenBack } else { HeldWhat::Elsewhere };
        item(what, held.at, Some(held.kiosk.clone()), held.until)
    }));
    items.extend(holding.evidence.map(|(records, until)| HeldItem {
        what: HeldWhat::Evidence,
        on: None,
        about: Some(records.to_string()),
        until: Some(day(until)),
    }));
    items.extend(holding.requests.iter().map(|request| {
        let what = match request.answer {
            Some(_) => HeldWhat::RequestAnswered,
            None => HeldWhat::RequestOpen,
        };
        item(what, request.filed_at, Some(request.number.clone()), request.until)
    }));
    let about = Some(holding.log_days.to_string());
    items.push(HeldItem { what: HeldWhat::Log, on: None, about, until: None });
    items
}

fn registration(holding: &Holding) -> Vec<HeldItem> {
    let Some(held) = &holding.registration else { return Vec::new() };
    let kept = |what, about, until| HeldItem { what, on: None, about, until: Some(day(until)) };
    let mut items = Vec::new();
    if held.record {
        items.push(kept(HeldWhat::Name, None, held.contents_until));
    }
    if held.photo {
        items.push(kept(HeldWhat::Photo, None, held.contents_until));
    }
    if held.ticket {
        items.push(kept(HeldWhat::Ticket, None, held.until));
    }
    items.push(match (held.valid_from, held.valid_until) {
        (None, None) => kept(HeldWhat::Registered, None, held.until),
        (from, until) => {
            let bound = |at: Option<Timestamp>| at.map(day).unwrap_or_default();
            let period = format!("{} – {}", bound(from), bound(until));
            kept(HeldWhat::Validity, Some(period), held.until)
        }
    });
    match held.age {
        store::Age::Under14 => items.push(kept(HeldWhat::AgeUnder14, None, held.until)),
        store::Age::From14 => items.push(kept(HeldWhat::AgeFrom14, None, held.until)),
        store::Age::Unknown => {}
    }
    items
}

fn choice(purpose: Purpose, choice: Choice) -> HeldWhat {
    match (purpose, choice) {
        (Purpose::FaceComparison, Choice::Given) => HeldWhat::FaceGiven,
        (Purpose::FaceComparison, Choice::Refused) => HeldWhat::FaceRefused,
        (Purpose::FaceComparison, Choice::Withdrawn) => HeldWhat::FaceWithdrawn,
        (Purpose::CrossBorderTransfer, Choice::Given) => HeldWhat::TransferGiven,
        (Purpose::CrossBorderTransfer, Choice::Refused) => HeldWhat::TransferRefused,
        (Purpose::CrossBorderTransfer, Choice::Withdrawn) => HeldWhat::TransferWithdrawn,
    }
}

fn checkin(held: &HeldCheckin) -> HeldWhat {
    match held.lane {
        _ if held.annulled => HeldWhat::CheckinTakenBack,
        Lane::Face => HeldWhat::CheckinFace,
        Lane::Staff => HeldWhat::CheckinStaff,
    }
}

fn item(what: HeldWhat, on: Timestamp, about: Option<String>, until: Timestamp) -> HeldItem {
    let on = on.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
    HeldItem { what, on: Some(on), about, until: Some(day(until)) }
}

fn day(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).date().to_string()
}
