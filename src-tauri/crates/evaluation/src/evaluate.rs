//! One evaluation from its lists to its report.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use face::{Engine, Limits};

use crate::attacks::{self, AttackRates, Presentation, Taken};
use crate::capture::Captured;
use crate::intervals::clopper_pearson;
use crate::pairs::{self, Pair, Pairs};
use crate::progress::{Watcher, in_parallel};
use crate::rates::{Count, Scores};
use crate::recommend::{Recommendation, choose, shown};
use crate::report::{
    Acquisition, Comparisons, Group, GroupSpread, LimitsFrom, OperatingPoint, Rates, Report,
};
use crate::source::{Decoding, Source};
use crate::subjects::Subjects;
use crate::targets::Target;
use crate::{EvaluationError, video};

/// What is to be evaluated.
pub struct Order<'a> {
    /// Which pictures are compared.
    pub comparisons: Option<Compared<'a>>,
    /// A list of presentations, live ones and attacks.
    pub attacks: Option<&'a Path>,
    /// Folder that the files of the lists are relative to; without it, each list's own.
    pub root: Option<&'a Path>,
    /// Folder of the model files.
    pub models: &'a Path,
    /// The limits of the kiosk.
    pub limits: Limits,
    /// Whether they are of a configuration.
    pub limits_from: LimitsFrom,
    /// The wanted false match rate.
    pub fmr: f64,
    /// The program that decodes videos.
    pub ffmpeg: &'a Path,
    /// Whether pictures and frames that are smaller than a frame of the kiosk's camera are
    /// enlarged to it, so that they reach gates which count pixels.
    pub enlarge: bool,
}

