-- The second key of a badge's sealed record and photo, drawn on arrival. Deleting it makes both
-- unreadable for good, whoever has the badge; it is the first thing that a deletion removes.
CREATE TABLE erasure_key (
    badge BLOB PRIMARY KEY CHECK (length(badge) = 32),
    key   BLOB NOT NULL CHECK (length(key) = 32)
) STRICT, WITHOUT ROWID;

-- That evidence is kept here by law (C07): switched on by two roles, for these terms of the
-- policy pack and no others. One row at most.
CREATE TABLE retention (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    terms_sha256 BLOB    NOT NULL CHECK (length(terms_sha256) = 32),
    guard        INTEGER NOT NULL,
    technician   INTEGER NOT NULL CHECK (technician <> guard),
    at           INTEGER NOT NULL
) STRICT;

-- Evidence that a law wants kept, sealed by the worker to a key that this kiosk does not have.
CREATE TABLE evidence (
    id         INTEGER PRIMARY KEY,
    nonce      BLOB    NOT NULL UNIQUE CHECK (length(nonce) = 16),
    sealed     BLOB    NOT NULL,
    at         INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX evidence_expires_at ON evidence (expires_at);

-- Two more acts. SQLite changes a CHECK by making the table anew.
CREATE TABLE staff_act_2 (
    id         INTEGER PRIMARY KEY,
    nonce      BLOB    NOT NULL CHECK (length(nonce) = 16),
    staff      INTEGER NOT NULL,
    badge      BLOB CHECK (length(badge) = 32),
    act        TEXT    NOT NULL CHECK (act IN
                   ('sign_in', 'sign_in_refused', 'admit', 'deny', 'end_visit', 'sign_out',
                    'retention_on', 'retention_off')),
    reason     TEXT,
    at         INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO staff_act_2 SELECT * FROM staff_act;
DROP TABLE staff_act;
ALTER TABLE staff_act_2 RENAME TO staff_act;
CREATE INDEX staff_act_expires_at ON staff_act (expires_at);
