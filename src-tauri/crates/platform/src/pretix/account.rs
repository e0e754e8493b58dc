//! This kiosk's account at a pretix server.

use jiff::Timestamp;
use seal::RosterSalt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use transport::{NoOrigin, Origin, Url};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::Place;

/// What the kiosk knows of itself at the server. Holds the key; never printed.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Where the server is, without a slash at the end.
    pub(super) url: String,
    /// Short name of the organiser.
    pub organizer: String,
    /// What the organiser calls this kiosk.
    pub name: String,
    /// Where it checks in, once that is chosen.
    #[zeroize(skip)]
    pub place: Option<Place>,
    /// The device's key.
    pub(super) api_token: String,
    /// When it was given; unknown of an account that an older version kept.
    #[zeroize(skip)]
    #[serde(default)]
    pub key_since: Option<Timestamp>,
    /// A new key was asked for under this name of the request, and no answer is kept.
    #[zeroize(skip)]
    #[serde(default)]
    pub(super) rolling: Option<String>,
}

/// The account cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the account at the platform is not readable")]
pub struct Unreadable;

impl Account {
    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        serde_json::from_slice(bytes).map_err(|_| Unreadable)
    }

    /// As it is kept in the database.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(|_| Unreadable)
    }

    /// The endpoint of the server.
    pub fn origin(&self) -> Result<Origin, NoOrigin> {
        let url = Url::parse(&self.url).map_err(|_| NoOrigin::Address)?;
        Origin::of(&url)
    }

    /// The salt of the roster that an event fills: SHA-256 over the name of the scheme and over
    /// origin, organiser and event, each with its length in 8 bytes before it.
    pub fn salt(&self, event: &str) -> Result<RosterSalt, NoOrigin> {
        self.digest("postern/1/pretix", &[event]).map(RosterSalt)
    }

    /// What names a check-in list wherever it is, in the same way: check-ins that wait are told to
    /// this one and to no other.
    pub fn list_id(&self, place: &Place) -> Result<[u8; 32], NoOrigin> {
        self.digest("postern/1/list", &[&place.event, &place.list.to_string()])
    }

    fn digest(&self, scheme: &str, of: &[&str]) -> Result<[u8; 32], NoOrigin> {
        let (origin, mut hash) = (self.origin()?.to_string(), Sha256::new_with_prefix(scheme));
        for part in [origin.as_str(), &self.organizer].into_iter().chain(of.iter().copied()) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Ok(hash.finalize().into())
    }

    pub(super) fn authorization(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("Device {}", self.api_token))
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(..)")
    }
}
