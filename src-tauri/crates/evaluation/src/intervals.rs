//! How far a measured share may be from the true one.

use serde::Serialize;

use crate::special::beta_cdf;

/// A 95 % interval of a share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end, 0..=1.
    pub low: f64,
    /// Its upper end, 0..=1.
    pub high: f64,
}

/// The two-sided 95 % interval of Clopper and Pearson (Biometrika, 1934) for `errors` among
/// `trials`. It holds for independent trials; comparisons of one person are not, so that the
/// true interval is wider. Without trials it is everything.
pub fn clopper_pearson(errors: u64, trials: u64) -> Interval {
    let (k, n) = (errors as f64, trials as f64);
    let low = if errors == 0 { 0.0 } else { beta_quantile(0.025, k, n - k + 1.0) };
    let high = if errors >= trials { 1.0 } else { beta_quantile(0.975, k + 1.0, n - k) };
    Interval { low, high }
}

/// The share that the true one stays below with 95 % (one-sided, Clopper and Pearson). With
/// no errors it is close to `3 / trials`, the rule of three.
pub fn upper_bound(errors: u64, trials: u64) -> f64 {
    let (k, n) = (errors as f64, trials as f64);
    if errors >= trials { 1.0 } else { beta_quantile(0.95, k + 1.0, n - k) }
}

/// How many comparisons without an error show a rate of at most `rate` with 95 %: the rule of
/// three. `None` if that is more than can be counted.
pub fn needed_for(rate: f64) -> Option<u64> {
    // Not one too many for 3 / 0.001, which is a little more than 3,000 in binary.
    let needed = (3.0 / rate - 1e-6).ceil();
    (1.0..1e15).contains(&needed).then_some(needed as u64)
}

/// The lowest rate that `trials` comparisons can show with 95 %, by the rule of three; 1 if
/// there are fewer than three.
pub fn shown_by(trials: u64) -> f64 {
    if trials < 3 { 1.0 } else { 3.0 / trials as f64 }
}

fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if beta_cdf(middle, a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn intervals_are_those_of_statsmodels() {
        // statsmodels.stats.proportion.proportion_confint(k, n, 0.05, "beta"), 0.15.0, and
        // scipy.stats.beta.ppf(0.95, k + 1, n - k), SciPy 1.17.1.
        for (k, n, low, high, upper) in [
            (0, 10, 0.0, 0.308_497_107_818_760_83, 0.258_865_550_893_052_2),
            (0, 3_000, 0.0, 0.001_228_870_803_825_512, 0.000_998_079_011_996_586_5),
            (1, 10, 0.002_528_578_544_461_784_8, 0.445_016_117_028_195_3, 0.394_163_302_436_504_7),
            (5, 100, 0.016_431_879_182_052_155, 0.112_834_911_105_462_76, 0.102_253_377_643_274_5),
            (3, 3_000, 0.000_206_271_537_162_257, 0.002_919_616_465_253, 0.002_582_505_138_293),
            (17, 450, 0.022_158_216_179_523_6, 0.059_798_200_644_746_5, 0.056_128_497_777_380_4),
            (450, 450, 0.991_835_998_063_105_6, 1.0, 1.0),
            (10, 10, 0.691_502_892_181_239_2, 1.0, 1.0),
            (500, 1_000, 0.468_549_172_971_791_9, 0.531_450_827_028_208_1, 0.526_482_268_764_308_7),
            (8, 18_915, 0.000_182_614_644_108, 0.000_833_198_760_054, 0.000_763_002_617_815),
        ] {
            let found = clopper_pearson(k, n);
            assert!((found.low - low).abs() < 1e-9, "{k} of {n}: {found:?}");
            assert!((found.high - high).abs() < 1e-9, "{k} of {n}: {found:?}");
            assert!((upper_bound(k, n) - upper).abs() < 1e-9, "{k} of {n}");
        }
    }

    #[test]
    fn without_trials_nothing_is_known() {
        assert_eq!(clopper_pearson(0, 0), Interval { low: 0.0, high: 1.0 });
        assert!(upper_bound(0, 0) >= 1.0 && shown_by(0) >= 1.0);
    }

    #[test]
    fn the_rule_of_three_counts_as_written() {
        assert_eq!(needed_for(1e-3), Some(3_000));
        assert_eq!(needed_for(1e-4), Some(30_000));
        assert_eq!(needed_for(0.07), Some(43));
        assert_eq!(needed_for(0.0), None);
        assert!((shown_by(4_500) - 6.666_666e-4).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn an_interval_holds_the_share_and_more_trials_narrow_it(
            errors in 0_u64..500, more in 0_u64..5_000,
        ) {
            let trials = errors + more + 1;
            let share = errors as f64 / trials as f64;
            let interval = clopper_pearson(errors, trials);
            prop_assert!(interval.low <= share && share <= interval.high, "{interval:?}");
            prop_assert!(upper_bound(errors, trials) <= interval.high);
            let wider = clopper_pearson(errors, trials);
            let narrower = clopper_pearson(10 * errors, 10 * trials);
            prop_assert!(narrower.high - narrower.low < wider.high - wider.low);
        }

        #[test]
        fn the_rule_of_three_is_close_to_the_exact_bound(trials in 100_u64..1_000_000) {
            let exact = upper_bound(0, trials);
            prop_assert!(exact < shown_by(trials) && shown_by(trials) < 1.02 * exact);
        }
    }
}
