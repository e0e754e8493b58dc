//! The camera's end of the usbredir protocol, over the socket of QEMU's device `usb-redir`.
//!
//! The protocol, version 0.7, and its numbers: `usbredirproto.h` of the usbredir project. All
//! numbers are little-endian.

use std::{
    io::{self, Read as _, Write as _},
    os::unix::net::UnixStream,
    sync::mpsc::{self, Receiver},
    thread,
};

use anyhow::Result;

pub(super) const CONNECT: u32 = 1;
pub(super) const DISCONNECT: u32 = 2;
const INTERFACES: u32 = 4;
const ENDPOINTS: u32 = 5;
pub(super) const SET_CONFIGURATION: u32 = 6;
pub(super) const CONFIGURATION_STATUS: u32 = 8;
pub(super) const SET_ALTERNATE: u32 = 9;
pub(super) const ALTERNATE_STATUS: u32 = 11;
pub(super) const CANCEL: u32 = 21;
pub(super) const CONTROL: u32 = 100;
pub(super) const BULK: u32 = 101;

pub(super) const SUCCESS: u8 = 0;
pub(super) const CANCELLED: u8 = 1;
pub(super) const STALL: u8 = 4;

const HELLO: u32 = 0;
/// What this end can do beyond the protocol's first version, all of it needed for a USB 3 port:
/// device versions, packet sizes of endpoints, identifiers of 64 bits, any length of transfers.
const CAPABILITIES: u32 = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6;
/// Bytes before the data of a control packet.
const HEADER: usize = 10;
/// Of a control request's kind: the device sends.
const TO_HOST: u8 = 0x80;
/// Interfaces and endpoints are told in tables of this size.
const TABLE: usize = 32;
/// Speed of a USB 2.0 device.
const HIGH_SPEED: u8 = 2;
/// Class of video devices.
const VIDEO: u8 = 14;
const BULK_ENDPOINT: u8 = 2;
const NO_ENDPOINT: u8 = 255;

/// A packet of either direction.
pub(super) struct Packet {
    pub(super) kind: u32,
    pub(super) id: u64,
    pub(super) body: Vec<u8>,
}

/// A request to the device's control endpoint.
pub(super) struct Request {
    pub(super) kind: u8,
    pub(super) code: u8,
    pub(super) value: u16,
    pub(super) index: u16,
    pub(super) length: u16,
    /// What the host sends.
    pub(super) data: Vec<u8>,
}

/// A connection to QEMU.
pub(super) struct Port {
    stream: UnixStream,
}

impl Port {
    /// Greets QEMU. Its packets come out of the channel, which closes when QEMU ends.
    pub(super) fn open(stream: UnixStream) -> Result<(Self, Receiver<Packet>)> {
        let mut reader = stream.try_clone()?;
        let (packets, incoming) = mpsc::channel();
        thread::spawn(move || {
            while let Ok(packet) = read(&mut reader) {
                if packets.send(packet).is_err() {
                    break;
                }
            }
        });
        let mut hello = b"postern test camera".to_vec();
        hello.resize(64, 0);
        hello.extend(CAPABILITIES.to_le_bytes());
        let mut port = Self { stream };
        port.send(HELLO, 0, &hello)?;
        Ok((port, incoming))
    }

    pub(super) fn send(&mut self, kind: u32, id: u64, body: &[u8]) -> io::Result<()> {
        let mut packet = Vec::with_capacity(16 + body.len());
        for field in [kind, body.len() as u32] {
            packet.extend(field.to_le_bytes());
        }
        packet.extend_from_slice(&id.to_le_bytes()[..id_bytes(kind)]);
        packet.extend_from_slice(body);
        self.stream.write_all(&packet)
    }

