-- The versions of the operator's policy that were ever given to this kiosk (C44). About nobody, so
-- without an expiry. `rank`: the place of the version among those of the same policy.
CREATE TABLE policy (
    id         TEXT    NOT NULL,
    rank       INTEGER NOT NULL,
    pack       BLOB    NOT NULL,
    first_seen INTEGER NOT NULL,
    PRIMARY KEY (id, rank)
) STRICT, WITHOUT ROWID;

-- One more purpose (C41), and a visitor may agree to two versions in one visit (C43). SQLite
-- changes constraints by making the table anew.
CREATE TABLE consent_2 (
    id             INTEGER PRIMARY KEY,
    nonce          BLOB    NOT NULL CHECK (length(nonce) = 16),
    badge          BLOB    NOT NULL CHECK (length(badge) = 32),
    purpose        TEXT    NOT NULL CHECK (purpose IN
                       ('face_comparison', 'cross_border_transfer')),
    choice         TEXT    NOT NULL CHECK (choice IN ('given', 'refused', 'withdrawn')),
    policy_version TEXT    NOT NULL,
    notice_sha256  BLOB    NOT NULL CHECK (length(notice_sha256) = 32),
    language       TEXT    NOT NULL CHECK (language IN ('zh', 'en')),
    at             INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    UNIQUE (nonce, purpose, choice, policy_version)
) STRICT;
INSERT INTO consent_2 SELECT * FROM consent;
DROP TABLE consent;
ALTER TABLE consent_2 RENAME TO consent;
CREATE INDEX consent_expires_at ON consent (expires_at);

-- The same for children below 14, who are kept apart (C40).
CREATE TABLE consent_under_14 (
    id             INTEGER PRIMARY KEY,
    nonce          BLOB    NOT NULL CHECK (length(nonce) = 16),
    badge          BLOB    NOT NULL CHECK (length(badge) = 32),
    purpose        TEXT    NOT NULL CHECK (purpose IN
                       ('face_comparison', 'cross_border_transfer')),
    choice         TEXT    NOT NULL CHECK (choice IN ('given', 'refused', 'withdrawn')),
    policy_version TEXT    NOT NULL,
    notice_sha256  BLOB    NOT NULL CHECK (length(notice_sha256) = 32),
    language       TEXT    NOT NULL CHECK (language IN ('zh', 'en')),
    at             INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    UNIQUE (nonce, purpose, choice, policy_version)
) STRICT;
CREATE INDEX consent_under_14_badge ON consent_under_14 (badge);
CREATE INDEX consent_under_14_expires_at ON consent_under_14 (expires_at);

-- 1 when the registration says that the holder is 14 or over; else the visitor is asked.
ALTER TABLE attendee ADD COLUMN age_known INTEGER NOT NULL DEFAULT 0 CHECK (age_known IN (0, 1));

-- Badges whose holders said here that they are below 14; a new roster that does not say is told.
CREATE TABLE child (
    badge      BLOB PRIMARY KEY CHECK (length(badge) = 32),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX child_expires_at ON child (expires_at);

-- What a guardian agreed to for a child, before a member of staff who checked who the guardian is.
-- What was checked is a kind of document, never its number or a name.
CREATE TABLE guardian_consent (
    badge          BLOB PRIMARY KEY CHECK (length(badge) = 32),
    nonce          BLOB    NOT NULL CHECK (length(nonce) = 16),
    checked        TEXT    NOT NULL CHECK (checked IN ('identity_card', 'passport',
                       'household_register', 'birth_certificate', 'guardianship_order')),
    staff          INTEGER NOT NULL,
    policy_version TEXT    NOT NULL,
    notice_sha256  BLOB    NOT NULL CHECK (length(notice_sha256) = 32),
    language       TEXT    NOT NULL CHECK (language IN ('zh', 'en')),
    at             INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX guardian_consent_expires_at ON guardian_consent (expires_at);
