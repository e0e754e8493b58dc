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
    scheme: Scheme,
    host: String,
    port: u16,
}

/// A protocol that the kiosk speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Https,
    Http,
    Mqtts,
}

impl Scheme {
    /// How addresses begin, and the port of those that name none.
    fn usual(self) -> (&'static str, u16) {
        match self {
            Self::Https => ("https", 443),
            Self::Http => ("http", 80),
            Self::Mqtts => ("mqtts", 8883),
        }
    }
}

/// Why a text is not an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoOrigin {
    /// Not an address.
    #[error("not an address such as https://tickets.sample-expo.test")]
    Address,
    /// Another protocol than HTTP, or MQTT over TLS.
    #[error("an endpoint begins with https://, and a broker with mqtts://")]
    Protocol,
    /// Unencrypted to another machine.
    #[error("http:// is for this machine only; other endpoints begin with https://")]
    Plain,
    /// A path, a query or a user.
    #[error("an endpoint ends after its host and port: no path, no query, no user")]
    More,
}

impl Origin {
    /// The origin of an address for requests.
    pub fn of(url: &Url) -> Result<Self, NoOrigin> {
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(NoOrigin::Protocol),
        };
        let host = url.host_str().ok_or(NoOrigin::Address)?;
        if scheme == Scheme::Http && !is_this_machine(host) {
            return Err(NoOrigin::Plain);
        }
        let port = url.port_or_known_default().ok_or(NoOrigin::Address)?;
        Ok(Self { scheme, host: host.to_owned(), port })
    }

    /// Host and port of a broker (MQTT over TLS); none of an endpoint for requests.
    pub fn mqtt(&self) -> Option<(&str, u16)> {
        (self.scheme == Scheme::Mqtts).then_some((&self.host, self.port))
    }

    /// A broker's address has its host written as any other's.
    fn of_broker(url: &Url, after_scheme: &str) -> Result<Self, NoOrigin> {
        let same = Url::parse(&format!("https{after_scheme}")).map_err(|_| NoOrigin::Address)?;
        let host = same.host_str().ok_or(NoOrigin::Address)?.to_owned();
        let (_, usual) = Scheme::Mqtts.usual();
        Ok(Self { scheme: Scheme::Mqtts, host, port: url.port().unwrap_or(usual) })
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
        let origin = match url.scheme() {
            "mqtts" => Self::of_broker(&url, &text.trim()["mqtts".len()..])?,
            _ => Self::of(&url)?,
        };
        let bare = matches!(url.path(), "" | "/")
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
        let (scheme, usual) = self.scheme.usual();
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
            ("mqtts://Broker.test:8883", "mqtts://broker.test"),
            ("mqtts://broker.test:443/", "mqtts://broker.test:443"),
            ("MQTTS://示例.test", "mqtts://xn--fsq092h.test"),
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
            ("mqtt://broker.test", NoOrigin::Protocol),
            ("mqtts://", NoOrigin::Address),
            ("mqtts://broker.test/topic", NoOrigin::More),
            ("mqtts://user:word@broker.test", NoOrigin::More),
            ("mqtts://broker.test?clean", NoOrigin::More),
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
    fn c29_a_broker_is_no_endpoint_for_requests() {
        let broker: Origin = "mqtts://broker.test".parse().unwrap();
        assert_eq!(broker.mqtt(), Some(("broker.test", 8883)));
        let requests: Origin = "https://broker.test:8883".parse().unwrap();
        assert_eq!(requests.mqtt(), None);
        assert_ne!(broker, requests);
        let url = Url::parse("mqtts://broker.test").unwrap();
        assert_eq!(Origin::of(&url), Err(NoOrigin::Protocol));
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
