//! Comparing the frames of one visit with one reference.

use std::time::Duration;

use image::RgbImage;

use crate::fusion::{Evidence, Fusion};
use crate::{Engine, Guidance, Limits, Outcome, Step, Template};

/// The comparison of one visitor's frames with the one claimed reference (POLICY.md C06).
/// Everything it holds is wiped when it is dropped.
pub struct Verification<'e> {
    engine: &'e Engine,
    reference: Template,
    limits: Limits,
    fusion: Fusion,
    decided: Option<Outcome>,
}

impl<'e> Verification<'e> {
    /// Begins a verification; the reference is used for this one only.
    pub fn new(engine: &'e Engine, reference: Template, limits: Limits) -> Self {
        Self { engine, reference, fusion: Fusion::new(&limits), limits, decided: None }
    }

    /// Judges one frame and, if it is good enough, compares it. `elapsed` is the time since the
    /// first frame; at the time limit the frame is not looked at any more.
    ///
    /// A network that fails ends the verification as [`Outcome::PoorSamples`]: a person takes
    /// over.
    pub fn frame(&mut self, frame: &RgbImage, elapsed: Duration) -> Step {
        if self.decided.is_none() && elapsed >= self.limits.time_limit {
            self.decided = Some(self.fusion.finish());
        }
        if let Some(outcome) = self.decided {
            return Step::Decided(outcome);
        }
        let guidance = match self.engine.probe(frame, &self.limits.quality) {
            Ok(Ok(probe)) => {
                let score = self.reference.compare(&probe.template);
                let (quality, bona_fide) = (probe.quality, probe.bona_fide);
                self.decided = score.map_or(Some(Outcome::PoorSamples), |score| {
                    self.fusion.add(Evidence { score, bona_fide, quality })
                });
                Guidance::KeepStill
            }
            Ok(Err(defect)) => defect.guidance(),
            Err(_) => {
                self.decided = Some(Outcome::PoorSamples);
                Guidance::KeepStill
            }
        };
        self.decided.map_or(Step::Continue(guidance), Step::Decided)
    }

    /// The outcome when no more frames come.
    pub fn finish(self) -> Outcome {
        self.decided.unwrap_or_else(|| self.fusion.finish())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use image::imageops;

    use super::*;
    use crate::testing::{FRAME, camera_frame, engine, moved, picture};

    const STEP: Duration = Duration::from_millis(66);

    fn verification(reference: &str, limits: Limits) -> Verification<'static> {
        Verification::new(engine(), engine().enrol(&picture(reference)).unwrap(), limits)
    }

    /// Shows the person of a picture, swaying, until the verification decides.
    fn verify(reference: &str, probe: &str) -> (u32, Outcome) {
        let mut verification = verification(reference, Limits::default());
        let frame = camera_frame(probe);
        for i in 0..100 {
            let sway = i64::from(i % 7) - 3;
            let step = verification.frame(&moved(&frame, sway, -sway / 2), STEP * i);
            match step {
                Step::Continue(guidance) => assert_eq!(guidance, Guidance::KeepStill),
                Step::Decided(outcome) => return (i + 1, outcome),
            }
        }
        panic!("no decision");
    }

    #[test]
    fn c06_the_same_person_matches_after_three_frames_and_never_after_one() {
        for (reference, probe) in [
            ("obama.jpg", "obama2.jpg"),
            ("obama.jpg", "obama3.jpg"),
            ("obama2.jpg", "obama3.jpg"),
            ("obama3.jpg", "obama2.jpg"),
            ("obama3.jpg", "obama.jpg"),
        ] {
            assert_eq!(verify(reference, probe), (3, Outcome::Match), "{reference} {probe}");
        }
    }

    #[test]
    fn c06_another_person_does_not_match() {
        for (reference, probe) in [("obama.jpg", "biden.jpg"), ("biden.jpg", "obama2.jpg")] {
            assert_eq!(verify(reference, probe), (8, Outcome::NonMatch), "{reference} {probe}");
        }
    }

