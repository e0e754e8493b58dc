//! The registration platform on the technician's panel.

use serde::Serialize;

use super::Link;

/// The kiosk's account, and what can be done with it. No key, no token, nothing of a visitor.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct PlatformPage {
    /// The account; none: the kiosk is not connected.
    pub(crate) account: Option<PlatformAccount>,
    /// The platform has revoked it, and the kiosk is locked.
    pub(crate) locked: bool,
    /// Whether the platform answers.
    pub(crate) link: Link,
    /// Check-ins and annulments of which it has yet to hear.
    pub(crate) waiting: u32,
    /// Where the kiosk may connect to: `network.allow` of the configuration.
    pub(crate) endpoints: Vec<String>,
    /// What can be chosen, after it was asked for.
    pub(crate) lists: Vec<PlatformList>,
    /// True when the signed-in member of staff may connect, choose, and ask for a new key.
    pub(crate) connects: bool,
    /// Why what was asked for did not happen, or not all of it.
    pub(crate) problem: Option<PlatformProblem>,
}

/// An account at the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct PlatformAccount {
    /// Scheme, host and port.
    pub(crate) server: String,
    /// Short name of the organiser.
    pub(crate) organiser: String,
    /// What the organiser calls this kiosk.
    pub(crate) name: String,
    /// The chosen check-in list, with its event; none: it is yet to be chosen.
    pub(crate) list: Option<String>,
    /// Date of the key, `YYYY-MM-DD`, if it is known.
    pub(crate) key_since: Option<String>,
    /// A new key was asked for and has not come yet.
    pub(crate) rolling: bool,
}

/// A check-in list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct PlatformList {
    /// Short name of the event.
    pub(crate) event: String,
    /// Number of the list.
    #[cfg_attr(test, ts(type = "number"))]
    pub(crate) list: u64,
    /// Name of the list.
    pub(crate) name: String,
}

/// What went wrong, for words in `assets/locales`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "code", rename_all = "snake_case")]
pub(crate) enum PlatformProblem {
    /// Not the QR code of a new device, or no token.
    Code,
    /// The address is not in `network.allow`: nothing was connected to.
    NotAllowed {
        /// Scheme, host and port, as the code has them.
        address: String,
    },
    /// The token was used before, or never was one.
    Token,
    /// The kiosk has an account already.
    Connected,
    /// There is none.
    NotConnected,
    /// The platform does not answer.
    NoAnswer,
    /// It answers something else than expected.
    NotUnderstood,
    /// It has revoked the account.
    Revoked,
    /// It does not know the account's key.
    KeyUnknown,
    /// `[network]` of the configuration cannot be used.
    Settings,
    /// The chosen list is not there.
    NoList,
    /// Check-ins of another event wait: its platform has to hear of them first.
    Waits,
    /// The account is deleted here, and the platform could not be told.
    NotToldOfEnd,
    /// The database did not keep it.
    NotKept,
}
