//! A challenge: one movement that is asked for, and whether the followed face makes it.
//!
//! An answer begins after the request, goes the asked way, passes through the poses between, moves
//! the landmarks as no plane can ([`Trace::depth`]), and ends where it began. Left and right are
//! the visitor's own: a head that turns to its own left turns to the right of the camera's
//! image.

use std::time::Duration;

use crate::Guidance;
use crate::attack::trace::{Trace, Trail};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    TurnLeft,
    TurnRight,
    Nod,
    Blink,
}

impl Ask {
    pub(crate) const ALL: [Self; 4] = [Self::TurnLeft, Self::TurnRight, Self::Nod, Self::Blink];
    /// Those that only a solid head can answer. A recording blinks by itself every few seconds.
    pub(crate) const SOLID: [Self; 3] = [Self::TurnLeft, Self::TurnRight, Self::Nod];

    pub(crate) fn guidance(self) -> Guidance {
        match self {
            Self::TurnLeft => Guidance::TurnLeft,
            Self::TurnRight => Guidance::TurnRight,
            Self::Nod => Guidance::Nod,
            Self::Blink => Guidance::Blink,
        }
    }
}

/// Nobody reacts to a picture on a screen faster: what begins earlier is no answer.
const REACTION: Duration = Duration::from_millis(150);
/// How long an answer may take, from the request to its end.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(4);
/// Displacement of the nose at which a movement has begun, and below which it has ended. Faces on
/// screens that stand still gave up to 0.045 of noise.
const BEGIN: f32 = 0.06;
/// Displacement of a turn (share of the distance between the eyes): 12° of rendered heads. Drawn
/// prints in a hand gave up to 0.07, bent ones 0.12.
const TURN: f32 = 0.15;
/// Displacement of a nod (share of the height between eyes and mouth): 12° again. Drawn prints
/// gave up to 0.07.
const NOD: f32 = 0.15;
/// Motion that no plane explains, at the furthest point: rendered heads gave 0.047 and more at
/// 12°, most drawn prints less than 0.04.
const DEPTH: f32 = 0.045;
/// Fastest movement of the nose: about 300° a second. Faster is another picture.
const SPEED: f32 = 4.0;
/// Poses needed on the way out, the furthest among them.
const ON_THE_WAY: usize = 2;
/// Frames at rest that end an answer.
const AT_REST: usize = 2;

/// How far a challenge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Open,
    Answered,
    /// Another movement, too early, too late or too fast.
    Refused,
}

/// One request and what was seen since.
pub(crate) struct Challenge {
    ask: Ask,
    asked: Duration,
    rest: Trace,
    last: f32,
    last_at: Duration,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Waiting,
    Moving { poses: usize, depth: f32 },
    Back { still: usize },
}

impl Challenge {
    /// Asks a face whose last trace is `rest`, at that moment.
    pub(crate) fn new(ask: Ask, rest: &Trace) -> Self {
        let asked = rest.at;
        Self { ask, asked, rest: *rest, last: 0.0, last_at: asked, stage: Stage::Waiting }
    }

    pub(crate) fn ask(&self) -> Ask {
        self.ask
    }

    /// Takes in the next trace of the same face; `trail` ends with it.
    pub(crate) fn see(&mut self, trail: &Trail) -> Progress {
        let Some(trace) = trail.last() else { return Progress::Open };
        let since = trace.at.saturating_sub(self.asked);
        if since > ANSWER_MAX {
            return Progress::Refused;
        }
        if self.ask == Ask::Blink {
            // The head keeps still, so that no hand over the eyes is a blink.
            let moved = self.displacement(trace, Ask::TurnLeft).abs() > TURN;
            return match (moved, trail.blinked(self.asked + REACTION)) {
                (true, _) => Progress::Refused,
                (false, true) => Progress::Answered,
                (false, false) => Progress::Open,
            };
        }
        let displacement = self.displacement(trace, self.ask);
        let passed = trace.at.saturating_sub(self.last_at).as_secs_f32();
        // Noise of the landmarks may add to a movement.
        if !displacement.is_finite() || (displacement - self.last).abs() > SPEED * passed + BEGIN {
            return Progress::Refused;
        }
        (self.last, self.last_at) = (displacement, trace.at);
        self.advance(trace, displacement, since)
    }

