//! Whole presentations, of landmarks and numbers instead of pictures.

use image::RgbImage;
use proptest::prelude::*;

use super::*;
use crate::testing::heads::{Head, Plane, Turn, five};

const FRAME: Duration = Duration::from_millis(66);
const SUSPECT: f32 = 0.3;

/// What the camera sees at one moment: landmarks, eyes, and the network's word.
#[derive(Clone, Copy, Debug)]
struct Shown {
    mask: [crate::align::Point; 68],
    closure: f32,
    network: f32,
    periodicity: f32,
    /// Whether there is a border around the face, and moves with it.
    border: bool,
}

fn head(turn: Turn) -> Shown {
    let mask = Head::default().seen(turn);
    Shown { mask, closure: -20.0, network: 0.99, periodicity: 12.0, border: false }
}

fn sight(at: Duration, shown: &Shown) -> Sight {
    let landmarks = five(&shown.mask);
    let face = Face { left: 200.0, top: 150.0, width: 180.0, height: 240.0, score: 0.9, landmarks };
    let trace = Trace { at, five: landmarks, mask: shown.mask, closure: Some([shown.closure; 2]) };
    let periodicity = Some(shown.periodicity);
    let (grey, bona_fide) = (Grey::of(&RgbImage::new(0, 0)), Some(shown.network));
    let border = Around::of(&grey, &landmarks).filter(|_| shown.border);
    let border = border.map(|a| Border { middle: a.middle, width: 3.0 * a.unit, share: 0.9 });
    Sight { face, trace: Some(trace), bona_fide, periodicity, grey, border }
}

fn presentation(limits: AttackLimits, seed: u64) -> Presentation {
    Presentation::new(limits, SUSPECT, seed)
}

/// Shows one thing after the other, 15 a second, and what it led to.
fn show(limits: AttackLimits, shown: &[Shown]) -> (Standing, PresentationDecision) {
    let mut presentation = presentation(limits, 1);
    for (i, shown) in shown.iter().enumerate() {
        let at = FRAME * i as u32;
        presentation.see(at, Some(&sight(at, shown)));
    }
    (presentation.standing(), presentation.passive())
}

fn yaw(yaw: f32) -> Turn {
    Turn { yaw, ..Turn::default() }
}

#[test]
fn passes_with_a_sign_of_life_that_the_network_believes_and_is_else_asked_or_suspected() {
    use PresentationDecision::{BonaFide, NeedsChallenge, Suspected};
    let still: Vec<Shown> = (0..14).map(|_| head(Turn::default())).collect();
    let with = |network: f32, shown: &[Shown]| -> Vec<Shown> {
        shown.iter().map(|shown| Shown { network, ..*shown }).collect()
    };
    let moving: Vec<Shown> = (0..14).map(|i| head(yaw(0.25 * (i as f32 / 3.0).sin()))).collect();
    let mut blinking = still.clone();
    blinking[6].closure = 12.0;
    blinking[7].closure = 9.0;
    let plane = Plane { posed: Turn::default(), size: 1.0, bend: None };
    let print: Vec<Shown> = (0..14)
        .map(|i| Shown { mask: plane.seen(yaw(0.4 * (i as f32 / 3.0).sin())), ..still[0] })
        .collect();
    let on_grid = |periodicity: f32| -> Vec<Shown> {
        moving.iter().map(|shown| Shown { periodicity, ..*shown }).collect()
    };
    let in_border: Vec<Shown> =
        moving.iter().map(|shown| Shown { border: true, ..*shown }).collect();
    let always = AttackLimits { challenge: ChallengePolicy::Always, ..AttackLimits::default() };
    let broken = AttackLimits { clear: f32::NAN, ..AttackLimits::default() };
    let borderless = AttackLimits { border: f32::NAN, ..AttackLimits::default() };
    let lifeless = AttackLimits { unrest: f32::NAN, ..AttackLimits::default() };
    let usual = AttackLimits::default();
    let cases = [
        ("a face that moves", usual, moving.clone(), BonaFide),
        ("a face that blinks", usual, blinking.clone(), BonaFide),
        ("a face that keeps still", usual, still.clone(), NeedsChallenge),
        ("a print that moves", usual, print.clone(), NeedsChallenge),
        ("moving, but the network doubts", usual, with(0.6, &moving), NeedsChallenge),
        ("moving, but the network is sure", usual, with(0.1, &moving), Suspected),
        ("a print, and the network is sure", usual, with(0.0, &print), Suspected),
        ("moving on a screen's grid", usual, on_grid(90.0), NeedsChallenge),
        ("moving on a strong grid", usual, on_grid(f32::MAX), NeedsChallenge),
        ("moving in a border", usual, in_border, NeedsChallenge),
        ("always asked", always, moving.clone(), NeedsChallenge),
        ("a limit that is no number", broken, moving.clone(), NeedsChallenge),
        ("another limit that is no number", lifeless, moving.clone(), NeedsChallenge),
        ("a border's limit that is no number", borderless, moving.clone(), NeedsChallenge),
    ];
    for (name, limits, shown, expected) in cases {
        assert_eq!(show(limits, &shown).1, expected, "{name}");
    }
}

