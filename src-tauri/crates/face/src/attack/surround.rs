//! Whether what is beside the head moves as the head does. Around the face on a print or a screen
//! in a hand it does, out to the sheet's edges; behind a visitor the room stands still.
//!
//! The head is followed by its landmarks; small squares beside it are looked for where they were
//! and where they would be if they were fixed to the head. Squares without a texture that tells
//! the two apart say nothing, and so do those that are found in neither place: other people,
//! leaves, a screen behind. What stands still is no proof of a visitor either: so does the room
//! around a sheet that is smaller than the squares' distance from the face.

use std::time::Duration;

use crate::align::{Point, Similarity};
use crate::attack::grey::{Around, Grey};

/// Two pictures further apart than this are compared.
const APART: Duration = Duration::from_millis(200);
/// A picture older than this is replaced, for the light may have changed.
const OLD: Duration = Duration::from_millis(1500);
/// Least way of a square with the head, in distances between the eyes: about a centimetre.
const WAY: f32 = 0.15;
/// The same in pixels of the small picture: landmarks and pixels are good for one.
const WAY_PIXELS: f32 = 2.5;
/// How far around either place a square is looked for, as a share of the way between the two:
/// they never meet. A tilted sheet is not moved by the similarity exactly.
const NEAR: f32 = 0.35;
/// Places on each side of the middle that are looked at, along x and y.
const STEPS: i32 = 2;
/// Squares beside the head, in distances between the eyes: beyond the hair, from above the head
/// to above the shoulders.
const COLUMNS: [f32; 3] = [1.9, 2.6, 3.3];
const ROWS: [f32; 6] = [-2.4, -1.7, -1.0, -0.3, 0.4, 1.1];
/// Side of a square, in the same.
const SIDE: f32 = 0.7;
/// Points of a square, along each side.
const POINTS: usize = 9;
const SQUARE: usize = POINTS * POINTS;
/// Least standard deviation of a square with texture, in grey values.
const TEXTURE: f32 = 3.0;
/// Largest difference (1 − correlation) of a square that was found again.
const FOUND: f32 = 0.25;
/// How much better than in the other place.
const BETTER: f32 = 0.4;
/// Votes on each side of the head without which nothing is said.
const SIDE_MIN: u32 = 3;

/// What was seen beside the head so far.
pub(crate) struct Surround {
    earlier: Option<Earlier>,
    /// Left and right of the head in the picture.
    votes: [Votes; 2],
}

struct Earlier {
    at: Duration,
    grey: Grey,
    five: [Point; 5],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Votes {
    followed: u32,
    stayed: u32,
}

/// Where a square was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    WithTheHead,
    WhereItWas,
}

impl Surround {
    pub(crate) fn new() -> Self {
        Self { earlier: None, votes: [Votes::default(); 2] }
    }

    /// Takes in the next picture of the followed face with the detector's landmarks.
    pub(crate) fn see(&mut self, at: Duration, grey: &Grey, five: &[Point; 5]) {
        let five = five.map(|point| grey.place(point));
        let Some(earlier) = &mut self.earlier else {
            self.earlier = Some(Earlier { at, grey: grey.again(), five });
            return;
        };
        let passed = at.saturating_sub(earlier.at);
        if passed < APART {
            return;
        }
        let compared = compare(earlier, grey, &five);
        if let Some(compared) = compared {
            for (votes, seen) in self.votes.iter_mut().zip(compared) {
                votes.followed += seen.followed;
                votes.stayed += seen.stayed;
            }
        }
        if compared.is_some() || passed > OLD {
            earlier.grey.copy_from(grey);
            (earlier.at, earlier.five) = (at, five);
        }
    }

    /// The share (0..1) of the surroundings that moved with the head. `None` while nothing can be
    /// said: not enough moved with it on both sides. Hair and hands are on one side.
    pub(crate) fn follows(&self) -> Option<f32> {
        let followed = self.votes.iter().map(|votes| votes.followed);
        if followed.clone().any(|count| count < SIDE_MIN) {
            return None;
        }
        let followed: u32 = followed.sum();
        let all = followed + self.votes.iter().map(|votes| votes.stayed).sum::<u32>();
        Some(followed as f32 / all as f32)
    }
}

