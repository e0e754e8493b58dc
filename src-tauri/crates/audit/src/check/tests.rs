//! Each kind of damage at each place of a log.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::prelude::*;

use super::*;
use crate::{Actor, Purged, Record};

const AT: Timestamp = Timestamp::constant(1_793_869_200, 0);

#[derive(Clone, Debug, PartialEq)]
struct Row {
    place: u64,
    line: String,
    hash: Hash,
}

/// A log of so many entries, of which the first `cut` were purged, with every head that it had.
fn log(size: u64, cut: u64) -> (Vec<Row>, Vec<Head>) {
    let mut heads = vec![Head::empty("postern-0")];
    let mut rows = Vec::new();
    for number in 1..=size {
        let what = if number == size && cut > 0 {
            What::Purged { rows: Purged::default(), through: cut }
        } else {
            What::Incident { number: format!("{number:06}") }
        };
        let record = Record::new(AT, Actor::Kiosk, what);
        let (line, head) = Entry::append(heads.last().unwrap(), &record).unwrap();
        rows.push(Row { place: number, line, hash: head.hash });
        heads.push(head);
    }
    rows.drain(..cut as usize);
    (rows, heads)
}

fn check(rows: &[Row], anchor: Head, head: Head, kept: &[Head]) -> Report {
    let mut check = Check::new(anchor, kept.to_vec());
    for Row { place, line, hash } in rows {
        check.row(*place, line.as_bytes(), hash);
    }
    check.end(&head)
}

/// Writes an entry anew, hash and all, as somebody would who has the database's key.
fn rewrite(row: &mut Row) {
    row.line = row.line.replace("\"kiosk\"", "\"console\"");
    row.hash = of_line(row.line.as_bytes());
}

#[test]
fn c31_every_altered_removed_moved_or_cut_entry_is_found_at_its_place() {
    for (size, cut) in [(1, 0), (2, 0), (7, 0), (7, 3), (7, 6)] {
        let (rows, heads) = log(size, cut);
        let (anchor, head) = (heads[cut as usize], heads[size as usize]);
        let faults = |rows: &[Row]| check(rows, anchor, head, &[]).faults;
        assert_eq!(faults(&rows), []);
        for i in 0..rows.len() {
            let number = rows[i].place;
            let mut damaged = rows.clone();
            damaged[i].line.replace_range(20..21, "x");
            assert!(faults(&damaged).contains(&Fault::Altered { number }), "text of {number}");
            let mut damaged = rows.clone();
            damaged[i].hash[3] ^= 1;
            assert_eq!(faults(&damaged), [Fault::Altered { number }], "hash of {number}");
            let mut damaged = rows.clone();
            rewrite(&mut damaged[i]);
            assert_eq!(faults(&damaged), [Fault::Rewritten { number }], "{number}");

            let mut damaged = rows.clone();
            damaged.remove(i);
            let gone = Fault::Missing { from: number, to: number };
            let cut_off = Fault::CutOff { from: number, to: number };
            let found = faults(&damaged);
            assert!(found.contains(if number == size { &cut_off } else { &gone }), "{found:?}");
            for j in i + 1..rows.len() {
                let other = rows[j].place;
                let mut damaged = rows.clone();
                (damaged[i].place, damaged[j].place) = (other, number);
                damaged.sort_by_key(|row| row.place);
                let found = faults(&damaged);
                assert!(found.contains(&Fault::Moved { place: number, number: other }));
                assert!(found.contains(&Fault::Moved { place: other, number }));
            }
        }
    }
}

