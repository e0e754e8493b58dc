//! The search for what a visit may leave behind, in the memory of processes and in files: as
//! whoever takes the machine away would search, without any help of the kiosk.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::Path,
};

use memchr::memmem;

use crate::processes::Process;

/// Longest piece of memory that is read at once, and of a file.
const PIECE: u64 = 64 << 20;
/// Numbers of a row that are enough to tell it.
const FLOATS: usize = 12;
/// Pixels of a row that are enough to tell it.
const PIXELS: usize = 24;
/// How far a frame's light may change a channel.
const LIGHT: u8 = 12;

/// Something that must not be left.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What it is.
    pub name: &'static str,
    /// How it is known.
    pub sign: Sign,
}

/// How a trace is known.
#[derive(Clone, Debug)]
pub enum Sign {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A row of pixels of nearly this colour, one channel a byte; four channels are aligned.
    Pixels(Vec<u8>),
    /// A row of floats that are all the same, and nearly this.
    Flat(u8),
}

impl Trace {
    /// A trace of bytes.
    pub fn bytes(name: &'static str, bytes: Vec<u8>) -> Trace {
        Trace { name, sign: Sign::Bytes(bytes) }
    }

    /// True when it is in these bytes.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.count(bytes) > 0
    }

    /// Bytes in which it is.
    pub fn example(&self) -> Vec<u8> {
        match &self.sign {
            Sign::Bytes(bytes) => bytes.clone(),
            Sign::Pixels(colour) => colour.repeat(PIXELS * 2),
            Sign::Flat(value) => f32::from(*value).to_le_bytes().repeat(FLOATS * 2),
        }
    }

    fn count(&self, piece: &[u8]) -> usize {
        match &self.sign {
            Sign::Bytes(bytes) => memmem::find_iter(piece, bytes).count(),
            Sign::Pixels(colour) => pixels(piece, colour),
            Sign::Flat(value) => {
                let (value, light) = (f32::from(*value), f32::from(LIGHT));
                let (mut run, mut found, mut last) = (0, 0, f32::NAN);
                for number in floats(piece) {
                    let same = (number - value).abs() <= light && (number - last).abs() < 0.01;
                    run = if same { run + 1 } else { 1 };
                    found += usize::from(run == FLOATS);
                    last = number;
                }
                found
            }
        }
    }
}

/// How many rows of pixels of nearly this colour there are.
fn pixels(piece: &[u8], colour: &[u8]) -> usize {
    let near = |pixel: &[u8]| pixel.iter().zip(colour).all(|(a, b)| a.abs_diff(*b) <= LIGHT);
    let step = if colour.len() == 4 { 4 } else { 1 };
    let row = PIXELS * colour.len();
    let (mut at, mut found) = (0, 0);
    while at + row <= piece.len() {
        // The last pixel of the row first: where it is another one, so are most before it.
        let pixels = piece[at..at + row].chunks_exact(colour.len());
        match pixels.rev().position(|pixel| !near(pixel)) {
            None => {
                found += 1;
                at += row;
            }
            Some(behind) if step > 1 => at += row - behind * step,
            Some(_) => at += step,
        }
    }
    found
}

/// How often each trace was found, by place and name.
pub type Found = BTreeMap<(String, &'static str), usize>;

/// Searches the memory of these processes. A place is the name of a program.
pub fn in_memory(processes: &[Process], traces: &[Trace]) -> Found {
    let mut found = Found::new();
    for process in processes {
        let place = program(process);
        for_each_piece(process.pid, |piece| note(&mut found, &place, piece, traces));
    }
    found
}

/// Searches all files below a folder; `left_out`: names of folders and files that are not looked at.
pub fn in_files(folder: &Path, left_out: &[&str], traces: &[Trace]) -> Found {
    let mut found = Found::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        // What goes while it is looked at leaves nothing there.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if left_out.contains(&name.as_str()) {
                continue;
            }
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && entry.metadata().is_ok_and(|file| file.len() < PIECE) {
                let piece = fs::read(entry.path()).unwrap_or_default();
                note(&mut found, &entry.path().display().to_string(), &piece, traces);
            }
        }
    }
    found
}

