-- Issues of which a text links to a file that could not be had: the next full pass tries again.
CREATE TABLE lost_file (
    pair      INTEGER NOT NULL REFERENCES pair (id),
    source_id INTEGER NOT NULL,
    PRIMARY KEY (pair, source_id)
) STRICT, WITHOUT ROWID;
