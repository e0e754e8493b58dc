//! A new key for the account.
//!
//! pretix puts a new key in the place of the old one before it answers, and the old one counts no
//! more. So that a lost answer does not lock the kiosk out, the request has a name, which is kept
//! with the account before anything is sent: pretix repeats its answer to whoever asks again
//! under the same name and with the same, old key, for a day.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use transport::{Call, Transport};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{Account, Server, read};
use crate::{Key, RegistrationError};

impl Account {
    /// Marks that a new key is about to be asked for, under a `name` that nobody used before. To be
    /// kept before [`roll`]. A request that has no answer yet keeps its name.
    pub fn begin_roll(&mut self, name: [u8; 16]) {
        self.rolling.get_or_insert_with(|| data_encoding::HEXLOWER.encode(&name));
    }

    /// True when a new key was asked for and no answer is kept: nothing but asking again leads on.
    pub fn is_rolling(&self) -> bool {
        self.rolling.is_some()
    }

    /// How it is with the key: due when it is `days` old, or of unknown age; never with 0 days.
    pub fn key(&self, days: u16, now: Timestamp) -> Key {
        let age = SignedDuration::from_hours(24 * i64::from(days));
        if self.is_rolling() {
            Key::Asked
        } else if days > 0 && self.key_since.is_none_or(|since| now.duration_since(since) >= age) {
            Key::Due
        } else {
            Key::Counts
        }
    }
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Rolled {
    api_token: String,
}

/// Asks for the new key of an account that [`Account::begin_roll`] has marked, and returns the
/// account with it. May be asked again after any failure.
pub async fn roll(
    transport: &Transport,
    account: &Account,
    now: Timestamp,
) -> Result<Account, RegistrationError> {
    let name = account.rolling.as_deref();
    let name = name.ok_or(RegistrationError::field("the request"))?;
    let server = Server { transport, account };
    let answer =
        server.call("/api/v1/device/roll", Call::PostOnce { json: b"{}", key: name }).await?;
    let mut rolled: Rolled = read(&answer, "api_token")?;
    Ok(Account {
        url: account.url.clone(),
        organizer: account.organizer.clone(),
        name: account.name.clone(),
        place: account.place.clone(),
        api_token: std::mem::take(&mut rolled.api_token),
        key_since: Some(now),
        rolling: None,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_793_869_200, 0);

    fn account(key_since: &str) -> Account {
        let text = format!(
            r#"{{"url": "https://a.test", "organizer": "expo", "name": "Gate", "place": null,
                "api_token": "key"{key_since}}}"#
        );
        Account::from_bytes(text.as_bytes()).unwrap()
    }

    #[test]
    fn c31_a_key_is_due_by_its_age_and_one_of_unknown_age_at_once() {
        let days_ago = |days: i64| {
            let since = NOW - SignedDuration::from_hours(24 * days);
            format!(r#", "key_since": "{since}""#)
        };
        for (since, days, due) in [
            (days_ago(29), 30, false),
            (days_ago(30), 30, true),
            (days_ago(400), 0, false),
            (String::new(), 30, true),
            (String::new(), 0, false),
            // A clock that was set back.
            (days_ago(-5), 30, false),
        ] {
            let key = if due { Key::Due } else { Key::Counts };
            assert_eq!(account(&since).key(days, NOW), key, "{since} {days}");
        }
    }

    #[test]
    fn the_name_of_a_request_without_an_answer_outlives_a_restart() {
        let mut account = account("");
        assert!(!account.is_rolling());
        account.begin_roll([7; 16]);
        let mut again = Account::from_bytes(&account.to_bytes().unwrap()).unwrap();
        again.begin_roll([8; 16]);
        assert_eq!(again.rolling.as_deref(), Some("07070707070707070707070707070707"));
    }
}
