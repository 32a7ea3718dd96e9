-- Labels and milestones that a counterpart has not, because everybody on the target would read their
-- titles: digests of those.
CREATE TABLE withheld (
    link  INTEGER NOT NULL REFERENCES issue_link (id) ON DELETE CASCADE,
    title BLOB    NOT NULL,
    PRIMARY KEY (link, title)
) STRICT, WITHOUT ROWID;
