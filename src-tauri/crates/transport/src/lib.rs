//! Requests to the endpoints that a technician allowed, and to no others (C29).
//!
//! An address outside the list is refused before anything is resolved or connected. Redirects
//! are never followed, proxies are used only where the configuration names one, every request
//! has a time limit as a whole and for each silence in it, and every answer a limit of its length.
//! Of headers hyper reads 100 and 400 KiB at most.

mod error;
mod origin;
mod server_time;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Proxy, redirect};
use serde::Deserialize;
use zeroize::Zeroizing;

pub use error::{SettingsError, TransportError};
pub use origin::{NoOrigin, Origin};
pub use reqwest::Url;
pub use server_time::ServerTime;

/// How long a connection may take, name and TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a server may say nothing, before its answer and in the middle of it.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a whole request may take, its answer included.
const WHOLE: Duration = Duration::from_secs(20);
/// By this header a server knows a request that it has answered before.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("x-idempotency-key");

/// The network as a technician sets it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The endpoints to which the kiosk may connect: `https://host` or `https://host:port`;
    /// plain `http` on this machine only. Empty: it connects to nothing.
    pub allow: Vec<Origin>,
    /// A file of certificates (PEM). The server's must come from one of these; without it, from
    /// one that the operating system trusts.
    pub ca: Option<PathBuf>,
    /// A proxy through which everything goes. The environment's are not used.
    pub proxy: Option<String>,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call<'a> {
    /// Reads.
    Get,
    /// Sends JSON.
    Post(&'a [u8]),
    /// Sends JSON that takes effect once: a server that knows the key has answered before, and
    /// answers the same again.
    PostOnce {
        /// The JSON.
        json: &'a [u8],
        /// Names the request; nothing secret.
        key: &'a str,
    },
}

/// One request.
#[derive(Debug)]
pub struct Request<'a> {
    /// Where.
    pub url: Url,
    /// What.
    pub call: Call<'a>,
    /// The header `Authorization`, if any.
    pub authorization: Option<&'a Zeroizing<String>>,
    /// Longest answer that is read, in bytes.
    pub longest: usize,
}

/// What a server answered, whatever its status.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    headers: HeaderMap,
    /// The body. It is wiped when dropped: it may hold a photo or a key.
    pub body: Zeroizing<Vec<u8>>,
}

impl Answer {
    /// One header, if there is one and it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The way to the allowed endpoints.
pub struct Transport {
    client: Client,
    allow: Vec<Origin>,
    /// When the last answer came that told the time.
    server_time: Mutex<Option<ServerTime>>,
}

impl Transport {
    /// Takes the technician's settings. Reads the file of certificates; connects to nothing.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let mut builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .http1_only()
            .user_agent(concat!("Postern/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(WHOLE);
        if let Some(path) = &settings.ca {
            let pem = std::fs::read(path).map_err(SettingsError::ReadCa)?;
            let certificates = Certificate::from_pem_bundle(&pem).map_err(SettingsError::Ca)?;
            if certificates.is_empty() {
                return Err(SettingsError::EmptyCa);
            }
            builder = builder.tls_certs_only(certificates);
        }
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(Proxy::all(proxy).map_err(SettingsError::Proxy)?);
        }
        let client = builder.build().map_err(SettingsError::Client)?;
        Ok(Self { client, allow: settings.allow.clone(), server_time: Mutex::default() })
    }

    /// The time that the last answer told; none before the first that did.
    pub fn server_time(&self) -> Option<ServerTime> {
        *self.server_time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends one request and reads the whole answer.
    ///
    /// An answer of any status is an answer, a redirect too.
    pub async fn send(&self, request: Request<'_>) -> Result<Answer, TransportError> {
        let origin = Origin::of(&request.url).map_err(|_| TransportError::NotAllowed)?;
        if !self.allow.contains(&origin) {
            return Err(TransportError::NotAllowed);
        }
        let mut sending = match request.call {
            Call::Get => self.client.get(request.url),
            Call::Post(json) => self.client.post(request.url).body(json.to_vec()),
            Call::PostOnce { json, key } => {
                self.client.post(request.url).body(json.to_vec()).header(IDEMPOTENCY_KEY, key)
            }
        };
        if request.call != Call::Get {
            sending = sending.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(authorization) = request.authorization {
            let mut value =
                HeaderValue::from_str(authorization).map_err(|_| TransportError::Authorization)?;
            value.set_sensitive(true);
            sending = sending.header(AUTHORIZATION, value);
        }
        let begun = Instant::now();
        let mut answer = sending.send().await.map_err(TransportError::of)?;
        if let Some(time) = ServerTime::of(answer.headers(), begun, Instant::now()) {
            *self.server_time.lock().unwrap_or_else(PoisonError::into_inner) = Some(time);
        }
        let announced = answer.content_length().unwrap_or(0);
        if announced > request.longest as u64 {
            return Err(TransportError::TooLong { longest: request.longest });
        }
        let mut body = Zeroizing::new(Vec::with_capacity(announced as usize));
        while let Some(part) = answer.chunk().await.map_err(TransportError::of)? {
            if body.len() + part.len() > request.longest {
                return Err(TransportError::TooLong { longest: request.longest });
            }
            body.extend_from_slice(&part);
        }
        let (status, headers) = (answer.status().as_u16(), kept(answer.headers()));
        Ok(Answer { status, headers, body })
    }
}

/// The headers that anybody asks for.
fn kept(headers: &HeaderMap) -> HeaderMap {
    const KEPT: [HeaderName; 4] = [
        CONTENT_TYPE,
        reqwest::header::DATE,
        reqwest::header::RETRY_AFTER,
        HeaderName::from_static("x-page-generated"),
    ];
    KEPT.iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone()))).collect()
}
