//! Signed codes (`pretix_sig1`): the ticket's own fields in the code, under the event's signature.
//!
//! The code is base64, written backwards, of `1 | u16 length | u16 signature's length | fields |
//! Ed25519 signature of the fields`. The fields are a protobuf message: 1 seed, 2 product, 3
//! variation, 4 date in a series, 5 and 6 validity in Unix seconds; 0 is none.

use data_encoding::BASE64;
use ed25519_dalek::{Signature, VerifyingKey};
use jiff::Timestamp;

use crate::{OrderState, SigningKey, Ticket};

/// The longest code that is looked at.
const LONGEST: usize = 1024;

/// What a signed code says of its ticket. Without the seed, which makes the code a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedTicket {
    /// Number of the product.
    pub item: i64,
    /// Number of the variation.
    pub variation: Option<i64>,
    /// Number of the date in a series of events.
    pub subevent: Option<i64>,
    /// Not valid before.
    pub valid_from: Option<Timestamp>,
    /// Valid up to and including this second.
    pub valid_until: Option<Timestamp>,
}

/// The code is not one that the event has signed. Whether it was nearly one tells nobody anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSigned;

impl SignedTicket {
    /// Reads a code that one of the event's keys has signed.
    pub fn verify(code: &str, keys: &[SigningKey]) -> Result<Self, NotSigned> {
        if keys.is_empty() || code.len() > LONGEST || !code.is_ascii() {
            return Err(NotSigned);
        }
        let base64: String = code.chars().rev().collect();
        let bytes = BASE64.decode(base64.as_bytes()).map_err(|_| NotSigned)?;
        let (fields, signature) = parts(&bytes).ok_or(NotSigned)?;
        let signature = Signature::from_slice(signature).map_err(|_| NotSigned)?;
        let genuine = keys.iter().any(|key| {
            VerifyingKey::from_bytes(&key.0)
                .is_ok_and(|key| key.verify_strict(fields, &signature).is_ok())
        });
        if !genuine {
            return Err(NotSigned);
        }
        read(fields).ok_or(NotSigned)
    }

    /// The ticket as it can be judged. That it was paid, and all else that may have happened since
    /// it was signed, is not in the code: a person looks at it.
    pub fn ticket(&self) -> Ticket {
        Ticket {
            item: self.item,
            variation: self.variation,
            subevent: self.subevent,
            order: OrderState::Paid,
            answered: Vec::new(),
            scanned: None,
        }
    }
}

/// Fields and signature.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[1, a, b, c, d], rest) = bytes.split_first_chunk()? else { return None };
    let fields = usize::from(u16::from_be_bytes([a, b]));
    let signature = usize::from(u16::from_be_bytes([c, d]));
    let (fields, rest) = rest.split_at_checked(fields)?;
    (rest.len() == signature).then_some((fields, rest))
}

/// Reads the protobuf message. Fields of later versions are passed over, and of a field that comes
/// twice the last one counts, as everywhere in protobuf.
fn read(mut fields: &[u8]) -> Option<SignedTicket> {
    let mut numbers = [0_i64; 7];
    while !fields.is_empty() {
        let key = varint(&mut fields)?;
        match (key >> 3, key & 7) {
            (field @ 2..=6, 0) => {
                let number = i64::try_from(varint(&mut fields)?).ok()?;
                *numbers.get_mut(usize::try_from(field).ok()?)? = number;
            }
            (1.., 0) => drop(varint(&mut fields)?),
            (1.., 1) => fields = fields.get(8..)?,
            (1.., 2) => {
                let length = usize::try_from(varint(&mut fields)?).ok()?;
                fields = fields.get(length..)?;
            }
            (1.., 5) => fields = fields.get(4..)?,
            _ => return None,
        }
    }
    let [_, _, item, variation, subevent, from, until] = numbers;
    let number = |number: i64| (number != 0).then_some(number);
    let time = |seconds: i64| match seconds {
        0 => Some(None),
        seconds => Timestamp::from_second(seconds).ok().map(Some),
    };
    Some(SignedTicket {
        item,
        variation: number(variation),
        subevent: number(subevent),
        valid_from: time(from)?,
        valid_until: time(until)?,
    })
}

