-- This kiosk's place among the kiosks of its venue: name, password at the broker and the venue's key,
-- as the crate `relay` writes them; and the key under which locators become the venue's hashes.
CREATE TABLE relay (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    account   BLOB    NOT NULL,
    badge_key BLOB    NOT NULL CHECK (length(badge_key) = 32)
) STRICT;

-- What kiosks of the venue say of badges. `kiosk`: which one says it; empty for this one. `at`: when
-- the badge was admitted; `changed_at`: since when it stands so. `withdrawn`: the badge is gone, and
-- the broker has yet to forget it. `told_at`: since when the broker has it; for this kiosk's own.
CREATE TABLE announced (
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    kiosk      TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('used', 'taken_back', 'withdrawn')),
    at         INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    told_at    INTEGER,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (hash, kiosk),
    CHECK (kiosk = '' OR state <> 'withdrawn')
) STRICT, WITHOUT ROWID;
CREATE INDEX announced_expires_at ON announced (expires_at);
CREATE INDEX announced_untold ON announced (changed_at) WHERE kiosk = '' AND told_at IS NULL;
CREATE INDEX announced_own ON announced (hash) WHERE kiosk = '' AND state = 'used';

-- The venue's hashes of badges that have a tombstone, so that nothing is kept of what other kiosks
-- say of them. Each goes with its tombstone.
CREATE TABLE announced_gone (
    hash      BLOB PRIMARY KEY CHECK (length(hash) = 32),
    tombstone BLOB NOT NULL REFERENCES tombstone (badge) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX announced_gone_tombstone ON announced_gone (tombstone);
