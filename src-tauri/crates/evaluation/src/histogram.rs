//! Score histograms.

use std::fmt::Write as _;

use crate::rates::Scores;
use crate::svg::{Plot, number};

/// Bins over the range of the cosine, −1..1.
const BINS: usize = 100;

/// How many of the scores are in each bin of −1..1, in order.
pub(crate) fn bins(scores: &[f32]) -> [u64; BINS] {
    let mut bins = [0; BINS];
    for score in scores {
        let place = (f64::midpoint(f64::from(*score), 1.0) * BINS as f64).floor();
        bins[(place.max(0.0) as usize).min(BINS - 1)] += 1;
    }
    bins
}

/// Genuine and impostor scores, each as shares of their own kind, with marked thresholds.
pub(crate) fn plot(scores: &Scores, marks: &[(&str, f64)]) -> String {
    let kinds = [("impostor", scores.impostor()), ("genuine", scores.genuine())];
    let shares = kinds.map(|(name, scores)| {
        let total = scores.len().max(1) as f64;
        (name, bins(scores).map(|count| count as f64 / total))
    });
    let used = |bin: usize| shares.iter().any(|(_, shares)| shares[bin] > 0.0);
    let first = (0..BINS).find(|bin| used(*bin)).unwrap_or(0);
    let last = (0..BINS).rev().find(|bin| used(*bin)).unwrap_or(BINS - 1);
    let start = |bin: usize| bin as f64 * 2.0 / BINS as f64 - 1.0;
    // Every mark is inside, and a scale of tenths fits.
    let low = marks.iter().fold(start(first), |low, mark| low.min(mark.1));
    let high = marks.iter().fold(start(last + 1), |high, mark| high.max(mark.1));
    let (low, high) = ((low * 10.0).floor() / 10.0, (high * 10.0).ceil() / 10.0);
    let top = shares.iter().flat_map(|(_, shares)| shares).copied().fold(0.01, f64::max);
    let plot = Plot { x: (low, high), y: (0.0, top * 1.25) };
    let mut svg = Plot::begin("Score histogram", "comparison score", "share of comparisons");
    let tenths = ((low * 10.0).round() as i32)..=((high * 10.0).round() as i32);
    for tenth in tenths {
        let value = f64::from(tenth) / 10.0;
        plot.tick_x(&mut svg, value, &format!("{value:.1}"));
    }
    for step in 0..=4 {
        let value = top * f64::from(step) / 4.0;
        plot.tick_y(&mut svg, value, &format!("{:.1} %", 100.0 * value));
    }
    for (name, shares) in &shares {
        let mut path = String::new();
        for (bin, share) in shares.iter().enumerate().take(last + 1).skip(first) {
            let (left, y) = plot.at(start(bin), *share);
            let (right, _) = plot.at(start(bin + 1), *share);
            let begin = if path.is_empty() {
                let (_, zero) = plot.at(start(bin), 0.0);
                format!("M{} {}", number(left), number(zero))
            } else {
                String::new()
            };
            write!(path, "{begin}L{} {y}H{}", number(left), number(right), y = number(y)).ok();
        }
        let (_, zero) = plot.at(low, 0.0);
        write!(svg, "<path class=\"area {name}\" d=\"{path}V{}Z\"/>", number(zero)).ok();
    }
    for (name, value) in marks {
        plot.mark_x(&mut svg, *value, name);
    }
    Plot::key(
        &mut svg,
        &[("impostor", "impostor comparisons"), ("genuine", "genuine comparisons")],
    );
    svg + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_score_is_in_one_bin() {
        let bins = bins(&[-1.0, -0.99, 0.0, 0.019, 0.021, 1.0, 7.0, f32::NEG_INFINITY]);
        assert_eq!(bins.iter().sum::<u64>(), 8);
        assert_eq!((bins[0], bins[50], bins[51], bins[99]), (3, 2, 1, 2));
    }

    #[test]
    fn a_plot_has_both_kinds_and_its_marks() {
        let scores = Scores::new([(true, 0.7), (true, 0.8), (false, 0.1)]);
        let svg = plot(&scores, &[("kiosk", 0.557)]);
        for wanted in ["area genuine", "area impostor", "kiosk", "</svg>"] {
            assert!(svg.contains(wanted), "{wanted}: {svg}");
        }
        assert!(!plot(&Scores::default(), &[]).contains("NaN"));
    }
}
