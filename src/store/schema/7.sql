-- Issues whose counterparts we deleted because they had to be hidden: they are mirrored still, and get
-- another counterpart once they may be seen again.
CREATE TABLE taken_away (
    pair      INTEGER NOT NULL REFERENCES pair (id),
    source_id INTEGER NOT NULL,
    PRIMARY KEY (pair, source_id)
) STRICT, WITHOUT ROWID;
