-- When the registration platform was heard to have revoked the account: from then on the kiosk is
-- locked, until it gets another one.
ALTER TABLE registration ADD COLUMN revoked_at INTEGER;
