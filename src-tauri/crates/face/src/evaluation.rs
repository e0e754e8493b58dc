//! What an offline evaluation asks of the engine: the stages of a visit, one by one, with the
//! comparison score, which at the kiosk never leaves the worker.
//!
//! Only the technician's tool uses this, on data of the technician's own. Each function goes
//! through the code of a visit: the same gates, alignment, networks, fusion and decision.

use std::time::Duration;

use image::RgbImage;

use crate::engine::Views;
use crate::fusion::{Evidence, Fusion};
use crate::{Engine, Limits, Patience, QualityLimits, ReferenceProblem, Template};

/// What a picture is in either role.
pub struct Judged {
    /// As certificate photo ([`QualityLimits::REFERENCE`]).
    pub reference: Result<Template, ReferenceProblem>,
    /// As frame of the camera ([`Limits::quality`]).
    pub probe: Result<Views, ReferenceProblem>,
}

impl Engine {
    /// Judges a picture as certificate photo, and as a frame that was taken at that time: the
    /// patience is of one sequence of frames.
    pub fn judge(
        &self,
        image: &RgbImage,
        limits: &Limits,
        at: Duration,
        patience: &mut Patience,
    ) -> Judged {
        let midway = |views: Views| {
            views.plain.midway(&views.mirrored).ok_or(ReferenceProblem::NotProcessed)
        };
        let probe = self.views(image, &patience.limits(&limits.quality));
        patience.note(at, probe.as_ref().err().copied());
        Judged { reference: self.views(image, &QualityLimits::REFERENCE).and_then(midway), probe }
    }
}

/// The comparison score of a sequence of usable frames, in order: the highest threshold at which
/// a visit with these frames would have ended as a match, attack detection aside. `None` if they
/// are fewer than a match needs.
pub fn fused_score<'v>(
    reference: &Template,
    frames: impl IntoIterator<Item = &'v Views>,
    limits: &Limits,
) -> Option<f32> {
    // Never decided early, so that it sees as many frames as any visit would.
    let undecided = Limits { threshold: f32::INFINITY, ..*limits };
    let mut fusion = Fusion::new(&undecided);
    let mut highest: Option<f32> = None;
    for views in frames {
        let template = if fusion.wants_mirrored() { &views.mirrored } else { &views.plain };
        let score = reference.compare(template).ok()?;
        let evidence = Evidence { score, bona_fide: 1.0, quality: views.quality };
        let ended = fusion.add(evidence).is_some();
        if let Some(fused) = fusion.score_of_enough() {
            highest = Some(highest.map_or(fused, |highest| highest.max(fused)));
        }
        if ended {
            break;
        }
    }
    highest
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::testing::{camera_frame, engine, moved, picture, with_closed_eyes};
    use crate::{AttackLimits, ChallengePolicy, Outcome, Verification};

    const LIMITS: fn() -> Limits = Limits::default;

    fn frames(name: &str) -> Vec<RgbImage> {
        let frame = camera_frame(name);
        (0..10).map(|i| moved(&frame, i % 7 - 3, 3 - i % 7)).collect()
    }

    fn judge(image: &RgbImage, limits: &Limits) -> Judged {
        engine().judge(image, limits, Duration::ZERO, &mut Patience::default())
    }

    fn burst(frames: &[RgbImage]) -> Vec<Views> {
        let judged = frames.iter().map(|frame| judge(frame, &LIMITS()));
        judged.map(|judged| judged.probe.ok().unwrap()).collect()
    }

    #[test]
    fn a_picture_is_judged_as_at_the_visit() {
        let large = picture("obama.jpg");
        let judged = judge(large.image(), &LIMITS());
        let enrolled = engine().enrol(&large).unwrap();
        assert!(judged.reference.unwrap().compare(&enrolled).unwrap() > 0.9999);
        assert!(judged.probe.is_ok());

        let quality = QualityLimits { inter_eye_min: 200.0, ..QualityLimits::PROBE };
        let judged = judge(large.image(), &Limits { quality, ..LIMITS() });
        assert!(judged.reference.is_ok());
        assert_eq!(judged.probe.err(), Some(ReferenceProblem::TooSmall), "limits differ by role");

        let judged = judge(&RgbImage::new(0, 0), &LIMITS());
        assert_eq!(judged.reference.err(), Some(ReferenceProblem::NoFace));
        assert_eq!(judged.probe.err(), Some(ReferenceProblem::NoFace));
    }

    #[test]
    fn closed_eyes_are_refused_as_at_the_visit() {
        // Low enough for painted lids.
        let limits = QualityLimits { eyes_closed_max: 0.5, ..QualityLimits::PROBE };
        let mut refused = 0;
        for name in ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"] {
            let open = camera_frame(name);
            let sight = engine().watch(&open, &limits, Duration::ZERO).unwrap().unwrap();
            let shut = with_closed_eyes(&open, &sight.trace.unwrap().mask);
            let judged = judge(&shut, &Limits { quality: limits, ..LIMITS() }).probe;
            let look = engine().look(&shut, &limits, Duration::ZERO, false).unwrap();
            assert_eq!(
                judged.err().map(ReferenceProblem::code),
                look.probe.err().map(|defect| defect.problem().code()),
                "{name}"
            );
            refused += usize::from(engine().views(&shut, &limits).is_err());
        }
        assert!(refused > 0);
    }

    #[test]
    fn the_fused_score_is_the_threshold_at_which_a_visit_turns() {
        for probe in ["obama2.jpg", "biden.jpg"] {
            let frames = frames(probe);
            let reference = || engine().enrol(&picture("obama.jpg")).unwrap();
            let score = fused_score(&reference(), &burst(&frames), &LIMITS()).unwrap();
            for (threshold, expected) in
                [(score - 1e-4, Outcome::Match), (score + 1e-4, Outcome::NonMatch)]
            {
                let challenge = ChallengePolicy::Never;
                let attack = AttackLimits { challenge, ..AttackLimits::default() };
                let limits = Limits { threshold, attack_threshold: 0.0, attack, ..LIMITS() };
                let mut visit = Verification::new(engine(), reference(), limits, 0);
                for (i, frame) in (0_u32..).zip(&frames) {
                    visit.frame(frame, Duration::from_millis(66) * i);
                }
                assert_eq!(visit.finish(), expected, "{probe} {threshold}");
            }
        }
    }

    #[test]
    fn fewer_frames_than_a_match_needs_have_no_score() {
        let frames = burst(&frames("obama2.jpg")[..3]);
        let reference = engine().enrol(&picture("obama.jpg")).unwrap();
        assert!(fused_score(&reference, &frames[..2], &LIMITS()).is_none());
        assert!(fused_score(&reference, &frames, &LIMITS()).is_some());
    }
}
