//! Reading one QR code with the camera. No face is looked for and no preview is sent.

use std::time::Instant;

use camera::{CameraChoice, Frame};
use rqrr::PreparedImage;
use seal::BadgeCode;

use crate::{
    CODE_READING_LIMIT,
    message::{FromWorker, Report},
    output::Output,
    pump::Pumped,
    visit::{camera_failed, open_camera},
};

/// Reads until the first code or the time limit; the camera is closed before the last message.
pub(crate) fn serve(choice: &CameraChoice, output: &Output) {
    let deadline = Instant::now() + CODE_READING_LIMIT;
    let pump = match open_camera(choice, output, |_| {}) {
        Ok(pump) => pump,
        Err(error) => return output.report(camera_failed(&error)),
    };
    let code = loop {
        match pump.next(deadline) {
            Pumped::Frame(frame) => {
                if let Some(code) = read(&frame) {
                    break Some(code);
                }
            }
            Pumped::Failed(error) => {
                pump.close();
                return output.report(camera_failed(&error));
            }
            Pumped::TimeUp => break None,
        }
    };
    pump.close();
    output.report(Report::Captured);
    if let Some(code) = code {
        output.send(FromWorker::Code(code));
    }
}

fn read(frame: &Frame) -> Option<BadgeCode> {
    let image = frame.image();
    let (width, height) = image.dimensions();
    let mut grey =
        PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
            // Green carries most of the brightness; a code is black on white.
            image.get_pixel(x as u32, y as u32).0[1]
        });
    grey.detect_grids()
        .iter()
        .find_map(|grid| grid.decode().ok())
        .map(|(_, text)| BadgeCode::new(text))
}
