//! Check-ins and annulments.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use store::OutboxEntry;
use transport::Answer;

use super::Pretix;
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
}

#[derive(Serialize)]
struct Annul<'a> {
    lists: [u64; 1],
    nonce: &'a str,
    datetime: String,
    error_explanation: &'a str,
}

/// Either answer.
#[derive(Deserialize)]
struct Said {
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

impl Pretix {
    /// Tells of a check-in. The visitor is inside: what the server would have refused is told
    /// again in a way that it keeps, and the refusal is for staff to see.
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
        let nonce = HEXLOWER.encode(&entry.nonce);
        let mut redeem = Redeem {
            nonce: &nonce,
            datetime: entry.at.to_string(),
            r#type: "entry",
            force: false,
            ignore_unpaid: false,
            questions_supported: false,
            canceled_supported: true,
        };
        let heard = heard(&self.server().post(&path, &redeem).await?)?;
        if let Heard::Refused(refusal) = heard
            && refusal != Refusal::Unknown
        {
            redeem.force = true;
            self.server().post(&path, &redeem).await?;
        }
        Ok(heard)
    }

    /// Takes a check-in back: possible for 15 minutes, by the kiosk that made it.
    pub(super) async fn take_back(&self, entry: &OutboxEntry) -> Result<Heard, RegistrationError> {
        let nonce = HEXLOWER.encode(&entry.nonce);
        let annul = Annul {
            lists: [self.place.list],
            nonce: &nonce,
            datetime: entry.at.to_string(),
            error_explanation: "nobody passed the gate",
        };
        let path = format!("/api/v1/organizers/{}/checkinrpc/annul/", self.account.organizer);
        let answer = self.server().post(&path, &annul).await?;
        Ok(match answer.status {
            400 | 404 => Heard::Refused(Refusal::NotAnnulled),
            _ => Heard::Accepted,
        })
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
