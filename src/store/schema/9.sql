-- The original is not there any more: 1, it is believed and not carried out yet; 2, it is done.
ALTER TABLE issue_link ADD COLUMN vanished INTEGER NOT NULL DEFAULT 0;

-- The newest link when nothing was missing that is not believed, or when the brake stopped since: what
-- is mirrored later does not make what is missing look like less.
ALTER TABLE pair ADD COLUMN known_links INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pair ADD COLUMN braked INTEGER NOT NULL DEFAULT 0;
