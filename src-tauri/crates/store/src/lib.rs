//! Encrypted `SQLite`: roster, sealed references, consents, check-ins, outbox, staff and audit log.
//!
//! One [`Store`] owns the database file, in one thread; a second one is refused
//! ([`StoreError::InUse`]). Every row about a person carries the time at which
//! [`Store::purge_expired`] deletes it (C08). Badges are known by a pseudonym only
//! ([`BadgeId`]), and nothing in the database opens a photo: that takes the badge (L3).

mod announced;
mod attendee;
mod badge;
mod checkins;
mod children;
mod clock;
mod columns;
mod consents;
mod erasure;
mod error;
mod evidence;
mod expiry;
mod held;
mod incidents;
mod key;
mod lockout;
mod log;
mod open;
mod outbox;
mod policies;
mod refused_scans;
mod registration;
mod relay;
mod requests;
mod retention;
mod roster;
mod staff;
mod sync;
mod tombstones;
mod trouble;
mod visit_counts;

pub use announced::{Announced, AnnouncedState, Conflict};
pub use audit::{Purged, Role, TombstoneSource};
pub use badge::{Age, BadgeEntry, BadgeId, BadgeState};
pub use checkins::{Checkin, CheckinOutcome, Lane};
pub use children::{GuardianConsent, GuardianProof};
pub use clock::{Count, Jump, Reading};
pub use consents::{Choice, ConsentRecord, Language, Purpose};
pub use error::StoreError;
pub use evidence::{Evidence, EvidenceHeld};
pub use expiry::{Counts, DEFAULT_RETENTION_DAYS};
pub use held::{HeldCheckin, HeldChoice, HeldElsewhere, HeldRegistration, Holding};
pub use incidents::INCIDENT_DAYS;
pub use key::DatabaseKey;
pub use lockout::{LOCK_AFTER_FAILURES, LOCK_MINUTES};
pub use log::checking::{Checked, LogCheck};
pub use open::{DATABASE_FILE, KEY_FILE, Store};
pub use outbox::{OutboxCounts, OutboxEntry, OutboxKind};
pub use policies::NewPolicy;
pub use refused_scans::RefusedScan;
pub use registration::HEAD_EVERY;
pub use requests::{Answered, FiledRequest, NewRequest};
pub use retention::RetentionSwitch;
pub use roster::{NewAttendee, NewRoster, Reference, RosterHead, RosterImport, RosterTerms};
pub use staff::{Pin, STAFF_ACCOUNT_DAYS, SignIn, StaffMember};
pub use sync::{Arrival, Changes, FetchedPhoto, PhotoDue, PhotoNews, Progress, ReadFrom, Void};
pub use tombstones::{Buried, TombstoneList};
pub use trouble::Trouble;
pub use visit_counts::COUNTER_DAYS;

#[cfg(test)]
mod pages;
#[cfg(test)]
mod testing;
