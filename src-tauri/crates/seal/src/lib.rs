//! Badge secrets, and what is sealed under them.
//!
//! A badge carries a secret in its code. From the secret and the roster's public salt come three
//! independent values (HKDF-SHA256, RFC 5869): a locator, under which the kiosk finds the
//! attendee, and two keys, which open the attendee's record and reference photo. Nobody who
//! lacks the badge can open either, and the kiosk stores neither the secret nor the keys
//! (EDPB Opinion 11/2024; rows L3 and C18 of the policy table).

mod code;
mod crockford;
mod key_file;
mod keys;
mod secret;

pub use code::{BadgeCode, CodeFormat, MalformedCode};
pub use key_file::{KeyFileError, create_key_file, owner_only, read_key_file};
pub use keys::{BadgeKeys, Kind, Locator, SEALED_OVERHEAD, SealingKey};
pub use secret::{BadgeSecret, RosterSalt, WEAK_BELOW_BITS};

/// What can fail here. No variant carries any part of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
    /// A weak secret could not be stretched: most likely there is no memory for argon2id.
    #[error("a weak badge secret could not be stretched")]
    Stretch,
    /// The keys could not be derived.
    #[error("the badge keys could not be derived")]
    Derive,
    /// The plain bytes could not be sealed.
    #[error("the bytes could not be sealed")]
    Seal,
    /// The sealed bytes do not open: another badge's key, another kind, or altered bytes.
    #[error("the sealed bytes do not open with this key")]
    Open,
}
