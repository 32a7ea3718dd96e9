-- Milestones that we made on the target: what the source's was when it was last followed.
CREATE TABLE milestone (
    pair         INTEGER NOT NULL REFERENCES pair (id),
    source_id    INTEGER NOT NULL,
    title        TEXT    NOT NULL,               -- what it is called on the target
    source_title TEXT    NOT NULL,
    start_date   TEXT,
    due_date     TEXT,
    closed       INTEGER NOT NULL,
    PRIMARY KEY (pair, source_id)
) STRICT, WITHOUT ROWID;
