//! Staff: accounts, and signing in.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use audit::{Actor, Record, Role, What};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior, named_params};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::columns::{days_after, millis, word};
use crate::lockout::Attempt;
use crate::{Store, StoreError, log};

/// After so many days an account ends by itself: an event's staff is hired for the event.
pub const STAFF_ACCOUNT_DAYS: u16 = 180;

/// argon2id (RFC 9106): 64 MiB, 3 passes, one lane, about a tenth of a second.
const PIN_KIB: u32 = 64 * 1024;
const PIN_PASSES: u32 = 3;
const PIN_LANES: u32 = 1;

/// A PIN as typed. Wiped on drop; never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Pin(String);

impl Pin {
    /// Takes over what was typed. Anything is a PIN here; what is none will not sign in.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// 6 to 12 digits, not all the same and not a plain run such as 123456.
    fn is_fit(&self) -> bool {
        let digits = self.0.as_bytes();
        let step = |by: u8| digits.windows(2).all(|d| d[1] == d[0].wrapping_add(by));
        (6..=12).contains(&digits.len())
            && digits.iter().all(u8::is_ascii_digit)
            && !(step(0) || step(1) || step(u8::MAX))
    }

    fn hash(&self, salt: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        let params = Params::new(PIN_KIB, PIN_PASSES, PIN_LANES, Some(32))
            .map_err(|_| StoreError::HashPin)?;
        let mut hash = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(self.0.as_bytes(), salt, hash.as_mut())
            .map_err(|_| StoreError::HashPin)?;
        Ok(hash)
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

/// A member of staff who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// Staff number.
    pub number: u32,
    /// What they may do.
    pub role: Role,
}

/// What became of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Number and PIN belong together.
    Accepted(StaffMember),
    /// They do not, or there is no such number; so many attempts are left.
    Refused {
        /// At least 1.
        left: u32,
    },
    /// The number is locked, by this attempt or before.
    Locked {
        /// Until then.
        until: Timestamp,
    },
}

impl From<StaffMember> for Actor {
    fn from(StaffMember { number, role }: StaffMember) -> Self {
        Self::Staff { number, role: Some(role) }
    }
}

impl Store {
    /// Makes an account, which ends after [`STAFF_ACCOUNT_DAYS`]. An existing one is not
    /// changed ([`StoreError::StaffExists`]).
    pub fn add_staff(
        &mut self,
        number: u32,
        pin: &Pin,
        role: Role,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !pin.is_fit() {
            return Err(StoreError::WeakPin);
        }
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| StoreError::Random)?;
        let hash = pin.hash(&salt)?;
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let written = tx.execute(
                "INSERT INTO staff VALUES (:number, :role, :salt, :hash, :expires_at)
                 ON CONFLICT (number) DO NOTHING",
                named_params! {
                    ":number": number,
                    ":role": role.word(),
                    ":salt": salt,
                    ":hash": *hash,
                    ":expires_at": millis(days_after(now, STAFF_ACCOUNT_DAYS)),
                },
            )?;
            if written > 0 {
                let added = Record::new(now, by, What::StaffAdded { number, role });
                log::append(&tx, &self.signer, &added)?;
            }
            tx.commit()?;
            Ok(written > 0)
        };
        let added = write().map_err(StoreError::WriteStaff)?;
        if added { Ok(()) } else { Err(StoreError::StaffExists) }
    }

    /// Deletes an account. False when there is none.
    pub fn remove_staff(
        &mut self,
        number: u32,
        by: Actor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut write = || {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let removed = tx.execute("DELETE FROM staff WHERE number = ?1", [number])? > 0;
            if removed {
                let record = Record::new(now, by, What::StaffRemoved { number });
                log::append(&tx, &self.signer, &record)?;
            }
            tx.commit()?;
            Ok(removed)
        };
        write().map_err(StoreError::WriteStaff)
    }

    /// True when an account of this role can sign in.
    pub fn has_staff(&self, role: Role, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM staff WHERE role = ?1 AND expires_at > ?2)";
        self.db
            .query_row(sql, (role.word(), millis(now)), |row| row.get(0))
            .map_err(StoreError::SignIn)
    }

    /// Checks number and PIN, and writes the outcome to the audit log; `visit`: the nonce of the
    /// visit at whose desk it is. The attempt is on the disk before the PIN is looked at, so that
    /// neither a kill nor a restart gives more attempts. A number without an account costs the
    /// same time and answers alike, lock-out included.
    pub fn sign_in(
        &mut self,
        number: u32,
        pin: &Pin,
        visit: Option<[u8; 16]>,
        now: Timestamp,
    ) -> Result<SignIn, StoreError> {
        let attempt = self.count_attempt(number, now)?;
        if let Attempt::Locked { until } = attempt {
            return Ok(SignIn::Locked { until });
        }
        let account = self.account(number, now).map_err(StoreError::SignIn)?;
        let (salt, expected) = account.map_or(([0; 16], [0; 32]), |a| (a.salt, a.hash));
        let fits: bool = pin.hash(&salt)?.ct_eq(&expected).into();
        let (by, what, answer) = match (account, attempt) {
            (Some(Account { role, .. }), _) if fits => {
                let member = StaffMember { number, role };
                (member.into(), What::SignedIn, SignIn::Accepted(member))
            }
            (_, Attempt::Locking { until, minutes }) => {
                let by = Actor::Staff { number, role: None };
                (by, What::SignInLocked { minutes }, SignIn::Locked { until })
            }
            (_, Attempt::Locked { until }) => return Ok(SignIn::Locked { until }),
            (_, Attempt::Counted { left }) => {
                let by = Actor::Staff { number, role: None };
                (by, What::SignInRefused, SignIn::Refused { left })
            }
        };
        let record = Record { at: now, by, visit, badge: None, what };
        match self.answered(number, answer, &record).map_err(StoreError::SignIn) {
            // Staff must be let in most of all when the disk is broken.
            Err(error) if error.trouble().is_none() => Err(error),
            _ => Ok(answer),
        }
    }

    /// Writes what became of an attempt, and forgets the failures of a number that signed in.
    fn answered(&mut self, number: u32, answer: SignIn, record: &Record) -> rusqlite::Result<()> {
        let accepted = matches!(answer, SignIn::Accepted(_));
        if accepted {
            self.uncounted.remove(&number);
        }
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if accepted {
            tx.execute("DELETE FROM sign_in_failure WHERE number = ?1", [number])?;
        }
        log::append(&tx, &self.signer, record)?;
        tx.commit()
    }

    fn account(&self, number: u32, now: Timestamp) -> rusqlite::Result<Option<Account>> {
        self.db
            .query_row(
                "SELECT role, pin_salt, pin_hash FROM staff WHERE number = ?1 AND expires_at > ?2",
                (number, millis(now)),
                |row| {
                    Ok(Account {
                        role: word(row, 0, Role::read)?,
                        salt: row.get(1)?,
                        hash: row.get(2)?,
                    })
                },
            )
            .optional()
    }
}

#[derive(Clone, Copy)]
struct Account {
    role: Role,
    salt: [u8; 16],
    hash: [u8; 32],
}

#[cfg(test)]
mod tests;
