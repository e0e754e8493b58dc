//! Comparing the frames of one visit with one reference.

use std::time::Duration;

use image::RgbImage;

use crate::attack::presentation::{Presentation, Standing};
use crate::engine::{Look, Probe};
use crate::fusion::{Evidence, Fusion};
use crate::quality::Nose;
use crate::{ChallengePolicy, Engine, Guidance, Limits, Outcome, Patience, Step, Template};

/// The comparison of one visitor's frames with the one claimed reference (POLICY.md C06).
/// Everything it holds is wiped when it is dropped.
///
/// What is compared and what attack detection judges is one face, followed without a gap. When
/// it is lost, or its template is suddenly another's, both begin anew.
pub struct Verification<'e> {
    engine: &'e Engine,
    reference: Template,
    limits: Limits,
    fusion: Fusion,
    presentation: Presentation,
    anchor: Option<Anchor>,
    /// What the comparison came to; it waits for attack detection.
    compared: Option<Outcome>,
    /// Whether the followed face was compared or recognised after its challenge.
    confirmed: bool,
    /// Whether the last frame shows the followed face better than every one before.
    best_yet: bool,
    patience: Patience,
    decided: Option<Outcome>,
}

/// The first template of the followed face.
struct Anchor {
    template: Template,
    /// Where it looked.
    nose: Option<Nose>,
}

impl<'e> Verification<'e> {
    /// Begins a verification; the reference is used for this one only. `seed` chooses the
    /// challenges: a new random number for each visit. With a threshold of another model it ends
    /// at the first frame as [`Outcome::PoorSamples`]; see [`Engine::check_threshold`].
    pub fn new(engine: &'e Engine, reference: Template, limits: Limits, seed: u64) -> Self {
        let decided = engine.check_threshold(&limits).is_err().then_some(Outcome::PoorSamples);
        Self {
            engine,
            reference,
            limits,
            fusion: Fusion::new(&limits),
            presentation: Presentation::new(limits.attack, limits.attack_threshold, seed),
            anchor: None,
            compared: None,
            confirmed: false,
            best_yet: false,
            patience: Patience::default(),
            decided,
        }
    }

    /// Judges one frame and, if it is good enough, compares it. `elapsed` is the time since the
    /// first frame; at the time limit the frame is not looked at any more.
    ///
    /// A network that fails ends the verification as [`Outcome::PoorSamples`]: a person takes
    /// over.
    pub fn frame(&mut self, frame: &RgbImage, elapsed: Duration) -> Step {
        if self.decided.is_none() && elapsed >= self.limits.time_limit {
            self.decided = Some(self.end());
        }
        if let Some(outcome) = self.decided {
            return Step::Decided(outcome);
        }
        let mirrored = self.fusion.wants_mirrored();
        let quality = self.patience.limits(&self.limits.quality);
        let Ok(look) = self.engine.look(frame, &quality, elapsed, mirrored) else {
            self.decided = Some(Outcome::PoorSamples);
            return Step::Decided(Outcome::PoorSamples);
        };
        let guidance = self.take(look, elapsed);
        self.decided = self.decide();
        self.decided.map_or(Step::Continue(guidance), Step::Decided)
    }

    /// Whether the last frame shows the followed face better than every one before. Before any is
    /// good enough to be compared, each that shows a face does. Whoever must keep one picture of
    /// the visit keeps that one; nothing is kept here.
    pub fn is_best_yet(&self) -> bool {
        self.best_yet
    }

    /// The outcome when no more frames come.
    pub fn finish(self) -> Outcome {
        self.decided.unwrap_or_else(|| self.end())
    }

