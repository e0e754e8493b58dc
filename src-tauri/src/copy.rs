//! The copy of what is held that a visitor takes along (C37): a signed note, in Chinese and English,
//! a line a fact. Like the screen it has facts and none of the values that only the badge opens.

use jiff::Timestamp;
use note::{KioskKey, VerifierKey};
use store::{FiledRequest, Holding};

use crate::holding;
use crate::view::{HeldItem, HeldWhat};

/// What every copy begins with.
const TITLE: &str = "Postern 副本 copy 1\n";

/// Longest copy in bytes: with more, the modules of its QR code are too small for the smallest
/// screen. It is below what a note may have.
const LONGEST: usize = 858;

/// The text of a copy that the kiosk of this key signed; none of anything else.
pub(crate) fn open<'a>(note: &'a [u8], key: &VerifierKey) -> Option<&'a str> {
    note::open(note, key).ok().filter(|text| text.starts_with(TITLE))
}

/// The copy as a signed note. Where not everything fits into one, the oldest is left out, and said
/// to be.
pub(crate) fn copy(holding: &Holding, now: Timestamp, key: &KioskKey) -> String {
    let items = holding::items(holding);
    let lines: Vec<_> = items.iter().map(|item| line(item, &holding.requests)).collect();
    let kiosk = key.verifier().name();
    let head = format!("{TITLE}终端 kiosk: {kiosk}\n时间 at: {now:.0}\n≤ 保存至 kept until\n");
    let mut notes = (0..=lines.len()).map(|left_out| {
        let more = match left_out {
            0 => String::new(),
            _ => format!("未列出 left out: {left_out}\n"),
        };
        note::sign(&[head.as_str(), &more, &lines[left_out..].concat()].concat(), key)
    });
    notes.find(|note| note.len() <= LONGEST).unwrap_or_default()
}

fn line(item: &HeldItem, requests: &[FiledRequest]) -> String {
    let of_number = |number: &String| requests.iter().find(|request| request.number == *number);
    let request = item.about.as_ref().and_then(of_number);
    let mut line = words(item.what).to_owned();
    let due = request.map(|request| format!("{}, 期限 due {}", request.kind.word(), request.due));
    for fact in [item.on.as_ref(), item.about.as_ref(), due.as_ref()].into_iter().flatten() {
        line.extend([" ", fact]);
    }
    if let Some(until) = &item.until {
        line.extend([" ≤", until]);
    }
    line + "\n"
}

fn words(what: HeldWhat) -> &'static str {
    match what {
        HeldWhat::Name => "姓名 name, sealed",
        HeldWhat::Photo => "照片 photo, sealed",
        HeldWhat::Ticket => "票务 ticket",
        HeldWhat::Registered => "登记 registered",
        HeldWhat::Validity => "有效期 valid",
        HeldWhat::AgeUnder14 => "年龄 age <14",
        HeldWhat::AgeFrom14 => "年龄 age ≥14",
        HeldWhat::FaceGiven => "同意人脸核验 agreed to face comparison",
        HeldWhat::FaceRefused => "选择其他方式 chose the other way",
        HeldWhat::FaceWithdrawn => "撤回同意 consent withdrawn",
        HeldWhat::TransferGiven => "同意出境 agreed to transfer abroad",
        HeldWhat::TransferRefused => "不同意出境 refused transfer abroad",
        HeldWhat::TransferWithdrawn => "撤回出境同意 transfer withdrawn",
        HeldWhat::CheckinFace => "人脸签到 check-in by face",
        HeldWhat::CheckinStaff => "人工签到 check-in by staff",
        HeldWhat::CheckinTakenBack => "撤销签到 check-in taken back",
        HeldWhat::Elsewhere => "他处签到 check-in elsewhere",
        HeldWhat::ElsewhereTakenBack => "他处撤销 elsewhere, taken back",
        HeldWhat::Guardian => "监护人同意 guardian agreed",
        HeldWhat::Evidence => "依法封存 sealed by law",
        HeldWhat::RequestOpen => "请求 request",
        HeldWhat::RequestAnswered => "已答复 answered request",
        HeldWhat::Log => "日志天数 days of log",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use jiff::SignedDuration;
    use store::{Choice, HeldChoice, Purpose};

    use super::*;

    #[test]
    fn c37_a_copy_is_signed_and_fits_and_says_what_it_leaves_out() {
        let key = KioskKey::from_seed(&[1; 32]);
        let now: Timestamp = "2026-11-05T09:00:00Z".parse().unwrap();
        for (choices, left_out) in [(2, false), (40, true)] {
            let choice = |n: i64| HeldChoice {
                purpose: Purpose::FaceComparison,
                choice: Choice::Given,
                policy_version: "1.0".into(),
                at: now + SignedDuration::from_mins(n),
                until: now,
            };
            let holding = Holding {
                registration: None,
                choices: (0..choices).map(choice).collect(),
                checkins: Vec::new(),
                elsewhere: Vec::new(),
                guardian: None,
                evidence: None,
                requests: Vec::new(),
                log_days: 30,
            };
            let copy = copy(&holding, now, &key);
            let text = open(copy.as_bytes(), key.verifier()).unwrap();
            assert!(text.contains("日志"), "{text}");
            assert_eq!(text.contains("left out"), left_out, "{text}");
            let changed = copy.replace("30", "31");
            assert_eq!(open(changed.as_bytes(), key.verifier()), None);
        }
    }
}
