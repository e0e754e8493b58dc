//! Kiosks of one venue tell each other which badges were used, over an MQTT broker that exists.
//!
//! What they say is small and tells of nobody: a badge is a hash under a key that the kiosks share
//! ([`VenueKey`]), and every message carries a code of authentication under the same key, so that
//! neither the broker nor a stranger with an account at it can mark a badge as used. A connection
//! goes to an endpoint that the technician allowed, or nowhere (C29).
//!
//! The messages and the broker's set-up are written down in `docs/relay.md`.

mod account;
mod connection;
mod error;
mod key;
mod kiosks;
mod message;
mod name;
mod settings;
mod topic;

pub use account::{Account, Unreadable};
pub use connection::{Connection, Event};
pub use error::RelayError;
pub use key::{BadgeHash, NoVenueKey, Venue, VenueKey};
pub use kiosks::{Kiosk, Kiosks, SILENT_AFTER};
pub use message::{
    Announcement, BadgeUse, Heartbeat, LONGEST, LongestStay, Message, PlatformLink, Refused,
    Sealed, Service,
};
pub use name::{KioskName, NoKioskName};
pub use settings::Settings;
