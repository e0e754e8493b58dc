//! Small numbers are hidden, and every total from which one could be worked out.
//!
//! Counts form a tree: the outcomes of a lane in an hour, the hours of a lane in a day, the lanes
//! of a day. A total is published only if, of the small numbers that are hidden below it, each
//! could still be anything from zero up to the threshold, and all of them together are no small
//! number either. Then whoever knows the total and all that is shown has learnt nothing about any
//! of them. There are no totals across the tree, so no other way of adding up.

use std::iter::Sum;

use serde::{Deserialize, Serialize};

use crate::Outcome;

/// Numbers below it are not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Threshold(u32);

impl Threshold {
    /// The least one.
    pub const LEAST: u32 = 10;
    /// The threshold of a kiosk that says nothing else.
    pub const SMALLEST: Self = Self(Self::LEAST);

    /// A threshold; none below [`Threshold::LEAST`].
    pub fn new(threshold: u32) -> Option<Self> {
        (Self::LEAST..=100_000).contains(&threshold).then_some(Self(threshold))
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Default for Threshold {
    fn default() -> Self {
        Self::SMALLEST
    }
}

impl From<Threshold> for u32 {
    fn from(threshold: Threshold) -> Self {
        threshold.0
    }
}

impl TryFrom<u32> for Threshold {
    type Error = &'static str;

    fn try_from(threshold: u32) -> Result<Self, Self::Error> {
        Self::new(threshold).ok_or("the statistics' threshold is 10 to 100,000")
    }
}

/// A total as it is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Total {
    /// The number.
    Exactly(u32),
    /// The sum of what is shown below it: the rest is hidden.
    AtLeast(u32),
}

impl Total {
    /// The number, or the least that it can be.
    pub fn visits(self) -> u32 {
        match self {
            Self::Exactly(visits) | Self::AtLeast(visits) => visits,
        }
    }

    /// True for the number itself.
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Exactly(_))
    }
}

impl Sum for Total {
    fn sum<I: Iterator<Item = Self>>(totals: I) -> Self {
        totals.fold(Self::Exactly(0), |sum, total| {
            let visits = sum.visits() + total.visits();
            if sum.is_exact() && total.is_exact() {
                Self::Exactly(visits)
            } else {
                Self::AtLeast(visits)
            }
        })
    }
}

/// So many visits ended so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OutcomeCount {
    /// How.
    pub outcome: Outcome,
    /// How many.
    pub visits: u32,
}

/// What is known and what is hidden of a part of the tree.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Part {
    /// The sum of what is shown.
    shown: u32,
    /// The sum of the small numbers that are hidden and of whose sum nothing is published.
    hidden: u32,
    /// How many such numbers there are.
    cells: u32,
}

impl Part {
    /// The numbers of the lowest level.
    pub(crate) fn of(numbers: impl Iterator<Item = u32>, threshold: u32) -> Self {
        numbers.fold(Self::default(), |part, number| {
            if number >= threshold {
                Self { shown: part.shown + number, ..part }
            } else {
                Self { hidden: part.hidden + number, cells: part.cells + 1, ..part }
            }
        })
    }

    /// Parts side by side.
    pub(crate) fn sum(parts: impl Iterator<Item = Self>) -> Self {
        parts.fold(Self::default(), |sum, part| Self {
            shown: sum.shown + part.shown,
            hidden: sum.hidden + part.hidden,
            cells: sum.cells + part.cells,
        })
    }

    /// The total of this part, and the part as the level above it has to see it.
    pub(crate) fn total(self, threshold: u32) -> (Total, Self) {
        let Self { shown, hidden, cells } = self;
        let most = cells.saturating_sub(1) * (threshold - 1);
        if cells == 0 || (threshold..=most).contains(&hidden) {
            let total = shown + hidden;
            (Total::Exactly(total), Self { shown: total, hidden: 0, cells: 0 })
        } else {
            // Whoever knows how this works knows that all of it is likely a small number: one.
            (Total::AtLeast(shown), Self { cells: 1, ..self })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::*;

    const CELLS: usize = 3;

    /// What is published of a table of hours.
    fn published(hours: &[[u32; CELLS]], threshold: u32) -> (Vec<Option<u32>>, Vec<Total>, Total) {
        let rows: Vec<_> = hours
            .iter()
            .map(|hour| Part::of(hour.iter().copied(), threshold).total(threshold))
            .collect();
        let shown = |n: &u32| (*n >= threshold).then_some(*n);
        let cells = hours.iter().flatten().map(shown).collect();
        let (total, _) = Part::sum(rows.iter().map(|(_, part)| *part)).total(threshold);
        (cells, rows.into_iter().map(|(total, _)| total).collect(), total)
    }

    /// Every table with so many hours whose numbers are at most `most`.
    fn tables(hours: usize, most: u32) -> impl Iterator<Item = Vec<[u32; CELLS]>> {
        let base = u64::from(most) + 1;
        (0..base.pow((hours * CELLS) as u32)).map(move |mut index| {
            let mut next = || {
                let digit = (index % base) as u32;
                index /= base;
                digit
            };
            (0..hours).map(|_| [next(), next(), next()]).collect()
        })
    }

    /// Whoever knows all that is published, and how it was worked out, finds for every hidden
    /// number two values at least that it may have: all tables are tried.
    #[test]
    fn c40_no_hidden_number_follows_from_what_is_published() {
        for (hours, threshold, most) in [(1, 4, 6), (2, 3, 4), (3, 3, 3), (2, 2, 3)] {
            let mut seen: HashMap<_, Vec<BTreeSet<u32>>> = HashMap::new();
            for table in tables(hours, most) {
                let values = seen
                    .entry(published(&table, threshold))
                    .or_insert_with(|| vec![BTreeSet::new(); hours * CELLS]);
                for (values, number) in values.iter_mut().zip(table.iter().flatten()) {
                    values.insert(*number);
                }
            }
            for ((cells, totals, total), values) in &seen {
                for (cell, values) in cells.iter().zip(values) {
                    assert!(
                        cell.is_some() || values.len() > 1,
                        "{values:?} below {threshold} in {cells:?} {totals:?} {total:?}"
                    );
                }
            }
            assert!(seen.keys().any(|(_, totals, _)| totals.iter().any(|t| t.is_exact())));
        }
    }

    #[test]
    fn a_total_is_shown_only_if_what_is_hidden_is_no_small_number_and_may_be_anything() {
        for (numbers, expected) in [
            // Nothing is hidden.
            ([20, 30, 40], Total::Exactly(90)),
            // One hidden number would follow from the total; so would two.
            ([20, 30, 4], Total::AtLeast(50)),
            ([20, 9, 9], Total::AtLeast(20)),
            // Together they are a small number.
            ([3, 3, 3], Total::AtLeast(0)),
            ([0, 0, 0], Total::AtLeast(0)),
            ([4, 3, 3], Total::Exactly(10)),
            ([6, 6, 6], Total::Exactly(18)),
            // None of them could be zero.
            ([7, 6, 6], Total::AtLeast(0)),
            ([9, 9, 9], Total::AtLeast(0)),
        ] {
            assert_eq!(Part::of(numbers.into_iter(), 10).total(10).0, expected, "{numbers:?}");
        }
    }

    #[test]
    fn a_threshold_is_only_ever_raised() {
        for (threshold, fine) in [(0, false), (9, false), (10, true), (25, true), (100_001, false)]
        {
            assert_eq!(Threshold::new(threshold).is_some(), fine, "{threshold}");
        }
        assert_eq!(Threshold::default().get(), 10);
    }
}
