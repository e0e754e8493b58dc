//! What a webcam says of itself: the descriptors of USB Video Class 1.0.

use super::model::{FPS, HEIGHT, Model, Pixels, WIDTH};

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
    bytes.extend([0x00, 0x01, 0, 1, 0, 1]); // version, texts: only the product's name, one configuration
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

/// One format in one size at one rate.
fn streaming(model: &Model) -> Vec<u8> {
    let (format, frame_kind) = match &model.pixels {
        Pixels::Mjpeg => (vec![11, INTERFACE_SPECIFIC, 6, 1, 1, 1, 1, 0, 0, 0, 0], 7),
        Pixels::Raw { guid, bits } => {
            let mut format = vec![27, INTERFACE_SPECIFIC, 4, 1, 1];
            format.extend(guid);
            format.extend([*bits, 1, 0, 0, 0, 0]);
            (format, 5)
        }
    };
    let size = model.largest();
    let mut frame = vec![30, INTERFACE_SPECIFIC, frame_kind, 1, 0];
    frame.extend(WIDTH.to_le_bytes());
    frame.extend(HEIGHT.to_le_bytes());
    for field in [size * 8 * FPS, size * 8 * FPS, size, interval()] {
        frame.extend(field.to_le_bytes());
    }
    frame.push(1);
    frame.extend(interval().to_le_bytes());
    let colours = [6, INTERFACE_SPECIFIC, 13, 1, 1, 4]; // ITU-R BT.601

    let length = 14 + format.len() + frame.len() + colours.len();
    let mut bytes = vec![14, INTERFACE_SPECIFIC, 1, 1];
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend([ENDPOINT, 0, 2, 0, 0, 0, 1, 0]);
    bytes.extend(format);
    bytes.extend(frame);
    bytes.extend(colours);
    bytes
}

/// The outcome of negotiating a stream.
pub(super) fn negotiated(model: &Model) -> Vec<u8> {
    let mut bytes = vec![0, 0, 1, 1]; // no hints, format 1, frame 1
    bytes.extend(interval().to_le_bytes());
    bytes.extend([0; 10]); // compression and delay
    bytes.extend(model.largest().to_le_bytes());
    bytes.extend((PAYLOAD as u32).to_le_bytes());
    bytes
}

/// A part of a picture as it is transferred.
pub(super) fn payload(number: u32, last: bool, part: &[u8]) -> Vec<u8> {
    let flags = 0x80 | u8::from(last) << 1 | (number % 2) as u8;
    let mut bytes = vec![HEADER as u8, flags];
    bytes.extend_from_slice(part);
    bytes
}

/// Time between two pictures in units of 100 ns.
fn interval() -> u32 {
    10_000_000 / FPS
}