/// Where the comparisons come from.
#[derive(Clone, Copy, Debug)]
pub enum Compared<'a> {
    /// A list of pairs.
    Pairs(&'a Path),
    /// A folder with one folder for each person.
    Folder(&'a Path),
}

/// A report, and the scores behind it.
pub struct Evaluation {
    /// The figures.
    pub report: Report,
    pairs: Pairs,
    scores: Vec<Result<f32, &'static str>>,
}

/// Other false match rates that the report has a threshold for.
const OPERATING_POINTS: [f64; 4] = [1e-2, 1e-3, 1e-4, 1e-5];

/// Evaluates what is listed with the engine of the kiosk. Templates live in memory until it
/// returns; nothing is written.
pub fn evaluate(order: &Order<'_>, watcher: Watcher<'_>) -> Result<Evaluation, EvaluationError> {
    if !(order.fmr > 0.0 && order.fmr < 1.0) {
        return Err(EvaluationError::NotARate);
    }
    let (pairs, folder) = match order.comparisons {
        Some(Compared::Pairs(list)) => (pairs::from_list(list)?, order.root.or(list.parent())),
        Some(Compared::Folder(folder)) => (pairs::from_folder(folder)?, Some(folder)),
        None => (Pairs::default(), None),
    };
    let (presentations, rows) = match order.attacks {
        Some(list) => attacks::from_list(list).map(|(list, rows)| (list, Some(rows)))?,
        None => (Vec::new(), None),
    };
    if order.comparisons.is_none() && order.attacks.is_none() {
        return Err(EvaluationError::NothingToDo);
    }
    let place = |folder: Option<&Path>, file: &str| {
        folder.map_or_else(|| PathBuf::from(file), |folder| folder.join(file))
    };
    let files: Vec<_> =
        pairs.files.all().iter().map(|file| Source::find(&place(folder, file))).collect();
    let folder = order.root.or(order.attacks.and_then(Path::parent));
    let shown: Vec<_> =
        presentations.iter().map(|row| Source::find(&place(folder, &row.file))).collect();
    if files.iter().chain(&shown).any(|source| matches!(source, Ok(Source::Video(_)))) {
        video::check(order.ffmpeg).map_err(|source| EvaluationError::NoVideoDecoder {
            program: order.ffmpeg.to_owned(),
            source,
        })?;
    }
    let engine = Engine::load(order.models)?;
    let (captured, taken) = look_at_all(order, &engine, &pairs, &files, &shown, watcher);
    let scores: Vec<_> = pairs
        .list
        .iter()
        .map(|pair| {
            let probe = &captured[pair.probe as usize];
            let reference = captured[pair.reference as usize].reference()?;
            probe.probe(&order.limits)?;
            probe.score(reference, &order.limits).ok_or("not_processed")
        })
        .collect();
    let work = Work { order, pairs: &pairs, captured: &captured, scores: &scores };
    let mut report = work.report(&engine);
    let all = || presentations.iter().zip(taken.iter().copied());
    report.attacks = AttackRates::count(all());
    report.attack_groups = by_group(&presentations)
        .into_iter()
        .map(|name| {
            let of = all().filter(|(row, _)| row.group.as_ref() == Some(&name));
            let rates = AttackRates::count(of);
            (name, rates)
        })
        .collect();
    report.targets = Target::all(&report);
    report.rows.extend(pairs.rows.clone().map(|rows| ("pairs", rows)));
    report.rows.extend(rows.map(|rows| ("attacks", rows)));
    Ok(Evaluation { report, pairs, scores })
}

fn by_group(presentations: &[Presentation]) -> BTreeSet<String> {
    presentations.iter().filter_map(|row| row.group.clone()).collect()
}

fn look_at_all(
    order: &Order<'_>,
    engine: &Engine,
    pairs: &Pairs,
    files: &[Result<Source, &'static str>],
    shown: &[Result<Source, &'static str>],
    watcher: Watcher<'_>,
) -> (Vec<Captured>, Vec<Taken>) {
    enum Looked {
        Captured(Captured),
        Taken(Taken),
    }
    let references: BTreeSet<u32> = pairs.list.iter().map(|pair| pair.reference).collect();
    let (limits, enlarge) = (&order.limits, order.enlarge);
    let decoding = Decoding { ffmpeg: order.ffmpeg, time_limit: limits.time_limit, enlarge };
    let looked = in_parallel(files.len() + shown.len(), watcher, |index| {
        if let Some(source) = files.get(index) {
            let as_reference = references.contains(&(index as u32));
            let captured = Captured::take(engine, limits, source, &decoding, as_reference);
            return Looked::Captured(captured);
        }
        let source = &shown[index - files.len()];
        Looked::Taken(attacks::take(engine, limits, source, &decoding))
    });
    let (mut captured, mut taken) = (Vec::new(), Vec::new());
    for result in looked {
        match result {
            Looked::Captured(file) => captured.push(file),
            Looked::Taken(presentation) => taken.push(presentation),
        }
    }
    (captured, taken)
}

/// What the figures are made of.
struct Work<'a> {
    order: &'a Order<'a>,
    pairs: &'a Pairs,
    captured: &'a [Captured],
    scores: &'a [Result<f32, &'static str>],
}

type Row<'a> = (&'a Pair, Result<f32, &'static str>);

impl<'a> Work<'a> {
    fn rows(&self) -> impl Iterator<Item = Row<'a>> + Clone + use<'a> {
        self.pairs.list.iter().zip(self.scores.iter().copied())
    }

    fn in_group(&self, group: u32) -> impl Iterator<Item = Row<'a>> + Clone + use<'a> {
        self.rows().filter(move |(pair, _)| pair.group == Some(group))
    }

    fn report(&self, engine: &Engine) -> Report {
        let scores = scores_of(self.rows());
        let limits = &self.order.limits;
        // The threshold of another model says nothing about these scores.
        let kiosk = engine.check_threshold(limits).is_ok().then_some(limits.threshold);
        let subjects = Subjects::of(&self.pairs.list, self.pairs.files.all().len());
        let groups = || (0_u32..).zip(self.pairs.groups.all());
        let group_scores: BTreeMap<String, Scores> =
            groups().map(|(index, name)| (name.clone(), scores_of(self.in_group(index)))).collect();
        let recommendation = Recommendation::new(&scores, self.order.fmr);
        let (threshold, threshold_from) =
            choose(&recommendation, group_scores.values(), self.order.fmr, kiosk.map(shown));
        let at = threshold.map(|threshold| threshold as f32);
        let groups: BTreeMap<String, Group> = groups()
            .map(|(index, name)| {
                let scores = &group_scores[name];
                let rows = || self.in_group(index);
                let group = Group {
                    rates: at.map(|at| rates(scores, rows(), at, None)).unwrap_or_default(),
                    kiosk: kiosk.map(|kiosk| rates(scores, rows(), kiosk, None)),
                    comparisons: comparisons(rows()),
                    fta: self.probes(rows()).rate,
                    recommendation: Recommendation::new(scores, self.order.fmr),
                };
                (name.clone(), group)
            })
            .collect();
        let at_threshold = |at| rates(&scores, self.rows(), at, Some(&subjects));
        let kiosk_rates = kiosk.map(at_threshold);
        let probes = self.probes(self.rows());
        Report {
            postern: env!("CARGO_PKG_VERSION"),
            model: engine.template_model().to_string(),
            limits_from: self.order.limits_from,
            limits: *limits,
            rates: at.map(at_threshold).unwrap_or_default(),
            threshold_from,
            enlarged: self.order.enlarge,
            fta: probes.rate,
            comparisons: comparisons(self.rows()),
            kiosk_threshold: kiosk_rates.and_then(|rates| rates.threshold),
            kiosk_fmr: kiosk_rates.and_then(|rates| rates.fmr),
            kiosk_fnmr: kiosk_rates.and_then(|rates| rates.fnmr),
            kiosk: kiosk_rates,
            recommendation,
            operating_points: OPERATING_POINTS
                .map(|fmr| {
                    let recommendation = Recommendation::new(&scores, fmr);
                    let fnmr = recommendation
                        .threshold
                        .and_then(|at| scores.false_non_matches(at as f32).rate());
                    OperatingPoint { recommendation, fnmr }
                })
                .into(),
            equal_error_rate: scores.equal_error_rate(),
            group_spread: GroupSpread::of(&groups),
            groups,
            references: self.references(),
            probes,
            subjects: subjects.count() as u64,
            contradictions: subjects.contradictions,
            attacks: AttackRates::default(),
            attack_groups: BTreeMap::new(),
            targets: Vec::new(),
            rows: BTreeMap::new(),
            scores,
            group_scores,
        }
    }

    fn references(&self) -> Acquisition {
        let files: BTreeSet<u32> = self.pairs.list.iter().map(|pair| pair.reference).collect();
        Acquisition::count(
            files.into_iter().map(|file| self.captured[file as usize].reference().map(drop)),
        )
    }

    fn probes(&self, rows: impl Iterator<Item = Row<'a>>) -> Acquisition {
        let files: BTreeSet<u32> = rows.map(|(pair, _)| pair.probe).collect();
        let limits = &self.order.limits;
        Acquisition::count(files.into_iter().map(|file| self.captured[file as usize].probe(limits)))
    }
}

fn scores_of<'a>(rows: impl Iterator<Item = Row<'a>>) -> Scores {
    Scores::new(rows.filter_map(|(pair, score)| Some((pair.same, score.ok()?))))
}