/// Reads a number of at most 64 bits, seven bits a byte, the lowest first.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        number |= bits.checked_shl(shift).filter(|n| n >> shift == bits)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// A code with these fields, signed with the key of [`example_key`].
#[cfg(test)]
pub(crate) fn example(fields: &[u8]) -> String {
    tests::code(fields, &tests::key(1).0)
}

/// The key of [`example`].
#[cfg(test)]
pub(crate) fn example_key() -> SigningKey {
    tests::key(1).1
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use ed25519_dalek::{Signer, SigningKey as Secret};
    use proptest::prelude::*;

    use super::*;

    pub(super) fn key(n: u8) -> (Secret, SigningKey) {
        let secret = Secret::from_bytes(&[n; 32]);
        let public = SigningKey(secret.verifying_key().to_bytes());
        (secret, public)
    }

    pub(super) fn code(fields: &[u8], secret: &Secret) -> String {
        let signature = secret.sign(fields).to_bytes();
        let length = u16::try_from(fields.len()).unwrap().to_be_bytes();
        let bytes = [&[1], &length[..], &[0, 64], fields, &signature[..]].concat();
        BASE64.encode(&bytes).chars().rev().collect()
    }

    // Seed "abc", product 300, date 7, valid from 1793869200.
    const FIELDS: &[u8] = b"\x0a\x03abc\x10\xac\x02\x20\x07\x28\x90\x8b\xb1\xd7\x06";

    #[test]
    fn a_code_that_the_event_signed_is_read() {
        let (secret, public) = key(1);
        let ticket = SignedTicket::verify(&code(FIELDS, &secret), &[key(2).1, public]).unwrap();
        let expected = SignedTicket {
            item: 300,
            variation: None,
            subevent: Some(7),
            valid_from: Some(crate::testing::NOW),
            valid_until: None,
        };
        assert_eq!(ticket, expected);
        // Fields of a later version, of every kind, are passed over.
        let more = [FIELDS, b"\x38\x01\x41abcdefgh\x4a\x02ab\x55abcd"].concat();
        assert_eq!(SignedTicket::verify(&code(&more, &secret), &[public]), Ok(expected));
    }

    #[test]
    fn a_code_that_it_did_not_sign_is_not() {
        let (secret, public) = key(1);
        let good = code(FIELDS, &secret);
        assert_eq!(SignedTicket::verify(&good, &[key(2).1]), Err(NotSigned));
        assert_eq!(SignedTicket::verify(&good, &[]), Err(NotSigned));
        assert_eq!(SignedTicket::verify(&code(FIELDS, &key(3).0), &[public]), Err(NotSigned));
        let wrong = |text: &str| SignedTicket::verify(text, &[public]).is_err();
        assert!(wrong("") && wrong("一张证件") && wrong(&good[1..]) && wrong(&good.repeat(9)));
        // A key of small order, which accepts signatures that nobody made.
        let mut weak = [0; 32];
        weak[0] = 1;
        let nobody = [&[1, 0, 0, 0, 64][..], &weak, &[0; 32]].concat();
        let nobody: String = BASE64.encode(&nobody).chars().rev().collect();
        assert_eq!(SignedTicket::verify(&nobody, &[SigningKey(weak)]), Err(NotSigned));
        for fields in [
            &b"\x10"[..],
            b"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
            b"\x0a\x7fab",
            b"\x13\x14",
        ] {
            assert!(wrong(&code(fields, &secret)), "{fields:?}");
        }
    }

    proptest! {
        #[test]
        fn every_bit_of_a_signed_code_counts(byte in 0_usize..83, bit in 0_u8..8) {
            let (secret, public) = key(1);
            let good = code(FIELDS, &secret);
            let base64: String = good.chars().rev().collect();
            let mut bytes = BASE64.decode(base64.as_bytes()).unwrap();
            let byte = byte % bytes.len();
            bytes[byte] ^= 1 << bit;
            let changed: String = BASE64.encode(&bytes).chars().rev().collect();
            prop_assert_eq!(SignedTicket::verify(&changed, &[public]), Err(NotSigned));
        }

        #[test]
        fn whatever_is_scanned_and_signed_it_does_not_panic(
            fields in prop::collection::vec(any::<u8>(), 0..80), text in ".{0,200}",
        ) {
            let (secret, public) = key(1);
            SignedTicket::verify(&code(&fields, &secret), &[public]).ok();
            SignedTicket::verify(&text, &[public]).ok();
        }
    }
}
