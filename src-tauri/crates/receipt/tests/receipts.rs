//! Receipts against another implementation, and against whatever may happen to a text.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use note::{KioskKey, LONGEST, VerifierKey};
use proptest::prelude::*;
use receipt::{FaceData, Lane, Outcome, Receipt};

/// Made by `vectors/make_vectors.py`: seed, verifier key, note.
const VECTORS: &str = include_str!("vectors/receipts.txt");

fn vectors() -> Vec<(KioskKey, &'static str, &'static str)> {
    VECTORS
        .split("====\n")
        .map(|vector| {
            let (seed, rest) = vector.split_once('\n').unwrap();
            let (verifier, note) = rest.split_once('\n').unwrap();
            let seed = HEXLOWER.decode(seed.as_bytes()).unwrap().try_into().unwrap();
            (KioskKey::from_seed(&seed), verifier, note)
        })
        .collect()
}

#[test]
fn receipts_of_another_implementation_are_read_and_made_alike() {
    let hash = HEXLOWER
        .decode(b"3231cc34d839ca8476733ac8e52b0e78cb1e1d28c79136d0d72030e72b83b81f")
        .unwrap()
        .try_into()
        .unwrap();
    let expected = [
        Receipt {
            policy_version: "1.0".into(),
            notice_sha256: Some(hash),
            lane: Lane::Face,
            outcome: Outcome::Admitted,
            face_data: FaceData::Discarded("2026-11-23T09:41:07Z".parse().unwrap()),
        },
        Receipt {
            policy_version: "2026-11 第二版".into(),
            notice_sha256: None,
            lane: Lane::Staff,
            outcome: Outcome::NoResult,
            face_data: FaceData::NotTaken,
        },
    ];
    let vectors = vectors();
    assert_eq!(vectors.len(), expected.len());
    for ((key, verifier, note), expected) in vectors.into_iter().zip(expected) {
        assert_eq!(key.verifier().to_string(), verifier);
        let verifier: VerifierKey = verifier.parse().unwrap();
        assert_eq!(Receipt::open(note.as_bytes(), &verifier).unwrap(), expected);
        assert_eq!(expected.sign(&key).unwrap(), note);
    }
}

#[test]
fn the_longest_receipt_is_read() {
    let key = KioskKey::from_seed(&[1; 32]);
    let receipt = Receipt {
        policy_version: "第".repeat(42),
        notice_sha256: Some([0xff; 32]),
        lane: Lane::Staff,
        outcome: Outcome::NoResult,
        face_data: FaceData::Sealed(Timestamp::MAX),
    };
    let note = receipt.sign(&key).unwrap();
    assert!(note.len() < LONGEST, "{} bytes", note.len());
    Receipt::open(note.as_bytes(), key.verifier()).unwrap();
}

fn any_receipt() -> impl Strategy<Value = Receipt> {
    (
        "[ -~\u{4e00}-\u{4eff}]{0,40}[!-~]",
        prop::option::of(any::<[u8; 32]>()),
        prop::sample::select(vec![Lane::Face, Lane::Staff]),
        prop::sample::select(vec![
            Outcome::Admitted,
            Outcome::PassedToStaff,
            Outcome::NoResult,
            Outcome::RefusedByStaff,
            Outcome::Stopped,
        ]),
        (0_i64..4_102_444_800, 0..3),
    )
        .prop_map(|(version, notice_sha256, lane, outcome, (at, face_data))| Receipt {
            policy_version: version.trim().to_owned(),
            notice_sha256,
            lane,
            outcome,
            face_data: match (face_data, Timestamp::from_second(at).unwrap()) {
                (0, _) => FaceData::NotTaken,
                (1, at) => FaceData::Discarded(at),
                (_, at) => FaceData::Sealed(at),
            },
        })
}

proptest! {
    #[test]
    fn what_was_signed_is_what_is_read(receipt in any_receipt(), seed in any::<[u8; 32]>()) {
        let key = KioskKey::from_seed(&seed);
        let note = receipt.sign(&key).unwrap();
        prop_assert_eq!(Receipt::open(note.as_bytes(), key.verifier()).unwrap(), receipt);
    }

    #[test]
    fn any_changed_byte_is_refused(
        receipt in any_receipt(),
        place in any::<prop::sample::Index>(),
        change in 1_u8..,
    ) {
        let key = KioskKey::from_seed(&[7; 32]);
        let mut note = receipt.sign(&key).unwrap().into_bytes();
        let place = place.index(note.len());
        note[place] ^= change;
        prop_assert!(Receipt::open(&note, key.verifier()).is_err());
    }

    #[test]
    fn any_byte_too_many_or_too_few_is_refused(
        receipt in any_receipt(),
        place in any::<prop::sample::Index>(),
        more in prop::option::of(any::<u8>()),
    ) {
        let key = KioskKey::from_seed(&[7; 32]);
        let mut note = receipt.sign(&key).unwrap().into_bytes();
        let place = place.index(note.len());
        match more {
            Some(byte) => note.insert(place, byte),
            None => drop(note.remove(place)),
        }
        prop_assert!(Receipt::open(&note, key.verifier()).is_err());
    }

    #[test]
    fn no_bytes_and_no_pieces_of_a_receipt_stop_the_reader(
        pieces in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..20),
                prop::sample::select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
            ],
            0..20,
        ),
    ) {
        let key = KioskKey::from_seed(&[7; 32]);
        let bytes = pieces.concat();
        prop_assert!(Receipt::open(&bytes, key.verifier()).is_err());
        if let Ok(text) = str::from_utf8(&bytes) {
            prop_assert!(text.parse::<VerifierKey>().is_err());
        }
    }
}

const PIECES: [&str; 12] = [
    "\n",
    "\n\n",
    "— ",
    "postern-",
    "+",
    "=",
    "AAAA",
    "Postern 回执 receipt 1\n",
    "终端 kiosk: ",
    "通道 lane: 人脸 face\n",
    "已清除 discarded 2026-11-23T09:41:07Z",
    "\r\n",
];
