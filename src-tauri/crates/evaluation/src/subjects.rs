//! Who is who, and intervals that know that comparisons of one person are alike.
//!
//! Ten pictures of one person make 45 genuine comparisons, but they are not 45 persons. The
//! bootstrap draws persons, not comparisons, as ISO/IEC 19795-1 advises.

use std::collections::BTreeMap;

use crate::intervals::Interval;
use crate::pairs::Pair;

/// Draws of the bootstrap.
const DRAWS: usize = 1_000;
/// Fewer persons than this say too little for a bootstrap.
const FEWEST: usize = 5;
/// More pairs of persons than this take too long.
const MOST: usize = 1_000_000;

/// The person of each file: files that a genuine pair joins are of one person.
#[derive(Clone, Debug)]
pub(crate) struct Subjects {
    of_file: Vec<u32>,
    count: usize,
    /// Impostor pairs that other rows say are of one person.
    pub(crate) contradictions: u64,
}

impl Subjects {
    pub(crate) fn of(pairs: &[Pair], files: usize) -> Self {
        let mut parent: Vec<usize> = (0..files).collect();
        for pair in pairs.iter().filter(|pair| pair.same) {
            let a = root(&mut parent, pair.reference as usize);
            let b = root(&mut parent, pair.probe as usize);
            parent[a.max(b)] = a.min(b);
        }
        let mut numbers = BTreeMap::new();
        let of_file: Vec<u32> = (0..files)
            .map(|file| {
                let next = numbers.len() as u32;
                *numbers.entry(root(&mut parent, file)).or_insert(next)
            })
            .collect();
        let one = |pair: &&Pair| {
            !pair.same && of_file[pair.reference as usize] == of_file[pair.probe as usize]
        };
        let contradictions = pairs.iter().filter(one).count() as u64;
        Self { count: numbers.len(), of_file, contradictions }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// 95 % interval of the share of errors among these comparisons, by drawing persons with
    /// replacement. A comparison of two persons counts as often as both are drawn together.
    /// `None` if the persons are too few, or too many pairs of them, or if all comparisons went
    /// the same way, of which no draw can say more.
    pub(crate) fn interval<'a>(
        &self,
        comparisons: impl IntoIterator<Item = (&'a Pair, bool)>,
    ) -> Option<Interval> {
        let mut cells: BTreeMap<(u32, u32), (f64, f64)> = BTreeMap::new();
        let mut drawn: BTreeMap<u32, usize> = BTreeMap::new();
        for (pair, error) in comparisons {
            let mut persons = [pair.reference, pair.probe].map(|file| self.of_file[file as usize]);
            persons.sort_unstable();
            for person in persons {
                drawn.insert(person, 0);
            }
            let cell = cells.entry((persons[0], persons[1])).or_default();
            cell.0 += f64::from(u8::from(error));
            cell.1 += 1.0;
        }
        let sum = cells.values().fold((0.0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
        let mixed = sum.0 > 0.0 && sum.0 < sum.1;
        if drawn.len() < FEWEST || cells.len() > MOST || !mixed {
            return None;
        }
        for (place, index) in drawn.values_mut().enumerate() {
            *index = place;
        }
        let cells: Vec<(usize, usize, f64, f64)> = cells
            .into_iter()
            .map(|((a, b), (errors, trials))| (drawn[&a], drawn[&b], errors, trials))
            .collect();
        let mut random = SplitMix(0x706F_7374_6572_6E00);
        let mut rates: Vec<f64> = (0..DRAWS)
            .filter_map(|_| {
                let mut times = vec![0.0_f64; drawn.len()];
                for _ in 0..drawn.len() {
                    times[random.below(drawn.len())] += 1.0;
                }
                let sum = cells.iter().fold((0.0, 0.0), |sum, &(a, b, errors, trials)| {
                    let weight = if a == b { times[a] } else { times[a] * times[b] };
                    (sum.0 + weight * errors, sum.1 + weight * trials)
                });
                (sum.1 > 0.0).then(|| sum.0 / sum.1)
            })
            .collect();
        rates.sort_unstable_by(f64::total_cmp);
        let quantile =
            |share: f64| rates.get((share * (rates.len() as f64 - 1.0)) as usize).copied();
        Some(Interval { low: quantile(0.025)?, high: quantile(0.975)? })
    }
}

fn root(parent: &mut [usize], mut file: usize) -> usize {
    while parent[file] != file {
        parent[file] = parent[parent[file]];
        file = parent[file];
    }
    file
}

/// `SplitMix64` (Steele, Lea and Flood, 2014): the same draws in every run.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        ((u128::from(z) * limit as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::intervals::clopper_pearson;

    fn pair(reference: u32, probe: u32, same: bool) -> Pair {
        Pair { line: 0, reference, probe, same, group: None }
    }

    #[test]
    fn genuine_pairs_join_files_to_persons() {
        let pairs = [pair(0, 1, true), pair(3, 1, true), pair(2, 4, false), pair(0, 3, false)];
        let subjects = Subjects::of(&pairs, 5);
        assert_eq!(subjects.of_file, [0, 0, 1, 0, 2]);
        assert_eq!((subjects.count(), subjects.contradictions), (3, 1));
    }

    #[test]
    fn the_interval_is_wider_when_the_errors_are_of_one_person() {
        // Ten persons with ten genuine pairs each; ten errors, of one person or of all.
        let pairs: Vec<Pair> = (0..10)
            .flat_map(|p| (0..10).map(move |i| pair(20 * p + i, 20 * p + i + 1, true)))
            .collect();
        let subjects = Subjects::of(&pairs, 200);
        let interval = |errors: fn(usize) -> bool| {
            subjects.interval(pairs.iter().enumerate().map(|(i, p)| (p, errors(i)))).unwrap()
        };
        let (one, all) = (interval(|i| i < 10), interval(|i| i % 10 == 0));
        assert_eq!(all, Interval { low: 0.1, high: 0.1 });
        assert!(one.low < 0.01 && one.high > 0.2, "{one:?}");
        assert!(one.high > clopper_pearson(10, 100).high);
        assert_eq!(one, interval(|i| i < 10), "the same draws in every run");
    }

    #[test]
    fn too_few_persons_and_no_error_have_no_interval() {
        let pairs = |persons: u32| -> Vec<Pair> {
            (0..persons).map(|i| pair(2 * i, 2 * i + 1, true)).collect()
        };
        let interval = |persons: u32, errors: fn(u32) -> bool| {
            let pairs = pairs(persons);
            let subjects = Subjects::of(&pairs, pairs.len() * 2);
            subjects.interval(pairs.iter().map(|p| (p, errors(p.reference))))
        };
        assert_eq!(interval(4, |first| first == 0), None);
        assert!(interval(5, |first| first == 0).is_some());
        assert_eq!(interval(50, |_| false), None);
        assert_eq!(interval(50, |_| true), None);
    }
}
