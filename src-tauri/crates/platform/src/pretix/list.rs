//! What the entrance asks: the check-in list, its questions, the keys of signed codes, and codes
//! that do not count.

use std::collections::BTreeMap;

use admission::{CheckinList, Choice, Question, QuestionKind, SigningKey};
use data_encoding::BASE64;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use seal::Locator;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Void;

use super::Pretix;
use super::orders::Clear;
use crate::RegistrationError;
use crate::registration::Terms;

/// How the key of signed codes begins in DER: an Ed25519 key follows (RFC 8410).
const ED25519: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What belongs to the list rather than to an attendee.
pub(super) struct Head {
    pub(super) list: CheckinList,
    pub(super) begins_on: Date,
    pub(super) void: Vec<(Locator, Void)>,
}

#[derive(Deserialize)]
struct Event {
    date_from: Timestamp,
    timezone: String,
    valid_keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    #[serde(default)]
    pretix_sig1: Vec<String>,
}

#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the server's own words")]
struct List {
    id: u64,
    all_products: bool,
    limit_products: Vec<i64>,
    #[serde(deserialize_with = "super::given")]
    subevent: Option<i64>,
    include_pending: bool,
    allow_multiple_entries: bool,
    allow_entry_after_exit: bool,
    rules: Value,
    /// A ticket's add-ons count in its place. The kiosk does not know which belong to which.
    addon_match: bool,
}

#[derive(Deserialize)]
struct Asked {
    id: i64,
    question: BTreeMap<String, String>,
    r#type: String,
    required: bool,
    items: Vec<i64>,
    options: Vec<Answer>,
    ask_during_checkin: bool,
    dependency_question: Option<i64>,
    dependency_values: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    id: i64,
    identifier: String,
    #[serde(rename = "answer")]
    words: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Revoked {
    secret: Clear,
}

#[derive(Deserialize)]
struct Blocked {
    secret: Clear,
    blocked: bool,
}

impl Pretix {
    /// Asks for it. `since`: when that was done last; codes come from then on.
    pub(super) async fn head(
        &self,
        since: Option<Timestamp>,
        terms: &Terms,
    ) -> Result<Head, RegistrationError> {
        let server = self.server();
        let at = |part: &str| format!("{}/{part}/", self.event());
        let event: Event = server.get(&format!("{}/", self.event()), "event").await?;
        let lists: Vec<List> = server.all(&at("checkinlists"), "checkinlists").await?;
        let list = lists
            .into_iter()
            .find(|list| list.id == self.place.list)
            .ok_or(RegistrationError::field("checkinlists: the chosen list"))?;
        let questions: Vec<Asked> = server.all(&at("questions"), "questions").await?;
        let since = since.map(|at| at - super::OVERLAP);
        let since = |what: &str| since.map_or(String::new(), |at| format!("?{what}_since={at}"));
        let revoked = format!("{}{}", at("revokedsecrets"), since("created"));
        let revoked: Vec<Revoked> = server.all(&revoked, "revokedsecrets").await?;
        let blocked = format!("{}{}", at("blockedsecrets"), since("updated"));
        let blocked: Vec<Blocked> = server.all(&blocked, "blockedsecrets").await?;
        let revoked = revoked.into_iter().map(|code| (code.secret, Void::Revoked));
        let blocked = blocked
            .into_iter()
            .map(|code| (code.secret, if code.blocked { Void::Blocked } else { Void::Unblocked }));
        let mut void = Vec::new();
        for (code, what) in revoked.chain(blocked) {
            // A code that no kiosk could read counts nowhere.
            if let Some(secret) = code.secret(terms) {
                void.push((secret.derive(&terms.salt)?.locator, what));
            }
        }
        let zone = TimeZone::get(&event.timezone)
            .map_err(|_| RegistrationError::field("event.timezone"))?;
        let begins_on = event.date_from.to_zoned(zone).date();
        let list = checkin_list(event, list, questions)?;
        Ok(Head { list, begins_on, void })
    }
}

fn checkin_list(
    event: Event,
    list: List,
    questions: Vec<Asked>,
) -> Result<CheckinList, RegistrationError> {
    let keys = event.valid_keys.pretix_sig1.iter().map(|text| key(text));
    let keys = keys.collect::<Option<_>>();
    let has_rules = list.rules.as_object().is_none_or(|rules| !rules.is_empty());
    Ok(CheckinList {
        items: (!list.all_products).then_some(list.limit_products),
        subevent: list.subevent,
        include_pending: list.include_pending,
        multiple_entries: list.allow_multiple_entries,
        entry_after_exit: list.allow_entry_after_exit,
        // A rule of a kind that the kiosk does not know leads to a person.
        rules: if list.addon_match {
            Some(json!({"addon_match": []}))
        } else {
            (has_rules && !list.rules.is_null()).then_some(list.rules)
        },
        questions: questions.into_iter().filter(|q| q.ask_during_checkin).map(question).collect(),
        keys: keys.ok_or(RegistrationError::field("event.valid_keys"))?,
        time_zone: event.timezone,
    })
}

fn question(asked: Asked) -> Question {
    let choices = || {
        let choice = |Answer { id, identifier, words }| Choice { id, identifier, words };
        asked.options.into_iter().map(choice).collect()
    };
    Question {
        id: asked.id,
        items: asked.items,
        words: asked.question,
        required: asked.required,
        depends_on: asked.dependency_question.map(|on| (on, asked.dependency_values)),
        kind: match asked.r#type.as_str() {
            "B" => QuestionKind::Boolean,
            "C" => QuestionKind::Choice(choices()),
            "M" => QuestionKind::Choices(choices()),
            _ => QuestionKind::Person,
        },
    }
}

/// A key as the server writes it: PEM, and that in base64 once more.
fn key(text: &str) -> Option<SigningKey> {
    let pem = BASE64.decode(text.as_bytes()).ok()?;
    let pem = String::from_utf8(pem).ok()?;
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = BASE64.decode(body.trim().as_bytes()).ok()?;
    der.strip_prefix(&ED25519)?.try_into().ok().map(SigningKey)
}

#[cfg(test)]
mod tests;