#[test]
fn decisions_fall_at_the_fixed_moments() {
    let limits = AttackLimits::default();
    let first_change = |network: f32, life: bool| {
        let mut presentation = presentation(limits, 1);
        (0..60).find_map(|i| {
            let at = FRAME * i;
            let angle = if life { 0.25 * (i as f32 / 3.0).sin() } else { 0.0 };
            presentation.see(at, Some(&sight(at, &Shown { network, ..head(yaw(angle)) })));
            (presentation.standing() != Standing::Watching).then_some(at)
        })
    };
    let just_after = |moment: Duration, found: Option<Duration>| {
        assert!(found.is_some_and(|at| at >= moment && at < moment + 4 * FRAME), "{found:?}");
    };
    just_after(limits.first_look, first_change(0.99, true));
    just_after(limits.first_look, first_change(0.0, true));
    just_after(limits.first_look, first_change(0.0, false));
    just_after(limits.last_look, first_change(0.99, false));
}

/// A visitor who keeps still until asked and then does what `answer` says, for so long.
fn visit(
    seed: u64,
    network: f32,
    seconds: u32,
    answer: impl Fn(Ask, f32) -> Turn,
) -> (Standing, Vec<Ask>) {
    visit_with(seed, seconds, |asked| match asked {
        Some((ask, time)) => Shown { network, ..answering(&answer, ask, time) },
        None => Shown { network, ..head(Turn::default()) },
    })
}

fn answering(answer: &impl Fn(Ask, f32) -> Turn, ask: Ask, time: f32) -> Shown {
    let shut = ask == Ask::Blink && (0.5..0.7).contains(&time);
    Shown { closure: if shut { 12.0 } else { -20.0 }, ..head(answer(ask, time)) }
}

/// A visit that shows what depends on what was asked last, and how long ago.
fn visit_with(
    seed: u64,
    seconds: u32,
    shown: impl Fn(Option<(Ask, f32)>) -> Shown,
) -> (Standing, Vec<Ask>) {
    let mut presentation = presentation(AttackLimits::default(), seed);
    let mut asks: Vec<(Ask, Duration)> = Vec::new();
    for i in 0..15 * seconds {
        let at = FRAME * i;
        let since = |since: Duration| at.saturating_sub(since).as_secs_f32();
        let shown = shown(asks.last().map(|(ask, asked)| (*ask, since(*asked))));
        presentation.see(at, Some(&sight(at, &shown)));
        match presentation.standing() {
            Standing::Asked(ask) if asks.last().is_none_or(|(last, _)| *last != ask) => {
                asks.push((ask, at));
            }
            _ => {}
        }
    }
    (presentation.standing(), asks.into_iter().map(|(ask, _)| ask).collect())
}

/// Half a second later there and back within a second.
fn obedient(ask: Ask, time: f32) -> Turn {
    let share = (std::f32::consts::PI * (time - 0.5)).sin();
    let angle = if (0.5..1.5).contains(&time) { 0.35 * share } else { 0.0 };
    match ask {
        Ask::TurnLeft => yaw(angle),
        Ask::TurnRight => yaw(-angle),
        Ask::Nod => Turn { pitch: angle, ..Turn::default() },
        Ask::Blink => Turn::default(),
    }
}

#[test]
fn whoever_does_what_is_asked_passes_and_whoever_does_not_is_rejected() {
    for seed in 0..20 {
        let (standing, asks) = visit(seed, 0.99, 6, obedient);
        assert_eq!((standing, asks.len()), (Standing::BonaFide, 1), "{seed} {asks:?}");
        // Two different movements where the network doubts.
        let (standing, asks) = visit(seed, 0.5, 9, obedient);
        assert_eq!((standing, asks.len()), (Standing::BonaFide, 2), "{seed} {asks:?}");
        assert!(asks[0] != asks[1] && asks[0] != Ask::Blink, "{seed} {asks:?}");
        let (standing, asks) = visit(seed, 0.99, 12, |_, _| Turn::default());
        assert_eq!((standing, asks.len()), (Standing::Suspected, 2), "{seed} {asks:?}");
        assert!(!asks.contains(&Ask::Blink), "{seed} {asks:?}");
    }
}

