//! The copy of what is held that a visitor takes along (C37): a signed note, in Chinese and English,
//! a line a fact. Like the screen it has facts and none of the values that only the badge opens.

use jiff::Timestamp;
use note::KioskKey;
use store::{FiledRequest, Holding};

use crate::holding;
use crate::view::{HeldItem, HeldWhat};

/// How many facts a QR code surely holds, with the requests; the newest are the last.
const LONGEST: usize = 24;

/// The copy as a signed note.
pub(crate) fn copy(holding: &Holding, now: Timestamp, key: &KioskKey) -> String {
    let mut text =
        format!("Postern 副本 copy 1\n终端 kiosk: {}\n时间 at: {now:.0}\n", key.verifier().name());
    let items = holding::items(holding);
    let left_out = items.len().saturating_sub(LONGEST);
    if left_out > 0 {
        text += &format!("更早的记录 earlier records: {left_out}\n");
    }
    for item in items.iter().skip(left_out) {
        text += &line(item, &holding.requests);
    }
    note::sign(&text, key)
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
