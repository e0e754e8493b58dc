//! What a receipt says, and how it says it: in Chinese and English, a line a fact.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use note::{KioskKey, VerifierKey};

use crate::ReceiptError;

/// What every receipt begins with; its version follows.
const TITLE: &str = "Postern 回执 receipt ";
const VERSION: &str = "1";

// What the further lines begin with. A colon, a space and a value follow.
const KIOSK: &str = "终端 kiosk";
const POLICY: &str = "政策版本 policy version";
const NOTICE: &str = "告知书 notice SHA-256";
const LANE: &str = "通道 lane";
const OUTCOME: &str = "结果 outcome";
const FACE_DATA: &str = "人脸数据 face data";
/// Their order.
const LINES: [&str; 6] = [KIOSK, POLICY, NOTICE, LANE, OUTCOME, FACE_DATA];

/// Longest version of a policy, in bytes.
const LONGEST_VERSION: usize = 128;
const NO_NOTICE: &str = "无 none";
const NOT_TAKEN: &str = "未采集 not taken";
const DISCARDED: &str = "已清除 discarded ";
/// Instead, where a picture is kept.
const SEALED: &str = "已清除，依法封存一张照片 discarded, one picture sealed as the law requires ";

/// What a kiosk says of one visit. Nothing of the visitor's is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Version of the operator's policy.
    pub policy_version: String,
    /// SHA-256 of the notice on facial recognition that was in force; none if there was none.
    pub notice_sha256: Option<[u8; 32]>,
    /// Who served the visitor in the end.
    pub lane: Lane,
    /// What the visitor was told.
    pub outcome: Outcome,
    /// What became of the face data.
    pub face_data: FaceData,
}

/// Who served the visitor in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The kiosk, by comparing the face.
    Face,
    /// A member of staff.
    Staff,
}

/// What the visitor was told. A non-match and a suspected attack are no result, as on the
/// screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The gate opened.
    Admitted,
    /// A member of staff was to look.
    PassedToStaff,
    /// The comparison gave no result that opens the gate; a member of staff was to look.
    NoResult,
    /// A member of staff refused entry.
    RefusedByStaff,
    /// The visitor stopped, and withdrew the consent.
    Stopped,
}

/// What became of the face data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceData {
    /// None were taken for this visit.
    NotTaken,
    /// Discarded at this time. A receipt tells whole seconds.
    Discarded(Timestamp),
    /// Discarded at this time, but for one picture that was sealed because a law wants it kept,
    /// as the notice said.
    Sealed(Timestamp),
}

impl Lane {
    const ALL: [Self; 2] = [Self::Face, Self::Staff];

    fn words(self) -> &'static str {
        match self {
            Self::Face => "人脸 face",
            Self::Staff => "人工 staff",
        }
    }
}

impl Outcome {
    const ALL: [Self; 5] =
        [Self::Admitted, Self::PassedToStaff, Self::NoResult, Self::RefusedByStaff, Self::Stopped];

    fn words(self) -> &'static str {
        match self {
            Self::Admitted => "已放行 admitted",
            Self::PassedToStaff => "已转人工 passed to staff",
            Self::NoResult => "无结果，已转人工 no result, passed to staff",
            Self::RefusedByStaff => "工作人员未放行 refused by staff",
            Self::Stopped => "本人停止 stopped by the visitor",
        }
    }
}

impl Receipt {
    /// The receipt as a signed note.
    pub fn sign(&self, key: &KioskKey) -> Result<String, ReceiptError> {
        if is_version(&self.policy_version) {
            Ok(note::sign(&self.text(key.verifier().name()), key))
        } else {
            Err(ReceiptError::PolicyVersion)
        }
    }

    /// Reads a note that the kiosk of this key signed.
    pub fn open(note: &[u8], key: &VerifierKey) -> Result<Self, ReceiptError> {
        parse(note::open(note, key)?, key.name())
    }

