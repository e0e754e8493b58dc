//! The report as one page that needs nothing else: no script, no network, no other file.

use std::fmt::Write as _;

use crate::attacks::{AttackRates, Presentations};
use crate::intervals::Interval;
use crate::report::{Acquisition, LimitsFrom, Rates, Report, ThresholdFrom};
use crate::svg::escaped;
use crate::targets::Target;
use crate::verdict::verdict;
use crate::{det, histogram};

const STYLE: &str = include_str!("page.css");

impl Report {
    /// The report as a page for a technician.
    pub fn to_html(&self) -> String {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'; style-src 'unsafe-inline'\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <title>Postern: measured error rates</title><style>{STYLE}</style></head><body>\n\
             <h1>Measured error rates</h1>\n\
             <p class=\"note\">Postern {}, template model <code>{}</code>. Thresholds on this page \
             hold for this model only, and for pictures like those that were evaluated.</p>\n",
            self.postern, self.model
        );
        page += match self.limits_from {
            LimitsFrom::Kiosk => {
                "<p class=\"note\">Measured with the limits of the kiosk's configuration.</p>\n"
            }
            LimitsFrom::Default => {
                "<p class=\"note\">Measured with the built-in limits, not with those of a \
                 kiosk's configuration.</p>\n"
            }
        };
        if self.enlarged {
            page += "<p class=\"verdict weak\">Pictures smaller than a frame of the camera were \
                     enlarged to it: the gates have seen other pictures than at the kiosk.</p>\n";
        }
        if !self.rows.contains_key("pairs") && self.comparisons == crate::Comparisons::default() {
            page += "<p>No pairs were evaluated.</p>\n";
        } else {
            self.comparison_part(&mut page);
        }
        if self.attacks.live.presentations > 0 || !self.attacks.attacks.is_empty() {
            self.attack_part(&mut page);
        }
        self.target_part(&mut page);
        self.rows_part(&mut page);
        page + "</body></html>\n"
    }

    fn comparison_part(&self, page: &mut String) {
        page.push_str(&verdict(self));
        page.push_str("<h2>Rates of the comparison</h2>\n");
        let calibrated = self.threshold_from != ThresholdFrom::Uncalibrated;
        let report = Some(&self.rates).filter(|_| calibrated);
        let columns: Vec<_> =
            [("kiosk's threshold", self.kiosk.as_ref()), ("report's threshold", report)]
                .into_iter()
                .filter_map(|(name, rates)| Some((name, rates?)))
                .collect();
        if !columns.is_empty() {
            page.push_str(&rates_table(&columns));
        }
        let c = &self.comparisons;
        say(
            page,
            "p class=\"note\"",
            &format!(
                "{} genuine and {} impostor comparisons of {} persons; {} genuine and {} impostor pairs \
             could not be compared, for a file gave no template. The first interval takes \
             comparisons for independent; the second draws persons, for comparisons of one person \
             are alike. Believe the wider one.",
                c.genuine,
                c.impostor,
                self.subjects,
                c.genuine_not_acquired,
                c.impostor_not_acquired
            ),
        );
        if self.contradictions > 0 {
            say(
                page,
                "p class=\"verdict weak\"",
                &format!(
                    "{} impostor pairs are of files that other rows say are of one person. Correct the \
                 list: they count as false matches.",
                    self.contradictions
                ),
            );
        }
        let groups = self.group_scores.iter().map(|(name, scores)| (name.as_str(), scores));
        let curves: Vec<_> = std::iter::once(("all", &self.scores)).chain(groups).take(8).collect();
        let point = |name, rates: &Rates| Some((name, rates.fmr?, rates.fnmr?));
        let kiosk = self.kiosk.as_ref().and_then(|rates| point("kiosk", rates));
        let points: Vec<_> = point("report", &self.rates).into_iter().chain(kiosk).collect();
        figure(
            page,
            &det::plot(&curves, &points),
            "Each point of a curve is a threshold; further down and left is better. Rates below \
             0.001 % and above 50 % are drawn at the edge.",
        );
        let marks: Vec<_> = [("kiosk", self.kiosk_threshold), ("report", self.rates.threshold)]
            .into_iter()
            .filter_map(|(name, threshold)| Some((name, threshold?)))
            .collect();
        figure(
            page,
            &histogram::plot(&self.scores, &marks),
            "Impostors right of a threshold are let in, genuine persons left of it are sent to \
             staff.",
        );
        self.operating_points_part(page);
        self.groups_part(page);
        page.push_str("<h2>Failure to acquire</h2>\n");
        page.push_str(
            "<div class=\"wide\"><table><tr><th>role</th><th>files</th><th>failed</th>\
                       <th>share</th><th>reasons</th></tr>",
        );
        acquisition_row(page, "certificate photo (file_a)", &self.references);
        acquisition_row(page, "camera (file_b), the FTA of this report", &self.probes);
        page.push_str("</table></div>\n");
    }

    fn operating_points_part(&self, page: &mut String) {
        page.push_str(
            "<h2>Thresholds for other rates</h2>\n<div class=\"wide\"><table><tr><th>wanted \
             FMR</th><th>threshold</th><th>FNMR there</th><th>FMR stays below (95 %)</th>\
             <th>threshold that stays below</th><th>comparisons needed</th><th>supported</th></tr>",
        );
        for point in &self.operating_points {
            let r = &point.recommendation;
            let four =
                |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.4}"));
            write!(
                page,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
                 <td>{}</td></tr>",
                per_cent(r.fmr),
                four(r.threshold),
                rate(point.fnmr),
                rate(r.upper_bound),
                four(r.assured_threshold),
                r.needed.map_or_else(String::new, |needed| needed.to_string()),
                if r.supported { "yes" } else { "no: threshold without any false match" },
            )
            .ok();
        }
        page.push_str("</table></div>\n");
        if let Some(equal) = self.equal_error_rate {
            say(
                page,
                "p class=\"note\"",
                &format!("FMR and FNMR are equal at {}.", per_cent(equal)),
            );
        }
    }

    fn groups_part(&self, page: &mut String) {
        if self.groups.is_empty() {
            return;
        }
        page.push_str(
            "<h2>Groups</h2>\n<div class=\"wide\"><table><tr><th>group</th><th>comparisons<span \
             class=\"small\">genuine / impostor</span></th><th>FMR</th><th>FNMR</th><th>FRR</th>\
             <th>FTA</th><th>at the kiosk's threshold<span class=\"small\">FMR / FNMR</span></th>\
             <th>own threshold<span class=\"small\">for the wanted FMR</span></th></tr>",
        );
        for (name, group) in &self.groups {
            let r = &group.recommendation;
            write!(
                page,
                "<tr><td>{}</td><td>{} / {}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
                 <td>{} / {}</td><td>{}</td></tr>",
                escaped(name),
                group.comparisons.genuine,
                group.comparisons.impostor,
                with_interval(group.rates.fmr, group.rates.fmr_interval, None),
                with_interval(group.rates.fnmr, group.rates.fnmr_interval, None),
                rate(group.rates.frr),
                rate(group.fta),
                rate(group.kiosk.and_then(|rates| rates.fmr)),
                rate(group.kiosk.and_then(|rates| rates.fnmr)),
                match r.threshold {
                    Some(threshold) if r.supported => format!("{threshold:.4}"),
                    _ => "too few impostors".to_owned(),
                },
            )
            .ok();
        }
        page.push_str("</table></div>\n");
        let Some(spread) = &self.group_spread else { return };
        let worst = |name: &Option<String>, ratio: Option<f64>, what: &str| {
            let (name, ratio) = (name.as_ref()?, ratio?);
            Some(format!("The {what} of {} is {ratio:.2} times the mean. ", escaped(name)))
        };
        let text: String = [
            worst(&spread.worst_fnmr_group, spread.worst_fnmr_to_mean, "FNMR"),
            worst(&spread.worst_fmr_group, spread.worst_fmr_to_mean, "FMR"),
        ]
        .into_iter()
        .flatten()
        .collect();
        say(page, "p", &(text + "No group should be above 1.25."));
    }

    fn attack_part(&self, page: &mut String) {
        page.push_str("<h2>Attack detection</h2>\n");
        attack_table(page, &self.attacks);
        say(
            page,
            "p class=\"note\"",
            "APCER: attacks taken for bona fide without a challenge; the worst species counts. BPCER: \
             bona fide presentations taken for attacks. A recording cannot answer when the kiosk \
             asks the visitor to move: those are counted apart.",
        );
        for (name, rates) in &self.attack_groups {
            say(page, "h3", &escaped(name));
            attack_table(page, rates);
        }
    }

    fn target_part(&self, page: &mut String) {
        page.push_str(
            "<h2>Targets</h2>\n<div class=\"wide\"><table><tr><th>figure (NIST SP 800-63A-4)</th>\
             <th>at most</th><th>measured</th><th>by these data</th></tr>\n",
        );
        page.extend(self.targets.iter().map(Target::row));
        page.push_str("</table></div>\n");
    }

    fn rows_part(&self, page: &mut String) {
        for (list, rows) in &self.rows {
            if rows.refused.is_empty() && rows.ignored_columns.is_empty() {
                continue;
            }
            say(page, "h2", &format!("Rows of the list of {list}"));
            if !rows.refused.is_empty() {
                let refused: Vec<String> = rows
                    .refused
                    .iter()
                    .map(|row| format!("line {}: {}", row.line, words(row.reason)))
                    .collect();
                say(
                    page,
                    "p",
                    &format!(
                        "{} of {} rows were not evaluated: {}.",
                        rows.refused.len(),
                        rows.rows,
                        refused.join("; ")
                    ),
                );
            }
            if !rows.ignored_columns.is_empty() {
                let columns = escaped(&rows.ignored_columns.join(", "));
                say(page, "p", &format!("Columns that nothing was made of: {columns}."));
            }
        }
    }
}

