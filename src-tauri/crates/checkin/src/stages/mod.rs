//! One file per subject: each state handles its own events.

pub(crate) mod admit;
pub(crate) mod age;
pub(crate) mod capture;
pub(crate) mod consent;
pub(crate) mod farewell;
pub(crate) mod fault;
pub(crate) mod identify;
pub(crate) mod lane;
pub(crate) mod questions;
pub(crate) mod rights;
pub(crate) mod staff;
