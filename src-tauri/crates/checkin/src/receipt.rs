//! The receipt that a visitor may take from the last screen of a visit.

use crate::stages::admit::GateStep;
use crate::stages::staff::Desk;
use crate::visit::State;

/// Whether a receipt can be had, or is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// To be had by [`Event::ReceiptAsked`](crate::Event::ReceiptAsked).
    Offered,
    /// The visitor has it on the screen.
    Shown,
}

impl State {
    /// The receipt in this state. `None` wherever biometric data of the visit may exist, and
    /// wherever the visit goes on by itself.
    pub fn receipt(&self) -> Option<Receipt> {
        match self {
            Self::Admit(s) => match s.step() {
                GateStep::Recording | GateStep::Opening => None,
                GateStep::Open => Some(Receipt::Offered),
                GateStep::Receipt => Some(Receipt::Shown),
            },
            Self::Staff(s) if s.desk() == Desk::Waiting => s.receipt(),
            Self::Denied(s) => s.receipt(),
            Self::Rights(s) => s.receipt(),
            Self::Farewell(s) => Some(s.receipt()),
            _ => None,
        }
    }
}

/// [`Receipt`] of a screen that can show one.
pub(crate) fn receipt(clear: bool, shown: bool) -> Option<Receipt> {
    clear.then_some(if shown { Receipt::Shown } else { Receipt::Offered })
}
