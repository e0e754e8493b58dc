//! The reader of signed codes, of whatever a scanner reads and of whatever an event signs: a ticket
//! or a refusal, never a panic.
#![no_main]

use admission::{SignedTicket, SigningKey};
use data_encoding::BASE64;
use ed25519_dalek::{Signer, SigningKey as Secret};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let secret = Secret::from_bytes(&[1; 32]);
    let keys = [SigningKey(secret.verifying_key().to_bytes())];
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(SignedTicket::verify(text, &keys).is_err());
    }
    let Ok(length) = u16::try_from(bytes.len()) else { return };
    let signature = secret.sign(bytes).to_bytes();
    let code = [&[1], &length.to_be_bytes()[..], &[0, 64], bytes, &signature].concat();
    let code: String = BASE64.encode(&code).chars().rev().collect();
    SignedTicket::verify(&code, &keys).ok();
});
