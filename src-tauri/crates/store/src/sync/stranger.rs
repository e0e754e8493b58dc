//! A badge of which its signed code alone tells.

use admission::SignedTicket;
use rusqlite::TransactionBehavior;
use seal::{Kind, Locator};

use super::expiry;
use crate::attendee::{self, AttendeeRow};
use crate::erasure::ErasureKey;
use crate::{Age, BadgeId, BadgeState, Store, StoreError, tombstones};

impl Store {
    /// Takes a badge into the roster whose code the organiser has signed: without a number at the
    /// platform, a name and a photo, until a page of changes brings them. What it does here until
    /// then waits for that number. Nothing happens where the badge is known, or gone.
    pub fn enlist(&mut self, locator: &Locator, signed: &SignedTicket) -> Result<(), StoreError> {
        if self.badge(locator)?.is_some() {
            return Ok(());
        }
        let badge = BadgeId::of(&self.pepper, locator);
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::Sync)?;
        let (ends_at, _) = expiry(&tx).map_err(StoreError::Sync)?.ok_or(StoreError::NoRoster)?;
        if tombstones::is_gone(&tx, badge).map_err(StoreError::Sync)? {
            return Ok(());
        }
        let key = ErasureKey::draw(&tx, badge)?;
        AttendeeRow {
            badge,
            locator: *locator,
            state: BadgeState::Valid,
            valid_from: signed.valid_from,
            valid_until: signed.valid_until,
            age: attendee::age(&tx, badge, Age::Unknown)?,
            position: None,
            record: &key.seal(&[], locator, Kind::Record)?,
            problem: Some("missing"),
            ticket: Some(&signed.ticket()),
            changed_at: None,
            photo_version: None,
            photo_due_at: None,
        }
        .insert(&tx, ends_at)
        .map_err(StoreError::Sync)?;
        tx.commit().map_err(StoreError::Sync)
    }
}
