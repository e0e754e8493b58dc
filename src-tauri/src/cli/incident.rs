//! `postern incident`: incidents with personal data (POLICY.md C32).

mod report;

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use audit::{Record, What};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use incidents::{Advice, Change, Countdown, Incident, Kind, Measure, NewIncident, Note, Report};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use store::Store;

use super::pin;
use super::signing_in::{Ask, local, sign_in};
use crate::clock::Clock;
use crate::config::Config;
use crate::rights::Action;
use crate::roster::Roster;
use crate::view::Language;
use crate::words::words;

/// Incidents with personal data: what happened, until when those concerned are to be told, what was
/// done. Nothing that was recorded is changed; a change is another version. End the kiosk first.
#[derive(Subcommand)]
pub(crate) enum IncidentCommand {
    /// Record an incident.
    Record(Box<NewArguments>),
    /// Record what was done, or is known, since.
    Update {
        /// Number of the incident.
        number: u32,
        #[command(flatten)]
        report: ReportArguments,
        #[command(flatten)]
        by: By,
    },
    /// List the incidents, with the time that is left to tell those concerned.
    List,
    /// Show an incident with all its versions.
    Show {
        /// Number of the incident.
        number: u32,
    },
    /// Close an incident. Only a supervisor or a data-protection officer does.
    Close {
        /// Number of the incident.
        number: u32,
        #[command(flatten)]
        by: By,
    },
    /// Write the report on an incident as one HTML page, Chinese beside English, to be printed or
    /// sent. Only a supervisor or a data-protection officer does.
    Export {
        /// Number of the incident.
        number: u32,
        /// The page. An existing file is replaced.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        by: By,
    },
}

/// Who does it.
#[derive(Args)]
pub(crate) struct By {
    /// Number of the member of staff, who types the PIN.
    #[arg(long, value_name = "NUMBER")]
    by: u32,
}

#[derive(Args)]
pub(crate) struct NewArguments {
    /// What happened.
    #[arg(long, value_parser = of(Kind::ALL, Kind::word, Kind::read))]
    kind: Kind,
    /// When it was discovered: `2026-11-05 09:30` by this machine's clock, or with an offset. Now,
    /// if it is left out.
    #[arg(long, value_name = "TIME", value_parser = time)]
    discovered: Option<Timestamp>,
    /// Since when data may be affected. Since its discovery, if it is left out.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    #[command(flatten)]
    report: ReportArguments,
    #[command(flatten)]
    by: By,
}

#[derive(Args)]
pub(crate) struct ReportArguments {
    /// Those concerned are to be told within 72 hours. Some kinds are major by themselves.
    #[arg(long)]
    major: bool,
    /// What was done. May be given again.
    #[arg(long = "measure", value_parser = of(Measure::ALL, Measure::word, Measure::read))]
    measures: Vec<Measure>,
    /// What those concerned are advised. May be given again.
    #[arg(long, value_parser = of(Advice::ALL, Advice::word, Advice::read))]
    advice: Vec<Advice>,
    /// A note in your own words, 200 characters at most. It stands in the report: name nobody, and
    /// write no number or address of anybody.
    #[arg(long, value_name = "TEXT", value_parser = note)]
    note: Option<Note>,
}

impl ReportArguments {
    fn report(&self) -> Report {
        Report {
            major: self.major,
            measures: self.measures.iter().copied().collect(),
            advice: self.advice.iter().copied().collect(),
            note: self.note.clone(),
        }
    }
}

/// Takes the words of a closed list.
fn of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    word: fn(T) -> &'static str,
    read: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(|one| word(*one)))
        .try_map(move |text| read(&text).ok_or("not on the list"))
}

fn note(text: &str) -> Result<Note, String> {
    let note = Note::new(text).map_err(|error| error.to_string())?;
    note.ok_or_else(|| "the note is empty".to_owned())
}

/// A time with its offset, or by the machine's clock.
fn time(text: &str) -> Result<Timestamp, String> {
    let own = |at: DateTime| at.to_zoned(TimeZone::system()).map(|at| at.timestamp());
    text.parse()
        .or_else(|_| text.parse().and_then(own))
        .map_err(|_| "write it as 2026-11-05 09:30".to_owned())
}

