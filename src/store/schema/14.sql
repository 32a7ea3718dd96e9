-- What people changed on the target, as far as it was looked at: the word of a field, or `comments`.
CREATE TABLE drift (
    link  INTEGER NOT NULL REFERENCES issue_link (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    PRIMARY KEY (link, field)
) STRICT, WITHOUT ROWID;
