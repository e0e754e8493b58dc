//! What can go wrong between a kiosk and the broker. No text names an address, a user or a key.

use std::io;

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandom;

/// Why there is no connection to the broker, or no longer one.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The broker is outside the list of allowed endpoints. Nothing was connected to (C29).
    #[error("relay.broker is not in network.allow")]
    NotAllowed,
    /// The endpoint is not one of MQTT over TLS.
    #[error("relay.broker begins with mqtts://")]
    Protocol,
    /// The address is of a kind that the client cannot use.
    #[error("relay.broker is a name or an IPv4 address")]
    Address,
    /// The file of certificates could not be read.
    #[error("relay.ca cannot be read")]
    ReadCa(#[source] io::Error),
    /// It holds something else, or nothing.
    #[error("relay.ca is not a file of certificates (PEM)")]
    Ca,
    /// No TLS with these settings.
    #[error("no connections can be made with these settings")]
    Tls,
    /// Nobody listens, or the network is away.
    #[error("no connection to the broker")]
    Unreachable,
    /// The broker's certificate is not from `relay.ca`, or not for its name.
    #[error("the broker's certificate is not one that relay.ca vouches for")]
    Certificate,
    /// Wrong user or password.
    #[error("the broker does not accept this kiosk's user and password")]
    Credentials,
    /// Another client has taken this kiosk's name.
    #[error("another kiosk is connected under this kiosk's name")]
    NameTaken,
    /// The broker has refused the connection for another reason.
    #[error("the broker has refused the connection")]
    Refused,
    /// The connection broke off.
    #[error("the connection to the broker broke off")]
    Broken,
    /// The broker does not let this kiosk announce: its access rules forbid it.
    #[error("the broker does not let this kiosk announce: see its access rules")]
    Forbidden,
    /// The broker lets this kiosk in and does not answer its wish to listen.
    #[error("the broker does not let this kiosk listen: see its access rules")]
    Deaf,
    /// More waits to be sent than there is room for.
    #[error("the broker does not take messages as quickly as they come")]
    Full,
}
