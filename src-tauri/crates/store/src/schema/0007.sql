-- Badges that the registration platform has deleted or cancelled. Known by the pseudonym, which
-- the audit log has too. Whoever stands here is in no answer of this database (quarantine.sql),
-- and comes back with a roster only that was made after `at`. `erased_at`: when all that could
-- be removed was.
CREATE TABLE tombstone (
    badge      BLOB    PRIMARY KEY CHECK (length(badge) = 32),
    source     TEXT    NOT NULL CHECK (source IN ('list', 'platform')),
    at         INTEGER NOT NULL,
    erased_at  INTEGER,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_expires_at ON tombstone (expires_at);
CREATE INDEX tombstone_pending ON tombstone (badge) WHERE erased_at IS NULL;

-- The same by the attendee's number at the platform, whether or not a roster here has it.
CREATE TABLE tombstone_position (
    position   INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tombstone_position_expires_at ON tombstone_position (expires_at);

-- The newest signed list that was imported, by the id of its roster. About nobody.
CREATE TABLE tombstones_seen (
    roster   TEXT    PRIMARY KEY,
    sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When the roster was made; NULL in one that was loaded before this was kept.
ALTER TABLE roster ADD COLUMN made_at INTEGER;

-- Up to which change of an order the platform was asked; NULL: from the roster's making on.
-- `head_*`: the head of the audit log that it was told last.
ALTER TABLE registration ADD COLUMN asked_until INTEGER;
ALTER TABLE registration ADD COLUMN head_size INTEGER;
ALTER TABLE registration ADD COLUMN head_at INTEGER;

-- Evidence that a law keeps of a visit whose badge is gone.
ALTER TABLE evidence ADD COLUMN quarantined_at INTEGER;
CREATE INDEX evidence_quarantined_at ON evidence (quarantined_at, expires_at);

CREATE INDEX attendee_position ON attendee (position) WHERE position IS NOT NULL;
CREATE INDEX attendee_under_14_position ON attendee_under_14 (position)
    WHERE position IS NOT NULL;
CREATE INDEX outbox_position ON outbox (position) WHERE position IS NOT NULL;
CREATE INDEX IF NOT EXISTS checkin_badge ON checkin (badge);
CREATE INDEX IF NOT EXISTS consent_badge ON consent (badge);
