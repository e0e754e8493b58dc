//! The figures, as they are written to JSON.

use std::collections::BTreeMap;

use face::Limits;
use serde::Serialize;

use crate::attacks::AttackRates;
use crate::intervals::Interval;
use crate::rates::{Count, Scores};
use crate::recommend::Recommendation;
use crate::sheet::Rows;
use crate::targets::Target;

/// All that an evaluation found. Every rate is a share, 0..=1, and `None` where nothing was
/// counted.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of Postern.
    pub postern: &'static str,
    /// SHA-256 of the model that made the templates: every threshold here belongs to it.
    pub model: String,
    /// Whose limits these figures were measured with.
    pub limits_from: LimitsFrom,
    /// The limits. Their threshold is that of their `threshold_model`, which need not be `model`.
    pub limits: Limits,
    /// Rates at the report's threshold: see [`Report::threshold_from`].
    #[serde(flatten)]
    pub rates: Rates,
    /// Where the threshold comes from.
    pub threshold_from: ThresholdFrom,
    /// Whether small pictures were enlarged to a frame of the camera.
    pub enlarged: bool,
    /// Failure to acquire: the share of distinct probe files of which the gates let nothing
    /// through, or which could not be read.
    pub fta: Option<f64>,
    /// How many comparisons were made, and how many could not be.
    pub comparisons: Comparisons,
    /// The threshold of the limits; `None` if it is for another model.
    pub kiosk_threshold: Option<f64>,
    /// FMR there.
    pub kiosk_fmr: Option<f64>,
    /// FNMR there.
    pub kiosk_fnmr: Option<f64>,
    /// All rates there.
    pub kiosk: Option<Rates>,
    /// The wanted FMR and what the data say about it.
    pub recommendation: Recommendation,
    /// The same for other rates.
    pub operating_points: Vec<OperatingPoint>,
    /// Where FMR and FNMR are equal. Summarises a curve; nobody operates there.
    pub equal_error_rate: Option<f64>,
    /// Each group of the list of pairs.
    pub groups: BTreeMap<String, Group>,
    /// How far the groups are apart at the report's threshold.
    pub group_spread: Option<GroupSpread>,
    /// Files in the role of the certificate photo.
    pub references: Acquisition,
    /// Files in the role of what the camera sees.
    pub probes: Acquisition,
    /// Persons, as far as genuine pairs tell who is who.
    pub subjects: u64,
    /// Impostor pairs whose files other rows say are of one person.
    pub contradictions: u64,
    /// Attack detection.
    #[serde(flatten)]
    pub attacks: AttackRates,
    /// Attack detection in each group of the list of attacks.
    pub attack_groups: BTreeMap<String, AttackRates>,
    /// What NIST SP 800-63A-4 asks for, at the report's threshold (L6).
    pub targets: Vec<Target>,
    /// What became of the rows of the lists, by `pairs` and `attacks`.
    pub rows: BTreeMap<&'static str, Rows>,
    /// The scores, for the plots.
    #[serde(skip)]
    pub(crate) scores: Scores,
    /// The scores of each group.
    #[serde(skip)]
    pub(crate) group_scores: BTreeMap<String, Scores>,
}

/// Whose limits an evaluation uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitsFrom {
    /// Those of a kiosk's configuration.
    Kiosk,
    /// The built-in ones.
    Default,
}

/// Where a threshold comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdFrom {
    /// Lowest threshold that keeps to the wanted FMR in all pairs together.
    Data,
    /// The same in the group that needs the highest one.
    WorstGroup,
    /// The data do not support the wanted FMR: the kiosk's own threshold.
    Kiosk,
    /// As before, raised to keep out every impostor measured.
    KioskRaised,
    /// There is none: the data do not support the wanted FMR, and the limits' threshold is for
    /// another model.
    Uncalibrated,
}

