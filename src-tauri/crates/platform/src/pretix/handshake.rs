//! What pretix's QR code for a new device says, scanned or typed.

use serde::Deserialize;
use transport::Url;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Address and one-time token of a device that an organiser made for a kiosk.
pub struct Handshake {
    /// The server.
    pub server: Url,
    /// Good once.
    pub token: Zeroizing<String>,
}

impl std::fmt::Debug for Handshake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handshake(..)")
    }
}

/// Why a text is none. No reason quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoHandshake {
    /// A QR code of something else.
    #[error("this is not the QR code of a new device: url or token is missing")]
    Code,
    /// Nothing was typed.
    #[error("no token was given")]
    Empty,
    /// A token alone does not say where it belongs.
    #[error("a token alone needs --url")]
    NoAddress,
    /// The address is not one.
    #[error("the platform's address is not an address such as https://tickets.sample-expo.test")]
    Address,
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Code {
    url: String,
    token: String,
}

impl Handshake {
    /// Reads the text of the QR code, or a token for the server at `address`.
    pub fn read(text: &str, address: Option<&str>) -> Result<Self, NoHandshake> {
        let text = text.trim();
        let code = if text.starts_with('{') {
            // The parser's own words could quote the token.
            serde_json::from_str(text).map_err(|_| NoHandshake::Code)?
        } else if text.is_empty() {
            return Err(NoHandshake::Empty);
        } else {
            let url = address.ok_or(NoHandshake::NoAddress)?.to_owned();
            Code { url, token: text.to_owned() }
        };
        let server = Url::parse(&code.url).map_err(|_| NoHandshake::Address)?;
        Ok(Self { server, token: Zeroizing::new(code.token.clone()) })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_token_is_typed_or_comes_with_its_address_from_the_qr_code() {
        let qr = r#"{"handshake_version": 1, "url": "https://a.test", "token": "abc"}"#;
        for (text, address) in [(qr, None), (" abc\n", Some("https://a.test"))] {
            let handshake = Handshake::read(text, address).unwrap();
            assert_eq!(handshake.server.as_str(), "https://a.test/");
            assert_eq!(handshake.token.as_str(), "abc");
            assert_eq!(format!("{handshake:?}"), "Handshake(..)");
        }
        let nowhere = r#"{"url": "nowhere", "token": "s3cret"}"#;
        for (text, address, why) in [
            ("abc", None, NoHandshake::NoAddress),
            (" ", Some("https://a.test"), NoHandshake::Empty),
            (r#"{"token": "s3cret"}"#, None, NoHandshake::Code),
            ("{", None, NoHandshake::Code),
            (nowhere, None, NoHandshake::Address),
            ("s3cret", Some("nowhere"), NoHandshake::Address),
        ] {
            let error = Handshake::read(text, address).unwrap_err();
            assert_eq!(error, why, "{text}");
            assert!(!error.to_string().contains("s3cret"), "{text}");
        }
    }
}
