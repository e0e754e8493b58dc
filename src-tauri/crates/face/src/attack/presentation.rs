//! The decision on one presentation, from cues and, if they do not suffice, a challenge. Knows
//! nothing of pictures and of the comparison.
//!
//! Decisions fall at fixed moments after a face appeared, so that time tells nothing about the
//! strength of the evidence.

use std::time::Duration;

use crate::attack::border::{Border, Borders};
use crate::attack::challenge::{Ask, Challenge, Progress};
use crate::attack::grey::{Around, Grey};
use crate::attack::surround::Surround;
use crate::attack::trace::{Trace, Trail};
use crate::detect::Face;
use crate::limits::{AttackLimits, ChallengePolicy};

/// How a presentation is taken (ISO/IEC 30107-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresentationDecision {
    /// Classified as bona fide.
    BonaFide,
    /// Classified as attack.
    Suspected,
    /// Not classified without a challenge: for a recording a non-response, at the kiosk a request
    /// to turn, nod or blink.
    NeedsChallenge,
    /// No usable face was seen.
    NotAcquired,
}

/// Fewest frames through the network before a decision.
const FRAMES_MIN: usize = 5;
/// How long a followed face may be out of sight.
const GAP: Duration = Duration::from_millis(400);
/// Least overlap of the boxes of one face in two frames (intersection over union).
const OVERLAP_MIN: f32 = 0.3;
/// Challenges that may be refused; the last one ends the visit before the machine.
const TRIES: usize = 2;
/// How far aside the nose of a face may be that is asked for a movement: it looks ahead.
const AHEAD: f32 = 0.2;

/// What one frame shows of the one face in it.
pub(crate) struct Sight {
    pub(crate) face: Face,
    pub(crate) trace: Option<Trace>,
    /// The passive network's probability, 0..1, if the frame was good enough for it.
    pub(crate) bona_fide: Option<f32>,
    /// As [`crate::attack::surface::periodicity`] gives it.
    pub(crate) periodicity: Option<f32>,
    /// The frame, for what is beside the face.
    pub(crate) grey: Grey,
    /// As [`crate::attack::border::border`] gives it.
    pub(crate) border: Option<Border>,
}

impl Sight {
    /// Makes it one of another time.
    pub(crate) fn set_time(&mut self, at: Duration) {
        if let Some(trace) = &mut self.trace {
            trace.at = at;
        }
    }
}

/// What is known of the presentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Watching,
    Asked(Ask),
    BonaFide,
    Suspected,
}

/// The attack detection of one visit.
pub(crate) struct Presentation {
    limits: AttackLimits,
    suspect: f32,
    random: Random,
    followed: Option<Followed>,
    refused: usize,
    rejected: bool,
}

/// A face that was followed without a gap.
struct Followed {
    began: Duration,
    seen: Duration,
    place: Face,
    trail: Trail,
    network: Mean,
    /// Of the logarithm, so that one frame does not outweigh the others.
    periodicity: Mean,
    surround: Surround,
    borders: Borders,
    /// Whether two movements are asked for.
    doubted: bool,
    stage: Stage,
}

#[derive(Default)]
struct Mean {
    sum: f32,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: f32) {
        if value.is_finite() {
            self.sum += value;
            self.count += 1;
        }
    }

    fn value(&self) -> f32 {
        self.sum / self.count as f32
    }
}

/// What was asked for before.
#[derive(Clone, Copy)]
enum Asked {
    Nothing,
    Answered(Ask),
    Refused(Ask),
}

enum Stage {
    Watching {
        looks: usize,
    },
    /// A challenge begins with the next frame of a face that looks ahead.
    Asking {
        answered: usize,
        asked: Asked,
    },
    Asked {
        answered: usize,
        challenge: Box<Challenge>,
    },
    Accepted,
}

