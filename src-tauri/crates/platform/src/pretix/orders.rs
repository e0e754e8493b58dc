//! Orders as the server tells them, and what becomes of them here: attendees, sealed on arrival,
//! and who is gone (C35, C36).
//!
//! The server is asked for the fields that a kiosk needs and for nothing else; an older one that
//! sends more is heard as little (C17).

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use seal::{BadgeCode, BadgeSecret};
use serde::Deserialize;
use store::{Age, Arrival, PhotoNews};
use zeroize::{Zeroize, ZeroizeOnDrop};

use admission::{OrderState, Scanned, Ticket};

use super::given;
use crate::registration::Terms;
use crate::{AttendeeRecord, RegistrationError, name};

/// What is asked for. Leaving out the rest spares the server the work as well.
pub(super) const FIELDS: &str = "include=status&include=require_approval\
     &include=valid_if_pending&include=last_modified&include=positions.id&include=positions.secret\
     &include=positions.item&include=positions.variation&include=positions.subevent\
     &include=positions.attendee_name&include=positions.country\
     &include=positions.valid_from&include=positions.valid_until\
     &include=positions.blocked&include=positions.canceled&include=positions.checkins\
     &include=positions.answers&include_canceled_positions=true\
     &exclude=fees&exclude=payments&exclude=refunds&exclude=invoice_address&exclude=customer";

/// A scan changes its order so soon: such a change is not one of the photo.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(10);

/// Below this age a guardian decides (C40), in years.
const CHILD: i64 = 14;

/// The names of the questions that a kiosk needs the answers of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionNames {
    /// Identifier of the question for the certificate photo, a file.
    pub photo: String,
    /// Identifier of the question for the birthday, a date.
    pub birthday: String,
}

impl Default for QuestionNames {
    fn default() -> Self {
        Self { photo: "photo".to_owned(), birthday: "birthday".to_owned() }
    }
}

/// A page of orders.
#[derive(Deserialize)]
pub(super) struct Orders {
    pub(super) count: u64,
    #[serde(deserialize_with = "given")]
    pub(super) next: Option<serde::de::IgnoredAny>,
    pub(super) results: Vec<Order>,
}

#[derive(Deserialize)]
pub(super) struct Order {
    status: String,
    require_approval: bool,
    valid_if_pending: bool,
    pub(super) last_modified: Timestamp,
    positions: Vec<Position>,
}

#[derive(Deserialize)]
struct Position {
    id: i64,
    secret: Clear,
    item: i64,
    #[serde(deserialize_with = "given")]
    variation: Option<i64>,
    #[serde(deserialize_with = "given")]
    subevent: Option<i64>,
    #[serde(deserialize_with = "given")]
    attendee_name: Option<Clear>,
    #[serde(deserialize_with = "given")]
    country: Option<Clear>,
    #[serde(deserialize_with = "given")]
    valid_from: Option<Timestamp>,
    #[serde(deserialize_with = "given")]
    valid_until: Option<Timestamp>,
    /// Names of the blocks.
    #[serde(deserialize_with = "given")]
    blocked: Option<Vec<serde::de::IgnoredAny>>,
    canceled: bool,
    checkins: Vec<Checkin>,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Checkin {
    datetime: Timestamp,
    list: u64,
    r#type: String,
}

#[derive(Deserialize)]
struct Answer {
    question: i64,
    question_identifier: Option<String>,
    #[serde(rename = "answer")]
    text: Clear,
}

/// A page of orders of which nothing but the codes is wanted.
#[derive(Deserialize)]
pub(super) struct Codes {
    pub(super) results: Vec<OrderCodes>,
}

#[derive(Deserialize)]
pub(super) struct OrderCodes {
    pub(super) positions: Vec<PositionCode>,
}

#[derive(Deserialize)]
pub(super) struct PositionCode {
    pub(super) id: i64,
    pub(super) secret: Clear,
}

/// What is asked for then.
pub(super) const CODES: &str = "include=positions.id&include=positions.secret\
     &exclude=fees&exclude=payments&exclude=refunds&exclude=invoice_address&exclude=customer";

/// A text about a person. Wiped on drop.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct Clear(String);

impl Clear {
    /// The secret of a badge code; none if it is none.
    pub(super) fn secret(mut self, terms: &Terms) -> Option<BadgeSecret> {
        let code = BadgeCode::new(std::mem::take(&mut self.0));
        BadgeSecret::parse(&code, terms.code_format).ok()
    }
}

/// What a page of orders is read with.
pub(super) struct Reading<'a> {
    pub(super) terms: &'a Terms,
    pub(super) questions: &'a QuestionNames,
    /// Number of the check-in list.
    pub(super) list: u64,
    /// The day that ages are counted for.
    pub(super) day: Date,
}

/// What a page of orders comes to.
#[derive(Default)]
pub(super) struct Read {
    pub(super) arrivals: Vec<Arrival>,
    pub(super) gone: Vec<i64>,
    pub(super) unreadable: Vec<i64>,
}

