//! Whole visits of a photograph that moves as a solid head, or as a flat picture, through the real
//! networks, at the default limits.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::OnceLock;
use std::time::Duration;

use image::RgbImage;

use super::Verification;
use crate::attack::border::Borders;
use crate::attack::grey::Around;
use crate::attack::presentation::Sight;
use crate::attack::surround::Surround;
use crate::testing::heads::Turn;
use crate::testing::portrait::Portrait;
use crate::testing::{engine, picture};
use crate::{AttackLimits, Guidance, Limits, Outcome, QualityLimits, Step};

/// A camera in poor light.
const STEP: Duration = Duration::from_millis(125);

/// How a thing is held, and whether the eyes are closed, so many seconds after a request.
type Answer = fn(Guidance, f32) -> (Turn, bool);

/// After a moment there and back; 1 is the furthest.
fn there_and_back(time: f32) -> f32 {
    let share = (time - 0.4) / 1.2;
    if (0.0..1.0).contains(&share) { (std::f32::consts::PI * share).sin() } else { 0.0 }
}

fn obeys(asked: Guidance, time: f32) -> (Turn, bool) {
    let angle = 0.35 * there_and_back(time);
    let turn = match asked {
        Guidance::TurnLeft => Turn { yaw: angle, ..Turn::default() },
        Guidance::TurnRight => Turn { yaw: -angle, ..Turn::default() },
        Guidance::Nod => Turn { pitch: angle, ..Turn::default() },
        _ => Turn::default(),
    };
    (turn, asked == Guidance::Blink && (0.7..1.1).contains(&time))
}

fn goes_the_other_way(asked: Guidance, time: f32) -> (Turn, bool) {
    let (turn, shut) = obeys(asked, time);
    (Turn { yaw: -turn.yaw, pitch: -turn.pitch, ..turn }, shut)
}

/// Shows a thing that sways a little, until the verification decides. What was asked, too.
fn visit(
    seed: u64,
    attack: AttackLimits,
    thing: impl Fn(Turn, bool) -> RgbImage,
    answer: Answer,
) -> (Outcome, Vec<Guidance>) {
    let reference = engine().enrol(&picture("obama.jpg")).unwrap();
    let limits = Limits { attack, ..Limits::default() };
    let mut verification = Verification::new(engine(), reference, limits, seed);
    let mut asked: Vec<(Guidance, Duration)> = Vec::new();
    for i in 0..90_u32 {
        let at = STEP * i;
        let (mut turn, shut) = asked.last().map_or((Turn::default(), false), |(ask, since)| {
            answer(*ask, at.saturating_sub(*since).as_secs_f32())
        });
        turn.shift[0] += 0.15 * (0.7 * i as f32).sin();
        match verification.frame(&thing(turn, shut), at) {
            Step::Decided(outcome) => {
                return (outcome, asked.into_iter().map(|(ask, _)| ask).collect());
            }
            Step::Continue(
                ask @ (Guidance::TurnLeft | Guidance::TurnRight | Guidance::Nod | Guidance::Blink),
            ) if asked.last().is_none_or(|(last, _)| *last != ask) => asked.push((ask, at)),
            Step::Continue(_) => {}
        }
    }
    panic!("no decision");
}

fn portrait() -> &'static Portrait {
    static PORTRAIT: OnceLock<Portrait> = OnceLock::new();
    PORTRAIT.get_or_init(|| Portrait::of("obama3.jpg"))
}

fn solid(turn: Turn, shut: bool) -> RgbImage {
    portrait().solid(turn, shut)
}

fn flat(turn: Turn, shut: bool) -> RgbImage {
    portrait().flat(turn, shut)
}

const USUAL: fn() -> AttackLimits = AttackLimits::default;

#[test]
fn a_head_that_does_what_is_asked_matches() {
    use Guidance::{Nod, TurnLeft, TurnRight};
    for (seed, asked) in [(0, TurnRight), (1, Nod), (3, TurnLeft)] {
        assert_eq!(visit(seed, USUAL(), solid, obeys), (Outcome::Match, vec![asked]), "{seed}");
    }
}

#[test]
fn a_head_that_leaves_a_doubt_matches_after_two_movements() {
    let doubted = AttackLimits { clear: 1.1, ..USUAL() };
    let expected = (Outcome::Match, vec![Guidance::TurnRight, Guidance::Blink]);
    assert_eq!(visit(2, doubted, solid, obeys), expected);
}

#[test]
fn a_flat_picture_never_matches_however_it_is_turned() {
    for seed in [1, 3] {
        let (outcome, asked) = visit(seed, USUAL(), flat, obeys);
        assert_ne!(outcome, Outcome::Match, "{seed}");
        assert!(!asked.is_empty(), "{seed}: it was not looked at");
    }
}

#[test]
fn a_head_that_goes_the_other_way_is_refused() {
    // A turn to the right, and then one to the left.
    let (outcome, asked) = visit(0, USUAL(), solid, goes_the_other_way);
    assert_eq!((outcome, asked.len()), (Outcome::SuspectedAttack, 2));
}

#[test]
fn a_sheet_in_a_hand_looks_held_and_a_head_before_its_background_does_not() {
    let seen = |shown: fn(Turn, bool) -> RgbImage| {
        let (mut surround, mut borders) = (Surround::new(), Borders::default());
        for i in 0..8_u32 {
            let phase = 1.1 * i as f32;
            let shift = [1.5 * phase.sin(), 0.8 * phase.cos(), 0.0];
            let turn = Turn { yaw: 0.08 * phase.cos(), shift, ..Turn::default() };
            let frame = shown(turn, false);
            let sight = engine().watch(&frame, &QualityLimits::PROBE, Duration::ZERO);
            let Sight { face, grey, border, .. } = sight.unwrap().unwrap();
            surround.see(2 * STEP * i, &grey, &face.landmarks);
            borders.add(border, Around::of(&grey, &face.landmarks));
        }
        (surround.follows(), borders.share())
    };
    let limits = USUAL();
    let (follows, border) = seen(flat);
    assert!(follows.is_some_and(|share| share > limits.surround), "{follows:?}");
    assert!(border > limits.border, "{border}");
    let (follows, border) = seen(solid);
    assert!(follows.is_none_or(|share| share < limits.surround), "{follows:?}");
    assert!(border < limits.border, "{border}");
}
