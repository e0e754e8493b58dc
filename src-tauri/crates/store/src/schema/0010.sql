-- How often the telling of an entry was begun: while it is 0, the platform has certainly not heard
-- of it. `forced`: the platform is to keep the check-in although it would have refused it, and its
-- word for why; 'override' where a person decided so. `answers`: to the organiser's questions, as
-- JSON by the number of the question.
ALTER TABLE outbox ADD COLUMN begun INTEGER NOT NULL DEFAULT 0 CHECK (begun >= 0);
ALTER TABLE outbox ADD COLUMN forced TEXT;
ALTER TABLE outbox ADD COLUMN answers TEXT;
CREATE INDEX outbox_unheard_position ON outbox (position, id) WHERE heard_at IS NULL;

-- Badges that this kiosk has refused, until the platform has heard of it. `reason`: the platform's
-- word.
CREATE TABLE refused_scan (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    nonce      BLOB    NOT NULL CHECK (length(nonce) = 16),
    badge      BLOB    NOT NULL CHECK (length(badge) = 32),
    position   INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX refused_scan_badge ON refused_scan (badge);
CREATE INDEX refused_scan_expires_at ON refused_scan (expires_at);