/// The first numbers of every row of `length` floats in a process that has the Euclidean length
/// one, as templates have.
pub fn unit_rows(pid: u32, length: usize) -> Vec<Vec<u8>> {
    let mut rows = Vec::new();
    for_each_piece(pid, |piece| {
        let numbers: Vec<f32> = floats(piece).collect();
        let (mut start, mut sum) = (0, 0.0_f64);
        for (at, number) in numbers.iter().enumerate() {
            if !number.is_finite() || number.abs() > 0.5 {
                (start, sum) = (at + 1, 0.0);
                continue;
            }
            sum += f64::from(*number).powi(2);
            if at + 1 - start > length {
                sum -= f64::from(numbers[start]).powi(2);
                start += 1;
            }
            let head = &numbers[start..at.min(start + 16)];
            // A one among zeros has that length too; a template has no zeros.
            let features = head.iter().all(|number| *number != 0.0);
            if at + 1 - start == length && (sum - 1.0).abs() < 3e-6 && features {
                rows.push(piece[start * 4..start * 4 + 64].to_vec());
            }
        }
    });
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn floats(piece: &[u8]) -> impl Iterator<Item = f32> {
    piece.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
}

fn note(found: &mut Found, place: &str, piece: &[u8], traces: &[Trace]) {
    for trace in traces {
        let count = trace.count(piece);
        if count > 0 {
            *found.entry((place.to_owned(), trace.name)).or_default() += count;
        }
    }
}

/// The program's name; a worker is told from the app, which is the same program.
fn program(process: &Process) -> String {
    let arguments = process.arguments();
    if arguments.get(1).is_some_and(|first| first == "biometrics") {
        return "worker".to_owned();
    }
    let path = process.executable().unwrap_or_default();
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads the writable memory of a process, files that it has mapped for writing included.
fn for_each_piece(pid: u32, mut look: impl FnMut(&[u8])) {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let Ok(memory) = File::open(format!("/proc/{pid}/mem")) else { return };
    let mut bytes = Vec::new();
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (Some(range), Some(rights)) = (fields.next(), fields.next()) else { continue };
        let Some((from, to)) = range.split_once('-') else { continue };
        let address = |text| u64::from_str_radix(text, 16).ok();
        let (Some(from), Some(to)) = (address(from), address(to)) else { continue };
        // Reserved and never used: of a sandbox or a garbage collector.
        if !rights.starts_with("rw") || to - from > PIECE * 16 {
            continue;
        }
        let mut at = from;
        while at < to {
            let length = PIECE.min(to - at);
            bytes.resize(length as usize, 0);
            if memory.read_exact_at(&mut bytes, at).is_ok() {
                look(&bytes);
            }
            at += length;
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;
    use crate::processes::descendants;

    #[test]
    fn what_is_in_memory_is_found_and_what_was_wiped_is_not() {
        let own = std::process::id();
        let secret: Vec<u8> = (0..64_u8).map(|number| number.wrapping_mul(37) ^ 0x5a).collect();
        let flat = std::hint::black_box([37.001_f32; 40]);
        let wall = [[201_u8, 170, 33, 255]; 30].concat();
        let mut row = vec![0.031_f32; 512];
        let length = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt() as f32;
        for x in &mut row {
            *x /= length;
        }
        row[3] = -row[3];
        let traces = [
            Trace::bytes("bytes", secret.clone()),
            Trace { name: "flat", sign: Sign::Flat(30) },
            Trace { name: "pixels", sign: Sign::Pixels(vec![199, 171, 37, 255]) },
        ];
        let processes: Vec<_> =
            descendants(own).into_iter().filter(|process| process.pid == own).collect();
        let found = in_memory(&processes, &traces);
        let count = |name| found.iter().find(|((_, trace), _)| *trace == name).map(|(_, n)| *n);
        assert!(count("bytes").unwrap() >= 2, "the secret and the trace of it: {found:?}");
        assert!(count("flat").unwrap() >= 1, "{found:?}");
        assert!(count("pixels").unwrap() >= 1, "{found:?}");
        let other = Trace { name: "", sign: Sign::Pixels(vec![199, 171, 99, 255]) };
        assert_eq!(other.count(&wall), 0);
        let head: Vec<u8> = row.iter().take(16).flat_map(|x| x.to_le_bytes()).collect();
        assert!(unit_rows(own, 512).contains(&head));
        assert!(!flat.is_empty() && !row.is_empty());

        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        fs::write(folder.path().join("inner/file"), [b"before", &secret[..], b"behind"].concat())
            .unwrap();
        assert_eq!(in_files(folder.path(), &[], &traces).len(), 1);
        assert!(in_files(folder.path(), &["inner"], &traces).is_empty());
    }
}
