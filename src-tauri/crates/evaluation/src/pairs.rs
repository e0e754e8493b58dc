//! Which pictures are compared: from a list of pairs, or all of a folder of persons.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::EvaluationError;
use crate::sheet::{self, Rows};

/// Most pairs that are held in memory.
const MAX_PAIRS: u64 = 20_000_000;

/// One comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// Line in the list; 0 from a folder.
    pub(crate) line: u64,
    /// Index of the file judged as certificate photo.
    pub(crate) reference: u32,
    /// Index of the file judged as what the camera sees.
    pub(crate) probe: u32,
    /// Whether both are of one person.
    pub(crate) same: bool,
    /// Index of the group.
    pub(crate) group: Option<u32>,
}

/// What is compared. Files are as the technician named them, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs {
    pub(crate) files: Names,
    pub(crate) groups: Names,
    pub(crate) list: Vec<Pair>,
    pub(crate) rows: Option<Rows>,
}

/// Names with an index each, in the order of their first use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    names: Vec<String>,
    places: HashMap<String, u32>,
}

impl Names {
    pub(crate) fn index(&mut self, name: &str) -> u32 {
        if let Some(&index) = self.places.get(name) {
            return index;
        }
        let index = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), index);
        index
    }

    pub(crate) fn all(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn name(&self, index: u32) -> &str {
        self.names.get(index as usize).map_or("", String::as_str)
    }
}

/// Reads a list with the columns `file_a`, `file_b`, `same` and, if there is one, `group`.
pub(crate) fn from_list(path: &Path) -> Result<Pairs, EvaluationError> {
    let (mut files, mut groups) = (Names::default(), Names::default());
    let columns = ["file_a", "file_b", "same", "group"];
    let (list, rows) = sheet::read(path, columns, 3, |line, [a, b, same, group]| {
        let same = same_person(same).ok_or("same_is_neither_yes_nor_no")?;
        if a.is_empty() || b.is_empty() {
            return Err("no_file");
        }
        if a == b {
            return Err("compared_with_itself");
        }
        Ok(Pair {
            line,
            reference: files.index(a),
            probe: files.index(b),
            same,
            group: Some(group).filter(|group| !group.is_empty()).map(|group| groups.index(group)),
        })
    })?;
    Ok(Pairs { files, groups, list, rows: Some(rows) })
}

fn same_person(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Some(true),
        "0" | "false" | "no" => Some(false),
        _ => None,
    }
}

/// All pairs of a folder with one folder for each person: each two pictures once, the first by
/// name as certificate photo. Hidden files are left out.
pub(crate) fn from_folder(folder: &Path) -> Result<Pairs, EvaluationError> {
    let mut files = Names::default();
    let mut persons: Vec<(u32, u32)> = Vec::new();
    for (person, path) in (0_u32..).zip(visible(folder)?.iter().filter(|path| path.is_dir())) {
        for picture in visible(path)? {
            let name = picture.strip_prefix(folder).unwrap_or(&picture).to_string_lossy();
            persons.push((files.index(&name), person));
        }
    }
    let count = persons.len() as u64;
    let pairs = count * count.saturating_sub(1) / 2;
    if pairs == 0 {
        return Err(EvaluationError::NoPairs { path: folder.to_owned() });
    }
    if pairs > MAX_PAIRS {
        return Err(EvaluationError::TooManyPairs { pairs, limit: MAX_PAIRS });
    }
    let mut all = Vec::new();
    for (index, &(reference, person)) in persons.iter().enumerate() {
        all.extend(persons[index + 1..].iter().map(|&(probe, other)| Pair {
            line: 0,
            reference,
            probe,
            same: person == other,
            group: None,
        }));
    }
    Ok(Pairs { files, list: all, ..Pairs::default() })
}

/// What is in a folder, sorted by name, without hidden files.
pub(crate) fn visible(folder: &Path) -> Result<Vec<PathBuf>, EvaluationError> {
    let failed = |source| EvaluationError::Read { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::sheet::RefusedRow;

    fn list(text: &[u8]) -> Result<Pairs, EvaluationError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.csv");
        std::fs::write(&path, text).unwrap();
        from_list(&path)
    }

    #[test]
    fn a_list_is_read_as_spreadsheets_write_it() {
        let text = "\u{feff}SAME, file_b ,file_a,group,camera\r\n\
                    yes,b.jpg,\"a, 1.jpg\",indoor,x\r\n0,c.jpg,b.jpg,,\r\nTRUE,b.jpg,c.jpg\r\n";
        let pairs = list(text.as_bytes()).unwrap();
        assert_eq!(pairs.files.all(), ["a, 1.jpg", "b.jpg", "c.jpg"]);
        let found: Vec<_> =
            pairs.list.iter().map(|p| (p.line, p.reference, p.probe, p.same, p.group)).collect();
        let expected = [(2, 0, 1, true, Some(0)), (3, 1, 2, false, None), (4, 2, 1, true, None)];
        assert_eq!(found, expected);
        assert_eq!(pairs.groups.all(), ["indoor"]);
        assert_eq!(pairs.rows.unwrap().ignored_columns, ["camera"]);
    }

    #[test]
    fn bad_rows_are_kept_with_line_and_reason() {
        let text = [
            b"file_a,file_b,same\na,b,maybe\na,,1\na,a,1\na,b,1\n".as_slice(),
            &[0xb9, 0xdb],
            b",b,1\n",
        ]
        .concat();
        let rows = list(&text).unwrap().rows.unwrap();
        assert_eq!(rows.rows, 5);
        let refused = |line, reason| RefusedRow { line, reason };
        assert_eq!(
            rows.refused,
            [
                refused(2, "same_is_neither_yes_nor_no"),
                refused(3, "no_file"),
                refused(4, "compared_with_itself"),
                refused(6, "not_utf8"),
            ]
        );
    }

    #[test]
    fn a_list_without_its_columns_or_rows_is_refused_in_words() {
        for (text, expected) in [
            ("", "no column file_a"),
            ("file_a,file_b\na,b\n", "no column same"),
            ("file_a,file_b,same\n", "no usable row"),
            ("file_a,file_b,same\na,b,x\n", "line 2: same_is_neither_yes_nor_no"),
        ] {
            let word = list(text.as_bytes()).unwrap_err().to_string();
            assert!(word.contains(expected), "{word}");
        }
    }

    #[test]
    fn a_folder_of_persons_makes_every_pair_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["p/1.jpg", "p/2.jpg", "q/1.jpg", "q/.hidden", "r/1.jpg"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        std::fs::write(folder.path().join("notes.txt"), "").unwrap();
        let pairs = from_folder(folder.path()).unwrap();
        assert_eq!(pairs.files.all().len(), 4);
        let genuine = pairs.list.iter().filter(|pair| pair.same).count();
        assert_eq!((pairs.list.len(), genuine), (6, 1));
        let empty = tempfile::tempdir().unwrap();
        assert!(matches!(from_folder(empty.path()), Err(EvaluationError::NoPairs { .. })));
    }
}