#[test]
fn c31_a_log_whose_end_was_cut_off_and_signed_anew_does_not_fit_a_head_kept_elsewhere() {
    let (rows, heads) = log(7, 0);
    let at = AT;
    for kept in 1..=7 {
        let head = heads[kept];
        for end in 0..7 {
            let report = check(&rows[..end], heads[0], heads[end], &[head]);
            let expected = if end >= kept {
                Vec::new()
            } else {
                vec![Fault::Shorter { size: kept as u64, at, last: end as u64 }]
            };
            assert_eq!(report.faults, expected, "cut at {end}, head of {kept}");
        }
        // The same length, but an entry at or before the head is another one.
        let (mut rows, _) = log(7, 0);
        let mut signed = heads[0];
        for (i, row) in rows.iter_mut().enumerate() {
            let by = if i + 1 == kept { Actor::Console } else { Actor::Kiosk };
            let what = What::Incident { number: format!("{:06}", i + 1) };
            (row.line, signed) = Entry::append(&signed, &Record::new(AT, by, what)).unwrap();
            row.hash = signed.hash;
        }
        let report = check(&rows, heads[0], signed, &heads[1..]);
        let size = kept as u64;
        assert_eq!(report.faults.first(), Some(&Fault::OtherLog { size, at }));
        assert_eq!((report.heads as usize, report.faults.len()), (kept - 1, 8 - kept));
    }
}

#[test]
fn c08_a_purged_beginning_is_no_fault_if_a_purge_tells_of_it() {
    let (rows, heads) = log(7, 3);
    let report = check(&rows, heads[3], heads[7], &[heads[2], heads[3], heads[5]]);
    let expected = Report { purged: 3, last: 7, heads: 2, heads_purged: 1, faults: Vec::new() };
    assert_eq!(report, expected);
    // One entry more is gone, and the anchor was moved along.
    let report = check(&rows[1..], heads[4], heads[7], &[]);
    assert_eq!(report.faults, [Fault::Unaccounted { through: 4 }]);
    // Without the anchor moved along.
    let report = check(&rows[1..], heads[3], heads[7], &[]);
    assert_eq!(report.faults, [Fault::Missing { from: 4, to: 4 }]);
    // An anchor that was never a head.
    let anchor = Head { hash: [0; 32], ..heads[3] };
    assert_eq!(check(&rows, anchor, heads[7], &[]).faults, [Fault::Anchor]);
    // A purged entry is back.
    let back: Vec<_> = log(7, 0).0[2..3].iter().cloned().chain(rows).collect();
    assert_eq!(check(&back, heads[3], heads[7], &[]).faults, [Fault::Stray { place: 3 }]);
}

#[test]
fn entries_behind_the_signed_head_are_told() {
    let (rows, heads) = log(7, 0);
    let report = check(&rows, heads[0], heads[5], &[]);
    assert_eq!(report.faults, [Fault::Unsigned { from: 6, to: 7 }]);
}

#[test]
fn a_fault_names_its_entry_in_words() {
    for (fault, words) in [
        (Fault::Altered { number: 4 }, "entry 4 was altered"),
        (Fault::Missing { from: 4, to: 4 }, "entry 4 was removed"),
        (Fault::Missing { from: 4, to: 6 }, "entries 4 to 6 were removed"),
        (Fault::CutOff { from: 4, to: 6 }, "entries 4 to 6 were cut off the end"),
        (Fault::Moved { place: 4, number: 5 }, "in the place of entry 4 stands entry 5"),
    ] {
        assert_eq!(fault.to_string(), words);
    }
    let shorter = Fault::Shorter { size: 9, at: AT, last: 7 }.to_string();
    assert!(shorter.contains("entries 8 to 9 were cut off"), "{shorter}");
}

proptest! {
    #[test]
    fn c31_no_change_of_a_byte_goes_unseen(
        size in 1_u64..12,
        cut in 0_u64..11,
        place in any::<proptest::sample::Index>(),
        byte in any::<proptest::sample::Index>(),
        flip in 1_u8..=255,
    ) {
        let cut = cut.min(size - 1);
        let (rows, heads) = log(size, cut);
        let (anchor, head) = (heads[cut as usize], heads[size as usize]);
        let damaged = place.index(rows.len());
        let mut check = Check::new(anchor, Vec::new());
        for (i, row) in rows.iter().enumerate() {
            let mut line = row.line.clone().into_bytes();
            if i == damaged {
                let byte = byte.index(line.len());
                line[byte] ^= flip;
            }
            check.row(row.place, &line, &row.hash);
        }
        let report = check.end(&head);
        let number = rows[damaged].place;
        let named = report.faults.iter().any(|fault| {
            matches!(fault, Fault::Altered { number: n } | Fault::Moved { place: n, .. } if *n == number)
        });
        prop_assert!(named, "{:?}", report.faults);
    }
}
