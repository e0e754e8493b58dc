#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

/// 2026-11-05 09:00 UTC.
const NOW: Timestamp = Timestamp::constant(1_793_869_200, 0);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn key(n: u8) -> VenueKey {
    VenueKey::parse(&HEXLOWER.encode(&[n; 32])).unwrap()
}

fn kiosk(name: &str) -> KioskName {
    name.parse().unwrap()
}

fn used() -> Announcement {
    Announcement { state: BadgeUse::Used, at: NOW, changed: NOW, until: NOW + HOUR * 48 }
}

fn heartbeat() -> Heartbeat {
    Heartbeat {
        service: Service::Serving,
        since: NOW,
        at: NOW + HOUR,
        waiting: 3,
        refused: 1,
        version: "0.1.0".into(),
        link: PlatformLink::Connected,
    }
}

/// A message with any body, in the name of a kiosk of the venue.
fn sealed(topic: &str, body: &str) -> Vec<u8> {
    let code = key(1).authenticator(topic, body.as_bytes()).finalize().into_bytes();
    format!("{}\n{body}", HEXLOWER.encode(&code)).into_bytes()
}

#[test]
fn what_a_kiosk_says_is_what_the_others_hear() {
    let key = key(1);
    let (gate, badge) = (kiosk("gate-1"), BadgeHash([9; 32]));
    for announcement in [used(), Announcement { state: BadgeUse::TakenBack, ..used() }] {
        let said = key.announce(&gate, badge, &announcement, NOW);
        assert_eq!(said.expiry, 48 * 3600);
        let heard = key.open(&said.topic, &said.payload, NOW).unwrap();
        assert_eq!(heard, Message::Badge { kiosk: gate.clone(), badge, announcement });
    }
    let said = key.beat(&gate, &heartbeat());
    let heard = key.open(&said.topic, &said.payload, NOW).unwrap();
    assert_eq!(heard, Message::Kiosk { kiosk: gate, heartbeat: heartbeat() });
}

#[test]
fn c12_an_announcement_holds_a_hash_and_times_and_nothing_else() {
    let said = key(1).announce(&kiosk("gate-1"), BadgeHash([9; 32]), &used(), NOW);
    let text = String::from_utf8(said.payload.clone()).unwrap();
    let (code, body) = text.split_once('\n').unwrap();
    assert_eq!(code.len(), 64);
    assert_eq!(
        body,
        r#"{"state":"used","at":1793869200000,"changed":1793869200000,"until":1794042000000}"#
    );
    assert!(said.payload.len() < LONGEST / 2);
    assert!(said.topic.ends_with(&format!("/used/gate-1/{}", "09".repeat(32))));
}

#[test]
fn a_message_of_a_stranger_does_not_count() {
    let venue = key(1);
    let said = venue.announce(&kiosk("gate-1"), BadgeHash([9; 32]), &used(), NOW);
    let stranger = key(2).announce(&kiosk("gate-1"), BadgeHash([9; 32]), &used(), NOW);
    let open = |topic: &str, payload: &[u8]| venue.open(topic, payload, NOW).unwrap_err();
    assert_eq!(open(&stranger.topic, &stranger.payload), Refused::Topic);
    assert_eq!(open(&said.topic, &stranger.payload), Refused::Forged);
    // What one kiosk said of one badge, repeated in another's name or of another badge.
    let elsewhere = said.topic.replace("gate-1", "gate-2");
    assert_eq!(open(&elsewhere, &said.payload), Refused::Forged);
    let other = said.topic.replace("/0909", "/0808");
    assert_eq!(open(&other, &said.payload), Refused::Forged);
    assert_eq!(open(&said.topic, b""), Refused::Empty);
    assert_eq!(open(&said.topic, b"used"), Refused::NoCode);
    assert_eq!(open(&said.topic, &vec![b'0'; LONGEST + 1]), Refused::TooLong);
    assert_eq!(open(&said.topic, &[b'0'; 64]), Refused::NoCode);
    assert_eq!(open(&said.topic, &[vec![b'0'; 64], b"\n{}".to_vec()].concat()), Refused::Forged);
}

