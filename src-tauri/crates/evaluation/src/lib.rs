//! Measured error rates of the engine on a technician's own data.
//!
//! [`evaluate`] takes pairs of pictures and presentations through the engine of the kiosk and
//! counts: FMR and FNMR with their intervals, failures to acquire, APCER of each species and
//! BPCER, and the threshold for a wanted FMR with what the data can support. The terms are
//! those of ISO/IEC 19795-1 and 30107-3. `docs/evaluation.md` says how to read the figures.
//!
//! This is an offline tool: comparison scores exist here, and the kiosk links none of it into a
//! visit.

mod attacks;
mod capture;
mod det;
mod error;
mod evaluate;
mod histogram;
mod html;
mod intervals;
mod pairs;
mod progress;
mod rates;
mod recommend;
mod report;
mod sheet;
mod source;
mod special;
mod subjects;
mod svg;
mod targets;
mod verdict;
mod video;

pub use attacks::{AttackRates, Presentations};
pub use error::EvaluationError;
pub use evaluate::{Compared, Evaluation, Order, evaluate};
pub use face::Limits;
pub use intervals::{Interval, clopper_pearson, needed_for, shown_by, upper_bound};
pub use progress::{Progress, Watcher};
pub use rates::{Count, Scores};
pub use recommend::Recommendation;
pub use report::{
    Acquisition, Comparisons, Group, GroupSpread, LimitsFrom, OperatingPoint, Rates, Report,
    ThresholdFrom,
};
pub use sheet::{RefusedRow, Rows};
pub use svg::escaped;
pub use targets::{Target, TargetVerdict};
