//! `postern statistics`: counts of visits that tell of nobody.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Args;
use jiff::civil::Date;
use statistics::{DayFigures, ENOUGH, EqualTreatment, LaneFigure, SLOWER, Total};

use crate::clock::Clock;
use crate::config::Config;
use crate::figures::Figures;

/// How visits ended, by hour and lane, and whether the other way is as quick. Small numbers are
/// hidden, with every total from which one could be worked out; the present hour is left out, and
/// children are in no number. End the kiosk first.
#[derive(Args)]
pub(crate) struct Statistics {
    /// The first day, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Write them to FILE as JSON as well. An existing file is replaced.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Statistics {
    #[expect(clippy::print_stdout, reason = "the command's output")]
    pub(crate) fn run(&self, config: &Config) -> anyhow::Result<()> {
        if let (Some(from), Some(to)) = (self.from, self.to) {
            ensure!(from <= to, "--from {from} is after --to {to}");
        }
        let store = crate::kiosk::open_database(config)?;
        let now = Clock::of(&store)?.now();
        let figures = Figures::of(&store, config.statistics.threshold, self.from, self.to, now)?;
        if let Some(path) = &self.json {
            let text = serde_json::to_string_pretty(&figures)? + "\n";
            std::fs::write(path, text)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        print!("{}", in_words(&figures));
        Ok(())
    }
}

fn in_words(figures: &Figures) -> String {
    let mut text = String::new();
    if figures.days.is_empty() {
        text += "No visit was counted in an hour that is over.\n";
    }
    for day in &figures.days {
        write_day(&mut text, day);
    }
    text += &treatment(figures.equal_treatment.as_ref());
    writeln!(
        text,
        "Numbers below {} are not shown; \"at least\" is the sum of those that are. Children are \
         in none.",
        figures.threshold.get()
    )
    .ok(); // a String takes everything
    text
}

fn write_day(text: &mut String, day: &DayFigures) {
    let mut write = |words: String| {
        text.push_str(words.trim_end());
        text.push('\n');
    };
    write(match &day.whole {
        Some(whole) => format!("{}: {} visits", day.day, number(whole.visits)),
        None => format!("{}, so far", day.day),
    });
    for hour in &day.hours {
        for lane in hour.lanes.iter().filter(|lane| lane.visits.visits() > 0) {
            let outcomes: Vec<_> = lane
                .outcomes
                .iter()
                .map(|c| format!("{} {}", c.outcome.word(), c.visits))
                .collect();
            let (name, visits) = (lane.lane.word(), number(lane.visits));
            write(format!(
                "  {:02}:00  {name:<10} {visits:>14}  {}",
                hour.hour,
                outcomes.join(", ")
            ));
        }
    }
    for lane in day.whole.iter().flat_map(|whole| &whole.lanes) {
        if lane.visits.visits() > 0 {
            let times = lane.times.iter().map(|band| match band.below {
                Some(below) => format!("{} to {below} s: {}", band.from, band.visits),
                None => format!("from {} s: {}", band.from, band.visits),
            });
            let times: Vec<_> = times.collect();
            let (name, visits) = (lane.lane.word(), number(lane.visits));
            write(format!("  day    {name:<10} {visits:>14}  {}", times.join(", ")));
        }
    }
}

fn number(total: Total) -> String {
    match total {
        Total::Exactly(visits) => visits.to_string(),
        Total::AtLeast(visits) => format!("at least {visits}"),
    }
}

fn treatment(figure: Option<&EqualTreatment>) -> String {
    let Some(EqualTreatment { days, face, other_way, ratio, other_way_is_slower }) = figure else {
        return format!(
            "Equal treatment: not enough visits yet ({ENOUGH} of each lane with a decision, on days \
             that are over).\n"
        );
    };
    let lane = |name, LaneFigure { visits, median_seconds, within_seconds }: &LaneFigure| {
        let within = match within_seconds {
            Some(within) => format!("(within {within} s)"),
            None => "or more".to_owned(),
        };
        let visits = number(*visits);
        format!("  {name:<12} {visits:>14} visits, median {median_seconds} s {within}\n")
    };
    let verdict = if *other_way_is_slower {
        format!("The other way is SLOWER: {ratio:.2} times, which is more than {SLOWER}.")
    } else {
        format!("The other way takes {ratio:.2} times as long; up to {SLOWER} is called equal.")
    };
    format!(
        "Equal treatment, {days} days:\n{}{}  {verdict}\n",
        lane("face lane", face),
        lane("other way", other_way)
    )
}
