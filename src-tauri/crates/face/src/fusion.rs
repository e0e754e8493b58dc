//! The decision from the numbers of several frames; knows nothing of pictures.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Limits, Outcome};

/// Fewest frames that a match may rest on, whatever the limits say.
const FRAMES_MIN: usize = 2;
/// Most frames that a verification looks at, whatever the limits say.
const FRAMES_MAX: usize = 64;

/// What one usable frame says.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Evidence {
    /// Comparison score with the reference, −1..1.
    pub(crate) score: f32,
    /// Probability that the presentation is bona fide, 0..1.
    pub(crate) bona_fide: f32,
    /// How good the frame is, 0..1.
    pub(crate) quality: f32,
}

/// The evidence of one verification so far.
///
/// The fused score is the mean over the frames of the best *quality*. Choosing by score instead
/// would give an impostor as many draws as there are frames.
pub(crate) struct Fusion {
    threshold: f32,
    attack_threshold: f32,
    frames: usize,
    non_match_frames: usize,
    fused_frames: usize,
    /// Never grows beyond its first allocation, so that no copy is left behind unwiped.
    evidence: Vec<Evidence>,
}

impl Fusion {
    pub(crate) fn new(limits: &Limits) -> Self {
        let frames = limits.frames.clamp(FRAMES_MIN, FRAMES_MAX);
        let non_match_frames = limits.non_match_frames.clamp(frames, FRAMES_MAX);
        Self {
            threshold: limits.threshold,
            attack_threshold: limits.attack_threshold,
            frames,
            non_match_frames,
            fused_frames: limits.fused_frames.clamp(frames, FRAMES_MAX),
            evidence: Vec::with_capacity(non_match_frames),
        }
    }

    /// Takes in one frame. Evidence that is not a number is no evidence.
    pub(crate) fn add(&mut self, evidence: Evidence) -> Option<Outcome> {
        let numbers = [evidence.score, evidence.bona_fide, evidence.quality];
        if numbers.iter().all(|number| number.is_finite())
            && self.evidence.len() < self.non_match_frames
        {
            self.evidence.push(evidence);
        }
        if self.matches() {
            Some(Outcome::Match)
        } else if self.evidence.len() == self.non_match_frames {
            Some(self.finish())
        } else {
            None
        }
    }

    /// Whether a picture of this quality is better than all before it.
    pub(crate) fn exceeds(&self, quality: f32) -> bool {
        self.evidence.iter().all(|evidence| quality > evidence.quality)
    }

    /// Whether the next frame is to be compared mirrored. Every second one is: the reference is
    /// midway between both, and the mean of scores from both sides tells persons apart better at
    /// no cost.
    pub(crate) fn wants_mirrored(&self) -> bool {
        self.evidence.len() % 2 == 1
    }

    /// The outcome when no more frames come.
    pub(crate) fn finish(&self) -> Outcome {
        if self.matches() {
            Outcome::Match
        } else if self.evidence.len() < self.frames {
            Outcome::PoorSamples
        } else if !self.is_bona_fide() {
            Outcome::SuspectedAttack
        } else if self.evidence.len() < self.non_match_frames {
            Outcome::PoorSamples
        } else {
            Outcome::NonMatch
        }
    }

    /// The fused score, once there are as many frames as a match needs.
    pub(crate) fn score_of_enough(&self) -> Option<f32> {
        (self.evidence.len() >= self.frames).then(|| self.fused_score())
    }

    // A limit that is not a number is never reached: both comparisons are false then.
    fn matches(&self) -> bool {
        self.evidence.len() >= self.frames
            && self.fused_score() >= self.threshold
            && self.is_bona_fide()
    }

    fn is_bona_fide(&self) -> bool {
        let sum: f32 = self.evidence.iter().map(|evidence| evidence.bona_fide).sum();
        sum / self.evidence.len() as f32 >= self.attack_threshold
    }

