-- Times are milliseconds since 1970-01-01 UTC. `expires_at`: from then on `purge_expired`
-- deletes the row (C08).

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- The roster that is loaded. One row at most; no personal data.
CREATE TABLE roster (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    id             TEXT    NOT NULL,
    sequence       INTEGER NOT NULL,
    salt           BLOB    NOT NULL CHECK (length(salt) = 32),
    code_format    TEXT    NOT NULL CHECK (code_format IN ('crockford', 'opaque')),
    policy         BLOB    NOT NULL,
    imported_at    INTEGER NOT NULL,
    ends_at        INTEGER NOT NULL,
    retention_days INTEGER NOT NULL CHECK (retention_days BETWEEN 1 AND 3650)
) STRICT;

-- The newest sequence and the salt of every roster ever loaded: none goes back to an older one.
CREATE TABLE roster_seen (
    id       TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    salt     BLOB    NOT NULL
) STRICT;

-- What the roster says of a badge. `sealed_*` open only with the badge itself; both go as soon
-- as the badge is no longer valid (`contents_expire_at`). The stub that stays until the roster
-- ends lets the kiosk say "expired" rather than "unknown".
CREATE TABLE attendee (
    badge              BLOB PRIMARY KEY CHECK (length(badge) = 32),
    locator            BLOB NOT NULL CHECK (length(locator) = 32),
    state              TEXT NOT NULL CHECK (state IN ('valid', 'blocked')),
    valid_from         INTEGER,
    valid_until        INTEGER,
    reference_problem  TEXT CHECK ((reference_problem IS NULL) = (sealed_reference IS NOT NULL)),
    contents_expire_at INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    sealed_record      BLOB,
    sealed_reference   BLOB
) STRICT;
CREATE INDEX attendee_reference_problem ON attendee (reference_problem);
CREATE INDEX attendee_contents_expire_at ON attendee (contents_expire_at);
CREATE INDEX attendee_expires_at ON attendee (expires_at);

-- The same for children below 14, who are kept apart (C40).
CREATE TABLE attendee_under_14 (
    badge              BLOB PRIMARY KEY CHECK (length(badge) = 32),
    locator            BLOB NOT NULL CHECK (length(locator) = 32),
    state              TEXT NOT NULL CHECK (state IN ('valid', 'blocked')),
    valid_from         INTEGER,
    valid_until        INTEGER,
    reference_problem  TEXT CHECK ((reference_problem IS NULL) = (sealed_reference IS NOT NULL)),
    contents_expire_at INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    sealed_record      BLOB,
    sealed_reference   BLOB
) STRICT;
CREATE INDEX attendee_under_14_reference_problem ON attendee_under_14 (reference_problem);
CREATE INDEX attendee_under_14_contents_expire_at ON attendee_under_14 (contents_expire_at);
CREATE INDEX attendee_under_14_expires_at ON attendee_under_14 (expires_at);

-- Each choice of a visitor. The purposes are a closed list (C20).
CREATE TABLE consent (
    id             INTEGER PRIMARY KEY,
    nonce          BLOB    NOT NULL CHECK (length(nonce) = 16),
    badge          BLOB    NOT NULL CHECK (length(badge) = 32),
    purpose        TEXT    NOT NULL CHECK (purpose IN ('face_comparison')),
    choice         TEXT    NOT NULL CHECK (choice IN ('given', 'refused', 'withdrawn')),
    policy_version TEXT    NOT NULL,
    notice_sha256  BLOB    NOT NULL CHECK (length(notice_sha256) = 32),
    language       TEXT    NOT NULL CHECK (language IN ('zh', 'en')),
    at             INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    UNIQUE (nonce, purpose, choice)
) STRICT;
CREATE INDEX consent_expires_at ON consent (expires_at);

-- Check-ins. A badge has at most one that is not annulled; so has a visit.
CREATE TABLE checkin (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    nonce       BLOB    NOT NULL CHECK (length(nonce) = 16),
    badge       BLOB    NOT NULL CHECK (length(badge) = 32),
    lane        TEXT    NOT NULL CHECK (lane IN ('face', 'staff')),
    staff       INTEGER CHECK ((staff IS NOT NULL) = (lane = 'staff')),
    reason      TEXT,
    at          INTEGER NOT NULL,
    annulled_at INTEGER,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX checkin_once_per_badge ON checkin (badge) WHERE annulled_at IS NULL;
CREATE UNIQUE INDEX checkin_once_per_visit ON checkin (nonce) WHERE annulled_at IS NULL;
CREATE INDEX checkin_expires_at ON checkin (expires_at);

-- What the platform has yet to hear, oldest first. It knows the codes and the salt of its
-- roster, so it finds the attendee by the locator.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL CHECK (kind IN ('checkin', 'annulment')),
    nonce      BLOB    NOT NULL CHECK (length(nonce) = 16),
    locator    BLOB    NOT NULL CHECK (length(locator) = 32),
    checkin    INTEGER NOT NULL REFERENCES checkin (id) ON DELETE CASCADE,
    queued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (kind, nonce),
    UNIQUE (kind, checkin)
) STRICT;
CREATE INDEX outbox_checkin ON outbox (checkin);
CREATE INDEX outbox_expires_at ON outbox (expires_at);

-- Staff accounts, by number. An account ends by itself.
CREATE TABLE staff (
    number     INTEGER PRIMARY KEY,
    role       TEXT    NOT NULL CHECK (role IN ('guard', 'technician')),
    pin_salt   BLOB    NOT NULL CHECK (length(pin_salt) = 16),
    pin_hash   BLOB    NOT NULL CHECK (length(pin_hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT;

-- Wrong PINs in a row, for any number that was tried, whether or not it has an account.
CREATE TABLE sign_in_failure (
    number       INTEGER PRIMARY KEY,
    failures     INTEGER NOT NULL,
    locked_until INTEGER,
    expires_at   INTEGER NOT NULL
) STRICT;

-- What members of staff did.
CREATE TABLE staff_act (
    id         INTEGER PRIMARY KEY,
    nonce      BLOB    NOT NULL CHECK (length(nonce) = 16),
    staff      INTEGER NOT NULL,
    badge      BLOB CHECK (length(badge) = 32),
    act        TEXT    NOT NULL CHECK (act IN
                   ('sign_in', 'sign_in_refused', 'admit', 'deny', 'end_visit', 'sign_out')),
    reason     TEXT,
    at         INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX staff_act_expires_at ON staff_act (expires_at);
