-- Manual mappings of users, labels and milestones: for every pair, for one, or for one that was only
-- named so far, because its ends are not known before its first pass.
CREATE TABLE name_map (
    id     INTEGER PRIMARY KEY,
    kind   TEXT NOT NULL,                    -- user, label or milestone
    pair   INTEGER REFERENCES pair (id),
    named  TEXT,
    source TEXT NOT NULL,
    target TEXT                              -- NULL: not carried
) STRICT;
CREATE UNIQUE INDEX name_map_by_source
    ON name_map (kind, coalesce(pair, 0), coalesce(named, ''), source);
INSERT INTO name_map (kind, pair, named, source, target)
    SELECT 'user', pair, named, source, target FROM user_map;
DROP TABLE user_map;
