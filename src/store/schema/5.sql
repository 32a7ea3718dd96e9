-- Fields that the target of a pair was found not to keep. What the account was there then: another
-- standing is a reason to try again.
CREATE TABLE lost_field (
    pair     INTEGER NOT NULL REFERENCES pair (id),
    field    TEXT    NOT NULL,
    standing TEXT    NOT NULL,
    PRIMARY KEY (pair, field)
) STRICT, WITHOUT ROWID;
