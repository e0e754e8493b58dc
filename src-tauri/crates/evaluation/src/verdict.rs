//! The box at the top of the page: what threshold follows from the data, if any.

use crate::html::{per_cent, rate};
use crate::report::{Report, ThresholdFrom};

/// The box as HTML.
pub(crate) fn verdict(report: &Report) -> String {
    let supported =
        matches!(report.threshold_from, ThresholdFrom::Data | ThresholdFrom::WorstGroup);
    let class = if supported { "verdict" } else { "verdict weak" };
    let text = if supported { recommended(report) } else { unsupported(report) };
    let lower = report.rates.threshold.zip(report.kiosk_threshold);
    let lower = if lower.is_some_and(|(threshold, kiosk)| threshold < kiosk) {
        " It is lower than the kiosk's: keep the kiosk's, unless these are pictures of your \
         visitors, in your light, before your camera."
    } else {
        ""
    };
    let foreign = if report.kiosk_threshold.is_none() {
        format!(
            " The threshold of the limits is for the model <code>{}</code> and says nothing here; \
             with it a kiosk keeps its face lane closed.",
            report.limits.threshold_model
        )
    } else {
        String::new()
    };
    let keys = if supported { keys(report) } else { String::new() };
    format!("<div class=\"{class}\">{text}{lower}{foreign}{keys}</div>\n")
}

fn recommended(report: &Report) -> String {
    let r = &report.recommendation;
    let count = report.rates.threshold.map(|at| report.scores.false_matches(at as f32));
    format!(
        "<strong>Recommended threshold for FMR {}: {}</strong>{}. {} impostor comparisons were \
         made, {} are needed by the rule of three. With 95 %, the FMR of all comparisons stays \
         below {}.",
        per_cent(r.fmr),
        four(report.rates.threshold),
        if report.threshold_from == ThresholdFrom::WorstGroup {
            ", the one of the group that needs the highest"
        } else {
            ""
        },
        r.impostors,
        needed(report),
        rate(count.map(|count| crate::upper_bound(count.errors, count.trials)))
    )
}

fn unsupported(report: &Report) -> String {
    let r = &report.recommendation;
    let (more, end) = match report.threshold_from {
        ThresholdFrom::KioskRaised => (
            ", and the kiosk's threshold lets impostors in",
            format!(
                "At {} none of them is let in; this report uses that.",
                four(report.rates.threshold)
            ),
        ),
        ThresholdFrom::Uncalibrated => {
            (", and this model has no threshold yet", "There are no rates without one.".to_owned())
        }
        _ => (
            "",
            format!(
                "This report uses the kiosk's own threshold, {}.",
                four(report.rates.threshold)
            ),
        ),
    };
    format!(
        "<strong>The data do not support FMR {}{more}.</strong> {} impostor comparisons were made, \
         {} are needed by the rule of three; so many can show FMR {} at best. {end}",
        per_cent(r.fmr),
        r.impostors,
        needed(report),
        per_cent(r.supported_fmr)
    )
}

/// A supported threshold as the kiosk's configuration has it.
fn keys(report: &Report) -> String {
    format!(
        "<pre>[comparison]\nthreshold = {}\nthreshold_model = \"{}\"</pre>",
        four(report.rates.threshold),
        report.model
    )
}

fn needed(report: &Report) -> String {
    report.recommendation.needed.map_or_else(|| "more".to_owned(), |needed| needed.to_string())
}

fn four(threshold: Option<f64>) -> String {
    threshold.map_or_else(|| "–".to_owned(), |threshold| format!("{threshold:.4}"))
}
