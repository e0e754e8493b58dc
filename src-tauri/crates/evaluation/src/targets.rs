//! What NIST SP 800-63A-4 (section 3.8 on biometrics) asks of a comparison and of attack
//! detection, and whether the data show it (POLICY.md L6).

use serde::Serialize;

use crate::html::per_cent;
use crate::report::Report;

/// One thing that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Target {
    /// `fmr`, `fnmr`, `group_fmr`, `group_fnmr` or `apcer`.
    pub figure: &'static str,
    /// The most that is allowed: a share, or for groups a multiple of their mean.
    pub most: f64,
    /// What was measured, at the report's threshold.
    pub measured: Option<f64>,
    /// What follows.
    pub verdict: TargetVerdict,
}

/// Whether data show that a target is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetVerdict {
    /// Even the upper end of the wider 95 % interval keeps to it.
    Met,
    /// What was measured is above it.
    Missed,
    /// What was measured keeps to it, and the data are too few to show that it is so.
    NotShown,
    /// Nothing was measured.
    NotMeasured,
}

impl TargetVerdict {
    fn of(measured: Option<f64>, high: Option<f64>, most: f64) -> Self {
        match (measured, high) {
            (None, _) => Self::NotMeasured,
            (Some(measured), _) if measured > most => Self::Missed,
            (Some(_), Some(high)) if high <= most => Self::Met,
            _ => Self::NotShown,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::NotShown => "not shown: too few data",
            Self::NotMeasured => "not measured",
        }
    }
}

impl Target {
    /// All of them.
    pub(crate) fn all(report: &Report) -> Vec<Target> {
        let (rates, spread) = (&report.rates, report.group_spread.as_ref());
        let wider = |intervals: [Option<crate::Interval>; 2]| {
            intervals.into_iter().flatten().map(|interval| interval.high).reduce(f64::max)
        };
        let worst_attack = report
            .attacks
            .attacks
            .values()
            .filter_map(|species| Some(species.interval?.high))
            .reduce(f64::max);
        let target = |figure, most, measured, high| Target {
            figure,
            most,
            measured,
            verdict: TargetVerdict::of(measured, high, most),
        };
        // A multiple of the mean has no interval: what is measured is not shown, or it is missed.
        let group = |figure, ratio: Option<f64>| target(figure, 1.25, ratio, None);
        vec![
            target(
                "fmr",
                1e-4,
                rates.fmr,
                wider([rates.fmr_interval, rates.fmr_interval_by_subject]),
            ),
            target(
                "fnmr",
                1e-2,
                rates.fnmr,
                wider([rates.fnmr_interval, rates.fnmr_interval_by_subject]),
            ),
            group("group_fmr", spread.and_then(|spread| spread.worst_fmr_to_mean)),
            group("group_fnmr", spread.and_then(|spread| spread.worst_fnmr_to_mean)),
            target("apcer", 0.07, report.attacks.apcer_worst, worst_attack),
        ]
    }

    /// A line of the page's table.
    pub(crate) fn row(&self) -> String {
        let value = |value: f64| match self.figure {
            "group_fmr" | "group_fnmr" => format!("{value:.2} × mean"),
            _ => per_cent(value),
        };
        let name = match self.figure {
            "fmr" => "FMR",
            "fnmr" => "FNMR",
            "group_fmr" => "FMR of the worst group",
            "group_fnmr" => "FNMR of the worst group",
            _ => "APCER of the worst species",
        };
        format!(
            "<tr><td>{name}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            value(self.most),
            self.measured.map_or_else(|| "–".to_owned(), value),
            self.verdict.words()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intervals::clopper_pearson;

    #[test]
    fn l6_a_target_is_met_when_the_data_show_it_and_not_when_they_are_only_few() {
        let judged = |errors: u64, trials: u64, most| {
            let high = clopper_pearson(errors, trials).high;
            TargetVerdict::of(Some(errors as f64 / trials as f64), Some(high), most)
        };
        assert_eq!(judged(0, 100_000, 1e-4), TargetVerdict::Met);
        assert_eq!(judged(0, 3_000, 1e-4), TargetVerdict::NotShown);
        assert_eq!(judged(2, 10_000, 1e-4), TargetVerdict::Missed);
        assert_eq!(judged(5, 1_000, 1e-2), TargetVerdict::NotShown);
        assert_eq!(judged(5, 2_000, 1e-2), TargetVerdict::Met);
        assert_eq!(judged(4, 50, 0.07), TargetVerdict::Missed);
        assert_eq!(TargetVerdict::of(None, None, 0.07), TargetVerdict::NotMeasured);
        assert_eq!(TargetVerdict::of(Some(1.2), None, 1.25), TargetVerdict::NotShown);
        assert_eq!(TargetVerdict::of(Some(1.3), None, 1.25), TargetVerdict::Missed);
    }
}
