-- The sealed reference photos in tables of their own, which nothing reads but a comparison or the
-- member of staff who looks: a photo has some hundred kilobytes, all else of an attendee has less
-- than one, and is looked up, counted and changed without it. A photo goes with its attendee; while
-- it is there, `reference_problem` is NULL.
CREATE TABLE attendee_new (
    badge              BLOB PRIMARY KEY CHECK (length(badge) = 32),
    locator            BLOB NOT NULL CHECK (length(locator) = 32),
    state              TEXT NOT NULL CHECK (state IN ('valid', 'blocked')),
    valid_from         INTEGER,
    valid_until        INTEGER,
    reference_problem  TEXT,
    contents_expire_at INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    sealed_record      BLOB,
    position           INTEGER,
    age_known          INTEGER NOT NULL DEFAULT 0 CHECK (age_known IN (0, 1)),
    item               INTEGER,
    variation          INTEGER,
    subevent           INTEGER,
    order_state        TEXT CHECK (order_state IN
        ('paid', 'valid_pending', 'pending', 'unapproved')),
    answered           TEXT,
    scanned            TEXT CHECK (scanned IN ('inside', 'left')),
    scanned_at         INTEGER CHECK ((scanned_at IS NULL) = (scanned IS NULL)),
    changed_at         INTEGER,
    photo_version      TEXT,
    photo_due_at       INTEGER
) STRICT;
INSERT INTO attendee_new SELECT badge, locator, state, valid_from, valid_until, reference_problem,
    contents_expire_at, expires_at, sealed_record, position, age_known, item, variation, subevent,
    order_state, answered, scanned, scanned_at, changed_at, photo_version, photo_due_at
    FROM attendee;

-- The same of children below 14, who are kept apart (C40).
CREATE TABLE attendee_under_14_new (
    badge              BLOB PRIMARY KEY CHECK (length(badge) = 32),
    locator            BLOB NOT NULL CHECK (length(locator) = 32),
    state              TEXT NOT NULL CHECK (state IN ('valid', 'blocked')),
    valid_from         INTEGER,
    valid_until        INTEGER,
    reference_problem  TEXT,
    contents_expire_at INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    sealed_record      BLOB,
    position           INTEGER,
    item               INTEGER,
    variation          INTEGER,
    subevent           INTEGER,
    order_state        TEXT CHECK (order_state IN
        ('paid', 'valid_pending', 'pending', 'unapproved')),
    answered           TEXT,
    scanned            TEXT CHECK (scanned IN ('inside', 'left')),
    scanned_at         INTEGER CHECK ((scanned_at IS NULL) = (scanned IS NULL)),
    changed_at         INTEGER,
    photo_version      TEXT,
    photo_due_at       INTEGER
) STRICT;
INSERT INTO attendee_under_14_new SELECT badge, locator, state, valid_from, valid_until,
    reference_problem, contents_expire_at, expires_at, sealed_record, position, item, variation,
    subevent, order_state, answered, scanned, scanned_at, changed_at, photo_version, photo_due_at
    FROM attendee_under_14;

CREATE TABLE reference (
    badge  BLOB PRIMARY KEY REFERENCES attendee_new (badge) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;
CREATE TABLE reference_under_14 (
    badge  BLOB PRIMARY KEY REFERENCES attendee_under_14_new (badge) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;
INSERT INTO reference
    SELECT badge, sealed_reference FROM attendee WHERE sealed_reference IS NOT NULL;
INSERT INTO reference_under_14
    SELECT badge, sealed_reference FROM attendee_under_14 WHERE sealed_reference IS NOT NULL;

DROP TABLE attendee;
DROP TABLE attendee_under_14;
-- The photos' references follow.
ALTER TABLE attendee_new RENAME TO attendee;
ALTER TABLE attendee_under_14_new RENAME TO attendee_under_14;

CREATE INDEX attendee_reference_problem ON attendee (reference_problem);
CREATE INDEX attendee_contents_expire_at ON attendee (contents_expire_at);
CREATE INDEX attendee_expires_at ON attendee (expires_at);
CREATE INDEX attendee_position ON attendee (position) WHERE position IS NOT NULL;
CREATE INDEX attendee_photo_due_at ON attendee (photo_due_at) WHERE photo_due_at IS NOT NULL;
CREATE INDEX attendee_photo_changed_at ON attendee (changed_at) WHERE photo_due_at IS NOT NULL;
CREATE INDEX attendee_under_14_reference_problem ON attendee_under_14 (reference_problem);
CREATE INDEX attendee_under_14_contents_expire_at ON attendee_under_14 (contents_expire_at);
CREATE INDEX attendee_under_14_expires_at ON attendee_under_14 (expires_at);
CREATE INDEX attendee_under_14_position ON attendee_under_14 (position)
    WHERE position IS NOT NULL;
CREATE INDEX attendee_under_14_photo_due_at ON attendee_under_14 (photo_due_at)
    WHERE photo_due_at IS NOT NULL;
CREATE INDEX attendee_under_14_photo_changed_at ON attendee_under_14 (changed_at)
    WHERE photo_due_at IS NOT NULL;
