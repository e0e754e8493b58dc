//! What the engine makes of a listed file: a reference, a probe, or the reason for neither.

use std::iter::repeat;

use face::{Engine, Judged, Limits, Patience, Sample, Template, Views, fused_score};

use crate::source::{Decoding, Source};

/// A file as the engine takes it. Lives in memory for one run only.
pub(crate) enum Captured {
    /// A picture.
    Picture(Judged),
    /// A folder of frames or a video.
    Sequence {
        /// The first frame that the gates accept as certificate photo.
        reference: Result<Template, &'static str>,
        /// The frames that can serve as probes, as many as a visit looks at.
        probes: Vec<Views>,
        /// What most of the other frames lack.
        defect: Option<&'static str>,
    },
    /// Nothing that the engine could look at.
    Failed(&'static str),
}

impl Captured {
    /// Takes a file through gates, alignment and extraction. `as_reference`: whether any pair
    /// has it as certificate photo.
    pub(crate) fn take(
        engine: &Engine,
        limits: &Limits,
        source: &Result<Source, &'static str>,
        decoding: &Decoding<'_>,
        as_reference: bool,
    ) -> Self {
        let source = match source {
            Ok(source) => source,
            Err(reason) => return Self::Failed(reason),
        };
        let mut frames = source.frames(decoding);
        let mut patience = Patience::default();
        let mut judge = |frame: &Sample, at| engine.judge(frame.image(), limits, at, &mut patience);
        if let Source::Picture(_) = source {
            return match frames.next() {
                Some((Ok(picture), at)) => Self::Picture(judge(&picture, at)),
                Some((Err(reason), _)) => Self::Failed(reason),
                None => Self::Failed("unreadable"),
            };
        }
        let mut sequence = Sequence::default();
        let enough = limits.non_match_frames.max(limits.frames);
        for (frame, elapsed) in frames {
            let done = sequence.probes.len() >= enough || elapsed >= limits.time_limit;
            let wanted = as_reference && sequence.reference.is_none();
            if done && !wanted {
                break;
            }
            match frame {
                Ok(frame) => sequence.add(judge(&frame, elapsed), wanted, done),
                Err(reason) => sequence.reasons.push(reason),
            }
        }
        sequence.end()
    }

    /// The template as certificate photo, or why there is none.
    pub(crate) fn reference(&self) -> Result<&Template, &'static str> {
        match self {
            Self::Picture(judged) => judged.reference.as_ref().map_err(|problem| problem.code()),
            Self::Sequence { reference, .. } => reference.as_ref().map_err(|reason| *reason),
            Self::Failed(reason) => Err(reason),
        }
    }

    /// Why there is no probe, if so.
    pub(crate) fn probe(&self, limits: &Limits) -> Result<(), &'static str> {
        match self {
            Self::Picture(judged) => {
                judged.probe.as_ref().map(drop).map_err(|problem| problem.code())
            }
            Self::Sequence { probes, defect, .. } => match (probes.len(), defect) {
                (0, defect) => Err(defect.unwrap_or("no_frames")),
                (count, _) if count < limits.frames => Err("too_few_usable_frames"),
                _ => Ok(()),
            },
            Self::Failed(reason) => Err(reason),
        }
    }

    /// The comparison score of this probe with a reference.
    pub(crate) fn score(&self, reference: &Template, limits: &Limits) -> Option<f32> {
        self.probe(limits).ok()?;
        match self {
            // It stands for every frame of a visit.
            Self::Picture(judged) => {
                fused_score(reference, repeat(judged.probe.as_ref().ok()?), limits)
            }
            Self::Sequence { probes, .. } => fused_score(reference, probes, limits),
            Self::Failed(_) => None,
        }
    }
}

#[derive(Default)]
struct Sequence {
    reference: Option<Template>,
    unusable: Option<&'static str>,
    probes: Vec<Views>,
    reasons: Vec<&'static str>,
}

impl Sequence {
    fn add(&mut self, judged: Judged, as_reference: bool, enough: bool) {
        match judged.probe {
            Ok(probe) if !enough => self.probes.push(probe),
            Ok(_) => {}
            Err(problem) => self.reasons.push(problem.code()),
        }
        match judged.reference {
            Ok(template) if as_reference => self.reference = Some(template),
            Ok(_) => {}
            Err(problem) => self.unusable = self.unusable.or(Some(problem.code())),
        }
    }

    fn end(self) -> Captured {
        let count = |reason| self.reasons.iter().filter(|other| **other == reason).count();
        // The last by name of equals, so that every run says the same.
        let defect = self.reasons.iter().copied().max_by_key(|reason| (count(*reason), *reason));
        let missing = self.unusable.or(defect).unwrap_or("no_frames");
        Captured::Sequence { reference: self.reference.ok_or(missing), probes: self.probes, defect }
    }
}
