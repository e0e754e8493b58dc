//! Whole visits of recorded pictures, through the real networks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use image::imageops;

use super::*;
use crate::testing::{FRAME, camera_frame, engine, moved, picture, with_closed_eyes};

use crate::AttackLimits;

const STEP: Duration = Duration::from_millis(66);

/// The pictures cannot answer a challenge.
fn limits() -> Limits {
    let attack = AttackLimits { challenge: ChallengePolicy::Never, ..AttackLimits::default() };
    Limits { attack, ..Limits::default() }
}

fn verification(reference: &str, limits: Limits) -> Verification<'static> {
    Verification::new(engine(), engine().enrol(&picture(reference)).unwrap(), limits, 7)
}

/// Shows the person of a picture, swaying, until the verification decides.
fn verify(reference: &str, probe: &str) -> (u32, Outcome) {
    let mut verification = verification(reference, limits());
    let frame = camera_frame(probe);
    for i in 0..100 {
        let sway = i64::from(i % 7) - 3;
        let step = verification.frame(&moved(&frame, sway, -sway / 2), STEP * i);
        match step {
            Step::Continue(guidance) => assert_eq!(guidance, Guidance::KeepStill),
            Step::Decided(outcome) => return (i + 1, outcome),
        }
    }
    panic!("no decision");
}

#[test]
fn c06_the_same_person_matches_after_three_frames_and_never_after_one() {
    for (reference, probe) in [
        ("obama.jpg", "obama2.jpg"),
        ("obama.jpg", "obama3.jpg"),
        ("obama2.jpg", "obama3.jpg"),
        ("obama3.jpg", "obama2.jpg"),
        ("obama3.jpg", "obama.jpg"),
    ] {
        assert_eq!(verify(reference, probe), (3, Outcome::Match), "{reference} {probe}");
    }
}

#[test]
fn c06_another_person_does_not_match() {
    for (reference, probe) in [("obama.jpg", "biden.jpg"), ("biden.jpg", "obama2.jpg")] {
        assert_eq!(verify(reference, probe), (8, Outcome::NonMatch), "{reference} {probe}");
    }
}

#[test]
fn guides_the_visitor_and_compares_nothing_meanwhile() {
    let good = camera_frame("obama3.jpg");
    let (width, height) = FRAME;
    let two = {
        let mut two = imageops::resize(&good, width, height, imageops::FilterType::Triangle);
        let other = imageops::crop_imm(&good, 200, 0, 240, height).to_image();
        imageops::replace(&mut two, &other, 0, 0);
        imageops::replace(&mut two, &other, 400, 0);
        two
    };
    let scaled = |image: &RgbImage, by: f32| {
        image::imageops::resize(
            image,
            (width as f32 * by) as u32,
            (height as f32 * by) as u32,
            imageops::FilterType::Triangle,
        )
    };
    let far = {
        let mut far = RgbImage::from_pixel(width, height, image::Rgb([90; 3]));
        imageops::replace(&mut far, &scaled(&good, 0.25), 240, 180);
        far
    };
    let cases = [
        ("nobody", RgbImage::from_pixel(width, height, image::Rgb([90; 3])), Guidance::NoFace),
        ("no pixels", RgbImage::new(0, 0), Guidance::NoFace),
        ("two", two, Guidance::SeveralFaces),
        ("far", far, Guidance::ComeCloser),
        ("over the left edge", moved(&good, -320, 0), Guidance::CentreFace),
        ("over the top edge", moved(&good, 0, -130), Guidance::CentreFace),
        ("dark", brightened(&good, 0.15), Guidance::TooDark),
        ("lit from one side", lit_from_one_side(&good), Guidance::UnevenLight),
        ("blurred", imageops::blur(&good, 5.0), Guidance::HoldStill),
    ];
    for (name, frame, expected) in cases {
        let mut verification = verification("obama.jpg", limits());
        for i in 0..4 {
            assert_eq!(verification.frame(&frame, STEP * i), Step::Continue(expected), "{name}");
        }
        assert_eq!(verification.finish(), Outcome::PoorSamples, "{name}");
    }
}

#[test]
fn the_best_frame_yet_shows_a_face_and_is_compared_before_any_that_is_not() {
    let good = camera_frame("obama3.jpg");
    let (width, height) = FRAME;
    let nobody = RgbImage::from_pixel(width, height, image::Rgb([90; 3]));
    let smaller = {
        let (width, height) = (width * 2 / 5, height * 2 / 5);
        let mut frame = nobody.clone();
        let small = imageops::resize(&good, width, height, imageops::FilterType::Triangle);
        imageops::replace(&mut frame, &small, 180, 140);
        frame
    };
    let blurred = imageops::blur(&good, 5.0);
    let mut verification = verification("biden.jpg", limits());
    let shown = [
        ("nobody", &nobody, Guidance::NoFace, false),
        ("blurred, before any was compared", &blurred, Guidance::HoldStill, true),
        ("small", &smaller, Guidance::KeepStill, true),
        ("good", &good, Guidance::KeepStill, true),
        ("as good", &good, Guidance::KeepStill, false),
        ("small again", &smaller, Guidance::KeepStill, false),
        ("blurred, afterwards", &blurred, Guidance::HoldStill, false),
        ("nobody again", &nobody, Guidance::NoFace, false),
    ];
    for (i, (name, frame, guidance, best)) in (0..).zip(shown) {
        assert_eq!(verification.frame(frame, STEP * i), Step::Continue(guidance), "{name}");
        assert_eq!(verification.is_best_yet(), best, "{name}");
    }
}

