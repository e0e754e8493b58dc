//! USB webcams as QEMU sees them, one at a time: USB Video Class 1.0 with a bulk endpoint.
//!
//! The guest says which one it wants in a file; what it gets is served from a thread of the test.
//! So the guest's own driver for webcams (`uvcvideo`) runs, and pulling the plug is what it is with
//! a real one.

use std::{
    collections::VecDeque,
    fs, io,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::mpsc::RecvTimeoutError,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use super::{
    descriptors::{self, ENDPOINT, HEADER, PACKET, PAYLOAD, PRODUCT, VENDOR},
    model::{self, Agreement, Model},
    usbredir::{
        ALTERNATE_STATUS, BULK, CANCEL, CANCELLED, CONFIGURATION_STATUS, CONTROL, DISCONNECT,
        Packet, Port, Request, SET_ALTERNATE, SET_CONFIGURATION, SUCCESS,
    },
};

/// How often the guest's wish is looked at.
const GLANCE: Duration = Duration::from_millis(10);
/// For QEMU to open its socket.
const START: Duration = Duration::from_secs(20);

/// Serves the cameras that the guest asks for in the file `wish`, until QEMU ends.
pub(super) fn serve(socket: &Path, wish: PathBuf) -> Result<()> {
    let (port, incoming) = Port::open(connect(socket)?)?;
    let mut usb = Usb { port, wish, glanced: Instant::now(), plugged: None };
    loop {
        let packet = match incoming.recv_timeout(usb.patience()) {
            Ok(packet) => Some(packet),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        match usb.turn(packet) {
            // QEMU has ended while it was written to.
            Err(error) if error.is::<io::Error>() => return Ok(()),
            served => served?,
        }
    }
}

fn connect(socket: &Path) -> Result<UnixStream> {
    let deadline = Instant::now() + START;
    loop {
        match UnixStream::connect(socket) {
            Ok(stream) => return Ok(stream),
            Err(error) if Instant::now() > deadline => bail!("QEMU opens no socket: {error}"),
            Err(_) => thread::sleep(GLANCE),
        }
    }
}

struct Usb {
    port: Port,
    wish: PathBuf,
    /// When the wish was last looked at.
    glanced: Instant,
    plugged: Option<Webcam>,
}

/// A camera in the port.
struct Webcam {
    model: Model,
    agreement: Agreement,
    /// Requests for pictures that wait for one.
    waiting: VecDeque<u64>,
    streaming: Option<Streaming>,
}

/// Pictures on their way.
struct Streaming {
    pictures: Vec<Vec<u8>>,
    /// Number of the current picture.
    number: u32,
    /// When it is there.
    due: Instant,
    /// Bytes of it that were delivered.
    delivered: usize,
}

impl Usb {
    fn turn(&mut self, packet: Option<Packet>) -> Result<()> {
        if let Some(packet) = packet {
            self.take(&packet)?;
        }
        if self.glanced.elapsed() >= GLANCE {
            self.glanced = Instant::now();
            self.change()?;
        }
        match &mut self.plugged {
            Some(webcam) => webcam.deliver(&mut self.port),
            None => Ok(()),
        }
    }

    /// Until the next picture is due, at most a glance.
    fn patience(&self) -> Duration {
        let due = self.plugged.as_ref().and_then(Webcam::due);
        due.map_or(GLANCE, |due| due.saturating_duration_since(Instant::now()).min(GLANCE))
    }

    /// Plugs in what the guest wants.
    fn change(&mut self) -> Result<()> {
        let wish = fs::read_to_string(&self.wish).unwrap_or_default();
        let wish = wish.trim();
        let plugged = self.plugged.as_ref().map_or("", |webcam| &*webcam.model.name);
        if wish == plugged {
            return Ok(());
        }
        if self.plugged.take().is_some() {
            self.port.send(DISCONNECT, 0, &[])?;
        }
        if !wish.is_empty() {
            let model = Model::named(wish)?;
            self.plugged = Some(Webcam {
                agreement: Agreement::USUAL.near(&model),
                model,
                waiting: VecDeque::new(),
                streaming: None,
            });
            self.port.plug(VENDOR, PRODUCT, ENDPOINT, PACKET)?;
        }
        Ok(())
    }

    fn take(&mut self, packet: &Packet) -> Result<()> {
        let Some(webcam) = &mut self.plugged else {
            return Ok(());
        };
        let byte = |at: usize| packet.body.get(at).copied().context("a packet is too short");
        match packet.kind {
            SET_CONFIGURATION => {
                self.port.send(CONFIGURATION_STATUS, packet.id, &[SUCCESS, byte(0)?])?;
            }
            SET_ALTERNATE => {
                let status = [SUCCESS, byte(0)?, byte(1)?];
                self.port.send(ALTERNATE_STATUS, packet.id, &status)?;
            }
            CONTROL => {
                let request = packet.request().context("a request is too short")?;
                let answer = webcam.answer(&request)?;
                self.port.answer(packet, answer.as_deref())?;
            }
            BULK => webcam.waiting.push_back(packet.id),
            CANCEL => {
                webcam.waiting.retain(|id| *id != packet.id);
                self.port.deliver(packet.id, ENDPOINT, CANCELLED, &[])?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Webcam {
    /// What a control request gets; `None` is a stall.
    fn answer(&mut self, request: &Request) -> Result<Option<Vec<u8>>> {
        const GET_STATUS: u8 = 0;
        const CLEAR_FEATURE: u8 = 1;
        const GET_DESCRIPTOR: u8 = 6;
        const SET_CURRENT: u8 = 0x01;
        const GET_CURRENT: u8 = 0x81;
        const GET_SMALLEST: u8 = 0x82;
        const GET_LARGEST: u8 = 0x83;
        const GET_USUAL: u8 = 0x87;
        let answer = match (request.kind, request.code) {
            (0x80, GET_DESCRIPTOR) => match request.value.to_be_bytes() {
                [1, _] => Some(descriptors::device()),
                [2, _] => Some(descriptors::configuration(&self.model)),
                [3, index] => descriptors::string(index),
                _ => None,
            },
            // Asked when the system wakes the camera up.
            (0x80, GET_STATUS) => Some(vec![0, 0]),
            // The driver stops a stream on a bulk endpoint by clearing the endpoint.
            (0x02, CLEAR_FEATURE) => {
                self.streaming = None;
                Some(Vec::new())
            }
            // Of the streaming interface: the negotiation, first tried, then committed.
            (0x21, SET_CURRENT) if request.index == 1 => {
                self.agreement = descriptors::wish(&request.data)
                    .context("a negotiation is too short")?
                    .near(&self.model);
                Some(Vec::new())
            }
            (0xa1, GET_CURRENT | GET_SMALLEST | GET_LARGEST | GET_USUAL) if request.index == 1 => {
                Some(descriptors::offer(self.agreement, &self.model)?)
            }
            _ => None,
        };
        Ok(answer.map(|mut bytes| {
            bytes.truncate(usize::from(request.length));
            bytes
        }))
    }

    /// When the rest of the current picture may go, if somebody waits for it.
    fn due(&self) -> Option<Instant> {
        self.waiting.front()?;
        Some(self.streaming.as_ref().map_or_else(Instant::now, |streaming| streaming.due))
    }

    /// Delivers what is due.
    fn deliver(&mut self, port: &mut Port) -> Result<()> {
        while self.due().is_some_and(|due| due <= Instant::now()) {
            let Some(id) = self.waiting.pop_front() else { return Ok(()) };
            let streaming = match &mut self.streaming {
                Some(streaming) => streaming,
                none => none.insert(Streaming::start(self.agreement, &self.model)?),
            };
            port.deliver(id, ENDPOINT, SUCCESS, &streaming.payload(self.agreement, &self.model))?;
        }
        Ok(())
    }
}

impl Streaming {
    fn start(agreement: Agreement, model: &Model) -> Result<Self> {
        let (pixels, size) = agreement.pictures(model)?;
        let pictures = model::see(model, pixels, size)?;
        Ok(Self { pictures, number: 0, due: Instant::now(), delivered: 0 })
    }

    /// The next part of the current picture.
    fn payload(&mut self, agreement: Agreement, model: &Model) -> Vec<u8> {
        let picture = &self.pictures[self.number as usize % self.pictures.len()];
        let length = if self.number < model.garbled { picture.len() / 2 } else { picture.len() };
        let end = length.min(self.delivered + PAYLOAD - HEADER);
        let last = end == length;
        let payload = descriptors::payload(self.number, last, &picture[self.delivered..end]);
        self.delivered = end;
        if last {
            self.number += 1;
            self.delivered = 0;
            // A picture that nobody fetched in time is lost.
            self.due = Instant::now().max(self.due + agreement.interval());
        }
        payload
    }
}
