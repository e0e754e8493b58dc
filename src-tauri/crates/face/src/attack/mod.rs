//! Attack detection (ISO/IEC 30107-3): is there a person before the camera, or a print or screen?
//!
//! Passive cues first ([`passive`], [`trace`], [`blink`], and for doubts [`surface`], [`surround`],
//! [`border`]); where they do not suffice, a random [`challenge`]. [`presentation`] decides.

pub(crate) mod blink;
pub(crate) mod border;
pub(crate) mod challenge;
pub(crate) mod grey;
pub(crate) mod passive;
pub(crate) mod plane;
pub(crate) mod presentation;
mod recording;
pub(crate) mod surface;
pub(crate) mod surround;
pub(crate) mod trace;
