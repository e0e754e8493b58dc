//! A platform without a network: signed files in a folder, such as a stick that somebody carries.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use jiff::Timestamp;
use seal::BadgeKeys;
use store::{OutboxEntry, PhotoDue, RefusedScan};

use super::TrustedKey;
use super::format::{Header, Reader};
use crate::registration::{Loaded, Terms};
use crate::{Cursor, Heard, Photo, Pulled, Registration, RegistrationError};

/// How the names of bundles end.
const EXTENSION: &str = "bundle";

/// A folder that signed bundles are laid into: the adapter without a network.
///
/// A file is offered once, the highest edition first: one that was refused is not read again until
/// it changes.
pub struct SignedFolder {
    folder: PathBuf,
    trusted: Vec<TrustedKey>,
    offered: Mutex<HashMap<PathBuf, State>>,
}

/// By which a file is taken for the same.
type State = (u64, Option<SystemTime>);

impl SignedFolder {
    /// The bundles in that folder that one of these keys has signed.
    pub fn new(folder: PathBuf, trusted: Vec<TrustedKey>) -> Self {
        Self { folder, trusted, offered: Mutex::default() }
    }

    /// The newest bundle that has not been offered: another roster than the one that is loaded, or
    /// a later edition of it. Only the import believes what it says of itself.
    fn newest(&self, loaded: Option<&Loaded>) -> io::Result<Option<PathBuf>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            // The stick is not there.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
        let mut newest: Option<(Header, PathBuf, State)> = None;
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue;
            }
            let Ok(state) = fs::metadata(&path).map(|metadata| state(&metadata)) else { continue };
            let known = offered.get(&path) == Some(&state);
            let Some(header) = (!known).then(|| self.header(&path)).flatten() else { continue };
            let is_loaded = loaded.is_some_and(|loaded| {
                loaded.id == header.roster && loaded.sequence >= header.sequence
            });
            let later = |other: &Header| {
                (header.created_at, header.sequence) > (other.created_at, other.sequence)
            };
            if !is_loaded && newest.as_ref().is_none_or(|(other, ..)| later(other)) {
                newest = Some((header, path, state));
            }
        }
        Ok(newest.map(|(_, path, state)| {
            offered.insert(path.clone(), state);
            path
        }))
    }

    /// What a file says of itself; none of one that cannot be read, or is still being written.
    fn header(&self, path: &Path) -> Option<Header> {
        let file = File::open(path).ok()?;
        Reader::begin(BufReader::new(file), &self.trusted).ok().map(|(_, header)| header)
    }
}

fn state(metadata: &Metadata) -> State {
    (metadata.len(), metadata.modified().ok())
}

#[async_trait]
impl Registration for SignedFolder {
    fn since(&self, _: Timestamp) -> Cursor {
        Cursor::default()
    }

    async fn pull(
        &self,
        _: &Cursor,
        loaded: Option<&Loaded>,
        _: Timestamp,
    ) -> Result<Pulled, RegistrationError> {
        let newest = self.newest(loaded).map_err(RegistrationError::Folder)?;
        Ok(newest.map_or(Pulled::Nothing, Pulled::Bundle))
    }

    /// The photo is in the bundle, or there is none.
    async fn photo(&self, _: i64, _: &BadgeKeys) -> Result<Photo, RegistrationError> {
        Ok(Photo::Absent("missing"))
    }

    async fn photos(
        &self,
        wanted: &[PhotoDue],
        _: &Terms,
    ) -> Result<Vec<(i64, Photo)>, RegistrationError> {
        let absent = |due: &PhotoDue| (due.position, Photo::Absent("missing"));
        Ok(wanted.iter().map(absent).collect())
    }

    async fn check_in(&self, _: &OutboxEntry) -> Result<Heard, RegistrationError> {
        Err(RegistrationError::NoNetwork)
    }

    async fn annul(&self, _: &OutboxEntry) -> Result<Heard, RegistrationError> {
        Err(RegistrationError::NoNetwork)
    }

    async fn report_refused(&self, _: &RefusedScan) -> Result<Heard, RegistrationError> {
        Err(RegistrationError::NoNetwork)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::super::testing::{NOW, Organiser};
    use super::*;

    fn loaded(organiser: &Organiser, sequence: u32) -> Loaded {
        let salt = organiser.key.salt("ciie-sample").unwrap();
        let terms = Terms { salt, code_format: seal::CodeFormat::Crockford };
        Loaded { id: "ciie-sample".to_owned(), sequence, terms }
    }

    #[tokio::test]
    async fn the_latest_edition_is_offered_once_and_never_one_that_is_loaded() {
        let organiser = Organiser::new();
        let stick = tempfile::tempdir().unwrap();
        let adapter = SignedFolder::new(stick.path().to_owned(), vec![organiser.key.trusted()]);
        let pull = async |sequence: Option<u32>| {
            let loaded = sequence.map(|sequence| loaded(&organiser, sequence));
            match adapter.pull(&Cursor::default(), loaded.as_ref(), NOW).await.unwrap() {
                Pulled::Bundle(path) => path.file_name().map(ToOwned::to_owned),
                _ => None,
            }
        };
        assert_eq!(pull(None).await, None, "there is nothing");
        for sequence in [3, 5, 4] {
            let file = stick.path().join(format!("{sequence}.bundle"));
            fs::write(file, organiser.bundle(sequence)).unwrap();
        }
        fs::write(stick.path().join("9.bundle"), b"a letter").unwrap();
        fs::write(stick.path().join("notes.txt"), b"hello").unwrap();
        assert_eq!(pull(Some(3)).await.unwrap(), "5.bundle");
        // It was refused, say: the next one is tried, and the older one is not.
        assert_eq!(pull(Some(3)).await.unwrap(), "4.bundle");
        assert_eq!(pull(Some(3)).await, None);
        assert_eq!(pull(None).await.unwrap(), "3.bundle");
        fs::write(stick.path().join("5.bundle"), organiser.bundle(6)).unwrap();
        assert_eq!(pull(Some(5)).await.unwrap(), "5.bundle");
    }

    #[tokio::test]
    async fn a_stick_that_is_not_there_is_no_error() {
        let adapter = SignedFolder::new(PathBuf::from("/nonexistent/stick"), Vec::new());
        let pulled = adapter.pull(&Cursor::default(), None, NOW).await.unwrap();
        assert!(matches!(pulled, Pulled::Nothing));
    }
}
