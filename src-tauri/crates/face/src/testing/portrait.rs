//! A photograph that moves: as the solid head that it shows, and as the flat picture that it is.

use std::time::Duration;

use image::{Rgb, RgbImage};

use super::heads::{FOCAL, Head, Place, Turn};
use super::{FRAME, camera_frame, engine, with_closed_eyes};
use crate::QualityLimits;
use crate::align::{Point, bilinear};

/// Between the middles of the eyes, in centimetres.
const INTER_EYE: f32 = 6.3;
/// What a head turns about: in the neck, as seen from between the eyes.
const NECK: Place = [0.0, 5.0, 9.0];
/// Half the width of a flat picture and how far it reaches up and down from the eyes, in
/// centimetres of the head on it.
const SHEET: [f32; 3] = [20.0, 15.0, 15.0];

/// The frame of a person, with the depths of a rough head.
pub(crate) struct Portrait {
    open: RgbImage,
    shut: RgbImage,
    room: RgbImage,
    /// The middle between the eyes, in pixels.
    middle: Point,
    /// From the camera to the eyes, in centimetres.
    away: f32,
    points: Vec<Vertex>,
    triangles: Vec<[usize; 3]>,
}

/// A point of the head.
struct Vertex {
    seen: Point,
    /// In space; `None` if it stays where it is.
    place: Option<Place>,
}

impl Portrait {
    /// Of a fetched picture.
    pub(crate) fn of(name: &str) -> Self {
        let open = camera_frame(name);
        let sight = engine().watch(&open, &QualityLimits::PROBE, Duration::ZERO);
        let sight = sight.expect("the networks run").expect("there is a face");
        let mask = sight.trace.expect("there are points").mask;
        let shut = with_closed_eyes(&open, &mask);
        let [left, right, ..] = sight.face.landmarks;
        let middle = [f32::midpoint(left[0], right[0]), f32::midpoint(left[1], right[1])];
        let away = FOCAL * INTER_EYE / sight.face.inter_eye();
        let depths = Head::default().places().map(|[.., depth]| depth);
        let mut points: Vec<Vertex> = Vec::new();
        for (seen, depth) in mask.iter().zip(depths) {
            let near =
                |other: &Vertex| (other.seen[0] - seen[0]).hypot(other.seen[1] - seen[1]) < 1.5;
            if !points.iter().any(near) {
                points
                    .push(Vertex { seen: *seen, place: Some(behind(*seen, depth, middle, away)) });
            }
        }
        // Forehead, hair, and around the head what does not move. The head may lean a little.
        let on_head = |x: f32, y: f32, depth: f32| {
            let seen = seen_at([x, y, depth], middle, away);
            Vertex { seen, place: Some([x, y, depth]) }
        };
        points.extend((-3_i8..=3).map(|i| {
            let x = 1.7 * f32::from(i);
            on_head(x, -5.5, 0.8 + 0.07 * x * x)
        }));
        let around = |from: f32, to: f32, count: u8| {
            (0..count).map(move |i| {
                let share = f32::from(i) / f32::from(count - 1);
                (from + (to - from) * share).to_radians().sin_cos()
            })
        };
        points.extend(
            around(0.0, 180.0, 9)
                .map(|(sin, cos)| on_head(-8.2 * cos, -1.0 - 9.0 * sin, 5.5 + 3.0 * cos.abs())),
        );
        points.extend(around(0.0, 345.0, 24).map(|(sin, cos)| Vertex {
            place: None,
            ..on_head(-13.5 * cos, 1.0 - 16.0 * sin, 0.0)
        }));
        let triangles = delaunay(&points.iter().map(|point| point.seen).collect::<Vec<_>>());
        Self { open, shut, room: room(), middle, away, points, triangles }
    }

    fn frame(&self, shut: bool) -> &RgbImage {
        if shut { &self.shut } else { &self.open }
    }

    /// The head turned, before what it stood before.
    pub(crate) fn solid(&self, turn: Turn, shut: bool) -> RgbImage {
        let (from, mut frame) = (self.frame(shut), self.frame(shut).clone());
        let moved: Vec<(Point, f32)> = self
            .points
            .iter()
            .map(|point| match point.place {
                Some(place) => {
                    let place = turn.apply(place, NECK);
                    (seen_at(place, self.middle, self.away), place[2])
                }
                None => (point.seen, 50.0),
            })
            .collect();
        // The nearer ones over the ones behind.
        let mut triangles = self.triangles.clone();
        let depth = |corners: &[usize; 3]| corners.iter().map(|i| moved[*i].1).sum::<f32>();
        triangles.sort_by(|a, b| depth(b).total_cmp(&depth(a)));
        for corners in triangles {
            let to = corners.map(|i| moved[i].0);
            let source = corners.map(|i| self.points[i].seen);
            paint(&mut frame, from, source, to);
        }
        frame
    }

