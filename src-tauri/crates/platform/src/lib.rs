//! The registration platform: signed bundles, signed policy packs, signed
//! tombstones, and pretix.
//!
//! A roster reaches a kiosk as one signed file ([`bundle`]): the attendees with their sealed
//! records and photos, and the [`PolicyPack`] whose texts the kiosk shows. What is not on the
//! allow-list of fields never enters a bundle (C17), and neither does a badge code.

pub mod bundle;
pub mod policy;
pub mod pretix;
pub mod tombstones;

mod photo;
mod record;
mod registration;
mod signed;

pub use admission::Refusal;
pub use policy::{
    Contact, Eea, FaceNotice, Facts, Policies, Policy, PolicyError, PolicyPack, Retained,
    RetainedEvidence, RosterTerms, Shown, Text, Texts, Transfer, Version, VersionError,
};
pub use record::AttendeeRecord;
pub use registration::{
    Arrival, Cursor, Heard, Page, Photo, Pulled, Registration, RegistrationError, Wanted,
};
