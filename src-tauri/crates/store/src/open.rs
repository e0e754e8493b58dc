//! Opening, making and migrating the database.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use note::KioskKey;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, Transaction, TransactionBehavior};
use zeroize::Zeroizing;

use crate::erasure;
use crate::lockout::Failures;
use crate::log::migration;
use crate::{DatabaseKey, StoreError, tombstones};
use seal::owner_only;

/// Name of the database in the data folder.
pub const DATABASE_FILE: &str = "postern.db";

/// Name of the key file in the data folder.
pub const KEY_FILE: &str = "postern.key";

/// One step of the schema, in one transaction.
struct Migration {
    sql: &'static str,
    /// What SQL cannot do.
    then: fn(&Transaction<'_>) -> Result<(), StoreError>,
}

/// Each brings the schema from its index to the next number.
const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("schema/0001.sql"), then: |tx| draw(tx, PEPPER) },
    Migration {
        sql: include_str!("schema/0002.sql"),
        then: |tx| draw(tx, RECEIPT_KEY).and_then(|()| erasure::seal_all(tx)),
    },
    Migration {
        sql: include_str!("schema/0003.sql"),
        then: |tx| {
            let key = kiosk_key(tx).map_err(StoreError::Migrate)?;
            migration::begin(tx, &key).map_err(StoreError::Migrate)
        },
    },
    Migration { sql: include_str!("schema/0004.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("schema/0005.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("schema/0006.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("schema/0007.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("schema/0008.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("schema/0009.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("schema/0010.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("schema/0011.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("schema/0012.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("schema/0013.sql"), then: |_| Ok(()) },
    Migration { sql: include_str!("schema/0014.sql"), then: |_| Ok(()) },
];

/// Where the key of the pseudonyms lies in `meta`.
const PEPPER: &str = "pepper";
/// Where the seed of the key that signs receipts and the heads of the audit log lies in `meta`.
const RECEIPT_KEY: &str = "receipt_key";

/// Page size of `SQLCipher` 4 in bytes: a database is a whole number of pages.
const PAGE: u64 = 4096;

/// How long to wait for another process to let go of the database.
const BUSY: Duration = Duration::from_secs(1);

/// The database of one kiosk. Holds an exclusive lock on it.
pub struct Store {
    pub(crate) db: Connection,
    /// Key of the pseudonyms, drawn when the database was made.
    pub(crate) pepper: Zeroizing<[u8; 32]>,
    /// Signs the heads of the audit log.
    pub(crate) signer: KioskKey,
    path: PathBuf,
    key: DatabaseKey,
    /// Attempts to sign in that the disk did not take.
    pub(crate) uncounted: HashMap<u32, Failures>,
}

impl Store {
    /// Opens the store in a data folder, [`DATABASE_FILE`] with [`KEY_FILE`], or makes both.
    /// A database without its key is refused ([`StoreError::KeyMissing`]), never replaced.
    pub fn open_folder(folder: &Path) -> Result<Self, StoreError> {
        let (db, key) = (folder.join(DATABASE_FILE), folder.join(KEY_FILE));
        match (exists(&db)?, DatabaseKey::from_file(&key)) {
            (true, key) => Self::open(&db, &key?),
            (false, Err(StoreError::KeyMissing)) => {
                Self::create(&db, &DatabaseKey::create_file(&key)?)
            }
            (false, key) => Self::create(&db, &key?),
        }
    }

    /// Opens an existing database and brings its schema up to date. On any error the file is
    /// as it was.
    pub fn open(path: &Path, key: &DatabaseKey) -> Result<Self, StoreError> {
        if !exists(path)? {
            return Err(StoreError::DatabaseMissing);
        }
        let db = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(StoreError::Open)?;
        // SQLite opens for reading what it cannot open for writing, and fails later.
        if db.is_readonly(MAIN_DB).map_err(StoreError::Open)? {
            return Err(StoreError::ReadOnly);
        }
        unlock(&db, path, key)?;
        prepare(&db).map_err(StoreError::Open)?;
        let (db, pepper) = migrate(db)?;
        tombstones::quarantine(&db).map_err(StoreError::Open)?;
        let signer = kiosk_key(&db).map_err(StoreError::ReadKioskKey)?;
        let (path, key) = (path.to_owned(), key.copy());
        Ok(Self { db, pepper, signer, path, key, uncounted: HashMap::new() })
    }

    /// Closes the database and opens it again. `SQLCipher` answers nothing more once it has met
    /// a damaged page; opened again, it answers all that needs no such page. After an error the
    /// store is of no use.
    pub fn reopen(&mut self) -> Result<(), StoreError> {
        // The lock is exclusive: the old connection has to go first.
        self.db = Connection::open_in_memory().map_err(StoreError::Open)?;
        let uncounted = std::mem::take(&mut self.uncounted);
        *self = Self { uncounted, ..Self::open(&self.path, &self.key)? };
        Ok(())
    }

    /// The seed of the Ed25519 key that signs this kiosk's receipts and the heads of its audit log,
    /// drawn with the database.
    pub fn receipt_seed(&self) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        secret(&self.db, RECEIPT_KEY).map_err(StoreError::ReadKioskKey)
    }

    /// Makes a new database, readable by its owner only. Never overwrites.
    pub fn create(path: &Path, key: &DatabaseKey) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        owner_only(&mut options);
        options.open(path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => StoreError::DatabaseExists,
            _ => StoreError::DatabaseFile(e),
        })?;
        Self::open(path, key)
    }
}

fn exists(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(StoreError::DatabaseFile)
}

/// Hands over the key and reads the first page with it.
fn unlock(db: &Connection, path: &Path, key: &DatabaseKey) -> Result<(), StoreError> {
    // Until the key is known to be right, closing must not move the write-ahead log either.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .and_then(|_| db.busy_timeout(BUSY))
        .map_err(StoreError::Open)?;
    let version: Result<String, _> = db.query_row("PRAGMA cipher_version", [], |row| row.get(0));
    if !version.is_ok_and(|v| !v.is_empty()) {
        return Err(StoreError::NoCipher);
    }
    // SQLCipher would tell standard error about a wrong key in its own words.
    db.execute_batch("PRAGMA cipher_log_level = NONE;").map_err(StoreError::Open)?;
    db.execute_batch(&key.pragma())
        .and_then(|()| db.execute_batch("PRAGMA locking_mode = EXCLUSIVE;"))
        .map_err(StoreError::Open)?;
    let found: u32 = db
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .and_then(|_| db.query_row("PRAGMA user_version", [], |row| row.get(0)))
        .map_err(|e| match e.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => what_file_it_is(path),
            Some(ErrorCode::DatabaseBusy) => StoreError::InUse,
            _ => StoreError::Open(e),
        })?;
    let known = MIGRATIONS.len() as u32;
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    Ok(())
}

fn what_file_it_is(path: &Path) -> StoreError {
    let mut start = [0; 16];
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) => return StoreError::DatabaseFile(e),
    };
    let length = match file.metadata() {
        Ok(metadata) => metadata.len(),
        Err(e) => return StoreError::DatabaseFile(e),
    };
    if file.read_exact(&mut start).is_ok() && &start == b"SQLite format 3\0" {
        StoreError::NotEncrypted
    } else if length % PAGE == 0 {
        StoreError::WrongKey
    } else {
        StoreError::NotADatabase
    }
}

