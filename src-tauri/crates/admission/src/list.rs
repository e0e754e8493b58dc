//! The check-in list of the entrance, and what belongs to the event.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Question;

/// What an entrance asks of a ticket. About nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckinList {
    /// Products that may pass; none: all of them.
    pub items: Option<Vec<i64>>,
    /// The date in a series of events, if the list is for one date.
    pub subevent: Option<i64>,
    /// Unpaid orders may pass if somebody decides so.
    pub include_pending: bool,
    /// A badge may enter as often as it likes.
    pub multiple_entries: bool,
    /// A badge may enter again after an exit was scanned.
    pub entry_after_exit: bool,
    /// The organiser's own rules (JSON Logic), if there are any.
    pub rules: Option<Value>,
    /// Questions that are asked at the entrance, in their order.
    pub questions: Vec<Question>,
    /// Keys of the event's signed codes.
    pub keys: Vec<SigningKey>,
    /// The event's time zone (IANA), which rules count in.
    pub time_zone: String,
}

/// A public Ed25519 key of signed codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningKey(pub [u8; 32]);