impl Presentation {
    /// `suspect` is the least mean of the network; `seed` chooses the challenges and must be
    /// random for each visit.
    pub(crate) fn new(limits: AttackLimits, suspect: f32, seed: u64) -> Self {
        Self { limits, suspect, random: Random(seed), followed: None, refused: 0, rejected: false }
    }

    /// Takes in the next frame. `true` if it shows the face that was followed so far; else
    /// everything begins anew.
    pub(crate) fn see(&mut self, at: Duration, sight: Option<&Sight>) -> bool {
        let Some(sight) = sight else {
            let lost =
                self.followed.as_ref().is_some_and(|face| at.saturating_sub(face.seen) > GAP);
            if lost {
                self.followed = None;
            }
            return !lost;
        };
        let same = self.followed.as_ref().is_some_and(|face| {
            at.saturating_sub(face.seen) <= GAP && face.place.overlap(&sight.face) >= OVERLAP_MIN
        });
        if !same {
            self.followed = None;
        }
        let followed = self.followed.get_or_insert_with(|| Followed {
            began: at,
            seen: at,
            place: sight.face,
            trail: Trail::new(),
            network: Mean::default(),
            periodicity: Mean::default(),
            surround: Surround::new(),
            borders: Borders::default(),
            doubted: false,
            stage: Stage::Watching { looks: 0 },
        });
        (followed.seen, followed.place) = (at, sight.face);
        if let Some(probability) = sight.bona_fide {
            followed.network.add(probability);
        }
        if let Some(periodicity) = sight.periodicity {
            followed.periodicity.add(periodicity.ln());
        }
        followed.surround.see(at, &sight.grey, &sight.face.landmarks);
        followed.borders.add(sight.border, Around::of(&sight.grey, &sight.face.landmarks));
        if let Some(trace) = &sight.trace {
            followed.trail.add(trace);
        }
        self.advance(at, sight.trace.as_ref(), sight.bona_fide.is_some());
        same
    }

    /// Begins anew, for the face may be another one.
    pub(crate) fn lose(&mut self) {
        self.followed = None;
    }

    pub(crate) fn standing(&self) -> Standing {
        match self.followed.as_ref().map(|face| &face.stage) {
            _ if self.rejected => Standing::Suspected,
            Some(Stage::Accepted) => Standing::BonaFide,
            Some(Stage::Asked { challenge, .. }) => Standing::Asked(challenge.ask()),
            _ => Standing::Watching,
        }
    }

    /// Goes on with the newest frame; `usable` if it is good enough to be compared.
    fn advance(&mut self, at: Duration, trace: Option<&Trace>, usable: bool) {
        let Some(mut face) = self.followed.take() else { return };
        let stage = std::mem::replace(&mut face.stage, Stage::Accepted);
        face.stage = match stage {
            Stage::Watching { looks } => self.look(at, &mut face, looks),
            Stage::Asking { answered, asked } => match trace {
                Some(trace) if usable && trace.nose().across.abs() < AHEAD => {
                    let ask = self.random.ask(asked);
                    let challenge = Box::new(Challenge::new(ask, trace));
                    Stage::Asked { answered, challenge }
                }
                _ => Stage::Asking { answered, asked },
            },
            Stage::Asked { answered, mut challenge } if trace.is_some() => {
                let ask = challenge.ask();
                match challenge.see(&face.trail) {
                    Progress::Open => Stage::Asked { answered, challenge },
                    Progress::Answered => {
                        // What is around a face shows best whether it is held when it moves.
                        face.doubted |= looks_held(&self.limits, &face);
                        let answered = answered + 1;
                        if answered < if face.doubted { 2 } else { 1 } {
                            Stage::Asking { answered, asked: Asked::Answered(ask) }
                        } else {
                            // A limit that is not a number accepts nothing.
                            let accepted = face.network.value() >= self.suspect;
                            self.rejected |= !accepted;
                            Stage::Accepted
                        }
                    }
                    Progress::Refused => {
                        self.refused += 1;
                        self.rejected |= self.refused >= TRIES;
                        Stage::Asking { answered, asked: Asked::Refused(ask) }
                    }
                }
            }
            stage => stage,
        };
        self.followed = Some(face);
    }

