-- Which texts of the source have, or had, a file that lies on the target; 0 is the description.
CREATE TABLE file_use (
    pair        INTEGER NOT NULL REFERENCES pair (id),
    source_id   INTEGER NOT NULL,
    comment     INTEGER NOT NULL,
    destination TEXT    NOT NULL,
    PRIMARY KEY (pair, source_id, comment, destination)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_use_by_destination ON file_use (destination);
-- Files of the target that nobody may reach any more by their link.
CREATE TABLE stale_file (
    target        TEXT    NOT NULL,          -- project key
    destination   TEXT    NOT NULL,
    source_number INTEGER NOT NULL,          -- of the issue that was hidden
    refused       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (target, destination)
) STRICT, WITHOUT ROWID;
-- Whether every text is known that has the file.
ALTER TABLE attachment ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
