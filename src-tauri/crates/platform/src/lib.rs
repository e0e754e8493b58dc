//! The registration platform: signed bundles, signed policy packs, signed
//! tombstones, and pretix.
//!
//! A roster reaches a kiosk as one signed file ([`bundle`]), with the [`PolicyPack`] whose texts
//! the kiosk shows, or page by page from a platform ([`Registration`]). What is not on the
//! allow-list of fields is dropped before anything is kept (C17), and so is every badge code.

pub mod bundle;
pub mod policy;
pub mod pretix;
pub mod tombstones;

mod name;
mod pace;
mod photo;
mod record;
mod registration;
mod roster;
mod signed;

pub use admission::Refusal;
pub use pace::Pace;
pub use policy::{
    Contact, Eea, FaceNotice, Facts, Policies, Policy, PolicyError, PolicyPack, Retained,
    RetainedEvidence, RosterTerms, Shown, Text, Texts, Transfer, Version, VersionError,
};
pub use record::AttendeeRecord;
pub use registration::{
    Cursor, Heard, Key, Loaded, Photo, Pulled, Registration, RegistrationError, Terms,
};
pub use roster::{Begun, begin_roster};
