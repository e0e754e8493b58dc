//! What is remembered of a followed face from frame to frame.

use std::time::Duration;

use zeroize::Zeroize;

use crate::align::Point;
use crate::attack::blink::{Lids, blinked};
use crate::attack::plane::{length, unexplained};
use crate::detect::Face;
use crate::landmarks::{Mask, five};
use crate::quality::Nose;

/// The landmarks of a face at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trace {
    pub(crate) at: Duration,
    /// The detector's points.
    pub(crate) five: [Point; 5],
    pub(crate) mask: Mask,
    /// As [`crate::eyes::closure`] gives it.
    pub(crate) closure: Option<[f32; 2]>,
}

impl Drop for Trail {
    fn drop(&mut self) {
        for trace in &mut self.traces {
            trace.five.zeroize();
            trace.mask.zeroize();
            trace.closure.zeroize();
        }
    }
}

impl Trace {
    pub(crate) fn of(at: Duration, face: &Face, mask: &Mask, closure: Option<[f32; 2]>) -> Self {
        Self { at, five: face.landmarks, mask: *mask, closure }
    }

    /// Where the tip of the nose is between eyes and mouth: numbers that no affine map of a
    /// plane changes. Of the 68 points: the detector's follow a turn less far and a nod only by
    /// a third, as rendered heads showed.
    pub(crate) fn nose(&self) -> Nose {
        Nose::of(&five(&self.mask))
    }

    fn inter_eye(&self) -> f32 {
        let [left, right, ..] = self.five;
        (right[0] - left[0]).hypot(right[1] - left[1])
    }

    /// How much of the landmarks' motion since `earlier` no plane explains, as a share of the
    /// distance between the eyes. 0 if that cannot be told.
    pub(crate) fn depth(&self, earlier: &Self) -> f32 {
        let left = unexplained(&earlier.mask, &self.mask);
        let depth = left.map_or(0.0, |left| length(&left) / self.inter_eye());
        if depth.is_finite() { depth } else { 0.0 }
    }
}

/// The traces of one face that was followed without a gap.
pub(crate) struct Trail {
    traces: Vec<Trace>,
}

/// Most traces kept: four seconds at 15 frames a second.
const TRACES: usize = 60;
/// Two traces further apart than this are compared for unrest.
const APART: Duration = Duration::from_millis(250);

impl Trail {
    pub(crate) fn new() -> Self {
        Self { traces: Vec::with_capacity(TRACES) }
    }

    pub(crate) fn add(&mut self, trace: &Trace) {
        if self.traces.len() == TRACES {
            self.traces.rotate_left(1);
            self.traces.pop();
        }
        self.traces.push(*trace);
    }

    pub(crate) fn last(&self) -> Option<&Trace> {
        self.traces.last()
    }

    /// Motion of the landmarks that no plane explains: the median over pairs of frames, so that a
    /// few bad ones do not count. Landmarks of a moved plane give up to 0.019 (noise of the
    /// networks, and a moderate bend), a face that talks or turns 0.03 and more.
    pub(crate) fn unrest(&self) -> f32 {
        // Every third frame is enough, and the pairs do not grow with the square of the frames.
        let some: Vec<&Trace> = self.traces.iter().step_by(3).collect();
        let mut depths = Vec::new();
        for (index, earlier) in some.iter().enumerate() {
            for later in &some[index + 1..] {
                if later.at.saturating_sub(earlier.at) >= APART {
                    depths.push(later.depth(earlier));
                }
            }
        }
        depths.sort_by(f32::total_cmp);
        depths.get(depths.len() / 2).copied().unwrap_or(0.0)
    }

    /// Whether a whole blink was seen from `since` on.
    pub(crate) fn blinked(&self, since: Duration) -> bool {
        let lids = |trace: &Trace| Some(Lids { at: trace.at, closure: trace.closure? });
        let seen: Vec<Lids> =
            self.traces.iter().filter(|trace| trace.at >= since).filter_map(lids).collect();
        blinked(&seen)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::heads::{Head, Plane, Turn};

    pub(super) fn trail(masks: impl IntoIterator<Item = Mask>) -> Trail {
        let mut trail = Trail::new();
        for (i, mask) in masks.into_iter().enumerate() {
            let at = Duration::from_millis(66 * i as u64);
            trail.add(&Trace { at, five: five(&mask), mask, closure: None });
        }
        trail
    }

    proptest! {
        #[test]
        fn a_plane_is_at_rest_however_it_is_moved(
            plane in Plane::any(),
            turns in prop::collection::vec(Turn::any(0.5), 0..30),
        ) {
            let trail = trail(turns.into_iter().map(|turn| plane.seen(turn)));
            prop_assert!(trail.unrest() < 0.002, "{}", trail.unrest());
        }
    }

    #[test]
    fn a_head_that_turns_is_not_at_rest() {
        let yaw = |i: usize| Turn { yaw: 0.25 * (i as f32 / 4.0).sin(), ..Turn::default() };
        let unrest = trail((0..24).map(|i| Head::default().seen(yaw(i)))).unrest();
        assert!(unrest > 0.03, "{unrest}");
    }

    #[test]
    fn the_trail_never_moves_in_memory_and_keeps_the_newest() {
        let mut trail = Trail::new();
        let place = trail.traces.as_ptr();
        let mask = Head::default().seen(Turn::default());
        for i in 0..100 {
            let at = Duration::from_millis(i);
            trail.add(&Trace { at, five: five(&mask), mask, closure: None });
        }
        assert_eq!(trail.traces.as_ptr(), place);
        assert_eq!(trail.traces.len(), TRACES);
        assert_eq!(trail.last().map(|trace| trace.at), Some(Duration::from_millis(99)));
    }
}
