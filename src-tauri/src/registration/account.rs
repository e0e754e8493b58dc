//! What becomes of this kiosk's account: it gets another key, or the platform revokes it.

use audit::Actor;
use checkin::{Event, FaultCode, State};
use jiff::Timestamp;
use platform::pretix::{self, Account};
use store::{Store, StoreError};

use super::desk::{Desk, Stopped};
use super::{NoRegistration, Registration};
use crate::controller::{Controller, Input};
use crate::view::{Link, Trouble};

impl Registration {
    /// Fetches the key that was asked for. It begins to count with the next round, of whoever tells
    /// from then on.
    pub(super) async fn take_new_key(&self, desk: &Desk) -> Result<(), Stopped> {
        let now = desk.clock.now();
        let account = self.platform.new_key(now).await?;
        let kept = desk.db.run(move |store| store.keep_account(&account, None, now));
        desk.answered(kept, "account").await?;
        desk.tell(Input::AccountChanged).await?;
        Err(Stopped::Ended)
    }
}

impl Desk {
    /// Asks for a new key, because the old one has had its time.
    pub(super) async fn ask_for_new_key(&self) -> Result<(), Stopped> {
        let now = self.clock.now();
        let asked = self.db.run(move |store| begin_roll(store, Actor::Kiosk, now));
        let asked = asked.await.map_err(|_| Stopped::Ended)?;
        if let Err(error) = asked {
            self.tell(Input::Incident(error.to_string())).await?;
            return Err(Stopped::Store);
        }
        self.tell(Input::AccountChanged).await?;
        Err(Stopped::Ended)
    }

    /// The platform has revoked this kiosk: it is locked at once, and then what a thief could use
    /// is deleted.
    pub(super) async fn revoked(&self) -> Result<(), Stopped> {
        self.tell(Input::Revoked).await?;
        let now = self.clock.now();
        let deleted = self.db.run(move |store| store.revoke_account(now));
        self.answered(deleted, "revocation").await?;
        tracing::info!("names and photos of this kiosk are deleted: the platform has revoked it");
        Ok(())
    }
}

/// Why no new key could be asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoRoll {
    /// There is no account, or none that counts.
    #[error("this kiosk is not connected")]
    NoAccount,
    /// The operating system gave no random bytes for the name of the request.
    #[error("no random bytes")]
    Random,
    /// The database.
    #[error("the account at the platform cannot be kept: {0}")]
    Store(#[from] StoreError),
    /// What the database holds.
    #[error(transparent)]
    Unreadable(#[from] pretix::Unreadable),
}

/// Keeps that a new key is asked for, before anything is sent.
pub(crate) fn begin_roll(store: &mut Store, by: Actor, now: Timestamp) -> Result<(), NoRoll> {
    let account = store.registration()?.ok_or(NoRoll::NoAccount)?;
    if store.revoked_at()?.is_some() {
        return Err(NoRoll::NoAccount);
    }
    let mut account = Account::from_bytes(&account)?;
    if account.is_rolling() {
        return Ok(());
    }
    let mut name = [0; 16];
    getrandom::fill(&mut name).map_err(|_| NoRoll::Random)?;
    account.begin_roll(name);
    store.keep_account(&account.to_bytes()?, Some(by), now)?;
    Ok(())
}

impl Controller {
    /// The account is another one, or has another key: whoever tells begins anew with it.
    pub(crate) fn account_changed(&self) {
        let network = self.config.network.clone();
        self.with_store(move |store| {
            vec![Input::Registration(Box::new(Registration::of(&network, store)))]
        });
    }

    /// The platform has revoked this kiosk (while it runs).
    pub(crate) fn revoked(&mut self) {
        if self.telling.locked {
            return;
        }
        self.telling.link = Link::Revoked;
        self.lock(true);
        // Nothing of the badge is shown or compared any more.
        self.held.badge = None;
        self.held.eea = false;
        self.fail(FaultCode::Revoked, &NoRegistration::Revoked.to_string());
    }

    /// Locks the kiosk, or unlocks it.
    pub(super) fn lock(&mut self, locked: bool) {
        let unlocked = std::mem::replace(&mut self.telling.locked, locked) && !locked;
        if locked {
            self.troubles.insert(Trouble::Revoked);
        } else {
            self.troubles.remove(&Trouble::Revoked);
        }
        let idle = matches!(self.state(), State::Fault(_)) && self.nonce().is_none();
        if unlocked && idle {
            self.on(Event::Done);
        }
    }
}
