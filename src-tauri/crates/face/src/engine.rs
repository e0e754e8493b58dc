//! The networks and what is made of a picture with them.

use std::path::Path;
use std::time::{Duration, Instant};

use image::RgbImage;

use crate::align::align;
use crate::buffers::Planes;
use crate::detect::{Face, detect};
use crate::manifest::Role;
use crate::network::Network;
use crate::quality::{self, Defect};
use crate::{FaceError, QualityLimits, ReferenceProblem, Sample, Template, attack};

/// The loaded networks. Loading takes a good part of a second; using them changes nothing in
/// them, so one engine serves any number of comparisons.
pub struct Engine {
    detector: Network,
    extractor: Network,
    attack: Network,
    landmarks: Network,
    eyes: Network,
}

/// A picture that may be compared.
pub(crate) struct Probe {
    pub(crate) template: Template,
    /// Probability that the presentation is bona fide, 0..1.
    pub(crate) bona_fide: f32,
    /// How good the picture is, 0..1.
    pub(crate) quality: f32,
}

/// A face that may be compared, and its aligned picture.
struct Assessed {
    face: Face,
    aligned: Planes,
    quality: f32,
}

/// How long the stages of one frame took.
#[derive(Clone, Copy, Debug, Default)]
pub struct StageTimes {
    /// Resizing the frame and finding faces with their landmarks.
    pub detect: Duration,
    /// Aligning the face and judging the picture.
    pub align: Duration,
    /// Attack detection and the eyes; in a verification beside the template.
    pub attack: Duration,
    /// Making the template.
    pub extract: Duration,
    /// All of them.
    pub total: Duration,
}

impl Engine {
    /// Loads the kiosk's models from a folder, each only after its SHA-256 was found right.
    ///
    /// # Errors
    /// A [`FaceError`] that names the file which is missing, not the listed one, or unusable.
    pub fn load(models_dir: &Path) -> Result<Self, FaceError> {
        Ok(Self {
            detector: Network::load(models_dir, Role::Detector)?,
            extractor: Network::load(models_dir, Role::Template)?,
            attack: Network::load(models_dir, Role::Attack)?,
            landmarks: Network::load(models_dir, Role::Landmarks)?,
            eyes: Network::load(models_dir, Role::Eyes)?,
        })
    }

    /// The template of a certificate photo, which must show one whole face, large, sharp and
    /// frontal enough ([`QualityLimits::REFERENCE`]).
    ///
    /// # Errors
    /// Why this photo cannot serve as reference.
    pub fn enrol(&self, photo: &Sample) -> Result<Template, ReferenceProblem> {
        let (image, limits) = (photo.image(), QualityLimits::REFERENCE);
        let assessed = self
            .assess(image, &limits)
            .map_err(|_| ReferenceProblem::NotProcessed)?
            .map_err(Defect::problem)?;
        let closed = quality::eyes_closed(&self.landmarks, &self.eyes, image, &assessed.face)
            .map_err(|_| ReferenceProblem::NotProcessed)?;
        quality::eyes_open(closed, &limits).map_err(Defect::problem)?;
        self.extract(&assessed.aligned).ok().flatten().ok_or(ReferenceProblem::NotProcessed)
    }

    /// Takes one frame through every stage, as a verification does, and returns the times.
    /// `None` if the frame is not good enough to reach the last stage.
    ///
    /// # Errors
    /// [`FaceError::Run`] if a network fails.
    pub fn stage_times(&self, frame: &RgbImage) -> Result<Option<StageTimes>, FaceError> {
        let limits = QualityLimits::PROBE;
        let start = Instant::now();
        let Ok(face) = self.one_face(frame, &limits)? else { return Ok(None) };
        let detected = Instant::now();
        let Ok(assessed) = align_and_judge(frame, face, &limits) else { return Ok(None) };
        let aligned = Instant::now();
        attack::bona_fide(&self.attack, frame, &assessed.face)?;
        quality::eyes_closed(&self.landmarks, &self.eyes, frame, &face)?;
        let judged = Instant::now();
        drop(self.extract(&assessed.aligned)?);
        let extracted = Instant::now();
        Ok(Some(StageTimes {
            detect: detected - start,
            align: aligned - detected,
            attack: judged - aligned,
            extract: extracted - judged,
            total: extracted - start,
        }))
    }

