//! What a webcam says of itself, and of what it sends: USB Video Class 1.0.

use anyhow::Result;

use super::model::{Agreement, Format, Model, Pixels, Rates, Size, interval, largest};

// The numbers that pid.codes gives to tests.
pub(super) const VENDOR: u16 = 0x1209;
pub(super) const PRODUCT: u16 = 0x0001;
/// Address of the endpoint that delivers pictures.
pub(super) const ENDPOINT: u8 = 0x81;
/// Largest packet of a bulk endpoint at high speed.
pub(super) const PACKET: u16 = 512;
/// Bytes of one payload, header included. Linux' driver asks for at most 32 packets at once.
pub(super) const PAYLOAD: usize = 32 * PACKET as usize;
/// Bytes of a payload's header.
pub(super) const HEADER: usize = 2;

/// Name in the system.
const NAME: &str = "Postern Test Webcam";
const INTERFACE_SPECIFIC: u8 = 0x24;

/// The device descriptor.
pub(super) fn device() -> Vec<u8> {
    let mut bytes = vec![18, 1, 0x00, 0x02, 0xef, 2, 1, 64];
    bytes.extend(VENDOR.to_le_bytes());
    bytes.extend(PRODUCT.to_le_bytes());
    bytes.extend([0x00, 0x01, 0, 1, 0, 1]); // version; of the texts only a name; one configuration
    bytes
}

/// The text of that number.
pub(super) fn string(index: u8) -> Option<Vec<u8>> {
    let units: Vec<u16> = match index {
        0 => vec![0x0409], // the languages: English
        1 => NAME.encode_utf16().collect(),
        _ => return None,
    };
    let mut bytes = vec![2 + 2 * units.len() as u8, 3];
    bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
    Some(bytes)
}

/// The configuration descriptor with everything below it.
pub(super) fn configuration(model: &Model) -> Vec<u8> {
    let mut below = vec![8, 11, 0, 2, 14, 3, 0, 0]; // interfaces 0 and 1 are one video function
    below.extend([9, 4, 0, 0, 0, 14, 1, 0, 0]); // interface 0: control
    below.extend(control());
    below.extend([9, 4, 1, 0, 1, 14, 2, 0, 0]); // interface 1: streaming
    below.extend(streaming(model));
    let [low, high] = PACKET.to_le_bytes();
    below.extend([7, 5, ENDPOINT, 2, low, high, 0]);

    let mut bytes = vec![9, 2];
    bytes.extend((9 + below.len() as u16).to_le_bytes());
    bytes.extend([2, 1, 0, 0x80, 250]); // two interfaces, powered by the bus
    bytes.extend(below);
    bytes
}

/// A camera that is connected to USB, without any controls.
fn control() -> Vec<u8> {
    let camera = [18, INTERFACE_SPECIFIC, 2, 1, 0x01, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0];
    let output = [9, INTERFACE_SPECIFIC, 3, 2, 0x01, 0x01, 0, 1, 0];
    let mut bytes = vec![13, INTERFACE_SPECIFIC, 1, 0x00, 0x01];
    bytes.extend((13 + camera.len() as u16 + output.len() as u16).to_le_bytes());
    bytes.extend(6_000_000_u32.to_le_bytes()); // clock
    bytes.extend([1, 1]); // one streaming interface: 1
    bytes.extend(camera);
    bytes.extend(output);
    bytes
}

fn streaming(model: &Model) -> Vec<u8> {
    let formats: Vec<u8> =
        model.formats.iter().zip(1..).flat_map(|(each, index)| format(each, index)).collect();
    let count = model.formats.len();
    let mut bytes = vec![13 + count as u8, INTERFACE_SPECIFIC, 1, count as u8];
    bytes.extend((13 + count as u16 + formats.len() as u16).to_le_bytes());
    bytes.extend([ENDPOINT, 0, 2, 0, 0, 0, 1]); // from the output; no still pictures, no button
    bytes.resize(bytes.len() + count, 0); // no controls of a format
    bytes.extend(formats);
    bytes
}

/// A format with its sizes and its colours.
fn format(format: &Format, index: u8) -> Vec<u8> {
    let count = format.sizes.len() as u8;
    let (mut bytes, kind) = match format.pixels {
        Pixels::Mjpeg => (vec![11, INTERFACE_SPECIFIC, 6, index, count, 1, 1, 0, 0, 0, 0], 7),
        Pixels::Raw { guid, bits } => {
            let mut bytes = vec![27, INTERFACE_SPECIFIC, 4, index, count];
            bytes.extend(guid);
            bytes.extend([bits, 1, 0, 0, 0, 0]);
            (bytes, 5)
        }
    };
    for (size, index) in format.sizes.iter().zip(1..) {
        bytes.extend(frame(format, *size, kind, index));
    }
    bytes.extend([6, INTERFACE_SPECIFIC, 13, 1, 1, 4]); // ITU-R BT.601
    bytes
}

/// A size with its rates.
fn frame(format: &Format, size: Size, kind: u8, index: u8) -> Vec<u8> {
    let (count, intervals) = match &format.rates {
        Rates::Each(rates) => (rates.len() as u8, rates.iter().copied().map(interval).collect()),
        // No count, but shortest, longest and step.
        Rates::Range(fast, slow) => (0, vec![interval(*fast), interval(*slow), 1]),
    };
    let picture = largest(format.pixels, size);
    let length = 26 + 4 * intervals.len();
    let mut bytes = vec![length as u8, INTERFACE_SPECIFIC, kind, index, 0];
    bytes.extend(size.0.to_le_bytes());
    bytes.extend(size.1.to_le_bytes());
    for field in [picture * 8, picture * 8 * 30, picture, intervals[0]] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.push(count);
    bytes.extend(intervals.into_iter().flat_map(u32::to_le_bytes));
    bytes
}

/// An agreement as the driver reads it: hints, format, size, interval, compression and delay, bytes
/// of a picture, bytes of a payload.
pub(super) fn offer(agreement: Agreement, model: &Model) -> Result<Vec<u8>> {
    let (pixels, size) = agreement.pictures(model)?;
    let mut bytes = vec![0, 0, agreement.format, agreement.size];
    bytes.extend(agreement.interval.to_le_bytes());
    bytes.resize(18, 0);
    bytes.extend(largest(pixels, size).to_le_bytes());
    bytes.extend((PAYLOAD as u32).to_le_bytes());
    Ok(bytes)
}

/// What the driver wishes.
pub(super) fn wish(bytes: &[u8]) -> Option<Agreement> {
    let [_, _, format, size, i0, i1, i2, i3] = *bytes.first_chunk::<8>()?;
    Some(Agreement { format, size, interval: u32::from_le_bytes([i0, i1, i2, i3]) })
}

/// A part of a picture as it is transferred.
pub(super) fn payload(number: u32, last: bool, part: &[u8]) -> Vec<u8> {
    let flags = 0x80 | u8::from(last) << 1 | (number % 2) as u8;
    let mut bytes = vec![HEADER as u8, flags];
    bytes.extend_from_slice(part);
    bytes
}
