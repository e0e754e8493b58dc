//! Presentations with their labels, and how the engine took them (ISO/IEC 30107-3).

use std::collections::BTreeMap;
use std::path::Path;

use face::{Engine, Limits, PresentationDecision, Sample};
use serde::Serialize;

use crate::intervals::{Interval, clopper_pearson};
use crate::sheet::{self, Rows};
use crate::source::{Decoding, Source};
use crate::{EvaluationError, rates::Count};

/// The label of bona fide presentations.
const LIVE: &str = "live";

/// One presentation of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Presentation {
    pub(crate) file: String,
    /// The species of the attack instrument; `None` for a bona fide presentation.
    pub(crate) species: Option<String>,
    pub(crate) group: Option<String>,
}

/// What became of a presentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Decided(PresentationDecision),
    /// Nothing that the engine could look at.
    Failed(&'static str),
}

/// Reads a list with the columns `file`, `label` and, if there is one, `group`.
pub(crate) fn from_list(path: &Path) -> Result<(Vec<Presentation>, Rows), EvaluationError> {
    sheet::read(path, ["file", "label", "group"], 2, |_, [file, label, group]| {
        if file.is_empty() {
            return Err("no_file");
        }
        if label.is_empty() {
            return Err("no_label");
        }
        Ok(Presentation {
            file: file.to_owned(),
            species: (!label.eq_ignore_ascii_case(LIVE)).then(|| label.to_owned()),
            group: Some(group).filter(|group| !group.is_empty()).map(str::to_owned),
        })
    })
}

/// Shows a presentation to the engine.
pub(crate) fn take(
    engine: &Engine,
    limits: &Limits,
    source: &Result<Source, &'static str>,
    decoding: &Decoding<'_>,
) -> Taken {
    let source = match source {
        Ok(source) => source,
        Err(reason) => return Taken::Failed(reason),
    };
    let frames = source.frames(decoding);
    let (mut any, mut reason) = (false, "no_frames");
    let readable = frames.filter_map(|(frame, elapsed)| {
        let frame: Option<Sample> = frame.inspect_err(|why| reason = why).ok();
        any |= frame.is_some();
        frame.map(|frame| (frame, elapsed))
    });
    match engine.present(limits, readable) {
        Ok(decision) if any => Taken::Decided(decision),
        Ok(_) => Taken::Failed(reason),
        Err(_) => Taken::Failed("not_processed"),
    }
}

/// How presentations of one kind were taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Presentations {
    /// Rows with this label.
    pub presentations: u64,
    /// Classified as bona fide.
    pub bona_fide: u64,
    /// Classified as attack.
    pub suspected: u64,
    /// Neither: at the kiosk a request to turn, nod or blink would follow, which a recording
    /// cannot answer.
    pub challenged: u64,
    /// Never looked at, for whatever reason: their share is the non-response rate (APNRR of
    /// attacks, BPNRR of bona fide presentations).
    pub not_acquired: u64,
    /// Why not, with how many.
    pub reasons: BTreeMap<&'static str, u64>,
    /// APCER of a species or BPCER of bona fide presentations: the share of wrong
    /// classifications among those that were looked at, challenged ones included. `None` if none
    /// was.
    pub rate: Option<f64>,
    /// Its 95 % interval (Clopper and Pearson).
    pub interval: Option<Interval>,
}

/// The rates of attack detection.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AttackRates {
    /// Attack presentation classification error rate of each species: the share of its
    /// presentations that were taken for bona fide without a challenge.
    pub apcer: BTreeMap<String, Option<f64>>,
    /// The largest of them.
    pub apcer_worst: Option<f64>,
    /// Its species.
    pub apcer_worst_species: Option<String>,
    /// Bona fide presentation classification error rate: the share of bona fide
    /// presentations that were taken for attacks.
    pub bpcer: Option<f64>,
    /// The counts behind, by species.
    pub attacks: BTreeMap<String, Presentations>,
    /// The counts behind, of bona fide presentations.
    pub live: Presentations,
}

