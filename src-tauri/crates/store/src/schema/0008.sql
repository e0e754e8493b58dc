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
