-- Before this version nothing that a title names led anywhere: a full pass looks at each once.
INSERT OR IGNORE INTO reference (link, project, number, comment, stale)
    SELECT id, '', 0, 0, 2 FROM issue_link WHERE state = 'active';
-- A joined title had time in its base, or nothing, as one that was written: 1 says whose it is from now on,
-- 2 that nobody knows.
UPDATE issue_base SET value = CASE WHEN value IS NULL THEN 2 ELSE 1 END WHERE field = 'title';
