//! What the engine makes of a listed file: a reference, a probe, or the reason for neither.

use face::{Engine, Judged, Limits, ReferenceProblem, Template, fused_score};

use crate::source::{Decoding, Source};

/// A file as the engine takes it. Lives in memory for one run only.
pub(crate) enum Captured {
    /// A picture.
    Picture(Judged),
    /// A folder of frames or a video.
    Sequence {
        /// The index of the first frame that the gates accept as certificate photo.
        reference: Result<usize, &'static str>,
        /// The usable frames, each with its quality if it can serve as probe; of those as many
        /// as a visit looks at.
        frames: Vec<(Template, Option<f32>)>,
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
        if let Source::Picture(_) = source {
            return match frames.next() {
                Some((Ok(picture), _)) => Self::Picture(engine.judge(picture.image(), limits)),
                Some((Err(reason), _)) => Self::Failed(reason),
                None => Self::Failed("unreadable"),
            };
        }
        let mut sequence = Sequence::default();
        let enough = limits.non_match_frames.max(limits.frames);
        for (frame, elapsed) in frames {
            let done = sequence.probes() >= enough || elapsed >= limits.time_limit;
            let wanted = as_reference && sequence.reference.is_none();
            if done && !wanted {
                break;
            }
            match frame {
                Ok(frame) => sequence.add(engine.judge(frame.image(), limits), wanted, done),
                Err(reason) => sequence.reasons.push(reason),
            }
        }
        sequence.end()
    }

    /// The template as certificate photo, or why there is none.
    pub(crate) fn reference(&self) -> Result<&Template, &'static str> {
        match self {
            Self::Picture(judged) => {
                judged.reference.map_err(ReferenceProblem::code)?;
                judged.template.as_ref().ok_or(NOT_PROCESSED)
            }
            Self::Sequence { reference, frames, .. } => {
                frames.get((*reference)?).map(|(template, _)| template).ok_or(NOT_PROCESSED)
            }
            Self::Failed(reason) => Err(reason),
        }
    }

    /// Why there is no probe, if so.
    pub(crate) fn probe(&self, limits: &Limits) -> Result<(), &'static str> {
        match self {
            Self::Picture(judged) => judged.probe.map(drop).map_err(ReferenceProblem::code),
            Self::Sequence { frames, defect, .. } => match (probes(frames).count(), defect) {
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
            // It stands for every frame of a visit, so that the fused score is the one score.
            Self::Picture(judged) => reference.compare(judged.template.as_ref()?).ok(),
            Self::Sequence { frames, .. } => fused_score(reference, probes(frames), limits),
            Self::Failed(_) => None,
        }
    }
}

const NOT_PROCESSED: &str = "not_processed";

/// The frames that can serve as probes.
fn probes(frames: &[(Template, Option<f32>)]) -> impl Iterator<Item = (&Template, f32)> {
    frames.iter().filter_map(|(template, quality)| Some((template, (*quality)?)))
}

#[derive(Default)]
struct Sequence {
    reference: Option<usize>,
    unusable: Option<&'static str>,
    frames: Vec<(Template, Option<f32>)>,
    reasons: Vec<&'static str>,
}

impl Sequence {
    fn probes(&self) -> usize {
        probes(&self.frames).count()
    }

    fn add(&mut self, judged: Judged, as_reference: bool, enough: bool) {
        if let Err(problem) = judged.probe {
            self.reasons.push(problem.code());
        }
        if let Err(problem) = judged.reference {
            self.unusable = self.unusable.or(Some(problem.code()));
        }
        let Some(template) = judged.template else { return };
        let quality = judged.probe.ok().filter(|_| !enough);
        let reference = as_reference && judged.reference.is_ok();
        if reference {
            self.reference = Some(self.frames.len());
        }
        if reference || quality.is_some() {
            self.frames.push((template, quality));
        }
    }

    fn end(self) -> Captured {
        let count = |reason| self.reasons.iter().filter(|other| **other == reason).count();
        // The last by name of equals, so that every run says the same.
        let defect = self.reasons.iter().copied().max_by_key(|reason| (count(*reason), *reason));
        let missing = self.unusable.or(defect).unwrap_or("no_frames");
        Captured::Sequence { reference: self.reference.ok_or(missing), frames: self.frames, defect }
    }
}
