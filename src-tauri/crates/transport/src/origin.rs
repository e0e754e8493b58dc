//! Where a connection goes: scheme, host and port.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use reqwest::Url;
use serde::Deserialize;

/// Scheme, host and port of an address, and nothing else of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin {
    tls: bool,
    host: String,
    port: u16,
}

/// Why a text is not an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoOrigin {
    /// Not an address.
    #[error("not an address such as https://tickets.sample-expo.test")]
    Address,
    /// Another protocol than HTTP.
    #[error("an endpoint begins with https://")]
    Protocol,
    /// Unencrypted to another machine.
    #[error("http:// is for this machine only; other endpoints begin with https://")]
    Plain,
    /// A path, a query or a user.
    #[error("an endpoint ends after its host and port: no path, no query, no user")]
    More,
}

impl Origin {
    /// The origin of an address.
    pub fn of(url: &Url) -> Result<Self, NoOrigin> {
        let tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(NoOrigin::Protocol),
        };
        let host = url.host_str().ok_or(NoOrigin::Address)?;
        if !tls && !is_this_machine(host) {
            return Err(NoOrigin::Plain);
        }
        let port = url.port_or_known_default().ok_or(NoOrigin::Address)?;
        Ok(Self { tls, host: host.to_owned(), port })
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let url = Url::parse(text).map_err(|_| NoOrigin::Address)?;
        let origin = Self::of(&url)?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if bare { Ok(origin) } else { Err(NoOrigin::More) }
    }
}

impl TryFrom<String> for Origin {
    type Error = NoOrigin;

    fn try_from(text: String) -> Result<Self, NoOrigin> {
        text.parse()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.tls { ("https", 443) } else { ("http", 80) };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == usual { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn c29_an_endpoint_is_scheme_host_and_port() {
        for (text, shown) in [
            ("https://tickets.sample-expo.test", "https://tickets.sample-expo.test"),
            ("https://Tickets.Sample-Expo.test:443/", "https://tickets.sample-expo.test"),
            ("https://10.1.2.3:8443", "https://10.1.2.3:8443"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://[::1]:8000", "http://[::1]:8000"),
            ("http://localhost", "http://localhost"),
            ("https://示例.test", "https://xn--fsq092h.test"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn c29_what_is_no_endpoint_is_refused_with_its_reason() {
        for (text, why) in [
            ("tickets.sample-expo.test", NoOrigin::Address),
            ("", NoOrigin::Address),
            ("https://", NoOrigin::Address),
            ("ftp://tickets.sample-expo.test", NoOrigin::Protocol),
            ("file:///etc/passwd", NoOrigin::Protocol),
            ("http://tickets.sample-expo.test", NoOrigin::Plain),
            ("http://10.1.2.3", NoOrigin::Plain),
            ("http://localhost.sample-expo.test", NoOrigin::Plain),
            ("https://tickets.sample-expo.test/api", NoOrigin::More),
            ("https://tickets.sample-expo.test?a", NoOrigin::More),
            ("https://user@tickets.sample-expo.test", NoOrigin::More),
        ] {
            assert_eq!(text.parse::<Origin>(), Err(why), "{text}");
        }
    }

    #[test]
    fn c29_addresses_that_look_alike_have_other_origins() {
        let allowed: Origin = "https://tickets.sample-expo.test".parse().unwrap();
        for (url, same) in [
            ("https://tickets.sample-expo.test/api/v1/x?y=z", true),
            ("https://tickets.sample-expo.test:8443/", false),
            ("https://tickets.sample-expo.test.attacker.test/", false),
            ("https://tickets.sample-expo.test@attacker.test/", false),
            ("https://attacker.test/https://tickets.sample-expo.test", false),
            ("https://tickets.sample-expo.test./", false),
        ] {
            let origin = Origin::of(&Url::parse(url).unwrap()).unwrap();
            assert_eq!(origin == allowed, same, "{url}");
        }
    }
}