/// Rates at one threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rates {
    /// The threshold; without one there are no rates.
    pub threshold: Option<f64>,
    /// False match rate among the comparisons that were made.
    pub fmr: Option<f64>,
    /// Its 95 % interval, were the comparisons independent.
    pub fmr_interval: Option<Interval>,
    /// Its 95 % interval by drawing persons.
    pub fmr_interval_by_subject: Option<Interval>,
    /// False non-match rate among the comparisons that were made.
    pub fnmr: Option<f64>,
    /// Its 95 % interval, were the comparisons independent.
    pub fnmr_interval: Option<Interval>,
    /// Its 95 % interval by drawing persons.
    pub fnmr_interval_by_subject: Option<Interval>,
    /// False rejection rate of the whole engine: genuine pairs that did not match *or* were
    /// not acquired, among all genuine pairs.
    pub frr: Option<f64>,
    /// Its 95 % interval, were the pairs independent.
    pub frr_interval: Option<Interval>,
    /// False acceptance rate of the whole engine: impostor pairs that matched, among all.
    pub far: Option<f64>,
}

/// How many comparisons there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparisons {
    /// Of one person, made.
    pub genuine: u64,
    /// Of two persons, made.
    pub impostor: u64,
    /// Made.
    pub total: u64,
    /// Of one person, not made: one of the files was not acquired.
    pub genuine_not_acquired: u64,
    /// Of two persons, not made.
    pub impostor_not_acquired: u64,
}

/// The threshold for a false match rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OperatingPoint {
    /// What the data say.
    #[serde(flatten)]
    pub recommendation: Recommendation,
    /// FNMR at that threshold.
    pub fnmr: Option<f64>,
}

/// One group of pairs.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// Rates at the report's threshold.
    #[serde(flatten)]
    pub rates: Rates,
    /// Rates at the kiosk's threshold.
    pub kiosk: Option<Rates>,
    /// How many comparisons.
    pub comparisons: Comparisons,
    /// Failure to acquire among the probes of the group.
    pub fta: Option<f64>,
    /// What the group's own impostors say about the wanted FMR.
    pub recommendation: Recommendation,
}

/// How far groups are apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupSpread {
    /// The group with the highest FNMR.
    pub worst_fnmr_group: Option<String>,
    /// Its FNMR, divided by the mean of the groups; 1.25 is 25 % worse.
    pub worst_fnmr_to_mean: Option<f64>,
    /// The group with the highest FMR.
    pub worst_fmr_group: Option<String>,
    /// Its FMR, divided by the mean of the groups.
    pub worst_fmr_to_mean: Option<f64>,
}

impl GroupSpread {
    /// Of two groups and more.
    pub(crate) fn of(groups: &BTreeMap<String, Group>) -> Option<Self> {
        let worst = |rate: fn(&Rates) -> Option<f64>| {
            let rates: Vec<(&String, f64)> = groups
                .iter()
                .filter_map(|(name, group)| Some((name, rate(&group.rates)?)))
                .collect();
            let mean = rates.iter().map(|(_, rate)| rate).sum::<f64>() / rates.len() as f64;
            let (name, highest) = rates.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a })?;
            (mean > 0.0).then(|| (name.clone(), highest / mean))
        };
        let (misses, matches) = (worst(|rates| rates.fnmr), worst(|rates| rates.fmr));
        (groups.len() > 1).then(|| Self {
            worst_fnmr_group: misses.as_ref().map(|(name, _)| name.clone()),
            worst_fnmr_to_mean: misses.map(|(_, ratio)| ratio),
            worst_fmr_group: matches.as_ref().map(|(name, _)| name.clone()),
            worst_fmr_to_mean: matches.map(|(_, ratio)| ratio),
        })
    }
}

/// Files in one role.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Acquisition {
    /// Distinct files.
    pub files: u64,
    /// Those that gave no template.
    pub failed: u64,
    /// Their share.
    pub rate: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
    /// Why, with how many.
    pub reasons: BTreeMap<&'static str, u64>,
}

impl Acquisition {
    pub(crate) fn count(files: impl IntoIterator<Item = Result<(), &'static str>>) -> Self {
        let mut counts = Self::default();
        for file in files {
            counts.files += 1;
            if let Err(reason) = file {
                counts.failed += 1;
                *counts.reasons.entry(reason).or_default() += 1;
            }
        }
        counts.rate = Count { errors: counts.failed, trials: counts.files }.rate();
        counts.interval = counts.rate.map(|_| crate::clopper_pearson(counts.failed, counts.files));
        counts
    }
}

impl Report {
    /// The report as JSON, with a line break at its end.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|json| json + "\n")
    }
}
