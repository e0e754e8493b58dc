//! The networks and what is made of a picture with them.

use std::path::Path;
use std::time::{Duration, Instant};

use image::RgbImage;
use rayon::ThreadPool;

use crate::align::align;
use crate::attack::border::border;
use crate::attack::grey::Grey;
use crate::attack::passive::bona_fide;
use crate::attack::presentation::Sight;
use crate::attack::surface::periodicity;
use crate::attack::trace::Trace;
use crate::buffers::Planes;
use crate::detect::{Face, detect};
use crate::eyes::{closed, closure};
use crate::landmarks::landmarks;
use crate::manifest::{self, Role};
use crate::network::Network;
use crate::quality::{self, Defect};
use crate::threads;
use crate::{FaceError, Limits, ModelHash, QualityLimits, ReferenceProblem, Sample, Template};

/// The loaded networks. Loading takes a good part of a second; using them changes nothing in
/// them, so one engine serves any number of comparisons.
pub struct Engine {
    pub(crate) detector: Network,
    pub(crate) extractor: Network,
    pub(crate) attack: Network,
    pub(crate) landmarks: Network,
    pub(crate) eyes: Network,
    threads: ThreadPool,
}

/// A picture that may be compared.
pub(crate) struct Probe {
    pub(crate) template: Template,
    /// How good the picture is, 0..1.
    pub(crate) quality: f32,
}

/// What a frame shows.
pub(crate) struct Look {
    /// The one face in it, for attack detection; also when it is not good enough to be compared.
    pub(crate) sight: Option<Sight>,
    /// `None` where the network made no template.
    pub(crate) probe: Result<Option<Probe>, Defect>,
}

/// A face that may be compared, and its aligned picture.
struct Assessed {
    face: Face,
    aligned: Planes,
    quality: f32,
}

/// The templates of one picture: as it is, and of its mirror image.
pub struct Views {
    pub(crate) plain: Template,
    pub(crate) mirrored: Template,
    /// How good the picture is, 0..1.
    pub(crate) quality: f32,
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
    /// Loads the kiosk's models from a folder, each only after its SHA-256 was found right. With
    /// a `venue.toml` in the folder, the template model is the one that it describes.
    ///
    /// # Errors
    /// A [`FaceError`] that names the file which is missing, not the listed one, or unusable.
    pub fn load(models_dir: &Path) -> Result<Self, FaceError> {
        Ok(Self {
            detector: Network::load(models_dir, Role::Detector)?,
            extractor: match manifest::venue_model(models_dir)? {
                Some(model) => Network::load_model(models_dir, model)?,
                None => Network::load(models_dir, Role::Template)?,
            },
            attack: Network::load(models_dir, Role::Attack)?,
            landmarks: Network::load(models_dir, Role::Landmarks)?,
            eyes: Network::load(models_dir, Role::Eyes)?,
            threads: threads::pool()?,
        })
    }

    /// Checks that the threshold was calibrated for the template model of this engine.
    ///
    /// # Errors
    /// [`FaceError::ForeignThreshold`] if it was for another.
    pub fn check_threshold(&self, limits: &Limits) -> Result<(), FaceError> {
        let (threshold, loaded) = (limits.threshold_model, self.template_model());
        if threshold == loaded {
            Ok(())
        } else {
            let file = self.extractor.file().to_owned();
            Err(FaceError::ForeignThreshold { file, threshold, loaded })
        }
    }

    /// The model that makes the templates of this engine.
    pub fn template_model(&self) -> ModelHash {
        ModelHash(self.extractor.sha256)
    }

    /// The template of a certificate photo, which must show one whole face, large, sharp and
    /// frontal enough ([`QualityLimits::REFERENCE`]): midway between those of the photo and of
    /// its mirror image, for a face is not told by what the light does to one side of it.
    ///
    /// # Errors
    /// Why this photo cannot serve as reference.
    pub fn enrol(&self, photo: &Sample) -> Result<Template, ReferenceProblem> {
        let views = self.views(photo.image(), &QualityLimits::REFERENCE)?;
        views.plain.midway(&views.mirrored).ok_or(ReferenceProblem::NotProcessed)
    }

