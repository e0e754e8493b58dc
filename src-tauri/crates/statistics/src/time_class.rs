//! How long a visit took, in classes.

use std::time::Duration;

use serde::Serialize;

/// How long a visit took: the seconds at which its class begins. A class is 1 s wide below a
/// minute, 5 s below five minutes, 30 s below half an hour, and open from there on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeClass(u32);

/// Where each width of classes ends, in seconds, and the width.
const WIDTHS: [(u32, u32); 3] = [(60, 1), (300, 5), (1800, 30)];

impl TimeClass {
    /// The class of a time.
    pub fn of(time: Duration) -> Self {
        Self::containing(u32::try_from(time.as_secs()).unwrap_or(u32::MAX))
    }

    /// The class that these seconds are in.
    pub fn containing(seconds: u32) -> Self {
        let width = WIDTHS.iter().find(|(end, _)| seconds < *end).map(|(_, width)| width);
        Self(width.map_or(WIDTHS[2].0, |width| seconds - seconds % width))
    }

    /// Where it begins, in seconds.
    pub fn begins(self) -> u32 {
        self.0
    }

    /// How wide it is, in seconds; the last one is open.
    pub fn width(self) -> Option<u32> {
        WIDTHS.iter().find(|(end, _)| self.0 < *end).map(|(_, width)| *width)
    }
}

/// So many visits took so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Band {
    /// From so many seconds on.
    pub from: u32,
    /// Below so many; without an end if absent.
    pub below: Option<u32>,
    /// How many.
    pub visits: u32,
}

/// Where bands may begin, in seconds.
const EDGES: [u32; 6] = [0, 15, 30, 60, 120, 300];

/// Sorts visits into bands of `least` visits or more: one that would have fewer is joined with its
/// neighbour. None if there are fewer in all.
pub(crate) fn bands(
    times: &(impl Iterator<Item = (TimeClass, u32)> + Clone),
    least: u32,
) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for (place, &from) in EDGES.iter().enumerate() {
        let below = EDGES.get(place + 1).copied();
        let inside = |class: TimeClass| {
            class.begins() >= from && below.is_none_or(|below| class.begins() < below)
        };
        let visits = times.clone().filter(|(class, _)| inside(*class)).map(|(_, n)| n).sum();
        match bands.last_mut() {
            Some(small) if small.visits < least => {
                small.below = below;
                small.visits += visits;
            }
            _ => bands.push(Band { from, below, visits }),
        }
    }
    // What is left over at the end goes to the band before it.
    if let Some(rest) = bands.pop_if(|band| band.visits < least)
        && let Some(before) = bands.last_mut()
    {
        before.below = rest.below;
        before.visits += rest.visits;
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_as_exact_as_the_page_says() {
        for (millis, begins, width) in [
            (0, 0, Some(1)),
            (999, 0, Some(1)),
            (34_999, 34, Some(1)),
            (59_999, 59, Some(1)),
            (60_000, 60, Some(5)),
            (64_999, 60, Some(5)),
            (299_999, 295, Some(5)),
            (300_000, 300, Some(30)),
            (1_799_999, 1770, Some(30)),
            (1_800_000, 1800, None),
            (90_000_000, 1800, None),
        ] {
            let class = TimeClass::of(Duration::from_millis(millis));
            assert_eq!((class.begins(), class.width()), (begins, width), "{millis} ms");
            assert_eq!(TimeClass::containing(class.begins()), class);
        }
    }

    #[test]
    fn no_band_has_fewer_visits_than_the_least_and_none_is_lost() {
        let band = |from, below, visits| Band { from, below, visits };
        let of = |times: &[(u32, u32)]| {
            bands(&times.iter().map(|(s, n)| (TimeClass::containing(*s), *n)), 10)
        };
        assert_eq!(of(&[(3, 4), (200, 5)]), []);
        assert_eq!(of(&[(3, 4), (200, 6)]), [band(0, None, 10)]);
        let all = [(3, 40), (16, 9), (40, 1), (70, 30), (130, 9), (500, 1)];
        let joined = [
            band(0, Some(15), 40),
            band(15, Some(60), 10),
            band(60, Some(120), 30),
            band(120, None, 10),
        ];
        assert_eq!(of(&all), joined);
        assert_eq!(of(&[(3, 40), (500, 9)]), [band(0, None, 49)]);
    }
}
