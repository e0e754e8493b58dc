//! The registration platform: signed bundles, and pretix.
//!
//! A roster reaches a kiosk as one signed file ([`bundle`]): the attendees with their sealed
//! records and photos, and the [`PolicyPack`] whose texts the kiosk shows. What is not on the
//! allow-list of fields never enters a bundle (C17), and neither does a badge code.

pub mod bundle;
pub mod policy;
pub mod pretix;

mod photo;
mod record;
mod registration;

pub use policy::{
    Contact, FaceNotice, Facts, PolicyError, PolicyPack, Retained, RetainedEvidence, RosterTerms,
    Text, Texts,
};
pub use record::AttendeeRecord;
pub use registration::{Heard, Refusal, RegistrationError};
