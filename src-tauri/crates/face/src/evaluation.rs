//! What an offline evaluation asks of the engine: the stages of a visit, one by one, with the
//! comparison score, which at the kiosk never leaves the worker.
//!
//! Only the technician's tool uses this, on data of the technician's own. Each function goes
//! through the code of a visit: the same gates, alignment, networks, fusion and decision.

use image::RgbImage;

use crate::fusion::{Evidence, Fusion};
use crate::quality::Defect;
use crate::{Engine, Limits, QualityLimits, ReferenceProblem, Template};

/// The template of a picture, with what the gates of the visit say of it in either role.
pub struct Judged {
    /// There if the picture is usable in one of the roles.
    pub template: Option<Template>,
    /// Whether it can serve as certificate photo ([`QualityLimits::REFERENCE`]).
    pub reference: Result<(), ReferenceProblem>,
    /// Whether it can serve as frame of the camera ([`Limits::quality`]); its quality, 0..1.
    pub probe: Result<f32, ReferenceProblem>,
}

impl Engine {
    /// Judges a picture as certificate photo and as frame, and makes its template once.
    pub fn judge(&self, image: &RgbImage, limits: &Limits) -> Judged {
        let assess = |limits: &QualityLimits| {
            self.assess(image, limits)
                .map_err(|_| ReferenceProblem::NotProcessed)?
                .map_err(Defect::problem)
        };
        let (reference, probe) = (assess(&QualityLimits::REFERENCE), assess(&limits.quality));
        let quality = probe.as_ref().map(|assessed| assessed.quality).map_err(|problem| *problem);
        let accepted = reference.as_ref().map(drop).map_err(|problem| *problem);
        // Both are the same face of the same picture, aligned in the same way.
        let template = probe
            .ok()
            .or(reference.ok())
            .and_then(|assessed| self.extract(&assessed.aligned).ok().flatten());
        if template.is_some() {
            return Judged { template, reference: accepted, probe: quality };
        }
        Judged {
            template,
            reference: accepted.and(Err(ReferenceProblem::NotProcessed)),
            probe: quality.and(Err(ReferenceProblem::NotProcessed)),
        }
    }
}

/// The comparison score of a sequence of usable frames (template and quality, in order): the
/// highest threshold at which a visit with these frames would have ended as a match, attack
/// detection aside. `None` if they are fewer than a match needs.
pub fn fused_score<'t>(
    reference: &Template,
    frames: impl IntoIterator<Item = (&'t Template, f32)>,
    limits: &Limits,
) -> Option<f32> {
    // Never decided early, so that it sees as many frames as any visit would.
    let undecided = Limits { threshold: f32::INFINITY, ..*limits };
    let mut fusion = Fusion::new(&undecided);
    let mut highest: Option<f32> = None;
    for (template, quality) in frames {
        let score = reference.compare(template).ok()?;
        let ended = fusion.add(Evidence { score, bona_fide: 1.0, quality }).is_some();
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

    use std::time::Duration;

    use super::*;
    use crate::testing::{camera_frame, engine, moved, picture};
    use crate::{AttackLimits, ChallengePolicy, Outcome, Verification};

    const LIMITS: fn() -> Limits = Limits::default;

    fn frames(name: &str) -> Vec<RgbImage> {
        let frame = camera_frame(name);
        (0..10).map(|i| moved(&frame, i % 7 - 3, 3 - i % 7)).collect()
    }

    fn burst(frames: &[RgbImage]) -> Vec<(Template, f32)> {
        let judged = frames.iter().map(|frame| engine().judge(frame, &LIMITS()));
        judged.map(|judged| (judged.template.unwrap(), judged.probe.unwrap())).collect()
    }

    fn score_of(reference: &Template, frames: &[(Template, f32)]) -> Option<f32> {
        let frames = frames.iter().map(|(template, quality)| (template, *quality));
        fused_score(reference, frames, &LIMITS())
    }

    #[test]
    fn a_picture_is_judged_as_at_the_visit() {
        let large = picture("obama.jpg");
        let judged = engine().judge(large.image(), &LIMITS());
        let enrolled = engine().enrol(&large).unwrap();
        assert!(judged.template.unwrap().compare(&enrolled).unwrap() > 0.9999);
        assert!(judged.reference.is_ok() && judged.probe.is_ok());

        let quality = QualityLimits { inter_eye_min: 200.0, ..QualityLimits::PROBE };
        let judged = engine().judge(large.image(), &Limits { quality, ..LIMITS() });
        assert!(judged.template.is_some() && judged.reference.is_ok());
        assert_eq!(judged.probe.err(), Some(ReferenceProblem::TooSmall), "limits differ by role");

        let judged = engine().judge(&RgbImage::new(0, 0), &LIMITS());
        assert!(judged.template.is_none());
        assert_eq!(judged.reference.err(), Some(ReferenceProblem::NoFace));
        assert_eq!(judged.probe.err(), Some(ReferenceProblem::NoFace));
    }

    #[test]
    fn the_fused_score_is_the_threshold_at_which_a_visit_turns() {
        for probe in ["obama2.jpg", "biden.jpg"] {
            let frames = frames(probe);
            let reference = || engine().enrol(&picture("obama.jpg")).unwrap();
            let score = score_of(&reference(), &burst(&frames)).unwrap();
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
        assert!(score_of(&reference, &frames[..2]).is_none());
        assert!(score_of(&reference, &frames).is_some());
    }
}
