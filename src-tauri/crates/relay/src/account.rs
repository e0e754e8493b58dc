//! This kiosk's place among the kiosks of its venue.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{KioskName, VenueKey};

/// Name, password at the broker, and the venue's key. Lies in the encrypted database; never
/// printed.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Which kiosk this is: its user at the broker.
    #[zeroize(skip)]
    pub kiosk: KioskName,
    /// Its password there.
    pub(crate) password: String,
    /// The venue's key, as text.
    key: String,
}

/// The account cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the account at the relay is not readable")]
pub struct Unreadable;

impl Account {
    /// Puts an account together.
    pub fn new(kiosk: KioskName, password: &str, key: &VenueKey) -> Self {
        Self { kiosk, password: password.to_owned(), key: (*key.to_text()).clone() }
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        serde_json::from_slice(bytes).map_err(|_| Unreadable)
    }

    /// As it is kept in the database.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(|_| Unreadable)
    }

    /// The venue's key.
    pub fn venue_key(&self) -> Result<VenueKey, Unreadable> {
        VenueKey::parse(&self.key).map_err(|_| Unreadable)
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(..)")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn c19_an_account_comes_back_from_the_database_and_is_never_printed() {
        let key = VenueKey::draw().unwrap();
        let account = Account::new("gate-1".parse().unwrap(), "s3cret", &key);
        let again = Account::from_bytes(&account.to_bytes().unwrap()).unwrap();
        assert_eq!((again.kiosk.as_str(), again.password.as_str()), ("gate-1", "s3cret"));
        assert_eq!(*again.venue_key().unwrap().to_text(), *key.to_text());
        assert_eq!(format!("{again:?}"), "Account(..)");
        for wrong in [&b""[..], b"{}", br#"{"kiosk":"A","password":"p","key":""}"#] {
            assert!(Account::from_bytes(wrong).is_err());
        }
    }
}
