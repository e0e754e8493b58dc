//! The DET plot: FNMR over FMR on normal-deviate axes (Martin et al., 1997; ISO/IEC 19795-1).

use std::fmt::Write as _;

use crate::rates::Scores;
use crate::special::probit;
use crate::svg::{Plot, escaped, number};

/// Rates at the edges of the plot; what lies outside is drawn at the edge.
const LOWEST: f64 = 1e-5;
const HIGHEST: f64 = 0.5;
const TICKS: [(f64, &str); 8] = [
    (1e-5, "0.001 %"),
    (1e-4, "0.01 %"),
    (1e-3, "0.1 %"),
    (0.01, "1 %"),
    (0.05, "5 %"),
    (0.1, "10 %"),
    (0.2, "20 %"),
    (0.5, "50 %"),
];
/// Curves that have a colour of their own.
const COLOURS: usize = 8;

/// One curve for each set of scores, the first one thick, and marked points (FMR, FNMR).
pub(crate) fn plot(curves: &[(&str, &Scores)], points: &[(&str, f64, f64)]) -> String {
    let plot = Plot { x: (probit(LOWEST), probit(HIGHEST)), y: (probit(LOWEST), probit(HIGHEST)) };
    let mut svg = Plot::begin("DET plot", "false match rate (FMR)", "false non-match rate (FNMR)");
    for (rate, label) in TICKS {
        plot.tick_x(&mut svg, probit(rate), label);
        plot.tick_y(&mut svg, probit(rate), label);
    }
    for (index, (_, scores)) in curves.iter().enumerate() {
        let points = drawn(&scores.curve(), &plot);
        if !points.is_empty() {
            let points = points.join(" ");
            write!(svg, "<polyline class=\"curve c{}\" points=\"{points}\"/>", index % COLOURS)
                .ok();
        }
    }
    for (name, fmr, fnmr) in points {
        let (x, y) = place(&plot, (*fmr, *fnmr));
        let class = if *name == "kiosk" { "kiosk" } else { "mark" };
        write!(
            svg,
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"5\"><title>{name}</title></circle>",
            x = number(x),
            y = number(y)
        )
        .ok();
    }
    let classes: Vec<String> = (0..curves.len()).map(|i| format!("c{}", i % COLOURS)).collect();
    let names: Vec<String> = curves.iter().map(|(name, _)| escaped(name)).collect();
    let mut key: Vec<(&str, &str)> =
        classes.iter().map(String::as_str).zip(names.iter().map(String::as_str)).collect();
    for (name, class, text) in
        [("report", "mark", "report's threshold"), ("kiosk", "kiosk", "kiosk's threshold")]
    {
        if points.iter().any(|point| point.0 == name) {
            key.push((class, text));
        }
    }
    Plot::key(&mut svg, &key);
    svg + "</svg>"
}

fn place(plot: &Plot, (matches, misses): (f64, f64)) -> (f64, f64) {
    plot.at(probit(matches.clamp(LOWEST, HIGHEST)), probit(misses.clamp(LOWEST, HIGHEST)))
}

/// The points of a curve as they are drawn: one for each place, so that millions of scores make
/// a small picture.
fn drawn(curve: &[(f64, f64)], plot: &Plot) -> Vec<String> {
    let mut points: Vec<String> = Vec::new();
    let mut last = None;
    for point in curve {
        let (x, y) = place(plot, *point);
        // A step: first down or across, then the other.
        if let Some((before, _)) = last {
            points.push(format!("{},{}", number(before), number(y)));
        }
        points.push(format!("{},{}", number(x), number(y)));
        last = Some((x, y));
    }
    points.dedup();
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_monotone_and_small() {
        let comparisons = (0..20_000_u16).map(|i| {
            let wave = f32::from(i % 997) / 997.0;
            (i % 4 == 0, if i % 4 == 0 { 0.2 + 0.7 * wave } else { 0.5 * wave })
        });
        let scores = Scores::new(comparisons);
        let plot =
            Plot { x: (probit(LOWEST), probit(HIGHEST)), y: (probit(LOWEST), probit(HIGHEST)) };
        let points = drawn(&scores.curve(), &plot);
        assert!((10..8_000).contains(&points.len()), "{}", points.len());
        let numbers: Vec<(f64, f64)> = points
            .iter()
            .filter_map(|point| point.split_once(','))
            .filter_map(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)))
            .collect();
        assert_eq!(numbers.len(), points.len());
        // Higher thresholds go to the left and up.
        assert!(numbers.windows(2).all(|pair| pair[0].0 >= pair[1].0 && pair[0].1 >= pair[1].1));
    }

    #[test]
    fn names_are_text_and_nothing_is_drawn_of_nothing() {
        let scores = Scores::new([(true, 0.5), (false, 0.1)]);
        let svg = super::plot(&[("<all>", &scores)], &[("kiosk", 0.0, 1.0)]);
        assert!(svg.contains("kiosk's threshold") && !svg.contains("report's threshold"));
        assert!(svg.contains("&lt;all&gt;") && !svg.contains("<all>") && !svg.contains("NaN"));
        assert!(!super::plot(&[("all", &Scores::default())], &[]).contains("polyline"));
    }
}
