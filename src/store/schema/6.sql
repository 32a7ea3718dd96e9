-- Links between counterparts that we made, from what the source had as seen from the first.
CREATE TABLE relation (
    one   INTEGER NOT NULL REFERENCES issue_link (id) ON DELETE CASCADE,
    other INTEGER NOT NULL REFERENCES issue_link (id) ON DELETE CASCADE,
    kind  TEXT    NOT NULL,                  -- relates, blocks or blocked_by
    made  TEXT    NOT NULL,                  -- what the target has instead, by the same words
    PRIMARY KEY (one, other),
    CHECK (one < other)
) STRICT, WITHOUT ROWID;
CREATE INDEX relation_by_other ON relation (other);
