//! Whether a badge may pass: the rules that the registration platform applies, applied to what the
//! kiosk knows of the badge. No I/O and no clock, and nothing here is a name or a face.
//!
//! [`judge`] decides as pretix does, in its order: it says *pass*, *refused* with pretix's own
//! word, what to *ask*, or that a *person* decides, which is the answer to whatever cannot be
//! judged here. The one code that is read here is a signed one ([`SignedTicket`]).

mod answers;
mod judge;
mod list;
mod question;
mod refusal;
mod rules;
mod signed;
#[cfg(test)]
mod testing;
mod ticket;

pub use answers::{Answer, Answers};
pub use judge::{Badge, Doubt, Verdict, judge, judge_stranger};
pub use list::{CheckinList, SigningKey};
pub use question::{Choice, Question, QuestionKind};
pub use refusal::Refusal;
pub use signed::{NotSigned, SignedTicket};
pub use ticket::{OrderState, Scanned, Ticket};
