//! pretix's device API (docs.pretix.eu, "Device API" and "Check-in"): the account of a kiosk,
//! what its outbox has to tell, who is gone, and the heads of its audit log. Attendees are named by the number of their position; the
//! codes of badges, names and photos are not sent.

mod account;
mod connect;
mod handshake;
mod heads;
mod orders;
mod redeem;
mod roll;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use store::{OutboxEntry, OutboxKind};
use transport::{Answer, Call, Request, Transport, Url};
use zeroize::Zeroizing;

use crate::{Heard, RegistrationError};

pub use account::{Account, Unreadable};
pub use connect::{Place, Software, connect, places, revoke};
pub use handshake::{Handshake, NoHandshake};
pub use heads::kept_head;
pub use orders::{Asked, Gone};
pub use roll::roll;

/// Longest answer that is not a photo, in bytes: a page of 50 orders is about a tenth of it.
const LONGEST: usize = 4 << 20;

/// The check-in list of one entrance at a pretix server: the adapter for pretix.
pub struct Pretix {
    /// The way there.
    pub transport: Transport,
    /// The kiosk's account.
    pub account: Account,
    /// Where the kiosk checks in.
    pub place: Place,
}

impl Pretix {
    /// The server.
    pub fn server(&self) -> Server<'_> {
        Server { transport: &self.transport, account: &self.account }
    }

    /// Tells one entry of the outbox. To tell it twice does no harm: the server knows its nonce.
    pub async fn tell(&self, entry: &OutboxEntry) -> Result<Heard, RegistrationError> {
        match (entry.kind, entry.position) {
            (OutboxKind::Checkin, Some(position)) => self.redeem(entry, position).await,
            (OutboxKind::Checkin, None) => Err(RegistrationError::Malformed { field: "position" }),
            (OutboxKind::Annulment, _) => self.take_back(entry).await,
        }
    }

    fn event(&self) -> String {
        format!("/api/v1/organizers/{}/events/{}", self.account.organizer, self.place.event)
    }
}

/// A pretix server, as one kiosk sees it.
#[derive(Clone, Copy)]
pub struct Server<'a> {
    /// The way there.
    pub transport: &'a Transport,
    /// The kiosk's account.
    pub account: &'a Account,
}

impl Server<'_> {
    /// Shows that this kiosk is there, and that the server still knows it.
    pub async fn greet(&self) -> Result<(), RegistrationError> {
        let answer = self.call("/api/v1/device/info", Call::Get).await?;
        read::<IgnoredAny>(&answer, "device").map(drop)
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        field: &'static str,
    ) -> Result<T, RegistrationError> {
        let answer = self.call(path, Call::Get).await?;
        read(&answer, field)
    }

    async fn post(
        &self,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Result<Answer, RegistrationError> {
        let body = json(body)?;
        self.call(path, Call::Post(&body)).await
    }

    async fn call(&self, path: &str, call: Call<'_>) -> Result<Answer, RegistrationError> {
        let key = self.account.authorization();
        ask(self.transport, &self.account.url, path, call, Some(&key)).await
    }
}

fn json(body: &impl serde::Serialize) -> Result<Zeroizing<Vec<u8>>, RegistrationError> {
    let body = serde_json::to_vec(body).map(Zeroizing::new);
    body.map_err(|_| RegistrationError::Malformed { field: "the request" })
}

/// Asks, and sorts out the answers that are none.
async fn ask(
    transport: &Transport,
    server: &str,
    path: &str,
    call: Call<'_>,
    authorization: Option<&Zeroizing<String>>,
) -> Result<Answer, RegistrationError> {
    let url = Url::parse(&format!("{server}{path}"))
        .map_err(|_| RegistrationError::Malformed { field: "url" })?;
    let request = Request { url, call, authorization, longest: LONGEST };
    let answer = transport.send(request).await?;
    match answer.status {
        200..=299 | 400 | 404 => Ok(answer),
        401 => Err(not_known(&answer)),
        // A lock of the database that somebody else holds; too many requests; on its way up.
        409 | 429 | 503 => Err(RegistrationError::Busy),
        status => Err(RegistrationError::Unexpected { status }),
    }
}

/// What pretix says of a key whose device an organiser has revoked. Of any other key that it does
/// not take it says something else; a key that it has forgotten must not delete anything here.
const REVOKED: &str = "Device access has been revoked.";

fn not_known(answer: &Answer) -> RegistrationError {
    #[derive(Deserialize)]
    struct Refusal {
        detail: String,
    }
    match serde_json::from_slice(&answer.body) {
        Ok(Refusal { detail }) if detail == REVOKED => RegistrationError::Revoked,
        _ => RegistrationError::KeyUnknown,
    }
}

/// Reads an answer that says yes.
fn read<T: DeserializeOwned>(answer: &Answer, field: &'static str) -> Result<T, RegistrationError> {
    if !(200..=299).contains(&answer.status) {
        return Err(RegistrationError::Unexpected { status: answer.status });
    }
    // The parser's own words could quote what it read.
    serde_json::from_slice(&answer.body).map_err(|_| RegistrationError::Malformed { field })
}

/// One page of a list.
#[derive(Deserialize)]
struct Page<T> {
    results: Vec<T>,
    /// Where the next page is, if there is one.
    #[serde(default)]
    next: Option<IgnoredAny>,
}
