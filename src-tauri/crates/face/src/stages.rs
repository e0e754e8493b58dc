//! One stage of the engine at a time.

use std::time::Duration;

use image::RgbImage;

use crate::align::align;
use crate::attack::border::border;
use crate::attack::grey::Grey;
use crate::attack::passive::bona_fide;
use crate::attack::surface::periodicity;
use crate::attack::surround::Surround;
use crate::buffers::Planes;
use crate::detect::{Face, detect, letterbox};
use crate::eyes::closure;
use crate::landmarks::{Mask, landmarks};
use crate::{Engine, FaceError, QualityLimits};

/// The stages that one frame goes through, each to be run by itself: for benchmarks. Nothing of
/// what they find comes out.
pub struct Stages<'a> {
    engine: &'a Engine,
    frame: &'a RgbImage,
    face: Face,
    mask: Mask,
    resized: Planes,
    aligned: Planes,
}

impl<'a> Stages<'a> {
    /// With what each stage needs of the ones before. `None` if the frame shows no face.
    ///
    /// # Errors
    /// [`FaceError::Run`] if a network fails.
    pub fn new(engine: &'a Engine, frame: &'a RgbImage) -> Result<Option<Self>, FaceError> {
        let Some(&face) = detect(&engine.detector, frame)?.first() else { return Ok(None) };
        let Some(aligned) = align(frame, &face.landmarks) else { return Ok(None) };
        let Some(mask) = landmarks(&engine.landmarks, frame, &face)? else { return Ok(None) };
        let resized = resize(engine, frame);
        Ok(Some(Self { engine, frame, face, mask, resized, aligned }))
    }

    /// Brings the frame into the size that the detector sees.
    pub fn resize(&self) {
        resize(self.engine, self.frame);
    }

    /// Aligns the face.
    pub fn align(&self) {
        align(self.frame, &self.face.landmarks);
    }

    /// The detector alone.
    ///
    /// # Errors
    /// [`FaceError::Run`] if the network fails.
    pub fn detector(&self) -> Result<(), FaceError> {
        self.engine.detector.run(&self.resized).map(drop)
    }

    /// The template network alone.
    ///
    /// # Errors
    /// [`FaceError::Run`] if the network fails.
    pub fn template(&self) -> Result<(), FaceError> {
        self.engine.extractor.run(&self.aligned).map(drop)
    }

    /// Attack detection with its crop.
    ///
    /// # Errors
    /// [`FaceError::Run`] if the network fails.
    pub fn attack(&self) -> Result<(), FaceError> {
        bona_fide(&self.engine.attack, self.frame, &self.face).map(drop)
    }

    /// The landmarks with their crop.
    ///
    /// # Errors
    /// [`FaceError::Run`] if the network fails.
    pub fn landmarks(&self) -> Result<(), FaceError> {
        landmarks(&self.engine.landmarks, self.frame, &self.face).map(drop)
    }

    /// Both eyes with their crops.
    ///
    /// # Errors
    /// [`FaceError::Run`] if the network fails.
    pub fn eyes(&self) -> Result<(), FaceError> {
        closure(&self.engine.eyes, self.frame, &self.mask).map(drop)
    }

    /// What a screen shows of itself, and what is beside the face.
    pub fn surface(&self) {
        periodicity(self.frame, &self.face);
        let grey = Grey::of(self.frame);
        border(&grey, &self.face.landmarks);
        Surround::new().see(Duration::ZERO, &grey, &self.face.landmarks);
    }

    /// All of it, as a verification does.
    ///
    /// # Errors
    /// [`FaceError::Run`] if a network fails.
    pub fn whole(&self) -> Result<(), FaceError> {
        self.engine.look(self.frame, &QualityLimits::PROBE, Duration::ZERO, false).map(drop)
    }
}

fn resize(engine: &Engine, frame: &RgbImage) -> Planes {
    let (width, height) = engine.detector.input_size();
    letterbox(frame, width, height).0
}
