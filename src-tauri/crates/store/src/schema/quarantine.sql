-- What the kiosk's questions are asked of: the tables without the badges that have a tombstone.
-- Temporary, so that no later change of a table has to know of them.

CREATE TEMP VIEW known_attendee AS
    SELECT * FROM main.attendee WHERE badge NOT IN (SELECT badge FROM main.tombstone);
CREATE TEMP VIEW known_attendee_under_14 AS
    SELECT * FROM main.attendee_under_14 WHERE badge NOT IN (SELECT badge FROM main.tombstone);
CREATE TEMP VIEW known_reference AS
    SELECT * FROM main.reference WHERE badge NOT IN (SELECT badge FROM main.tombstone);
CREATE TEMP VIEW known_reference_under_14 AS
    SELECT * FROM main.reference_under_14 WHERE badge NOT IN (SELECT badge FROM main.tombstone);
CREATE TEMP VIEW known_checkin AS
    SELECT * FROM main.checkin WHERE badge NOT IN (SELECT badge FROM main.tombstone);
CREATE TEMP VIEW known_consent AS
    SELECT * FROM main.consent WHERE badge NOT IN (SELECT badge FROM main.tombstone);
CREATE TEMP VIEW known_outbox AS
    SELECT * FROM main.outbox WHERE NOT EXISTS (
        SELECT 1 FROM main.checkin JOIN main.tombstone USING (badge)
        WHERE checkin.id = outbox.checkin);
CREATE TEMP VIEW known_evidence AS
    SELECT * FROM main.evidence WHERE quarantined_at IS NULL;

-- What is still held of whom has a tombstone, for the counts, which do not look at every badge.
CREATE TEMP VIEW buried_attendee AS
    SELECT a.* FROM main.tombstone t CROSS JOIN main.attendee a ON a.badge = t.badge
    WHERE t.erased_at IS NULL;
CREATE TEMP VIEW buried_attendee_under_14 AS
    SELECT a.* FROM main.tombstone t CROSS JOIN main.attendee_under_14 a ON a.badge = t.badge
    WHERE t.erased_at IS NULL;
