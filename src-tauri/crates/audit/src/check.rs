//! Finding what was changed in a log.

use std::cmp::Ordering;
use std::fmt;

use jiff::Timestamp;

use crate::hash::of_line;
use crate::{Entry, Hash, Head, What};

/// What is wrong with a log, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The entry is not what was written.
    Altered {
        /// Its number.
        number: u64,
    },
    /// At this place stands another entry.
    Moved {
        /// Where it stands.
        place: u64,
        /// What it calls itself.
        number: u64,
    },
    /// Entries are not there, although later ones are.
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The entry is not the one behind which the next was written, or the head signed: one of
    /// the two was written anew.
    Rewritten {
        /// The earlier one.
        number: u64,
    },
    /// An entry stands where all had been purged.
    Stray {
        /// Where it stands.
        place: u64,
    },
    /// Entries behind the last one are not there, although the head counts them.
    CutOff {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// Entries stand behind the one that the head signed.
    Unsigned {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The stored head is not what the kiosk signed.
    HeadSignature,
    /// The stored anchor is not what the kiosk signed.
    AnchorSignature,
    /// The anchor is not the entry that the first one here was written behind.
    Anchor,
    /// No purge tells of the cut at the anchor.
    Unaccounted {
        /// Entries that are gone.
        through: u64,
    },
    /// A head that was kept elsewhere counts entries that are not there.
    Shorter {
        /// Entries that the kept head counts.
        size: u64,
        /// When it was signed.
        at: Timestamp,
        /// Last entry here.
        last: u64,
    },
    /// A head that was kept elsewhere signed another entry: something up to it was written anew.
    OtherLog {
        /// Entries that the kept head counts.
        size: u64,
        /// When it was signed.
        at: Timestamp,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { number } => write!(f, "entry {number} was altered"),
            Self::Moved { place, number } => {
                write!(f, "in the place of entry {place} stands entry {number}")
            }
            Self::Missing { from, to } => write!(f, "{} removed", entries(*from, *to)),
            Self::Rewritten { number } => write!(
                f,
                "entry {number} is not the one that was followed: it, or what follows it, was \
                 written anew"
            ),
            Self::Stray { place } => {
                write!(f, "an entry stands at {place}, where all had been purged")
            }
            Self::CutOff { from, to } => write!(f, "{} cut off the end", entries(*from, *to)),
            Self::Unsigned { from, to } => {
                write!(f, "{} added behind the signed head", entries(*from, *to))
            }
            Self::HeadSignature => f.write_str("the head is not what this kiosk signed"),
            Self::AnchorSignature => f.write_str("the anchor is not what this kiosk signed"),
            Self::Anchor => f.write_str("the first entry does not follow what was purged"),
            Self::Unaccounted { through } => {
                write!(f, "entries up to {through} are gone, and no purge tells of it")
            }
            Self::Shorter { size, at, last } => write!(
                f,
                "the head of {at} counts {size} entries, and the log ends at {last}: {} cut off",
                entries(last + 1, *size)
            ),
            Self::OtherLog { size, at } => write!(
                f,
                "the head of {at} does not fit entry {size}: it, or some entry before it, was \
                 written anew"
            ),
        }
    }
}

fn entries(from: u64, to: u64) -> String {
    if from == to { format!("entry {from} was") } else { format!("entries {from} to {to} were") }
}

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Entries that were purged before the first one here.
    pub purged: u64,
    /// Number of the last entry.
    pub last: u64,
    /// Heads kept elsewhere that fit.
    pub heads: u32,
    /// Heads kept elsewhere whose entry was purged since: they say nothing any more.
    pub heads_purged: u32,
    /// What is wrong, in the order of the log. Empty if nothing is.
    pub faults: Vec<Fault>,
}

/// A check of one log, entry by entry.
pub struct Check {
    anchor: Head,
    kept: Vec<Head>,
    /// Hashes that the entry before may have had; none if it is not known.
    before: Option<[Hash; 2]>,
    last: u64,
    through: u64,
    report: Report,
}

impl Check {
    /// Begins behind the anchor, the head at which the log was cut last. `kept`: heads that were
    /// kept elsewhere.
    pub fn new(anchor: Head, kept: Vec<Head>) -> Self {
        let report = Report {
            purged: anchor.size,
            last: anchor.size,
            heads: 0,
            heads_purged: 0,
            faults: Vec::new(),
        };
        let before = Some([anchor.hash; 2]);
        let mut check = Self { anchor, kept, before, last: anchor.size, through: 0, report };
        let purged = check.kept.extract_if(.., |head| head.size < anchor.size).count();
        check.report.heads_purged = purged as u32;
        check.compare_kept(anchor.size, [anchor.hash; 2]);
        check
    }

    /// The next row, in the order of their numbers: where it stands, its line without the line
    /// feed, and the hash beside it.
    pub fn row(&mut self, place: u64, line: &[u8], hash: &[u8]) {
        if place <= self.anchor.size {
            return self.fault(Fault::Stray { place });
        }
        if place > self.last + 1 {
            self.fault(Fault::Missing { from: self.last + 1, to: place - 1 });
            self.before = None;
        }
        let own = of_line(line);
        let beside = hash.try_into().unwrap_or(own);
        self.before = match Entry::read(line) {
            Ok(entry) if entry.number != place => {
                self.fault(Fault::Moved { place, number: entry.number });
                None
            }
            Ok(entry) if hash == own => {
                self.follow(&entry.previous);
                if let What::Purged { through, .. } = entry.what {
                    self.through = through;
                }
                Some([own; 2])
            }
            // Which of the two was altered, the next entry knows.
            _ => {
                self.fault(Fault::Altered { number: place });
                Some([own, beside])
            }
        };
        self.last = place;
        self.compare_kept(place, [own, beside]);
    }

    /// The end of the log, with the head that is stored.
    pub fn end(mut self, head: &Head) -> Report {
        match head.size.cmp(&self.last) {
            Ordering::Greater => self.fault(Fault::CutOff { from: self.last + 1, to: head.size }),
            Ordering::Less => self.fault(Fault::Unsigned { from: head.size + 1, to: self.last }),
            Ordering::Equal => self.follow(&head.hash),
        }
        // What tells of the cut may be what was damaged.
        if self.report.faults.is_empty() && self.through != self.anchor.size {
            self.fault(Fault::Unaccounted { through: self.anchor.size });
        }
        for Head { size, at, .. } in std::mem::take(&mut self.kept) {
            self.fault(Fault::Shorter { size, at, last: self.last });
        }
        self.report.last = self.last;
        self.report
    }

    /// What was written behind the entry before names its hash.
    fn follow(&mut self, previous: &Hash) {
        if self.before.is_some_and(|before| !before.contains(previous)) {
            self.fault(if self.last == self.anchor.size {
                Fault::Anchor
            } else {
                Fault::Rewritten { number: self.last }
            });
        }
    }

    fn compare_kept(&mut self, place: u64, hashes: [Hash; 2]) {
        let here: Vec<_> = self.kept.extract_if(.., |head| head.size == place).collect();
        for Head { size, hash, at } in here {
            if hashes.contains(&hash) {
                self.report.heads += 1;
            } else {
                self.fault(Fault::OtherLog { size, at });
            }
        }
    }

    fn fault(&mut self, fault: Fault) {
        self.report.faults.push(fault);
    }
}

#[cfg(test)]
mod tests;