/// Settings of the connection. `auto_vacuum` takes effect on a new file only. A check-in must
/// survive a power cut, hence FULL.
fn prepare(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(
        "PRAGMA cipher_log_level = ERROR;
         PRAGMA auto_vacuum = INCREMENTAL;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(())
}

/// Runs the missing steps, each in a transaction of its own, and returns the pepper.
fn migrate(mut db: Connection) -> Result<(Connection, Zeroizing<[u8; 32]>), StoreError> {
    let version: u32 =
        db.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(StoreError::Migrate)?;
    for (index, step) in MIGRATIONS.iter().enumerate().skip(version as usize) {
        let tx = db
            .transaction_with_behavior(TransactionBehavior::Exclusive)
            .map_err(StoreError::Migrate)?;
        tx.execute_batch(step.sql).map_err(StoreError::Migrate)?;
        (step.then)(&tx)?;
        tx.pragma_update(None, "user_version", index as u32 + 1)
            .and_then(|()| tx.commit())
            .map_err(StoreError::Migrate)?;
    }
    let pepper = secret(&db, PEPPER).map_err(StoreError::Open)?;
    Ok((db, pepper))
}

/// Draws a secret of the kiosk, once for the life of its database.
fn draw(tx: &Transaction<'_>, name: &str) -> Result<(), StoreError> {
    let mut secret = Zeroizing::new([0_u8; 32]);
    getrandom::fill(secret.as_mut()).map_err(|_| StoreError::Random)?;
    tx.execute("INSERT INTO meta VALUES (?1, ?2)", (name, secret.as_slice()))
        .map(drop)
        .map_err(StoreError::Migrate)
}

fn kiosk_key(db: &Connection) -> rusqlite::Result<KioskKey> {
    secret(db, RECEIPT_KEY).map(|seed| KioskKey::from_seed(&seed))
}

fn secret(db: &Connection, name: &str) -> rusqlite::Result<Zeroizing<[u8; 32]>> {
    db.query_row("SELECT value FROM meta WHERE key = ?1", [name], |row| row.get(0))
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::fs;
    use std::path::PathBuf;

    use audit::{Actor, Denial, What};
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::testing::{self, AT, DAY};

    /// Names, lengths and hashes of the files that hold anything.
    fn contents(folder: &Path) -> Vec<(PathBuf, usize, [u8; 32])> {
        let mut files: Vec<_> = files(folder)
            .into_iter()
            .filter(|(_, bytes)| !bytes.is_empty())
            .map(|(path, bytes)| (path, bytes.len(), Sha256::digest(bytes).into()))
            .collect();
        files.sort();
        files
    }

    fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), fs::read(&path).unwrap()))
            .collect()
    }

    #[test]
    fn what_was_written_is_there_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        let badge = testing::import_one(&mut store, testing::locator(1), None);
        drop(store);
        let store = Store::open_folder(folder.path()).unwrap();
        let entry = store.badge(&testing::locator(1)).unwrap().unwrap();
        assert_eq!(entry.id, badge);
    }

    #[test]
    fn a_database_without_its_key_is_refused_and_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        drop(Store::open_folder(folder.path()).unwrap());
        fs::remove_file(folder.path().join(KEY_FILE)).unwrap();
        let before = contents(folder.path());
        let refused = Store::open_folder(folder.path());
        assert!(matches!(refused, Err(StoreError::KeyMissing)));
        assert_eq!(contents(folder.path()), before);
    }

    #[test]
    fn a_wrong_key_is_refused_and_database_and_log_are_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        let badge = testing::import_one(&mut store, testing::locator(1), None);
        store.record_checkin(&testing::face(1, badge)).unwrap();
        // What a kill would leave: the database with a write-ahead log.
        let left = tempfile::tempdir().unwrap();
        for (path, bytes) in files(folder.path()) {
            fs::write(left.path().join(path.file_name().unwrap()), bytes).unwrap();
        }
        let other = tempfile::tempdir().unwrap();
        let wrong = DatabaseKey::create_file(&other.path().join(KEY_FILE)).unwrap();
        let before = contents(left.path());
        assert!(before.iter().any(|(path, ..)| path.ends_with("postern.db-wal")));
        let refused = Store::open(&left.path().join(DATABASE_FILE), &wrong);
        assert!(matches!(refused, Err(StoreError::WrongKey)));
        assert_eq!(contents(left.path()), before);
    }

    #[test]
    fn files_that_are_no_database_are_told_apart_and_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let key = DatabaseKey::create_file(&folder.path().join(KEY_FILE)).unwrap();
        let path = folder.path().join(DATABASE_FILE);
        assert!(matches!(Store::open(&path, &key), Err(StoreError::DatabaseMissing)));
        let plain = {
            let path = folder.path().join("plain.db");
            let db = Connection::open(&path).unwrap();
            db.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1);").unwrap();
            drop(db);
            let bytes = fs::read(&path).unwrap();
            fs::remove_file(&path).unwrap();
            bytes
        };
        for (bytes, expected) in [
            (
                b"a letter to the organiser".to_vec(),
                "the file is not a database; nothing was changed",
            ),
            (vec![0x5a; 5000], "the file is not a database; nothing was changed"),
            (vec![0x5a; 8192], "the database key does not open this database; nothing was changed"),
            (plain, "the database is not encrypted; nothing was changed"),
        ] {
            fs::write(&path, &bytes).unwrap();
            let before = contents(folder.path());
            let refused = Store::open_folder(folder.path()).err().unwrap();
            assert_eq!(refused.to_string(), expected);
            assert_eq!(contents(folder.path()), before);
            let exists = Store::create(&path, &key);
            assert!(matches!(exists, Err(StoreError::DatabaseExists)));
            assert_eq!(contents(folder.path()), before);
        }
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_folder(folder.path()).unwrap();
        store.db.pragma_update(None, "user_version", 99).unwrap();
        drop(store);
        let before = contents(folder.path());
        let refused = Store::open_folder(folder.path());
        let known = MIGRATIONS.len() as u32;
        let newer =
            matches!(refused, Err(StoreError::NewerSchema { found: 99, known: k }) if k == known);
        assert!(newer);
        assert_eq!(contents(folder.path()), before);
    }

    #[test]
    fn a_database_of_the_first_schema_is_brought_up_to_date_and_its_contents_sealed_once_more() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        testing::import_one(&mut store, testing::locator(1), None);
        // As it was before there was a second schema.
        let temporary: Vec<String> = store
            .db
            .prepare("SELECT 'DROP ' || type || ' ' || name FROM sqlite_temp_schema")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for drop in &temporary {
            store.db.execute_batch(drop).unwrap();
        }
        for table in ["attendee", "attendee_under_14"] {
            store
                .db
                .execute_batch(&format!(
                    "DROP INDEX {table}_photo_due_at; DROP INDEX {table}_photo_changed_at;"
                ))
                .unwrap();
            for column in [
                "item",
                "variation",
                "subevent",
                "order_state",
                "answered",
                "scanned_at",
                "scanned",
                "changed_at",
                "photo_version",
                "photo_due_at",
            ] {
                let drop = format!("ALTER TABLE {table} DROP COLUMN {column}");
                store.db.execute_batch(&drop).unwrap();
            }
        }
        store
            .db
            .execute_batch(
                "DROP TABLE reference; DROP TABLE reference_under_14;
                 ALTER TABLE attendee ADD COLUMN sealed_reference BLOB;
                 ALTER TABLE attendee_under_14 ADD COLUMN sealed_reference BLOB;
                 DROP TABLE checkin_list; DROP TABLE void_code; DROP TABLE left_out;
                 DROP TABLE announced_gone; DROP TABLE announced; DROP TABLE relay;
                 DROP TABLE incident_version; DROP TABLE incident; DROP TABLE visit_count; DROP TABLE visit_time;
                 DROP TABLE tombstone; DROP TABLE tombstone_position; DROP TABLE tombstones_seen;
                 ALTER TABLE roster DROP COLUMN made_at;
                 DROP INDEX attendee_position; DROP INDEX attendee_under_14_position;
                 DROP INDEX outbox_position;
                 DROP VIEW any_request; DROP TABLE request; DROP TABLE request_under_14;
                 DROP TABLE request_number; DROP INDEX consent_badge; DROP INDEX checkin_badge;
                 DROP TABLE policy; DROP TABLE consent_under_14; DROP TABLE child;
                 DROP TABLE guardian_consent;
                 ALTER TABLE attendee DROP COLUMN age_known;
                 DROP TABLE erasure_key; DROP TABLE retention; DROP TABLE evidence;
                 DROP TABLE refused_scan; DROP INDEX outbox_unheard_position;
                 ALTER TABLE outbox DROP COLUMN begun; ALTER TABLE outbox DROP COLUMN forced;
                 ALTER TABLE outbox DROP COLUMN answers;
                 DROP TABLE registration; DROP INDEX outbox_unheard; DROP INDEX outbox_refused;
                 ALTER TABLE outbox DROP COLUMN refusal; ALTER TABLE outbox DROP COLUMN heard_at;
                 ALTER TABLE outbox DROP COLUMN position;
                 ALTER TABLE attendee DROP COLUMN position;
                 ALTER TABLE attendee_under_14 DROP COLUMN position;
                 DROP TABLE audit_entry; DROP TABLE audit_mark;
                 ALTER TABLE sign_in_failure DROP COLUMN locks;
                 DELETE FROM meta WHERE key <> 'pepper';
                 UPDATE attendee SET sealed_record = CAST('record' AS BLOB),
                   sealed_reference = CAST('photo' AS BLOB);
                 CREATE TABLE staff_act (
                     id INTEGER PRIMARY KEY, nonce BLOB NOT NULL, staff INTEGER NOT NULL,
                     badge BLOB, act TEXT NOT NULL, reason TEXT, at INTEGER NOT NULL,
                     expires_at INTEGER NOT NULL) STRICT;
                 INSERT INTO staff_act VALUES (1, zeroblob(16), 7, NULL, 'sign_in', NULL, 0, 1);
                 INSERT INTO staff_act VALUES
                   (2, zeroblob(16), 7, zeroblob(32), 'deny', 'not_the_holder', 5, 6);
                 PRAGMA user_version = 1;",
            )
            .unwrap();
        drop(store);
        let store = Store::open_folder(folder.path()).unwrap();
        let badge = store.badge(&testing::locator(1)).unwrap().unwrap();
        assert_eq!(badge.sealed_record.as_deref(), Some(b"record".as_slice()));
        let reference = store.reference(&testing::locator(1)).unwrap();
        assert_eq!(reference.as_deref(), Some(b"photo".as_slice()));
        let column =
            |sql: &str| -> Vec<u8> { store.db.query_row(sql, [], |row| row.get(0)).unwrap() };
        let (record, photo) =
            (column("SELECT sealed_record FROM attendee"), column("SELECT sealed FROM reference"));
        assert_eq!(record.len(), 6 + seal::SEALED_OVERHEAD);
        assert_eq!(photo.len(), 5 + seal::SEALED_OVERHEAD);
        let acts = testing::log(&store);
        let whats: Vec<_> = acts.iter().map(|act| act.what.clone()).collect();
        let denied = What::Denied { reason: Denial::NotTheHolder };
        assert_eq!(whats, [What::SignedIn, denied]);
        let by = Actor::Staff { number: 7, role: None };
        assert_eq!((acts[1].by, acts[1].badge), (by, Some([0; 32])));
        assert_eq!(store.check_audit(Vec::new()).unwrap().faults, []);
        assert_ne!(*store.receipt_seed().unwrap(), [0; 32]);
    }

    #[test]
    fn a_second_process_is_refused_while_the_kiosk_runs() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_folder(folder.path()).unwrap();
        assert!(matches!(Store::open_folder(folder.path()), Err(StoreError::InUse)));
        drop(store);
        assert!(Store::open_folder(folder.path()).is_ok());
    }

    #[test]
    fn an_interrupted_creation_is_finished_by_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(DATABASE_FILE), b"").unwrap();
        DatabaseKey::create_file(&folder.path().join(KEY_FILE)).unwrap();
        let store = Store::open_folder(folder.path()).unwrap();
        assert_eq!(store.counts().unwrap(), crate::Counts::default());
    }

    #[test]
    fn c18_the_files_hold_nothing_readable() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open_folder(folder.path()).unwrap();
        let badge = testing::import_one(&mut store, testing::locator(1), Some(AT + DAY));
        store.record_checkin(&testing::face(7, badge)).unwrap();
        let needles: [&[u8]; 5] =
            [b"SQLite format", b"attendee", b"face", &badge.0, &testing::locator(1).0];
        for _ in 0..2 {
            for (path, bytes) in files(folder.path()) {
                for needle in needles {
                    let found = bytes.windows(needle.len()).any(|w| w == needle);
                    assert!(!found, "{} in the clear", path.display());
                }
            }
            // Once with the log, once after a checkpoint.
            store.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        }
    }

    #[test]
    fn the_connection_has_the_settings_that_the_promises_need() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_folder(folder.path()).unwrap();
        let pragma = |name: &str| -> String {
            store
                .db
                .query_row(&format!("PRAGMA {name}"), [], |row| {
                    row.get_ref(0).map(|v| match v {
                        rusqlite::types::ValueRef::Integer(i) => i.to_string(),
                        other => other.as_str().unwrap_or_default().to_owned(),
                    })
                })
                .unwrap()
        };
        for (name, value) in [
            ("journal_mode", "wal"),
            ("locking_mode", "exclusive"),
            ("synchronous", "2"),
            ("secure_delete", "1"),
            ("foreign_keys", "1"),
            ("temp_store", "2"),
            ("auto_vacuum", "2"),
        ] {
            assert_eq!(pragma(name), value, "{name}");
        }
    }
}