    /// The frame as a sheet in a hand, before a room.
    pub(crate) fn flat(&self, turn: Turn, shut: bool) -> RgbImage {
        let turned = |place: Place| Turn { shift: [0.0; 3], ..turn }.apply(place, [0.0; 3]);
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]].map(turned);
        let dot = |a: Place, b: Place| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let [x, y, z] = turn.shift;
        let middle = [x, y, z + self.away];
        RgbImage::from_fn(FRAME.0, FRAME.1, |column, row| {
            // Where the line of sight meets the sheet.
            let sight = [
                (column as f32 - self.middle[0]) / FOCAL,
                (row as f32 - self.middle[1]) / FOCAL,
                1.0,
            ];
            let far = dot(axes[2], middle) / dot(axes[2], sight);
            let place: Place = std::array::from_fn(|i| far * sight[i] - middle[i]);
            let [across, down] = [dot(axes[0], place), dot(axes[1], place)];
            let [half, up, low] = SHEET;
            if across.abs() > half || down < -up || down > low {
                return *self.room.get_pixel(column, row);
            }
            let seen = seen_at([across, down, 0.0], self.middle, self.away);
            Rgb(bilinear(self.frame(shut), seen).map(|value| value as u8))
        })
    }
}

/// Where a place is seen; places are relative to the point between the eyes.
fn seen_at([x, y, z]: Place, middle: Point, away: f32) -> Point {
    let depth = away + z;
    [middle[0] + FOCAL * x / depth, middle[1] + FOCAL * y / depth]
}

/// The place at that depth which is seen there.
fn behind([x, y]: Point, depth: f32, middle: Point, away: f32) -> Place {
    let size = (away + depth) / FOCAL;
    [(x - middle[0]) * size, (y - middle[1]) * size, depth]
}

/// A wall with things on it.
fn room() -> RgbImage {
    let mut room = RgbImage::from_pixel(FRAME.0, FRAME.1, Rgb([150, 146, 140]));
    for i in 0..70_u32 {
        let mixed = (i + 1).wrapping_mul(0x9e37_79b1);
        let (left, top) = (mixed % FRAME.0, (mixed >> 9) % FRAME.1);
        let (width, height) = (12 + (mixed >> 18) % 50, 12 + (mixed >> 24) % 60);
        let colour = Rgb([mixed >> 3, mixed >> 11, mixed >> 19].map(|value| value as u8 / 2 + 40));
        for y in top..(top + height).min(FRAME.1) {
            for x in left..(left + width).min(FRAME.0) {
                room.put_pixel(x, y, colour);
            }
        }
    }
    room
}

/// Twice the area of a triangle, positive if its corners go round clockwise on the screen.
fn area([a, b, c]: [Point; 3]) -> f32 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Brings a triangle of one picture into another.
fn paint(into: &mut RgbImage, from: &RgbImage, source: [Point; 3], to: [Point; 3]) {
    let whole = area(to);
    if whole.abs() < 0.01 {
        return;
    }
    let range = |axis: usize, size: u32| {
        let values = to.map(|point| point[axis]);
        let least = values.into_iter().fold(f32::INFINITY, f32::min).max(0.0);
        let most = values.into_iter().fold(0.0, f32::max).min(size as f32 - 1.0);
        least.floor() as u32..=most.ceil() as u32
    };
    for y in range(1, into.height()) {
        for x in range(0, into.width()) {
            let point = [x as f32, y as f32];
            let shares = [
                area([point, to[1], to[2]]) / whole,
                area([to[0], point, to[2]]) / whole,
                area([to[0], to[1], point]) / whole,
            ];
            if shares.iter().all(|share| *share >= -1e-4) {
                let along = |axis: usize| {
                    shares.iter().zip(source).map(|(share, point)| share * point[axis]).sum()
                };
                let value = bilinear(from, [along(0), along(1)]).map(|value| value as u8);
                into.put_pixel(x, y, Rgb(value));
            }
        }
    }
}

/// Triangles between points so that no point is in the circle through the corners of one (Bowyer
/// and Watson, 1981).
fn delaunay(points: &[Point]) -> Vec<[usize; 3]> {
    let count = points.len();
    let mut all = points.to_vec();
    all.extend([[-1e4, -1e4], [3e4, -1e4], [-1e4, 3e4]]);
    let mut triangles = vec![[count, count + 1, count + 2]];
    for (new, &point) in points.iter().enumerate() {
        let (bad, mut kept): (Vec<_>, Vec<_>) = triangles
            .into_iter()
            .partition(|corners: &[usize; 3]| in_circle(corners.map(|i| all[i]), point));
        let edges = |corners: &[usize; 3]| {
            let [a, b, c] = *corners;
            [[a, b], [b, c], [c, a]]
        };
        let of_bad: Vec<[usize; 2]> = bad.iter().flat_map(edges).collect();
        // The hole's rim: edges that only one of them has.
        for [from, to] in of_bad.iter().filter(|[from, to]| !of_bad.contains(&[*to, *from])) {
            kept.push([*from, *to, new]);
        }
        triangles = kept;
    }
    triangles.retain(|corners| corners.iter().all(|corner| *corner < count));
    triangles
}

fn in_circle(corners: [Point; 3], point: Point) -> bool {
    let rows = corners.map(|corner| {
        let [x, y] = [0, 1].map(|i| f64::from(corner[i]) - f64::from(point[i]));
        [x, y, x * x + y * y]
    });
    let [a, b, c] = rows;
    let determinant = a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
        + a[2] * (b[0] * c[1] - b[1] * c[0]);
    determinant > 0.0
}
