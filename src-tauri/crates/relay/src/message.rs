//! What kiosks say to each other, and how it is known to come from one of them.
//!
//! A message is two lines of text: the code of authentication over topic and body (HMAC-SHA256, in
//! hexadecimal digits), then the body as JSON. The code is checked before the body is looked at.

mod announcement;
mod heartbeat;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::Mac as _;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::topic::Topic;
use crate::{BadgeHash, KioskName, VenueKey};

pub use announcement::{Announcement, BadgeUse, LongestStay};
pub use heartbeat::{Heartbeat, PlatformLink, Service};

/// Longest message in bytes.
pub const LONGEST: usize = 512;
/// Hexadecimal digits of the code.
const CODE: usize = 64;

/// A message as it goes to the broker.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    /// Seconds after which the broker forgets it.
    pub(crate) expiry: u32,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(..)")
    }
}

/// A message that came from a kiosk of this venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// What became of a badge there.
    Badge {
        /// Which kiosk says it.
        kiosk: KioskName,
        /// Of which badge.
        badge: BadgeHash,
        /// What.
        announcement: Announcement,
    },
    /// How a kiosk is.
    Kiosk {
        /// Which.
        kiosk: KioskName,
        /// How.
        heartbeat: Heartbeat,
    },
}

/// Why a message does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is empty: the broker has nothing more to say of this topic. Nobody can prove that, and
    /// nothing follows from it.
    #[error("the message is empty")]
    Empty,
    /// Longer than any that a kiosk sends.
    #[error("the message is longer than {LONGEST} bytes")]
    TooLong,
    /// Not on a topic of this venue.
    #[error("the topic is not one of this venue's")]
    Topic,
    /// Not a line with a code, and a body.
    #[error("the message has no code of authentication")]
    NoCode,
    /// The code is not that of a kiosk of this venue.
    #[error("the message is not from a kiosk of this venue")]
    Forged,
    /// The body has a field too many or too few, or a value that cannot be.
    #[error("the message has other fields than this version of the program knows")]
    Fields,
    /// Its time is over.
    #[error("the message's time is over")]
    Over,
    /// It is dated more than a day ahead, or stays longer than any should.
    #[error("the message's times cannot be")]
    Times,
}

impl VenueKey {
    /// Announces a badge in a kiosk's name.
    pub fn announce(
        &self,
        kiosk: &KioskName,
        badge: BadgeHash,
        announcement: &Announcement,
        now: Timestamp,
    ) -> Sealed {
        let topic = self.venue().badge(kiosk, badge);
        self.seal(topic, announcement, announcement.left(now))
    }

    /// Takes a message of this kiosk back from the broker, for a badge that is gone.
    pub fn withdraw(&self, kiosk: &KioskName, badge: BadgeHash) -> Sealed {
        Sealed { topic: self.venue().badge(kiosk, badge), payload: Vec::new(), expiry: 0 }
    }

    /// Says how a kiosk is.
    pub fn beat(&self, kiosk: &KioskName, heartbeat: &Heartbeat) -> Sealed {
        self.seal(self.venue().kiosk(kiosk), heartbeat, heartbeat::KEPT)
    }

    /// Opens a message that came on a topic.
    pub fn open(&self, topic: &str, payload: &[u8], now: Timestamp) -> Result<Message, Refused> {
        if payload.is_empty() {
            return Err(Refused::Empty);
        }
        if payload.len() > LONGEST {
            return Err(Refused::TooLong);
        }
        let subject = self.venue().read(topic).ok_or(Refused::Topic)?;
        let (code, body) = payload.split_at_checked(CODE).ok_or(Refused::NoCode)?;
        let body = body.strip_prefix(b"\n").ok_or(Refused::NoCode)?;
        let code = HEXLOWER_PERMISSIVE.decode(code).map_err(|_| Refused::NoCode)?;
        self.authenticator(topic, body).verify_slice(&code).map_err(|_| Refused::Forged)?;
        match subject {
            Topic::Badge(kiosk, badge) => {
                let announcement: Announcement = read(body)?;
                announcement.check(now)?;
                Ok(Message::Badge { kiosk, badge, announcement })
            }
            Topic::Kiosk(kiosk) => {
                let heartbeat: Heartbeat = read(body)?;
                heartbeat.check()?;
                Ok(Message::Kiosk { kiosk, heartbeat })
            }
        }
    }

    fn seal(&self, topic: String, body: &impl Serialize, expiry: u32) -> Sealed {
        // Numbers and short words: there is nothing that JSON could not write.
        let body = serde_json::to_vec(body).unwrap_or_default();
        let code = self.authenticator(&topic, &body).finalize().into_bytes();
        let payload = [HEXLOWER.encode(&code).as_bytes(), b"\n", &body].concat();
        Sealed { topic, payload, expiry }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| Refused::Fields)
}

/// Times as milliseconds since 1970-01-01 UTC.
mod millis {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        at.as_millisecond().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_millisecond(i64::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