#[test]
fn only_the_fields_of_this_version_count() {
    let topic = key(1).venue().badge(&kiosk("gate-1"), BadgeHash([9; 32]));
    let beat = key(1).venue().kiosk(&kiosk("gate-1"));
    let good =
        r#"{"state":"used","at":1793869200000,"changed":1793869200000,"until":1794042000000}"#;
    assert!(key(1).open(&topic, &sealed(&topic, good), NOW).is_ok());
    for wrong in [
        String::new(),
        "{}".into(),
        "[]".into(),
        good.replace("used", "seen"),
        good.replace(r#""state""#, r#""name":"Ann","state""#),
        good.replace("1793869200000", "\"1793869200000\""),
        good.replace("1794042000000", "9223372036854775807"),
        good.replace(r#""at":1793869200000,"#, ""),
        format!("{good}{good}"),
    ] {
        let refused = key(1).open(&topic, &sealed(&topic, &wrong), NOW);
        assert_eq!(refused, Err(Refused::Fields), "{wrong}");
    }
    let good = serde_json::to_string(&heartbeat()).unwrap();
    assert!(key(1).open(&beat, &sealed(&beat, &good), NOW).is_ok());
    for wrong in [
        good.replace("0.1.0", ""),
        good.replace("0.1.0", &"1".repeat(25)),
        good.replace("0.1.0", "0.1\\u0000"),
        good.replace("0.1.0", "版本"),
        good.replace(r#""waiting":3"#, r#""waiting":-3"#),
        good.replace("connected", "perhaps"),
    ] {
        let refused = key(1).open(&beat, &sealed(&beat, &wrong), NOW);
        assert_eq!(refused, Err(Refused::Fields), "{wrong}");
    }
}

#[test]
fn c08_an_announcement_counts_until_its_time_is_over_however_old_it_is() {
    let key = key(1);
    let open = |announcement: Announcement| {
        let said = key.announce(&kiosk("gate-1"), BadgeHash([9; 32]), &announcement, NOW);
        key.open(&said.topic, &said.payload, NOW).map(drop)
    };
    let last_week = NOW - HOUR * 24 * 7;
    assert_eq!(open(Announcement { at: last_week, changed: last_week, ..used() }), Ok(()));
    assert_eq!(open(Announcement { until: NOW, ..used() }), Err(Refused::Over));
    // A kiosk whose clock is ahead is believed: the badge was used.
    let ahead = NOW + HOUR * 23;
    assert_eq!(open(Announcement { at: ahead, changed: ahead, ..used() }), Ok(()));
    for impossible in [
        Announcement { changed: NOW + HOUR * 25, ..used() },
        Announcement { at: NOW + HOUR, ..used() },
        Announcement { until: NOW + HOUR * 24 * 401, ..used() },
    ] {
        assert_eq!(open(impossible), Err(Refused::Times), "{impossible:?}");
    }
    let longest = LongestStay::shorten(Timestamp::MAX, NOW);
    assert_eq!(open(Announcement { until: longest, ..used() }), Ok(()));
}

proptest! {
    #[test]
    fn no_bytes_on_any_topic_make_the_parser_fail(
        topic in "(postern/1/[0-9a-f]{0,17}/(used|kiosk)/[a-z0-9-]{0,40}(/[0-9a-f]{60,66})?|\\PC{0,80})",
        payload in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        prop_assert!(key(1).open(&topic, &payload, NOW).is_err());
    }

    #[test]
    fn an_authenticated_body_of_any_bytes_is_read_or_refused(body in "\\PC{0,200}|\\{\\PC{0,200}\\}") {
        let beat = key(1).venue().kiosk(&kiosk("gate-1"));
        prop_assert!(key(1).open(&beat, &sealed(&beat, &body), NOW).is_err());
    }

    #[test]
    fn one_changed_bit_anywhere_is_found(bit in 0..1600_usize) {
        let said = key(1).beat(&kiosk("gate-1"), &heartbeat());
        let mut payload = said.payload.clone();
        let bit = bit % (payload.len() * 8);
        payload[bit / 8] ^= 1 << (bit % 8);
        // The code's digits may be of either case.
        let same = payload.eq_ignore_ascii_case(&said.payload) && bit / 8 < CODE;
        prop_assert_eq!(key(1).open(&said.topic, &payload, NOW).is_ok(), same);
    }
}
