//! To whom records are sealed.

use std::fmt;
use std::str::FromStr;

use age::x25519;
use serde::{Deserialize, Serialize};

/// The public key of whoever the law names: an age recipient of the X25519 kind, `age1…`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient(x25519::Recipient);

/// A text that is no X25519 recipient. A secret key pasted by mistake is one, so the text is not
/// repeated.
#[derive(Debug, thiserror::Error)]
#[error("not an age recipient of the X25519 kind (age1 and 58 letters and digits)")]
pub struct RecipientError;

impl Recipient {
    pub(crate) fn key(&self) -> &x25519::Recipient {
        &self.0
    }
}

impl FromStr for Recipient {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key: x25519::Recipient = text.parse().map_err(|_| RecipientError)?;
        if opens_for_everybody(text) { Err(RecipientError) } else { Ok(Self(key)) }
    }
}

/// True for the few points of low order (RFC 7748, section 6.1): with them the secret that both
/// sides compute is zero, whoever computes it, and the age library ends the process.
fn opens_for_everybody(text: &str) -> bool {
    let point = bech32::decode(text).ok().and_then(|(_, bytes)| bytes.try_into().ok());
    // Any scalar will do: the cofactor is a factor of them all.
    point.is_none_or(|point| x25519_dalek::x25519([0x42; 32], point) == [0; 32])
}

impl TryFrom<String> for Recipient {
    type Error = RecipientError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.to_string()
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_recipient_is_read_and_written_as_it_stands() {
        let text = x25519::Identity::generate().to_public().to_string();
        let recipient: Recipient = text.parse().unwrap();
        assert_eq!(recipient.to_string(), text);
        let json = serde_json::to_string(&recipient).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Recipient>(&json).unwrap(), recipient);
    }

    #[test]
    fn a_point_with_which_every_secret_is_zero_is_no_recipient() {
        let hrp = bech32::Hrp::parse("age").unwrap();
        let one = std::array::from_fn::<u8, 32, _>(|i| u8::from(i == 0));
        for point in [[0; 32], one] {
            let text = bech32::encode::<bech32::Bech32>(hrp, &point).unwrap();
            assert!(text.parse::<x25519::Recipient>().is_ok(), "the library takes it");
            assert!(text.parse::<Recipient>().is_err());
        }
    }

    #[test]
    fn what_is_no_recipient_is_refused_and_not_repeated() {
        use age::secrecy::ExposeSecret as _;
        let identity = x25519::Identity::generate();
        let good = identity.to_public().to_string();
        let secret = identity.to_string();
        let mut typing_mistake = good.clone();
        let last = if typing_mistake.pop() == Some('q') { 'p' } else { 'q' };
        typing_mistake.push(last);
        for text in [
            "",
            "age1",
            "somebody",
            "ssh-ed25519 AAAA",
            "age1pq1qqqq",
            &good[..good.len() - 1],
            &typing_mistake,
            secret.expose_secret(),
            &format!(" {good}"),
        ] {
            let error = text.parse::<Recipient>().unwrap_err().to_string();
            assert!(text.is_empty() || text == "age1" || !error.contains(text), "{error}");
        }
    }
}
