//! The report on an incident: one page that needs nothing else, Chinese beside English.

use std::fmt::Write as _;

use evaluation::escaped;
use incidents::{Incident, Note, deadline};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use platform::{PolicyPack, Texts};

use crate::view::Language;
use crate::words::words;

const STYLE: &str = include_str!("report.css");

/// What those concerned and the authority are to be told (C32): nature, impact, measures, advice,
/// times, and whom to ask. `versions`: all versions of the incident, the oldest first.
pub(super) fn page(
    versions: &[Incident],
    policy: &PolicyPack,
    kiosk: &str,
    now: Timestamp,
) -> String {
    let Some(last) = versions.last() else { return String::new() };
    let word = |id: &str| Language::ALL.map(|language| words(language, id).to_owned());
    let mut page = format!(
        "<!doctype html>\n<html lang=\"zh-Hans\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>{} {}</title><style>{STYLE}</style></head><body>\n",
        words(Language::Zh, "incident-report"),
        last.number
    );
    let mut part = |id: &str, both: [String; 2]| row(&mut page, "h2", word(id), &[both]);
    part("incident-report", [&policy.zh, &policy.en].map(|texts| texts.operator.clone()));
    let same = |text: String| [text.clone(), text];
    part("incident-report-number", same(format!("{} · {kiosk}", last.number)));
    let class = if last.report.major { "incident-class-major" } else { "incident-class-usual" };
    part("incident-report-class", word(class));
    let kind = format!("incident-kind-{}", last.kind.word());
    part("incident-report-nature", word(&kind));
    part("incident-report-impact", word(&format!("{kind}.impact")));
    let affected = last.affected;
    let counts = [
        ("incident-report-badges", affected.badges),
        ("incident-report-attendees", affected.attendees),
        ("incident-report-photos", affected.photos),
    ];
    for (id, count) in counts {
        part(id, same(count.to_string()));
    }
    part("incident-report-discovered", same(local(last.discovered)));
    part("incident-report-since", same(local(last.since)));
    if last.report.major {
        part("incident-report-deadline", same(local(deadline(last.discovered))));
    }
    let listed = |prefix: &str, ids: Vec<&str>| match ids.as_slice() {
        [] => vec![word("incident-report-none")],
        ids => ids.iter().map(|id| word(&format!("{prefix}-{id}"))).collect::<Vec<_>>(),
    };
    let measures = last.report.measures.iter().map(|measure| measure.word()).collect();
    row(&mut page, "h2", word("incident-report-measures"), &listed("incident-measure", measures));
    let advice = last.report.advice.iter().map(|advice| advice.word()).collect();
    row(&mut page, "h2", word("incident-report-advice"), &listed("incident-advice", advice));
    if let Some(note) = last.report.note.as_ref().map(Note::text) {
        row(&mut page, "h2", word("incident-report-note"), &[same(note.to_owned())]);
    }
    let contact = |texts: &Texts| format!("{} · {}", texts.operator, texts.contact.line());
    let contacts = [contact(&policy.zh), contact(&policy.en)];
    row(&mut page, "h2", word("incident-report-contact"), &[contacts]);
    let recorded: Vec<_> = versions.iter().map(|version| recorded(version, &word)).collect();
    row(&mut page, "h2", word("incident-report-versions"), &recorded);
    row(&mut page, "p", word("incident-report-written"), &[same(local(now))]);
    page + "</body></html>\n"
}

/// When a version was recorded, and by whom: a number and a role.
fn recorded(version: &Incident, word: &impl Fn(&str) -> [String; 2]) -> [String; 2] {
    let role = word(&format!("role-{}", version.role));
    let closed = word("incident-report-closed");
    let at = local(version.recorded);
    std::array::from_fn(|i| {
        let closed = if version.closed { format!(" · {}", closed[i]) } else { String::new() };
        format!("{}. {at} · {} {}{closed}", version.version, role[i], version.staff)
    })
}

/// A heading and lines below it, in both languages side by side.
fn row(page: &mut String, heading: &str, title: [String; 2], lines: &[[String; 2]]) {
    page.push_str("<div class=\"row\">");
    for (place, (lang, title)) in ["zh-Hans", "en"].into_iter().zip(title).enumerate() {
        write!(page, "<section lang=\"{lang}\"><{heading}>{}</{heading}>", escaped(&title)).ok();
        for line in lines {
            write!(page, "<p>{}</p>", escaped(&line[place])).ok();
        }
        page.push_str("</section>");
    }
    page.push_str("</div>\n");
}

fn local(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M %:z").to_string()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

    use incidents::{Advice, Affected, Kind, Measure, Report};

    use super::*;

    const AT: Timestamp = Timestamp::constant(1_793_869_200, 0);

    fn incident(note: &str) -> Incident {
        Incident {
            number: 3,
            version: 1,
            kind: Kind::DeviceLost,
            discovered: AT,
            since: AT,
            recorded: AT,
            staff: 7,
            role: "guard".to_owned(),
            affected: Affected { badges: 41, attendees: 1203, photos: 1187 },
            report: Report {
                major: true,
                measures: [Measure::OutOfService].into(),
                advice: [Advice::KeepBadge].into(),
                note: Note::new(note).unwrap(),
            },
            closed: false,
        }
    }

    fn policy() -> PolicyPack {
        crate::policy::tests::sample()
    }

    #[test]
    fn c32_m53_the_report_states_nature_impact_measures_advice_times_and_contact_in_both_languages()
    {
        let policy = policy();
        let page = page(&[incident("")], &policy, "postern-0", AT);
        for id in [
            "incident-kind-device_lost",
            "incident-kind-device_lost.impact",
            "incident-class-major",
            "incident-measure-out_of_service",
            "incident-advice-keep_badge",
            "incident-report-deadline",
            "incident-report-contact",
            "role-guard",
        ] {
            for language in Language::ALL {
                let words = words(language, id);
                assert!(!words.is_empty() && page.contains(words), "{id} {language:?}");
            }
        }
        for (id, times) in [("41", 2), ("1203", 2), ("1187", 2)] {
            assert_eq!(page.matches(&format!("<p>{id}</p>")).count(), times, "{id}");
        }
        assert!(page.contains(&policy.zh.contact.phone) && page.contains(&policy.en.operator));
        assert!(page.contains(&local(AT)) && page.contains(&local(deadline(AT))));
        // It needs nothing else, and runs nothing.
        for word in ["<script", "http://", "https://", "src=", "url("] {
            assert!(!page.contains(word), "{word}");
        }
        // Chinese first.
        assert!(page.find("zh-Hans") < page.find("lang=\"en\""));
    }

    #[test]
    fn c32_what_somebody_wrote_is_text_in_the_page_and_nothing_else() {
        let mut policy = policy();
        policy.en.operator = "A & B <script>alert(1)</script>".to_owned();
        let page = page(&[incident("<img onerror=\"x\"> & <b>")], &policy, "postern-0", AT);
        assert!(page.contains("&lt;img onerror=&quot;x&quot;&gt; &amp; &lt;b&gt;"));
        assert!(page.contains("A &amp; B &lt;script&gt;"));
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>"));
    }

    #[test]
    fn c32_an_incident_that_is_not_major_has_no_deadline() {
        let mut incident = incident("");
        incident.report.major = false;
        let page = page(&[incident], &policy(), "postern-0", AT);
        assert!(!page.contains(words(Language::En, "incident-report-deadline")));
        assert!(page.contains(words(Language::En, "incident-class-usual")));
    }
}