    #[test]
    fn guides_the_visitor_and_compares_nothing_meanwhile() {
        let good = camera_frame("obama3.jpg");
        let (width, height) = FRAME;
        let two = {
            let mut two = imageops::resize(&good, width, height, imageops::FilterType::Triangle);
            let other = imageops::crop_imm(&good, 200, 0, 240, height).to_image();
            imageops::replace(&mut two, &other, 0, 0);
            imageops::replace(&mut two, &other, 400, 0);
            two
        };
        let scaled = |image: &RgbImage, by: f32| {
            image::imageops::resize(
                image,
                (width as f32 * by) as u32,
                (height as f32 * by) as u32,
                imageops::FilterType::Triangle,
            )
        };
        let far = {
            let mut far = RgbImage::from_pixel(width, height, image::Rgb([90; 3]));
            imageops::replace(&mut far, &scaled(&good, 0.25), 240, 180);
            far
        };
        let cases = [
            ("nobody", RgbImage::from_pixel(width, height, image::Rgb([90; 3])), Guidance::NoFace),
            ("no pixels", RgbImage::new(0, 0), Guidance::NoFace),
            ("two", two, Guidance::SeveralFaces),
            ("far", far, Guidance::ComeCloser),
            ("over the left edge", moved(&good, -320, 0), Guidance::CentreFace),
            ("over the top edge", moved(&good, 0, -130), Guidance::CentreFace),
            ("dark", brightened(&good, 0.15), Guidance::TooDark),
            ("lit from one side", lit_from_one_side(&good), Guidance::UnevenLight),
            ("blurred", imageops::blur(&good, 5.0), Guidance::HoldStill),
        ];
        for (name, frame, expected) in cases {
            let mut verification = verification("obama.jpg", Limits::default());
            for i in 0..4 {
                assert_eq!(
                    verification.frame(&frame, STEP * i),
                    Step::Continue(expected),
                    "{name}"
                );
            }
            assert_eq!(verification.finish(), Outcome::PoorSamples, "{name}");
        }
    }

    /// The right half of the frame's middle in the dark.
    fn lit_from_one_side(image: &RgbImage) -> RgbImage {
        let mut image = image.clone();
        let middle = image.width() as f32 / 2.0;
        for (x, _, pixel) in image.enumerate_pixels_mut() {
            let light = 0.06 + 0.94 / (1.0 + ((x as f32 - middle) / 20.0).exp());
            pixel.0 = pixel.0.map(|value| (f32::from(value) * light) as u8);
        }
        image
    }

    fn brightened(image: &RgbImage, by: f32) -> RgbImage {
        let mut image = image.clone();
        for value in image.iter_mut() {
            *value = (f32::from(*value) * by) as u8;
        }
        image
    }

    #[test]
    fn ends_at_the_time_limit_without_looking_at_the_frame() {
        let limits = Limits::default();
        let mut verification = verification("obama.jpg", limits);
        let frame = camera_frame("obama2.jpg");
        assert_eq!(verification.frame(&frame, Duration::ZERO), Step::Continue(Guidance::KeepStill));
        let late = Step::Decided(Outcome::PoorSamples);
        assert_eq!(verification.frame(&frame, limits.time_limit), late);
        assert_eq!(verification.frame(&frame, Duration::ZERO), late, "a decision stands");
    }

    #[test]
    fn probes_that_do_not_look_bona_fide_are_suspected() {
        // The network calls these photographs bona fide, so the limit goes out of their reach.
        let limits = Limits { attack_threshold: 1.1, ..Limits::default() };
        let mut verification = verification("obama.jpg", limits);
        let frame = camera_frame("obama2.jpg");
        let steps: Vec<Step> = (0..8).map(|i| verification.frame(&frame, STEP * i)).collect();
        assert_eq!(steps[6], Step::Continue(Guidance::KeepStill));
        assert_eq!(steps[7], Step::Decided(Outcome::SuspectedAttack));
    }
}
