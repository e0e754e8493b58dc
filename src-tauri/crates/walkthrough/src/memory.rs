//! Memory of several processes together.

use std::fs;

/// What a set of processes keeps resident, in KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory {
    /// Proportional set size: a page that n processes share counts 1/n in each, so that the sum
    /// over all processes is what the machine really gives up.
    pub proportional_kib: u64,
    /// Resident set size: shared pages count in every process, so that the sum is too high; the
    /// number that other tools show.
    pub resident_kib: u64,
    /// Processes counted.
    pub processes: usize,
}

impl Memory {
    /// Sums over these processes; one that has ended meanwhile is not counted.
    pub(crate) fn of(pids: impl Iterator<Item = u32>) -> Memory {
        pids.filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok())
            .filter_map(|text| Memory::parse(&text))
            .fold(Memory::default(), |sum, one| Memory {
                proportional_kib: sum.proportional_kib + one.proportional_kib,
                resident_kib: sum.resident_kib + one.resident_kib,
                processes: sum.processes + one.processes,
            })
    }

    /// Reads the text of `smaps_rollup`.
    fn parse(text: &str) -> Option<Memory> {
        let field = |name: &str| {
            let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
            rest.split_ascii_whitespace().next()?.parse().ok()
        };
        Some(Memory {
            proportional_kib: field("Pss:")?,
            resident_kib: field("Rss:")?,
            processes: 1,
        })
    }

    /// Proportional set size in MiB.
    pub fn proportional_mib(self) -> f64 {
        self.proportional_kib as f64 / 1024.0
    }

    /// Resident set size in MiB.
    pub fn resident_mib(self) -> f64 {
        self.resident_kib as f64 / 1024.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportional_and_resident_sizes_are_read() {
        let text = "55d0-7ffe ---p 00000000 00:00 0 [rollup]\nRss:    2048 kB\nPss:   1024 kB\nPss_Dirty: 9 kB\n";
        let memory = Memory::parse(text);
        assert_eq!(
            memory,
            Some(Memory { proportional_kib: 1024, resident_kib: 2048, processes: 1 })
        );
        assert_eq!(Memory::parse("nothing"), None);
    }

    #[test]
    fn this_process_has_memory_and_a_process_that_never_was_has_none() {
        let own = Memory::of(std::iter::once(std::process::id()));
        assert_eq!(own.processes, 1);
        assert!(own.proportional_kib > 0 && own.proportional_kib <= own.resident_kib);
        assert_eq!(Memory::of(std::iter::once(u32::MAX)), Memory::default());
    }
}