/// The right half of the frame's middle in the dark.
fn lit_from_one_side(image: &RgbImage) -> RgbImage {
    let mut image = image.clone();
    let middle = image.width() as f32 / 2.0;
    for (x, _, pixel) in image.enumerate_pixels_mut() {
        let light = 0.06 + 0.94 / (1.0 + ((x as f32 - middle) / 20.0).exp());
        pixel.0 = pixel.0.map(|value| (f32::from(value) * light) as u8);
    }
    image
}

fn brightened(image: &RgbImage, by: f32) -> RgbImage {
    let mut image = image.clone();
    for value in image.iter_mut() {
        *value = (f32::from(*value) * by) as u8;
    }
    image
}

#[test]
fn c05_whoever_looks_as_if_the_eyes_were_closed_is_compared_all_the_same() {
    let quality = crate::QualityLimits { eyes_closed_max: 0.5, ..crate::QualityLimits::PROBE };
    let mut held_up = 0;
    for name in ["obama.jpg", "obama2.jpg", "biden.jpg"] {
        let open = camera_frame(name);
        let sight = engine().watch(&open, &quality, Duration::ZERO).unwrap().unwrap();
        let shut = with_closed_eyes(&open, &sight.trace.unwrap().mask);
        let mut verification = verification(name, Limits { quality, ..limits() });
        for at in [0, 700, 1_400].map(Duration::from_millis) {
            let step = verification.frame(&shut, at);
            held_up += usize::from(step == Step::Continue(Guidance::OpenEyes));
        }
        verification.frame(&shut, Duration::from_millis(1_600));
        let step = verification.frame(&shut, Duration::from_millis(1_700));
        assert_ne!(step, Step::Continue(Guidance::OpenEyes), "{name}");
    }
    assert!(held_up >= 3, "{held_up}");
}

#[test]
fn ends_at_the_time_limit_without_looking_at_the_frame() {
    let limits = limits();
    let mut verification = verification("obama.jpg", limits);
    let frame = camera_frame("obama2.jpg");
    assert_eq!(verification.frame(&frame, Duration::ZERO), Step::Continue(Guidance::KeepStill));
    let late = Step::Decided(Outcome::PoorSamples);
    assert_eq!(verification.frame(&frame, limits.time_limit), late);
    assert_eq!(verification.frame(&frame, Duration::ZERO), late, "a decision stands");
}

#[test]
fn probes_that_do_not_look_bona_fide_are_suspected() {
    // The network calls these photographs bona fide, so the limit goes out of their reach.
    let limits = Limits { attack_threshold: 1.1, ..limits() };
    let mut verification = verification("obama.jpg", limits);
    let frame = camera_frame("obama2.jpg");
    let steps: Vec<Step> = (0..8).map(|i| verification.frame(&frame, STEP * i)).collect();
    assert_eq!(steps[6], Step::Continue(Guidance::KeepStill));
    assert_eq!(steps[7], Step::Decided(Outcome::SuspectedAttack));
}

#[test]
fn a_swaying_picture_is_asked_to_move_at_a_fixed_time_and_never_matches() {
    let limits = Limits::default();
    let frame = camera_frame("obama2.jpg");
    for seed in [1, 2] {
        let reference = engine().enrol(&picture("obama.jpg")).unwrap();
        let mut verification = Verification::new(engine(), reference, limits, seed);
        let mut asked = None;
        for i in 0..60_u32 {
            let sway = i64::from(i % 7) - 3;
            match verification.frame(&moved(&frame, sway, -sway / 2), STEP * i) {
                Step::Continue(Guidance::KeepStill) => {}
                Step::Continue(Guidance::TurnLeft | Guidance::TurnRight | Guidance::Nod) => {
                    asked = asked.or(Some(STEP * i));
                }
                step => panic!("{i}: {step:?}"),
            }
        }
        let asked = asked.unwrap();
        let last_look = limits.attack.last_look;
        assert!(asked >= last_look && asked < last_look + STEP * 3, "{asked:?}");
        assert_eq!(verification.finish(), Outcome::PoorSamples);
    }
}

#[test]
fn a_visitor_who_blinks_matches_within_a_second_without_being_asked() {
    let limits = Limits::default();
    let open = camera_frame("obama2.jpg");
    let sight = engine().watch(&open, &limits.quality, Duration::ZERO).unwrap().unwrap();
    let shut = with_closed_eyes(&open, &sight.trace.unwrap().mask);
    let reference = engine().enrol(&picture("obama.jpg")).unwrap();
    let mut verification = Verification::new(engine(), reference, limits, 5);
    let decided = (0..30_u32).find_map(|i| {
        let frame = if (5..8).contains(&i) { &shut } else { &open };
        let sway = i64::from(i % 7) - 3;
        match verification.frame(&moved(frame, sway, -sway / 2), STEP * i) {
            Step::Decided(outcome) => Some((STEP * i, outcome)),
            Step::Continue(_) => None,
        }
    });
    let (at, outcome) = decided.unwrap();
    assert_eq!(outcome, Outcome::Match);
    assert!(at >= limits.attack.first_look && at < Duration::from_secs(1), "{at:?}");
}

#[test]
fn another_face_in_the_place_of_the_followed_one_begins_anew() {
    let reference = engine().enrol(&picture("obama.jpg")).unwrap();
    let mut verification = Verification::new(engine(), reference, limits(), 3);
    let (same, other) = (camera_frame("obama2.jpg"), camera_frame("biden.jpg"));
    // Two frames of each: no three of one face in a row, so never a match.
    for i in 0..12_u32 {
        let frame = if i / 2 % 2 == 0 { &same } else { &other };
        let step = verification.frame(frame, STEP * i);
        assert_eq!(step, Step::Continue(Guidance::KeepStill), "{i}");
    }
    assert_eq!(verification.finish(), Outcome::PoorSamples);
}
