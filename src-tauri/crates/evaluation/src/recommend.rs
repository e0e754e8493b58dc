//! The threshold for a wanted false match rate, and what the data can support.

use serde::Serialize;

use crate::intervals::{needed_for, shown_by, upper_bound};
use crate::rates::Scores;
use crate::report::ThresholdFrom;

/// What the data say about a wanted false match rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Recommendation {
    /// The false match rate that is wanted.
    pub fmr: f64,
    /// Lowest threshold at which the impostors measured match no more often than wanted;
    /// rounded up to four digits. `None` without impostor comparisons.
    pub threshold: Option<f64>,
    /// Impostor comparisons there are.
    pub impostors: u64,
    /// Impostor comparisons that the rule of three asks for; `None` if beyond all counting.
    pub needed: Option<u64>,
    /// Whether there are that many.
    pub supported: bool,
    /// The lowest false match rate that so many comparisons can show with 95 %.
    pub supported_fmr: f64,
    /// What the false match rate at `threshold` stays below with 95 %, were the comparisons
    /// independent.
    pub upper_bound: Option<f64>,
    /// Lowest threshold whose upper bound is not above the wanted rate either, if there is one.
    pub assured_threshold: Option<f64>,
}

impl Recommendation {
    /// For a wanted rate, 0..1.
    pub fn new(scores: &Scores, fmr: f64) -> Self {
        let impostors = scores.impostor().len() as u64;
        let needed = needed_for(fmr);
        let supported = needed.is_some_and(|needed| impostors >= needed);
        // Below the supported rate nothing may be concluded but from no error at all.
        let allowed = if supported { allowed(fmr, impostors) } else { 0 };
        let threshold = lowest_threshold(scores, allowed);
        let assured = (0..=allowed).rev().find(|&errors| upper_bound(errors, impostors) <= fmr);
        Self {
            fmr,
            threshold: threshold.map(shown),
            impostors,
            needed,
            supported,
            supported_fmr: shown_by(impostors),
            upper_bound: threshold
                .map(|threshold| upper_bound(scores.false_matches(threshold).errors, impostors)),
            assured_threshold: assured
                .and_then(|errors| lowest_threshold(scores, errors))
                .map(shown),
        }
    }
}

/// The threshold of the report. `kiosk`: the one of the limits, if it is for this model.
pub(crate) fn choose<'a>(
    all: &Recommendation,
    groups: impl Iterator<Item = &'a Scores>,
    fmr: f64,
    kiosk: Option<f64>,
) -> (Option<f64>, ThresholdFrom) {
    let Some(threshold) = all.threshold.filter(|_| all.supported) else {
        return match kiosk {
            None => (None, ThresholdFrom::Uncalibrated),
            Some(kiosk) if all.threshold > Some(kiosk) => {
                (all.threshold, ThresholdFrom::KioskRaised)
            }
            Some(kiosk) => (Some(kiosk), ThresholdFrom::Kiosk),
        };
    };
    // A threshold that is right on the whole and lets one group's impostors in is not right.
    let of_groups = groups.filter_map(|scores| {
        let group = Recommendation::new(scores, fmr);
        group.threshold.filter(|_| group.supported)
    });
    let highest = of_groups.fold(threshold, f64::max);
    let from = if highest > threshold { ThresholdFrom::WorstGroup } else { ThresholdFrom::Data };
    (Some(highest), from)
}

/// A threshold as it is written: four digits mean the same number as the engine's.
pub(crate) fn shown(threshold: f32) -> f64 {
    (f64::from(threshold) * 1e4).round() / 1e4
}

/// How many errors a rate allows among so many.
fn allowed(rate: f64, trials: u64) -> u64 {
    // 1e-3 of 3,000 is a little less than 3 in binary.
    (rate * trials as f64 + 1e-9).floor() as u64
}

