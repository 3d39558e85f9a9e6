-- How many processes in a row ended while they worked the key. No event clears it, only a
-- run that came to an end, however it ended.
ALTER TABLE subject ADD COLUMN deaths BIGINT NOT NULL DEFAULT 0;
