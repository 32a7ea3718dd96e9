-- When the token of an instance was last asked how long it lasts.
CREATE TABLE token (
    instance TEXT PRIMARY KEY,               -- its key in the configuration
    asked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
