-- What a file held that was given up, so that a text of people that leads to it can be led to the next one.
ALTER TABLE stale_file ADD COLUMN digest BLOB;
-- It is not on the target any more.
ALTER TABLE stale_file ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
CREATE INDEX attachment_counted ON attachment (target) WHERE counted;
