-- The audit log: one line of JSON an entry, chained by SHA-256. A purge removes a beginning of
-- it, never a part from the middle. It takes the place of `staff_act`.
CREATE TABLE audit_entry (
    number     INTEGER PRIMARY KEY CHECK (number > 0),
    line       TEXT    NOT NULL,
    sha256     BLOB    NOT NULL CHECK (length(sha256) = 32),
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_entry_expires_at ON audit_entry (expires_at);

-- Where the log ends (`head`) and where a purge has cut it (`anchor`), each signed by the kiosk.
CREATE TABLE audit_mark (
    mark   TEXT    PRIMARY KEY CHECK (mark IN ('anchor', 'head')),
    number INTEGER NOT NULL,
    sha256 BLOB    NOT NULL CHECK (length(sha256) = 32),
    at     INTEGER NOT NULL,
    note   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Two more roles. SQLite changes a CHECK by making the table anew.
CREATE TABLE staff_2 (
    number     INTEGER PRIMARY KEY,
    role       TEXT    NOT NULL CHECK (role IN
                   ('guard', 'supervisor', 'technician', 'data_protection_officer')),
    pin_salt   BLOB    NOT NULL CHECK (length(pin_salt) = 16),
    pin_hash   BLOB    NOT NULL CHECK (length(pin_hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO staff_2 SELECT * FROM staff;
DROP TABLE staff;
ALTER TABLE staff_2 RENAME TO staff;

-- How often the number was locked in a row: each time for longer.
ALTER TABLE sign_in_failure ADD COLUMN locks INTEGER NOT NULL DEFAULT 0;
