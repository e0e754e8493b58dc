//! What an error says of the disk and the database: what a technician can do something about.

use rusqlite::ErrorCode;

use crate::StoreError;

/// A cause that lasts until somebody mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The disk is full.
    DiskFull,
    /// The disk, or the database's file, cannot be written to.
    ReadOnly,
    /// The disk could not be read or written.
    Disk,
    /// The database, or a badge's contents in it, is damaged.
    Damaged,
}

impl StoreError {
    /// The lasting cause, if it is a known one.
    pub fn trouble(&self) -> Option<Trouble> {
        if matches!(self, Self::Contents) {
            return Some(Trouble::Damaged);
        }
        let source = std::error::Error::source(self)?;
        if let Some(error) = source.downcast_ref::<std::io::Error>() {
            return match error.kind() {
                std::io::ErrorKind::StorageFull => Some(Trouble::DiskFull),
                std::io::ErrorKind::ReadOnlyFilesystem => Some(Trouble::ReadOnly),
                _ => None,
            };
        }
        match source.downcast_ref::<rusqlite::Error>()?.sqlite_error_code()? {
            ErrorCode::DiskFull => Some(Trouble::DiskFull),
            ErrorCode::ReadOnly => Some(Trouble::ReadOnly),
            ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => Some(Trouble::Disk),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Some(Trouble::Damaged),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::fs::OpenOptions;
    use std::os::unix::fs::FileExt;

    use super::*;
    use crate::testing::{self, consent, face, locator};
    use crate::{Choice, DATABASE_FILE, Store};

    #[test]
    fn a_full_database_takes_no_check_in_and_says_why() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        let pages: u32 = store.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        store.db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
        // The tables have some room left.
        let refused = (0..=u8::MAX).find_map(|n| {
            let mut consent = consent(n, badge, Choice::Given);
            consent.policy_version = "1".repeat(2000);
            store.record_consent(&consent).err()
        });
        assert_eq!(refused.unwrap().trouble(), Some(Trouble::DiskFull));
        let consents = store.counts().unwrap().consents;
        assert!(consents > 0, "what was written before is there");
    }

    #[test]
    fn a_database_that_cannot_be_written_to_says_so_and_is_read() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        store.db.pragma_update(None, "query_only", true).unwrap();
        let refused = store.record_checkin(&face(1, badge)).unwrap_err();
        assert_eq!(refused.trouble(), Some(Trouble::ReadOnly));
        assert!(store.badge(&locator(1)).unwrap().is_some());
    }

    #[test]
    fn a_damaged_page_is_noticed_and_never_read_as_something_else() {
        let (folder, mut store) = testing::store();
        testing::import_one(&mut store, locator(1), None);
        let pages: u32 = store.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        drop(store);
        let path = folder.path().join(DATABASE_FILE);
        let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let (mut noticed, mut served) = (0, 0);
        for page in 1..pages {
            let place = u64::from(page) * 4096 + 1000;
            let mut byte = [0];
            file.read_exact_at(&mut byte, place).unwrap();
            file.write_all_at(&[byte[0] ^ 1], place).unwrap();
            match Store::open_folder(folder.path()).and_then(|store| store.badge(&locator(1))) {
                Ok(badge) => {
                    assert!(badge.unwrap().sealed_reference.is_some());
                    served += 1;
                }
                Err(error) => {
                    assert_eq!(error.trouble(), Some(Trouble::Damaged), "page {page}: {error:?}");
                    noticed += 1;
                }
            }
            file.write_all_at(&byte, place).unwrap();
        }
        assert!(noticed > 3 && served > 3, "{noticed} noticed, {served} not met");
        assert!(Store::open_folder(folder.path()).unwrap().badge(&locator(1)).unwrap().is_some());
    }
}
