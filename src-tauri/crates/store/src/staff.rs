//! Staff: accounts, signing in with a lock-out, and acts.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::columns::{days_after, millis, optional_time, word};
use crate::{BadgeId, Store, StoreError};

/// Wrong PINs in a row that lock a number.
pub const LOCK_AFTER_FAILURES: u32 = 5;

/// For how long.
pub const LOCK_MINUTES: i64 = 5;

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

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sees a visit that came to staff, admits or denies.
    Guard,
    /// Also sees the technician's status. The screens decide what each role may open.
    Technician,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Guard => "guard",
            Self::Technician => "technician",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Guard, Self::Technician].into_iter().find(|role| role.word() == word)
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

/// What a member of staff did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Signed in.
    SignIn,
    /// Tried to sign in and was refused; the number is the one that was typed.
    SignInRefused,
    /// Admitted the visitor.
    Admit,
    /// Refused entry, with a reason (C09).
    Deny,
    /// Ended the visit.
    EndVisit,
    /// Signed out.
    SignOut,
    /// Switched the keeping of evidence on, together with another role (C07).
    RetentionOn,
    /// Switched it off.
    RetentionOff,
}

impl Act {
    fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignInRefused => "sign_in_refused",
            Self::Admit => "admit",
            Self::Deny => "deny",
            Self::EndVisit => "end_visit",
            Self::SignOut => "sign_out",
            Self::RetentionOn => "retention_on",
            Self::RetentionOff => "retention_off",
        }
    }
}

/// One act to be written.
#[derive(Clone, Debug)]
pub struct StaffAct {
    /// Nonce of the visit.
    pub nonce: [u8; 16],
    /// Staff number.
    pub staff: u32,
    /// Pseudonym of the badge, if the visit had one.
    pub badge: Option<BadgeId>,
    /// What was done.
    pub act: Act,
    /// Code of the reason.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Makes an account, which ends after [`STAFF_ACCOUNT_DAYS`]. An existing one is not
    /// changed ([`StoreError::StaffExists`]).
    pub fn add_staff(
        &mut self,
        number: u32,
        pin: &Pin,
        role: Role,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !pin.is_fit() {
            return Err(StoreError::WeakPin);
        }
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| StoreError::Random)?;
        let hash = pin.hash(&salt)?;
        let written = self
            .db
            .execute(
                "INSERT INTO staff VALUES (:number, :role, :salt, :hash, :expires_at)
                 ON CONFLICT (number) DO NOTHING",
                named_params! {
                    ":number": number,
                    ":role": role.word(),
                    ":salt": salt,
                    ":hash": *hash,
                    ":expires_at": millis(days_after(now, STAFF_ACCOUNT_DAYS)),
                },
            )
            .map_err(StoreError::WriteStaff)?;
        if written == 1 { Ok(()) } else { Err(StoreError::StaffExists) }
    }

    /// Deletes an account. False when there is none.
    pub fn remove_staff(&mut self, number: u32) -> Result<bool, StoreError> {
        self.db
            .execute("DELETE FROM staff WHERE number = ?1", [number])
            .map(|rows| rows > 0)
            .map_err(StoreError::WriteStaff)
    }

    /// Checks number and PIN. The attempt is on the disk before the PIN is looked at, so that
    /// neither a kill nor a restart gives more attempts. A number without an account costs the
    /// same time and answers alike, lock-out included.
    pub fn sign_in(
        &mut self,
        number: u32,
        pin: &Pin,
        now: Timestamp,
    ) -> Result<SignIn, StoreError> {
        let counted = match self.count_attempt(number, now).map_err(StoreError::SignIn) {
            // Staff must be let in most of all when the disk is broken.
            Err(error) if error.trouble().is_some() => self.count_in_memory(number, now),
            counted => counted?,
        };
        let failures = match counted {
            Attempt::Counted { failures } => failures,
            Attempt::Locked { until } => return Ok(SignIn::Locked { until }),
        };
        let account = self.account(number, now).map_err(StoreError::SignIn)?;
        let (salt, expected) = account.map_or(([0; 16], [0; 32]), |a| (a.salt, a.hash));
        let fits: bool = pin.hash(&salt)?.ct_eq(&expected).into();
        match account {
            Some(account) if fits => {
                self.uncounted.remove(&number);
                let sql = "DELETE FROM sign_in_failure WHERE number = ?1";
                match self.db.execute(sql, [number]).map_err(StoreError::SignIn) {
                    Err(error) if error.trouble().is_none() => return Err(error),
                    _ => {}
                }
                Ok(SignIn::Accepted(StaffMember { number, role: account.role }))
            }
            _ if failures >= LOCK_AFTER_FAILURES => Ok(SignIn::Locked { until: lock_end(now) }),
            _ => Ok(SignIn::Refused { left: LOCK_AFTER_FAILURES - failures }),
        }
    }

    /// Writes what a member of staff did.
    pub fn record_staff_act(&mut self, act: &StaffAct) -> Result<(), StoreError> {
        let write = || insert_act(&self.db, act, self.retention_days()?);
        write().map_err(StoreError::RecordStaffAct)
    }

    /// Counts an attempt before the PIN is looked at, so that switching off uncounts none.
    fn count_attempt(&mut self, number: u32, now: Timestamp) -> rusqlite::Result<Attempt> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let earlier = tx
            .query_row(
                "SELECT failures, locked_until FROM sign_in_failure WHERE number = ?1",
                [number],
                |row| Ok(Failures { failures: row.get(0)?, locked_until: optional_time(row, 1)? }),
            )
            .optional()?;
        let (failures, attempt) = earlier.unwrap_or_default().and_another(now);
        if matches!(attempt, Attempt::Counted { .. }) {
            tx.execute(
                "INSERT OR REPLACE INTO sign_in_failure VALUES (?1, ?2, ?3, ?4)",
                (
                    number,
                    failures.failures,
                    failures.locked_until.map(millis),
                    millis(days_after(now, 1)),
                ),
            )?;
            tx.commit()?;
        }
        Ok(attempt)
    }

    /// The same when the disk takes nothing: until the kiosk is started anew.
    fn count_in_memory(&mut self, number: u32, now: Timestamp) -> Attempt {
        let counted = self.uncounted.entry(number).or_default();
        let (failures, attempt) = counted.and_another(now);
        *counted = failures;
        attempt
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

/// Writes an act that is kept for so many days.
pub(crate) fn insert_act(db: &Connection, act: &StaffAct, days: u16) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO staff_act (nonce, staff, badge, act, reason, at, expires_at)
         VALUES (:nonce, :staff, :badge, :act, :reason, :at, :expires_at)",
        named_params! {
            ":nonce": act.nonce,
            ":staff": act.staff,
            ":badge": act.badge,
            ":act": act.act.word(),
            ":reason": act.reason,
            ":at": millis(act.at),
            ":expires_at": millis(days_after(act.at, days)),
        },
    )
    .map(drop)
}