    /// What the kiosk of this name signs: lines, each ended by a line feed.
    pub fn text(&self, kiosk: &str) -> String {
        let values = [
            kiosk.to_owned(),
            self.policy_version.clone(),
            self.notice_sha256.map_or_else(|| NO_NOTICE.to_owned(), |hash| HEXLOWER.encode(&hash)),
            self.lane.words().to_owned(),
            self.outcome.words().to_owned(),
            match self.face_data {
                FaceData::NotTaken => NOT_TAKEN.to_owned(),
                FaceData::Discarded(at) => format!("{DISCARDED}{at:.0}"),
                FaceData::Sealed(at) => format!("{SEALED}{at:.0}"),
            },
        ];
        let mut text = format!("{TITLE}{VERSION}\n");
        for (name, value) in LINES.iter().zip(values) {
            text.extend([name, ": ", &value, "\n"]);
        }
        text
    }
}

fn parse(text: &str, kiosk: &str) -> Result<Receipt, ReceiptError> {
    let mut lines = text.split_terminator('\n');
    match lines.next().and_then(|line| line.strip_prefix(TITLE)) {
        Some(VERSION) => {}
        Some(_) => return Err(ReceiptError::OtherVersion),
        None => return Err(ReceiptError::NotAReceipt),
    }
    let [named, version, notice, lane, outcome, face_data] = values(&lines.collect::<Vec<_>>())?;
    if named != kiosk {
        return Err(ReceiptError::OtherKiosk);
    }
    let receipt = Receipt {
        policy_version: is_version(version)
            .then(|| version.to_owned())
            .ok_or_else(value(POLICY))?,
        notice_sha256: match notice {
            NO_NOTICE => None,
            digits => Some(hash(digits).ok_or_else(value(NOTICE))?),
        },
        lane: find(&Lane::ALL, |it| it.words() == lane).ok_or_else(value(LANE))?,
        outcome: find(&Outcome::ALL, |it| it.words() == outcome).ok_or_else(value(OUTCOME))?,
        face_data: match face_data {
            NOT_TAKEN => FaceData::NotTaken,
            other => {
                let at = |words| other.strip_prefix(words).and_then(time);
                let discarded = at(DISCARDED).map(FaceData::Discarded);
                discarded.or(at(SEALED).map(FaceData::Sealed)).ok_or_else(value(FACE_DATA))?
            }
        },
    };
    Ok(receipt)
}

/// The values of the lines after the first.
fn values<'a>(lines: &[&'a str]) -> Result<[&'a str; LINES.len()], ReceiptError> {
    for (index, line) in lines.iter().enumerate() {
        if !LINES.iter().any(|name| value_of(line, name).is_some()) {
            return Err(ReceiptError::Unknown { number: index + 2 });
        }
    }
    for line in LINES {
        match lines.iter().filter(|found| value_of(found, line).is_some()).count() {
            0 => return Err(ReceiptError::Missing { line }),
            1 => {}
            _ => return Err(ReceiptError::Doubled { line }),
        }
    }
    // All of them, and each once: only their order may be wrong now.
    let mut values = [""; LINES.len()];
    for (index, (line, name)) in lines.iter().zip(LINES).enumerate() {
        values[index] = value_of(line, name).ok_or(ReceiptError::Order { number: index + 2 })?;
    }
    Ok(values)
}

fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.strip_prefix(name)?.strip_prefix(": ")
}

fn value(line: &'static str) -> impl Fn() -> ReceiptError {
    move || ReceiptError::Value { line }
}

fn find<T: Copy>(all: &[T], wanted: impl Fn(T) -> bool) -> Option<T> {
    all.iter().copied().find(|&it| wanted(it))
}

/// One line that survives being copied.
fn is_version(text: &str) -> bool {
    (1..=LONGEST_VERSION).contains(&text.len())
        && !text.contains(char::is_control)
        && text.trim() == text
}

fn hash(digits: &str) -> Option<[u8; 32]> {
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

/// A time as a receipt writes it; no other way to write the same time is accepted.
fn time(text: &str) -> Option<Timestamp> {
    let at: Timestamp = text.parse().ok()?;
    (format!("{at:.0}") == text).then_some(at)
}

#[cfg(test)]
mod tests;
