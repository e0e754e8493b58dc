-- What visitors asked for under their rights. A request outlives the roster: the platform finds the
-- attendee by the locator, or by the number that the roster had. `due_on`: the last day on which it
-- is answered in time, as YYYY-MM-DD. `carried_at`: when it was written out for the platform.
CREATE TABLE request (
    number      INTEGER PRIMARY KEY CHECK (number > 0),
    nonce       BLOB    NOT NULL CHECK (length(nonce) = 16),
    badge       BLOB    NOT NULL CHECK (length(badge) = 32),
    locator     BLOB    NOT NULL CHECK (length(locator) = 32),
    position    INTEGER,
    kind        TEXT    NOT NULL CHECK (kind IN ('correction', 'deletion', 'restriction', 'objection',
                    'portability', 'withdrawal', 'explanation', 'complaint')),
    filed_at    INTEGER NOT NULL,
    due_on      TEXT    NOT NULL,
    carried_at  INTEGER,
    answered_at INTEGER,
    answered_by INTEGER,
    outcome     TEXT    CHECK (outcome IN ('granted', 'partly', 'refused')),
    refusal     TEXT    CHECK (refusal IN ('identity_not_shown', 'nothing_held', 'required_by_law',
                    'rights_of_others', 'excessive')),
    expires_at  INTEGER NOT NULL,
    UNIQUE (nonce, kind),
    CHECK ((answered_at IS NULL) = (outcome IS NULL)),
    CHECK ((answered_at IS NULL) = (answered_by IS NULL)),
    CHECK ((refusal IS NULL) = (outcome IS NOT 'refused'))
) STRICT;
CREATE INDEX request_badge ON request (badge);
CREATE INDEX request_expires_at ON request (expires_at);

-- The same of children below 14, who are kept apart (C40).
CREATE TABLE request_under_14 (
    number      INTEGER PRIMARY KEY CHECK (number > 0),
    nonce       BLOB    NOT NULL CHECK (length(nonce) = 16),
    badge       BLOB    NOT NULL CHECK (length(badge) = 32),
    locator     BLOB    NOT NULL CHECK (length(locator) = 32),
    position    INTEGER,
    kind        TEXT    NOT NULL CHECK (kind IN ('correction', 'deletion', 'restriction', 'objection',
                    'portability', 'withdrawal', 'explanation', 'complaint')),
    filed_at    INTEGER NOT NULL,
    due_on      TEXT    NOT NULL,
    carried_at  INTEGER,
    answered_at INTEGER,
    answered_by INTEGER,
    outcome     TEXT    CHECK (outcome IN ('granted', 'partly', 'refused')),
    refusal     TEXT    CHECK (refusal IN ('identity_not_shown', 'nothing_held', 'required_by_law',
                    'rights_of_others', 'excessive')),
    expires_at  INTEGER NOT NULL,
    UNIQUE (nonce, kind),
    CHECK ((answered_at IS NULL) = (outcome IS NULL)),
    CHECK ((answered_at IS NULL) = (answered_by IS NULL)),
    CHECK ((refusal IS NULL) = (outcome IS NOT 'refused'))
) STRICT;
CREATE INDEX request_under_14_badge ON request_under_14 (badge);
CREATE INDEX request_under_14_expires_at ON request_under_14 (expires_at);

-- Both: a child's request is answered like any other.
CREATE VIEW any_request AS SELECT * FROM request UNION ALL SELECT * FROM request_under_14;

-- The number that was given last; none is given twice. One row.
CREATE TABLE request_number (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO request_number VALUES (1, 0);

-- What is held of one badge is shown to whoever has it.
CREATE INDEX consent_badge ON consent (badge);
CREATE INDEX checkin_badge ON checkin (badge);