#[test]
fn a_border_that_shows_while_the_face_answers_costs_a_second_movement() {
    let answers = |border: &dyn Fn(bool) -> bool| {
        let visit = visit_with(4, 9, |asked| {
            let border = border(asked.is_some());
            let shown = asked.map(|(ask, time)| answering(&obedient, ask, time));
            Shown { border, ..shown.unwrap_or_else(|| head(Turn::default())) }
        });
        (visit.0, visit.1.len())
    };
    assert_eq!(answers(&|_| false), (Standing::BonaFide, 1));
    assert_eq!(answers(&|_| true), (Standing::BonaFide, 2));
    assert_eq!(answers(&|asked| asked), (Standing::BonaFide, 2));
}

#[test]
fn the_seed_chooses_among_all_movements() {
    let first: Vec<Ask> = (0..40).map(|seed| visit(seed, 0.99, 2, obedient).1[0]).collect();
    for ask in Ask::SOLID {
        assert!(first.contains(&ask), "{ask:?}");
    }
}

#[test]
fn a_lost_face_begins_anew() {
    let limits = AttackLimits::default();
    let mut presentation = presentation(limits, 1);
    let moving = |i: u32| head(yaw(0.25 * (i as f32 / 3.0).sin()));
    for i in 0..20 {
        presentation.see(FRAME * i, Some(&sight(FRAME * i, &moving(i))));
    }
    assert_eq!(presentation.standing(), Standing::BonaFide);
    // A short gap changes nothing.
    assert!(presentation.see(FRAME * 21, None));
    assert_eq!(presentation.standing(), Standing::BonaFide);
    let later = FRAME * 20 + 2 * GAP;
    assert!(!presentation.see(later, None));
    assert_eq!(presentation.standing(), Standing::Watching);
    assert!(!presentation.see(later + FRAME, Some(&sight(later + FRAME, &moving(0)))));
    assert_eq!(presentation.standing(), Standing::Watching);
    assert_eq!(presentation.passive(), PresentationDecision::NeedsChallenge);
}

#[test]
fn a_face_elsewhere_in_the_next_frame_is_another_one() {
    let mut presentation = presentation(AttackLimits::default(), 1);
    let mut sight = sight(Duration::ZERO, &head(Turn::default()));
    presentation.see(Duration::ZERO, Some(&sight));
    assert!(presentation.see(FRAME, Some(&sight)));
    sight.face.left += 160.0;
    assert!(!presentation.see(2 * FRAME, Some(&sight)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_order_of_still_and_flat_frames_is_bona_fide(
        seed: u64,
        plane in Plane::any(),
        turns in prop::collection::vec((Turn::any(0.5), -25.0_f32..-13.0, 0.0_f32..=1.0), 1..80),
    ) {
        let mut presentation = presentation(AttackLimits::default(), seed);
        for (i, (turn, closure, network)) in turns.into_iter().enumerate() {
            let at = FRAME * i as u32;
            let shown = Shown { mask: plane.seen(turn), closure, network, ..head(turn) };
            presentation.see(at, Some(&sight(at, &shown)));
            prop_assert_ne!(presentation.standing(), Standing::BonaFide);
        }
        prop_assert_ne!(presentation.passive(), PresentationDecision::BonaFide);
    }

    #[test]
    fn no_life_makes_up_for_a_network_that_is_sure(
        seed: u64,
        frames in prop::collection::vec((Turn::any(0.4), -30.0_f32..20.0, 0.0_f32..0.29), 1..80),
    ) {
        let mut presentation = presentation(AttackLimits::default(), seed);
        for (i, (turn, closure, network)) in frames.into_iter().enumerate() {
            let at = FRAME * i as u32;
            let shown = Shown { closure, network, ..head(turn) };
            presentation.see(at, Some(&sight(at, &shown)));
            prop_assert_ne!(presentation.standing(), Standing::BonaFide);
        }
    }

    #[test]
    fn fewer_frames_than_needed_decide_nothing(
        frames in prop::collection::vec((Turn::any(0.4), 0_u64..3_000), 0..FRAMES_MIN),
    ) {
        let mut presentation = presentation(AttackLimits::default(), 1);
        let mut at = Duration::ZERO;
        for (turn, passed) in frames {
            at += Duration::from_millis(passed.min(300));
            presentation.see(at, Some(&sight(at, &head(turn))));
            prop_assert_eq!(presentation.standing(), Standing::Watching);
        }
    }
}
