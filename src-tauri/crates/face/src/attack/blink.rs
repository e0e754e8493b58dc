//! The blink of a face that is followed.

use std::time::Duration;

/// The eyes of a followed face at one moment, as [`closure`] gives them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lids {
    pub(crate) at: Duration,
    pub(crate) closure: [f32; 2],
}

impl Lids {
    fn mean(&self) -> f32 {
        f32::midpoint(self.closure[0], self.closure[1])
    }
}

/// How far the mean of both eyes rises in a blink at least. A person's open eyes give anything
/// from −30 to +10, so that only the change tells. Flat pictures moved in a hand swing by up to 7
/// within a second, blinks by 20 to 40.
const RISE: f32 = 14.0;
/// How far each eye rises at least: a wink, or a finger over one eye, is no blink.
const RISE_EACH: f32 = 7.0;
/// Within this time before and after the closed eyes they are open.
const AROUND: Duration = Duration::from_millis(900);
/// Frames with open eyes needed on either side: one could be noise.
const OPEN: usize = 2;

/// Whether the eyes went from open to closed and back to open.
pub(crate) fn blinked(lids: &[Lids]) -> bool {
    lids.iter().enumerate().any(|(index, closed)| {
        let (before, after) = (&lids[..index], &lids[index + 1..]);
        let is_open = |lids: &&Lids| {
            let away = lids.at.abs_diff(closed.at);
            let each = closed.closure.iter().zip(lids.closure).all(|(c, o)| c - o >= RISE_EACH);
            away <= AROUND && each && closed.mean() - lids.mean() >= RISE
        };
        before.iter().filter(is_open).count() >= OPEN
            && after.iter().filter(is_open).count() >= OPEN
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Fifteen frames a second with the same number for both eyes.
    fn both(values: &[f32]) -> Vec<Lids> {
        each(&values.iter().map(|value| [*value; 2]).collect::<Vec<_>>())
    }

    fn each(values: &[[f32; 2]]) -> Vec<Lids> {
        let at = |i: usize| Duration::from_millis(66 * i as u64);
        values
            .iter()
            .enumerate()
            .map(|(i, closure)| Lids { at: at(i), closure: *closure })
            .collect()
    }

    #[test]
    fn a_blink_is_open_closed_open() {
        let (open, shut) = (-20.0, 9.0);
        let cases: [(&str, Vec<Lids>, bool); 8] = [
            ("a blink", both(&[open, open, shut, shut, open, open]), true),
            ("eyes that seem closed when open", both(&[2.0, 3.0, 24.0, 2.0, 3.0]), true),
            ("open all the time", both(&[open, -24.0, -18.0, open, -17.0, open]), false),
            ("closing only", both(&[open, open, shut, shut, shut]), false),
            ("opening only", both(&[shut, shut, open, open]), false),
            ("one frame before", both(&[open, shut, open, open]), false),
            ("one eye", each(&[[open; 2], [open; 2], [shut, open], [open; 2], [open; 2]]), false),
            ("nothing", Vec::new(), false),
        ];
        for (name, lids, expected) in cases {
            assert_eq!(blinked(&lids), expected, "{name}");
        }
        let mut slow = both(&[open, open, shut, open, open]);
        for (i, lids) in slow.iter_mut().enumerate() {
            lids.at = Duration::from_secs(i as u64);
        }
        assert!(!blinked(&slow), "no blink takes two seconds");
    }

    proptest! {
        #[test]
        fn what_swings_less_than_a_blink_is_none(
            level in -30.0_f32..20.0,
            values in prop::collection::vec(prop::array::uniform2(0.0_f32..RISE), 0..40),
        ) {
            let lids = each(&values.iter().map(|v| v.map(|v| v * 0.99 + level)).collect::<Vec<_>>());
            prop_assert!(!blinked(&lids));
        }
    }
}
