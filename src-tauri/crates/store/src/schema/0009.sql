-- What the registration platform tells of a ticket, for the entrance's rules. NULL in a roster that
-- came as a file. `answered`: numbers of answered questions, with spaces between them. `scanned`:
-- where the badge is, by the platform's word. `photo_version`: the platform's name for the photo
-- that is here; `photo_due_at`: by when the photo should be here, while it is not. `changed_at`: the
-- last change at the platform, by which the attendee is found there again.
ALTER TABLE attendee ADD COLUMN item INTEGER;
ALTER TABLE attendee ADD COLUMN variation INTEGER;
ALTER TABLE attendee ADD COLUMN subevent INTEGER;
ALTER TABLE attendee ADD COLUMN order_state TEXT CHECK (order_state IN
    ('paid', 'valid_pending', 'pending', 'unapproved'));
ALTER TABLE attendee ADD COLUMN answered TEXT;
ALTER TABLE attendee ADD COLUMN scanned TEXT CHECK (scanned IN ('inside', 'left'));
ALTER TABLE attendee ADD COLUMN scanned_at INTEGER
    CHECK ((scanned_at IS NULL) = (scanned IS NULL));
ALTER TABLE attendee ADD COLUMN changed_at INTEGER;
ALTER TABLE attendee ADD COLUMN photo_version TEXT;
ALTER TABLE attendee ADD COLUMN photo_due_at INTEGER;
CREATE INDEX attendee_photo_due_at ON attendee (photo_due_at) WHERE photo_due_at IS NOT NULL;
CREATE INDEX attendee_photo_changed_at ON attendee (changed_at) WHERE photo_due_at IS NOT NULL;

-- The same of children below 14, who are kept apart (C40).
ALTER TABLE attendee_under_14 ADD COLUMN item INTEGER;
ALTER TABLE attendee_under_14 ADD COLUMN variation INTEGER;
ALTER TABLE attendee_under_14 ADD COLUMN subevent INTEGER;
ALTER TABLE attendee_under_14 ADD COLUMN order_state TEXT CHECK (order_state IN
    ('paid', 'valid_pending', 'pending', 'unapproved'));
ALTER TABLE attendee_under_14 ADD COLUMN answered TEXT;
ALTER TABLE attendee_under_14 ADD COLUMN scanned TEXT CHECK (scanned IN ('inside', 'left'));
ALTER TABLE attendee_under_14 ADD COLUMN scanned_at INTEGER
    CHECK ((scanned_at IS NULL) = (scanned IS NULL));
ALTER TABLE attendee_under_14 ADD COLUMN changed_at INTEGER;
ALTER TABLE attendee_under_14 ADD COLUMN photo_version TEXT;
ALTER TABLE attendee_under_14 ADD COLUMN photo_due_at INTEGER;
CREATE INDEX attendee_under_14_photo_due_at ON attendee_under_14 (photo_due_at)
    WHERE photo_due_at IS NOT NULL;
CREATE INDEX attendee_under_14_photo_changed_at ON attendee_under_14 (changed_at)
    WHERE photo_due_at IS NOT NULL;

-- What the entrance asks of a ticket: the check-in list, its questions and keys, as JSON. One row,
-- about nobody.
CREATE TABLE checkin_list (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    list TEXT    NOT NULL
) STRICT;

-- Codes that do not count: replaced by another, blocked, or the same on several tickets.
CREATE TABLE void_code (
    badge      BLOB    NOT NULL CHECK (length(badge) = 32),
    why        TEXT    NOT NULL CHECK (why IN ('revoked', 'blocked', 'ambiguous')),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (badge, why)
) STRICT, WITHOUT ROWID;
CREATE INDEX void_code_expires_at ON void_code (expires_at);

-- Attendees of the platform who are not in the roster, by their number, and why: a code that no
-- kiosk can read, or that another ticket has (whose `badge` stands here then).
CREATE TABLE left_out (
    position   INTEGER PRIMARY KEY,
    why        TEXT    NOT NULL CHECK (why IN ('bad_code', 'ambiguous')),
    badge      BLOB    CHECK ((badge IS NOT NULL) = (why = 'ambiguous')),
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX left_out_badge ON left_out (badge) WHERE badge IS NOT NULL;
CREATE INDEX left_out_expires_at ON left_out (expires_at);

-- How far the changes were read, in the adapter's own words, and how many were read of how many.
ALTER TABLE registration ADD COLUMN cursor TEXT;
ALTER TABLE registration ADD COLUMN read_count INTEGER;
ALTER TABLE registration ADD COLUMN read_total INTEGER;
