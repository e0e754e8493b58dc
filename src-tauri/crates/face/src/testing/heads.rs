//! Sixty-eight landmarks of a rough head and of flat pictures of one, as a camera sees them.

use std::array;

use proptest::prelude::*;

use crate::align::Point;
pub(crate) use crate::landmarks::five;

/// Centimetres: to the right, down, away from the camera. The eyes are at the origin's height.
pub(super) type Place = [f32; 3];

/// Focal length of the camera in pixels: 640 of them are about 58° wide.
pub(super) const FOCAL: f32 = 580.0;
/// From the camera to the face, in centimetres.
const AWAY: f32 = 50.0;

/// How a thing is held: angles in radians, shifts in centimetres.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Turn {
    /// Positive to the right side of the picture.
    pub(crate) yaw: f32,
    /// Positive when bowed.
    pub(crate) pitch: f32,
    pub(crate) roll: f32,
    pub(crate) shift: Place,
}

impl Turn {
    /// Anything up to these angles.
    pub(crate) fn any(angle: f32) -> impl Strategy<Value = Self> {
        let angle = -angle..angle;
        (angle.clone(), angle.clone(), angle, prop::array::uniform3(-4.0_f32..4.0))
            .prop_map(|(yaw, pitch, roll, shift)| Self { yaw, pitch, roll, shift })
    }

    pub(super) fn apply(&self, [x, y, z]: Place, pivot: Place) -> Place {
        let (x, y, z) = (x - pivot[0], y - pivot[1], z - pivot[2]);
        let (sin, cos) = self.roll.sin_cos();
        let (x, y) = (x * cos - y * sin, x * sin + y * cos);
        let (sin, cos) = self.pitch.sin_cos();
        let (y, z) = (y * cos - z * sin, y * sin + z * cos);
        let (sin, cos) = self.yaw.sin_cos();
        let (x, z) = (x * cos - z * sin, x * sin + z * cos);
        array::from_fn(|i| [x, y, z][i] + pivot[i] + self.shift[i])
    }
}

fn seen_at([x, y, z]: Place) -> Point {
    let depth = AWAY + z;
    [320.0 + FOCAL * x / depth, 240.0 + FOCAL * y / depth]
}

/// A head with its eyes this far open and its mouth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// 1 for open eyes, 0 for closed ones.
    pub(crate) lids: f32,
}

impl Default for Head {
    fn default() -> Self {
        Self { lids: 1.0 }
    }
}

impl Head {
    pub(crate) fn seen(self, turn: Turn) -> [Point; 68] {
        // A head turns about the neck.
        self.places().map(|place| seen_at(turn.apply(place, [0.0, 5.0, 9.0])))
    }

    /// Distance between the eyes of a frontal face, in pixels.
    pub(crate) fn inter_eye() -> f32 {
        6.3 * FOCAL / AWAY
    }

    pub(super) fn places(self) -> [Place; 68] {
        let ellipse = |i: usize, n: usize, middle: Point, half: Point| {
            let angle = std::f32::consts::TAU * i as f32 / n as f32;
            [middle[0] - half[0] * angle.cos(), middle[1] - half[1] * angle.sin()]
        };
        let curved = |[x, y]: Point, front: f32| [x, y, front + 0.07 * x * x];
        array::from_fn(|i| match i {
            0..=16 => {
                let angle = std::f32::consts::PI * i as f32 / 16.0;
                let aside = angle.cos().abs();
                [-7.2 * angle.cos(), 0.3 + 11.0 * angle.sin(), 1.2 + 7.0 * aside.powf(1.5)]
            }
            17..=21 => curved([-5.6 + 1.1 * (i - 17) as f32, -2.6], 0.4),
            22..=26 => curved([1.2 + 1.1 * (i - 22) as f32, -2.6], 0.4),
            27..=30 => {
                let share = (i - 27) as f32 / 3.0;
                [0.0, 4.2 * share, -2.4 * share]
            }
            31..=35 => {
                let x = (i as f32 - 33.0) * 0.75;
                [x, 5.0, -1.3 + 0.3 * x * x]
            }
            36..=41 => curved(ellipse(i - 36, 6, [-3.15, 0.0], [1.5, 0.55 * self.lids]), 0.6),
            42..=47 => curved(ellipse(i - 42, 6, [3.15, 0.0], [1.5, 0.55 * self.lids]), 0.6),
            48..=59 => curved(ellipse(i - 48, 12, [0.0, 7.3], [2.5, 0.9]), 0.1),
            _ => curved(ellipse(i - 60, 8, [0.0, 7.3], [2.0, 0.3]), 0.3),
        })
    }
}

/// A flat picture of a head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plane {
    /// How the head was held when the picture was taken.
    pub(crate) posed: Turn,
    /// Size of the picture: 1 for a face as large as life.
    pub(crate) size: f32,
    /// Radius of the cylinder that the paper is bent to, in centimetres; upright axis.
    pub(crate) bend: Option<f32>,
}

impl Plane {
    /// Flat, of a head that was turned by up to 20°.
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        (Turn::any(0.35), 0.8_f32..1.2).prop_map(|(posed, size)| Self { posed, size, bend: None })
    }

    pub(crate) fn seen(&self, turn: Turn) -> [Point; 68] {
        Head::default().seen(self.posed).map(|[x, y]| {
            let scale = self.size * AWAY / FOCAL;
            let (x, y) = ((x - 320.0) * scale, (y - 240.0) * scale);
            let place = match self.bend {
                Some(radius) => {
                    [radius * (x / radius).sin(), y, radius * (1.0 - (x / radius).cos())]
                }
                None => [x, y, 0.0],
            };
            seen_at(turn.apply(place, [0.0; 3]))
        })
    }
}