fn comparisons<'a>(rows: impl Iterator<Item = Row<'a>>) -> Comparisons {
    let mut counts = Comparisons::default();
    for (pair, score) in rows {
        let count = match (pair.same, score.is_ok()) {
            (true, true) => &mut counts.genuine,
            (false, true) => &mut counts.impostor,
            (true, false) => &mut counts.genuine_not_acquired,
            (false, false) => &mut counts.impostor_not_acquired,
        };
        *count += 1;
    }
    counts.total = counts.genuine + counts.impostor;
    counts
}

fn rates<'a>(
    scores: &Scores,
    rows: impl Iterator<Item = Row<'a>> + Clone,
    threshold: f32,
    subjects: Option<&Subjects>,
) -> Rates {
    let interval = |count: Count| count.rate().map(|_| clopper_pearson(count.errors, count.trials));
    let by_subject = |same: bool| {
        let made = rows.clone().filter(move |(pair, _)| pair.same == same);
        let errors =
            made.filter_map(move |(pair, score)| Some((pair, (score.ok()? >= threshold) != same)));
        subjects?.interval(errors)
    };
    let (matches, misses) = (scores.false_matches(threshold), scores.false_non_matches(threshold));
    let intervals = (by_subject(false), by_subject(true));
    let counts = comparisons(rows);
    let rejected = Count {
        errors: misses.errors + counts.genuine_not_acquired,
        trials: misses.trials + counts.genuine_not_acquired,
    };
    let accepted =
        Count { errors: matches.errors, trials: matches.trials + counts.impostor_not_acquired };
    Rates {
        threshold: Some(shown(threshold)),
        fmr: matches.rate(),
        fmr_interval: interval(matches),
        fmr_interval_by_subject: intervals.0,
        fnmr: misses.rate(),
        fnmr_interval: interval(misses),
        fnmr_interval_by_subject: intervals.1,
        frr: rejected.rate(),
        frr_interval: interval(rejected),
        far: accepted.rate(),
    }
}

impl Evaluation {
    /// Every pair with its comparison score, or why it has none, as CSV. Only for whoever asks
    /// for it: scores of single pairs are of persons.
    pub fn scores_csv(&self) -> String {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let mut rows = vec![
            ["line", "file_a", "file_b", "same", "group", "score", "reason"].map(str::to_owned),
        ];
        rows.extend(self.pairs.list.iter().zip(&self.scores).map(|(pair, score)| {
            let mut text = String::new();
            if let Ok(score) = score {
                // Writing to a string does not fail.
                write!(text, "{score:.6}").ok();
            }
            [
                if pair.line > 0 { pair.line.to_string() } else { String::new() },
                self.pairs.files.name(pair.reference).to_owned(),
                self.pairs.files.name(pair.probe).to_owned(),
                if pair.same { "1" } else { "0" }.to_owned(),
                pair.group.map_or("", |group| self.pairs.groups.name(group)).to_owned(),
                text,
                score.err().unwrap_or_default().to_owned(),
            ]
        }));
        for row in rows {
            // Nor does writing to memory.
            csv.write_record(row).ok();
        }
        String::from_utf8_lossy(&csv.into_inner().unwrap_or_default()).into_owned()
    }
}
