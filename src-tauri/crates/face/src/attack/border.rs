//! The border of a sheet or a screen around a face: straight edges on both sides of the head,
//! and one across that closes them above or below.
//!
//! Behind a visitor there are such edges too: doors, posters, windows. But the visitor stands
//! before them. So an edge counts only where a body would hide it: sides that are closed above
//! must run down past the shoulders, and one that closes them below runs across neck or chest.
//! Sides lie within the width of the shoulders.

use std::ops::RangeInclusive;

use crate::align::Point;
use crate::attack::grey::{Around, Grey};

/// Steepest slope of a sheet's edge against the face on it: 12°, for perspective and a face that
/// leans on its picture.
const SLOPE: f32 = 0.21;
/// Slopes that are tried.
const SLOPES: usize = 15;
/// How far two sides may be from parallel: 10°.
const PARALLEL: f32 = 0.18;
/// How far the sides are from the middle of the face, in distances between the eyes.
const ASIDE: RangeInclusive<f32> = 1.25..=3.4;
/// Height above and below the eyes between which both sides are seen in any case.
const BESIDE: [f32; 2] = [-1.3, 1.5];
/// Height between which the longer one of two edges in the same place is the better one.
const LONG: [f32; 2] = [-3.0, 4.0];
/// Where an edge across may be above the head, or below the chin.
const ABOVE: RangeInclusive<f32> = -4.5..=-1.3;
const BELOW: RangeInclusive<f32> = 1.7..=5.0;
/// Between these heights, sides that are closed above only are seen: over the shoulders.
const SHOULDERS: [f32; 2] = [2.0, 3.4];
/// Least change of luminance over one pixel of the small picture that is an edge.
const EDGE: f32 = 4.0;
/// Largest share of the change across that an edge may have along itself: 22°.
const ALONG: f32 = 0.4;
/// Edges on each side among which the border's is looked for.
const SIDES: usize = 3;
/// Least share of a line that is an edge. Fingers hide some.
const SHARE: f32 = 0.75;

/// A border in one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Border {
    /// The middle between its sides at the height of the eyes, in pixels of the small picture.
    pub(crate) middle: Point,
    /// From side to side, in the same.
    pub(crate) width: f32,
    /// How much of its worst side is an edge, [`SHARE`]..=1.
    pub(crate) share: f32,
}

/// The edges of a picture, one byte per pixel, wiped when dropped.
struct Edges {
    grey_size: [usize; 2],
    around: Around,
    kinds: zeroize::Zeroizing<Vec<u8>>,
}

/// Beside an edge that is upright, or level, as the face is.
const UPRIGHT: u8 = 1;
const LEVEL: u8 = 2;

/// A straight line: where it is at the eyes (upright) or below the face's middle (level), and
/// how much it leans.
#[derive(Clone, Copy, Debug)]
struct Line {
    place: f32,
    slope: f32,
    /// How much of it is an edge.
    share: f32,
}

/// The border around a face, if there is one.
pub(crate) fn border(grey: &Grey, five: &[Point; 5]) -> Option<Border> {
    let around = Around::of(grey, five)?;
    let edges = Edges::of(grey, around);
    let [left, right] = [-1.0, 1.0].map(|side| edges.sides(side));
    let pairs = left.iter().flatten().flat_map(|l| right.iter().flatten().map(move |r| (l, r)));
    pairs
        .filter(|(left, right)| (left.slope - right.slope).abs() <= PARALLEL)
        .filter_map(|(left, right)| {
            let share = edges.closed(left, right)?;
            let middle = around.at([f32::midpoint(left.place, right.place), 0.0]);
            let width = (right.place - left.place) * around.unit;
            Some(Border { middle, width, share })
        })
        .max_by(|a, b| a.share.total_cmp(&b.share))
}