    /// Looks at the passive cues when it is time.
    fn look(&mut self, at: Duration, face: &mut Followed, looks: usize) -> Stage {
        let moments = [self.limits.first_look, self.limits.last_look];
        let Some(moment) = moments.get(looks) else { return Stage::Watching { looks } };
        if at.saturating_sub(face.began) < *moment || face.network.count < FRAMES_MIN {
            return Stage::Watching { looks };
        }
        match passive(&self.limits, self.suspect, face) {
            PresentationDecision::BonaFide => Stage::Accepted,
            PresentationDecision::Suspected => {
                self.rejected = true;
                Stage::Watching { looks }
            }
            _ if looks + 1 < moments.len() => Stage::Watching { looks: looks + 1 },
            _ => {
                // Where there are doubts as well, two different movements are asked for.
                face.doubted = !is_clear(&self.limits, face);
                Stage::Asking { answered: 0, asked: Asked::Nothing }
            }
        }
    }

    /// The decision of the passive cues on what was seen so far, as at the last look.
    pub(crate) fn passive(&self) -> PresentationDecision {
        match &self.followed {
            _ if self.rejected => PresentationDecision::Suspected,
            Some(face) if face.network.count > 0 => match face.stage {
                Stage::Accepted => PresentationDecision::BonaFide,
                _ => passive(&self.limits, self.suspect, face),
            },
            _ => PresentationDecision::NotAcquired,
        }
    }
}

/// Whether neither the network nor the surface nor what is around the face leaves a doubt.
fn is_clear(limits: &AttackLimits, face: &Followed) -> bool {
    let grid = (face.periodicity.count > 0).then(|| face.periodicity.value().exp());
    face.network.value() >= limits.clear
        && is_below(grid, limits.periodic)
        && !looks_held(limits, face)
}

/// Whether what is around the face moves with it, or ends in a border.
fn looks_held(limits: &AttackLimits, face: &Followed) -> bool {
    let border = Some(face.borders.share());
    !(is_below(face.surround.follows(), limits.surround) && is_below(border, limits.border))
}

/// Whether there is no value or one below the limit. Nothing is below what is no number.
fn is_below(value: Option<f32>, limit: f32) -> bool {
    value.is_none_or(|value| value < limit)
}

/// A flat picture can look bona fide to the network. So nobody passes without a sign of life
/// that a print does not give: a blink, or landmarks that move as no plane does.
fn passive(limits: &AttackLimits, suspect: f32, face: &Followed) -> PresentationDecision {
    let network = face.network.value();
    // Limits that are not numbers accept nothing: the comparisons are false then.
    let unsuspected = network >= suspect;
    if !unsuspected {
        return PresentationDecision::Suspected;
    }
    let alive = || face.trail.unrest() >= limits.unrest || face.trail.blinked(Duration::ZERO);
    let asks_always = limits.challenge == ChallengePolicy::Always;
    if !asks_always && is_clear(limits, face) && alive() {
        PresentationDecision::BonaFide
    } else {
        PresentationDecision::NeedsChallenge
    }
}

/// `SplitMix64` (Steele et al., 2014): enough for choosing, given a seed that nobody can guess.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Another movement than the last one. A blink is asked only after an answer that only a
    /// solid head gives.
    fn ask(&mut self, asked: Asked) -> Ask {
        let (choices, last): (&[Ask], _) = match asked {
            Asked::Nothing => (&Ask::SOLID, None),
            Asked::Answered(last) => (&Ask::ALL, Some(last)),
            Asked::Refused(last) => (&Ask::SOLID, Some(last)),
        };
        let choices: Vec<Ask> = choices.iter().copied().filter(|ask| Some(*ask) != last).collect();
        choices[(self.next() % choices.len() as u64) as usize]
    }
}

#[cfg(test)]
#[path = "presentation_tests.rs"]
mod tests;
