-- How visits ended, by the hour of the venue's day. Counters only: of nobody. `expires_at`: they go
-- all the same (C08).
CREATE TABLE visit_count (
    day        TEXT    NOT NULL,
    hour       INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    lane       TEXT    NOT NULL CHECK (lane IN ('face', 'other_way', 'withdrawn', 'not_asked')),
    outcome    TEXT    NOT NULL,
    visits     INTEGER NOT NULL CHECK (visits > 0),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (day, hour, lane, outcome)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_count_expires_at ON visit_count (expires_at);

-- How long they took, by the day: not beside the hour and the outcome, so that no row is the
-- portrait of one visit. `seconds`: where the class begins.
CREATE TABLE visit_time (
    day        TEXT    NOT NULL,
    lane       TEXT    NOT NULL CHECK (lane IN ('face', 'other_way', 'withdrawn', 'not_asked')),
    decided    INTEGER NOT NULL CHECK (decided IN (0, 1)),
    seconds    INTEGER NOT NULL CHECK (seconds >= 0),
    visits     INTEGER NOT NULL CHECK (visits > 0),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (day, lane, decided, seconds)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_time_expires_at ON visit_time (expires_at);

-- Incidents with personal data: what is known from the beginning. A number is never given twice.
-- It goes with its last version.
CREATE TABLE incident (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind          TEXT    NOT NULL CHECK (kind IN ('device_lost', 'disk_replaced',
                      'unauthorised_access', 'log_altered', 'shown_to_bystander', 'sent_astray',
                      'other')),
    discovered_at INTEGER NOT NULL,
    since_at      INTEGER NOT NULL CHECK (since_at <= discovered_at),
    badges        INTEGER NOT NULL,
    attendees     INTEGER NOT NULL,
    photos        INTEGER NOT NULL
) STRICT;

-- What became of them, version by version. Words are from closed lists, with spaces between them;
-- the note is the recorder's, and names nobody.
CREATE TABLE incident_version (
    incident    INTEGER NOT NULL REFERENCES incident (number) ON DELETE CASCADE,
    version     INTEGER NOT NULL CHECK (version > 0),
    recorded_at INTEGER NOT NULL,
    staff       INTEGER NOT NULL,
    role        TEXT    NOT NULL,
    major       INTEGER NOT NULL CHECK (major IN (0, 1)),
    measures    TEXT    NOT NULL,
    advice      TEXT    NOT NULL,
    note        TEXT    CHECK (length(note) <= 200),
    closed      INTEGER NOT NULL CHECK (closed IN (0, 1)),
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (incident, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_version_expires_at ON incident_version (expires_at);

CREATE TRIGGER incident_stays BEFORE UPDATE ON incident
BEGIN SELECT RAISE(ABORT, 'an incident is not changed'); END;
CREATE TRIGGER incident_version_stays BEFORE UPDATE ON incident_version
BEGIN SELECT RAISE(ABORT, 'a version of an incident is not changed'); END;