impl Edges {
    fn of(grey: &Grey, around: Around) -> Self {
        let [width, height] = grey.size();
        let mut kinds = zeroize::Zeroizing::new(vec![0; width * height]);
        let [cos, sin] = around.roll;
        // Eight times the change over a pixel, as Sobel's operator gives it.
        let least = 8.0 * EDGE;
        for y in 1..height.saturating_sub(1) {
            let [above, same, below] = [y - 1, y, y + 1].map(|y| grey.row(y));
            let rows = above.windows(3).zip(same.windows(3)).zip(below.windows(3));
            for (x, ((a, b), c)) in rows.enumerate() {
                let [a, b, c] = [a, b, c].map(|row| [row[0], row[1], row[2]].map(i32::from));
                let right = c[2] - c[0] + 2 * (b[2] - b[0]) + a[2] - a[0];
                let down = c[0] - a[0] + 2 * (c[1] - a[1]) + c[2] - a[2];
                if right.abs() + down.abs() < least as i32 {
                    continue;
                }
                // In the face's directions.
                let (right, down) = (right as f32, down as f32);
                let across = (right * cos + down * sin).abs();
                let along = (down * cos - right * sin).abs();
                let at = y * width + x + 1;
                // Beside counts as well: lines are looked for in steps.
                if across >= least && along <= ALONG * across {
                    for place in [at - 1, at, at + 1] {
                        kinds[place] |= UPRIGHT;
                    }
                } else if along >= least && across <= ALONG * along {
                    for place in [at - width, at, at + width] {
                        kinds[place] |= LEVEL;
                    }
                }
            }
        }
        Self { grey_size: [width, height], around, kinds }
    }

    /// The share of a line between two heights, or two places aside, that is an edge; 0 if it is
    /// less than needed. What is outside of the picture is none.
    fn share(&self, kind: u8, place: f32, slope: f32, between: [f32; 2]) -> f32 {
        self.at_least(SHARE, kind, place, slope, between)
    }

    fn at_least(&self, least: f32, kind: u8, place: f32, slope: f32, between: [f32; 2]) -> f32 {
        let [from, to] = between;
        let count = ((to - from) * self.around.unit).ceil().max(1.0) as usize;
        let may_miss = ((1.0 - least) * count as f32) as usize;
        let at = |along: f32| {
            let off = place + slope * along;
            self.around.at(if kind == UPRIGHT { [off, along] } else { [along, off] })
        };
        let [width, height] = self.grey_size;
        let ([mut x, mut y], end) = (at(from), at(to));
        let step = [(end[0] - x) / count as f32, (end[1] - y) / count as f32];
        // The middle of a pixel is at a whole number, and truncating takes less than rounding.
        (x, y) = (x + 0.5, y + 0.5);
        let mut missed = 0;
        for _ in 0..count {
            let inside = x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32;
            if !inside || self.kinds[y as usize * width + x as usize] & kind == 0 {
                missed += 1;
                if missed > may_miss {
                    return 0.0;
                }
            }
            (x, y) = (x + step[0], y + step[1]);
        }
        1.0 - missed as f32 / count as f32
    }

    /// All lines of a kind whose place is in a range, a pixel apart.
    fn lines(
        &self,
        kind: u8,
        range: RangeInclusive<f32>,
        between: impl Fn(f32, f32) -> [f32; 2],
    ) -> impl Iterator<Item = Line> {
        let steps = ((range.end() - range.start()) * self.around.unit).ceil().max(1.0) as usize;
        let place =
            move |i: usize| range.start() + (range.end() - range.start()) * i as f32 / steps as f32;
        let slope = |i: usize| SLOPE * (2.0 * i as f32 / (SLOPES - 1) as f32 - 1.0);
        (0..=steps).flat_map(move |i| (0..SLOPES).map(move |j| (i, j))).filter_map(move |(i, j)| {
            let (place, slope) = (place(i), slope(j));
            let share = self.share(kind, place, slope, between(place, slope));
            (share > 0.0).then_some(Line { place, slope, share })
        })
    }

    /// The clearest edges on one side of the head, not next to each other.
    fn sides(&self, side: f32) -> [Option<Line>; SIDES] {
        let [near, far] = [side * ASIDE.start(), side * ASIDE.end()];
        let mut found = [None; SIDES];
        for line in self.lines(UPRIGHT, near.min(far)..=near.max(far), |_, _| BESIDE) {
            let long = self.at_least(0.0, UPRIGHT, line.place, line.slope, LONG);
            keep(&mut found, Line { share: line.share + long, ..line });
        }
        found
    }

