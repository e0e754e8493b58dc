//! The decoder of certificate photos: a picture within the limits or a reason, never a panic.
#![no_main]

use face::{MAX_PIXELS, MAX_SIDE, decode_picture};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(sample) = decode_picture(bytes) else { return };
    let (width, height) = sample.image().dimensions();
    assert!(width.max(height) <= MAX_SIDE);
    assert!(u64::from(width) * u64::from(height) <= MAX_PIXELS);
});