    /// Everything a verification needs to know of a frame.
    pub(crate) fn probe(
        &self,
        frame: &RgbImage,
        limits: &QualityLimits,
    ) -> Result<Result<Probe, Defect>, FaceError> {
        let assessed = match self.assess(frame, limits)? {
            Ok(assessed) => assessed,
            Err(defect) => return Ok(Err(defect)),
        };
        // The networks do not need each other, and the smallest kiosk has two cores.
        let (beside, template) = std::thread::scope(|scope| {
            let beside = scope.spawn(|| {
                let face = &assessed.face;
                let bona_fide = attack::bona_fide(&self.attack, frame, face)?;
                quality::eyes_closed(&self.landmarks, &self.eyes, frame, face)
                    .map(|closed| (bona_fide, closed))
            });
            let template = self.extract(&assessed.aligned);
            (beside.join(), template)
        });
        let (bona_fide, closed) =
            beside.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        if let Err(defect) = quality::eyes_open(closed, limits) {
            return Ok(Err(defect));
        }
        let Some(template) = template? else { return Ok(Err(Defect::NoFace)) };
        Ok(Ok(Probe { template, bona_fide, quality: assessed.quality }))
    }

    fn assess(
        &self,
        image: &RgbImage,
        limits: &QualityLimits,
    ) -> Result<Result<Assessed, Defect>, FaceError> {
        let face = self.one_face(image, limits)?;
        Ok(face.and_then(|face| align_and_judge(image, face, limits)))
    }

    fn one_face(
        &self,
        image: &RgbImage,
        limits: &QualityLimits,
    ) -> Result<Result<Face, Defect>, FaceError> {
        let faces = detect(&self.detector, image)?;
        Ok(quality::one_face(image, &faces, limits))
    }

    fn extract(&self, aligned: &Planes) -> Result<Option<Template>, FaceError> {
        let outputs = self.extractor.run(aligned)?;
        Ok(outputs.first().and_then(|output| Template::from_output(output, self.extractor.sha256)))
    }
}

fn align_and_judge(
    image: &RgbImage,
    face: Face,
    limits: &QualityLimits,
) -> Result<Assessed, Defect> {
    let aligned = align(image, &face.landmarks).ok_or(Defect::NoFace)?;
    let quality = quality::picture(&face, &aligned, limits)?;
    Ok(Assessed { face, aligned, quality })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use image::imageops;

    use super::*;
    use crate::testing::{Vectors, camera_frame, engine, moved, picture};

    #[test]
    fn scores_are_those_of_the_reference_pipeline() {
        for pair in Vectors::read().pair {
            let [first, second] =
                pair.pictures.map(|name| engine().enrol(&picture(&name)).unwrap());
            let score = first.compare(&second).unwrap();
            assert!((score - pair.score).abs() < 0.05, "{score} {}", pair.score);
        }
    }

    #[test]
    fn c16_an_unusable_certificate_photo_is_refused_with_its_reason() {
        let photo = picture("obama.jpg");
        let (width, height) = photo.image().dimensions();
        let mut two = RgbImage::new(2 * width, height);
        imageops::replace(&mut two, photo.image(), 0, 0);
        imageops::replace(&mut two, photo.image(), i64::from(width), 0);
        let small = imageops::resize(photo.image(), 120, 150, imageops::FilterType::Triangle);
        let cut_off = imageops::crop_imm(photo.image(), 460, 0, 450, 700).to_image();
        let cases = [
            ("no face", RgbImage::from_pixel(400, 500, image::Rgb([200; 3])), "no_face"),
            ("two faces", two, "several_faces"),
            ("small", small, "too_small"),
            ("cut off", cut_off, "cut_off"),
            ("blurred", imageops::blur(photo.image(), 15.0), "blurred"),
        ];
        for (name, image, expected) in cases {
            let problem =
                engine().enrol(&Sample::from_rgb(image)).err().map(ReferenceProblem::code);
            assert_eq!(problem, Some(expected), "{name}");
        }
    }

    #[test]
    fn an_upside_down_picture_yields_no_template_of_an_upside_down_face() {
        let turned = imageops::rotate180(picture("obama.jpg").image());
        assert!(engine().enrol(&Sample::from_rgb(turned)).is_err());
    }

    #[test]
    fn a_person_who_sways_gives_nearly_the_same_template() {
        let frame = camera_frame("obama3.jpg");
        let probe = |frame: &RgbImage| {
            engine().probe(frame, &QualityLimits::PROBE).unwrap().map(|probe| probe.template)
        };
        let still = probe(&frame).ok().unwrap();
        for (right, down) in [(1, 0), (-5, 3), (9, -7)] {
            let swayed = probe(&moved(&frame, right, down)).ok().unwrap();
            let score = still.compare(&swayed).unwrap();
            assert!(score > 0.9, "{right} {down}: {score}");
        }
    }

    #[test]
    fn stage_times_add_up() {
        let times = engine().stage_times(&camera_frame("obama3.jpg")).unwrap().unwrap();
        let parts = times.detect + times.align + times.attack + times.extract;
        assert!(parts == times.total && parts > Duration::ZERO);
        assert!(engine().stage_times(&RgbImage::new(64, 48)).unwrap().is_none());
    }

    #[test]
    fn an_engine_may_serve_several_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Engine>();
    }
}
