//! The copy of what is held that a visitor takes along (C37): a signed note, in Chinese and English,
//! a line a fact. Like the screen it has facts and none of the values that only the badge opens.

use jiff::Timestamp;
use note::{KioskKey, VerifierKey};
use store::{FiledRequest, Holding};

use crate::holding;
use crate::view::{HeldItem, HeldWhat};

/// What every copy begins with.
const TITLE: &str = "Postern 副本 copy 1\n";

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
    let head = format!("{TITLE}终端 kiosk: {kiosk}\n时间 at: {now:.0}\n");
    let mut notes = (0..=lines.len()).map(|left_out| {
        let more = match left_out {
            0 => String::new(),
            _ => format!("未列出的较早记录 earlier facts left out: {left_out}\n"),
        };
        note::sign(&[head.as_str(), &more, &lines[left_out..].concat()].concat(), key)
    });
    notes.find(|note| note.len() <= note::LONGEST).unwrap_or_default()
}

fn line(item: &HeldItem, requests: &[FiledRequest]) -> String {
    let of_number = |number: &String| requests.iter().find(|request| request.number == *number);
    let request = item.about.as_ref().and_then(of_number);
    let due = request.map(|r| format!("{}, 期限 due {}", r.kind.word(), r.due));
    let facts = [item.on.as_ref(), item.about.as_ref(), due.as_ref()];
    let mut facts: Vec<_> = facts.into_iter().flatten().cloned().collect();
    facts.extend(item.until.as_ref().map(|until| format!("保存至 kept until {until}")));
    format!("{}: {}\n", words(item.what), facts.join("; "))
}

fn words(what: HeldWhat) -> &'static str {
    match what {
        HeldWhat::Name => "姓名（密封） name (sealed)",
        HeldWhat::Photo => "证件照（密封） certificate photo (sealed)",
        HeldWhat::Registered => "证件已登记 badge registered",
        HeldWhat::Validity => "证件有效期 validity",
        HeldWhat::AgeUnder14 => "未满14周岁 under 14",
        HeldWhat::AgeFrom14 => "已满14周岁 14 or over",
        HeldWhat::FaceGiven => "同意人脸核验 agreed to face comparison",
        HeldWhat::FaceRefused => "选择其他方式 chose the other way",
        HeldWhat::FaceWithdrawn => "撤回同意 consent withdrawn",
        HeldWhat::TransferGiven => "同意出境 agreed to a transfer abroad",
        HeldWhat::TransferRefused => "不同意出境 refused a transfer abroad",
        HeldWhat::TransferWithdrawn => "撤回出境同意 transfer withdrawn",
        HeldWhat::CheckinFace => "人脸签到 check-in by face",
        HeldWhat::CheckinStaff => "人工签到 check-in by staff",
        HeldWhat::CheckinTakenBack => "已撤销的签到 check-in taken back",
        HeldWhat::Guardian => "监护人同意 guardian's consent",
        HeldWhat::Evidence => "依法封存 sealed by law",
        HeldWhat::RequestOpen => "待答复的请求 open request",
        HeldWhat::RequestAnswered => "已答复的请求 answered request",
        HeldWhat::Log => "日志保存天数 days of the log",
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
