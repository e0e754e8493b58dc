//! The decoder of a camera's MJPEG frames: a frame or an error, never a panic.
#![no_main]

use camera::Frame;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(frame) = Frame::from_mjpeg(bytes) else { return };
    let (width, height) = frame.image().dimensions();
    assert!((1..=4096).contains(&width) && (1..=4096).contains(&height));
    // What the preview gets must be readable by whoever shows it.
    let preview = frame.jpeg(80).expect("the camera's own JPEG is there");
    assert!(Frame::from_mjpeg(&preview).is_ok());
});