/// The votes of both sides. `None` if the head has not moved enough.
fn compare(earlier: &Earlier, grey: &Grey, five: &[Point; 5]) -> Option<[Votes; 2]> {
    if earlier.grey.size() != grey.size() {
        return Some([Votes::default(); 2]);
    }
    let motion = Similarity::between(&earlier.five, five)?;
    let around = Around::in_small(&earlier.five)?;
    let least = (WAY * around.unit).max(WAY_PIXELS);
    let way_of = |place: Point| {
        let moved = motion.apply(place);
        [moved[0] - place[0], moved[1] - place[1]]
    };
    let sides = [-1.0, 1.0].map(|side| way_of(around.at([side * COLUMNS[0], 0.0])));
    if sides.iter().all(|[x, y]| x.hypot(*y) < least) {
        return None;
    }
    let mut votes = [Votes::default(); 2];
    for (side, votes) in [-1.0, 1.0].into_iter().zip(&mut votes) {
        for place in COLUMNS.iter().flat_map(|x| ROWS.map(|y| around.at([side * x, y]))) {
            let [x, y] = way_of(place);
            if x.hypot(y) < least {
                continue;
            }
            let Some(square) = square(&earlier.grey, place, around.unit, |point| point) else {
                continue;
            };
            match find(&square, grey, place, around.unit, motion) {
                Some(Found::WithTheHead) => votes.followed += 1,
                Some(Found::WhereItWas) => votes.stayed += 1,
                None => {}
            }
        }
    }
    Some(votes)
}

fn find(
    square_before: &[f32; SQUARE],
    grey: &Grey,
    place: Point,
    unit: f32,
    motion: Similarity,
) -> Option<Found> {
    let moved = motion.apply(place);
    let near = NEAR * (moved[0] - place[0]).hypot(moved[1] - place[1]) / STEPS as f32;
    // The least difference around a place; 2, as of the opposite, where nothing can be seen.
    let difference = |to: &dyn Fn(Point) -> Point| {
        let mut least = 2.0_f32;
        for (right, down) in (-STEPS..=STEPS).flat_map(|x| (-STEPS..=STEPS).map(move |y| (x, y))) {
            let shifted = |point: Point| {
                let [x, y] = to(point);
                [x + right as f32 * near, y + down as f32 * near]
            };
            if let Some(found) = square(grey, place, unit, shifted) {
                let correlation: f32 = found.iter().zip(square_before).map(|(a, b)| a * b).sum();
                least = least.min(1.0 - correlation);
            }
        }
        least
    };
    let with = difference(&|point| motion.apply(point));
    let without = difference(&|point| point);
    if with < FOUND && with < BETTER * without {
        Some(Found::WithTheHead)
    } else if without < FOUND && without < BETTER * with {
        Some(Found::WhereItWas)
    } else {
        None
    }
}

