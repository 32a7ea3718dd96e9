-- Times are milliseconds since 1970 in UTC, digests 16 bytes, words those of the model.

-- A pair is its two ends, whatever it is called.
CREATE TABLE pair (
    id           INTEGER PRIMARY KEY,
    source       TEXT NOT NULL,              -- project key
    target       TEXT NOT NULL,              -- project key
    name         TEXT NOT NULL,              -- what it was last called
    baseline     TEXT,
    cursor       TEXT,
    settings     BLOB,                       -- fingerprint of the last whole pass
    last_full_at INTEGER,
    UNIQUE (source, target)
) STRICT;

CREATE TABLE issue_link (
    id              INTEGER PRIMARY KEY,
    pair            INTEGER NOT NULL REFERENCES pair (id),
    source_id       INTEGER NOT NULL,
    source_number   INTEGER NOT NULL,
    target_id       INTEGER NOT NULL,
    target_number   INTEGER NOT NULL,
    key             TEXT    NOT NULL UNIQUE,
    state           TEXT    NOT NULL,
    settled         BLOB,                    -- version and settings with which all was in step
    verified        BLOB,                    -- version of the counterpart when it was last looked at
    source_location TEXT    NOT NULL,
    target_location TEXT    NOT NULL,
    UNIQUE (pair, source_id)
) STRICT;
-- A target that was restored from a backup gives numbers again that it gave before.
CREATE UNIQUE INDEX issue_link_by_target ON issue_link (pair, target_id)
    WHERE state IN ('active', 'hidden');
CREATE INDEX issue_link_by_number ON issue_link (pair, source_number);

CREATE TABLE issue_base (
    link  INTEGER NOT NULL REFERENCES issue_link (id) ON DELETE CASCADE,
    field TEXT    NOT NULL,
    made  BLOB    NOT NULL,                  -- digest of what it was made from
    wrote BLOB    NOT NULL,                  -- digest of what the target then had
    value INTEGER,
    PRIMARY KEY (link, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE our_label (
    link   INTEGER NOT NULL REFERENCES issue_link (id) ON DELETE CASCADE,
    name   TEXT    NOT NULL,
    origin TEXT    NOT NULL,
    PRIMARY KEY (link, name, origin)
) STRICT, WITHOUT ROWID;

CREATE TABLE comment_link (
    id         INTEGER PRIMARY KEY,
    issue_link INTEGER NOT NULL REFERENCES issue_link (id) ON DELETE CASCADE,
    source_id  INTEGER NOT NULL,
    target_id  INTEGER NOT NULL,
    key        TEXT    NOT NULL UNIQUE,
    state      TEXT    NOT NULL,
    UNIQUE (issue_link, source_id)
) STRICT;

CREATE TABLE comment_base (
    link  INTEGER NOT NULL REFERENCES comment_link (id) ON DELETE CASCADE,
    field TEXT    NOT NULL,
    made  BLOB    NOT NULL,
    wrote BLOB    NOT NULL,
    PRIMARY KEY (link, field)
) STRICT, WITHOUT ROWID;

-- Something that must happen once and was about to be sent.
CREATE TABLE intent (
    id            INTEGER PRIMARY KEY,
    pair          INTEGER NOT NULL REFERENCES pair (id),
    key           TEXT    NOT NULL UNIQUE,
    kind          TEXT    NOT NULL,          -- issue, comment, time_spent
    source_id     INTEGER,                   -- of the issue or comment
    source_number INTEGER,                   -- of the issue
    issue_link    INTEGER REFERENCES issue_link (id) ON DELETE CASCADE,
    before        INTEGER,                   -- the target's total, in seconds
    mirrored      INTEGER,                   -- the source's total, in seconds
    sent_at       INTEGER NOT NULL,          -- not before this, by the target's clock
    tried_at      INTEGER NOT NULL,          -- when the last try ended, by the same
    bases         TEXT    NOT NULL,          -- JSON
    labels        TEXT    NOT NULL           -- JSON
) STRICT;

-- Counterparts with a change of which nobody knows whether the target is still working on it.
CREATE TABLE late (
    link  INTEGER PRIMARY KEY REFERENCES issue_link (id) ON DELETE CASCADE,
    until INTEGER NOT NULL                   -- by the target's clock: from then on it is not
) STRICT;

-- Issues that are not mirrored, so that they need not be read again to know it.
CREATE TABLE passed_over (
    pair      INTEGER NOT NULL REFERENCES pair (id),
    source_id INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    settled   BLOB    NOT NULL,
    PRIMARY KEY (pair, source_id)
) STRICT, WITHOUT ROWID;

-- Issues that failed.
CREATE TABLE retry (
    pair          INTEGER NOT NULL REFERENCES pair (id),
    source_number INTEGER NOT NULL,
    stage         TEXT    NOT NULL,
    error         TEXT    NOT NULL,
    attempts      INTEGER NOT NULL,
    next_at       INTEGER NOT NULL,
    dead          INTEGER NOT NULL,
    version       BLOB,                      -- of the issue and the settings when it failed
    PRIMARY KEY (pair, source_number)
) STRICT, WITHOUT ROWID;

-- Labels that we created, and from what.
CREATE TABLE label (
    pair INTEGER NOT NULL REFERENCES pair (id),
    name TEXT    NOT NULL,                   -- on the target
    made BLOB    NOT NULL,                   -- digest of colour and description
    PRIMARY KEY (pair, name)
) STRICT, WITHOUT ROWID;

-- What a file of a source holds, by where it is and what it looked like from outside.
CREATE TABLE source_file (
    source TEXT NOT NULL,                    -- project key
    place  TEXT NOT NULL,
    stamp  BLOB NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (source, place)
) STRICT, WITHOUT ROWID;

-- One file is uploaded once to a project.
CREATE TABLE attachment (
    target      TEXT NOT NULL,               -- project key
    digest      BLOB NOT NULL,
    destination TEXT NOT NULL,
    PRIMARY KEY (target, digest)
) STRICT, WITHOUT ROWID;

-- For every pair, for one, or for one that was only named so far, because its ends are not known
-- before its first pass.
CREATE TABLE user_map (
    id     INTEGER PRIMARY KEY,
    pair   INTEGER REFERENCES pair (id),
    named  TEXT,
    source TEXT NOT NULL,
    target TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX user_map_by_source ON user_map (coalesce(pair, 0), coalesce(named, ''), source);

-- Which project was found where, so that one that is missing, or another in its stead, is noticed.
CREATE TABLE place (
    place   TEXT PRIMARY KEY,
    project TEXT NOT NULL,                   -- project key
    name    TEXT NOT NULL                    -- what people call it
) STRICT, WITHOUT ROWID;

-- Pairs that failed as a whole at their last pass, by name, because they may have no row.
CREATE TABLE trouble (
    name  TEXT PRIMARY KEY,
    at    INTEGER NOT NULL,
    error TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pass (
    id          INTEGER PRIMARY KEY,
    pair        INTEGER NOT NULL REFERENCES pair (id),
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    mode        TEXT    NOT NULL,
    outcome     TEXT                         -- NULL while it runs and after it was killed
) STRICT;
CREATE INDEX pass_by_pair ON pass (pair, started_at);

-- Who holds the store; the lock itself is the system's.
CREATE TABLE holder (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    pid   INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT;
