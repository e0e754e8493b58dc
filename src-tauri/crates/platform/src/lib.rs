//! The registration platform: signed bundles and signed policy packs.
//!
//! A roster reaches a kiosk as one signed file ([`bundle`]): the attendees with their sealed
//! records and photos, and the [`PolicyPack`] whose texts the kiosk shows. What is not on the
//! allow-list of fields never enters a bundle (C17), and neither does a badge code.

pub mod bundle;
pub mod policy;

mod photo;
mod record;
mod signed;

pub use policy::{
    Contact, Eea, FaceNotice, Facts, Policies, Policy, PolicyError, PolicyPack, Retained,
    RetainedEvidence, RosterTerms, Shown, Text, Texts, Transfer, Version, VersionError,
};
pub use record::AttendeeRecord;