    /// Plugs in a camera: control interface 0, streaming interface 1 with a bulk endpoint.
    pub(super) fn plug(
        &mut self,
        vendor: u16,
        product: u16,
        endpoint: u8,
        packet: u16,
    ) -> io::Result<()> {
        let mut interfaces = 2_u32.to_le_bytes().to_vec();
        for values in [[0, 1], [VIDEO, VIDEO], [1, 2], [0, 0]] {
            let mut table = values.to_vec();
            table.resize(TABLE, 0);
            interfaces.extend(table);
        }
        self.send(INTERFACES, 0, &interfaces)?;

        // Endpoints that deliver have the upper half of the table.
        let slot = TABLE / 2 + usize::from(endpoint & 0x0f);
        let mut kinds = [NO_ENDPOINT; TABLE];
        kinds[0] = 0; // control, both directions
        kinds[TABLE / 2] = 0;
        kinds[slot] = BULK_ENDPOINT;
        let mut owners = [0; TABLE];
        owners[slot] = 1;
        let mut endpoints = [kinds, [0; TABLE], owners].concat();
        let mut sizes = [0_u16; TABLE];
        sizes[0] = 64;
        sizes[TABLE / 2] = 64;
        sizes[slot] = packet;
        endpoints.extend(sizes.into_iter().flat_map(u16::to_le_bytes));
        self.send(ENDPOINTS, 0, &endpoints)?;

        // Speed; class, subclass and protocol of a device whose functions are grouped interfaces.
        let mut device = vec![HIGH_SPEED, 0xef, 2, 1];
        for field in [vendor, product, 0x0100] {
            device.extend(field.to_le_bytes());
        }
        self.send(CONNECT, 0, &device)
    }

    /// Answers a request to the control endpoint, with data or with a stall.
    pub(super) fn answer(&mut self, packet: &Packet, data: Option<&[u8]>) -> io::Result<()> {
        // The request's own header comes back with the outcome.
        let mut body = packet.body[..HEADER].to_vec();
        body[3] = if data.is_some() { SUCCESS } else { STALL };
        if body[2] & TO_HOST != 0 {
            let data = data.unwrap_or_default();
            body[8..].copy_from_slice(&(data.len() as u16).to_le_bytes());
            body.extend_from_slice(data);
        }
        self.send(CONTROL, packet.id, &body)
    }

    /// Answers a request for data from a bulk endpoint.
    pub(super) fn deliver(
        &mut self,
        id: u64,
        endpoint: u8,
        status: u8,
        data: &[u8],
    ) -> io::Result<()> {
        let mut body = vec![endpoint, status];
        body.extend((data.len() as u16).to_le_bytes());
        body.extend([0; 6]); // no streams; upper half of the length
        body.extend_from_slice(data);
        self.send(BULK, id, &body)
    }
}

impl Packet {
    /// The control request that this packet carries.
    pub(super) fn request(&self) -> Option<Request> {
        let [_, code, kind, _, v0, v1, i0, i1, l0, l1] = *self.body.first_chunk::<HEADER>()?;
        Some(Request {
            kind,
            code,
            value: u16::from_le_bytes([v0, v1]),
            index: u16::from_le_bytes([i0, i1]),
            length: u16::from_le_bytes([l0, l1]),
            data: self.body[HEADER..].to_vec(),
        })
    }
}

/// Bytes of a packet's identifier; the greeting has that of the protocol's first version.
fn id_bytes(kind: u32) -> usize {
    if kind == HELLO { 4 } else { 8 }
}

fn read(stream: &mut UnixStream) -> io::Result<Packet> {
    let mut field = [0; 4];
    stream.read_exact(&mut field)?;
    let kind = u32::from_le_bytes(field);
    stream.read_exact(&mut field)?;
    let length = u32::from_le_bytes(field);
    let mut id = [0; 8];
    stream.read_exact(&mut id[..id_bytes(kind)])?;
    let mut body = vec![0; length as usize];
    stream.read_exact(&mut body)?;
    Ok(Packet { kind, id: u64::from_le_bytes(id), body })
}