/// An element with safe content.
fn say(page: &mut String, element: &str, content: &str) {
    let name = element.split(' ').next().unwrap_or(element);
    // Writing to a string does not fail, here and elsewhere on this page.
    writeln!(page, "<{element}>{content}</{name}>").ok();
}

fn figure(page: &mut String, svg: &str, caption: &str) {
    writeln!(page, "<figure>{svg}<figcaption>{caption}</figcaption></figure>").ok();
}

fn rates_table(columns: &[(&str, &Rates)]) -> String {
    type Cell = fn(&Rates) -> String;
    let lines: [(&str, Cell); 5] = [
        ("threshold", |r| {
            r.threshold.map_or_else(|| "–".to_owned(), |at| format!("<strong>{at:.4}</strong>"))
        }),
        ("FMR: impostors that match", |r| {
            with_interval(r.fmr, r.fmr_interval, r.fmr_interval_by_subject)
        }),
        ("FNMR: genuine persons that do not match", |r| {
            with_interval(r.fnmr, r.fnmr_interval, r.fnmr_interval_by_subject)
        }),
        ("FRR: the same and failures to acquire", |r| with_interval(r.frr, r.frr_interval, None)),
        ("FAR: impostors that match, of all pairs", |r| rate(r.far)),
    ];
    let mut table = String::from("<div class=\"wide\"><table><tr><th></th>");
    for (name, _) in columns {
        write!(table, "<th>{name}</th>").ok();
    }
    for (name, cell) in &lines {
        write!(table, "</tr>\n<tr><td>{name}</td>").ok();
        for (_, rates) in columns {
            write!(table, "<td>{}</td>", cell(rates)).ok();
        }
    }
    table + "</tr></table></div>\n"
}

