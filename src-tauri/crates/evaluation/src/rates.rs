//! False matches and false non-matches at a threshold (ISO/IEC 19795-1).

/// The comparison scores of genuine and impostor comparisons, each in rising order.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    genuine: Vec<f32>,
    impostor: Vec<f32>,
}

/// Errors among trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many were wrong.
    pub errors: u64,
    /// How many there were.
    pub trials: u64,
}

impl Count {
    /// The share of errors; `None` without trials.
    pub fn rate(self) -> Option<f64> {
        (self.trials > 0).then(|| self.errors as f64 / self.trials as f64)
    }
}

impl Scores {
    /// Takes the scores of comparisons in any order; each with whether both pictures are of one
    /// person. A score that is not a number counts as the lowest there is: it never matches.
    pub fn new(comparisons: impl IntoIterator<Item = (bool, f32)>) -> Self {
        let mut scores = Self::default();
        for (same, score) in comparisons {
            let score = if score.is_nan() { f32::NEG_INFINITY } else { score };
            if same { &mut scores.genuine } else { &mut scores.impostor }.push(score);
        }
        scores.genuine.sort_unstable_by(f32::total_cmp);
        scores.impostor.sort_unstable_by(f32::total_cmp);
        scores
    }

    /// Genuine scores, rising.
    pub fn genuine(&self) -> &[f32] {
        &self.genuine
    }

    /// Impostor scores, rising.
    pub fn impostor(&self) -> &[f32] {
        &self.impostor
    }

    /// Impostor comparisons that reach the threshold, which is a match as at the kiosk.
    pub fn false_matches(&self, threshold: f32) -> Count {
        let below = below(&self.impostor, threshold);
        Count { errors: self.impostor.len() as u64 - below, trials: self.impostor.len() as u64 }
    }

    /// Genuine comparisons that do not reach the threshold.
    pub fn false_non_matches(&self, threshold: f32) -> Count {
        Count { errors: below(&self.genuine, threshold), trials: self.genuine.len() as u64 }
    }

    /// FMR and FNMR at every score at which one of them changes, by rising threshold: the curve
    /// of a DET plot. Empty without comparisons of both kinds.
    pub fn curve(&self) -> Vec<(f64, f64)> {
        if self.genuine.is_empty() || self.impostor.is_empty() {
            return Vec::new();
        }
        let mut thresholds: Vec<f32> = self.genuine.iter().chain(&self.impostor).copied().collect();
        thresholds.sort_unstable_by(f32::total_cmp);
        thresholds.dedup();
        thresholds.push(f32::INFINITY);
        thresholds
            .into_iter()
            .filter_map(|threshold| {
                let matches = self.false_matches(threshold).rate()?;
                Some((matches, self.false_non_matches(threshold).rate()?))
            })
            .collect()
    }

    /// The rate at which FMR and FNMR are closest, as their mean. Known as EER; it summarises a
    /// curve and is no operating point.
    pub fn equal_error_rate(&self) -> Option<f64> {
        let apart = |&(fmr, fnmr): &(f64, f64)| (fmr - fnmr).abs();
        let closest = self.curve().into_iter().min_by(|a, b| apart(a).total_cmp(&apart(b)))?;
        Some(f64::midpoint(closest.0, closest.1))
    }
}

fn below(sorted: &[f32], threshold: f32) -> u64 {
    sorted.partition_point(|&score| score < threshold) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_score_that_equals_the_threshold_matches() {
        let scores = Scores::new([(true, 0.5), (true, 0.4), (false, 0.5), (false, 0.1)]);
        assert_eq!(scores.false_matches(0.5), Count { errors: 1, trials: 2 });
        assert_eq!(scores.false_non_matches(0.5), Count { errors: 1, trials: 2 });
        assert_eq!(scores.false_matches(0.500_001).errors, 0);
    }

    #[test]
    fn without_comparisons_there_is_no_rate() {
        let scores = Scores::new([(true, 0.5)]);
        assert_eq!(scores.false_matches(0.5).rate(), None);
        assert!(scores.curve().is_empty() && scores.equal_error_rate().is_none());
    }

    #[test]
    fn a_score_that_is_not_a_number_never_matches() {
        let scores = Scores::new([(true, f32::NAN), (false, f32::NAN)]);
        assert_eq!(scores.false_non_matches(-1.0).errors, 1);
        assert_eq!(scores.false_matches(-1.0).errors, 0);
    }

    #[test]
    fn the_equal_error_rate_is_where_the_curve_crosses() {
        // One of four of each kind is on the wrong side of 0.5.
        let genuine = [0.4, 0.7, 0.8, 0.9].map(|score| (true, score));
        let impostor = [0.6, 0.1, 0.2, 0.3].map(|score| (false, score));
        let rate = Scores::new(genuine.into_iter().chain(impostor)).equal_error_rate();
        assert_eq!(rate, Some(0.25));
    }

    fn comparisons() -> impl Strategy<Value = Vec<(bool, f32)>> {
        prop::collection::vec((any::<bool>(), -1.0_f32..=1.0), 0..200)
    }

    proptest! {
        #[test]
        fn a_higher_threshold_never_lets_more_in_nor_rejects_fewer(
            comparisons in comparisons(), low in -1.1_f32..1.1, step in 0.0_f32..1.0,
        ) {
            let scores = Scores::new(comparisons);
            let high = low + step;
            prop_assert!(scores.false_matches(high).errors <= scores.false_matches(low).errors);
            prop_assert!(
                scores.false_non_matches(high).errors >= scores.false_non_matches(low).errors
            );
        }

        #[test]
        fn the_curve_falls_from_one_corner_to_the_other(comparisons in comparisons()) {
            let curve = Scores::new(comparisons).curve();
            for pair in curve.windows(2) {
                prop_assert!(pair[0].0 >= pair[1].0 && pair[0].1 <= pair[1].1);
            }
            if let (Some(first), Some(last)) = (curve.first(), curve.last()) {
                prop_assert_eq!(*first, (1.0, 0.0));
                prop_assert_eq!(*last, (0.0, 1.0));
            }
        }

        #[test]
        fn counts_are_those_of_looking_at_each(
            comparisons in comparisons(), threshold in -1.0_f32..1.0,
        ) {
            let scores = Scores::new(comparisons.clone());
            let matches = comparisons.iter().filter(|c| !c.0 && c.1 >= threshold).count() as u64;
            let misses = comparisons.iter().filter(|c| c.0 && c.1 < threshold).count() as u64;
            prop_assert_eq!(scores.false_matches(threshold).errors, matches);
            prop_assert_eq!(scores.false_non_matches(threshold).errors, misses);
        }
    }
}