    /// The templates of a single picture, if it is good enough.
    pub(crate) fn views(
        &self,
        image: &RgbImage,
        limits: &QualityLimits,
    ) -> Result<Views, ReferenceProblem> {
        self.work(|| {
            let assessed = self
                .assess(image, limits)
                .map_err(|_| ReferenceProblem::NotProcessed)?
                .map_err(Defect::problem)?;
            let template = |mirrored| {
                let template = self.extract(&assessed.aligned, mirrored).ok().flatten();
                template.ok_or(ReferenceProblem::NotProcessed)
            };
            let (plain, mirrored) = rayon::join(|| template(false), || template(true));
            Ok(Views { plain: plain?, mirrored: mirrored?, quality: assessed.quality })
        })
    }

    /// Takes one frame through every stage, as a verification does, and returns the times.
    /// `None` if the frame is not good enough to reach the last stage.
    ///
    /// # Errors
    /// [`FaceError::Run`] if a network fails.
    pub fn stage_times(&self, frame: &RgbImage) -> Result<Option<StageTimes>, FaceError> {
        let limits = QualityLimits::PROBE;
        self.work(|| {
            let start = Instant::now();
            let Ok(face) = self.one_face(frame, &limits)? else { return Ok(None) };
            let detected = Instant::now();
            let Ok(assessed) = align_and_judge(frame, face, &limits) else { return Ok(None) };
            let aligned = Instant::now();
            self.sight(frame, assessed.face, true, Duration::ZERO)?;
            let judged = Instant::now();
            drop(self.extract(&assessed.aligned, false)?);
            let extracted = Instant::now();
            Ok(Some(StageTimes {
                detect: detected - start,
                align: aligned - detected,
                attack: judged - aligned,
                extract: extracted - judged,
                total: extracted - start,
            }))
        })
    }

    /// Runs the detector, the template and the attack network once each, on a computed pattern
    /// and not on a picture, and returns their times in this order: for the comparison with
    /// other software that runs the same files.
    ///
    /// # Errors
    /// [`FaceError::Run`] if a network fails.
    pub fn network_times(&self) -> Result<[Duration; 3], FaceError> {
        let time = |network: &Network| {
            let (width, height) = network.input_size();
            let picture = Planes::pattern(width, height);
            let start = Instant::now();
            network.run(&picture)?;
            Ok(start.elapsed())
        };
        self.work(|| Ok([time(&self.detector)?, time(&self.extractor)?, time(&self.attack)?]))
    }

