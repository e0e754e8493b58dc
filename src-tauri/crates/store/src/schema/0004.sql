-- The attendee's number at the registration platform; NULL in a roster that came without one.
ALTER TABLE attendee ADD COLUMN position INTEGER;
ALTER TABLE attendee_under_14 ADD COLUMN position INTEGER;

-- The same in what the platform has yet to hear: the attendee may be gone by then. `heard_at`:
-- when it answered; `refusal`: what it did not accept, as a word of its own. Entries stay until
-- they expire, for an annulment needs the nonce of its check-in.
ALTER TABLE outbox ADD COLUMN position INTEGER;
ALTER TABLE outbox ADD COLUMN heard_at INTEGER;
ALTER TABLE outbox ADD COLUMN refusal TEXT CHECK (refusal IS NULL OR heard_at IS NOT NULL);
CREATE INDEX outbox_unheard ON outbox (id) WHERE heard_at IS NULL;
CREATE INDEX outbox_refused ON outbox (id) WHERE refusal IS NOT NULL;

-- This kiosk's account at the platform, with its key. One row at most.
CREATE TABLE registration (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    account BLOB    NOT NULL
) STRICT;
