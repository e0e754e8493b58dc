//! Topics: who may write where is the broker's to check, by the kiosk's name in them.

use data_encoding::HEXLOWER;

use crate::{BadgeHash, KioskName, Venue};

/// First levels of every topic: the protocol and its version.
const ROOT: &str = "postern/1";

/// What a topic is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// A badge, as a kiosk tells of it.
    Badge(KioskName, BadgeHash),
    /// A kiosk.
    Kiosk(KioskName),
}

impl Venue {
    /// Every announcement of every kiosk.
    pub(crate) fn all_badges(&self) -> String {
        format!("{ROOT}/{self}/used/+/+")
    }

    /// Every kiosk's heartbeat.
    pub(crate) fn all_kiosks(&self) -> String {
        format!("{ROOT}/{self}/kiosk/+")
    }

    /// Where a kiosk announces a badge.
    pub(crate) fn badge(&self, kiosk: &KioskName, badge: BadgeHash) -> String {
        format!("{ROOT}/{self}/used/{kiosk}/{}", HEXLOWER.encode(&badge.0))
    }

    /// Where a kiosk says that it is there.
    pub(crate) fn kiosk(&self, kiosk: &KioskName) -> String {
        format!("{ROOT}/{self}/kiosk/{kiosk}")
    }

    /// Reads a topic of this venue.
    pub(crate) fn read(&self, topic: &str) -> Option<Topic> {
        let rest = topic.strip_prefix(ROOT)?.strip_prefix('/')?.strip_prefix(&self.0)?;
        let mut levels = rest.strip_prefix('/')?.split('/');
        let kind = levels.next()?;
        let kiosk = levels.next()?.parse().ok()?;
        let topic = match kind {
            "kiosk" => Topic::Kiosk(kiosk),
            "used" => {
                let digits = levels.next()?.as_bytes();
                let mut hash = [0; 32];
                if digits.len() != 64 || HEXLOWER.decode_mut(digits, &mut hash).is_err() {
                    return None;
                }
                Topic::Badge(kiosk, BadgeHash(hash))
            }
            _ => return None,
        };
        levels.next().is_none().then_some(topic)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_topic_is_read_as_it_was_written_and_nothing_else_is_one() {
        let venue = Venue("00112233aabbccdd".into());
        let kiosk: KioskName = "gate-1".parse().unwrap();
        let hash = BadgeHash([0xab; 32]);
        let (badge, beat) = (venue.badge(&kiosk, hash), venue.kiosk(&kiosk));
        assert_eq!(beat, "postern/1/00112233aabbccdd/kiosk/gate-1");
        assert_eq!(venue.read(&badge), Some(Topic::Badge(kiosk.clone(), hash)));
        assert_eq!(venue.read(&beat), Some(Topic::Kiosk(kiosk)));
        for other in [
            "",
            "postern/1",
            "postern/2/00112233aabbccdd/kiosk/gate-1",
            "postern/1/00112233aabbccde/kiosk/gate-1",
            "postern/1/00112233aabbccdd/kiosk/Gate-1",
            "postern/1/00112233aabbccdd/kiosk/gate-1/x",
            "postern/1/00112233aabbccdd/other/gate-1",
            &badge.to_uppercase(),
            &badge[..badge.len() - 1],
            &format!("{badge}0"),
            &format!("{badge}/x"),
        ] {
            assert_eq!(venue.read(other), None, "{other}");
        }
    }
}