enum Attempt {
    Counted { failures: u32 },
    Locked { until: Timestamp },
}

/// Wrong PINs of one number in a row.
#[derive(Clone, Copy, Default)]
pub(crate) struct Failures {
    failures: u32,
    locked_until: Option<Timestamp>,
}

impl Failures {
    /// With one more, unless the number is locked.
    fn and_another(self, now: Timestamp) -> (Self, Attempt) {
        let failures = match self.locked_until {
            Some(until) if now < until => return (self, Attempt::Locked { until }),
            Some(_) => 1,
            None => self.failures + 1,
        };
        let locked_until = (failures >= LOCK_AFTER_FAILURES).then(|| lock_end(now));
        (Self { failures, locked_until }, Attempt::Counted { failures })
    }
}

#[derive(Clone, Copy)]
struct Account {
    role: Role,
    salt: [u8; 16],
    hash: [u8; 32],
}

fn lock_end(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_mins(LOCK_MINUTES)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::time::Instant;

    use super::*;
    use crate::testing::{self, AT, DAY};

    fn pin(text: &str) -> Pin {
        Pin::new(text.into())
    }

    #[test]
    fn c31_number_and_pin_sign_in_and_five_wrong_ones_lock_across_a_restart() {
        let (folder, mut store) = testing::store();
        store.add_staff(7, &pin("482913"), Role::Technician, AT).unwrap();
        let member = StaffMember { number: 7, role: Role::Technician };
        let until = AT + SignedDuration::from_mins(5);
        assert_eq!(store.sign_in(7, &pin("482914"), AT).unwrap(), SignIn::Refused { left: 4 });
        assert_eq!(store.sign_in(7, &pin("482913"), AT).unwrap(), SignIn::Accepted(member));
        for left in [4, 3, 2, 1] {
            drop(store);
            store = Store::open_folder(folder.path()).unwrap();
            assert_eq!(store.sign_in(7, &pin("482914"), AT).unwrap(), SignIn::Refused { left });
        }
        assert_eq!(store.sign_in(7, &pin(""), AT).unwrap(), SignIn::Locked { until });
        drop(store);
        store = Store::open_folder(folder.path()).unwrap();
        assert_eq!(store.sign_in(7, &pin("482913"), AT).unwrap(), SignIn::Locked { until });
        assert_eq!(store.sign_in(7, &pin("482913"), until).unwrap(), SignIn::Accepted(member));
    }

    #[test]
    fn c31_an_unknown_number_answers_and_takes_time_like_a_wrong_pin() {
        let (_folder, mut store) = testing::store();
        store.add_staff(7, &pin("482913"), Role::Guard, AT).unwrap();
        let mut spent = [std::time::Duration::ZERO; 2];
        for left in [4, 3, 2, 1] {
            for (number, spent) in [7, 8].into_iter().zip(&mut spent) {
                let begun = Instant::now();
                let answer = store.sign_in(number, &pin("482914"), AT).unwrap();
                *spent += begun.elapsed();
                assert_eq!(answer, SignIn::Refused { left });
            }
        }
        let ratio = spent[1].as_secs_f64() / spent[0].as_secs_f64();
        assert!((0.5..2.0).contains(&ratio), "{ratio}");
        for number in [7, 8] {
            let answer = store.sign_in(number, &pin("482914"), AT).unwrap();
            assert!(matches!(answer, SignIn::Locked { .. }));
        }
    }

    #[test]
    fn a_number_without_an_account_never_signs_in() {
        let (_folder, mut store) = testing::store();
        for number in 1..=3 {
            let answer = store.sign_in(number, &pin("000000"), AT).unwrap();
            assert_eq!(answer, SignIn::Refused { left: 4 });
        }
    }

    #[test]
    fn an_account_is_made_once_and_ends_by_itself() {
        let (_folder, mut store) = testing::store();
        store.add_staff(7, &pin("482913"), Role::Guard, AT).unwrap();
        let again = store.add_staff(7, &pin("739158"), Role::Technician, AT);
        assert!(matches!(again, Err(StoreError::StaffExists)));
        let end = AT + DAY * i32::from(STAFF_ACCOUNT_DAYS);
        let accepted = SignIn::Accepted(StaffMember { number: 7, role: Role::Guard });
        assert_eq!(store.sign_in(7, &pin("482913"), AT).unwrap(), accepted);
        assert_eq!(store.sign_in(7, &pin("482913"), end).unwrap(), SignIn::Refused { left: 4 });
        assert!(store.remove_staff(7).unwrap());
        assert!(!store.remove_staff(7).unwrap());
    }

    #[test]
    fn pins_that_are_easy_to_guess_are_refused() {
        for (text, fit) in [
            ("482913", true),
            ("112233445566", true),
            ("", false),
            ("12345", false),
            ("123456", false),
            ("987654", false),
            ("111111", false),
            ("48291a", false),
            ("4829134829134", false),
            ("４８２９１３", false),
        ] {
            assert_eq!(pin(text).is_fit(), fit, "{text}");
        }
    }

    #[test]
    fn c09_a_denial_is_written_with_the_person_and_the_reason() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, testing::locator(1), None);
        store
            .record_staff_act(&StaffAct {
                nonce: [2; 16],
                staff: 7,
                badge: Some(badge),
                act: Act::Deny,
                reason: Some("not_the_holder".into()),
                at: AT,
            })
            .unwrap();
        let (staff, act, reason): (u32, String, String) = store
            .db
            .query_row("SELECT staff, act, reason FROM staff_act", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .unwrap();
        assert_eq!((staff, act.as_str(), reason.as_str()), (7, "deny", "not_the_holder"));
    }

    #[test]
    fn staff_sign_in_when_the_disk_takes_nothing_and_wrong_pins_still_lock() {
        let (_folder, mut store) = testing::store();
        store.add_staff(7, &pin("135790"), Role::Guard, AT).unwrap();
        store.db.pragma_update(None, "query_only", true).unwrap();
        let accepted = SignIn::Accepted(StaffMember { number: 7, role: Role::Guard });
        assert_eq!(store.sign_in(7, &pin("135790"), AT).unwrap(), accepted);
        for left in (1..LOCK_AFTER_FAILURES).rev() {
            let refused = store.sign_in(7, &pin("000000"), AT).unwrap();
            assert_eq!(refused, SignIn::Refused { left });
        }
        let until = lock_end(AT);
        for digits in ["000000", "135790"] {
            assert_eq!(store.sign_in(7, &pin(digits), AT).unwrap(), SignIn::Locked { until });
        }
        assert_eq!(store.sign_in(7, &pin("135790"), until).unwrap(), accepted);
    }
}