    /// Does all of a picture's work on the engine's threads. A thread from outside would only wait
    /// for them, and until it sleeps, the second of them may be put on the core of the first.
    fn work<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.threads.install(work)
    }

    /// Everything a verification needs to know of a frame that was taken at that time. The
    /// template is of the frame's mirror image if so wanted.
    pub(crate) fn look(
        &self,
        frame: &RgbImage,
        limits: &QualityLimits,
        at: Duration,
        mirrored: bool,
    ) -> Result<Look, FaceError> {
        self.work(|| self.look_here(frame, limits, at, mirrored))
    }

    fn look_here(
        &self,
        frame: &RgbImage,
        limits: &QualityLimits,
        at: Duration,
        mirrored: bool,
    ) -> Result<Look, FaceError> {
        let (followed, assessed) = self.follow(frame, limits)?;
        let Some(face) = followed else {
            return Ok(Look { sight: None, probe: assessed.map(|_| None) });
        };
        let assessed = match assessed {
            Ok(assessed) => assessed,
            Err(defect) => {
                let sight = self.sight(frame, face, false, at)?;
                return Ok(Look { sight: Some(sight), probe: Err(defect) });
            }
        };
        // The two do not need each other, and the smallest kiosk has two cores.
        let (sight, template) = rayon::join(
            || self.sight(frame, face, true, at),
            || self.extract(&assessed.aligned, mirrored),
        );
        let sight = sight?;
        let eyes = closed(sight.trace.and_then(|trace| trace.closure));
        let probe = match quality::eyes_open(eyes, limits) {
            Ok(()) => Ok(template?.map(|template| Probe { template, quality: assessed.quality })),
            Err(defect) => Err(defect),
        };
        Ok(Look { sight: Some(sight), probe })
    }

    /// The part of [`Engine::look`] that attack detection needs.
    pub(crate) fn watch(
        &self,
        frame: &RgbImage,
        limits: &QualityLimits,
        at: Duration,
    ) -> Result<Option<Sight>, FaceError> {
        self.work(|| {
            let (followed, assessed) = self.follow(frame, limits)?;
            followed.map(|face| self.sight(frame, face, assessed.is_ok(), at)).transpose()
        })
    }

    /// The one face of a frame, also where it is turned away or otherwise not good enough to be
    /// compared, and whether it is.
    fn follow(
        &self,
        frame: &RgbImage,
        limits: &QualityLimits,
    ) -> Result<(Option<Face>, Result<Assessed, Defect>), FaceError> {
        let faces = detect(&self.detector, frame)?;
        let assessed = quality::one_face(frame, &faces, limits)
            .and_then(|face| align_and_judge(frame, face, limits));
        let followed = match &assessed {
            Err(Defect::NoFace | Defect::SeveralFaces) => None,
            _ => faces.first().copied(),
        };
        Ok((followed, assessed))
    }

    /// What attack detection sees of one face; through the passive network only if `whole`.
    pub(crate) fn sight(
        &self,
        frame: &RgbImage,
        face: Face,
        whole: bool,
        at: Duration,
    ) -> Result<Sight, FaceError> {
        let bona_fide = if whole { Some(bona_fide(&self.attack, frame, &face)?) } else { None };
        let trace = self.trace(frame, &face, at)?;
        let periodicity = if whole { periodicity(frame, &face) } else { None };
        let grey = Grey::of(frame);
        let border = border(&grey, &face.landmarks);
        Ok(Sight { face, trace, bona_fide, periodicity, grey, border })
    }

    /// The points and the eyes of a face at one moment. `None` if the network gives no numbers.
    fn trace(
        &self,
        image: &RgbImage,
        face: &Face,
        at: Duration,
    ) -> Result<Option<Trace>, FaceError> {
        let Some(mask) = landmarks(&self.landmarks, image, face)? else { return Ok(None) };
        Ok(Some(Trace::of(at, face, &mask, closure(&self.eyes, image, &mask)?)))
    }

    /// Judges a single picture, the eyes included.
    fn assess(
        &self,
        image: &RgbImage,
        limits: &QualityLimits,
    ) -> Result<Result<Assessed, Defect>, FaceError> {
        let (_, assessed) = self.follow(image, limits)?;
        let Ok(assessed) = assessed else { return Ok(assessed) };
        let trace = self.trace(image, &assessed.face, Duration::ZERO)?;
        let eyes = closed(trace.and_then(|trace| trace.closure));
        Ok(quality::eyes_open(eyes, limits).map(|()| assessed))
    }

    fn one_face(
        &self,
        image: &RgbImage,
        limits: &QualityLimits,
    ) -> Result<Result<Face, Defect>, FaceError> {
        let faces = detect(&self.detector, image)?;
        Ok(quality::one_face(image, &faces, limits))
    }

    fn extract(&self, aligned: &Planes, mirrored: bool) -> Result<Option<Template>, FaceError> {
        let outputs = if mirrored {
            self.extractor.run(&aligned.mirrored())?
        } else {
            self.extractor.run(aligned)?
        };
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
            let look = engine().look(frame, &QualityLimits::PROBE, Duration::ZERO, false).unwrap();
            look.probe.map(|probe| probe.unwrap().template)
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
