//! pretix's device API (docs.pretix.eu, "Device API", "Orders" and "Check-in"): the account of a
//! kiosk, the roster and its changes, photos, what the outbox has to tell, and the heads of the
//! audit log. Attendees are named by the number of their position; nothing else about them is sent.

mod account;
mod connect;
mod handshake;
mod heads;
mod list;
mod orders;
mod photo;
mod pull;
mod redeem;
mod roll;
mod walk;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use seal::{BadgeKeys, RosterSalt};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use store::{OutboxEntry, PhotoDue, RefusedScan};
use transport::{Answer, Call, Request, ServerTime, Transport, Url};
use zeroize::Zeroizing;

use crate::registration::{Loaded, Terms};
use crate::{Cursor, Heard, Key, Photo, Pulled, Registration, RegistrationError};

pub use account::{Account, Unreadable};
pub use connect::{Place, Software, connect, places, revoke};
pub use handshake::{Handshake, NoHandshake};
pub use heads::kept_head;
pub use orders::QuestionNames;
pub use roll::roll;

/// Longest answer that is neither a photo nor a page of orders, in bytes.
const LONGEST: usize = 4 << 20;

/// Pages of a list. More is no honest answer.
const LONGEST_LIST: u32 = 10_000;

/// A change is seen when its transaction ends, which may be so long after its time.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// The check-in list of one entrance at a pretix server: the adapter for pretix.
pub struct Pretix {
    /// The way there.
    pub transport: Transport,
    /// The kiosk's account.
    pub account: Account,
    /// Where the kiosk checks in.
    pub place: Place,
    /// The event's questions that a kiosk needs the answers of.
    pub questions: QuestionNames,
}

impl Pretix {
    /// The server.
    pub fn server(&self) -> Server<'_> {
        Server { transport: &self.transport, account: &self.account }
    }

    fn event(&self) -> String {
        format!("/api/v1/organizers/{}/events/{}", self.account.organizer, self.place.event)
    }
}

#[async_trait]
impl Registration for Pretix {
    fn since(&self, at: Timestamp) -> Cursor {
        walk::Walk::since(at).cursor()
    }

    async fn pull(
        &self,
        from: &Cursor,
        loaded: Option<&Loaded>,
        now: Timestamp,
    ) -> Result<Pulled, RegistrationError> {
        // Without a salt nobody can be sealed.
        let Some(loaded) = loaded else { return Ok(Pulled::Nothing) };
        let changes = self.changes(from, &loaded.terms, now).await?;
        Ok(Pulled::Changes(Box::new(changes)))
    }

    async fn photo(&self, position: i64, keys: &BadgeKeys) -> Result<Photo, RegistrationError> {
        self.fetch(position, keys).await
    }

    async fn photos(
        &self,
        wanted: &[PhotoDue],
        terms: &Terms,
    ) -> Result<Vec<(i64, Photo)>, RegistrationError> {
        self.fetch_ahead(wanted, terms).await
    }

    async fn check_in(&self, entry: &OutboxEntry) -> Result<Heard, RegistrationError> {
        let position = entry.position.ok_or(RegistrationError::field("position"))?;
        self.redeem(entry, position).await
    }

    async fn annul(&self, entry: &OutboxEntry) -> Result<Heard, RegistrationError> {
        self.take_back(entry).await
    }

    async fn report_refused(&self, scan: &RefusedScan) -> Result<Heard, RegistrationError> {
        self.tell_refused(scan).await
    }

    fn salt(&self) -> Result<Option<RosterSalt>, RegistrationError> {
        let salt = self.account.salt(&self.place.event);
        salt.map(Some).map_err(|_| RegistrationError::field("url"))
    }

    async fn greet(&self) -> Result<(), RegistrationError> {
        let info = self.server().get::<IgnoredAny>("/api/v1/device/info", "device").await;
        info.map(drop)
    }

    fn server_time(&self) -> Option<ServerTime> {
        self.transport.server_time()
    }

    async fn tell_head(&self, head: &str) -> Result<(), RegistrationError> {
        self.server().tell_head(head, Software::THIS).await
    }

    fn key(&self, days: u16, now: Timestamp) -> Key {
        self.account.key(days, now)
    }

    async fn new_key(&self, now: Timestamp) -> Result<Zeroizing<Vec<u8>>, RegistrationError> {
        let account = roll(&self.transport, &self.account, now).await?;
        account.to_bytes().map_err(|_| RegistrationError::field("api_token"))
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

    /// All entries of a list, from all its pages.
    async fn all<T: DeserializeOwned>(
        &self,
        path: &str,
        field: &'static str,
    ) -> Result<Vec<T>, RegistrationError> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut entries = Vec::new();
        for page in 1..=LONGEST_LIST {
            let part = format!("{path}{separator}page={page}");
            let part: Page<T> = self.get(&part, field).await?;
            entries.extend(part.results);
            if part.next.is_none() {
                return Ok(entries);
            }
        }
        Err(RegistrationError::field(field))
    }

    async fn call(&self, path: &str, call: Call<'_>) -> Result<Answer, RegistrationError> {
        self.call_up_to(path, call, LONGEST).await
    }

    async fn call_up_to(
        &self,
        path: &str,
        call: Call<'_>,
        longest: usize,
    ) -> Result<Answer, RegistrationError> {
        let key = self.account.authorization();
        let url = url(&self.account.url, path)?;
        send(self.transport, Request { url, call, authorization: Some(&key), longest }).await
    }
}

fn json(body: &impl serde::Serialize) -> Result<Zeroizing<Vec<u8>>, RegistrationError> {
    let body = serde_json::to_vec(body).map(Zeroizing::new);
    body.map_err(|_| RegistrationError::field("the request"))
}

/// Asks, and sorts out the answers that are none.
async fn ask(
    transport: &Transport,
    server: &str,
    path: &str,
    call: Call<'_>,
    authorization: Option<&Zeroizing<String>>,
) -> Result<Answer, RegistrationError> {
    let url = url(server, path)?;
    send(transport, Request { url, call, authorization, longest: LONGEST }).await
}

fn url(server: &str, path: &str) -> Result<Url, RegistrationError> {
    Url::parse(&format!("{server}{path}")).map_err(|_| RegistrationError::field("url"))
}

async fn send(transport: &Transport, request: Request<'_>) -> Result<Answer, RegistrationError> {
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
    let mut json = serde_json::Deserializer::from_slice(&answer.body);
    // The parser's own words could quote what it read. The way to the field does not: it has the
    // names of fields that this program asks for.
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let way = error.path().to_string();
        let words = error.inner().to_string();
        let missing = words.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
        let missing = missing.map(|(name, _)| format!(".{name}")).unwrap_or_default();
        RegistrationError::Malformed { field: format!("{field}: {way}{missing}").into() }
    })
}

/// A field that may be null and may not be missing: a server that has it no more is of another
/// version, and says nothing about what stood there.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(value)
}

/// One page of a list.
#[derive(Deserialize)]
struct Page<T> {
    #[serde(deserialize_with = "given")]
    next: Option<IgnoredAny>,
    results: Vec<T>,
}
