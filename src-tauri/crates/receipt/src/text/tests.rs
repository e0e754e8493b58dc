//! Texts that a kiosk never signs, signed nevertheless.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;

fn receipt() -> Receipt {
    Receipt {
        policy_version: "1.0".into(),
        notice_sha256: Some([0xab; 32]),
        lane: Lane::Face,
        outcome: Outcome::Admitted,
        face_data: FaceData::Discarded("2026-11-23T09:41:07.9Z".parse().unwrap()),
    }
}

#[test]
fn c37_a_receipt_tells_policy_notice_lane_outcome_and_discard_in_both_languages() {
    let expected = "Postern 回执 receipt 1\n\
                    终端 kiosk: postern-00000000\n\
                    政策版本 policy version: 1.0\n\
                    告知书 notice SHA-256: \
                    abababababababababababababababababababababababababababababababab\n\
                    通道 lane: 人脸 face\n\
                    结果 outcome: 已放行 admitted\n\
                    人脸数据 face data: 已清除 discarded 2026-11-23T09:41:07Z\n";
    assert_eq!(receipt().text("postern-00000000"), expected);
}

#[test]
fn c38_no_receipt_tells_of_a_comparison_that_spoke_against_the_visitor() {
    for outcome in Outcome::ALL {
        let said = outcome.words();
        for word in ["match", "attack", "suspect", "fail", "匹配", "一致", "攻击", "可疑"] {
            assert!(!said.contains(word), "{said}");
        }
    }
}

#[test]
fn a_text_that_is_not_quite_a_receipt_is_refused_with_its_reason() {
    let key = KioskKey::from_seed(&[7; 32]);
    let text = receipt().text(key.verifier().name());
    let kiosk = format!("终端 kiosk: {}\n", key.verifier().name());
    let lane = "通道 lane: 人脸 face\n";
    let outcome = "结果 outcome: 已放行 admitted\n";
    let other_time = |time: &str| text.replace("2026-11-23T09:41:07Z", time);
    let value = |line| ReceiptError::Value { line };
    let digits = "ab".repeat(32);
    for (changed, expected) in [
        ("A letter.\n".into(), ReceiptError::NotAReceipt),
        (text.replace("receipt 1", "receipt 2"), ReceiptError::OtherVersion),
        (text.replace("receipt 1", "receipt 1 "), ReceiptError::OtherVersion),
        (text.replace(&kiosk, ""), ReceiptError::Missing { line: KIOSK }),
        (text.replace(&kiosk, "终端 kiosk: postern-00000000\n"), ReceiptError::OtherKiosk),
        (text.replace(lane, ""), ReceiptError::Missing { line: LANE }),
        (text.replace(lane, &lane.repeat(2)), ReceiptError::Doubled { line: LANE }),
        (
            text.replace(lane, &format!("{lane}通道 lane: 人工 staff\n")),
            ReceiptError::Doubled { line: LANE },
        ),
        (
            text.replace(&format!("{lane}{outcome}"), &format!("{outcome}{lane}")),
            ReceiptError::Order { number: 5 },
        ),
        (text.replace(lane, "姓名 name: Li Ming\n"), ReceiptError::Unknown { number: 5 }),
        (format!("{text}姓名 name: Li Ming\n"), ReceiptError::Unknown { number: 8 }),
        (text.replace("通道 lane:", "通道 lane"), ReceiptError::Unknown { number: 5 }),
        (text.replace("人脸 face\n", "人脸 Face\n"), value(LANE)),
        (text.replace("已放行 admitted", "已放行 admitted "), value(OUTCOME)),
        (text.replace("已放行 admitted", ""), value(OUTCOME)),
        (text.replace("1.0", ""), value(POLICY)),
        (text.replace("1.0", " 1.0"), value(POLICY)),
        (text.replace("1.0", &"1".repeat(LONGEST_VERSION + 1)), value(POLICY)),
        (text.replace(&digits, &digits.to_uppercase()), value(NOTICE)),
        (text.replace(&digits, &digits[2..]), value(NOTICE)),
        (text.replace("已清除 discarded", "已清除"), value(FACE_DATA)),
        (other_time("2026-11-23T09:41:07.5Z"), value(FACE_DATA)),
        (other_time("2026-11-23T17:41:07+08:00"), value(FACE_DATA)),
        (other_time("2026-11-23t09:41:07z"), value(FACE_DATA)),
        (other_time("2026-11-31T09:41:07Z"), value(FACE_DATA)),
        (other_time("yesterday"), value(FACE_DATA)),
    ] {
        let note = note::sign(&changed, &key);
        let found = Receipt::open(note.as_bytes(), key.verifier());
        assert_eq!(found.as_ref().err(), Some(&expected), "{changed}");
    }
}

#[test]
fn a_version_that_does_not_fit_on_its_line_is_not_signed() {
    let key = KioskKey::from_seed(&[7; 32]);
    for version in ["", " 1", "1\n", "1\n\n— x y", "1\u{7}", &"1".repeat(LONGEST_VERSION + 1)] {
        let receipt = Receipt { policy_version: version.to_owned(), ..receipt() };
        assert_eq!(receipt.sign(&key), Err(ReceiptError::PolicyVersion), "{version:?}");
    }
}