    /// How much of the worst of the three sides is an edge, if a line closes the two.
    fn closed(&self, left: &Line, right: &Line) -> Option<f32> {
        // Part by part, or a long one would make up for one that a body hides.
        let sides = |parts: [[f32; 2]; 2]| {
            let lines = [left, right].into_iter().flat_map(|line| parts.map(|part| (line, part)));
            lines
                .map(|(line, part)| self.share(UPRIGHT, line.place, line.slope, part))
                .fold(1.0, f32::min)
        };
        // From side to side at that height.
        let between =
            |height: f32, _: f32| [left, right].map(|line| line.place + line.slope * height);
        let worst = |range, parts: &dyn Fn(f32) -> [[f32; 2]; 2]| {
            self.lines(LEVEL, range, between)
                .map(|line| line.share.min(sides(parts(line.place))))
                .fold(0.0, f32::max)
        };
        let below = worst(BELOW, &|height| [BESIDE, [BESIDE[1] - 1.0, height]]);
        let above = worst(ABOVE, &|height| [[height, BESIDE[1]], SHOULDERS]);
        let share = f32::max(below, above);
        (share > 0.0).then_some(share)
    }
}

/// Keeps the clearest lines, and of neighbours the clearer one.
fn keep(found: &mut [Option<Line>; SIDES], line: Line) {
    const APART: f32 = 0.25;
    let clearer = |other: &Option<Line>| other.is_none_or(|other| line.share > other.share);
    let close =
        |other: &Option<Line>| other.is_some_and(|other| (line.place - other.place).abs() < APART);
    if let Some(neighbour) = found.iter_mut().find(|other| close(other)) {
        if clearer(neighbour) {
            *neighbour = Some(line);
        }
    } else if let Some(place) = found
        .iter_mut()
        .filter(|other| clearer(other))
        .min_by(|a, b| a.map_or(0.0, |a| a.share).total_cmp(&b.map_or(0.0, |b| b.share)))
    {
        *place = Some(line);
    }
}

/// The borders of the frames of one followed face.
#[derive(Default)]
pub(crate) struct Borders {
    frames: usize,
    seen: usize,
    first: Option<Seen>,
    moved: usize,
    stayed: usize,
}

/// A border and the middle between the eyes, in pixels of the small picture.
#[derive(Clone, Copy)]
struct Seen {
    border: Border,
    face: Point,
}

/// Least way of a face, in distances between the eyes, after which its border must have moved.
const WAY: f32 = 0.3;
/// How far the widths of a border in two frames may differ: else it is another one.
const WIDTH: f32 = 0.1;
/// How often a border must have stood still while the face moved before it does not count.
const STAYED: usize = 2;

impl Borders {
    /// Takes in the next frame: its border, if any, and where its face is.
    pub(crate) fn add(&mut self, border: Option<Border>, around: Option<Around>) {
        let Some(around) = around else { return };
        self.frames += 1;
        let Some(border) = border else { return };
        self.seen += 1;
        let now = Seen { border, face: around.middle };
        let first = *self.first.get_or_insert(now);
        // Along the line through the eyes, for the sides say nothing of up and down.
        let way = |from: Point, to: Point| {
            (to[0] - from[0]) * around.roll[0] + (to[1] - from[1]) * around.roll[1]
        };
        let face = way(first.face, now.face);
        if face.abs() < WAY * around.unit {
            return;
        }
        if (first.border.width / border.width - 1.0).abs() < WIDTH {
            let border = way(first.border.middle, border.middle);
            let with = (border - face).abs() < border.abs();
            *if with { &mut self.moved } else { &mut self.stayed } += 1;
        }
        self.first = Some(now);
    }

    /// The share (0..1) of the frames with a border; 0 if it stands still while the face moves.
    pub(crate) fn share(&self) -> f32 {
        if self.frames == 0 || self.stayed >= STAYED.max(self.moved) {
            return 0.0;
        }
        self.seen as f32 / self.frames as f32
    }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    const EYES: f32 = 64.0;

    /// Places around a face in the middle of a frame, leaning by so many radians.
    fn around(point: [u32; 2], middle: Point, roll: f32) -> Point {
        let (x, y) = (point[0] as f32 - middle[0], point[1] as f32 - middle[1]);
        let (sin, cos) = roll.sin_cos();
        [(x * cos + y * sin) / EYES, (y * cos - x * sin) / EYES]
    }

    fn five(middle: Point, roll: f32) -> [Point; 5] {
        let half = [0.5 * EYES * roll.cos(), 0.5 * EYES * roll.sin()];
        let eyes = [-1.0, 1.0].map(|s: f32| [middle[0] + s * half[0], middle[1] + s * half[1]]);
        [eyes[0], eyes[1], middle, middle, middle]
    }