impl Reading<'_> {
    /// Seals everybody and sorts them. A weak code costs a tenth of a second.
    pub(super) fn read(&self, orders: Vec<Order>) -> Result<Read, RegistrationError> {
        let mut read = Read::default();
        for order in orders {
            let state = state(&order)?;
            let scan = order.positions.iter().flat_map(|position| &position.checkins);
            let near =
                |scan: &Checkin| order.last_modified.duration_since(scan.datetime).abs() <= AT_ONCE;
            let by_scan = scan.into_iter().any(near);
            for position in order.positions {
                let Some(state) = state.filter(|_| !position.canceled) else {
                    read.gone.push(position.id);
                    continue;
                };
                let of_order = OfOrder { state, changed_at: order.last_modified, by_scan };
                let id = position.id;
                match self.arrival(position, &of_order)? {
                    Some(arrival) => read.arrivals.push(arrival),
                    None => read.unreadable.push(id),
                }
            }
        }
        Ok(read)
    }

    /// One attendee; none whose code is none that a kiosk could read.
    fn arrival(
        &self,
        position: Position,
        order: &OfOrder,
    ) -> Result<Option<Arrival>, RegistrationError> {
        let photo = self.photo(&position, order);
        let ticket = Ticket {
            item: position.item,
            variation: position.variation,
            subevent: position.subevent,
            order: order.state,
            answered: position.answers.iter().map(|answer| answer.question).collect(),
            scanned: scanned(&position.checkins, self.list),
        };
        let age = self.age(&position.answers);
        let name = position.attendee_name.as_ref().map_or("", |name| name.0.as_str());
        let eea = position.country.as_ref().is_some_and(|country| is_in_eea(&country.0));
        let record = AttendeeRecord { name: name::fit(name).to_string(), eea };
        let Some(secret) = position.secret.secret(self.terms) else { return Ok(None) };
        let keys = secret.derive(&self.terms.salt)?;
        Ok(Some(Arrival {
            position: position.id,
            locator: keys.locator,
            ticket,
            blocked: position.blocked.is_some_and(|blocks| !blocks.is_empty()),
            valid_from: position.valid_from,
            valid_until: position.valid_until,
            age,
            sealed_record: record.seal(&keys)?,
            photo,
            changed_at: order.changed_at,
        }))
    }

    /// The server names no versions of photos. A change that a scan explains is none of the photo.
    fn photo(&self, position: &Position, order: &OfOrder) -> PhotoNews {
        let is_photo =
            |answer: &Answer| answer.question_identifier.as_deref() == Some(&self.questions.photo);
        if !position.answers.iter().any(is_photo) {
            PhotoNews::Absent
        } else if order.by_scan {
            PhotoNews::Same
        } else {
            PhotoNews::Named(order.changed_at.to_string())
        }
    }

    /// On which side of 14 a birthday is. The day itself is not kept (C17).
    fn age(&self, answers: &[Answer]) -> Age {
        let is_birthday = |answer: &&Answer| {
            answer.question_identifier.as_deref() == Some(&self.questions.birthday)
        };
        let birthday = answers.iter().find(is_birthday);
        let birthday = birthday.and_then(|answer| answer.text.0.parse::<Date>().ok());
        match birthday.and_then(|day| day.checked_add(CHILD.years()).ok()) {
            None => Age::Unknown,
            Some(of_age) if of_age <= self.day => Age::From14,
            Some(_) => Age::Under14,
        }
    }
}

/// What an order says of all its positions.
struct OfOrder {
    state: OrderState,
    changed_at: Timestamp,
    by_scan: bool,
}

/// How far an order is; none of one that is cancelled or has expired. A word that this program does
/// not know says nothing of who is gone.
fn state(order: &Order) -> Result<Option<OrderState>, RegistrationError> {
    match order.status.as_str() {
        "p" => Ok(Some(OrderState::Paid)),
        "n" if order.require_approval => Ok(Some(OrderState::Unapproved)),
        "n" if order.valid_if_pending => Ok(Some(OrderState::ValidPending)),
        "n" => Ok(Some(OrderState::Pending)),
        "c" | "e" => Ok(None),
        _ => Err(RegistrationError::field("orders: status")),
    }
}

/// Whether a country (ISO 3166-1) is in the European Economic Area (M57). The country itself is not
/// kept (C17).
fn is_in_eea(country: &str) -> bool {
    const EEA: [&str; 30] = [
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
        "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
    ];
    EEA.contains(&country)
}

/// Where a badge is by the scans of one list.
fn scanned(checkins: &[Checkin], list: u64) -> Option<Scanned> {
    let here = || checkins.iter().filter(|checkin| checkin.list == list);
    if !here().any(|checkin| checkin.r#type == "entry") {
        return None;
    }
    here().max_by_key(|checkin| checkin.datetime).map(|last| match last.r#type.as_str() {
        "exit" => Scanned::Left(last.datetime),
        _ => Scanned::Inside(last.datetime),
    })
}

#[cfg(test)]
mod tests;
