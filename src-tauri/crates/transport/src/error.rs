//! What can go wrong on the way. No text names an address: its query may hold a secret.

use std::io;

use reqwest::Error;

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file of certificates could not be read.
    #[error("network.ca cannot be read")]
    ReadCa(#[source] io::Error),
    /// It holds something else.
    #[error("network.ca is not a file of certificates (PEM)")]
    Ca(#[source] Error),
    /// It holds none.
    #[error("network.ca holds no certificate")]
    EmptyCa,
    /// The proxy cannot be used.
    #[error("network.proxy is not a proxy's address")]
    Proxy(#[source] Error),
    /// No client with these settings.
    #[error("no connections can be made with these settings")]
    Client(#[source] Error),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The address is outside the list of allowed endpoints. Nothing was connected to.
    #[error("the address is not in network.allow")]
    NotAllowed,
    /// A key that cannot stand in a header.
    #[error("the key has characters that no header can carry")]
    Authorization,
    /// No connection: no network, no such name, nobody listening, or a certificate of somebody
    /// else.
    #[error("no connection to the server")]
    Connect(#[source] Error),
    /// The time limit is over.
    #[error("the server took too long")]
    TimedOut,
    /// The connection broke, or what came is not HTTP.
    #[error("the connection broke off")]
    Broken(#[source] Error),
    /// The answer is longer than any that is wanted.
    #[error("the answer is longer than {longest} bytes")]
    TooLong {
        /// The limit in bytes.
        longest: usize,
    },
}

impl TransportError {
    pub(crate) fn of(error: Error) -> Self {
        let error = error.without_url();
        if error.is_timeout() {
            Self::TimedOut
        } else if error.is_connect() {
            Self::Connect(error)
        } else {
            Self::Broken(error)
        }
    }
}
