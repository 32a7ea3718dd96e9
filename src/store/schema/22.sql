-- Before this version nothing that a title names led anywhere: a full pass looks at each once.
INSERT OR IGNORE INTO reference (link, project, number, comment, stale)
    SELECT id, '', 0, 0, 2 FROM issue_link WHERE state = 'active';