    fn take(&mut self, look: Look, elapsed: Duration) -> Guidance {
        let Look { sight, probe } = look;
        let network = sight.as_ref().and_then(|sight| sight.bona_fide);
        let visible = sight.is_some();
        let nose = sight.as_ref().and_then(|sight| Some(sight.trace.as_ref()?.nose()));
        let followed = self.presentation.see(elapsed, sight.as_ref());
        // Without attack detection the templates alone tell whether it is one face: a machine
        // may be too slow to follow it.
        if !followed && self.limits.attack.challenge != ChallengePolicy::Never {
            self.begin_anew();
        }
        self.best_yet = visible && self.anchor.is_none();
        self.patience.note(elapsed, probe.as_ref().err().map(|defect| defect.problem()));
        let guidance = match probe {
            Ok(Some(probe)) => {
                self.compare(&probe, nose, network.unwrap_or(f32::NAN));
                Guidance::KeepStill
            }
            Ok(None) => Guidance::NoFace,
            Err(defect) => defect.guidance(),
        };
        match self.presentation.standing() {
            Standing::Asked(ask) if visible => ask.guidance(),
            _ => guidance,
        }
    }

    fn compare(&mut self, probe: &Probe, nose: Option<Nose>, bona_fide: f32) {
        let mut turned = false;
        if let Some(anchor) = &self.anchor {
            turned = anchor.nose.zip(nose).is_some_and(|(from, to)| is_turned(from, to));
            // Two templates of one face within seconds are far closer than those of a certificate
            // photo and a visitor; their threshold is the lowest that may be asked of them.
            let least = self.limits.threshold.min(if turned { TURNED } else { CONTINUITY });
            let same = anchor.template.compare(&probe.template);
            if !same.is_ok_and(|score| score >= least) {
                self.presentation.lose();
                self.begin_anew();
            }
        }
        self.best_yet = self.fusion.exceeds(probe.quality);
        let Ok(score) = self.reference.compare(&probe.template) else {
            self.decided = Some(Outcome::PoorSamples);
            return;
        };
        if self.anchor.is_none() {
            self.anchor = Some(Anchor { template: probe.template.again(), nose });
        }
        let outcome = self.fusion.add(Evidence { score, bona_fide, quality: probe.quality });
        self.compared = self.compared.or(outcome);
        self.confirmed |= !turned && self.presentation.standing() == Standing::BonaFide;
    }

    fn begin_anew(&mut self) {
        self.fusion = Fusion::new(&self.limits);
        self.anchor = None;
        self.compared = None;
        self.confirmed = false;
        self.patience = Patience::default();
    }

    /// The comparison says nothing before attack detection has.
    fn decide(&self) -> Option<Outcome> {
        if self.decided.is_some() {
            return self.decided;
        }
        if self.limits.attack.challenge == ChallengePolicy::Never {
            return self.compared;
        }
        match self.presentation.standing() {
            Standing::Suspected => Some(Outcome::SuspectedAttack),
            Standing::BonaFide if self.confirmed => self.compared,
            _ => None,
        }
    }

    /// The outcome with what there is.
    fn end(&self) -> Outcome {
        if self.limits.attack.challenge == ChallengePolicy::Never {
            return self.compared.unwrap_or_else(|| self.fusion.finish());
        }
        match (self.presentation.standing(), self.compared) {
            (Standing::Suspected, _) => Outcome::SuspectedAttack,
            (Standing::BonaFide, Some(outcome)) if self.confirmed => outcome,
            _ => Outcome::PoorSamples,
        }
    }
}

/// Least comparison score of two frames of one followed face. Frames of one person within
/// seconds gave 0.9 and more; 0.5 is beyond all but 1:1,000 of other persons of the worst group.
const CONTINUITY: f32 = 0.5;
/// The same while the face is turned away from where it looked first, as for a challenge: heads
/// rendered with a nod of 20° gave 0.45 and more, filmed people 0.43. Another person's face in
/// every twentieth frame would pass, and must be gone when the head is back.
const TURNED: f32 = 0.35;

/// Whether a face is turned from where it looked, by about 8°.
fn is_turned(from: Nose, to: Nose) -> bool {
    (to.across - from.across).abs() > 0.1 || (to.down - from.down).abs() > 0.1
}

#[cfg(test)]
mod attacks;

#[cfg(test)]
mod tests;