    fn advance(&mut self, trace: &Trace, displacement: f32, since: Duration) -> Progress {
        let (far, other) = match self.ask {
            Ask::Nod => (NOD, 2.0 * NOD),
            _ => (TURN, TURN),
        };
        self.stage = match self.stage {
            _ if displacement < -other => return Progress::Refused,
            Stage::Waiting if displacement < BEGIN => Stage::Waiting,
            Stage::Waiting if since < REACTION => return Progress::Refused,
            Stage::Waiting => Stage::Moving { poses: 1, depth: trace.depth(&self.rest) },
            Stage::Moving { poses, depth } => {
                let depth = depth.max(trace.depth(&self.rest));
                if displacement >= far && poses + 1 >= ON_THE_WAY && depth >= DEPTH {
                    Stage::Back { still: 0 }
                } else if displacement < BEGIN {
                    Stage::Waiting
                } else {
                    Stage::Moving { poses: poses + 1, depth }
                }
            }
            Stage::Back { still } if displacement < BEGIN => Stage::Back { still: still + 1 },
            Stage::Back { .. } => Stage::Back { still: 0 },
        };
        if self.stage == (Stage::Back { still: AT_REST }) {
            Progress::Answered
        } else {
            Progress::Open
        }
    }

    /// How far the nose went the asked way since the request.
    fn displacement(&self, trace: &Trace, ask: Ask) -> f32 {
        let (now, rest) = (trace.nose(), self.rest.nose());
        match ask {
            Ask::TurnLeft | Ask::Blink => now.across - rest.across,
            Ask::TurnRight => rest.across - now.across,
            Ask::Nod => now.down - rest.down,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::heads::{Head, Plane, Turn, five};

    const FRAME: u64 = 66;

    fn trace(i: usize, mask: &crate::landmarks::Mask, closure: f32) -> Trace {
        let at = Duration::from_millis(FRAME * i as u64);
        Trace { at, five: five(mask), mask: *mask, closure: Some([closure; 2]) }
    }

    /// Asks in the first frame, shows the others.
    fn answer(ask: Ask, traces: &[Trace]) -> Progress {
        let (Some(first), mut trail) = (traces.first(), Trail::new()) else {
            return Progress::Open;
        };
        let mut challenge = Challenge::new(ask, first);
        for trace in traces {
            trail.add(trace);
            let progress = challenge.see(&trail);
            if progress != Progress::Open {
                return progress;
            }
        }
        Progress::Open
    }

    /// A movement: how often which frame's turn is, from rest to rest.
    fn movement(wait: usize, peak: f32, steps: usize, turn: impl Fn(f32) -> Turn) -> Vec<Turn> {
        let there = (1..=steps).map(|i| peak * i as f32 / steps as f32);
        let back = there.clone().rev();
        let angles = std::iter::repeat_n(0.0, wait).chain(there).chain(back);
        angles.chain(std::iter::repeat_n(0.0, 4)).map(turn).collect()
    }

    fn yaw(yaw: f32) -> Turn {
        Turn { yaw, ..Turn::default() }
    }

    fn pitch(pitch: f32) -> Turn {
        Turn { pitch, ..Turn::default() }
    }

    fn heads(turns: &[Turn]) -> Vec<Trace> {
        let seen = |(i, turn): (usize, &Turn)| trace(i, &Head::default().seen(*turn), -20.0);
        turns.iter().enumerate().map(seen).collect()
    }

    #[test]
    fn a_head_answers_by_going_the_asked_way_and_back() {
        use Ask::{Nod, TurnLeft, TurnRight};
        use Progress::{Answered, Open, Refused};
        let (left, right) = (0.35, -0.35);
        let cases = [
            ("to the left", TurnLeft, movement(6, left, 6, yaw), Answered),
            ("to the right", TurnRight, movement(6, right, 6, yaw), Answered),
            ("a nod", Nod, movement(6, 0.35, 6, pitch), Answered),
            ("the other way", TurnLeft, movement(6, right, 6, yaw), Refused),
            ("the other way round", TurnRight, movement(6, left, 6, yaw), Refused),
            ("a nod for a turn", TurnLeft, movement(6, 0.35, 6, pitch), Open),
            ("a turn for a nod", Nod, movement(6, left, 6, yaw), Open),
            ("hardly a turn", TurnLeft, movement(6, 0.1, 6, yaw), Open),
            ("nothing", TurnLeft, movement(30, 0.0, 6, yaw), Open),
            ("begun before the request", TurnLeft, movement(0, left, 4, yaw), Refused),
            ("all at once", TurnLeft, movement(6, 0.6, 1, yaw), Refused),
            ("too late", TurnLeft, movement(62, left, 6, yaw), Refused),
            ("not back", TurnLeft, movement(6, left, 6, yaw)[..14].to_vec(), Open),
        ];
        for (name, ask, turns, expected) in cases {
            assert_eq!(answer(ask, &heads(&turns)), expected, "{name}");
        }
    }

    #[test]
    fn a_blink_answers_when_the_head_keeps_still() {
        let blink = |before: usize, head: &dyn Fn(usize) -> Turn| -> Vec<Trace> {
            (0..before + 8)
                .map(|i| {
                    let shut = (before..before + 3).contains(&i);
                    trace(i, &Head::default().seen(head(i)), if shut { 10.0 } else { -20.0 })
                })
                .collect()
        };
        let still = |_: usize| Turn::default();
        assert_eq!(answer(Ask::Blink, &blink(6, &still)), Progress::Answered);
        // Two open frames are needed after the time that a reaction takes.
        assert_eq!(answer(Ask::Blink, &blink(1, &still)), Progress::Open);
        let turning = |i: usize| yaw(0.05 * i as f32);
        assert_eq!(answer(Ask::Blink, &blink(6, &turning)), Progress::Refused);
    }

    fn solid() -> impl Strategy<Value = Ask> {
        prop::sample::select(Ask::SOLID.to_vec())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn a_plane_never_answers_whatever_is_done_with_it(
            ask in solid(),
            plane in Plane::any(),
            turns in prop::collection::vec(Turn::any(0.7), 3..8),
            steps in 1_usize..10,
        ) {
            // From one way of holding it to the next in steps.
            let between = |a: f32, b: f32, share: f32| a + (b - a) * share;
            let masks = turns.windows(2).flat_map(|pair| {
                (0..steps).map(move |step| {
                    let share = step as f32 / steps as f32;
                    plane.seen(Turn {
                        yaw: between(pair[0].yaw, pair[1].yaw, share),
                        pitch: between(pair[0].pitch, pair[1].pitch, share),
                        roll: between(pair[0].roll, pair[1].roll, share),
                        shift: std::array::from_fn(|i| {
                            between(pair[0].shift[i], pair[1].shift[i], share)
                        }),
                    })
                })
            });
            let traces: Vec<Trace> =
                masks.enumerate().map(|(i, mask)| trace(i, &mask, -20.0)).collect();
            prop_assert_ne!(answer(ask, &traces), Progress::Answered);
        }

        #[test]
        fn a_bent_print_never_answers(
            ask in solid(),
            bend in 8.0_f32..40.0,
            peak in -0.6_f32..0.6,
            upright in any::<bool>(),
            steps in 2_usize..10,
        ) {
            let plane = Plane { posed: Turn::default(), size: 1.0, bend: Some(bend) };
            let turns = movement(6, peak, steps, if upright { yaw } else { pitch });
            let traces: Vec<Trace> = turns
                .iter()
                .enumerate()
                .map(|(i, turn)| trace(i, &plane.seen(*turn), -20.0))
                .collect();
            prop_assert_ne!(answer(ask, &traces), Progress::Answered);
        }
    }
}
