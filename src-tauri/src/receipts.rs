//! The visitor's receipt: what it says of the present visit, and the QR code that carries it.

use checkin::{Lane, State};
use jiff::Timestamp;
use platform::{PolicyPack, Shown};
use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};
use receipt::{FaceData, Outcome, Receipt, ReceiptError};
use thiserror::Error;

use crate::controller::{Controller, Input};
use crate::present::staff_reason;
use crate::view::{self, StaffReason};

/// Versions of QR codes, the smallest first.
const VERSIONS: std::ops::RangeInclusive<i16> = 1..=40;

/// Why there is no receipt although one was asked for.
#[derive(Debug, Error)]
enum IssueError {
    /// Nothing is to be said in this state, or there is no key or no policy.
    #[error("there is nothing to give a receipt of")]
    Nothing,
    /// The text.
    #[error(transparent)]
    Text(#[from] ReceiptError),
    /// The QR code.
    #[error("the receipt does not fit into a QR code")]
    Code,
}

impl Controller {
    /// Makes the receipt of the visit as it is now.
    pub(crate) fn issue_receipt(&mut self) {
        self.held.receipt = match self.receipt_code() {
            Ok(rows) => Some(rows),
            Err(error) => {
                self.tell(format!("receipts: {error}"));
                None
            }
        };
    }

    /// The receipt as the screen shows it.
    pub(crate) fn receipt(&self) -> Option<view::Receipt> {
        match self.state().receipt()? {
            checkin::Receipt::Offered => {
                let can = self.receipt_key.is_some() && self.roster.is_some();
                can.then_some(view::Receipt::Offered)
            }
            checkin::Receipt::Shown => {
                self.held.receipt.clone().map(|rows| view::Receipt::Shown { rows })
            }
        }
    }

    fn receipt_code(&self) -> Result<Vec<String>, IssueError> {
        let (Some(key), Some(roster)) = (&self.receipt_key, &self.roster) else {
            return Err(IssueError::Nothing);
        };
        if let (State::Rights(_), Some(holding)) = (self.state(), &self.held.holding) {
            let copy = crate::copy::copy(holding, self.clock.now(), key);
            return code(&copy).ok_or(IssueError::Code);
        }
        let face = Face {
            notice: self.shown_notice(),
            discarded: self.held.discarded,
            sealed: self.held.sealed,
        };
        let receipt = receipt_of(self.state(), &roster.policy, face).ok_or(IssueError::Nothing)?;
        code(&receipt.sign(key)?).ok_or(IssueError::Code)
    }

    fn tell(&self, what: String) {
        self.inputs.try_send(Input::Incident(what)).ok();
    }
}

/// What became of the visit's face data, and which notice told of it.
#[derive(Clone, Copy)]
struct Face {
    notice: Shown,
    discarded: Option<Timestamp>,
    /// A picture was sealed because a law wants it kept.
    sealed: bool,
}

/// What is to be said of the visit in this state.
fn receipt_of(state: &State, policy: &PolicyPack, face: Face) -> Option<Receipt> {
    state.receipt()?;
    let (lane, outcome) = match state {
        State::Admit(s) => match s.lane() {
            Lane::Face => (receipt::Lane::Face, Outcome::Admitted),
            Lane::Staff { .. } => (receipt::Lane::Staff, Outcome::Admitted),
        },
        State::Staff(s) => match staff_reason(s.reason()) {
            StaffReason::NoResult => (receipt::Lane::Staff, Outcome::NoResult),
            _ => (receipt::Lane::Staff, Outcome::PassedToStaff),
        },
        State::Denied(_) => (receipt::Lane::Staff, Outcome::RefusedByStaff),
        State::Farewell(_) => (receipt::Lane::Face, Outcome::Stopped),
        _ => return None,
    };
    Some(Receipt {
        policy_version: policy.facts.version.to_string(),
        notice_sha256: policy.notice_sha256(face.notice),
        lane,
        outcome,
        face_data: match face.discarded {
            None => FaceData::NotTaken,
            Some(at) if face.sealed => FaceData::Sealed(at),
            Some(at) => FaceData::Discarded(at),
        },
    })
}

/// The rows of a QR code, a sign a module: `1` is dark. A screen has no scratches, so the least
/// correction and the largest modules.
fn code(note: &str) -> Option<Vec<String>> {
    let code = QrCode::with_bits(bits(note)?, EcLevel::L).ok()?;
    let sign = |module: &Color| module.select('1', '0');
    Some(code.to_colors().chunks(code.width()).map(|row| row.iter().map(sign).collect()).collect())
}

/// The note in the smallest code that holds it.
fn bits(note: &str) -> Option<Bits> {
    VERSIONS.into_iter().find_map(|version| {
        let mut bits = Bits::new(Version::Normal(version));
        // As bytes: left to choose, the library takes pairs of UTF-8's bytes for Shift-JIS, and
        // telephones show what Shift-JIS would have meant.
        bits.push_byte_data(note.as_bytes()).ok()?;
        bits.push_terminator(EcLevel::L).ok()?;
        Some(bits)
    })
}

#[cfg(test)]
pub(crate) mod tests;
