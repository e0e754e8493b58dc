//! Encrypted `SQLite`: roster, sealed references, consents, check-ins, outbox and staff.
//!
//! One [`Store`] owns the database file, in one thread; a second one is refused
//! ([`StoreError::InUse`]). Every row about a person carries the time at which
//! [`Store::purge_expired`] deletes it (C08). Badges are known by a pseudonym only
//! ([`BadgeId`]), and nothing in the database opens a photo: that takes the badge (L3).

mod badge;
mod checkins;
mod clock;
mod columns;
mod consents;
mod erasure;
mod error;
mod evidence;
mod expiry;
mod key;
mod open;
mod outbox;
mod registration;
mod retention;
mod roster;
mod staff;
mod trouble;

pub use badge::{BadgeEntry, BadgeId, BadgeState};
pub use checkins::{Checkin, CheckinOutcome, Lane};
pub use clock::{Count, Jump, Reading};
pub use consents::{Choice, ConsentRecord, Language, Purpose};
pub use error::StoreError;
pub use evidence::{Evidence, EvidenceHeld};
pub use expiry::{Counts, DEFAULT_RETENTION_DAYS, Purged};
pub use key::DatabaseKey;
pub use open::{DATABASE_FILE, KEY_FILE, Store};
pub use outbox::{OutboxEntry, OutboxKind};
pub use retention::RetentionSwitch;
pub use roster::{NewAttendee, NewRoster, Reference, RosterHead, RosterImport};
pub use staff::{
    Act, LOCK_AFTER_FAILURES, LOCK_MINUTES, Pin, Role, STAFF_ACCOUNT_DAYS, SignIn, StaffAct,
    StaffMember,
};
pub use trouble::Trouble;

#[cfg(test)]
mod pages;
#[cfg(test)]
mod testing;
