-- Where an entrance lets a badge in again, it has several check-ins that stand. Whether it does is
-- looked at in the transaction that writes one.
DROP INDEX IF EXISTS checkin_once_per_badge;