/// The lowest threshold of four digits that at most `allowed` impostors reach.
fn lowest_threshold(scores: &Scores, allowed: u64) -> Option<f32> {
    let impostor = scores.impostor();
    let highest_kept_out =
        usize::try_from(allowed).ok().and_then(|allowed| impostor.len().checked_sub(allowed + 1));
    let Some(score) = highest_kept_out.and_then(|index| impostor.get(index)) else {
        // All of them may match.
        return impostor.first().map(|_| -1.0);
    };
    let mut steps = (f64::from(score.clamp(-1.0, 1.0)) * 1e4).ceil() as i32;
    while (f64::from(steps) / 1e4) as f32 <= *score {
        steps += 1;
    }
    Some((f64::from(steps) / 1e4) as f32)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    /// Impostors with the scores 0.0001, 0.0002, … and one genuine comparison.
    fn ladder(impostors: u16) -> Scores {
        let impostor = (1..=impostors).map(|i| (false, f32::from(i) / 10_000.0 - 0.000_02));
        Scores::new(impostor.chain([(true, 0.9)]))
    }

    #[test]
    fn recommends_what_lets_no_more_in_than_wanted() {
        let recommendation = Recommendation::new(&ladder(3_000), 1e-3);
        assert!(recommendation.supported);
        assert_eq!(recommendation.needed, Some(3_000));
        // Three of them reach it.
        assert_eq!(recommendation.threshold, Some(0.2997));
        // scipy.stats.beta.ppf(0.95, 4, 2997)
        assert!((recommendation.upper_bound.unwrap() - 0.002_582_505).abs() < 1e-8);
        // None of them does.
        assert_eq!(recommendation.assured_threshold, Some(0.3));
    }

    #[test]
    fn says_what_the_data_cannot_support() {
        let recommendation = Recommendation::new(&ladder(2_999), 1e-3);
        assert!(!recommendation.supported);
        assert_eq!(recommendation.threshold, Some(0.2999), "no false match at all");
        assert!((recommendation.supported_fmr - 3.0 / 2_999.0).abs() < 1e-12);
        let nothing = Recommendation::new(&Scores::default(), 1e-3);
        assert_eq!((nothing.threshold, nothing.supported), (None, false));
    }

    #[test]
    fn equal_scores_are_kept_out_together() {
        let scores = Scores::new((0..10_000).map(|i| (false, if i < 100 { 0.5 } else { 0.1 })));
        let recommendation = Recommendation::new(&scores, 1e-3);
        assert_eq!(recommendation.threshold, Some(0.5001));
    }

    #[test]
    fn without_a_threshold_of_the_model_only_data_give_one() {
        let impostors = |count: u16| {
            let scores = (0..count).map(|i| (false, 0.3 + f32::from(i % 10) / 1_000.0));
            Recommendation::new(&Scores::new(scores), 1e-2)
        };
        let choose = |all: &Recommendation, kiosk| choose(all, std::iter::empty(), 1e-2, kiosk);
        let (few, enough) = (impostors(299), impostors(300));
        for (all, kiosk, expected) in [
            (&few, None, (None, ThresholdFrom::Uncalibrated)),
            (&few, Some(0.557), (Some(0.557), ThresholdFrom::Kiosk)),
            (&few, Some(0.2), (few.threshold, ThresholdFrom::KioskRaised)),
            (&enough, None, (enough.threshold, ThresholdFrom::Data)),
            (&enough, Some(0.557), (enough.threshold, ThresholdFrom::Data)),
            (&impostors(0), None, (None, ThresholdFrom::Uncalibrated)),
            (&impostors(0), Some(0.557), (Some(0.557), ThresholdFrom::Kiosk)),
        ] {
            assert_eq!(choose(all, kiosk), expected);
        }
    }

    proptest! {
        #[test]
        fn the_recommended_threshold_keeps_its_word(
            impostor in prop::collection::vec(-1.0_f32..=1.0, 1..400), wanted in 0.005_f64..1.0,
        ) {
            let scores = Scores::new(impostor.into_iter().map(|score| (false, score)));
            let recommendation = Recommendation::new(&scores, wanted);
            let at = |threshold: f64| scores.false_matches(threshold as f32);
            let count = at(recommendation.threshold.unwrap());
            let rate = count.rate().unwrap();
            prop_assert!(rate <= wanted + 1e-9);
            if let Some(assured) = recommendation.assured_threshold {
                let count = at(assured);
                prop_assert!(upper_bound(count.errors, count.trials) <= wanted);
                prop_assert!(Some(assured) >= recommendation.threshold);
            }
        }

        #[test]
        fn a_stricter_wish_never_lowers_the_threshold(
            impostor in prop::collection::vec(-1.0_f32..=1.0, 1..400),
            wanted in 0.01_f64..1.0, factor in 0.1_f64..1.0,
        ) {
            let scores = Scores::new(impostor.into_iter().map(|score| (false, score)));
            let loose = Recommendation::new(&scores, wanted).threshold;
            prop_assert!(Recommendation::new(&scores, wanted * factor).threshold >= loose);
        }
    }
}