impl AttackRates {
    pub(crate) fn count<'a>(taken: impl IntoIterator<Item = (&'a Presentation, Taken)>) -> Self {
        let mut rates = Self::default();
        for (presentation, taken) in taken {
            let counts = match &presentation.species {
                Some(species) => rates.attacks.entry(species.clone()).or_default(),
                None => &mut rates.live,
            };
            counts.presentations += 1;
            let mut missed = |reason| {
                counts.not_acquired += 1;
                *counts.reasons.entry(reason).or_default() += 1;
            };
            match taken {
                Taken::Failed(reason) => missed(reason),
                Taken::Decided(PresentationDecision::NotAcquired) => {
                    missed("too_few_usable_frames");
                }
                Taken::Decided(PresentationDecision::BonaFide) => counts.bona_fide += 1,
                Taken::Decided(PresentationDecision::Suspected) => counts.suspected += 1,
                Taken::Decided(PresentationDecision::NeedsChallenge) => counts.challenged += 1,
            }
        }
        rates.live.close(rates.live.suspected);
        rates.bpcer = rates.live.rate;
        for (species, counts) in &mut rates.attacks {
            counts.close(counts.bona_fide);
            rates.apcer.insert(species.clone(), counts.rate);
            if counts.rate.is_some() && counts.rate > rates.apcer_worst {
                rates.apcer_worst = counts.rate;
                rates.apcer_worst_species = Some(species.clone());
            }
        }
        rates
    }
}

impl Presentations {
    fn close(&mut self, errors: u64) {
        let count = Count { errors, trials: self.bona_fide + self.suspected + self.challenged };
        self.rate = count.rate();
        self.interval = self.rate.map(|_| clopper_pearson(count.errors, count.trials));
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn l5_each_species_has_its_rate_and_the_worst_counts() {
        use PresentationDecision::{BonaFide, NeedsChallenge, NotAcquired, Suspected};
        let presentation = |species: Option<&str>| Presentation {
            file: String::new(),
            species: species.map(str::to_owned),
            group: None,
        };
        let (live, print, screen, mask) = (
            presentation(None),
            presentation(Some("print")),
            presentation(Some("screen")),
            presentation(Some("mask")),
        );
        let rates = AttackRates::count([
            (&live, Taken::Decided(BonaFide)),
            (&live, Taken::Decided(Suspected)),
            (&live, Taken::Decided(NotAcquired)),
            (&live, Taken::Decided(BonaFide)),
            (&live, Taken::Failed("missing")),
            (&print, Taken::Decided(BonaFide)),
            (&print, Taken::Decided(Suspected)),
            (&print, Taken::Decided(NeedsChallenge)),
            (&print, Taken::Decided(NeedsChallenge)),
            (&screen, Taken::Decided(Suspected)),
            (&screen, Taken::Decided(NotAcquired)),
            (&mask, Taken::Failed("missing")),
        ]);
        let apcer: Vec<_> = rates.apcer.iter().map(|(name, rate)| (name.as_str(), *rate)).collect();
        assert_eq!(apcer, [("mask", None), ("print", Some(0.25)), ("screen", Some(0.0))]);
        assert_eq!(rates.apcer_worst, Some(0.25));
        assert_eq!(rates.apcer_worst_species.as_deref(), Some("print"));
        assert_eq!(rates.bpcer, Some(1.0 / 3.0));
        assert_eq!((rates.live.presentations, rates.live.not_acquired), (5, 2));
        let reasons: Vec<_> = rates.live.reasons.into_iter().collect();
        assert_eq!(reasons, [("missing", 1), ("too_few_usable_frames", 1)]);
    }

    #[test]
    fn without_presentations_there_are_no_rates() {
        let rates = AttackRates::count([]);
        assert_eq!((rates.apcer_worst, rates.bpcer), (None, None));
    }

    #[test]
    fn a_list_of_presentations_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("attacks.csv");
        std::fs::write(&path, "label,file,group\nLive,a.jpg,x\nprint,b.mp4,\n,c.jpg,\nlive,,\n")
            .unwrap();
        let (presentations, rows) = from_list(&path).unwrap();
        let found: Vec<_> = presentations
            .iter()
            .map(|p| (p.file.as_str(), p.species.as_deref(), p.group.as_deref()))
            .collect();
        assert_eq!(found, [("a.jpg", None, Some("x")), ("b.mp4", Some("print"), None)]);
        let refused: Vec<_> = rows.refused.iter().map(|row| (row.line, row.reason)).collect();
        assert_eq!(refused, [(4, "no_label"), (5, "no_file")]);
    }
}