/// The points of a square, each brought elsewhere, without their mean and at length 1, so that
/// the light does not matter. `None` where there is no texture or no picture.
fn square(
    grey: &Grey,
    middle: Point,
    unit: f32,
    to: impl Fn(Point) -> Point,
) -> Option<[f32; SQUARE]> {
    let mut values = [0.0; SQUARE];
    let offset = |i: usize| (i as f32 / (POINTS - 1) as f32 - 0.5) * SIDE * unit;
    for (i, value) in values.iter_mut().enumerate() {
        let point = [middle[0] + offset(i % POINTS), middle[1] + offset(i / POINTS)];
        *value = grey.at(to(point))?;
    }
    let mean = values.iter().sum::<f32>() / SQUARE as f32;
    for value in &mut values {
        *value -= mean;
    }
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length < TEXTURE * (SQUARE as f32).sqrt() {
        return None;
    }
    Some(values.map(|value| value / length))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use image::{Rgb, RgbImage};

    use super::*;

    const EYES: f32 = 84.0;

    /// Smooth noise, different for each seed; 0..255.
    fn texture(seed: u32, [x, y]: Point) -> f32 {
        let value = |x: i32, y: i32| {
            let mixed = (x as u32)
                .wrapping_mul(0x9e37_79b1)
                .wrapping_add((y as u32).wrapping_mul(0x85eb_ca77))
                .wrapping_add(seed.wrapping_mul(0xc2b2_ae3d));
            let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d);
            ((mixed ^ (mixed >> 12)) % 256) as f32
        };
        let (x, y) = (x / 22.0, y / 22.0);
        let (left, top) = (x.floor(), y.floor());
        let (right, down) = (x - left, y - top);
        let row = |y: i32| {
            let (a, b) = (value(left as i32, y), value(left as i32 + 1, y));
            a + (b - a) * right
        };
        let (above, below) = (row(top as i32), row(top as i32 + 1));
        above + (below - above) * down
    }

    /// The landmarks of a face in the frame's middle after it was moved, turned and enlarged.
    fn five(motion: Similarity) -> [Point; 5] {
        [[-0.5, 0.0], [0.5, 0.0], [0.0, 0.6], [-0.4, 1.1], [0.4, 1.1]]
            .map(|[x, y]| motion.apply([320.0 + x * EYES, 220.0 + y * EYES]))
    }

    /// What is around the face: fixed to it, or not.
    fn frame(seen: impl Fn(Point) -> f32) -> Grey {
        Grey::of(&RgbImage::from_fn(640, 480, |x, y| Rgb([seen([x as f32, y as f32]) as u8; 3])))
    }

    /// A hand that moves a sheet, or a visitor who sways: a few frames a third of a second apart.
    fn ways() -> impl Iterator<Item = (Duration, Similarity)> {
        (0..6_u32).map(|i| {
            let phase = i as f32 * 1.3;
            let (b, scale) = (0.03 * phase.cos(), 1.0 + 0.03 * (phase * 0.7).sin());
            let (u, v) = (18.0 * phase.sin() - 320.0 * (scale - 1.0), 10.0 * phase.cos());
            (Duration::from_millis(333) * i, Similarity { a: scale, b, u: u + 220.0 * b, v })
        })
    }

    fn follows(scene: impl Fn(u32, Similarity, Point) -> f32) -> Option<f32> {
        let mut surround = Surround::new();
        for (i, (at, motion)) in (0..).zip(ways()) {
            let grey = frame(|point| scene(i, motion, point));
            surround.see(at, &grey, &five(motion));
        }
        surround.follows()
    }

    #[test]
    fn what_is_around_a_face_on_a_sheet_follows_it_and_a_room_does_not() {
        let on_sheet = |motion: Similarity, point| motion.inverse().unwrap().apply(point);
        let sheet = follows(|_, motion, point| texture(1, on_sheet(motion, point)));
        assert!(sheet.is_some_and(|share| share > 0.9), "{sheet:?}");
        let room = follows(|_, _, point| texture(1, point));
        assert!(room.is_none_or(|share| share < 0.1), "{room:?}");
        let brighter = follows(|i, motion, point| {
            (0.6 + 0.05 * i as f32) * texture(2, on_sheet(motion, point))
        });
        assert!(brighter.is_some_and(|share| share > 0.9), "the camera's exposure: {brighter:?}");
    }

    #[test]
    fn a_plain_wall_a_crowd_and_one_side_alone_say_nothing() {
        let on_sheet = |motion: Similarity, point| motion.inverse().unwrap().apply(point);
        assert_eq!(follows(|_, _, _| 120.0), None, "a plain wall");
        assert_eq!(follows(|i, _, point| texture(i, point)), None, "another picture each time");
        let hair = follows(|_, motion, point| {
            if point[0] < 320.0 { texture(3, on_sheet(motion, point)) } else { texture(3, point) }
        });
        assert_eq!(hair, None, "hair or a hand on one side");
    }

    #[test]
    fn a_face_that_keeps_still_says_nothing() {
        let mut surround = Surround::new();
        let still = Similarity { a: 1.0, b: 0.0, u: 0.0, v: 0.0 };
        for i in 0..10_u32 {
            let shake = Similarity { u: (i % 3) as f32, ..still };
            let grey = frame(|[x, y]| texture(1, [x - shake.u, y]));
            surround.see(Duration::from_millis(250) * i, &grey, &five(shake));
        }
        assert_eq!(surround.follows(), None);
        // Nor does a frame without pixels, or of another size.
        let empty = Grey::of(&RgbImage::new(0, 0));
        surround.see(Duration::from_secs(4), &empty, &[[0.0; 2]; 5]);
        surround.see(Duration::from_secs(8), &empty, &five(still));
        assert_eq!(surround.follows(), None);
    }
}
