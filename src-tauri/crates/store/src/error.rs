//! What can fail in the store.

use std::io;

/// One variant per cause or operation. Never holds personal data, a path or a secret.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no key file. With an existing database, put the right one back.
    #[error("the database key file is missing")]
    KeyMissing,
    /// A new key was to be written over an existing one. Nothing was overwritten.
    #[error("there is a database key file already; nothing was overwritten")]
    KeyExists,
    /// The key file can be read by others than its owner.
    #[error("the database key file can be read by other users; run chmod 600 on it")]
    KeyFileTooOpen,
    /// The key file does not hold 64 hexadecimal digits.
    #[error("the database key file does not hold 64 hexadecimal digits")]
    KeyFileMalformed,
    /// The key file could not be read or written.
    #[error("the database key file could not be read or written")]
    KeyFile(#[source] io::Error),
    /// There is no database file.
    #[error("the database is missing")]
    DatabaseMissing,
    /// A new database was to be made in place of an existing file. Nothing was overwritten.
    #[error("there is a database already; nothing was overwritten")]
    DatabaseExists,
    /// The database file could not be read or made.
    #[error("the database file could not be read or made")]
    DatabaseFile(#[source] io::Error),
    /// The key does not open this database, or its first page is damaged.
    #[error("the database key does not open this database; nothing was changed")]
    WrongKey,
    /// The file cannot be an encrypted database: it has no whole page.
    #[error("the file is not a database; nothing was changed")]
    NotADatabase,
    /// The file is an `SQLite` database that is not encrypted.
    #[error("the database is not encrypted; nothing was changed")]
    NotEncrypted,
    /// The program was built without `SQLCipher`.
    #[error("this program was built without SQLCipher and would not encrypt")]
    NoCipher,
    /// A newer version of the program has used this database.
    #[error("the database has schema {found}, and this program knows {known}; nothing was changed")]
    NewerSchema {
        /// Schema of the file.
        found: u32,
        /// Newest schema of this program.
        known: u32,
    },
    /// Another process uses the database.
    #[error("another process uses the database: end the kiosk first")]
    InUse,
    /// The database's file, or its disk, cannot be written to.
    #[error("the database is read-only: its file or disk cannot be written to")]
    ReadOnly,
    /// The database could not be opened.
    #[error("the database could not be opened")]
    Open(#[source] rusqlite::Error),
    /// The schema could not be brought up to date.
    #[error("the schema could not be brought up to date")]
    Migrate(#[source] rusqlite::Error),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
    /// The second key of a badge's contents could not be written or read.
    #[error("the key of a badge's contents could not be written or read")]
    ErasureKey(#[source] rusqlite::Error),
    /// A badge's contents do not open under the key that they were stored with.
    #[error("a badge's contents are damaged")]
    Contents,
    /// A badge could not be looked up.
    #[error("a badge could not be looked up")]
    ReadBadge(#[source] rusqlite::Error),
    /// The roster's head could not be read.
    #[error("the roster's head could not be read")]
    ReadRoster(#[source] rusqlite::Error),
    /// A roster could not be written. The database is unchanged.
    #[error("the roster could not be written; the database is unchanged")]
    ImportRoster(#[source] rusqlite::Error),
    /// Changes of a roster, and there is none.
    #[error("there is no roster that could be changed")]
    NoRoster,
    /// Changes of the roster could not be written or read. The database is unchanged.
    #[error("changes of the roster could not be written or read; the database is unchanged")]
    Sync(#[source] rusqlite::Error),
    /// The roster is older than one of the same id that was loaded before.
    #[error("the roster has sequence {offered}, and {loaded} was loaded before")]
    OlderRoster {
        /// Newest sequence ever loaded.
        loaded: u32,
        /// Sequence of the refused roster.
        offered: u32,
    },
    /// The list of tombstones is older than one of the same roster that was loaded before.
    #[error("the list has edition {offered}, and {known} was loaded before")]
    OlderTombstones {
        /// Newest edition ever loaded.
        known: u32,
        /// Edition of the refused list.
        offered: u32,
    },
    /// Tombstones could not be written or read. Those that are written stand.
    #[error("tombstones could not be written")]
    Bury(#[source] rusqlite::Error),
    /// The roster has another salt than before: check-ins would no longer fit their badges.
    #[error("the roster has another salt than before; it needs another id")]
    SaltChanged,
    /// A badge comes twice in a roster.
    #[error("a badge comes twice in the roster; the database is unchanged")]
    DuplicateBadge,
    /// The versions of the policy could not be read.
    #[error("the versions of the policy could not be read")]
    ReadPolicies(#[source] rusqlite::Error),
    /// A version of the policy could not be written.
    #[error("a version of the policy could not be written")]
    AddPolicy(#[source] rusqlite::Error),
    /// A consent could not be written.
    #[error("a consent could not be written")]
    RecordConsent(#[source] rusqlite::Error),
    /// That a visitor is below 14 could not be written.
    #[error("that a visitor is below 14 could not be written")]
    NoteChild(#[source] rusqlite::Error),
    /// A guardian's consent could not be written or taken back.
    #[error("a guardian's consent could not be written or taken back")]
    GuardianConsent(#[source] rusqlite::Error),
    /// A check-in could not be written.
    #[error("a check-in could not be written")]
    RecordCheckin(#[source] rusqlite::Error),
    /// A check-in names a badge that is not in the roster.
    #[error("a check-in names a badge that is not in the roster")]
    UnknownBadge,
    /// A visit's nonce was used for another badge.
    #[error("a visit's nonce was used for another badge")]
    NonceReused,
    /// A check-in could not be annulled.
    #[error("a check-in could not be annulled")]
    AnnulCheckin(#[source] rusqlite::Error),
    /// The outbox could not be read.
    #[error("the outbox could not be read")]
    ReadOutbox(#[source] rusqlite::Error),
    /// What the platform answered could not be written.
    #[error("the platform's answer could not be written")]
    RecordHeard(#[source] rusqlite::Error),
    /// A refused scan could not be written or read.
    #[error("a refused scan could not be written or read")]
    RefuseScan(#[source] rusqlite::Error),
    /// The account at the platform could not be read.
    #[error("the account at the platform could not be read")]
    ReadAccount(#[source] rusqlite::Error),
    /// The account at the platform could not be written.
    #[error("the account at the platform could not be written")]
    WriteAccount(#[source] rusqlite::Error),
    /// The account at the relay could not be read.
    #[error("the account at the relay could not be read")]
    ReadRelay(#[source] rusqlite::Error),
    /// The account at the relay could not be written. Nothing was changed.
    #[error("the account at the relay could not be written; nothing was changed")]
    WriteRelay(#[source] rusqlite::Error),
    /// What kiosks announced could not be written.
    #[error("what kiosks announced could not be written")]
    HearAnnounced(#[source] rusqlite::Error),
    /// What kiosks announced could not be read.
    #[error("what kiosks announced could not be read")]
    ReadAnnounced(#[source] rusqlite::Error),
    /// An entry of the audit log could not be written.
    #[error("an entry of the audit log could not be written")]
    RecordAudit(#[source] rusqlite::Error),
    /// The audit log could not be read.
    #[error("the audit log could not be read")]
    ReadAudit(#[source] rusqlite::Error),
    /// A staff account could not be written.
    #[error("a staff account could not be written")]
    WriteStaff(#[source] rusqlite::Error),
    /// The number has an account already.
    #[error("this staff number has an account already")]
    StaffExists,
    /// The PIN is too easy to guess.
    #[error("a PIN has 6 to 12 digits, not all the same and not a plain run")]
    WeakPin,
    /// The PIN could not be hashed: most likely there is no memory for argon2id.
    #[error("the PIN could not be hashed")]
    HashPin,
    /// A sign-in could not be checked.
    #[error("a sign-in could not be checked")]
    SignIn(#[source] rusqlite::Error),
    /// The latest known time could not be kept or read.
    #[error("the latest known time could not be kept or read")]
    KeepTime(#[source] rusqlite::Error),
    /// The kiosk's key could not be read.
    #[error("the kiosk's key could not be read")]
    ReadKioskKey(#[source] rusqlite::Error),
    /// What was deleted may still stand in the write-ahead log. The next purge tries again.
    #[error("what was deleted may still be in the database's log; the next purge empties it")]
    WipeDeleted(#[source] rusqlite::Error),
    /// Whether evidence is kept here could not be read.
    #[error("whether evidence is kept here could not be read")]
    ReadRetention(#[source] rusqlite::Error),
    /// The keeping of evidence could not be switched. Nothing was changed.
    #[error("the keeping of evidence could not be switched; nothing was changed")]
    SwitchRetention(#[source] rusqlite::Error),
    /// Switching the keeping of evidence on takes a guard and a technician.
    #[error("a guard and a technician, each with a number of their own, switch this on together")]
    TwoRoles,
    /// Evidence could not be written.
    #[error("evidence could not be written")]
    RecordEvidence(#[source] rusqlite::Error),
    /// Evidence could not be read.
    #[error("evidence could not be read")]
    ReadEvidence(#[source] rusqlite::Error),
    /// A visitor's request could not be filed.
    #[error("a visitor's request could not be filed")]
    FileRequest(#[source] rusqlite::Error),
    /// The visitors' requests could not be read.
    #[error("the visitors' requests could not be read")]
    ReadRequests(#[source] rusqlite::Error),
    /// The answer to a request could not be written.
    #[error("the answer to a request could not be written")]
    AnswerRequest(#[source] rusqlite::Error),
    /// That requests were written out could not be noted.
    #[error("that requests were written out for the platform could not be noted")]
    CarryRequests(#[source] rusqlite::Error),
    /// What is held of a badge could not be read.
    #[error("what is held of a badge could not be read")]
    ReadHeld(#[source] rusqlite::Error),
    /// An incident could not be recorded. Nothing was changed.
    #[error("the incident could not be recorded; nothing was changed")]
    RecordIncident(#[source] rusqlite::Error),
    /// The incidents could not be read.
    #[error("the incidents could not be read")]
    ReadIncidents(#[source] rusqlite::Error),
    /// A visit could not be counted.
    #[error("a visit could not be counted")]
    CountVisit(#[source] rusqlite::Error),
    /// The counters of visits could not be read.
    #[error("the counters of visits could not be read")]
    ReadCounters(#[source] rusqlite::Error),
    /// Expired rows could not be deleted.
    #[error("expired rows could not be deleted")]
    Purge(#[source] rusqlite::Error),
    /// The rows could not be counted.
    #[error("the rows could not be counted")]
    Count(#[source] rusqlite::Error),
}
