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
        match self {
            Self::Contents => return Some(Trouble::Damaged),
            Self::ReadOnly => return Some(Trouble::ReadOnly),
            _ => {}
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
            // To a write after a damaged page SQLCipher answers that there is no memory; where
            // there really is none, the process ends.
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::OutOfMemory => {
                Some(Trouble::Damaged)
            }
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
    use crate::{Choice, DATABASE_FILE, NewAttendee, Reference, Store};

    #[test]
    fn a_full_database_takes_no_check_in_and_says_why() {
        let (_folder, mut store) = testing::store();
        let badge = testing::import_one(&mut store, locator(1), None);
        let pages: u32 = store.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        store.db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
        // The tables have some room left.
        let refused = (0..=u8::MAX).find_map(|n| {
            let mut consent = consent(n, badge, Choice::Given);
            consent.policy_version = "1".repeat(400);
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
                    assert!(badge.unwrap().has_reference());
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
        drop(file);
        assert!(Store::open_folder(folder.path()).unwrap().badge(&locator(1)).unwrap().is_some());
    }

    #[test]
    fn c08_a_damaged_page_keeps_nothing_else_from_being_read_and_deleted() {
        let (folder, mut store) = testing::store();
        let photo = vec![7; 20_000];
        let attendees = [1, 2].map(|n| NewAttendee {
            reference: Reference::Sealed(&photo),
            ..testing::attendee(locator(n))
        });
        testing::import(&mut store, &testing::roster(1), &attendees);
        let [one, two] = [1, 2].map(|n| store.badge(&locator(n)).unwrap().unwrap().id);
        for (n, badge) in [(1, one), (2, two)] {
            store.record_consent(&consent(n, badge, Choice::Given)).unwrap();
        }
        let number = |sql: &str| -> u64 {
            store.db.query_row(sql, [one], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
        };
        // A page in the middle of the first photo.
        let sql = "SELECT max(pageno) - 5 FROM dbstat WHERE name = 'reference' AND pagetype = 'overflow' AND ?1 <> ''";
        let damaged = number(sql);
        store.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        drop(store);
        let path = folder.path().join(DATABASE_FILE);
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&[0; 64], (damaged - 1) * 4096 + 1000).unwrap();

        let mut store = Store::open_folder(folder.path()).unwrap();
        let read: Vec<bool> = [1, 2]
            .into_iter()
            .map(|n| {
                assert!(store.badge(&locator(n)).unwrap().is_some(), "it is served by a person");
                let photo = store.reference(&locator(n));
                let damaged = photo.is_err_and(|e| e.trouble() == Some(Trouble::Damaged));
                if damaged {
                    assert!(store.counts().is_err(), "nothing is answered any more");
                    store.reopen().unwrap();
                }
                damaged
            })
            .collect();
        assert_eq!(read.iter().filter(|damaged| **damaged).count(), 1);
        assert_eq!(store.counts().unwrap().consents, 2);
        let purged = store.purge_expired(testing::AT + testing::DAY * 20).unwrap_err();
        assert_eq!(purged.trouble(), Some(Trouble::Damaged), "{purged:?}");
        assert_eq!(store.counts().unwrap().consents, 0);
        let keys = "SELECT count(*) FROM erasure_key";
        assert_eq!(store.db.query_row(keys, [], |row| row.get::<_, u32>(0)).unwrap(), 0);
    }
}