    fn fused_score(&self) -> f32 {
        let mut best: Vec<&Evidence> = self.evidence.iter().collect();
        best.sort_by(|a, b| b.quality.total_cmp(&a.quality));
        best.truncate(self.fused_frames);
        best.iter().map(|evidence| evidence.score).sum::<f32>() / best.len() as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn evidence(score: f32, bona_fide: f32) -> Evidence {
        Evidence { score, bona_fide, quality: 0.5 }
    }

    fn decide(frames: &[(f32, f32)]) -> (usize, Outcome) {
        let mut fusion = Fusion::new(&Limits::default());
        for (i, &(score, bona_fide)) in frames.iter().enumerate() {
            if let Some(outcome) = fusion.add(evidence(score, bona_fide)) {
                return (i + 1, outcome);
            }
        }
        (frames.len(), fusion.finish())
    }

    /// What it is, score and bona fide probability of each frame, and the decision with the
    /// number of frames it took.
    type Case = (&'static str, &'static [(f32, f32)], (usize, Outcome));

    #[test]
    fn decides_as_soon_as_the_evidence_suffices() {
        let cases: [Case; 9] = [
            ("nothing seen", &[], (0, Outcome::PoorSamples)),
            ("one perfect frame", &[(1.0, 1.0)], (1, Outcome::PoorSamples)),
            ("two perfect frames", &[(1.0, 1.0); 2], (2, Outcome::PoorSamples)),
            ("three good frames", &[(0.7, 0.9); 5], (3, Outcome::Match)),
            ("never similar", &[(0.2, 0.9); 9], (8, Outcome::NonMatch)),
            ("not similar, time is up", &[(0.2, 0.9); 7], (7, Outcome::PoorSamples)),
            ("similar but flat", &[(0.9, 0.1); 9], (8, Outcome::SuspectedAttack)),
            ("flat, time is up", &[(0.9, 0.1); 4], (4, Outcome::SuspectedAttack)),
            ("neither", &[(0.2, 0.1); 9], (8, Outcome::SuspectedAttack)),
        ];
        for (name, frames, expected) in cases {
            assert_eq!(decide(frames), expected, "{name}");
        }
    }

    #[test]
    fn frames_are_chosen_by_quality_and_not_by_score() {
        let limits = Limits { fused_frames: 3, ..Limits::default() };
        let mut fusion = Fusion::new(&limits);
        for (score, quality) in [(0.3, 0.9), (0.3, 0.8), (0.3, 0.7)] {
            assert_eq!(fusion.add(Evidence { score, bona_fide: 1.0, quality }), None);
        }
        // Better scores of poorer frames change nothing.
        for _ in 0..4 {
            assert_eq!(fusion.add(Evidence { score: 1.0, bona_fide: 1.0, quality: 0.1 }), None);
        }
        let last = Evidence { score: 1.0, bona_fide: 1.0, quality: 0.1 };
        assert_eq!(fusion.add(last), Some(Outcome::NonMatch));
    }

    #[test]
    fn limits_that_are_not_numbers_admit_nobody() {
        for limits in [
            Limits { threshold: f32::NAN, ..Limits::default() },
            Limits { attack_threshold: f32::NAN, ..Limits::default() },
        ] {
            let mut fusion = Fusion::new(&limits);
            let outcomes: Vec<_> = (0..8).filter_map(|_| fusion.add(evidence(1.0, 1.0))).collect();
            assert!(!outcomes.is_empty() && !outcomes.contains(&Outcome::Match), "{outcomes:?}");
        }
    }

    fn number() -> impl Strategy<Value = f32> {
        prop_oneof![8 => -1.0_f32..=1.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY)]
    }

    fn limits() -> impl Strategy<Value = Limits> {
        (0.0_f32..1.0, 0.0_f32..1.0, 0_usize..20, 0_usize..20, 0_usize..20).prop_map(
            |(threshold, attack_threshold, frames, non_match_frames, fused_frames)| Limits {
                threshold,
                attack_threshold,
                frames,
                non_match_frames,
                fused_frames,
                ..Limits::default()
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_match_rests_on_enough_frames_that_reach_the_threshold(
            limits in limits(),
            frames in prop::collection::vec((number(), number(), number()), 0..40),
        ) {
            let mut fusion = Fusion::new(&limits);
            let mut usable: Vec<(f32, f32)> = Vec::new();
            let mut decided = None;
            for (score, bona_fide, quality) in frames {
                if [score, bona_fide, quality].iter().all(|number| number.is_finite()) {
                    usable.push((score, bona_fide));
                }
                decided = fusion.add(Evidence { score, bona_fide, quality });
                if decided.is_some() {
                    break;
                }
            }
            let best = usable.iter().fold(-1.0, |best: f32, frame| best.max(frame.0));
            let fair = usable.iter().fold(-1.0, |fair: f32, frame| fair.max(frame.1));
            let needed = limits.frames.max(2);
            match decided.unwrap_or_else(|| fusion.finish()) {
                Outcome::Match => {
                    prop_assert!(usable.len() >= needed);
                    prop_assert!(best >= limits.threshold - 1e-6);
                    prop_assert!(fair >= limits.attack_threshold - 1e-6);
                }
                Outcome::NonMatch => {
                    prop_assert_eq!(usable.len(), limits.non_match_frames.max(needed));
                }
                Outcome::PoorSamples => {
                    prop_assert!(usable.len() < limits.non_match_frames.max(needed));
                }
                Outcome::SuspectedAttack => prop_assert!(usable.len() >= needed),
            }
        }

        #[test]
        fn one_frame_never_decides_a_match(limits in limits(), score in number(), bona_fide in number()) {
            let mut fusion = Fusion::new(&limits);
            let added = fusion.add(evidence(score, bona_fide));
            prop_assert_ne!(added, Some(Outcome::Match));
            prop_assert_ne!(fusion.finish(), Outcome::Match);
        }

        #[test]
        fn scores_below_the_threshold_never_match(
            limits in limits(),
            frames in prop::collection::vec((0.0_f32..0.99, 0.0_f32..=1.0), 0..30),
        ) {
            let mut fusion = Fusion::new(&limits);
            for (share, quality) in frames {
                let score = limits.threshold * share - 1e-3;
                let outcome = fusion.add(Evidence { score, bona_fide: 1.0, quality });
                prop_assert_ne!(outcome, Some(Outcome::Match));
            }
            prop_assert_ne!(fusion.finish(), Outcome::Match);
        }

        #[test]
        fn every_verification_ends(limits in limits(), score in -1.0_f32..1.0, bona_fide in 0.0_f32..1.0) {
            let mut fusion = Fusion::new(&limits);
            let decided = (0..FRAMES_MAX).any(|_| fusion.add(evidence(score, bona_fide)).is_some());
            prop_assert!(decided);
        }

        #[test]
        fn the_evidence_never_moves_in_memory(limits in limits()) {
            let mut fusion = Fusion::new(&limits);
            let place = fusion.evidence.as_ptr();
            for _ in 0..FRAMES_MAX {
                fusion.add(evidence(0.0, 1.0));
            }
            prop_assert_eq!(fusion.evidence.as_ptr(), place);
        }
    }
}
