//! Frames on the pipes between app and worker: length (u32, little-endian), tag (one byte),
//! payload. The length counts the payload alone.

use std::io::{self, ErrorKind, Read};

use zeroize::Zeroizing;

/// Largest payload that a worker takes: a sealed certificate photo and its frame of control.
pub(crate) const TO_WORKER: usize = 32 << 20;
/// Largest payload that the app takes: a preview picture.
pub(crate) const FROM_WORKER: usize = 2 << 20;
/// Bytes in front of each payload.
pub(crate) const HEADER: usize = 5;

/// One frame as received; the payload is wiped on drop.
pub(crate) struct Received {
    pub(crate) tag: u8,
    pub(crate) payload: Zeroizing<Vec<u8>>,
}

/// What makes a stream of bytes unusable.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    /// The other side closed the pipe between two frames.
    #[error("the other side closed the pipe")]
    Closed,
    /// The pipe broke or ended within a frame.
    #[error("the pipe broke")]
    Broken,
    /// A frame is larger than this side takes.
    #[error("a frame is too large")]
    TooLarge,
    /// A frame has an unknown tag or an unreadable payload.
    #[error("a frame cannot be read")]
    Unreadable,
}

/// The header of a frame; the payload must not exceed 4 GiB, and every limit here is far below.
pub(crate) fn header(tag: u8, payload: usize) -> [u8; HEADER] {
    let [a, b, c, d] = (payload as u32).to_le_bytes();
    [a, b, c, d, tag]
}

/// Tag and payload length of a header, if this side takes such a length.
pub(crate) fn parse_header(
    [a, b, c, d, tag]: [u8; HEADER],
    limit: usize,
) -> Result<(u8, usize), WireError> {
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if length > limit { Err(WireError::TooLarge) } else { Ok((tag, length)) }
}

/// A whole frame in one buffer, reserved in one piece so that no copy stays behind.
pub(crate) fn frame(tag: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(HEADER + length));
    bytes.extend_from_slice(&header(tag, length));
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

/// Reads one frame, blocking.
pub(crate) fn read(from: &mut impl Read, limit: usize) -> Result<Received, WireError> {
    let mut head = [0; HEADER];
    // The first byte alone tells the orderly end from a broken frame.
    loop {
        match from.read(&mut head[..1]) {
            Ok(0) => return Err(WireError::Closed),
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(WireError::Broken),
        }
    }
    let broken = |_: io::Error| WireError::Broken;
    from.read_exact(&mut head[1..]).map_err(broken)?;
    let (tag, length) = parse_header(head, limit)?;
    let mut payload = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut payload).map_err(broken)?;
    Ok(Received { tag, payload })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn frames_come_back_as_they_were(tag: u8, first: Vec<u8>, second: Vec<u8>) {
            let bytes = frame(tag, &[&first, &second]);
            let mut pipe = bytes.as_slice();
            let received = read(&mut pipe, 1 << 20).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(received.tag, tag);
            prop_assert_eq!(&*received.payload, &[first, second].concat());
            prop_assert_eq!(read(&mut pipe, 1 << 20).err(), Some(WireError::Closed));
        }

        #[test]
        fn a_frame_that_is_cut_short_is_broken(payload: Vec<u8>, cut: prop::sample::Index) {
            let bytes = frame(7, &[&payload]);
            let cut = 1 + cut.index(bytes.len() - 1);
            let short = &mut &bytes[..cut];
            prop_assert_eq!(read(short, 1 << 20).err(), Some(WireError::Broken));
        }

        #[test]
        fn larger_frames_than_the_limit_are_refused_before_anything_is_reserved(
            limit in 0_usize..1 << 30,
            over in 1_usize..1 << 30,
        ) {
            let head = header(1, limit + over);
            prop_assert_eq!(read(&mut head.as_slice(), limit).err(), Some(WireError::TooLarge));
        }
    }
}