fn acquisition_row(page: &mut String, role: &str, counts: &Acquisition) {
    write!(
        page,
        "<tr><td>{role}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        counts.files,
        counts.failed,
        with_interval(counts.rate, counts.interval, None),
        reasons(counts.reasons.iter()),
    )
    .ok();
}

fn reasons<'a>(reasons: impl Iterator<Item = (&'a &'static str, &'a u64)>) -> String {
    let list: Vec<String> =
        reasons.map(|(reason, count)| format!("{}: {count}", words(reason))).collect();
    if list.is_empty() { "–".to_owned() } else { list.join("<br>") }
}

fn attack_table(page: &mut String, rates: &AttackRates) {
    page.push_str(
        "<div class=\"wide\"><table><tr><th>presentations</th><th>number</th><th>taken for bona \
         fide</th><th>suspected</th><th>asked to move</th><th>not acquired</th><th>error rate</th>\
         <th>reasons</th></tr>\n",
    );
    let mut row = |name: &str, what: &str, counts: &Presentations| {
        writeln!(
            page,
            "<tr><td>{name}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{what} {}</td>\
             <td>{}</td></tr>",
            counts.presentations,
            counts.bona_fide,
            counts.suspected,
            counts.challenged,
            counts.not_acquired,
            with_interval(counts.rate, counts.interval, None),
            reasons(counts.reasons.iter()),
        )
        .ok();
    };
    row("live", "BPCER", &rates.live);
    for (species, counts) in &rates.attacks {
        let worst = rates.apcer_worst_species.as_ref() == Some(species);
        let name = escaped(species);
        row(&if worst { format!("{name} (worst)") } else { name }, "APCER", counts);
    }
    page.push_str("</table></div>\n");
}

fn with_interval(value: Option<f64>, first: Option<Interval>, second: Option<Interval>) -> String {
    let mut text = rate(value);
    for (interval, what) in [(first, ""), (second, " by person")] {
        if let Some(Interval { low, high }) = interval {
            let (low, high) = (per_cent(low), per_cent(high));
            write!(text, "<span class=\"small\">{low} to {high}{what}</span>").ok();
        }
    }
    text
}

pub(crate) fn rate(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), per_cent)
}

/// A share as per cent with three digits that say something.
pub(crate) fn per_cent(share: f64) -> String {
    let value = 100.0 * share;
    let digits = match value {
        value if value >= 10.0 => 1,
        value if value >= 1.0 || value == 0.0 => 2,
        value if value >= 0.1 => 3,
        value if value >= 0.01 => 4,
        _ => 5,
    };
    let text = format!("{value:.digits$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} %")
}

/// A reason's word as words.
fn words(reason: &str) -> String {
    reason.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_written_with_digits_that_say_something() {
        for (share, expected) in [
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.123_45, "12.3 %"),
            (0.012_345, "1.23 %"),
            (0.001, "0.1 %"),
            (0.001_234_5, "0.123 %"),
            (0.000_1, "0.01 %"),
            (0.000_012_3, "0.00123 %"),
        ] {
            assert_eq!(per_cent(share), expected);
        }
    }
}
