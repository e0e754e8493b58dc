//! Whether a badge may pass: the rules that the registration platform applies, applied to what the
//! kiosk knows of the badge. No I/O and no clock, and nothing here is a name, a code or a face.

mod list;
mod question;
mod refusal;
mod ticket;

pub use list::{CheckinList, SigningKey};
pub use question::{Choice, Question, QuestionKind};
pub use refusal::Refusal;
pub use ticket::{OrderState, Scanned, Ticket};
