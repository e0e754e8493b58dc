//! Check-ins, annulments, and scans that were refused here.
//!
//! What the server does with a nonce, and what follows from it:
//!
//! - It takes a nonce once while that check-in stands. After the annulment it would take it again,
//!   so that a request which was on its way for long could admit anew. Each request therefore has a
//!   key by which the server answers a repetition as it did at first, without doing anything.
//! - It keeps a refused attempt under the nonce too, and finds nothing to annul where there are
//!   two of one nonce. What is told with force therefore has another nonce than the attempt before.
//! - An annulment that was heard and is told again is an error there: it is known by its words.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{OutboxEntry, RefusedScan};
use transport::{Answer, Call};

use super::{Pretix, json};
use crate::{Heard, Refusal, RegistrationError};

/// A check-in that has happened already, at `datetime`.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the server's own words")]
struct Redeem<'a> {
    nonce: &'a str,
    datetime: String,
    r#type: &'a str,
    force: bool,
    ignore_unpaid: bool,
    questions_supported: bool,
    canceled_supported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Map<String, Value>>,
}

#[derive(Serialize)]
struct Annul<'a> {
    lists: [u64; 1],
    nonce: &'a str,
    datetime: String,
    error_explanation: &'a str,
}

/// A scan that was refused. `raw_barcode` is demanded; no code is sent.
#[derive(Serialize)]
struct Failed<'a> {
    position: i64,
    raw_barcode: String,
    error_reason: &'a str,
    nonce: &'a str,
    datetime: String,
    r#type: &'a str,
}

/// Either answer.
#[derive(Deserialize)]
struct Said {
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

/// After so many attempts without an answer the next one has another key: a server that died in
/// the middle of a request holds its key for a day.
const ATTEMPTS_OF_A_KEY: u32 = 8;

impl Pretix {
    /// Tells of a check-in, with force if the entry says so.
    pub(super) async fn redeem(
        &self,
        entry: &OutboxEntry,
        position: i64,
    ) -> Result<Heard, RegistrationError> {
        let path = format!(
            "{}/checkinlists/{}/positions/{position}/redeem/",
            self.event(),
            self.place.list
        );
        let nonce = nonce(entry);
        let answers = entry.answers.as_deref().map(serde_json::from_str).transpose();
        let redeem = Redeem {
            nonce: &nonce,
            datetime: entry.at.to_string(),
            r#type: "entry",
            force: entry.forced,
            ignore_unpaid: false,
            questions_supported: false,
            canceled_supported: true,
            answers: answers
                .map_err(|_| RegistrationError::Malformed { field: "answers".into() })?,
        };
        heard(&self.post_once(&path, &redeem, "checkin", &nonce, entry).await?)
    }

    /// Takes a check-in back: possible for 15 minutes, by the kiosk that made it.
    pub(super) async fn take_back(&self, entry: &OutboxEntry) -> Result<Heard, RegistrationError> {
        let nonce = nonce(entry);
        let annul = Annul {
            lists: [self.place.list],
            nonce: &nonce,
            datetime: entry.at.to_string(),
            error_explanation: "nobody passed the gate",
        };
        let path = format!("/api/v1/organizers/{}/checkinrpc/annul/", self.account.organizer);
        let answer = self.post_once(&path, &annul, "annulment", &nonce, entry).await?;
        taken_back(&answer)
    }

    /// Tells that a known badge was refused here. The server attributes it by the position; the
    /// text in place of the code is this kiosk's own.
    pub(super) async fn tell_refused(
        &self,
        scan: &RefusedScan,
    ) -> Result<Heard, RegistrationError> {
        let path = format!("{}/checkinlists/{}/failed_checkins/", self.event(), self.place.list);
        let failed = Failed {
            position: scan.position,
            raw_barcode: format!("position {}", scan.position),
            error_reason: &scan.reason,
            nonce: &HEXLOWER.encode(&scan.nonce),
            datetime: scan.at.to_string(),
            r#type: "entry",
        };
        let answer = self.server().post(&path, &failed).await?;
        Ok(match answer.status {
            404 => Heard::Refused(Refusal::Unknown),
            400 => Heard::Refused(Refusal::Other),
            _ => Heard::Accepted,
        })
    }

    async fn post_once(
        &self,
        path: &str,
        body: &impl Serialize,
        kind: &str,
        nonce: &str,
        entry: &OutboxEntry,
    ) -> Result<Answer, RegistrationError> {
        let body = json(body)?;
        let key = format!("{kind}-{nonce}-{}", entry.begun / ATTEMPTS_OF_A_KEY);
        self.server().call(path, Call::PostOnce { json: &body, key: &key }).await
    }
}

/// The nonce of a check-in at the server.
fn nonce(entry: &OutboxEntry) -> String {
    let nonce = HEXLOWER.encode(&entry.nonce);
    if entry.forced { nonce + "-forced" } else { nonce }
}

/// What the server answers to an annulment.
#[derive(Deserialize)]
#[serde(untagged)]
enum Objection {
    /// Words about the request as a whole.
    Plain(Vec<String>),
    /// Too late, or of another kiosk.
    Named {
        #[serde(rename = "non_field_errors")]
        _errors: Vec<String>,
    },
    /// It never heard of it.
    Unknown {
        #[serde(rename = "detail")]
        _detail: String,
    },
}

fn taken_back(answer: &Answer) -> Result<Heard, RegistrationError> {
    if (200..=299).contains(&answer.status) {
        return Ok(Heard::Accepted);
    }
    match serde_json::from_slice(&answer.body) {
        // The check-in is known to have been accepted: it can only be annulled already.
        Ok(Objection::Plain(words)) if words.iter().any(|w| w.contains("unsuccessful")) => {
            Ok(Heard::Accepted)
        }
        Ok(_) => Ok(Heard::Refused(Refusal::NotAnnulled)),
        Err(_) => Err(RegistrationError::Unexpected { status: answer.status }),
    }
}

fn heard(answer: &Answer) -> Result<Heard, RegistrationError> {
    let said: Result<Said, _> = serde_json::from_slice(&answer.body);
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok();
    match (answer.status, said) {
        (200..=299, Ok(said)) if said.status == "ok" => Ok(Heard::Accepted),
        (400 | 404, Ok(said)) if said.status == "incomplete" => {
            Ok(Heard::Refused(Refusal::Incomplete))
        }
        (400 | 404, Ok(said)) => {
            Ok(Heard::Refused(said.reason.as_deref().map_or(Refusal::Other, Refusal::of)))
        }
        // The server found a mistake in what it was told: nothing gets better by telling it again.
        (400, Err(_)) if is_json => Ok(Heard::Refused(Refusal::Other)),
        (404, Err(_)) if is_json => Ok(Heard::Refused(Refusal::Unknown)),
        (200..=299, _) => Err(RegistrationError::field("status")),
        (status, _) => Err(RegistrationError::Unexpected { status }),
    }
}