    /// The border of a scene that is given in places around the face.
    fn found(middle: Point, roll: f32, scene: impl Fn(Point) -> u8) -> Option<Border> {
        let frame =
            RgbImage::from_fn(640, 480, |x, y| Rgb([scene(around([x, y], middle, roll)); 3]));
        border(&Grey::of(&frame), &five(middle, roll))
    }

    fn inside([x, y]: Point, [left, top, right, bottom]: [f32; 4]) -> bool {
        (left..right).contains(&x) && (top..bottom).contains(&y)
    }

    /// The outline of a visitor: head, neck, and shoulders as wide as most.
    fn is_visitor([x, y]: Point) -> bool {
        let head = (x / 1.2).hypot((y - 0.2) / 1.7) < 1.0;
        let shoulders = y > 2.0 + 0.9 * (x.abs() / 3.3).powi(2) && x.abs() < 3.3;
        head || shoulders || inside([x, y], [-0.8, 0.0, 0.8, 3.0])
    }

    const MIDDLE: Point = [320.0, 210.0];

    #[test]
    fn sheets_and_screens_have_a_border_however_they_lean() {
        let cases: [(&str, [f32; 4]); 3] = [
            ("a print cut below the chin", [-1.5, -2.1, 1.5, 1.9]),
            ("a phone", [-1.7, -2.4, 1.6, 3.1]),
            ("a sheet that goes on below the frame", [-2.4, -2.3, 2.4, 9.0]),
        ];
        for (name, sheet) in cases {
            for degrees in [-20.0_f32, -8.0, 0.0, 5.0, 20.0] {
                for (paper, wall) in [(230, 120), (20, 90), (130, 110)] {
                    let scene = |place: Point| match place {
                        _ if !inside(place, sheet) => wall,
                        _ if is_visitor(place) => 70,
                        _ => paper,
                    };
                    let border = found(MIDDLE, degrees.to_radians(), scene);
                    assert!(border.is_some(), "{name} {degrees} {paper} {wall}");
                }
            }
        }
    }

    #[test]
    fn doors_and_posters_behind_a_visitor_are_no_border() {
        let cases: [(&str, [f32; 4]); 6] = [
            ("a wall", [0.0; 4]),
            ("a door", [-2.6, -2.4, 2.6, 9.0]),
            ("a narrow door", [-1.6, -2.2, 1.6, 9.0]),
            ("a wide door", [-3.9, -2.3, 3.9, 9.0]),
            ("a poster", [-2.2, -2.4, 2.2, 2.4]),
            ("a poster on one side", [1.5, -2.2, 6.0, 2.6]),
        ];
        for (name, thing) in cases {
            for (there, wall) in [(230, 120), (20, 90)] {
                let scene = |place: Point| match place {
                    _ if is_visitor(place) => 70,
                    _ if inside(place, thing) => there,
                    _ => wall,
                };
                assert_eq!(found(MIDDLE, 0.0, scene), None, "{name} {there} {wall}");
            }
        }
        let empty = Grey::of(&RgbImage::new(0, 0));
        assert_eq!(border(&empty, &five(MIDDLE, 0.0)), None);
    }

    /// Ten frames of a face that sways, with a border that moves so much of its way.
    fn share(moves: f32, seen: impl Fn(usize) -> bool) -> f32 {
        let mut borders = Borders::default();
        for i in 0..10 {
            let way = if i % 4 < 2 { 0.0 } else { 10.0 };
            let around = Around { middle: [80.0 + way, 55.0], unit: 20.0, roll: [1.0, 0.0] };
            let middle = [80.0 + moves * way, 55.0];
            let border = seen(i).then_some(Border { middle, width: 70.0, share: 0.9 });
            borders.add(border, Some(around));
        }
        borders.share()
    }

    #[test]
    fn a_border_counts_in_most_frames_unless_it_stands_still_behind_a_moving_face() {
        assert!(share(1.0, |_| true) > 0.99);
        assert!((share(1.0, |i| i < 3) - 0.3).abs() < 1e-6);
        assert!(share(0.0, |_| true) < 1e-6);
        assert!(share(1.0, |_| false) < 1e-6 && Borders::default().share() < 1e-6);
    }
}