impl IncidentCommand {
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        let mut store = crate::kiosk::open_database(config)?;
        let now = Clock::of(&store)?.now();
        match self {
            Self::Record(new) => {
                let incident = record(&mut store, new, now, &mut pin::ask)?;
                say(&line(&incident, now));
                say(&counted(&incident));
            }
            Self::Update { number, report, by } => {
                let change = Change { report: report.report(), close: false };
                ensure!(change != Change::default(), "nothing is new: give --measure, --advice, …");
                let by = (by.by, Action::RecordIncident);
                say(&line(&self::change(&mut store, *number, change, by, now)?, now));
            }
            Self::Close { number, by } => {
                let change = Change { close: true, ..Change::default() };
                let by = (by.by, Action::CloseIncident);
                say(&line(&self::change(&mut store, *number, change, by, now)?, now));
            }
            Self::List => {
                let incidents = store.incidents()?;
                for incident in &incidents {
                    say(&line(incident, now));
                }
                if incidents.is_empty() {
                    say("No incident was recorded.");
                }
            }
            Self::Show { number } => show(&store, *number, now)?,
            Self::Export { number, out, by } => {
                let versions = versions(&store, *number)?;
                let roster = Roster::load(&store)?.context(
                    "no roster was imported: the report names the operator and its contact, which \
                     come with the policy pack",
                )?;
                let kiosk = crate::db::kiosk_key(&store)?.verifier().name().to_owned();
                let member = sign_in(&mut store, by.by, Action::CloseIncident, now, &mut pin::ask)?;
                let what = What::IncidentExported { number: *number };
                store.record(&Record::new(now, member.into(), what))?;
                let page = report::page(&versions, &roster.policy, &kiosk, now);
                std::fs::write(out, page)
                    .with_context(|| format!("cannot write {}", out.display()))?;
                say(&format!("The report on incident {number} is in {}", out.display()));
            }
        }
        Ok(())
    }
}

fn record(
    store: &mut Store,
    new: &NewArguments,
    now: Timestamp,
    ask: &mut Ask<'_>,
) -> anyhow::Result<Incident> {
    let discovered = new.discovered.unwrap_or(now);
    let since = new.since.unwrap_or(discovered);
    let incident = NewIncident::new(new.kind, discovered, since, new.report.report(), now)?;
    let member = sign_in(store, new.by.by, Action::RecordIncident, now, ask)?;
    Ok(store.record_incident(&incident, member, now)?)
}

fn change(
    store: &mut Store,
    number: u32,
    change: Change,
    (by, action): (u32, Action),
    now: Timestamp,
) -> anyhow::Result<Incident> {
    let last = versions(store, number)?;
    ensure!(!last.iter().any(|version| version.closed), "incident {number} is closed");
    let member = sign_in(store, by, action, now, &mut pin::ask)?;
    let changed = store.change_incident(number, change, member, now)?;
    changed.with_context(|| format!("incident {number} is closed"))
}

fn versions(store: &Store, number: u32) -> anyhow::Result<Vec<Incident>> {
    let versions = store.incident_versions(number)?;
    if versions.is_empty() {
        bail!("there is no incident {number}");
    }
    Ok(versions)
}

fn show(store: &Store, number: u32, now: Timestamp) -> anyhow::Result<()> {
    let versions = versions(store, number)?;
    if let Some(incident) = versions.last() {
        say(&line(incident, now));
        say(&format!("Affected since {}", local(incident.since)));
        say(&counted(incident));
    }
    for version in &versions {
        let Incident { version, recorded, staff, role, report, closed, .. } = version;
        let closed = if *closed { ", closed" } else { "" };
        say(&format!("Version {version}, {}, by {role} {staff}{closed}", local(*recorded)));
        for measure in &report.measures {
            say(&format!(
                "  {}",
                words(Language::En, &format!("incident-measure-{}", measure.word()))
            ));
        }
        for advice in &report.advice {
            say(&format!(
                "  {}",
                words(Language::En, &format!("incident-advice-{}", advice.word()))
            ));
        }
        if let Some(note) = &report.note {
            say(&format!("  Note: {}", note.text()));
        }
    }
    Ok(())
}

/// An incident in one line.
fn line(incident: &Incident, now: Timestamp) -> String {
    let Incident { number, version, kind, discovered, report, closed, .. } = incident;
    let state = match (closed, report.major) {
        (true, _) => "closed".to_owned(),
        (false, false) => "open, not major".to_owned(),
        (false, true) => match incidents::countdown(*discovered, now) {
            Countdown::Left(left) => {
                format!("open, MAJOR, {} left to tell those concerned", hours(left))
            }
            Countdown::Overdue(since) => format!("open, MAJOR, OVERDUE for {}", hours(since)),
        },
    };
    let discovered = local(*discovered);
    format!("{number}  {}  discovered {discovered}  version {version}  {state}", kind.word())
}

fn hours(time: jiff::SignedDuration) -> String {
    format!("{} h {} min", time.as_hours(), time.as_mins() % 60)
}

fn counted(incident: &Incident) -> String {
    let affected = incident.affected;
    format!(
        "{} badges were seen in that time; {} attendees and {} photos, sealed, were held.",
        affected.badges, affected.attendees, affected.photos
    )
}

#[expect(clippy::print_stdout, reason = "the command's output")]
fn say(line: &str) {
    println!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_taken_with_an_offset_or_by_the_machines_clock() {
        assert_eq!(
            time("2026-11-05T09:30+08:00").map(|at| at.to_string()),
            Ok("2026-11-05T01:30:00Z".to_owned())
        );
        assert_eq!(time("2026-11-05 09:30").map(local), Ok("2026-11-05 09:30".to_owned()));
        for wrong in ["", "yesterday", "2026-13-05 09:30"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
